// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * goodput_client ADDRESS RATE SECONDS PATIENCE: a crowd of visitors.
 *
 * Begins RATE requests a second on average, each over a connection of its own,
 * whether the earlier ones have been answered or not, at moments that follow no
 * rhythm: one of the guest's timers may have the same. Gives each PATIENCE
 * seconds from its beginning to the last byte of the page. Prints "ok N total N".
 *
 * It runs on the server's processor, which a visitor's own machine would not, so
 * it makes as few system calls as it can.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000.0
#define PAGE   4096

/**
 * struct visitor - one request
 * @sock: its connection, or -1
 * @asked: the request has been sent
 * @got: bytes of the answer
 * @tail: bytes of the page's letter at the answer's end
 * @deadline: when he loses patience
 */
struct visitor {
	int sock;
	bool asked;
	size_t got, tail;
	double deadline;
};

static const char request[] = "GET /page HTTP/1.0\r\n\r\n";
static struct sockaddr_in server = { .sin_family = AF_INET };
static int events, present, ok;

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / SECOND;
}

static void leave(struct visitor *visitor)
{
	if (visitor->sock < 0)
		return;
	close(visitor->sock);
	visitor->sock = -1;
	present--;
	/* The header ends in other letters, so this is the page, whole. */
	ok += visitor->tail == PAGE && visitor->got > PAGE;
}

static void begin(struct visitor *visitor, double deadline)
{
	struct epoll_event event = {
		.events = EPOLLIN | EPOLLOUT | EPOLLET,
		.data.ptr = visitor,
	};

	visitor->deadline = deadline;
	visitor->sock = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (visitor->sock < 0)
		err(1, "socket");
	present++;
	if (connect(visitor->sock, (void *)&server, sizeof(server)) && errno != EINPROGRESS)
		err(1, "connect");
	if (epoll_ctl(events, EPOLL_CTL_ADD, visitor->sock, &event))
		err(1, "epoll_ctl");
}

static void note(struct visitor *visitor, const char *text, size_t length)
{
	size_t tail = 0;

	while (tail < length && text[length - 1 - tail] == 'x')
		tail++;
	visitor->tail = tail == length ? visitor->tail + tail : tail;
	visitor->got += length;
}

static void read_answer(struct visitor *visitor)
{
	static char text[65536];
	ssize_t length;

	while ((length = recv(visitor->sock, text, sizeof(text), 0)) > 0)
		note(visitor, text, length);
	if (!length || errno != EAGAIN)
		leave(visitor);
}

static void go_on(struct visitor *visitor, uint32_t ready)
{
	if (visitor->sock < 0)
		return;
	if (!visitor->asked && ready & EPOLLOUT) {
		visitor->asked = true;
		if (send(visitor->sock, request, sizeof(request) - 1, MSG_NOSIGNAL) < 0)
			leave(visitor);
		return;
	}
	if (ready & (EPOLLIN | EPOLLERR | EPOLLHUP))
		read_answer(visitor);
}

/* Handle what happens until then; without @more to come, as long as anybody is there. */
static void serve(double until, bool more)
{
	struct epoll_event ready[64];
	double left;
	int n, i;

	while ((more || present) && (left = until - now()) > 0) {
		n = epoll_wait(events, ready, 64, left * 1000 + 1);
		if (n < 0 && errno != EINTR)
			err(1, "epoll_wait");
		for (i = 0; i < n; i++)
			go_on(ready[i].data.ptr, ready[i].events);
	}
}

static double number(const char *text)
{
	char *end;
	double value = strtod(text, &end);

	if (*end || value <= 0)
		errx(1, "not a number: %s", text);
	return value;
}

int main(int argc, char **argv)
{
	double rate, patience, start, at;
	struct visitor *crowd;
	int total, i, next = 0;

	if (argc != 5 || inet_pton(AF_INET, argv[1], &server.sin_addr) != 1)
		errx(1, "usage: goodput_client ADDRESS RATE SECONDS PATIENCE");
	server.sin_port = htons(80);
	rate = number(argv[2]);
	total = rate * number(argv[3]);
	patience = number(argv[4]);
	crowd = calloc(total, sizeof(*crowd));
	events = epoll_create1(0);
	if (!crowd || events < 0)
		err(1, "no crowd");
	srand(1);
	start = now();
	for (i = 0; i < total; i++) {
		at = start + (i + rand() / (RAND_MAX + 1.0)) / rate;
		for (; next < i && crowd[next].deadline <= at; next++) {
			serve(crowd[next].deadline, true);
			leave(&crowd[next]);
		}
		serve(at, true);
		begin(&crowd[i], at + patience);
	}
	for (; next < total; next++) {
		serve(crowd[next].deadline, false);
		leave(&crowd[next]);
	}
	printf("ok %d total %d\n", ok, total);
	return 0;
}
