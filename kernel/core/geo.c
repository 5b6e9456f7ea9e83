// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Step 3b: geoip_policy. Contexts without one never come here. What an address
 * without a country means differs: it can't be in a list of the refused, nor
 * in one of the allowed.
 */
#include "judging.h"

enum ps_reason ps_geo_judge(const struct ps_judging *judging)
{
	const struct ps_config *config = judging->config;
	const struct ps_addr *src = &judging->packet->src;
	const struct ps_sources *ranges =
		ps_platform_dereference(judging->engine->geo[ps_addr_family(src)]);
	bool allow = config->option[PS_OPTION_geoip_policy] == PS_GEOIP_ALLOW;

	if (ps_country_set_has(config->countries, ps_sources_find(ranges, src)) == allow)
		return PS_REASON_UNDECIDED;
	return PS_REASON_refused_country;
}
