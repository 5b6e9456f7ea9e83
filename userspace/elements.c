// SPDX-License-Identifier: GPL-2.0-or-later
/* Elements of sets and lists of addresses; see elements.h. */
#include <stdlib.h>
#include <string.h>

#include "elements.h"
#include "print.h"

static const struct ps_range mapped = { { { 0, 0, PS_ADDR_MAPPED, 0 } },
					{ { 0, 0, PS_ADDR_MAPPED, ~0U } } };

static struct ps_addr highest(enum ps_family family)
{
	return family == PS_IPV4 ? mapped.last : (struct ps_addr){ { ~0U, ~0U, ~0U, ~0U } };
}

/* The address before or after, which there must be. */
static struct ps_addr step(struct ps_addr addr, int by)
{
	int i;

	for (i = 3; i >= 0; i--) {
		addr.word[i] += (u32)by;
		if (addr.word[i] != (by > 0 ? 0 : ~0U))
			break;
	}
	return addr;
}

void ps_elements_add(struct ps_elements *elements, const struct ps_element *element)
{
	if (elements->n == elements->room) {
		elements->room = elements->room ? 2 * elements->room : 256;
		elements->element =
			ps_print_allocate(elements->element, elements->room * sizeof(*element));
	}
	elements->element[elements->n] = *element;
	elements->element[elements->n].order = elements->n;
	elements->n++;
}

static int compare(const struct ps_element *a, const struct ps_element *b)
{
	int order = ps_addr_compare(&a->key, &b->key);

	return order ? order : (int)b->is_end - (int)a->is_end;
}

static int compare_for_sort(const void *a, const void *b)
{
	const struct ps_element *one = a, *other = b;
	int order = compare(one, other);

	return order ? order : (one->order > other->order) - (one->order < other->order);
}

void ps_elements_sort(struct ps_elements *elements)
{
	struct ps_element *element = elements->element;
	size_t i, kept = 0;

	if (!elements->n)
		return;
	qsort(element, elements->n, sizeof(*element), compare_for_sort);
	for (i = 1; i < elements->n; i++) {
		if (compare(&element[kept], &element[i]))
			kept++;
		element[kept] = element[i];
	}
	elements->n = kept + 1;
}

void ps_elements_apply(struct ps_elements *elements, const struct ps_elements *events)
{
	struct ps_elements next = {};
	size_t i = 0, j;
	int order;

	for (j = 0; j < events->n; j++) {
		order = -1;
		while (i < elements->n) {
			order = compare(&elements->element[i], &events->element[j]);
			if (order >= 0)
				break;
			ps_elements_add(&next, &elements->element[i++]);
		}
		if (i < elements->n && !order)
			i++;
		if (!events->element[j].is_gone)
			ps_elements_add(&next, &events->element[j]);
	}
	while (i < elements->n)
		ps_elements_add(&next, &elements->element[i++]);
	ps_elements_free(elements);
	*elements = next;
}

/*
 * Take out what has expired; when the next will. Where an interval began, another
 * may have ended.
 */
static u64 purge(struct ps_elements *elements, bool is_interval, u64 now)
{
	struct ps_element *element = elements->element;
	size_t i, kept = 0;
	u64 next = 0;

	for (i = 0; i < elements->n; i++) {
		if (element[i].expires && element[i].expires <= now) {
			if (!is_interval || element[i].is_end)
				continue;
			element[i].is_end = true;
			element[i].expires = 0;
			if (kept && !compare(&element[kept - 1], &element[i]))
				continue;
		}
		if (element[i].expires && (!next || element[i].expires < next))
			next = element[i].expires;
		element[kept++] = element[i];
	}
	elements->n = kept;
	return next;
}

u64 ps_elements_ranges(struct ps_elements *elements, enum ps_family family, bool is_interval,
		       u64 now, struct ps_ranges *ranges)
{
	u64 next = purge(elements, is_interval, now);
	const struct ps_element *element = elements->element;
	struct ps_range range;
	size_t i;

	ranges->n = 0;
	for (i = 0; i < elements->n; i++) {
		if (element[i].is_end)
			continue;
		range.first = element[i].key;
		range.last = element[i].key;
		if (is_interval)
			range.last = i + 1 < elements->n ? step(element[i + 1].key, -1) :
							   highest(family);
		ps_ranges_add(ranges, family, &range);
	}
	return next;
}

static void add_part(struct ps_ranges *ranges, enum ps_family family, const struct ps_range *range)
{
	struct ps_range *last = ranges->n ? &ranges->range[ranges->n - 1] : NULL;
	struct ps_addr top = highest(family), after;

	if (last) {
		after = last->last;
		if (!ps_addr_equal(&after, &top))
			after = step(after, 1);
		if (ps_addr_compare(&range->first, &after) <= 0) {
			if (ps_addr_compare(&range->last, &last->last) > 0)
				last->last = range->last;
			return;
		}
	}
	if (ranges->n == ranges->room) {
		ranges->room = ranges->room ? 2 * ranges->room : 256;
		ranges->range = ps_print_allocate(ranges->range, ranges->room * sizeof(*range));
	}
	ranges->range[ranges->n++] = *range;
}

void ps_ranges_add(struct ps_ranges *ranges, enum ps_family family, const struct ps_range *range)
{
	struct ps_range part;

	if (family == PS_IPV4 || ps_addr_compare(&range->last, &mapped.first) < 0 ||
	    ps_addr_compare(&range->first, &mapped.last) > 0) {
		add_part(ranges, family, range);
		return;
	}
	if (ps_addr_compare(&range->first, &mapped.first) < 0) {
		part = (struct ps_range){ range->first, step(mapped.first, -1) };
		add_part(ranges, family, &part);
	}
	if (ps_addr_compare(&range->last, &mapped.last) > 0) {
		part = (struct ps_range){ step(mapped.last, 1), range->last };
		add_part(ranges, family, &part);
	}
}

void ps_ranges_subtract(const struct ps_ranges *from, const struct ps_ranges *what,
			enum ps_family family, struct ps_ranges *left)
{
	const struct ps_range *hole;
	struct ps_range rest, part;
	size_t i, j = 0;
	bool any;

	left->n = 0;
	for (i = 0; i < from->n; i++) {
		rest = from->range[i];
		any = true;
		while (j < what->n && ps_addr_compare(&what->range[j].last, &rest.first) < 0)
			j++;
		for (; any && j < what->n; j++) {
			hole = &what->range[j];
			if (ps_addr_compare(&hole->first, &rest.last) > 0)
				break;
			if (ps_addr_compare(&hole->first, &rest.first) > 0) {
				part = (struct ps_range){ rest.first, step(hole->first, -1) };
				ps_ranges_add(left, family, &part);
			}
			any = ps_addr_compare(&hole->last, &rest.last) < 0;
			if (!any)
				break;
			rest.first = step(hole->last, 1);
		}
		if (any)
			ps_ranges_add(left, family, &rest);
	}
}

void ps_elements_free(struct ps_elements *elements)
{
	free(elements->element);
	*elements = (struct ps_elements){};
}

void ps_ranges_free(struct ps_ranges *ranges)
{
	free(ranges->range);
	*ranges = (struct ps_ranges){};
}
