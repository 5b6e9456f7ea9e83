// SPDX-License-Identifier: GPL-2.0-or-later
/* See replay_print.h. */
#include <string.h>

#include "replay_print.h"

static const char *const action_name[] = {
	[PS_PASS] = "PASS",   [PS_DELIVER] = "DELIVER", [PS_DROP] = "DROP",
	[PS_REPLY] = "REPLY", [PS_SEND] = "SEND",	[PS_WITHHOLD] = "WITHHOLD",
};

const enum ps_colour ps_replay_colour[] = {
	[PS_PASS] = PS_DIM,	[PS_DELIVER] = PS_GREEN, [PS_DROP] = PS_RED,
	[PS_REPLY] = PS_YELLOW, [PS_SEND] = PS_PLAIN,	 [PS_WITHHOLD] = PS_RED,
};

/* What became of it, and why. */
static void words_of(const struct ps_replay_told *told, const char **action, const char **reason)
{
	*action = "-";
	if (told->end == PS_REPLAY_REPLY) {
		*reason = "reply_of_module";
	} else if (told->end == PS_REPLAY_CUT) {
		*reason = "cut_off";
	} else {
		*action = action_name[ps_reason_info[told->verdict.reason].action];
		*reason = ps_reason_info[told->verdict.reason].name;
	}
}

static double seconds_of(const struct ps_replay *replay, const struct ps_capture_frame *frame)
{
	/* As the file tells it, even where that goes back. */
	return ((double)frame->time - (double)replay->first) / 1e9;
}

const char *ps_replay_end(char *text, const struct ps_packet *packet, const struct ps_addr *addr,
			  u16 port)
{
	bool ported = packet->transport &&
		      (packet->protocol == PS_PROTOCOL_TCP || packet->protocol == PS_PROTOCOL_UDP);
	size_t length = 0;

	if (ported && !ps_addr_is_ipv4(addr))
		text[length++] = '[';
	length += ps_format_address(text + length, addr);
	if (ported)
		sprintf(text + length, "%s:%u", ps_addr_is_ipv4(addr) ? "" : "]", port);
	return text;
}

static bool has_addresses(const struct ps_replay_told *told)
{
	static const struct ps_addr none;

	return told->end != PS_REPLAY_CUT && !ps_addr_equal(&told->packet.dst, &none);
}

static const char *context_of(char *text, const struct ps_replay_told *told)
{
	text[0] = '\0';
	if (told->end == PS_REPLAY_JUDGED && told->verdict.context)
		ps_format_context(text, &told->verdict.context->id);
	return text;
}

void ps_replay_print_verdict(const struct ps_replay *replay, const struct ps_capture_frame *frame,
			     const struct ps_replay_told *told)
{
	char from[PS_ITEM_MAX], to[PS_ITEM_MAX], context[PS_ITEM_MAX];
	const struct ps_packet *packet = &told->packet;
	const char *action, *reason;
	enum ps_colour colour = PS_DIM;

	words_of(told, &action, &reason);
	if (told->end == PS_REPLAY_JUDGED)
		colour = ps_replay_colour[ps_reason_info[told->verdict.reason].action];
	printf("%llu %.6f %s ", (unsigned long long)frame->number, seconds_of(replay, frame),
	       told->incoming ? "in" : "out");
	ps_print_coloured(stdout, colour, action);
	printf(" %s", reason);
	if (has_addresses(told))
		printf(" %u %s > %s", packet->protocol,
		       ps_replay_end(from, packet, &packet->src, packet->sport),
		       ps_replay_end(to, packet, &packet->dst, packet->dport));
	if (*context_of(context, told))
		printf(" (%s)", context);
	putchar('\n');
}

json_t *ps_replay_json_verdict(const struct ps_replay *replay, const struct ps_capture_frame *frame,
			       const struct ps_replay_told *told)
{
	char from[PS_ITEM_MAX], to[PS_ITEM_MAX], context[PS_ITEM_MAX];
	const struct ps_packet *packet = &told->packet;
	const char *action, *reason;
	json_t *object;

	words_of(told, &action, &reason);
	object = json_pack("{s:I, s:f, s:b, s:s, s:s}", "packet", (json_int_t)frame->number,
			   "seconds", seconds_of(replay, frame), "incoming", told->incoming,
			   "verdict", action, "reason", reason);
	if (has_addresses(told)) {
		json_object_set_new(object, "protocol", json_integer(packet->protocol));
		json_object_set_new(
			object, "source",
			json_string(ps_replay_end(from, packet, &packet->src, packet->sport)));
		json_object_set_new(
			object, "destination",
			json_string(ps_replay_end(to, packet, &packet->dst, packet->dport)));
	}
	if (*context_of(context, told))
		json_object_set_new(object, "context", json_string(context));
	return object;
}

