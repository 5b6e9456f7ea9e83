// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Address ranges -> value: many ranges at once. ps_sources_sort() brings them
 * into order; a replacement then merges them with the old set in one stream.
 *
 * The stream gives the boundaries of the new set in order and in canonical
 * form. It is drawn twice, to measure and to fill, so that the caller can find
 * the memory in between. Nothing here needs more than one pass over the old
 * set and the new ranges each time.
 */
#include "sources_leaf.h"

/*
 * Leaves are made 15/16 full at most, so that an edit here and there doesn't split
 * one, and evenly: where there are several, each is over 15/32 full. More room
 * would be memory that look-ups have to fetch.
 */
#define FILL(words) (PS_SOURCES_CAPACITY(words) * 15 / 16)

#define VALUE_NONE 0x10000U /* differs from every value */

/* Whether @next is behind @range with at least an address between them. */
static bool range_is_apart(const struct ps_range *range, const struct ps_range *next)
{
	const struct ps_addr after = ps_key_after(range->last);

	return ps_key_above(next->first.word, range->last.word, 4) &&
	       !ps_addr_equal(&next->first, &after);
}

static bool ranges_are_sorted(const struct ps_range *range, u32 n)
{
	u32 i;

	for (i = 1; i < n; i++)
		if (!range_is_apart(&range[i - 1], &range[i]))
			return false;
	return true;
}

/* Merge two neighbouring runs, @n ranges in all; the left one has @n_left, 1 or more. */
static void merge_runs(struct ps_range *to, const struct ps_range *from, u32 n_left, u32 n)
{
	const struct ps_range *right = from + n_left;
	const struct ps_range *right_end = from + n;
	const struct ps_range *left_end = right;
	const struct ps_range *left = from;

	while (left < left_end && right < right_end) {
		if (ps_key_above(left->first.word, right->first.word, 4))
			*to++ = *right++;
		else
			*to++ = *left++;
	}
	if (left < left_end)
		memcpy(to, left, (size_t)(left_end - left) * sizeof(*to));
	else
		memcpy(to, right, (size_t)(right_end - right) * sizeof(*to));
}

/* Join what overlaps or touches in @n ordered ranges; @to may be @from. */
static u32 ranges_join(struct ps_range *to, const struct ps_range *from, u32 n)
{
	u32 out = 0;
	u32 i;

	to[0] = from[0];
	for (i = 1; i < n; i++) {
		if (range_is_apart(&to[out], &from[i]))
			to[++out] = from[i];
		else if (ps_key_above(from[i].last.word, to[out].last.word, 4))
			to[out].last = from[i].last;
	}
	return out + 1;
}

u32 ps_sources_sort(struct ps_range *range, struct ps_range *scratch, u32 n)
{
	struct ps_range *from = range;
	struct ps_range *to = scratch;
	struct ps_range *swap;
	size_t width, at;

	if (ranges_are_sorted(range, n))
		return n;
	for (width = 1; width < n; width *= 2) {
		for (at = 0; at < n; at += 2 * width)
			merge_runs(to + at, from + at, min(width, n - at), min(2 * width, n - at));
		swap = from;
		from = to;
		to = swap;
	}
	return ranges_join(range, from, n);
}

/**
 * struct stream - the boundaries of the new set, one at a time
 * @old:	the old set's segments behind @under
 * @under:	the old segment that begins next
 * @more:	whether there is one
 * @range:	the new range that begins or ends next
 * @end:	behind the last new range
 * @edge:	the address where @range begins or, if @inside, the one after it
 * @inside:	whether the stream is inside @range
 * @list:	the value of the list that is replaced
 * @base:	the value here without the new ranges
 * @value:	the value of the last boundary given
 */
struct stream {
	struct ps_sources_cursor old;
	struct ps_sources_segment under;
	bool more;
	const struct ps_range *range;
	const struct ps_range *end;
	struct ps_addr edge;
	bool inside;
	u16 list;
	u16 base;
	u32 value;
};

static void stream_start(struct stream *stream, const struct ps_sources_replacement *replacement)
{
	ps_sources_seek(&stream->old, replacement->old, NULL);
	stream->more = ps_sources_next(&stream->old, &stream->under);
	stream->range = replacement->range;
	stream->end = replacement->range;
	if (replacement->n) {
		stream->end += replacement->n;
		stream->edge = replacement->range->first;
	}
	stream->inside = false;
	stream->list = replacement->value;
	stream->base = 0;
	stream->value = VALUE_NONE;
}

static void stream_pass_segment(struct stream *stream)
{
	stream->base = stream->under.value == stream->list ? 0 : stream->under.value;
	stream->more = ps_sources_next(&stream->old, &stream->under);
}

static void stream_pass_edge(struct stream *stream)
{
	stream->inside = !stream->inside;
	if (!stream->inside) {
		stream->range++;
		if (stream->range != stream->end)
			stream->edge = stream->range->first;
	} else if (ps_key_is_highest(&stream->range->last, stream->old.sources->words)) {
		stream->range = stream->end;
	} else {
		stream->edge = ps_key_after(stream->range->last);
	}
}

static bool stream_next(struct stream *stream, struct ps_addr *addr, u16 *value)
{
	int order;

	while (stream->more || stream->range != stream->end) {
		if (!stream->more)
			order = 1;
		else if (stream->range == stream->end)
			order = -1;
		else
			order = ps_addr_compare(&stream->under.range.first, &stream->edge);
		*addr = order <= 0 ? stream->under.range.first : stream->edge;
		if (order <= 0)
			stream_pass_segment(stream);
		if (order >= 0)
			stream_pass_edge(stream);

		*value = stream->inside ? stream->list : stream->base;
		if (*value != stream->value) {
			stream->value = *value;
			return true;
		}
	}
	return false;
}

void ps_sources_measure(struct ps_sources_replacement *replacement)
{
	const u32 fill = FILL(replacement->old->words);
	struct stream stream;
	struct ps_addr addr;
	u16 value;

	replacement->boundaries = 0;
	replacement->ranges = 0;
	stream_start(&stream, replacement);
	while (stream_next(&stream, &addr, &value)) {
		replacement->boundaries++;
		replacement->ranges += value != 0;
	}
	/* Without a range the one boundary is (0, 0), which isn't stored. */
	if (!replacement->ranges)
		replacement->boundaries = 0;
	replacement->leaves = (replacement->boundaries + fill - 1) / fill;
}

void ps_sources_replace(const struct ps_sources_replacement *replacement, struct ps_sources *root)
{
	struct ps_leaf_writer writer;
	struct stream stream;
	struct ps_addr addr;
	u16 value;

	root->ranges = replacement->ranges;
	if (!replacement->leaves)
		return;
	ps_leaf_write_start(&writer, root, 0, replacement->leaves, replacement->boundaries);
	stream_start(&stream, replacement);
	while (stream_next(&stream, &addr, &value))
		ps_leaf_write(&writer, ps_key_of(&addr, root->words), &value, 1);
}
