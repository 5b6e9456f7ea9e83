/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One line of a configuration file: its words, and the setting it says. Private
 * to config_*.c.
 */
#ifndef PS_CONFIG_LINE_H
#define PS_CONFIG_LINE_H

#include "config_file.h"

/**
 * struct ps_config_file - a file being parsed
 * @model: being made
 * @errors: being found
 * @start: of the line at hand
 * @line: its number
 */
struct ps_config_file {
	struct ps_model *model;
	struct ps_config_file_errors *errors;
	const char *start;
	u32 line;
};

/**
 * struct ps_config_word - a piece of a line
 * @text: not zero-terminated
 * @length: its bytes
 */
struct ps_config_word {
	const char *text;
	size_t length;
};

/**
 * struct ps_config_line - a line that says something
 * @number: its number
 * @part: of the path, between slashes
 * @parts: how many, 1 to 3
 * @value: what stands behind the path
 */
struct ps_config_line {
	u32 number;
	struct ps_config_word part[3];
	u32 parts;
	struct ps_config_word value;
};

/**
 * struct ps_config_place - what a setting is about
 * @instance: whose
 * @context: or whose; NULL: the instance's
 * @is_other: it is Other
 */
struct ps_config_place {
	struct ps_model_instance *instance;
	struct ps_model_context *context;
	bool is_other;
};

/* Note down what is wrong with a word of the line at hand. */
void ps_config_line_refuse(struct ps_config_file *file, const struct ps_config_word *word,
			   const char *hint, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/**
 * ps_config_line_split() - find the words of a line
 * @file: the file
 * @text: the line
 * @length: its bytes
 * @tell: note down what is wrong with it
 * @line: out
 *
 * Return: whether it says anything.
 */
bool ps_config_line_split(struct ps_config_file *file, const char *text, size_t length, bool tell,
			  struct ps_config_line *line);

/* Take an item off the front of a value with commas; false when there is none. */
bool ps_config_line_item(struct ps_config_word *rest, struct ps_config_word *item);

/* Parse an item: PS_OK, or its status after a message. */
enum ps_status ps_config_line_parse_item(struct ps_config_file *file, enum ps_list_index list,
					 const struct ps_config_word *word,
					 union ps_list_item *item);

/* Do what a line says of an option or a list. */
void ps_config_line_set(struct ps_config_file *file, const struct ps_config_place *place,
			const struct ps_config_word *name, const struct ps_config_line *line);

#endif
