// SPDX-License-Identifier: GPL-2.0-or-later
/* See capture_run.h. */
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../kernel/version.h"
#include "capture_print.h"
#include "capture_run.h"
#include "pcapng.h"
#include "print.h"

#define SECOND	 1000000000ULL
#define PAUSE	 (SECOND / 50) /* where nothing is to be read */
#define PATIENCE ((PS_CAPTURE_PATIENCE + 50) * (SECOND / 1000))
#define DRAINS	 4096 /* slots that are old at most: more than there are */

/**
 * struct source - an instance that is captured
 * @name: of it
 * @slot: its reader
 * @is_open: there is something to read
 * @received: when it began, and since then
 * @lost: likewise
 * @accepted: packets that were wanted
 */
struct source {
	const char *name;
	struct ps_slot slot;
	bool is_open;
	u64 received;
	u64 lost;
	u64 accepted;
};

/**
 * struct device - an interface of an instance: its number in the file is its place
 * @source: the instance
 * @ifindex: 0: stands for one that received nothing
 * @name: of the interface
 */
struct device {
	const struct source *source;
	u32 ifindex;
	char name[IF_NAMESIZE + 16];
};

/**
 * struct state - a capture under way
 * @run: what is wanted
 * @source: the instances
 * @sources: how many
 * @device: the interfaces that were seen
 * @devices: how many
 * @since: when it began, nanoseconds since 1970
 * @until: when it ended; ~0: it hasn't yet
 * @deadline: of CLOCK_MONOTONIC, when it is to end; behind @until, when to look no more
 * @left: packets yet to come
 * @ended: nothing more is wanted
 * @result: enum ps_exit
 */
struct state {
	struct ps_capture_run *run;
	struct source *source;
	u32 sources;
	struct device *device;
	u32 devices;
	u64 since;
	u64 until;
	u64 deadline;
	s64 left;
	bool ended;
	int result;
};

static volatile sig_atomic_t interrupts;

static void interrupt(int number)
{
	(void)number;
	interrupts++;
}

static u64 clock_read(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return (u64)time.tv_sec * SECOND + (u64)time.tv_nsec;
}

static void end_source(struct state *state, struct source *source, int error)
{
	source->is_open = false;
	state->result = PS_EXIT_FAILED;
	if (error == -ENODEV)
		ps_print_error("%s: the instance was removed", source->name);
	else if (error == -ESTALE)
		ps_print_error("%s: another program reads the captures now", source->name);
	else
		ps_print_error("%s: %s", source->name, strerror(-error));
}

static struct device *add_device(struct state *state, const struct source *source, u32 ifindex)
{
	struct device *device;
	char text[128];

	state->device =
		ps_print_allocate(state->device, (state->devices + 1) * sizeof(*state->device));
	device = &state->device[state->devices++];
	*device = (struct device){ .source = source, .ifindex = ifindex };
	if (!ifindex)
		snprintf(device->name, sizeof(device->name), "none");
	else if (!if_indextoname(ifindex, device->name))
		snprintf(device->name, sizeof(device->name), "if%u", ifindex);
	snprintf(text, sizeof(text), "instance %s", source->name);
	if (state->run->to)
		ps_pcapng_interface(state->run->to, device->name, text);
	return device;
}

static struct device *find_device(struct state *state, const struct source *source, u32 ifindex)
{
	u32 i;

	for (i = 0; i < state->devices; i++)
		if (state->device[i].source == source && state->device[i].ifindex == ifindex)
			return &state->device[i];
	return add_device(state, source, ifindex);
}

static void tell(struct state *state, struct source *source, const struct ps_slot_packet *packet)
{
	const struct device *device = find_device(state, source, packet->ifindex);
	char comment[PS_CAPTURE_COMMENT_MAX];

	source->accepted++;
	if (state->run->to) {
		ps_capture_comment(comment, packet, source->name);
		ps_pcapng_packet(state->run->to, (u32)(device - state->device), &packet->frame,
				 comment);
	} else {
		ps_capture_print(packet, source->name, device->name);
	}
	state->ended = state->left && !--state->left;
}

static void take_slot(struct state *state, struct source *source)
{
	struct ps_slot_packet packet;
	int found;

	while (!state->ended && (found = ps_slot_next(&source->slot, &packet)) != 0) {
		if (found < 0) {
			end_source(state, source, found);
			break;
		}
		/* The kernel tells microseconds. */
		if ((state->run->old || packet.frame.time + 1000 > state->since) &&
		    packet.frame.time <= state->until &&
		    ps_capture_filter_wants(&state->run->filter, &packet))
			tell(state, source, &packet);
	}
}

static bool read_sources(struct state *state)
{
	bool found = false;
	int got;
	u32 i;

	for (i = 0; i < state->sources && !state->ended; i++) {
		if (!state->source[i].is_open)
			continue;
		got = ps_slot_read(&state->source[i].slot);
		if (got < 0)
			end_source(state, &state->source[i], got);
		else if (got)
			take_slot(state, &state->source[i]);
		found |= got > 0;
	}
	return found;
}

static FILE *output(const struct state *state)
{
	return state->run->to ? state->run->to : stdout;
}

