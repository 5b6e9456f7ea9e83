/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Making the kernel's configuration equal to a model. */
#ifndef PS_APPLY_H
#define PS_APPLY_H

#include "link.h"
#include "model.h"

/**
 * ps_apply_model() - make the kernel have what a model says
 * @link: the kernel
 * @now: what it has
 * @wanted: what it shall have; checked (config_file.h)
 *
 * Only what differs is sent, in one batch: so it is done at once, or nothing is.
 *
 * Return: enum ps_exit; errors have been told.
 */
int ps_apply_model(struct ps_link *link, const struct ps_model *now, const struct ps_model *wanted);

#endif
