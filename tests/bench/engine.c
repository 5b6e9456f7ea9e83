// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * engine ROW [BATCHES]: what ps_judge() costs in userspace, on the very objects
 * that the purity check looks at. Prints one line
 *
 *	ROW ns=N p50=N p99=N cycles=N judged=N
 *
 * ns is the mean per packet over the faster half of the batches, like in the
 * kernel (module/run.c); p50 and p99 are of all batches. cycles is 0 where the
 * machine doesn't count them. judged is how many packets judge() had in all.
 *
 * Packets of a batch are made before its clock starts, from random clients of a
 * population; which of its tables are in the cache depends on how many there
 * are. Rows ending in _cold have one packet a batch, and memory as large as the
 * caches is read and written before each.
 *
 * Invariant: every verdict must be the one that the row is about, or there is
 * no figure.
 */
#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "engine_rig.h"

#define BATCH		64U
#define BATCHES		30000U
#define COLD_BATCHES	3000U
#define COLD_BYTES	(24U << 20)
#define WARM		2000U	/* batches before those that count */

/**
 * struct row - what is measured
 * @name: as in the report
 * @clients: population of the packets' sources
 * @denied: networks in the list
 * @sessions: every client has one
 * @protect: SYN cookies and the unmatched protection are on
 * @cold: nothing is in the caches
 * @flags: of the packets
 * @reason: what becomes of them
 */
struct row {
	const char *name;
	u32 clients;
	u32 denied;
	bool sessions;
	bool protect;
	bool cold;
	u8 flags;
	enum ps_reason reason;
};

#define DENY(name, n)	 { name, n, n, .flags = PS_TCP_SYN, .reason = PS_REASON_denied_source }
#define KNOWN(name, n)	 { name, n, 0, .sessions = true, .flags = PS_TCP_ACK, \
			   .reason = PS_REASON_established }
#define SYNS(name, n)	 { name, n, 0, .protect = true, .flags = PS_TCP_SYN, \
			   .reason = PS_REASON_syncookie }
#define STRAYS(name, n)	 { name, n, 0, .protect = true, .flags = PS_TCP_ACK, \
			   .reason = PS_REASON_unmatched_ack }

static const struct row rows[] = {
	DENY("engine_deny", 1000),
	KNOWN("engine_established", 1000),
	SYNS("engine_syn", 1000),
	STRAYS("engine_ack", 1000),
	DENY("engine_deny_1m", 1000000),
	KNOWN("engine_established_10k", 10000),
	KNOWN("engine_established_100k", 100000),
	KNOWN("engine_established_1m", 1000000),
	KNOWN("engine_established_10m", 10000000),
	SYNS("engine_syn_1m", 1000000),
	STRAYS("engine_ack_1m", 1000000),
	{ "engine_deny_cold", 1000, 1000, .cold = true, .flags = PS_TCP_SYN,
	  .reason = PS_REASON_denied_source },
	{ "engine_established_cold", 1000, 0, .sessions = true, .cold = true,
	  .flags = PS_TCP_ACK, .reason = PS_REASON_established },
	{ "engine_syn_cold", 1000, 0, .protect = true, .cold = true, .flags = PS_TCP_SYN,
	  .reason = PS_REASON_syncookie },
};

static struct rig rig;
static struct ps_packet packets[BATCH];
static struct ps_arrival arrivals[BATCH];
static struct ps_verdict verdicts[BATCH];
static u64 state = 1;

static void die(const char *what)
{
	fprintf(stderr, "engine: %s\n", what);
	exit(1);
}

static u64 now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (u64)time.tv_sec * RIG_SECOND + (u64)time.tv_nsec;
}

static void prepare(const struct row *row, u32 batch)
{
	u32 i, stride = population_stride(row->clients);

	for (i = 0; i < batch; i++) {
		u64 random = population_random(&state);
		u32 n = population_scale((u32)(random >> 32), row->clients);
		u32 src = population_network(n, stride).first;

		packets[i] = rig_packet(src, population_port(n), row->flags);
		arrivals[i] = (struct ps_arrival){
			.packet = &packets[i], .frame = &rig.frame, .instant = rig_instant(&rig),
		};
	}
}

