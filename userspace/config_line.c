// SPDX-License-Identifier: GPL-2.0-or-later
/* Words of a line of a configuration file; see config_line.h. */
#include <stdarg.h>
#include <string.h>

#include "config_line.h"

void ps_config_line_refuse(struct ps_config_file *file, const struct ps_config_word *word,
			   const char *hint, const char *format, ...)
{
	char reason[192];
	va_list list;

	va_start(list, format);
	vsnprintf(reason, sizeof(reason), format, list);
	va_end(list);
	ps_config_file_refuse(file->errors, file->line, (u32)(word->text - file->start) + 1, hint,
			      "%s", reason);
}

static bool is_blank(char c)
{
	return ps_parse_is_blank(c) || c == '\r';
}

static void trim(struct ps_config_word *word)
{
	while (word->length && is_blank(*word->text)) {
		word->text++;
		word->length--;
	}
	while (word->length && is_blank(word->text[word->length - 1]))
		word->length--;
}

/* A comment begins where a word or an item could: the name of an interface may have a # in it. */
static size_t comment_at(const char *text, size_t length)
{
	size_t at;

	for (at = 0; at < length; at++)
		if (text[at] == '#' && (!at || is_blank(text[at - 1]) || text[at - 1] == ','))
			break;
	return at;
}

/* Cut a path at its slashes; false where it has too many parts, or an empty one. */
static bool split_path(struct ps_config_word path, struct ps_config_line *line)
{
	const char *slash;

	for (line->parts = 0; line->parts < ARRAY_SIZE(line->part); line->parts++) {
		slash = memchr(path.text, '/', path.length);
		line->part[line->parts].text = path.text;
		line->part[line->parts].length = slash ? (size_t)(slash - path.text) : path.length;
		if (!line->part[line->parts].length)
			return false;
		if (!slash) {
			line->parts++;
			return true;
		}
		path.length -= slash + 1 - path.text;
		path.text = slash + 1;
	}
	return false;
}

bool ps_config_line_split(struct ps_config_file *file, const char *text, size_t length, bool tell,
			  struct ps_config_line *line)
{
	struct ps_config_word path, whole = { text, comment_at(text, length) };
	const char *reason = NULL;

	trim(&whole);
	if (!whole.length)
		return false;
	path = whole;
	for (path.length = 0; path.length < whole.length; path.length++)
		if (is_blank(whole.text[path.length]))
			break;
	line->number = file->line;
	line->value.text = path.text + path.length;
	line->value.length = whole.length - path.length;
	trim(&line->value);
	if (!split_path(path, line))
		reason = "a path is INSTANCE/NAME or INSTANCE/CONTEXT/NAME";
	else if (!line->value.length)
		reason = "a value is missing";
	if (reason && tell)
		ps_config_line_refuse(file, line->value.length ? &path : &line->value, NULL, "%s",
				      reason);
	return !reason;
}

bool ps_config_line_item(struct ps_config_word *rest, struct ps_config_word *item)
{
	const char *comma;

	if (!rest->text)
		return false;
	comma = memchr(rest->text, ',', rest->length);
	*item = *rest;
	if (comma) {
		item->length = comma - rest->text;
		rest->length -= item->length + 1;
		rest->text = comma + 1;
	} else {
		*rest = (struct ps_config_word){};
	}
	trim(item);
	return true;
}
