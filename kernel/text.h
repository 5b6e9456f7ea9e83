/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A growing text: the contents of a file that may be longer than a page. */
#ifndef PS_TEXT_H
#define PS_TEXT_H

#include <linux/types.h>

/**
 * struct ps_text - a text; all zero is the empty one
 * @data: not zero-terminated, from kvmalloc
 * @length: bytes of it
 * @room: bytes at @data
 */
struct ps_text {
	char *data;
	size_t length;
	size_t room;
};

/* Append a line and its newline: 0 or -ENOMEM. */
int ps_text_add_line(struct ps_text *text, const char *line, size_t length);

/* Free it; it is the empty text then. */
void ps_text_free(struct ps_text *text);

/* Memory twice as large, or @least bytes, with what was in it: or NULL. */
void *ps_text_grow(void *data, size_t used, size_t *room, size_t least);

#endif
