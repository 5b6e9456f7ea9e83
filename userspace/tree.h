/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The JSON that reading commands print: {"instances": [{"name": ..., "contexts":
 * [{"name": ...}]}]}, with what the command tells in each object.
 */
#ifndef PS_TREE_H
#define PS_TREE_H

#include "print.h"
#include "view.h"

/* Put into an object what there is to tell of a view: enum ps_exit. */
typedef int (*ps_tree_fill)(json_t *object, const struct ps_view *view, void *data);

/**
 * ps_tree_make() - the whole of it
 * @views: what to tell of
 * @fill: called for each
 * @data: for @fill
 * @tree: out; NULL where @fill failed
 *
 * Return: PS_EXIT_OK, or what @fill returned.
 */
int ps_tree_make(const struct ps_views *views, ps_tree_fill fill, void *data, json_t **tree);

/* A number where the option is one; true or false; else its text. */
json_t *ps_tree_value(const struct ps_option *option, s64 value);

/*
 * A text of the kernel's. Names of interfaces may have bytes that are no UTF-8,
 * which JSON can't tell: these become \xNN.
 */
json_t *ps_tree_text(const char *text, size_t length);

/* An array of the items. */
json_t *ps_tree_lines(const struct ps_lines *lines);

/* {"new_cookie": {"on": true, "by_hand": false, "rate": 7}, ...}; no rate without a threshold */
json_t *ps_tree_protections(const struct ps_view *view);

/* {"tcp": {"slots": 1024, "used": 3}, ...}; none of an instance without an interface */
json_t *ps_tree_tables(const struct ps_view *view);

/* Those that are on as words, "new_cookie (by hand), surge", or "-"; in @text. */
const char *ps_tree_protection_words(const struct ps_view *view, char *text, size_t bytes);

#endif
