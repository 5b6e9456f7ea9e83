// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The whole grammar. The first byte of the input chooses what the rest is:
 *
 * an item: what parses prints to a text that parses to the same and prints to
 * itself;
 * a stream: where writes begin and end changes no event, and the items that
 * come out make a transaction with the same items.
 *
 * Every text stands in heap memory of its exact size, so that the sanitizer
 * sees a read behind it.
 */
#include <stdlib.h>

#include "geo_lines.h"
#include "parse.h"

#define CHECK(condition) do {	\
	if (!(condition))	\
		__builtin_trap(); \
} while (0)

static char *exact_copy(const void *bytes, size_t length)
{
	char *copy = malloc(length);

	CHECK(copy);
	if (length)
		memcpy(copy, bytes, length);
	return copy;
}

/* ---- items ---- */

union item {
	s64 integer;
	struct ps_addr address;
	struct ps_range source;
	struct ps_interval interval;
	struct ps_context_id context;
	struct ps_country country;
	struct ps_geo_line line;
};

enum kind {
	INTEGER, ADDRESS, SOURCE, PORTS, PROTOCOL, CONTEXT, COUNTRY, LINE, NAMES, STREAM,
	KINDS,
};

static enum ps_status parse(enum kind kind, const char *text, size_t length, union item *out)
{
	char *copy = exact_copy(text, length);
	enum ps_status status = PS_MALFORMED;

	memset(out, 0, sizeof(*out));
	switch (kind) {
	case INTEGER:
		status = ps_parse_integer(copy, length, INT64_MIN, INT64_MAX, &out->integer);
		break;
	case ADDRESS:
		status = ps_parse_address(copy, length, &out->address);
		break;
	case SOURCE:
		status = ps_parse_source(copy, length, &out->source);
		break;
	case PORTS:
		status = ps_parse_ports(copy, length, &out->interval);
		break;
	case PROTOCOL:
		status = ps_parse_protocol(copy, length, &out->interval);
		break;
	case CONTEXT:
		status = ps_parse_context(copy, length, &out->context);
		break;
	case COUNTRY:
		status = ps_parse_country(copy, length, &out->country);
		break;
	case LINE:
		status = ps_parse_geo_line(copy, length, &out->line);
		break;
	default:
		break;
	}
	free(copy);
	CHECK(status == PS_OK || status == PS_MALFORMED || status == PS_OUT_OF_RANGE);
	return status;
}

static size_t format(enum kind kind, char *text, const union item *item)
{
	switch (kind) {
	case INTEGER:
		return ps_format_integer(text, item->integer);
	case ADDRESS:
		return ps_format_address(text, &item->address);
	case SOURCE:
		return ps_format_source(text, &item->source);
	case CONTEXT:
		return ps_format_context(text, &item->context);
	case COUNTRY:
		return ps_format_country(text, &item->country);
	case LINE:
		return ps_format_geo_line(text, &item->line);
	default:
		return ps_format_interval(text, &item->interval);
	}
}

static void check_values(enum kind kind, const union item *item)
{
	const struct ps_range *range = &item->source;

	if (kind == SOURCE) {
		CHECK(ps_addr_compare(&range->first, &range->last) <= 0);
		CHECK(ps_addr_is_ipv4(&range->first) == ps_addr_is_ipv4(&range->last));
	}
	if (kind == PORTS)
		CHECK(item->interval.first && item->interval.first <= item->interval.last);
	if (kind == PROTOCOL)
		CHECK(item->interval.first == item->interval.last && item->interval.last < 256);
	if (kind == CONTEXT)
		CHECK(item->context.vlan <= PS_VLAN_MAX);
}

static void check_item(enum kind kind, const char *text, size_t length)
{
	char *printed = malloc(PS_ITEM_MAX), *again = malloc(PS_ITEM_MAX);
	union item item, same;
	size_t n;

	if (parse(kind, text, length, &item) == PS_OK) {
		check_values(kind, &item);
		n = format(kind, printed, &item);
		CHECK(n < PS_ITEM_MAX && strlen(printed) == n);
		CHECK(parse(kind, printed, n, &same) == PS_OK);
		CHECK(!memcmp(&item, &same, sizeof(item)));
		CHECK(format(kind, again, &same) == n && !strcmp(printed, again));
		/* Only sources and IPv6 addresses have forms longer than the input's. */
		CHECK(kind == ADDRESS || kind == SOURCE || kind == CONTEXT || kind == LINE ||
		      n <= length);
	}
	free(printed);
	free(again);
}

static void check_names(const char *text, size_t length)
{
	char *copy = exact_copy(text, length);

	if (ps_parse_instance_name(copy, length) == PS_OK)
		CHECK(length && length <= PS_INSTANCE_NAME_MAX && !memchr(copy, '/', length));
	if (ps_parse_iface_name(copy, length) == PS_OK)
		CHECK(length && length <= PS_IFACE_NAME_MAX && !memchr(copy, '/', length));
	free(copy);
}

/* ---- the stream ---- */

/**
 * struct run - what came of a sequence of writes
 * @items:	the items, a newline behind each
 * @length:	bytes of @items
 * @begins:	transactions begun
 * @event:	what ended it: COMMIT, MALFORMED, or MORE at the end of the text
 * @end:	bytes taken when it ended
 */
