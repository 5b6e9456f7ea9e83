/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel has, as a model. */
#ifndef PS_STATE_H
#define PS_STATE_H

#include "link.h"
#include "model.h"

/**
 * ps_state_read() - read the configuration of this network namespace
 * @link: the kernel
 * @model: filled; for ps_model_free() in any case. Protections are in it where
 *	   they were switched on by hand
 *
 * Return: enum ps_exit; errors have been told.
 */
int ps_state_read(struct ps_link *link, struct ps_model *model);

#endif
