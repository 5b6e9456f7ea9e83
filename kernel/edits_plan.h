/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a list of edits (edits.h) says of instances, contexts and interfaces, made
 * aside: directories of what is new are there, and hooks that judge nothing yet.
 * All with netns->structure held, open and close under netns->lock without a pause.
 */
#ifndef PS_EDITS_PLAN_H
#define PS_EDITS_PLAN_H

#include "edits.h"
#include "iface_plan.h"

/**
 * struct ps_plan_instance - what becomes of an instance
 * @list:	in ps_plan.list
 * @instance:	the instance; its structure is held
 * @born:	it is new
 * @doomed:	the edit by which it goes, if all succeeds
 * @over:	it is in no list any more
 * @drafted:	its contexts change
 * @planned:	@contexts is there
 * @draft:	names of the contexts it is to have
 * @contexts:	the plan for them
 * @wished:	its interfaces, or the priority of their hooks, change
 * @wish:	to that
 * @names:	of the interfaces that it is to have
 */
struct ps_plan_instance {
	struct list_head list;
	struct ps_instance *instance;
	const struct ps_edit *doomed;
	bool born;
	bool over;
	bool drafted;
	bool planned;
	struct ps_batch draft;
	struct ps_context_plan contexts;
	bool wished;
	struct ps_iface_wish wish;
	struct ps_batch names;
};

/**
 * struct ps_plan - instances that come, go, or get other contexts
 * @netns: where
 * @list: struct ps_plan_instance
 * @bytes: that the list of instances takes with those that come
 * @attaches: interfaces are concerned
 * @attaching: so netns->attaching is held, until the end
 */
struct ps_plan {
	struct ps_netns *netns;
	struct list_head list;
	size_t bytes;
	bool attaches;
	bool attaching;
};

/* 0, or a negative errno and @failed; it is to be opened, closed and ended all the same. */
int ps_plan_make(struct ps_plan *plan, struct ps_netns *netns, struct ps_edits *edits,
		 const struct ps_edit **failed);

/*
 * Likewise of their interfaces, behind that, whether or not there are any: takes
 * RTNL, and netns->attaching until ps_plan_end() if there are.
 */
int ps_plan_make_ifaces(struct ps_plan *plan, struct ps_edits *edits,
			const struct ps_edit **failed);

/* The entry of this name, or NULL. */
struct ps_plan_instance *ps_plan_find(struct ps_plan *plan, const char *name);

/* Whether an edit is about interfaces, their hooks, or what they need. */
bool ps_plan_is_attaching(const struct ps_edit *edit);

/* From here on the configuration finds what is new; packets don't. */
void ps_plan_open(struct ps_plan *plan);

/* Whether those that go may: 0, or -EBUSY and @failed. Stays so until the close. */
int ps_plan_check(struct ps_plan *plan, const struct ps_edit **failed);

/* Publish when @err is 0, else go back. */
void ps_plan_close(struct ps_plan *plan, int err);

/* Remove what isn't there any more, or never came to be. */
void ps_plan_end(struct ps_plan *plan);

#endif
