// SPDX-License-Identifier: GPL-2.0-or-later
/* Sockets, messages and their answers; see link.h. */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "link.h"
#include "print.h"

#define PS_LINK_ROOM (4 * PS_LINK_BYTES)
#define PS_LINK_OUT  (PS_LINK_BYTES + 4096)

static void take_group(const struct nlattr *group, struct ps_link *link)
{
	const char *name = "";
	uint32_t id = 0;
	struct nlattr *attr;

	mnl_attr_for_each_nested(attr, group) {
		if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GRP_NAME)
			name = mnl_attr_get_str(attr);
		else if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GRP_ID)
			id = mnl_attr_get_u32(attr);
	}
	if (!strcmp(name, PS_NETLINK_EVENTS))
		link->events = id;
}

static void take_family(const struct nlmsghdr *message, void *data)
{
	struct nlattr *attr, *group;
	struct ps_link *link = data;

	mnl_attr_for_each(attr, message, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID)
			link->family = mnl_attr_get_u16(attr);
		if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GROUPS)
			mnl_attr_for_each_nested(group, attr)
				take_group(group, link);
	}
}

static int find_family(struct ps_link *link)
{
	struct nlmsghdr *message;
	int error;

	link->family = GENL_ID_CTRL;
	message = ps_link_message(link, CTRL_CMD_GETFAMILY, 0);
	mnl_attr_put_strz(message, CTRL_ATTR_FAMILY_NAME, PS_NETLINK_NAME);
	error = ps_link_ask(link, message, take_family, link);
	if (error == -ENOENT) {
		ps_print_error("the module packetshield isn't loaded");
		ps_print_hint("modprobe packetshield");
		return PS_EXIT_UNAVAILABLE;
	}
	return error ? ps_link_refused(link, error, "netlink") : PS_EXIT_OK;
}

