// SPDX-License-Identifier: GPL-2.0-or-later
/* capture: the packets that come in, and what becomes of them. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture_run.h"
#include "names.h"
#include "print.h"

#define INSTANCES "/sys/packetshield/instances"

/* All there are: a list of one page at most, which the kernel sees to. */
static int read_instances(char ***names, u32 *count)
{
	FILE *file = fopen(INSTANCES, "re");
	char *line = NULL;
	size_t room = 0;
	ssize_t length;

	if (!file) {
		if (errno == ENOENT) {
			ps_print_error("the module packetshield isn't loaded");
			ps_print_hint("modprobe packetshield");
		} else {
			ps_print_error(INSTANCES ": %s", strerror(errno));
		}
		return PS_EXIT_UNAVAILABLE;
	}
	while ((length = getline(&line, &room, file)) > 0) {
		line[strcspn(line, "\n")] = '\0';
		*names = ps_print_allocate(*names, (*count + 1) * sizeof(**names));
		(*names)[(*count)++] = strdup(line);
	}
	free(line);
	fclose(file);
	return PS_EXIT_OK;
}

static int read_number(const struct ps_arguments *arguments, const char *flag, s64 *value)
{
	const char *text = ps_command_flag(arguments, flag);

	if (!text || !ps_parse_integer(text, strlen(text), 1, INT32_MAX, value))
		return PS_EXIT_OK;
	ps_print_error("capture: %s: \"%s\" is no number from 1 on", flag, text);
	return PS_EXIT_USAGE;
}

/* INSTANCE [CONTEXT]; the context may be told by a flag too. */
static int read_place(const struct ps_arguments *arguments, struct ps_place *place,
		      struct ps_capture_run *run)
{
	int result = ps_names_place_only(arguments, place);

	if (result || !place->context[0])
		return result;
	if (run->filter.context[0] && strcmp(run->filter.context, place->context)) {
		ps_print_error("capture: two contexts are asked for, %s and %s", place->context,
			       run->filter.context);
		return PS_EXIT_USAGE;
	}
	strcpy(run->filter.context, place->context);
	return PS_EXIT_OK;
}

static int read_flags(const struct ps_arguments *arguments, struct ps_capture_run *run)
{
	int result = ps_capture_filter_read(&run->filter, arguments);

	run->path = ps_command_flag(arguments, "-w");
	run->old = ps_command_flag(arguments, "--old");
	if (!result)
		result = read_number(arguments, "-c", &run->count);
	if (!result)
		result = read_number(arguments, "--count", &run->count);
	if (!result)
		result = read_number(arguments, "--seconds", &run->seconds);
	return result;
}

/* Packets are for nobody else to read. */
static int open_file(struct ps_capture_run *run)
{
	int file;

	if (!run->path)
		return PS_EXIT_OK;
	if (!strcmp(run->path, "-")) {
		if (isatty(STDOUT_FILENO)) {
			ps_print_error("capture: -w -: that isn't for a terminal");
			ps_print_hint("packetshield capture -w - | tshark -r -");
			return PS_EXIT_USAGE;
		}
		run->to = stdout;
		return PS_EXIT_OK;
	}
	file = open(run->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	run->to = file < 0 ? NULL : fdopen(file, "w");
	if (run->to)
		return PS_EXIT_OK;
	ps_print_error("%s: %s", run->path, strerror(errno));
	return PS_EXIT_FAILED;
}

static int close_file(struct ps_capture_run *run)
{
	bool failed = run->to && ferror(run->to);

	if (!run->to || run->to == stdout || !fclose(run->to) || failed)
		return PS_EXIT_OK;
	ps_print_error("%s: %s", run->path, strerror(errno));
	return PS_EXIT_FAILED;
}

static int capture(struct ps_capture_run *run, char **names, u32 count)
{
	int result, last;

	if (!count) {
		ps_print_error("there are no instances");
		ps_print_hint("packetshield add instances NAME makes one");
		return PS_EXIT_FAILED;
	}
	result = open_file(run);
	if (result)
		return result;
	result = ps_capture_run(run, names, count);
	last = close_file(run);
	return result ? result : last;
}

static int run(const struct ps_arguments *arguments)
{
	struct ps_capture_run wanted = {};
	struct ps_place place;
	char **names = NULL;
	u32 i, count = 0;
	int result;

	result = read_flags(arguments, &wanted);
	if (!result)
		result = read_place(arguments, &place, &wanted);
	if (!result)
		result = read_instances(&names, &count);
	for (i = 0; i < count && !result && place.instance; i++)
		if (!strcmp(names[i], place.instance))
			break;
	if (!result && place.instance && i == count) {
		ps_print_error("%s: there is no such instance", place.instance);
		result = PS_EXIT_FAILED;
	}
	if (!result)
		result = place.instance ? capture(&wanted, &names[i], 1) :
					  capture(&wanted, names, count);
	for (i = 0; i < count; i++)
		free(names[i]);
	free(names);
	ps_capture_filter_free(&wanted.filter);
	return result;
}

const struct ps_command ps_command_capture = {
	.name = "capture",
	.arguments = "[INSTANCE [CONTEXT]]",
	.summary = "packets that come in, with what becomes of them and why",
	.help = "Prints a line for each packet that comes in: when, its interface, instance and\n"
		"context, the verdict and its reason, and its headers. With -w it writes a file\n"
		"of the form pcapng instead: the same is in a comment on each packet, and the\n"
		"number of those that were lost at the end. It ends by -c, --seconds, or when\n"
		"it is interrupted.\n"
		"\n"
		"What is lost has found no room in the kernel: less was read than came in.\n"
		"Packets that waited there before aren't told, but by --old. There is one\n"
		"reader: a later one, or one of raw.cap, takes packets away.\n"
		"\n"
		"Several verdicts or reasons stand with commas between.\n"
		"\n"
		"    packetshield capture myinst --verdict drop --filter 'tcp port 80'\n"
		"    packetshield capture -w - | tshark -r -",
	.min = 0,
	.max = 2,
	.flags = { { .name = "-w", .value = "FILE", .doc = "write pcapng; - is standard output" },
		   { .name = "-c", .value = "N", .doc = "end after N packets" },
		   { .name = "--count", .value = "N", .doc = "the same" },
		   { .name = "--seconds", .value = "N", .doc = "end after N seconds" },
		   { .name = "--verdict",
		     .value = "VERDICT",
		     .doc = "pass, deliver, drop, reply: those only" },
		   { .name = "--reason", .value = "REASON", .doc = "as of drops: those only" },
		   { .name = "--context", .value = "CONTEXT", .doc = "what that one judged only" },
		   { .name = "--filter",
		     .value = "EXPRESSION",
		     .doc = "what this matches only; see pcap-filter(7)" },
		   { .name = "--old", .doc = "also what waits to be read since before" } },
	.run = run,
};
