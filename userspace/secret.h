/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Options of the type SECRET: what is said of one, and how the kernel is told. What
 * it has is never told: only whether there is one.
 */
#ifndef PS_SECRET_H
#define PS_SECRET_H

#include <libmnl/libmnl.h>

#include <packetshield/netlink.h>

#include "value.h"

/**
 * ps_secret_parse() - what a text says of a secret
 * @option: the option
 * @text: "none", PS_MODEL_KEEP, or the secret
 * @length: its bytes
 * @said: out: PS_SECRET_*
 * @words: out, where it is refused
 *
 * Return: PS_OK, PS_MALFORMED.
 */
enum ps_status ps_secret_parse(const struct ps_option *option, const char *text, size_t length,
			       enum ps_netlink_secret *said, struct ps_value_words *words);

/* Put it into a nest of settings; @text is that of PS_SECRET_TEXT. */
void ps_secret_put(struct nlmsghdr *message, const struct ps_option *option,
		   enum ps_netlink_secret said, const char *text, size_t length);

/* Whether the kernel tells of one. */
bool ps_secret_is_set(const struct nlattr *nest);

#endif