/* Best effort: more room to receive, and what the kernel says of refusals. */
static void tune(struct mnl_socket *socket)
{
	int on = 1, bytes = 4 << 20;

	mnl_socket_setsockopt(socket, NETLINK_CAP_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(socket, NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(mnl_socket_get_fd(socket), SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes));
}

int ps_link_open(struct ps_link *link)
{
	int result = PS_EXIT_UNAVAILABLE;

	*link = (struct ps_link){};
	link->socket = mnl_socket_open2(NETLINK_GENERIC, SOCK_CLOEXEC);
	if (!link->socket || mnl_socket_bind(link->socket, 0, MNL_SOCKET_AUTOPID)) {
		ps_print_error("netlink: %s", strerror(errno));
	} else {
		tune(link->socket);
		link->out = ps_print_allocate(NULL, PS_LINK_OUT);
		/* libmnl leaves holes between attributes as they are. */
		memset(link->out, 0, PS_LINK_OUT);
		link->in = ps_print_allocate(NULL, PS_LINK_ROOM);
		result = find_family(link);
	}
	if (result)
		ps_link_close(link);
	return result;
}

void ps_link_close(struct ps_link *link)
{
	if (link->socket)
		mnl_socket_close(link->socket);
	free(link->out);
	free(link->in);
	*link = (struct ps_link){};
}

struct nlmsghdr *ps_link_message(struct ps_link *link, uint8_t command, uint16_t flags)
{
	struct nlmsghdr *message = mnl_nlmsg_put_header(link->out);
	struct genlmsghdr *header;

	message->nlmsg_type = link->family;
	message->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	message->nlmsg_seq = ++link->sequence;
	header = mnl_nlmsg_put_extra_header(message, sizeof(*header));
	header->cmd = command;
	header->version = PS_NETLINK_VERSION;
	return message;
}

struct nlmsghdr *ps_link_message_about(struct ps_link *link, uint8_t command, uint16_t flags,
				       const char *instance, const char *context)
{
	struct nlmsghdr *message = ps_link_message(link, command, flags);

	mnl_attr_put_strz(message, PS_A_INSTANCE, instance);
	if (context)
		mnl_attr_put_strz(message, PS_A_CONTEXT, context);
	return message;
}

/* The words of an error behind @skip bytes of a message. */
static void take_words(struct ps_link *link, const struct nlmsghdr *message, size_t skip)
{
	struct nlattr *attr;

	if (!(message->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	mnl_attr_for_each(attr, message, skip) {
		if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_MSG)
			snprintf(link->words, sizeof(link->words), "%s", mnl_attr_get_str(attr));
		else if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_OFFS)
			link->offset = mnl_attr_get_u32(attr);
	}
}

/* ERROR or DONE, which end an answer: 0 or a negative errno. */
static int take_end(struct ps_link *link, const struct nlmsghdr *message)
{
	const struct nlmsgerr *end = mnl_nlmsg_get_payload(message);
	size_t skip = sizeof(end->error);

	if (mnl_nlmsg_get_payload_len(message) < sizeof(end->error))
		return 0;
	if (message->nlmsg_type == NLMSG_ERROR) {
		skip = sizeof(*end);
		if (!(message->nlmsg_flags & NLM_F_CAPPED))
			skip += end->msg.nlmsg_len - sizeof(end->msg);
	}
	if (end->error)
		take_words(link, message, skip);
	return end->error;
}

static ssize_t receive(struct ps_link *link)
{
	ssize_t bytes;

	do {
		bytes = mnl_socket_recvfrom(link->socket, link->in, PS_LINK_ROOM);
	} while (bytes < 0 && errno == EINTR);
	return bytes < 0 ? -errno : bytes;
}

int ps_link_ask(struct ps_link *link, struct nlmsghdr *message, ps_link_take take, void *data)
{
	uint32_t sequence = message->nlmsg_seq;
	const struct nlmsghdr *answer;
	ssize_t bytes;
	int left;

	link->words[0] = '\0';
	link->offset = 0;
	link->interrupted = false;
	if (mnl_socket_sendto(link->socket, message, message->nlmsg_len) < 0)
		return -errno;
	for (;;) {
		bytes = receive(link);
		if (bytes < 0)
			return (int)bytes;
		left = (int)bytes;
		for (answer = (void *)link->in; mnl_nlmsg_ok(answer, left);
		     answer = mnl_nlmsg_next(answer, &left)) {
			if (answer->nlmsg_seq != sequence)
				continue;
			link->interrupted |= answer->nlmsg_flags & NLM_F_DUMP_INTR;
			if (answer->nlmsg_type == NLMSG_ERROR || answer->nlmsg_type == NLMSG_DONE)
				return take_end(link, answer);
			if (take)
				take(answer, data);
		}
	}
}

int ps_link_batch_begin(struct ps_link *link)
{
	link->messages = 0;
	return ps_link_ask(link, ps_link_message(link, PS_CMD_BEGIN, 0), NULL, NULL);
}

int ps_link_batch_add(struct ps_link *link, struct nlmsghdr *message)
{
	link->messages++;
	return ps_link_ask(link, message, NULL, NULL);
}

int ps_link_batch_commit(struct ps_link *link)
{
	struct nlmsghdr *message = ps_link_message(link, PS_CMD_COMMIT, 0);

	mnl_attr_put_u32(message, PS_A_MESSAGES, link->messages);
	return ps_link_ask(link, message, NULL, NULL);
}

int ps_link_refused(struct ps_link *link, int error, const char *format, ...)
{
	char what[256];
	va_list list;

	va_start(list, format);
	vsnprintf(what, sizeof(what), format, list);
	va_end(list);
	/* A commit's words begin with what they are about. */
	if (!strncmp(link->words, what, strlen(what)))
		ps_print_error("%s", link->words);
	else
		ps_print_error("%s: %s", what, link->words[0] ? link->words : strerror(-error));
	if (error != -EPERM && error != -EACCES)
		return PS_EXIT_FAILED;
	ps_print_hint("it needs CAP_NET_ADMIN: be root of this network namespace");
	return PS_EXIT_UNAVAILABLE;
}

int ps_link_listen(struct ps_link *link)
{
	if (mnl_socket_setsockopt(link->socket, NETLINK_ADD_MEMBERSHIP, &link->events,
				  sizeof(link->events)))
		return -errno;
	return 0;
}

int ps_link_descriptor(const struct ps_link *link)
{
	return mnl_socket_get_fd(link->socket);
}

int ps_link_receive(struct ps_link *link, ps_link_take take, void *data)
{
	const struct nlmsghdr *message;
	ssize_t bytes = receive(link);
	int left = (int)bytes;

	if (bytes < 0)
		return left;
	for (message = (void *)link->in; mnl_nlmsg_ok(message, left);
	     message = mnl_nlmsg_next(message, &left))
		if (message->nlmsg_type == link->family)
			take(message, data);
	return 0;
}

void ps_link_sort(const struct nlmsghdr *message, const struct nlattr *table[PS_ATTRIBUTES])
{
	struct nlattr *attr;

	memset(table, 0, PS_ATTRIBUTES * sizeof(*table));
	mnl_attr_for_each(attr, message, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(attr) < PS_ATTRIBUTES)
			table[mnl_attr_get_type(attr)] = attr;
}
