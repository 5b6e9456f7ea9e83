// SPDX-License-Identifier: GPL-2.0-or-later
/* The tables of reasons.def and counters.def; see reasons.h. */
#include "reasons.h"

static_assert(PS_CONTEXT_COUNTERS <= 32, "counters of a reason are a u32 mask");

#define PS_C(name)	  (1U << PS_CONTEXT_COUNTER_##name)
#define PS_MOVES_PASS	  0
#define PS_MOVES_DELIVER  (PS_C(rx_total) | PS_C(delivered))
#define PS_MOVES_DROP	  PS_C(rx_total)
#define PS_MOVES_REPLY	  PS_C(rx_total)
#define PS_MOVES_SEND	  PS_C(tx_total)
#define PS_MOVES_WITHHOLD 0

const struct ps_reason_info ps_reason_info[PS_REASONS] = {
	[PS_REASON_UNDECIDED] = { .name = "undecided", .action = PS_DROP },
#define PS_REASON(number, text, what, moves, doc)   \
	[PS_REASON_##text] = { .name = #text,       \
			       .id = number,        \
			       .action = PS_##what, \
			       .counters = PS_MOVES_##what | (moves) },
#include "../../include/packetshield/reasons.def"
#undef PS_REASON
};

#define PS_COUNTER(scope, name, id, doc) PS_COUNTER_##scope(name)
#define PS_COUNTER_INSTANCE(name)
#define PS_COUNTER_CONTEXT(name) #name,
const char *const ps_context_counter_name[PS_CONTEXT_COUNTERS] = {
#include "../../include/packetshield/counters.def"
};
#undef PS_COUNTER_INSTANCE
#undef PS_COUNTER_CONTEXT

#define PS_COUNTER_INSTANCE(name) #name,
#define PS_COUNTER_CONTEXT(name)
const char *const ps_instance_counter_name[PS_INSTANCE_COUNTERS] = {
#include "../../include/packetshield/counters.def"
};
