// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * nft follow: a list of sources is kept equal to a set of nftables, for the
 * addresses of the set's family; those of the other family are left alone, so
 * that two of these may serve one list.
 *
 * Where the kernel says that the list isn't what it was thought to be, somebody
 * else has changed it: then it is read, and compared anew. So it is every now
 * and then, together with the set.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "nft_set.h"
#include "parse.h"
#include "print.h"
#include "source_list.h"
#include "suggest.h"

#define PS_FOLLOW_SECONDS 60  /* between two looks at everything */
#define PS_FOLLOW_PAUSE	  200 /* milliseconds before another look at a set that won't rest */

/**
 * struct follow - a list that follows a set
 * @set: the set
 * @sources: the list
 * @control: tells when the module goes
 * @every: milliseconds between two looks at everything
 * @expires: when the next element leaves by itself, or 0
 */
struct follow {
	struct ps_nft_set set;
	struct ps_source_list sources;
	struct mnl_socket *control;
	u64 every;
	u64 expires;
};

static int take_control(const struct nlmsghdr *message, void *data)
{
	const struct genlmsghdr *header = mnl_nlmsg_get_payload(message);
	struct nlattr *attr;
	bool *gone = data;

	if (message->nlmsg_type != GENL_ID_CTRL || header->cmd != CTRL_CMD_DELFAMILY)
		return MNL_CB_OK;
	mnl_attr_for_each(attr, message, sizeof(*header)) {
		if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_NAME &&
		    !strcmp(mnl_attr_get_str(attr), PS_NETLINK_NAME))
			*gone = true;
	}
	return MNL_CB_OK;
}

static bool module_is_gone(struct follow *follow)
{
	char room[16384];
	bool gone = false;
	ssize_t bytes;

	bytes = recv(mnl_socket_get_fd(follow->control), room, sizeof(room), MSG_DONTWAIT);
	if (bytes > 0)
		mnl_cb_run(room, (size_t)bytes, 0, 0, take_control, &gone);
	if (gone)
		ps_print_error("the module packetshield was removed");
	return gone;
}

/* Bring the list up to date; @look: read it first, whatever is thought of it. */
static int update(struct follow *follow, bool look)
{
	struct ps_source_list *sources = &follow->sources;
	int result, error = 0, tries;

	sources->family = follow->set.addresses;
	follow->expires = ps_elements_ranges(&follow->set.elements, sources->family,
					     follow->set.is_interval, ps_nft_set_now(),
					     &sources->wanted);
	for (tries = 0; tries < 3; tries++) {
		result = look ? ps_source_list_read(sources) : PS_EXIT_OK;
		if (result)
			return result;
		error = ps_source_list_change(sources);
		if (!error)
			return PS_EXIT_OK;
		if (module_is_gone(follow))
			return PS_EXIT_UNAVAILABLE;
		look = true;
	}
	return ps_link_refused(&sources->link, error, "%s/%s", sources->place.path,
			       sources->list->name);
}

/* Everything anew: the set, and the list. */
static int look_at_all(struct follow *follow)
{
	enum ps_family family = follow->set.addresses;
	int result = ps_nft_set_dump(&follow->set);

	if (result)
		return result;
	if (follow->set.addresses != family) {
		ps_print_error("set %s of table %s has become one of the other family",
			       follow->set.name, follow->set.table);
		return PS_EXIT_FAILED;
	}
	return update(follow, true);
}

/* Milliseconds until something is due. */
static int time_left(const struct follow *follow, u64 next_look)
{
	u64 due = next_look, now = ps_nft_set_now();

	if (follow->expires && follow->expires < due)
		due = follow->expires;
	if (follow->set.is_stale && now + PS_FOLLOW_PAUSE < due)
		due = now + PS_FOLLOW_PAUSE;
	return due <= now ? 0 : (int)min(due - now, (u64)1000000);
}

static int keep_following(struct follow *follow)
{
	struct pollfd sockets[2] = {
		{ .fd = mnl_socket_get_fd(follow->set.listens.socket), .events = POLLIN },
		{ .fd = mnl_socket_get_fd(follow->control), .events = POLLIN },
	};
	u64 next_look = ps_nft_set_now() + follow->every;
	int result = PS_EXIT_OK;

	while (!result) {
		if (poll(sockets, 2, time_left(follow, next_look)) < 0 && errno != EINTR) {
			ps_print_error("poll: %s", strerror(errno));
			return PS_EXIT_FAILED;
		}
		if (sockets[1].revents && module_is_gone(follow))
			return PS_EXIT_UNAVAILABLE;
		if (sockets[0].revents)
			result = ps_nft_set_listen(&follow->set);
		if (result)
			break;
		if (follow->set.is_stale || ps_nft_set_now() >= next_look) {
			result = look_at_all(follow);
			next_look = ps_nft_set_now() + follow->every;
		} else {
			result = update(follow, false);
		}
	}
	return result;
}

