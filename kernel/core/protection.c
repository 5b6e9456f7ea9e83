// SPDX-License-Identifier: GPL-2.0-or-later
/* Protections as the stages of the engine use them; see judging.h. */
#include "judging.h"

/*
 * Events of a super-packet beyond what one call counts are no news to a
 * threshold: gso_segs is 16 bits.
 */
bool ps_judging_count_for(struct ps_judging *judging, struct ps_protection *protection,
			  enum ps_protection_index which)
{
	const struct ps_instant *instant = &judging->arrival->instant;
	struct ps_threshold_change change;

	change = ps_threshold_count(&protection->threshold, &protection->cpu[instant->cpu].part,
				    ps_config_rates(judging->config, which), instant->cpus,
				    judging->packet->segments, instant->now);
	if (unlikely(change.turn != PS_THRESHOLD_STAYED)) {
		if (change.turn == PS_THRESHOLD_WENT_ON)
			judging->verdict->went_on |= 1U << which;
		else
			judging->verdict->went_off |= 1U << which;
		judging->verdict->rate = change.rate;
	}
	return ps_threshold_is_on(&protection->threshold);
}

bool ps_judging_police(struct ps_judging *judging, enum ps_protection_index which, bool all)
{
	struct ps_protection *protection = ps_judging_protection(judging, which);

	return ps_threshold_police(&protection->bucket, judging->arrival->instant.now,
				   ps_config_rates(judging->config, which).below,
				   judging->packet->segments, all);
}
