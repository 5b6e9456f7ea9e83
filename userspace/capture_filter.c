// SPDX-License-Identifier: GPL-2.0-or-later
/* See capture_filter.h. */
#include <packetshield/capture.h>
#include <string.h>

#include "capture_filter.h"
#include "names.h"
#include "print.h"
#include "suggest.h"

#define WORD_MAX 128 /* more than any has */

static const char *const word[] = {
	[PS_PASS] = "pass",
	[PS_DELIVER] = "deliver",
	[PS_DROP] = "drop",
	[PS_REPLY] = "reply",
};

const char *ps_capture_filter_word(enum ps_action verdict)
{
	return word[verdict];
}

static int refuse(const char *flag, struct ps_suggest *suggest, const char *hint)
{
	ps_print_error("capture: %s: there is no \"%s\"", flag, suggest->word);
	if (suggest->best)
		ps_suggest_tell(suggest);
	else
		ps_print_hint("%s", hint);
	return PS_EXIT_USAGE;
}

static int add_verdict(struct ps_capture_filter *filter, const char *text)
{
	struct ps_suggest suggest = PS_SUGGEST(text);
	unsigned int i;

	for (i = 0; i < sizeof(word) / sizeof(word[0]); i++) {
		if (!strcmp(text, word[i])) {
			filter->verdict |= 1U << i;
			return PS_EXIT_OK;
		}
		ps_suggest_try(&suggest, word[i]);
	}
	return refuse("--verdict", &suggest, "pass, deliver, drop, reply");
}

/* Reasons of packets that go out are never those of one that came in. */
static bool is_incoming(enum ps_reason reason)
{
	return ps_reason_info[reason].action <= PS_REPLY;
}

static int add_reason(struct ps_capture_filter *filter, const char *text)
{
	struct ps_suggest suggest = PS_SUGGEST(text);
	enum ps_reason i;

	for (i = 1; i < PS_REASONS; i++) {
		if (!is_incoming(i))
			continue;
		if (!strcmp(text, ps_reason_info[i].name)) {
			filter->reason[i] = true;
			return PS_EXIT_OK;
		}
		ps_suggest_try(&suggest, ps_reason_info[i].name);
	}
	return refuse("--reason", &suggest, "docs/reasons.md lists them");
}

/* Each of some words with commas between. */
static int add_words(struct ps_capture_filter *filter, const char *text,
		     int (*add)(struct ps_capture_filter *filter, const char *text))
{
	char one[WORD_MAX];
	size_t length;
	int result;

	for (;; text += length + 1) {
		length = strcspn(text, ",");
		snprintf(one, sizeof(one), "%.*s", (int)length, text);
		result = add(filter, one);
		if (result || !text[length])
			return result;
	}
}

static int read_context(struct ps_capture_filter *filter, const char *text)
{
	struct ps_context_id id = {};

	if (strcmp(text, "Other") && ps_parse_context(text, strlen(text), &id)) {
		ps_print_error("capture: --context: \"%s\" can't be the name of a context", text);
		ps_print_hint("Other, ADDRESS or ADDRESS@VLAN");
		return PS_EXIT_USAGE;
	}
	ps_format_context(filter->context, &id);
	return PS_EXIT_OK;
}

static int compile(struct ps_capture_filter *filter, const char *text)
{
	pcap_t *pcap = pcap_open_dead(DLT_EN10MB, PS_CAPTURE_FRAME_MAX);
	int result = PS_EXIT_OK;

	if (pcap_compile(pcap, &filter->program, text, 1, PCAP_NETMASK_UNKNOWN)) {
		ps_print_error("capture: --filter: %s", pcap_geterr(pcap));
		ps_print_hint(
			"pcap-filter(7) tells what it takes: 'tcp port 80 and net 10.0.0.0/8'");
		filter->program = (struct bpf_program){};
		result = PS_EXIT_USAGE;
	}
	pcap_close(pcap);
	return result;
}

int ps_capture_filter_read(struct ps_capture_filter *filter, const struct ps_arguments *arguments)
{
	const char *verdict = ps_command_flag(arguments, "--verdict");
	const char *reason = ps_command_flag(arguments, "--reason");
	const char *context = ps_command_flag(arguments, "--context");
	const char *expression = ps_command_flag(arguments, "--filter");
	int result = PS_EXIT_OK;

	*filter = (struct ps_capture_filter){ .any_reason = !reason };
	if (verdict)
		result = add_words(filter, verdict, add_verdict);
	else
		filter->verdict = ~0U;
	if (!result && reason)
		result = add_words(filter, reason, add_reason);
	if (!result && context)
		result = read_context(filter, context);
	if (!result && expression)
		result = compile(filter, expression);
	return result;
}

void ps_capture_filter_free(struct ps_capture_filter *filter)
{
	if (filter->program.bf_insns)
		pcap_freecode(&filter->program);
}

bool ps_capture_filter_wants(const struct ps_capture_filter *filter,
			     const struct ps_slot_packet *packet)
{
	const struct ps_capture_frame *frame = &packet->frame;

	return filter->verdict >> packet->verdict & 1 &&
	       (filter->any_reason || filter->reason[packet->reason]) &&
	       (!filter->context[0] || !strcmp(filter->context, packet->context)) &&
	       (!filter->program.bf_insns ||
		bpf_filter(filter->program.bf_insns, frame->data, frame->length, frame->captured));
}
