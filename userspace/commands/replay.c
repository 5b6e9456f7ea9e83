// SPDX-License-Identifier: GPL-2.0-or-later
/* replay: what a configuration would make of a capture. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "config_file.h"
#include "option_text.h"
#include "replay_print.h"
#include "suggest.h"

#define MTU_MIN 576
#define MTU_MAX 65535

/**
 * struct wanted - what is to be replayed, and how
 * @path: the capture
 * @model: the configuration
 * @instance: of it
 * @replay: made
 * @json: tell it as JSON
 * @verdicts: what is told of each packet, as JSON
 * @each: tell each packet
 */
struct wanted {
	const char *path;
	struct ps_model model;
	const struct ps_model_instance *instance;
	struct ps_replay replay;
	bool json;
	bool each;
	json_t *verdicts;
};

static int refuse(const char *what, const char *hint)
{
	ps_print_error("replay: %s", what);
	ps_print_hint("%s", hint);
	return PS_EXIT_USAGE;
}

static int choose_instance(struct wanted *wanted, const char *name)
{
	struct ps_suggest suggest = PS_SUGGEST(name ? name : "");
	u32 i;

	if (!name && wanted->model.instances == 1) {
		wanted->instance = &wanted->model.instance[0];
		return PS_EXIT_OK;
	}
	if (!name)
		return refuse(wanted->model.instances ? "the file has several instances" :
							"the file has no instance",
			      "--instance NAME says which");
	wanted->instance = ps_model_find_instance(&wanted->model, name, strlen(name));
	if (wanted->instance)
		return PS_EXIT_OK;
	ps_print_error("replay: the file has no instance \"%s\"", name);
	for (i = 0; i < wanted->model.instances; i++)
		ps_suggest_try(&suggest, wanted->model.instance[i].name);
	ps_suggest_tell(&suggest);
	return PS_EXIT_USAGE;
}

/* Addresses with commas between. */
static int read_macs(struct ps_replay *replay, const char *text)
{
	size_t length;
	s64 value;
	int i;

	for (;; text += length + 1) {
		length = strcspn(text, ",");
		if (replay->macs == PS_REPLAY_MACS || ps_option_parse_mac(text, length, &value))
			return refuse("--mac takes Ethernet addresses, with commas between",
				      "--mac 02:00:00:00:00:01");
		for (i = 0; i < PS_MAC_BYTES; i++)
			replay->mac[replay->macs][i] = (u8)(value >> (40 - 8 * i));
		replay->macs++;
		if (!text[length])
			return PS_EXIT_OK;
	}
}

static int read_flags(struct wanted *wanted, const struct ps_arguments *arguments)
{
	const char *mtu = ps_command_flag(arguments, "--mtu");
	const char *mac = ps_command_flag(arguments, "--mac");
	s64 value = PS_REPLAY_MTU;

	if (mtu && ps_parse_integer(mtu, strlen(mtu), MTU_MIN, MTU_MAX, &value))
		return refuse("--mtu takes 576 to 65535", "1500 is what Ethernet mostly has");
	wanted->replay.mtu = (u32)value;
	wanted->replay.trust = ps_command_flag(arguments, "--trust-checksums");
	wanted->json = ps_command_flag(arguments, "--json");
	wanted->each = ps_command_flag(arguments, "--verdicts");
	if (mac)
		return read_macs(&wanted->replay, mac);
	if (!strcmp(wanted->path, "-"))
		return refuse("standard input can be read only once, so --mac is needed",
			      "--mac is the address of the interface that was captured on");
	return PS_EXIT_OK;
}

static int open_capture(const struct wanted *wanted, struct ps_capture *capture)
{
	FILE *from = strcmp(wanted->path, "-") ? fopen(wanted->path, "re") : stdin;

	if (from)
		return ps_capture_open(capture, from, wanted->path);
	ps_print_error("%s: %s", wanted->path, strerror(errno));
	return PS_EXIT_FAILED;
}

/* A walk of its own through the file. */
static int find_mac(struct wanted *wanted)
{
	struct ps_replay_sides sides = PS_REPLAY_SIDES(wanted->instance);
	struct ps_capture_frame frame;
	struct ps_capture capture;
	int got;

	if (open_capture(wanted, &capture))
		return PS_EXIT_FAILED;
	while ((got = ps_capture_next(&capture, &frame)) > 0)
		ps_replay_sides_see(&sides, &frame);
	ps_capture_close(&capture);
	if (got < 0)
		return PS_EXIT_FAILED;
	if (!ps_replay_sides_find(&sides, wanted->replay.mac[0])) {
		ps_print_error("%s: which frames came in and which went out isn't clear",
			       wanted->path);
		ps_print_hint("--mac says which address the interface has that was captured on");
		return PS_EXIT_FAILED;
	}
	wanted->replay.macs = 1;
	return PS_EXIT_OK;
}

