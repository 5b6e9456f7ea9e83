/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who talks to whom: sessions of TCP, UDP and DNS in slots (slots.h).
 *
 * A slot's payload is 16 bits of the second of the session's last packet, 8
 * bits of the peer's TTL and 8 bits of state. How sessions come and go is told
 * in sessions.c; the invariants are:
 *
 *  - incoming packets never open, end or shorten a session; only
 *    ps_sessions_open() and ps_sessions_outgoing() open one;
 *  - a session that is established never becomes half-open;
 *  - what half-open sessions, SYNs and DNS answers may use up is used up in the
 *    same compare-and-exchange that decides.
 *
 * TCP has a table, UDP and DNS have another one; the same functions serve both.
 *
 * Sweep: an entry is dead after the longest time-out, 32,767 s at most, and
 * would seem young again PS_SESSIONS_WRAP seconds after its last packet. So
 * ps_sessions_sweep() must visit every bucket at least once in 32,000 s; once an
 * hour is ample.
 */
#ifndef PS_CORE_SESSIONS_H
#define PS_CORE_SESSIONS_H

#include "address.h"
#include "siphash.h"
#include "slots.h"

#define PS_SESSIONS_ADMITTED	16U	/* incoming packets of a half-open session */
#define PS_SESSIONS_WRAP	0xff00U	/* seconds */

/* The time-outs of an instance, by what they are for. */
enum ps_sessions_timeout {
	PS_SESSIONS_ACK,	/* any TCP packet but the next two, SYN+ACK and FIN too */
	PS_SESSIONS_SYN,	/* SYN without ACK */
	PS_SESSIONS_RST,
	PS_SESSIONS_UDP,
	PS_SESSIONS_DNS,
	PS_SESSIONS_QHS,	/* QUIC: Handshake packets */
	PS_SESSIONS_QSH,	/* QUIC: short headers */
	PS_SESSIONS_TIMEOUTS,
};

/**
 * struct ps_sessions_timeouts - the time-outs
 * @seconds: by enum ps_sessions_timeout, 1-32767; may change at any time
 */
struct ps_sessions_timeouts {
	u16 seconds[PS_SESSIONS_TIMEOUTS];
};

enum ps_session_protocol {
	PS_SESSION_TCP,
	PS_SESSION_UDP,
	PS_SESSION_DNS,
	PS_SESSION_QUIC,
};

/**
 * struct ps_session_key - what makes a session
 * @local:	address on our side: an incoming packet's destination
 * @remote:	address on the other side
 * @local_port:	port on our side
 * @remote_port: port on the other side
 * @vlan:	outer VLAN id in contexts with a VLAN, else 0
 * @query:	id of a DNS query, else 0
 * @protocol:	enum ps_session_protocol
 */
struct ps_session_key {
	struct ps_addr local;
	struct ps_addr remote;
	u16 local_port;
	u16 remote_port;
	u16 vlan;
	u16 query;
	u8 protocol;
};

/* All but the addresses: 16 + 16 + 16 + 12 + 4 bits. */
static __always_inline u64 ps_session_key_rest(const struct ps_session_key *key)
{
	return (u64)key->local_port << 48 | (u64)key->remote_port << 32 | (u64)key->query << 16 |
	       (key->vlan & 0xfff) << 4 | key->protocol;
}

/* ps_sessions_hash() where an address isn't one of IPv4. */
u64 ps_sessions_hash_ipv6(const struct ps_siphash_key *secret, const struct ps_session_key *key);

/**
 * ps_sessions_hash() - the hash of a session, for all functions below
 * @secret: the instance's
 * @key: the session
 *
 * Two words for IPv4, five for others: a third of the time, and no length is the
 * other's.
 */
static __always_inline u64 ps_sessions_hash(const struct ps_siphash_key *secret,
					    const struct ps_session_key *key)
{
	const u64 word[] = {
		(u64)key->local.word[3] << 32 | key->remote.word[3],
		ps_session_key_rest(key),
	};

	if (ps_addr_is_ipv4(&key->local) && ps_addr_is_ipv4(&key->remote))
		return ps_siphash(secret, word, ARRAY_SIZE(word));
	return ps_sessions_hash_ipv6(secret, key);
}

/**
 * ps_sessions_any_source() - make a key that an answer from anywhere has, too
 * @key: of a datagram to a broadcast or multicast address, or of an incoming
 *	 one that might be the answer to such
 *
 * Takes both addresses out: the one asked isn't the one that answers, and a
 * DHCP client asks from no address and is answered at the one it will get. The
 * ports stay.
 */
static inline void ps_sessions_any_source(struct ps_session_key *key)
{
	key->local = (struct ps_addr){};
	key->remote = (struct ps_addr){};
}

/* What an incoming TCP packet meets. */
enum ps_session {
	PS_SESSION_NONE,	/* no session, or none that is valid for its class */
	PS_SESSION_HALF_OPEN,	/* admitted, one of PS_SESSIONS_ADMITTED */
	PS_SESSION_EXHAUSTED,	/* half-open, but all those are used up */
	PS_SESSION_ESTABLISHED,
	PS_SESSION_OWN,		/* opened from our side */
	PS_SESSION_EXCESS,	/* one more SYN in a second on one of the last two */
};

/**
 * struct ps_sessions_arrival - an incoming TCP packet
 * @timeout:	its class: PS_SESSIONS_ACK, PS_SESSIONS_SYN or PS_SESSIONS_RST
 * @ttl:	its TTL or hop limit
 * @segments:	packets on the wire that it stands for, 1 or more
 */
struct ps_sessions_arrival {
	enum ps_sessions_timeout timeout;
	u8 ttl;
	u16 segments;
};

