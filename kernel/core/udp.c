// SPDX-License-Identifier: GPL-2.0-or-later
/* UDP, step 4a: answers to what this host sent (SPEC 6). */
#include "bytes.h"
#include "judging.h"

#define PS_UDP_QUERY_ID 2U /* bytes */

static bool ps_udp_is_known(const struct ps_judging *judging, const struct ps_session_key *key)
{
	const struct ps_engine *engine = judging->engine;

	return ps_sessions_known(ps_platform_dereference(engine->udp),
				 ps_sessions_hash(&engine->secret, key), &engine->timeouts,
				 judging->arrival->instant.seconds);
}

static bool ps_udp_answers_query(const struct ps_judging *judging, struct ps_session_key *key)
{
	const struct ps_engine *engine = judging->engine;
	const struct ps_packet *packet = judging->packet;

	if (packet->readable < PS_UDP_QUERY_ID)
		return false;
	key->protocol = PS_SESSION_DNS;
	key->query = ps_bytes_u16(judging->arrival->data + packet->payload);
	return ps_sessions_answer(ps_platform_dereference(engine->udp),
				  ps_sessions_hash(&engine->secret, key), &engine->timeouts,
				  judging->arrival->instant.seconds);
}

enum ps_reason ps_udp_judge(struct ps_judging *judging)
{
	struct ps_session_key key = ps_session_key_make(judging->packet, true, PS_SESSION_UDP,
							judging->verdict->context->id.vlan);

	if (judging->packet->sport == PS_PORT_DNS)
		return ps_udp_answers_query(judging, &key) ? PS_REASON_dns_answer :
							     PS_REASON_closed_udp_port;
	if (ps_udp_is_known(judging, &key))
		return PS_REASON_udp_answer;
	ps_sessions_any_source(&key);
	return ps_udp_is_known(judging, &key) ? PS_REASON_udp_answer : PS_REASON_closed_udp_port;
}