/* Whether anything went to or from the context. */
static bool has_seen(const struct ps_host_context *context)
{
	enum ps_reason i;

	for (i = 0; i < PS_REASONS; i++)
		if (context->reason[i].packets)
			return true;
	return false;
}

static void print_context(struct ps_replay *replay, struct ps_host_context *context)
{
	const char *instance = replay->host.rules.instance->name;
	char name[PS_ITEM_MAX];
	u32 i;

	ps_format_context(name, &context->core.id);
	printf("\n%s/%s/stats\n", instance, name);
	printf("%-11s: 0x%04x\n", "status", ps_host_status(context, replay->now));
	for (i = 0; i < PS_CONTEXT_COUNTERS; i++)
		printf("%-11s: %llu\n", ps_context_counter_name[i],
		       (unsigned long long)ps_host_stat(context, i));
	printf("\n%s/%s/drops\n", instance, name);
	for (i = 0; i < PS_REASONS; i++)
		if (ps_reason_is_drop(i) && context->reason[i].packets)
			printf("%s %llu %llu\n", ps_reason_info[i].name,
			       (unsigned long long)context->reason[i].packets,
			       (unsigned long long)context->reason[i].bytes);
}

void ps_replay_print(struct ps_replay *replay)
{
	const struct ps_model_instance *instance = replay->host.rules.instance;
	u32 i;

	printf("%llu packets in, %llu out, in %.3f s; %llu replies of the module left out\n",
	       (unsigned long long)replay->incoming, (unsigned long long)replay->outgoing,
	       (double)(replay->now - replay->first) / 1e9, (unsigned long long)replay->replies);
	printf("\n%s/stats\n", instance->name);
	for (i = 0; i < PS_INSTANCE_COUNTERS; i++)
		printf("%-10s: %llu\n", ps_instance_counter_name[i],
		       (unsigned long long)replay->host.counter[i]);
	for (i = 0; i < instance->contexts; i++)
		if (!i || has_seen(&replay->host.context[i]))
			print_context(replay, &replay->host.context[i]);
}

static json_t *json_context(struct ps_replay *replay, struct ps_host_context *context)
{
	json_t *stats = json_object(), *drops = json_array();
	char name[PS_ITEM_MAX];
	u32 i;

	ps_format_context(name, &context->core.id);
	for (i = 0; i < PS_CONTEXT_COUNTERS; i++)
		json_object_set_new(stats, ps_context_counter_name[i],
				    json_integer((json_int_t)ps_host_stat(context, i)));
	for (i = 0; i < PS_REASONS; i++)
		if (ps_reason_is_drop(i) && context->reason[i].packets)
			json_array_append_new(
				drops,
				json_pack("{s:s, s:I, s:I}", "reason", ps_reason_info[i].name,
					  "packets", (json_int_t)context->reason[i].packets,
					  "bytes", (json_int_t)context->reason[i].bytes));
	return json_pack("{s:s, s:I, s:o, s:o}", "name", name, "status",
			 (json_int_t)ps_host_status(context, replay->now), "stats", stats, "drops",
			 drops);
}

json_t *ps_replay_json(struct ps_replay *replay)
{
	const struct ps_model_instance *instance = replay->host.rules.instance;
	json_t *stats = json_object(), *contexts = json_array();
	u32 i;

	for (i = 0; i < PS_INSTANCE_COUNTERS; i++)
		json_object_set_new(stats, ps_instance_counter_name[i],
				    json_integer((json_int_t)replay->host.counter[i]));
	for (i = 0; i < instance->contexts; i++)
		if (!i || has_seen(&replay->host.context[i]))
			json_array_append_new(contexts,
					      json_context(replay, &replay->host.context[i]));
	return json_pack("{s:{s:I, s:I, s:I, s:I, s:f}, s:[{s:s, s:o, s:o}]}", "capture",
			 "incoming", (json_int_t)replay->incoming, "outgoing",
			 (json_int_t)replay->outgoing, "replies", (json_int_t)replay->replies,
			 "cut", (json_int_t)replay->cut, "seconds",
			 (double)(replay->now - replay->first) / 1e9, "instances", "name",
			 instance->name, "stats", stats, "contexts", contexts);
}
