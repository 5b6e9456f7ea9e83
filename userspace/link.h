/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The way to the kernel: the generic netlink family packetshield, by libmnl.
 * One message is asked at a time and answered before the next; a socket that
 * listens for events asks nothing.
 */
#ifndef PS_LINK_H
#define PS_LINK_H

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <stdbool.h>
#include <stdint.h>

#include <packetshield/netlink.h>

#define PS_LINK_BYTES	65000	/* of a message, about */

/**
 * struct ps_link - an open way to the kernel
 * @socket: of libmnl's
 * @out: the message that is being made
 * @in: what was received
 * @sequence: number of the last message
 * @messages: that were put into the open batch
 * @events: the multicast group
 * @family: number of the family
 * @interrupted: the last dump saw things change
 * @words: what the kernel said of the last refusal, or empty
 * @offset: of the attribute in @out that it is about, or 0
 */
struct ps_link {
	struct mnl_socket *socket;
	char *out;
	char *in;
	uint32_t sequence;
	uint32_t messages;
	uint32_t events;
	uint16_t family;
	bool interrupted;
	char words[256];
	uint32_t offset;
};

/* Called for each message of an answer. */
typedef void (*ps_link_take)(const struct nlmsghdr *message, void *data);

/**
 * ps_link_open() - find the kernel's family
 * @link: filled
 *
 * Return: enum ps_exit, after a message where it isn't PS_EXIT_OK; @link needs
 * no ps_link_close() then.
 */
int ps_link_open(struct ps_link *link);
void ps_link_close(struct ps_link *link);

/* Start a message: PS_CMD_*; NLM_F_DUMP or 0. Attributes are put by libmnl. */
struct nlmsghdr *ps_link_message(struct ps_link *link, uint8_t command, uint16_t flags);

/* The same with INSTANCE and, if it isn't NULL, CONTEXT. */
struct nlmsghdr *ps_link_message_about(struct ps_link *link, uint8_t command, uint16_t flags,
				       const char *instance, const char *context);

/**
 * ps_link_ask() - send the message and wait for its answer
 * @link: the link
 * @message: of ps_link_message()
 * @take: called for each message of the answer; may be NULL
 * @data: for @take
 *
 * Return: 0, or a negative errno with @link->words.
 */
int ps_link_ask(struct ps_link *link, struct nlmsghdr *message, ps_link_take take, void *data);

/*
 * A batch: begin, ps_link_batch_add() messages of PS_CMD_SET, NEW_INSTANCE and
 * DEL_INSTANCE, commit. It's discarded by ps_link_close(). Each returns 0 or a
 * negative errno.
 */
int ps_link_batch_begin(struct ps_link *link);
int ps_link_batch_add(struct ps_link *link, struct nlmsghdr *message);
int ps_link_batch_commit(struct ps_link *link);

/**
 * ps_link_refused() - tell why the kernel refused
 * @link: the link
 * @error: negative errno
 * @format: what was refused: "myinst/Other/b_sources"; its arguments
 *
 * Return: the enum ps_exit that it means.
 */
int ps_link_refused(struct ps_link *link, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Receive events from now on: 0 or a negative errno. */
int ps_link_listen(struct ps_link *link);

/* For poll(). */
int ps_link_descriptor(const struct ps_link *link);

/* Take the events that are there; waits for the first. -ENOBUFS: some were lost. */
int ps_link_receive(struct ps_link *link, ps_link_take take, void *data);

/* The attributes of a message by PS_A_*, NULL where there is none. */
void ps_link_sort(const struct nlmsghdr *message, const struct nlattr *table[PS_ATTRIBUTES]);

#endif
