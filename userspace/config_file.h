/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration file (SPEC 4.4), packetshield.conf(5): a path relative to
 * /sys/packetshield and a value on a line. What its parser takes the module
 * takes: values are parsed by the core, and what the module checks of several of
 * them together is checked here too. All of a file's errors are told, up to a
 * bound, and a file with an error is of no use at all.
 */
#ifndef PS_CONFIG_FILE_H
#define PS_CONFIG_FILE_H

#include <stdio.h>

#include "model.h"

#define PS_CONFIG_FILE_ERRORS	20	/* told of one file, at most */

/**
 * struct ps_config_file_error - something wrong with a file
 * @line: from 1 on
 * @column: from 1 on, in bytes
 * @reason: what
 * @hint: what to do about it, or empty
 */
struct ps_config_file_error {
	u32 line;
	u32 column;
	char reason[192];
	char hint[256];
};

/**
 * struct ps_config_file_errors - what is wrong with a file; all zero: nothing
 * @error: the first of them
 * @count: of all
 */
struct ps_config_file_errors {
	struct ps_config_file_error error[PS_CONFIG_FILE_ERRORS];
	u32 count;
};

/* Note an error down; the hint may be NULL. */
void ps_config_file_refuse(struct ps_config_file_errors *errors, u32 line, u32 column,
			   const char *hint, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/**
 * ps_config_file_parse() - parse the text of a file
 * @model: all zero; filled, as far as there were no errors
 * @text: the text
 * @length: its bytes
 * @errors: all zero; filled
 */
void ps_config_file_parse(struct ps_model *model, const char *text, size_t length,
			  struct ps_config_file_errors *errors);

/**
 * ps_config_file_check() - what only several lines together can do wrong
 * @model: parsed without errors
 * @errors: added to
 */
void ps_config_file_check(const struct ps_model *model, struct ps_config_file_errors *errors);

/* Warn of what is allowed, but hardly meant. */
void ps_config_file_warn(const struct ps_model *model);

/**
 * ps_config_file_read() - read, parse and check a file
 * @model: filled; for ps_model_free() in any case
 * @path: the file; "-": standard input
 *
 * Return: enum ps_exit; errors have been told.
 */
int ps_config_file_read(struct ps_model *model, const char *path);

/**
 * ps_config_file_write() - write the file that says the same
 * @model: a configuration
 * @to: where to
 *
 * Models that say the same make the same text.
 *
 * Return: false where something can't be said in a file; it has been told.
 */
bool ps_config_file_write(const struct ps_model *model, FILE *to);

#endif
