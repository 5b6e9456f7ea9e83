/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files that are written whole or not at all: a reader sees the old one or the new one. */
#ifndef PS_REPLACE_H
#define PS_REPLACE_H

#include <stdbool.h>
#include <stdio.h>

/* Writes it; errors of the stream need not be told, others are told and false. */
typedef bool (*ps_replace_write)(const void *data, FILE *to);

/**
 * ps_replace_file() - write a file, or put another in its place
 * @path: its name; a link stays one
 * @mode: of a new one; one that was there keeps its own, and its owner
 * @write_it: writes what it is to say
 * @data: for @write_it
 *
 * Return: enum ps_exit; errors have been told.
 */
int ps_replace_file(const char *path, unsigned int mode, ps_replace_write write_it,
		    const void *data);

#endif
