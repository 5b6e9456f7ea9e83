/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A capture under way: the slots of instances, packet by packet through a filter,
 * into a file or onto standard output, until it is to end. What came before it
 * began and what comes behind its end isn't in it.
 */
#ifndef PS_CAPTURE_RUN_H
#define PS_CAPTURE_RUN_H

#include "capture_filter.h"

/**
 * struct ps_capture_run - what is wanted of a capture
 * @filter: which packets
 * @to: a file of the form pcapng; NULL: lines on standard output
 * @path: its name, for messages
 * @seconds: how long; 0: no limit
 * @count: packets; 0: no limit
 * @old: also packets that were captured before
 */
struct ps_capture_run {
	struct ps_capture_filter filter;
	FILE *to;
	const char *path;
	s64 seconds;
	s64 count;
	bool old;
};

/**
 * ps_capture_run() - capture
 * @run: what is wanted
 * @name: of the instances
 * @names: how many
 *
 * Return: enum ps_exit; errors have been told, and how many packets there were.
 */
int ps_capture_run(struct ps_capture_run *run, char *const *name, u32 names);

#endif
