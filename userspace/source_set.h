/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables of the core's address ranges (sources.h) with their memory. */
#ifndef PS_SOURCE_SET_H
#define PS_SOURCE_SET_H

#include "model.h"

/**
 * ps_source_set_make() - the table that a context's source lists make
 * @items: what was said of them: each item leaves the list it was in before
 * @family: of which addresses
 *
 * Return: the table, for ps_source_set_free().
 */
const struct ps_sources *ps_source_set_make(const struct ps_model_items *items,
					    enum ps_family family);

/* A root laid out, with memory for all its leaves. */
struct ps_sources *ps_source_set_allocate(u32 words, u32 leaves);

void ps_source_set_free(const struct ps_sources *set);

#endif