/**
 * struct ps_sessions_match - what became of it
 * @session:	what it met
 * @learn:	its TTL should be learned for its network (ttl.h): it is an ACK of
 *		an established or own session, and this TTL of it wasn't reported
 *		in the last minute
 * @late:	there is an established session, but it isn't valid for this class
 * @cookied:	ps_sessions_cookied() was called of it
 */
struct ps_sessions_match {
	enum ps_session session;
	bool learn;
	bool late;
	bool cookied;
};

/**
 * ps_sessions_incoming() - match an incoming TCP packet with its session
 * @table: the table
 * @hash: of the session
 * @arrival: the packet
 * @timeouts: the time-outs
 * @now: time in seconds, monotonic, here and everywhere
 *
 * Refreshes the session, unless the packet is EXCESS or the session EXHAUSTED.
 */
struct ps_sessions_match ps_sessions_incoming(const struct ps_slots *table, u64 hash,
					      const struct ps_sessions_arrival *arrival,
					      const struct ps_sessions_timeouts *timeouts,
					      u32 now);

/* What an outgoing packet says about its session. */
enum ps_sessions_sent {
	PS_SENT_OTHER,		/* only that it goes on, if there is one */
	PS_SENT_SYN_ACK,	/* opens a half-open session */
	PS_SENT_SEGMENT,	/* of a full socket past SYN_RECV, or forwarded with payload */
	PS_SENT_SYN,		/* without ACK: opens an own session */
	PS_SENT_RST,		/* ends it */
	PS_SENT_COOKIE,		/* which has come back: private, see ps_sessions_open() */
	PS_SENT_DATAGRAM,	/* UDP */
	PS_SENT_DATAGRAM_SPARE,	/* UDP from a port in w_udp_ports: evicted first */
	PS_SENT_QUERY,		/* DNS */
};

enum ps_sessions_change {
	PS_SESSIONS_SAME,	/* refreshed, or nothing */
	PS_SESSIONS_OPENED,	/* half-open, own without an answer yet, UDP or DNS */
	PS_SESSIONS_ESTABLISHED, /* and wasn't */
	PS_SESSIONS_ENDED,
};

/**
 * ps_sessions_outgoing() - learn from an outgoing packet
 * @table: the table of its protocol
 * @hash: of the session
 * @sent: what the packet says
 * @timeouts: the time-outs
 * @now: time in seconds
 *
 * Return: what became of the session.
 */
enum ps_sessions_change ps_sessions_outgoing(const struct ps_slots *table, u64 hash,
					     enum ps_sessions_sent sent,
					     const struct ps_sessions_timeouts *timeouts, u32 now);

/**
 * ps_sessions_open() - open an established session by an incoming packet
 * @table: the table
 * @hash: of the session
 * @ttl: of the packet: an ACK with a valid SYN cookie or, in DSR mode, a SYN
 * @timeouts: the time-outs
 * @now: time in seconds
 *
 * An own session stays one.
 *
 * Return: PS_SESSIONS_ESTABLISHED, or PS_SESSIONS_SAME where it was that already.
 */
enum ps_sessions_change ps_sessions_open(const struct ps_slots *table, u64 hash, u8 ttl,
					 const struct ps_sessions_timeouts *timeouts, u32 now);

/**
 * ps_sessions_cookied() - a SYN that an established session is too old for got a cookie
 * @table: the table, not those behind it
 * @hash: of the session
 *
 * The client has begun anew. Its ACK will match the old session, and may be
 * one that returns the cookie: ps_sessions_incoming() says so from now on, until
 * ps_sessions_open().
 */
void ps_sessions_cookied(const struct ps_slots *table, u64 hash);

/**
 * ps_sessions_known() - whether there is a session, without touching it
 * @table: the table
 * @hash: of the session
 * @timeouts: the time-outs; of TCP the one for ACK counts
 * @now: time in seconds
 *
 * For ICMP errors about a packet sent (SPEC 2.3), and for UDP answers: a UDP
 * session is valid for its time-out after the last *outgoing* datagram.
 */
bool ps_sessions_known(const struct ps_slots *table, u64 hash,
		       const struct ps_sessions_timeouts *timeouts, u32 now);

/**
 * ps_sessions_answer() - let the one answer of a DNS query in
 * @table: the table of UDP and DNS
 * @hash: of the session, query id included
 * @timeouts: the time-outs
 * @now: time in seconds
 *
 * Return: true once for every PS_SENT_QUERY, within the time-out.
 */
bool ps_sessions_answer(const struct ps_slots *table, u64 hash,
			const struct ps_sessions_timeouts *timeouts, u32 now);

/**
 * ps_sessions_sweep() - clear the slots of sessions that are dead
 * @table: the table, not those behind it
 * @first: first bucket to visit
 * @buckets: how many to visit
 * @timeouts: the time-outs
 * @now: time in seconds
 *
 * May run beside packets.
 */
void ps_sessions_sweep(const struct ps_slots *table, u32 first, u32 buckets,
		       const struct ps_sessions_timeouts *timeouts, u32 now);

/**
 * ps_sessions_living() - count the slots of sessions that aren't dead
 * @table: the table, not those behind it
 * @first: first bucket to visit
 * @buckets: how many to visit
 * @timeouts: the time-outs
 * @now: time in seconds
 *
 * Return: slots in use, half-open sessions included.
 */
u32 ps_sessions_living(const struct ps_slots *table, u32 first, u32 buckets,
		       const struct ps_sessions_timeouts *timeouts, u32 now);

/**
 * ps_sessions_longest() - how long a session can live without a packet
 * @timeouts: the time-outs
 *
 * An old table may go when more than this has passed since the grace period
 * after it became old (slots.h).
 *
 * Return: seconds.
 */
u32 ps_sessions_longest(const struct ps_sessions_timeouts *timeouts);

#endif