static void tell(struct wanted *wanted, const struct ps_capture_frame *frame,
		 const struct ps_replay_told *told)
{
	if (!wanted->each)
		return;
	if (wanted->json)
		json_array_append_new(wanted->verdicts,
				      ps_replay_json_verdict(&wanted->replay, frame, told));
	else
		ps_replay_print_verdict(&wanted->replay, frame, told);
}

static int replay_all(struct wanted *wanted)
{
	struct ps_capture_frame frame;
	struct ps_replay_told told;
	struct ps_capture capture;
	int got;

	if (open_capture(wanted, &capture))
		return PS_EXIT_FAILED;
	while ((got = ps_capture_next(&capture, &frame)) > 0) {
		ps_replay_frame(&wanted->replay, &frame, &told);
		tell(wanted, &frame, &told);
	}
	ps_capture_close(&capture);
	return got < 0 ? PS_EXIT_FAILED : PS_EXIT_OK;
}

static int print(struct wanted *wanted)
{
	json_t *json;

	if (wanted->replay.cut) {
		ps_print_warning("%llu packets are left out: too little of them was captured",
				 (unsigned long long)wanted->replay.cut);
		ps_print_hint("tcpdump -s 0 captures whole packets");
	}
	if (!wanted->json) {
		ps_replay_print(&wanted->replay);
		return ps_print_finish();
	}
	json = ps_replay_json(&wanted->replay);
	if (wanted->each)
		json_object_set(json, "verdicts", wanted->verdicts);
	return ps_print_json(json, false);
}

static int replay(struct wanted *wanted, const struct ps_arguments *arguments)
{
	int result;

	ps_replay_make(&wanted->replay, wanted->instance);
	wanted->verdicts = json_array();
	result = read_flags(wanted, arguments);
	if (!result && !wanted->replay.macs)
		result = find_mac(wanted);
	if (!result)
		result = replay_all(wanted);
	if (!result)
		result = print(wanted);
	json_decref(wanted->verdicts);
	ps_replay_free(&wanted->replay);
	return result;
}

static int run(const struct ps_arguments *arguments)
{
	const char *config = ps_command_flag(arguments, "--config");
	struct wanted wanted = { .path = arguments->text[0] };
	int result;

	if (!config)
		return refuse("which configuration?", "--config FILE says it");
	result = ps_config_file_read(&wanted.model, config);
	if (!result)
		result = choose_instance(&wanted, ps_command_flag(arguments, "--instance"));
	if (!result)
		result = replay(&wanted, arguments);
	ps_model_free(&wanted.model);
	return result;
}

const struct ps_command ps_command_replay = {
	.name = "replay",
	.arguments = "FILE --config FILE",
	.summary = "what a configuration would make of a capture",
	.help = "Runs the engine of the module over a capture (pcap or pcapng, of Ethernet),\n"
		"each packet at the time when it was captured, and prints what the files stats\n"
		"and drops would say. Needs neither the module nor rights. FILE may be -.\n\n"
		"Frames from the MAC of this host go out, all others come in; where --mac\n"
		"doesn't say it, the addresses of contexts tell, or the one MAC that all frames\n"
		"have in common. SYNs that a cookie would answer are taken to be answered by\n"
		"the SYN+ACK that follows in the capture, which isn't counted, and an ACK that\n"
		"acknowledges that one to return a valid cookie. Outgoing TCP is taken for that\n"
		"of connected sockets, from x_tcp_ports for that of servers behind this host.\n"
		"Retries are left out where Initials would get them; their tokens are checked\n"
		"by the cluster_secret of the configuration: \"keep\" knows none.\n"
		"Captures on virtual interfaces hold unfinished checksums: see\n"
		"--trust-checksums.\n\n"
		"    tcpdump -i eth0 -s 0 -w day.pcap\n"
		"    packetshield replay day.pcap --config new.conf --verdicts",
	.min = 1,
	.max = 1,
	.flags = { PS_FLAG_JSON,
		   { .name = "--config", .value = "FILE", .doc = "the configuration to try" },
		   { .name = "--instance",
		     .value = "NAME",
		     .doc = "of the file, if it has several" },
		   { .name = "--verdicts",
		     .doc = "tell of each packet what becomes of it, and why" },
		   { .name = "--mac",
		     .value = "MAC,...",
		     .doc = "addresses of the interface that was captured on" },
		   { .name = "--mtu",
		     .value = "BYTES",
		     .doc = "longer frames stand for several packets; 1500 if not said" },
		   { .name = "--trust-checksums",
		     .doc = "don't verify checksums of TCP, UDP, ICMP" } },
	.run = run,
};
