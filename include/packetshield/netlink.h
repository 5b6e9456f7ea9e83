/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The generic netlink family "packetshield", for the module and for programs.
 *
 * Options, lists, counters and reasons have the attribute numbers that their
 * rows in options.def, counters.def and reasons.def give them, each scope in a
 * nest of its own. What a message of PS_CMD_GET or PS_CMD_GET_LIST tells of
 * settings, PS_CMD_SET takes. Numbers of 64 bits aren't aligned.
 *
 * Texts (names, contexts, items of lists) are those of the files of sysfs,
 * without newline. Where a row of options.def is of the type INTEGER or BOOLEAN
 * its value is the number; RATES: X << 32 | Y; MAC: 48 bits, first octet on top;
 * WSCALE: -1 for none; GEOIP_POLICY: 0 none, 1 deny_countries, 2 allow_countries.
 * A SECRET is a nest of enum ps_netlink_secret: it is told whether there is one,
 * never what it is.
 *
 * A batch is begun, filled and committed by one socket, and goes with it. It
 * takes in everything: instances, contexts, interfaces, lists, options, and
 * protections switched by hand, in any number; all of it, or an errno and nothing.
 * What it says is done in the order of its messages, but for this:
 *
 * - NEW_INSTANCE, and the items of "contexts", come ahead of all else; among
 *   themselves, and with "ifaces", hook_priority and session_table_size, they keep
 *   their order: an instance is created before those are about it. An instance
 *   that is destroyed can't be named any more, nor created again in the batch;
 *   what it had attached is free for others. EBUSY where a rule of xtables uses it.
 * - "ifaces" is what each instance has in the end: an interface may pass from one
 *   to another, whatever the order of their messages. EBUSY where two would have
 *   it; ENOENT where there is none of that name, EEXIST and ENOENT for single
 *   items as for any list. No packet passes unjudged meanwhile. An interface
 *   attached is in force when all else of the batch is. A device that goes while
 *   the batch is committed is detached, as if it had gone after that.
 * - hook_priority and session_table_size may be set for any number of instances.
 *   EBUSY where the tables of three earlier changes of size are still in use,
 *   ENOMEM where there is no memory for the new ones.
 * - Items of the togglers are switched behind all settings, with the rates that
 *   these set, and refused by what the batch itself has switched before: EEXIST
 *   on by hand already, ENOENT not on, ERANGE surge protection without a rate.
 *
 * A list is told as it was at one moment, and so is an instance or a context; a
 * whole configuration takes many answers. What the dump of all instances and the
 * lists say of GENERATION is the same where they are of one configuration.
 *
 * Events are rate limited: 100 a second of protections, 1,000 of interfaces, 100
 * of tables. A table of sessions is full (ON 1) when 7/8 of it are in use by
 * sessions that live, half-open ones too, so that new ones displace them; it is
 * no longer (ON 0) below 3/4. Packets that leave or open a session look once a
 * second, at a sample; without such nothing is told.
 */
#ifndef PACKETSHIELD_NETLINK_H
#define PACKETSHIELD_NETLINK_H

#include <linux/types.h>

#define PS_NETLINK_NAME		"packetshield"
#define PS_NETLINK_VERSION	1
#define PS_NETLINK_EVENTS	"events"	/* the multicast group */

/* All but the events need CAP_NET_ADMIN in the user namespace of the network namespace. */
enum ps_netlink_command {
	PS_CMD_UNSPEC,
	/*
	 * do: version and generation; with INSTANCE that instance; with
	 * CONTEXT too that context. dump: these, all instances, newest first,
	 * and behind each its contexts, Other first; with INSTANCE only that;
	 * with BUSY not all contexts. Lists aren't among it.
	 */
	PS_CMD_GET,
	PS_CMD_GET_LIST,	/* dump: the items of LIST of INSTANCE, CONTEXT: one state of it */
	PS_CMD_NEW_INSTANCE,	/* INSTANCE; noted down as SET is */
	PS_CMD_DEL_INSTANCE,	/* INSTANCE; likewise */
	/*
	 * INSTANCE, and INSTANCE_SETTINGS, or CONTEXT with CONTEXT_SETTINGS or
	 * OTHER_SETTINGS: all of it or nothing. While the socket has a batch it
	 * is noted down for that.
	 */
	PS_CMD_SET,
	PS_CMD_BEGIN,		/* a batch; one that was open is discarded */
	PS_CMD_COMMIT,		/* MESSAGES: how many it has; all of it or nothing */
	PS_CMD_ABORT,		/* discard the batch */
	PS_CMD_PROTECTION,	/* event: INSTANCE CONTEXT PROTECTION ON RATE THRESHOLD */
	PS_CMD_INTERFACE,	/* event: INSTANCE INTERFACE ON (attached) */
	PS_CMD_TABLE,		/* event: INSTANCE TABLE ON SLOTS */
	PS_CMDS,
};