struct run {
	char *items;
	size_t length;
	unsigned int begins;
	enum ps_list_event event;
	size_t end;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static void check_stream_item(const char *item, size_t length)
{
	CHECK(length && length <= PS_ITEM_MAX && strlen(item) == length);
	CHECK(!memchr(item, '\n', length));
	CHECK(!is_blank(item[0]) && !is_blank(item[length - 1]));
}

/* Makes one write; returns what ended it. */
static enum ps_list_event write_once(struct ps_list_stream *stream, const char *text,
				     size_t length, struct run *run)
{
	char *copy = exact_copy(text, length);
	enum ps_list_event event;
	size_t at = 0, used, n;
	const char *item;

	for (;;) {
		event = ps_list_feed(stream, copy + at, length - at, &used, &item, &n);
		CHECK(used <= length - at);
		at += used;
		CHECK(event != PS_LIST_ADD && event != PS_LIST_REMOVE);
		if (event == PS_LIST_BEGIN) {
			run->begins++;
		} else if (event == PS_LIST_ITEM) {
			check_stream_item(item, n);
			memcpy(run->items + run->length, item, n);
			run->length += n;
			run->items[run->length++] = '\n';
		} else {
			break;
		}
	}
	CHECK(at == length);
	free(copy);
	return event;
}

/* Writes a text in pieces whose lengths come from @cuts, until it ends. */
static struct run write_all(struct ps_list_stream *stream, const char *text, size_t length,
			    const u8 *cuts, size_t n_cuts)
{
	struct run run = { .event = PS_LIST_MORE };
	size_t n, cut = 0;

	run.items = malloc(length + 1);
	CHECK(run.items);
	while (run.end < length && run.event == PS_LIST_MORE) {
		n = n_cuts ? cuts[cut++ % n_cuts] : 1;
		/* The first write holds the brace. */
		if (!n && (!run.end || cut > 2 * length))
			n = 1;
		if (n > length - run.end)
			n = length - run.end;
		run.event = write_once(stream, text + run.end, n, &run);
		run.end += n;
	}
	return run;
}

static bool is_empty(const char *text, size_t length)
{
	for (; length; length--, text++)
		if (!is_blank(*text) && *text != '\n')
			return false;
	return true;
}

static void check_again(const struct run *run)
{
	struct ps_list_stream stream = { .open = false };
	char *text = malloc(run->length + 3);
	const u8 whole = 255;
	struct run again;

	memcpy(text, "{\n", 2);
	memcpy(text + 2, run->items, run->length);
	text[run->length + 2] = '}';
	again = write_all(&stream, text, run->length + 3, &whole, 1);
	CHECK(again.event == PS_LIST_COMMIT && again.end == run->length + 3);
	CHECK(again.length == run->length && !memcmp(again.items, run->items, run->length));
	free(again.items);
	free(text);
}

/* @text begins with the brace. */
static void check_transaction(const char *text, size_t length, const u8 *cuts, size_t n_cuts)
{
	struct ps_list_stream one = { .open = false }, other = { .open = false };
	struct run bytes = write_all(&one, text, length, NULL, 0);
	struct run cut = write_all(&other, text, length, cuts, n_cuts);
	enum ps_list_event event = bytes.event;

	CHECK(bytes.begins == 1 && cut.begins == 1);
	CHECK(cut.length == bytes.length && !memcmp(cut.items, bytes.items, cut.length));
	/* What follows the "}" in the same write is judged with it. */
	if (event == PS_LIST_COMMIT && !is_empty(text + bytes.end, cut.end - bytes.end))
		event = PS_LIST_MALFORMED;
	CHECK(cut.event == event && cut.end >= bytes.end);
	CHECK(one.open == (bytes.event == PS_LIST_MORE));
	CHECK(other.open == (event == PS_LIST_MORE));

	if (event == PS_LIST_COMMIT && is_empty(text + cut.end, length - cut.end))
		CHECK(write_once(&other, text + cut.end, length - cut.end, &cut) == PS_LIST_MORE);
	if (bytes.event == PS_LIST_COMMIT)
		check_again(&bytes);
	free(bytes.items);
	free(cut.items);
}

static void check_edit(const char *text, size_t length)
{
	struct ps_list_stream stream = { .open = false };
	char *copy = exact_copy(text, length);
	enum ps_list_event event;
	const char *item;
	size_t used, n;

	event = ps_list_feed(&stream, copy, length, &used, &item, &n);
	CHECK(used <= length);
	if (event == PS_LIST_ADD || event == PS_LIST_REMOVE) {
		CHECK(used == length && !stream.open);
		CHECK(copy[0] == (event == PS_LIST_ADD ? '+' : '-'));
		check_stream_item(item, n);
		CHECK(n == length - 1 || (n == length - 2 && copy[length - 1] == '\n'));
		CHECK(!memcmp(item, copy + 1, n));
	} else {
		CHECK(event == (stream.open ? PS_LIST_BEGIN : PS_LIST_MALFORMED));
	}
	free(copy);
}

/* The first byte says how many of the next are lengths of writes. */
static void check_stream(const u8 *data, size_t size)
{
	size_t n_cuts, length;
	char *text;

	check_edit((const char *)data, size);
	if (!size)
		return;
	n_cuts = data[0] % 16;
	if (n_cuts > size - 1)
		n_cuts = size - 1;
	length = size - n_cuts;
	text = malloc(length);
	text[0] = '{';
	memcpy(text + 1, data + 1 + n_cuts, length - 1);
	check_transaction(text, length, data + 1, n_cuts);
	free(text);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	enum kind kind;

	if (!size)
		return 0;
	kind = data[0] % KINDS;
	if (kind == STREAM)
		check_stream(data + 1, size - 1);
	else if (kind == NAMES)
		check_names((const char *)data + 1, size - 1);
	else
		check_item(kind, (const char *)data + 1, size - 1);
	return 0;
}
