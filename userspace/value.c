// SPDX-License-Identifier: GPL-2.0-or-later
/* See value.h. Ranges in hints are those of options.def. */
#include <stdio.h>

#include "command.h"
#include "list_item.h"
#include "print.h"
#include "value.h"

static const char *reason_of(enum ps_status status)
{
	return status == PS_OUT_OF_RANGE ? "is out of range" : "is malformed";
}

/* What a value of the option looks like. */
static void hint_at_option(const struct ps_option *option, char *hint, size_t bytes)
{
	char min[PS_ITEM_MAX], max[PS_ITEM_MAX];

	ps_option_format(option, min, option->min);
	ps_option_format(option, max, option->max);
	switch (option->type) {
	case PS_OPTION_INTEGER:
		snprintf(hint, bytes, "%s takes %s to %s (%s)", option->name, min, max,
			 option->unit);
		break;
	case PS_OPTION_RATES:
		snprintf(hint, bytes,
			 "%s takes X-Y (%s), X not below Y, from %s to %s: on above X, off below Y",
			 option->name, option->unit, min, max);
		break;
	case PS_OPTION_MAC:
		snprintf(hint, bytes, "%s takes an %s such as 02:00:00:00:00:01", option->name,
			 option->unit);
		break;
	case PS_OPTION_GEOIP_POLICY:
		snprintf(hint, bytes, "%s takes none, deny_countries or allow_countries",
			 option->name);
		break;
	case PS_OPTION_SECRET:
		snprintf(hint, bytes, "%s takes none, keep, or a line of text other than \"set\"",
			 option->name);
		break;
	default:
		snprintf(hint, bytes, "%s takes %s", option->name, option->unit);
		break;
	}
}

enum ps_status ps_value_parse(const struct ps_option *option, const char *text, size_t length,
			      s64 *value, struct ps_value_words *words)
{
	enum ps_status status = ps_option_parse(option, text, length, value);

	if (status) {
		words->reason = reason_of(status);
		hint_at_option(option, words->hint, sizeof(words->hint));
	}
	return status;
}

enum ps_status ps_value_check_item(const struct ps_list *list, const char *text, size_t length,
				   struct ps_value_words *words)
{
	enum ps_status status = PS_MALFORMED;
	union ps_list_item item;

	if (length && length <= PS_ITEM_MAX)
		status = ps_list_item_parse(list, text, length, &item);
	if (status) {
		words->reason = reason_of(status);
		snprintf(words->hint, sizeof(words->hint), "an item of %s is: %s", list->name,
			 list->unit);
	}
	return status;
}

int ps_value_refuse(const struct ps_place *place, const char *name, const char *text, size_t length,
		    const struct ps_value_words *words)
{
	ps_print_error("%s/%s: \"%.*s\" %s", place->path, name, (int)length, text, words->reason);
	ps_print_hint("%s", words->hint);
	return PS_EXIT_USAGE;
}
