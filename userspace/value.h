/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Values of options and items of lists, checked by the grammar that the kernel
 * has too, with words for people where they are refused.
 */
#ifndef PS_VALUE_H
#define PS_VALUE_H

#include "config.h"
#include "names.h"

/**
 * struct ps_value_words - why a text isn't taken
 * @reason: "is malformed", "is out of range"
 * @hint: what would be taken
 */
struct ps_value_words {
	const char *reason;
	char hint[256];
};

/**
 * ps_value_parse() - check a text as the value of an option
 * @option: the option
 * @text: the text
 * @length: its bytes
 * @value: out
 * @words: out, where it is refused
 *
 * Return: PS_OK, PS_MALFORMED, PS_OUT_OF_RANGE.
 */
enum ps_status ps_value_parse(const struct ps_option *option, const char *text, size_t length,
			      s64 *value, struct ps_value_words *words);

/* The same for an item of a list. */
enum ps_status ps_value_check_item(const struct ps_list *list, const char *text, size_t length,
				   struct ps_value_words *words);

/* Tell of a refused text in a place: returns PS_EXIT_USAGE. */
int ps_value_refuse(const struct ps_place *place, const char *name, const char *text,
		    size_t length, const struct ps_value_words *words);

#endif