/* Callgrind counts the instructions of this function and what it calls. */
static noinline void judge(u32 batch)
{
	u32 i;

	for (i = 0; i < batch; i++)
		ps_judge(&rig.engine, &arrivals[i], &verdicts[i]);
}

/* A session in a thousand may have been evicted by another one in a full line. */
static void check(const struct row *row, u32 batch, u32 *wrong)
{
	u32 i;

	for (i = 0; i < batch; i++)
		*wrong += verdicts[i].reason != row->reason;
}

static void chill(void)
{
	static u8 *memory;
	u32 i;

	if (!memory)
		memory = calloc(1, COLD_BYTES);
	for (i = 0; i < COLD_BYTES; i += 64)
		memory[i]++;
}

static int compare(const void *left, const void *right)
{
	const u32 *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

static int open_cycles(void)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_HARDWARE, .size = sizeof(attr),
		.config = PERF_COUNT_HW_CPU_CYCLES, .disabled = 1, .exclude_kernel = 1,
	};

	return (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
}

static void report(const struct row *row, u32 *times, u32 batches, u64 cycles, u32 judged)
{
	const u32 batch = row->cold ? 1 : BATCH, half = (batches + 1) / 2;
	u64 sum = 0;
	u32 i;

	qsort(times, batches, sizeof(*times), compare);
	for (i = 0; i < half; i++)
		sum += times[i];
	printf("%s ns=%.1f p50=%.1f p99=%.1f cycles=%.0f judged=%u\n", row->name,
	       (double)sum / half / batch, (double)times[batches / 2] / batch,
	       (double)times[batches - 1 - batches / 100] / batch,
	       (double)cycles / batches / batch, judged);
}

/* What two readings of the clock take: nothing much for 64 packets, a lot for one. */
static u32 clock_cost(void)
{
	u64 best = ~0ULL, start;
	u32 i;

	for (i = 0; i < 1000; i++) {
		start = now();
		best = min(best, now() - start);
	}
	return (u32)best;
}

static void measure(const struct row *row, u32 batches)
{
	const u32 batch = row->cold ? 1 : BATCH, warm = row->cold ? 10 : min(WARM, batches);
	u32 *times = calloc(batches, sizeof(*times)), cost = clock_cost(), wrong = 0, i;
	int counter = open_cycles();
	u64 start, cycles = 0;

	for (i = 0; i < warm + batches; i++) {
		prepare(row, batch);
		if (row->cold)
			chill();
		if (counter >= 0 && i >= warm)
			ioctl(counter, PERF_EVENT_IOC_ENABLE, 0);
		start = now();
		judge(batch);
		start = now() - start;
		if (counter >= 0 && i >= warm)
			ioctl(counter, PERF_EVENT_IOC_DISABLE, 0);
		if (i >= warm)
			times[i - warm] = start > cost ? (u32)start - cost : 0;
		check(row, batch, &wrong);
	}
	if ((u64)wrong * 1000 > (u64)(warm + batches) * batch)
		die("the packets weren't judged as they should have been");
	if (counter >= 0 && read(counter, &cycles, sizeof(cycles)) != sizeof(cycles))
		cycles = 0;
	report(row, times, batches, cycles, (warm + batches) * batch);
	free(times);
}

static const struct row *find(const char *name)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		if (!strcmp(rows[i].name, name))
			return &rows[i];
	return NULL;
}

int main(int argc, char **argv)
{
	const struct row *row = argc > 1 ? find(argv[1]) : NULL;
	u32 batches = argc > 2 ? (u32)atoi(argv[2]) : 0, i;

	if (argc == 2 && !strcmp(argv[1], "--rows")) {
		for (i = 0; i < ARRAY_SIZE(rows); i++)
			puts(rows[i].name);
		return 0;
	}
	if (!row)
		die("usage: engine ROW [BATCHES] | --rows");
	rig_init(&rig, row->clients);
	if (row->denied)
		rig_deny(&rig, row->denied);
	if (row->sessions)
		rig_open_sessions(&rig, row->clients);
	if (row->protect)
		rig_protect(&rig);
	measure(row, batches ? batches : row->cold ? COLD_BATCHES : BATCHES);
	rig_free(&rig);
	return 0;
}
