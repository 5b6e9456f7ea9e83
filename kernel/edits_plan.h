/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a list of edits (edits.h) says of instances and contexts, made aside:
 * directories of what is new are there, and nothing of it is in use. All with
 * netns->structure held, open and close under netns->lock without a pause.
 */
#ifndef PS_EDITS_PLAN_H
#define PS_EDITS_PLAN_H

#include "edits.h"

/**
 * struct ps_plan - instances that come, go, or get other contexts
 * @netns: where
 * @list: struct ps_plan_instance
 * @bytes: that the list of instances takes with those that come
 */
struct ps_plan {
	struct ps_netns *netns;
	struct list_head list;
	size_t bytes;
};

/* 0, or a negative errno and @failed; it is to be opened, closed and ended all the same. */
int ps_plan_make(struct ps_plan *plan, struct ps_netns *netns, struct ps_edits *edits,
		 const struct ps_edit **failed);

/* From here on the configuration finds what is new; packets don't. */
void ps_plan_open(struct ps_plan *plan);

/* Whether those that go may: 0, or -EBUSY and @failed. Stays so until the close. */
int ps_plan_check(struct ps_plan *plan, const struct ps_edit **failed);

/* Publish when @err is 0, else go back. */
void ps_plan_close(struct ps_plan *plan, int err);

/* Remove what isn't there any more, or never came to be. */
void ps_plan_end(struct ps_plan *plan);

#endif
