// SPDX-License-Identifier: GPL-2.0-or-later
/* See tree.h. Contexts stand behind their instance in a list of views. */
#include <string.h>

#include "command.h"
#include "tree.h"

/* The object of an instance; a single context comes without one, and gets it. */
static json_t *instance_object(json_t *instances, const struct ps_view *view)
{
	json_t *last = json_array_get(instances, json_array_size(instances) - 1);
	json_t *object;

	if (last && !strcmp(json_string_value(json_object_get(last, "name")), view->name))
		return last;
	object = json_object();
	json_object_set_new(object, "name", json_string(view->name));
	json_array_append_new(instances, object);
	return object;
}

static json_t *view_object(json_t *instances, const struct ps_view *view)
{
	json_t *object = instance_object(instances, view), *contexts;

	if (!view->place.context[0])
		return object;
	contexts = json_object_get(object, "contexts");
	if (!contexts) {
		contexts = json_array();
		json_object_set_new(object, "contexts", contexts);
	}
	object = json_object();
	json_object_set_new(object, "name", json_string(view->place.context));
	json_array_append_new(contexts, object);
	return object;
}

int ps_tree_make(const struct ps_views *views, ps_tree_fill fill, void *data, json_t **tree)
{
	json_t *instances = json_array();
	int result = PS_EXIT_OK;
	size_t i;

	for (i = 0; i < views->count && !result; i++)
		result = fill(view_object(instances, views->view[i]), views->view[i], data);
	*tree = json_object();
	json_object_set_new(*tree, "instances", instances);
	if (result) {
		json_decref(*tree);
		*tree = NULL;
	}
	return result;
}

json_t *ps_tree_value(const struct ps_option *option, s64 value)
{
	char text[PS_ITEM_MAX];

	switch (option->type) {
	case PS_OPTION_INTEGER:
		return json_integer(value);
	case PS_OPTION_BOOLEAN:
		return json_boolean(value);
	default:
		ps_option_format(option, text, value);
		return json_string(text);
	}
}

json_t *ps_tree_text(const char *text, size_t length)
{
	static const char digit[] = "0123456789abcdef";
	json_t *json = json_stringn(text, length);
	char escaped[4 * PS_ITEM_MAX + 1], *to = escaped;
	size_t i;

	if (json)
		return json;
	for (i = 0; i < length && i < PS_ITEM_MAX; i++) {
		if ((unsigned char)text[i] < 0x80) {
			*to++ = text[i];
			continue;
		}
		*to++ = '\\';
		*to++ = 'x';
		*to++ = digit[(unsigned char)text[i] >> 4];
		*to++ = digit[(unsigned char)text[i] & 15];
	}
	return json_stringn(escaped, (size_t)(to - escaped));
}

json_t *ps_tree_lines(const struct ps_lines *lines)
{
	json_t *array = json_array();
	size_t at = 0, length;
	const char *text;

	while (ps_lines_next(lines, &at, &text, &length))
		json_array_append_new(array, ps_tree_text(text, length));
	return array;
}

json_t *ps_tree_protections(const struct ps_view *view)
{
	json_t *all = json_object(), *one;
	char name[PS_ITEM_MAX];
	int i;

	for (i = 0; i < PS_PROTECTIONS; i++) {
		one = json_object();
		json_object_set_new(one, "on", json_boolean(view->status >> i & 1));
		json_object_set_new(one, "by_hand", json_boolean(view->by_hand >> i & 1));
		if (view->measured >> i & 1)
			json_object_set_new(one, "rate", json_integer((json_int_t)view->rate[i]));
		json_object_set_new(all, ps_names_protection(i, name), one);
	}
	return all;
}

json_t *ps_tree_tables(const struct ps_view *view)
{
	json_t *all = json_object();
	int i;

	for (i = 0; i < PS_NETLINK_TABLES; i++)
		if (view->table[i].slots)
			json_object_set_new(all, ps_names_table(i),
					    json_pack("{s:I, s:I}", "slots",
						      (json_int_t)view->table[i].slots, "used",
						      (json_int_t)view->table[i].used));
	return all;
}

const char *ps_tree_protection_words(const struct ps_view *view, char *text, size_t bytes)
{
	char name[PS_ITEM_MAX];
	size_t used = 0;
	int i;

	snprintf(text, bytes, "-");
	for (i = 0; i < PS_PROTECTIONS && used < bytes; i++)
		if (view->status >> i & 1)
			used += (size_t)snprintf(text + used, bytes - used, "%s%s%s",
						 used ? ", " : "", ps_names_protection(i, name),
						 view->by_hand >> i & 1 ? " (by hand)" : "");
	return text;
}
