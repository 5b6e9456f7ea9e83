// SPDX-License-Identifier: GPL-2.0-or-later
/* See secret.h. */
#include <string.h>

#include "model.h"
#include "secret.h"

#define SECRET_BYTES 4095 /* what the kernel takes at most */

enum ps_status ps_secret_parse(const struct ps_option *option, const char *text, size_t length,
			       enum ps_netlink_secret *said, struct ps_value_words *words)
{
	enum ps_status status;
	s64 value;

	if (length == strlen(PS_MODEL_KEEP) && !memcmp(text, PS_MODEL_KEEP, length)) {
		*said = PS_SECRET_KEEP;
		return PS_OK;
	}
	/* An empty text is malformed as well. */
	status = ps_value_parse(option, text, length > SECRET_BYTES ? 0 : length, &value, words);
	*said = value ? PS_SECRET_TEXT : PS_SECRET_NONE;
	return status;
}

void ps_secret_put(struct nlmsghdr *message, const struct ps_option *option,
		   enum ps_netlink_secret said, const char *text, size_t length)
{
	struct nlattr *nest = mnl_attr_nest_start(message, option->id);

	mnl_attr_put(message, said, said == PS_SECRET_TEXT ? length : 0, text);
	mnl_attr_nest_end(message, nest);
}

bool ps_secret_is_set(const struct nlattr *nest)
{
	const struct nlattr *said;

	mnl_attr_for_each_nested(said, nest)
		if (mnl_attr_get_type(said) == PS_SECRET_KEEP)
			return true;
	return false;
}
