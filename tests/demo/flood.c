// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * flood: a small packet generator for the demonstration, on Linux's packet
 * sockets. It builds a pool of frames of one attack and sends them round and
 * round, as fast as one thread can, past every queue of the sending host.
 *
 * Theory of the cost: on a veth wire the sender's softirq carries a packet all
 * the way, through the switch, the shield and the stack, before the next one
 * goes out. So the time that a batch takes is the processor's time for all of
 * that. The batch at the lower quartile stands for the run: the upper ones hold
 * what the machine did besides, and the host under an emulated processor.
 *
 * Invariant: what it reports as sent is what the kernel took, between the two
 * times, CLOCK_MONOTONIC in nanoseconds, that it reports as first and last.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/ether.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "attacks.h"

#define POOL		16384	/* different frames of an attack */
#define BATCH		64	/* frames given to the kernel at once; divides POOL */
#define SECOND		1000000000ULL	/* in nanoseconds */
#define TIMES		65536	/* batches that are timed, the first ones */

static struct frame pool[POOL];
static uint32_t times[TIMES];	/* ns per packet */
static size_t timed;
static volatile sig_atomic_t stopped;

struct arguments {
	const struct attack *attack;
	const char *interface;
	struct ether_addr mac;
	struct in_addr destination;
	uint64_t count;
	uint64_t seconds;
};

static void die(const char *what)
{
	fprintf(stderr, "flood: %s: %s\n", what, errno ? strerror(errno) : "not valid");
	exit(1);
}

/* A socket that sends on the interface, whose address becomes the source. */
static int open_interface(const char *name, struct ethhdr *link)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET };
	int fd = socket(AF_PACKET, SOCK_RAW, 0);
	struct ifreq request = { 0 };
	int one = 1;

	strncpy(request.ifr_name, name, IFNAMSIZ - 1);
	if (fd < 0 || ioctl(fd, SIOCGIFHWADDR, &request) < 0)
		die(name);
	memcpy(link->h_source, request.ifr_hwaddr.sa_data, ETH_ALEN);
	address.sll_ifindex = (int)if_nametoindex(name);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &one, sizeof(one)) < 0)
		die(name);
	return fd;
}

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * SECOND + (uint64_t)time.tv_nsec;
}

static void keep_time(uint64_t nanoseconds)
{
	if (timed < TIMES)
		times[timed++] = (uint32_t)nanoseconds;
}

static int compare_times(const void *left, const void *right)
{
	const uint32_t *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

static uint32_t lower_quartile(void)
{
	qsort(times, timed, sizeof(times[0]), compare_times);
	return timed ? times[timed / 4] : 0;
}

/* What has been sent, and when, in nanoseconds of CLOCK_MONOTONIC. */
struct run {
	uint64_t sent;
	uint64_t first;
	uint64_t last;
};

static void prepare_messages(struct mmsghdr *messages)
{
	static struct iovec vectors[POOL][2];
	static char zeros[ETH_DATA_LEN];
	unsigned int i;

	for (i = 0; i < POOL; i++) {
		size_t rest = attack_frame_zeros(&pool[i]);

		vectors[i][0].iov_base = &pool[i].link;
		vectors[i][0].iov_len = attack_frame_length(&pool[i]) - rest;
		vectors[i][1].iov_base = zeros;
		vectors[i][1].iov_len = rest;
		messages[i].msg_hdr.msg_iov = vectors[i];
		messages[i].msg_hdr.msg_iovlen = rest ? 2 : 1;
	}
}

/*
 * Send until told to stop, until the count or for so many seconds. Whoever
 * waits for the start is told when the first frames have gone: woken earlier,
 * he could take the processor before they do.
 */
static struct run send_frames(int fd, uint64_t count, uint64_t seconds)
{
	static struct mmsghdr messages[POOL];
	uint64_t sent = 0, first_start, start, end;

	prepare_messages(messages);
	first_start = now();
	for (start = first_start; !stopped && sent < count && start < first_start + seconds * SECOND;
	     start = end) {
		unsigned int first = sent % POOL, batch = BATCH - first % BATCH;
		int done;

		if (batch > count - sent)
			batch = (unsigned int)(count - sent);
		done = sendmmsg(fd, &messages[first], batch, 0);
		end = now();
		if (done > 0)
			sent += (unsigned int)done;
		else if (errno != ENOBUFS && errno != EAGAIN && errno != EINTR)
			die("send");
		if (done == BATCH)
			keep_time((end - start) / BATCH);
		if (start == first_start) {
			printf("started\n");
			fflush(stdout);
		}
	}
	return (struct run){ .sent = sent, .first = first_start, .last = start };
}

static void stop(int signal)
{
	(void)signal;
	stopped = 1;
}

static void read_argument(struct arguments *arguments, int option)
{
	errno = 0;
	switch (option) {
	case 'a':
		arguments->attack = attack_find(optarg);
		if (!arguments->attack)
			die(optarg);
		return;
	case 'i':
		arguments->interface = optarg;
		return;
	case 'm':
		if (!ether_aton_r(optarg, &arguments->mac))
			die(optarg);
		return;
	case 'd':
		if (!inet_aton(optarg, &arguments->destination))
			die(optarg);
		return;
	case 'c':
		arguments->count = strtoull(optarg, NULL, 10);
		return;
	case 's':
		arguments->seconds = strtoull(optarg, NULL, 10);
		return;
	default:
		fputs("usage: flood --attack NAME --interface NAME --destination-mac MAC\n"
		      "             --destination ADDRESS [--count N] [--seconds N]\n", stderr);
		exit(2);
	}
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "attack", required_argument, NULL, 'a' },
		{ "interface", required_argument, NULL, 'i' },
		{ "destination-mac", required_argument, NULL, 'm' },
		{ "destination", required_argument, NULL, 'd' },
		{ "count", required_argument, NULL, 'c' },
		{ "seconds", required_argument, NULL, 's' },
		{ 0 },
	};
	struct arguments arguments = { .count = UINT64_MAX, .seconds = 3600 };
	struct ethhdr link = { .h_proto = htons(ETH_P_IP) };
	struct run run;
	unsigned int i;
	int option, fd;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		read_argument(&arguments, option);
	if (!arguments.attack || !arguments.interface || !arguments.destination.s_addr)
		read_argument(&arguments, '?');
	memcpy(link.h_dest, &arguments.mac, ETH_ALEN);
	fd = open_interface(arguments.interface, &link);
	for (i = 0; i < POOL; i++)
		attack_build(arguments.attack, &pool[i], i, &link, arguments.destination.s_addr);
	signal(SIGTERM, stop);
	signal(SIGINT, stop);

	run = send_frames(fd, arguments.count, arguments.seconds);
	printf("sent=%llu first=%llu last=%llu cost=%u\n", (unsigned long long)run.sent,
	       (unsigned long long)run.first, (unsigned long long)run.last, lower_quartile());
	return 0;
}
