/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Enumerations and tables made from reasons.def and counters.def.
 * PS_REASON_UNDECIDED is no row: it means that no rule has decided yet.
 */
#ifndef PS_CORE_REASONS_H
#define PS_CORE_REASONS_H

#include "platform.h"

enum ps_action {
	PS_PASS,	/* not ours to judge: goes on untouched and uncounted */
	PS_DELIVER,	/* goes on to the stack */
	PS_DROP,
	PS_REPLY,	/* consumed: the reply goes out in its stead */
	PS_SEND,	/* outgoing: goes on */
	PS_WITHHOLD,	/* outgoing: dropped, and the sender told it went */
};

enum ps_reason {
	PS_REASON_UNDECIDED,
#define PS_REASON(id, name, action, counters, doc) PS_REASON_##name,
#include "../../include/packetshield/reasons.def"
#undef PS_REASON
	PS_REASONS,
};

/* Positions of the context counters, in the order in which stats prints them. */
enum ps_context_counter {
#define PS_COUNTER(scope, name, id, doc) PS_COUNTER_##scope(name)
#define PS_COUNTER_INSTANCE(name)
#define PS_COUNTER_CONTEXT(name) PS_CONTEXT_COUNTER_##name,
#include "../../include/packetshield/counters.def"
#undef PS_COUNTER_CONTEXT
	PS_CONTEXT_COUNTERS,
};

enum ps_instance_counter {
#define PS_COUNTER_CONTEXT(name)
#undef PS_COUNTER_INSTANCE
#define PS_COUNTER_INSTANCE(name) PS_INSTANCE_COUNTER_##name,
#include "../../include/packetshield/counters.def"
#undef PS_COUNTER_INSTANCE
#undef PS_COUNTER_CONTEXT
#undef PS_COUNTER
	PS_INSTANCE_COUNTERS,
};

/**
 * struct ps_reason_info - one row of reasons.def
 * @name:	as printed
 * @counters:	bit n set: context counter n moves
 * @id:		stable number
 * @action:	enum ps_action
 */
struct ps_reason_info {
	const char *name;
	u32 counters;
	u8 id;
	u8 action;
};

extern const struct ps_reason_info ps_reason_info[PS_REASONS];
/* Whether the packet ends here: the reasons that drops tell of. */
static inline bool ps_reason_is_drop(enum ps_reason reason)
{
	return reason && (ps_reason_info[reason].action == PS_DROP ||
			  ps_reason_info[reason].action == PS_WITHHOLD);
}

extern const char *const ps_context_counter_name[PS_CONTEXT_COUNTERS];
extern const char *const ps_instance_counter_name[PS_INSTANCE_COUNTERS];

#endif
