// SPDX-License-Identifier: GPL-2.0-or-later
/* A list of sources that is kept up to date; see source_list.h. */
#include <errno.h>

#include "parse.h"
#include "source_list.h"
#include "upload.h"
#include "view.h"

#define PS_SOURCE_LIST_EDITS 4096 /* more than these replace the list */
#define PS_SOURCE_LIST_BATCH 64	  /* edits made together: each copies part of the list */

static void take_item(struct ps_source_list *sources, const char *text, size_t length)
{
	enum ps_family family;
	struct ps_range range;

	if (ps_parse_source(text, length, &range))
		return;
	family = ps_addr_family(&range.first);
	ps_ranges_add(family == sources->family ? &sources->now : &sources->others, family, &range);
}

int ps_source_list_read(struct ps_source_list *sources)
{
	struct ps_lines lines;
	const char *text;
	size_t at = 0, length;
	int result;

	sources->now.n = 0;
	sources->others.n = 0;
	result = ps_view_list(&sources->link, &sources->place, sources->list, &lines);
	while (!result && ps_lines_next(&lines, &at, &text, &length))
		take_item(sources, text, length);
	ps_lines_free(&lines);
	return result;
}

static struct ps_upload upload_to(struct ps_source_list *sources, enum ps_netlink_item kind)
{
	return (struct ps_upload){ .link = &sources->link,
				   .place = &sources->place,
				   .list = sources->list,
				   .kind = kind,
				   .in_batch = true };
}

static int send_ranges(struct ps_upload *upload, const struct ps_ranges *ranges, size_t from,
		       size_t n)
{
	char text[PS_ITEM_MAX];
	int error = 0;
	size_t i;

	for (i = from; i < from + n && !error; i++)
		error = ps_upload_put(upload, text, ps_format_source(text, &ranges->range[i]));
	return error;
}

static int edit_list(struct ps_source_list *sources, enum ps_netlink_item kind,
		     const struct ps_ranges *ranges)
{
	struct ps_upload upload = upload_to(sources, kind);
	int error = 0;
	size_t from;

	for (from = 0; from < ranges->n && !error; from += PS_SOURCE_LIST_BATCH) {
		error = ps_link_batch_begin(&sources->link);
		if (!error)
			error = ps_upload_begin(&upload);
		if (!error)
			error = send_ranges(&upload, ranges, from,
					    min(ranges->n - from, (size_t)PS_SOURCE_LIST_BATCH));
		if (!error)
			error = ps_upload_end(&upload);
		if (!error)
			error = ps_link_batch_commit(&sources->link);
	}
	return error;
}

/* With what the list has of the other family at this moment. */
static int replace_list(struct ps_source_list *sources)
{
	struct ps_upload upload = upload_to(sources, PS_ITEM_REPLACE);
	int error;

	if (ps_source_list_read(sources))
		return -EIO;
	upload.in_batch = false;
	error = ps_upload_begin(&upload);
	if (!error)
		error = send_ranges(&upload, &sources->wanted, 0, sources->wanted.n);
	if (!error)
		error = send_ranges(&upload, &sources->others, 0, sources->others.n);
	return error ? error : ps_upload_end(&upload);
}

int ps_source_list_change(struct ps_source_list *sources)
{
	enum ps_family family = sources->family;
	struct ps_ranges old;
	int error;

	ps_ranges_subtract(&sources->now, &sources->wanted, family, &sources->removed);
	ps_ranges_subtract(&sources->wanted, &sources->now, family, &sources->added);
	if (sources->removed.n + sources->added.n > PS_SOURCE_LIST_EDITS) {
		error = replace_list(sources);
	} else {
		error = edit_list(sources, PS_ITEM_REMOVE, &sources->removed);
		if (!error)
			error = edit_list(sources, PS_ITEM_ADD, &sources->added);
	}
	if (error)
		return error;
	old = sources->now;
	sources->now = sources->wanted;
	sources->wanted = old;
	return 0;
}

void ps_source_list_free(struct ps_source_list *sources)
{
	ps_ranges_free(&sources->now);
	ps_ranges_free(&sources->wanted);
	ps_ranges_free(&sources->others);
	ps_ranges_free(&sources->added);
	ps_ranges_free(&sources->removed);
}
