// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The stream of writes to a list: edits and transactions.
 *
 * Inside a transaction every byte is taken by itself and all that is known of
 * the bytes before it is in the stream, so where writes begin and end changes
 * nothing. The one exception is what stands behind the "}": it is refused
 * while it comes in the same write, and is the next thing written otherwise.
 */
#include "parse.h"

static bool ps_list_is_empty(const char *text, size_t length)
{
	size_t at;

	for (at = 0; at < length; at++)
		if (!ps_parse_is_blank(text[at]) && text[at] != '\n')
			return false;
	return true;
}

/* A write of one item, with its sign. */
static enum ps_list_event ps_list_edit(struct ps_list_stream *stream, const char *text,
				       size_t length)
{
	size_t at;

	if (length && text[length - 1] == '\n')
		length--;
	if (length < 2 || length > PS_ITEM_MAX + 1 || (text[0] != '+' && text[0] != '-'))
		return PS_LIST_MALFORMED;
	if (ps_parse_is_blank(text[1]) || ps_parse_is_blank(text[length - 1]))
		return PS_LIST_MALFORMED;
	for (at = 1; at < length; at++) {
		if (!text[at] || text[at] == '\n')
			return PS_LIST_MALFORMED;
		stream->line[at - 1] = text[at];
	}
	stream->length = length - 1;
	return text[0] == '+' ? PS_LIST_ADD : PS_LIST_REMOVE;
}

/* The first write after the start or a commit. */
static enum ps_list_event ps_list_start(struct ps_list_stream *stream, const char *text,
					size_t length, size_t *used)
{
	size_t at;

	if (stream->closed && ps_list_is_empty(text, length))
		return PS_LIST_MORE;
	memset(stream, 0, sizeof(*stream));
	for (at = 0; at < length && ps_parse_is_blank(text[at]); at++)
		;
	if (at == length || text[at] != '{')
		return ps_list_edit(stream, text, length);
	stream->open = true;
	stream->head = true;
	*used = at + 1;
	return PS_LIST_BEGIN;
}

/* One byte of a transaction. */
static enum ps_list_event ps_list_take(struct ps_list_stream *stream, char c)
{
	if (c == '\n') {
		stream->head = false;
		return stream->length ? PS_LIST_ITEM : PS_LIST_MORE;
	}
	if (ps_parse_is_blank(c)) {
		/*
		 * Blanks inside an item belong to it. Behind PS_ITEM_MAX bytes
		 * there can be no item to go on.
		 */
		if (stream->length && stream->length < PS_ITEM_MAX)
			stream->line[stream->length++] = c;
		return PS_LIST_MORE;
	}
	if (stream->head || !c || stream->length == PS_ITEM_MAX)
		return PS_LIST_MALFORMED;
	if (!stream->length && c == '{')
		return PS_LIST_MALFORMED;
	if (!stream->length && c == '}')
		return PS_LIST_COMMIT;
	stream->line[stream->length++] = c;
	return PS_LIST_MORE;
}

/* Goes on in a transaction. */
static enum ps_list_event ps_list_go_on(struct ps_list_stream *stream, const char *text,
					size_t length, size_t *used)
{
	enum ps_list_event event = PS_LIST_MORE;
	size_t at = 0;

	while (at < length && event == PS_LIST_MORE)
		event = ps_list_take(stream, text[at++]);

	if (event == PS_LIST_ITEM) {
		*used = at;
		while (ps_parse_is_blank(stream->line[stream->length - 1]))
			stream->length--;
	}
	if (event == PS_LIST_COMMIT && !ps_list_is_empty(text + at, length - at))
		event = PS_LIST_MALFORMED;
	return event;
}

enum ps_list_event ps_list_feed(struct ps_list_stream *stream, const char *text, size_t length,
				size_t *used, const char **item, size_t *item_length)
{
	enum ps_list_event event;

	*used = length;
	if (stream->open)
		event = ps_list_go_on(stream, text, length, used);
	else
		event = ps_list_start(stream, text, length, used);

	switch (event) {
	case PS_LIST_ADD:
	case PS_LIST_REMOVE:
	case PS_LIST_ITEM:
		*item = stream->line;
		*item_length = stream->length;
		stream->line[stream->length] = 0;
		stream->length = 0;
		break;
	case PS_LIST_COMMIT:
	case PS_LIST_MALFORMED:
		memset(stream, 0, sizeof(*stream));
		stream->closed = event == PS_LIST_COMMIT;
		break;
	default:
		break;
	}
	return event;
}
