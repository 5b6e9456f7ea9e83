/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The protections of contexts (core/protection.h) as the configuration sees
 * them: their memory, switching them by hand, their status.
 */
#ifndef PS_TOGGLE_H
#define PS_TOGGLE_H

#include "context.h"
#include "text.h"

/**
 * ps_toggle_prepare_option() - see to it that there is memory for a protection
 * @node: the context
 * @option: about to be set to other than 0; of any kind
 *
 * Context: process; netns->lock held.
 * Return: 0 or -ENOMEM.
 */
int ps_toggle_prepare_option(struct ps_context_node *node, enum ps_option_index option);

/* Free the protections of a context that no packet reaches any more. */
void ps_toggle_free(struct ps_context *context);

/**
 * ps_toggle_edit() - switch a protection of a context by hand
 * @instance: whose
 * @id: name of the context
 * @which: the protection
 * @on: on, until it is switched off; or off
 *
 * Context: process; netns->lock held.
 * Return: 0; -ENOENT no such context, or (off) it isn't on; -EEXIST it is on by
 * hand already; -ERANGE surge protection without rates; -ENOMEM.
 */
int ps_toggle_edit(struct ps_instance *instance, const struct ps_context_id *id,
		   enum ps_protection_index which, bool on);

/**
 * ps_toggle_check_edit() - all that ps_toggle_edit() can fail for, ahead of it
 * @instance: whose
 * @id: name of the context
 * @which: the protection
 * @on: on or off
 * @before: what it will have been switched to before that: 1 on, 0 off; or -1:
 *	it will be as it is
 *
 * Context: process; netns->lock held.
 * Return: as ps_toggle_edit().
 */
int ps_toggle_check_edit(struct ps_instance *instance, const struct ps_context_id *id,
			 enum ps_protection_index which, bool on, int before);

/* Switch it as checked, under the same lock; packets may have done so meanwhile. */
void ps_toggle_edit_checked(struct ps_instance *instance, const struct ps_context_id *id,
			    enum ps_protection_index which, bool on);

/* All that ps_toggle_replace() can fail for, ahead of it: 0 or a negative errno. */
int ps_toggle_check(struct ps_instance *instance, const struct ps_context_id *ids, u32 count,
		    enum ps_protection_index which);

/**
 * ps_toggle_replace() - make the contexts with a protection on exactly these
 * @instance: whose
 * @ids: their names; an entry may occur more than once
 * @count: how many
 * @which: the protection
 *
 * Context: process; netns->lock held.
 * Return: as ps_toggle_edit(); nothing has changed after an error.
 */
int ps_toggle_replace(struct ps_instance *instance, const struct ps_context_id *ids, u32 count,
		      enum ps_protection_index which);

/**
 * ps_toggle_print() - list the contexts whose protection is on, Other first
 * @instance: whose; netns->lock held
 * @which: the protection
 * @text: where to
 *
 * Return: 0 or -ENOMEM.
 */
int ps_toggle_print(struct ps_instance *instance, enum ps_protection_index which,
		    struct ps_text *text);

/* The status word of a context: 1 << enum ps_protection_index, PS_STATUS_*. */
u16 ps_toggle_status(struct ps_context_node *node);

/* Which of them were switched on by hand: bits as in the status. */
u16 ps_toggle_by_hand(const struct ps_context_node *node);

/**
 * ps_toggle_rate() - the rate that a protection's threshold sees
 * @node: the context
 * @which: the protection
 * @rate: out: events of the last second
 *
 * Return: false where it sees none, since there is no X.
 */
bool ps_toggle_rate(const struct ps_context_node *node, enum ps_protection_index which, u64 *rate);

/* Tell of the protections that a packet has switched. */
void ps_toggle_report(const struct ps_verdict *verdict);

int ps_toggle_init(void);
void ps_toggle_exit(void);

#endif