/* Who reads a pipe no more has seen enough. */
static void flush(struct state *state)
{
	struct pollfd poll_of = { .fd = fileno(output(state)) };

	errno = 0;
	if (fflush(output(state)) || ferror(output(state))) {
		state->ended = true;
		state->result = PS_EXIT_FAILED;
		if (errno != EPIPE)
			ps_print_error("%s: %s",
				       state->run->to ? state->run->path : "standard output",
				       strerror(errno));
		return;
	}
	if (poll(&poll_of, 1, 0) > 0 && poll_of.revents & (POLLERR | POLLNVAL))
		state->ended = true;
}

static bool any_open(const struct state *state)
{
	u32 i;

	for (i = 0; i < state->sources; i++)
		if (state->source[i].is_open)
			return true;
	return false;
}

/* Whether it is time to end: packets from before wait in slots for a while yet. */
static void look_at_clock(struct state *state, bool found)
{
	u64 now = clock_read(CLOCK_MONOTONIC);

	if (state->until == ~0ULL && (interrupts || (state->deadline && now >= state->deadline))) {
		state->until = clock_read(CLOCK_REALTIME);
		state->deadline = now + PATIENCE;
	} else if (state->until != ~0ULL && now >= state->deadline &&
		   (!found || now >= state->deadline + SECOND)) {
		state->ended = true;
	}
	if (interrupts > 1 || !any_open(state))
		state->ended = true;
}

static void loop(struct state *state)
{
	const struct timespec pause = { .tv_nsec = PAUSE };
	bool found;

	while (!state->ended) {
		found = read_sources(state);
		flush(state);
		look_at_clock(state, found);
		if (!found && !state->ended)
			nanosleep(&pause, NULL);
	}
}

static int open_source(struct state *state, struct source *source)
{
	int error = ps_slot_open(&source->slot, source->name), drains = DRAINS, got = 1;

	if (error == -EACCES || error == -EPERM) {
		ps_print_error("%s: %s", source->name, strerror(-error));
		ps_print_hint("captures are for root");
		return PS_EXIT_UNAVAILABLE;
	}
	while (!error && !state->run->old && got > 0 && drains--)
		got = ps_slot_read(&source->slot);
	error = error ? error : got < 0 ? got : 0;
	if (!error)
		error = ps_slot_counts(source->name, &source->received, &source->lost);
	if (error) {
		ps_print_error("%s: %s", source->name,
			       error == -ENOENT ? "there is no such instance" : strerror(-error));
		return PS_EXIT_FAILED;
	}
	source->is_open = true;
	return PS_EXIT_OK;
}

static void write_statistics(struct state *state, struct source *source)
{
	struct ps_pcapng_counts counts = {
		.begin = state->since,
		.end = clock_read(CLOCK_REALTIME),
		.received = source->received,
		.lost = source->lost,
		.accepted = source->accepted,
	};
	char text[128];
	u32 i;

	for (i = 0; i < state->devices; i++)
		if (state->device[i].source == source)
			break;
	if (i == state->devices)
		add_device(state, source, 0);
	snprintf(text, sizeof(text), "of all interfaces of instance %s", source->name);
	ps_pcapng_statistics(state->run->to, i, &counts, text);
}

/* What there was since it began; of an instance that is gone nobody knows any more. */
static void conclude(struct state *state)
{
	u64 received, lost, total[3] = {};
	struct source *source;
	u32 i;

	for (i = 0; i < state->sources; i++) {
		source = &state->source[i];
		if (ps_slot_counts(source->name, &received, &lost) || received < source->received) {
			received = source->received;
			lost = source->lost;
		}
		source->received = received - source->received;
		source->lost = lost - source->lost;
		if (state->run->to && !ferror(state->run->to))
			write_statistics(state, source);
		total[0] += source->accepted;
		total[1] += source->received;
		total[2] += source->lost;
	}
	if (!ferror(output(state)))
		flush(state);
	fprintf(stderr, "%llu packets captured, %llu received, %llu lost for want of room\n",
		(unsigned long long)total[0], (unsigned long long)total[1],
		(unsigned long long)total[2]);
}

static void start(struct state *state)
{
	struct sigaction action = { .sa_handler = interrupt };

	interrupts = 0;
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	state->since = clock_read(CLOCK_REALTIME);
	state->until = ~0ULL;
	if (state->run->seconds)
		state->deadline = clock_read(CLOCK_MONOTONIC) + (u64)state->run->seconds * SECOND;
	state->left = state->run->count;
	if (state->run->to)
		ps_pcapng_begin(state->run->to, "packetshield " PS_VERSION);
	flush(state);
}

int ps_capture_run(struct ps_capture_run *run, char *const *name, u32 names)
{
	struct state state = { .run = run, .sources = names };
	u32 i;

	state.source = ps_print_allocate(NULL, names * sizeof(*state.source));
	for (i = 0; i < names; i++)
		state.source[i] = (struct source){ .name = name[i], .slot.file = -1 };
	for (i = 0; i < names && !state.result; i++)
		state.result = open_source(&state, &state.source[i]);
	if (!state.result) {
		start(&state);
		loop(&state);
		conclude(&state);
	}
	for (i = 0; i < names; i++)
		ps_slot_close(&state.source[i].slot);
	free(state.source);
	free(state.device);
	return state.result;
}
