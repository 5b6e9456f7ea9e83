// SPDX-License-Identifier: GPL-2.0-or-later
/* Growing texts; see text.h. */
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "text.h"

void *ps_text_grow(void *data, size_t used, size_t *room, size_t least)
{
	size_t larger = max(2 * *room, least);
	void *grown = kvmalloc(larger, GFP_KERNEL_ACCOUNT);

	if (!grown)
		return NULL;
	memcpy(grown, data, used);
	kvfree(data);
	*room = larger;
	return grown;
}

int ps_text_add_line(struct ps_text *text, const char *line, size_t length)
{
	if (text->length + length + 1 > text->room) {
		void *grown = ps_text_grow(text->data, text->length, &text->room, PAGE_SIZE);

		if (!grown)
			return -ENOMEM;
		text->data = grown;
	}
	memcpy(text->data + text->length, line, length);
	text->length += length;
	text->data[text->length++] = '\n';
	return 0;
}

void ps_text_free(struct ps_text *text)
{
	kvfree(text->data);
	*text = (struct ps_text){};
}
