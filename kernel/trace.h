/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tracepoint packetshield:judge: every verdict, with its reason and context.
 * Tracepoint packetshield:protection: a protection went on or off, and by how
 * many events a second.
 *	echo 1 > /sys/kernel/tracing/events/packetshield/judge/enable
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM packetshield

#if !defined(PS_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define PS_TRACE_H

#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/tracepoint.h>

#include "context.h"
#include "core/engine.h"


TRACE_EVENT(judge,
	TP_PROTO(const struct ps_instance *instance, const struct sk_buff *skb,
		 const struct ps_verdict *verdict),
	TP_ARGS(instance, skb, verdict),
	TP_STRUCT__entry(
		__field(const void *, skbaddr)
		__field(unsigned int, len)
		__field(int, ifindex)
		__field(u8, verdict)
		__field(u8, reason_id)
		__string(instance, ps_instance_name(instance))
		__string(context, verdict->context ?
			 ps_context_name(ps_context_node(verdict->context)) : "-")
		__string(reason, ps_reason_info[verdict->reason].name)
	),
	TP_fast_assign(
		__entry->skbaddr = skb;
		__entry->len = skb->len;
		__entry->ifindex = skb->dev ? skb->dev->ifindex : 0;
		__entry->verdict = ps_reason_info[verdict->reason].action;
		__entry->reason_id = ps_reason_info[verdict->reason].id;
		ps_assign_str(instance, ps_instance_name(instance));
		ps_assign_str(context, verdict->context ?
			      ps_context_name(ps_context_node(verdict->context)) : "-");
		ps_assign_str(reason, ps_reason_info[verdict->reason].name);
	),
	TP_printk("instance=%s context=%s verdict=%s reason=%s id=%u len=%u ifindex=%d skbaddr=%p",
		  __get_str(instance), __get_str(context),
		  __print_symbolic(__entry->verdict, { PS_PASS, "pass" },
				   { PS_DELIVER, "deliver" }, { PS_DROP, "drop" },
				   { PS_REPLY, "reply" }, { PS_SEND, "send" },
				   { PS_WITHHOLD, "withhold" }), __get_str(reason),
		  __entry->reason_id, __entry->len, __entry->ifindex, __entry->skbaddr)
);

TRACE_EVENT(protection,
	TP_PROTO(const struct ps_context_node *node, int which, bool on, u64 rate),
	TP_ARGS(node, which, on, rate),
	TP_STRUCT__entry(
		__field(u64, rate)
		__field(u8, which)
		__field(bool, on)
		__string(instance, ps_instance_name(node->instance))
		__string(context, ps_context_name(node))
	),
	TP_fast_assign(
		__entry->rate = rate;
		__entry->which = which;
		__entry->on = on;
		ps_assign_str(instance, ps_instance_name(node->instance));
		ps_assign_str(context, ps_context_name(node));
	),
	TP_printk("instance=%s context=%s protection=%s state=%s rate=%llu",
		  __get_str(instance), __get_str(context),
		  __print_symbolic(__entry->which, { PS_PROTECT_NEW_COOKIE, "new_cookie" },
				   { PS_PROTECT_UNKNOWN_TTL, "unknown_ttlfilter" },
				   { PS_PROTECT_UNMATCHED, "unmatch_drop" },
				   { PS_PROTECT_SURGE, "deliver_block" }),
		  __entry->on ? "on" : "off", __entry->rate)
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