static int open_control(struct follow *follow)
{
	int group = GENL_ID_CTRL;

	follow->control = mnl_socket_open2(NETLINK_GENERIC, SOCK_CLOEXEC);
	if (follow->control && !mnl_socket_bind(follow->control, 0, MNL_SOCKET_AUTOPID) &&
	    !mnl_socket_setsockopt(follow->control, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)))
		return PS_EXIT_OK;
	ps_print_error("netlink: %s", strerror(errno));
	return PS_EXIT_UNAVAILABLE;
}

static int follow_set(struct follow *follow, bool once, const char *every)
{
	int result = ps_nft_set_dump(&follow->set);

	if (result)
		return result;
	if (!follow->set.is_there) {
		ps_print_error("there is no set %s in table %s", follow->set.name,
			       follow->set.table);
		ps_print_hint("nft list sets shows them, with the families of their tables");
		return PS_EXIT_FAILED;
	}
	result = update(follow, true);
	if (result)
		return result;
	printf("%s/%s: %zu ranges, as set %s of table %s has them\n", follow->sources.place.path,
	       follow->sources.list->name, follow->sources.now.n, follow->set.name,
	       follow->set.table);
	if (once)
		return PS_EXIT_OK;
	result = ps_print_finish();
	if (!every && follow->set.is_dynamic)
		follow->every = 1000;
	return result ? result : keep_following(follow);
}

static int find_list(struct follow *follow, const char *name)
{
	struct ps_suggest suggest = PS_SUGGEST(name);
	size_t i;

	for (i = 0; i < PS_LISTS; i++) {
		if (ps_list[i].type != PS_LIST_SOURCES)
			continue;
		if (!strcmp(ps_list[i].name, name))
			follow->sources.list = &ps_list[i];
		ps_suggest_try(&suggest, ps_list[i].name);
	}
	if (follow->sources.list)
		return PS_EXIT_OK;
	ps_print_error("nft follow: there is no list of sources \"%s\"", name);
	if (suggest.best)
		ps_suggest_tell(&suggest);
	else
		ps_print_hint("b_sources and w_sources are such lists");
	return PS_EXIT_USAGE;
}

static int parse(const struct ps_arguments *arguments, struct follow *follow)
{
	const char *list = ps_command_flag(arguments, "--list");
	const char *every = ps_command_flag(arguments, "--every");
	char **text = arguments->text + 1;
	s64 seconds = PS_FOLLOW_SECONDS;
	int used;

	if (arguments->count < 5 || arguments->count > 6) {
		ps_print_error("nft follow: [FAMILY] TABLE SET INSTANCE CONTEXT are needed");
		return PS_EXIT_USAGE;
	}
	follow->set.family = ps_nft_family(arguments->count == 6 ? *text++ : "ip");
	if (follow->set.family < 0) {
		ps_print_error("nft follow: \"%s\" is no family of nftables", arguments->text[1]);
		ps_print_hint("ip (the default), ip6, inet, netdev, bridge or arp");
		return PS_EXIT_USAGE;
	}
	if (every && ps_parse_integer(every, strlen(every), 1, 86400, &seconds)) {
		ps_print_error("nft follow: --every takes 1 to 86400 seconds, not \"%s\"", every);
		return PS_EXIT_USAGE;
	}
	follow->every = (u64)seconds * 1000;
	follow->set.table = text[0];
	follow->set.name = text[1];
	if (ps_names_place(text + 2, 2, &follow->sources.place, &used))
		return PS_EXIT_USAGE;
	if (used != 2) {
		ps_print_error("nft follow: \"%s\" can't be the name of a context", text[3]);
		return PS_EXIT_USAGE;
	}
	return find_list(follow, list ? list : "b_sources");
}

int ps_nft_follow(const struct ps_arguments *arguments)
{
	struct follow follow = {};
	int result = parse(arguments, &follow);

	if (!result)
		result = ps_link_open(&follow.sources.link);
	if (result)
		return result;
	result = ps_nft_set_open(&follow.set);
	if (!result) {
		result = open_control(&follow);
		if (!result)
			result = follow_set(&follow, ps_command_flag(arguments, "--once"),
					    ps_command_flag(arguments, "--every"));
		ps_nft_set_close(&follow.set);
	}
	if (follow.control)
		mnl_socket_close(follow.control);
	ps_link_close(&follow.sources.link);
	ps_source_list_free(&follow.sources);
	return result;
}