enum ps_netlink_attribute {
	PS_A_UNSPEC,
	PS_A_INSTANCE,		/* text */
	PS_A_CONTEXT,		/* text: Other, 10.2.3.5@100 */
	PS_A_INSTANCE_SETTINGS,	/* nest: options and lists of the scopes INSTANCE, SHARED */
	PS_A_CONTEXT_SETTINGS,	/* nest: of the scope CONTEXT */
	PS_A_OTHER_SETTINGS,	/* nest: of the scope OTHER */
	PS_A_LIST,		/* text: name of a list */
	PS_A_MESSAGES,		/* u32 */
	PS_A_VERSION,		/* text: of the module */
	PS_A_INSTANCE_STATS,	/* nest: u64 by id of counters.def */
	PS_A_CONTEXT_STATS,	/* nest: likewise */
	PS_A_STATUS,		/* u32: the line status of stats */
	PS_A_BY_HAND,		/* u32: bits of the status: which were switched on by hand */
	PS_A_DROPS,		/* nest: struct ps_netlink_count by id of reasons.def */
	PS_A_PROTECTION,	/* u32: its bit of the status */
	PS_A_ON,		/* u8: 1 on, attached or full, 0 off, detached or no longer */
	PS_A_RATE,		/* u64: events a second that were seen then */
	PS_A_THRESHOLD,		/* s64: value of the protection's option */
	PS_A_INTERFACE,		/* text */
	PS_A_TABLE,		/* u32: which sessions: 0 of TCP, 1 of UDP and DNS, 2 of QUIC */
	PS_A_SLOTS,		/* u32: how many it has room for */
	PS_A_GENERATION,	/* u32: of the configuration; moves with each change of it */
	/*
	 * nest: u64 by number of the protection's bit of the status, plus 1: its events
	 * of the last second. Where it has an X: others aren't counted.
	 */
	PS_A_RATES,
	/*
	 * nest: struct ps_netlink_table by what TABLE says, plus 1. Where there are
	 * tables: from the instance's first interface or rule on.
	 */
	PS_A_TABLES,
	PS_A_CONTEXTS,		/* u32: how many contexts an instance has, Other too */
	/*
	 * flag, for a dump of GET: without the contexts that nothing has happened to:
	 * nothing came, went or was dropped, and no protection is on.
	 */
	PS_A_BUSY,
	PS_ATTRIBUTES,
};

/* A secret: PS_CMD_GET tells of NONE or KEEP, PS_CMD_SET takes one of them all. */
enum ps_netlink_secret {
	PS_SECRET_UNSPEC,
	PS_SECRET_NONE,		/* flag: there is none */
	PS_SECRET_KEEP,		/* flag: there is one, and it stays: else ENOENT */
	PS_SECRET_TEXT,		/* it becomes this, one line of a file, 1 to 4095 bytes */
	PS_SECRETS,
};

/* The nest that rows of a scope of options.def are in; for who has enum ps_scope. */
#define PS_NETLINK_SETTINGS(scope)					\
	((scope) == PS_SCOPE_CONTEXT ? PS_A_CONTEXT_SETTINGS :		\
	 (scope) == PS_SCOPE_OTHER   ? PS_A_OTHER_SETTINGS :		\
				       PS_A_INSTANCE_SETTINGS)

/* An option of any other type is a s64; a list is a nest of these, in any number. */
enum ps_netlink_item {
	PS_ITEM_UNSPEC,
	PS_ITEM_ADD,		/* text of an item */
	PS_ITEM_REMOVE,		/* likewise */
	/*
	 * flag, first: the list becomes what is added behind it. In a batch further
	 * messages may go on with that: PS_ITEM_MORE first, then PS_ITEM_ADD.
	 */
	PS_ITEM_REPLACE,
	PS_ITEM_MORE,		/* flag */
	PS_ITEMS,
};

#define PS_NETLINK_TABLES 3	/* of sessions */

struct ps_netlink_count {
	__u64 packets;
	__u64 bytes;
};

/**
 * struct ps_netlink_table - how full a table of sessions is
 * @slots: how many it has room for
 * @used: by sessions that live, half-open ones too; one of QUIC may use two. Exact
 *	  up to 32,768 slots; of larger tables so many are looked at, others each
 *	  second, and one reading is wrong by some thousandths of @slots at most. Of
 *	  sessions from before a change of size, those that have been seen since
 */
struct ps_netlink_table {
	__u32 slots;
	__u32 used;
};

#endif
