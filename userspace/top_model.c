// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See top_model.h. Rows and readings are both in the order of names, so that one
 * pass finds to each context its row.
 */
#include <stdlib.h>
#include <string.h>

#include "print.h"
#include "top_model.h"

static u64 answered(const struct ps_view *view)
{
	return view->counter[PS_CONTEXT_COUNTER_syncookie] +
	       view->counter[PS_CONTEXT_COUNTER_quicretry];
}

/* A context of the same name may be another one. */
static double rate(u64 is, u64 was, double elapsed)
{
	return is < was || elapsed <= 0 ? 0 : (double)(is - was) / elapsed;
}

static int compare_views(const struct ps_view *a, const struct ps_view *b)
{
	bool a_is_other = !strcmp(a->place.context, "Other");
	bool b_is_other = !strcmp(b->place.context, "Other");
	int order = strverscmp(a->name, b->name);

	if (order)
		return order;
	if (a_is_other != b_is_other)
		return a_is_other ? -1 : 1;
	return strverscmp(a->place.context, b->place.context);
}

static int compare_by_name(const void *a, const void *b)
{
	return compare_views(*(const struct ps_view *const *)a, *(const struct ps_view *const *)b);
}

static double key(const struct ps_top_row *row, enum ps_top_order order)
{
	switch (order) {
	case PS_TOP_BY_RECEIVED:
		return row->received;
	case PS_TOP_BY_DELIVERED:
		return row->delivered;
	case PS_TOP_BY_DROPPED:
		return row->dropped;
	default:
		return 0;
	}
}

/* Rows are by name: of two with the same rate the first stays the first. */
static int compare_shown(const void *a, const void *b, void *data)
{
	const struct ps_top_row *x = *(struct ps_top_row *const *)a;
	const struct ps_top_row *y = *(struct ps_top_row *const *)b;
	const struct ps_top_model *model = data;
	double left = key(x, model->order), right = key(y, model->order);

	if (left != right)
		return (left > right) != model->reversed ? -1 : 1;
	return (x < y) != (model->reversed && model->order == PS_TOP_BY_NAME) ? -1 : 1;
}

/* Readings may lie apart by more than a second, or less: each has what came until it. */
static void remember(float *history, double received, long last, long second)
{
	if (second - last > PS_TOP_SECONDS)
		last = second - PS_TOP_SECONDS;
	if (last == second)
		last--;
	while (last < second)
		history[++last % PS_TOP_SECONDS] = (float)received;
}

static void remember_row(struct ps_top_row *row, double last, double now)
{
	remember(row->history, row->received, (long)last, (long)now);
	remember(row->history_dropped, row->dropped, (long)last, (long)now);
}

static void count_rates(struct ps_top_row *row, const struct ps_view *was, double elapsed)
{
	const struct ps_view *is = row->view;
	int i;

	row->known = true;
	row->received = rate(is->counter[PS_CONTEXT_COUNTER_rx_total],
			     was->counter[PS_CONTEXT_COUNTER_rx_total], elapsed);
	row->delivered = rate(is->counter[PS_CONTEXT_COUNTER_delivered],
			      was->counter[PS_CONTEXT_COUNTER_delivered], elapsed);
	row->answered = rate(answered(is), answered(was), elapsed);
	row->dropped = 0;
	for (i = 0; i < PS_REASONS; i++) {
		row->drop[i] = (float)rate(is->drop[i].packets, was->drop[i].packets, elapsed);
		/* What is withheld was on its way out. */
		if (ps_reason_info[i].action == PS_DROP)
			row->dropped += (double)row->drop[i];
	}
}

/* The contexts of a reading by name; how many. */
static size_t sort_contexts(const struct ps_views *views, const struct ps_view **context)
{
	size_t i, n = 0;

	for (i = 0; i < views->count; i++)
		if (views->view[i]->place.context[0])
			context[n++] = views->view[i];
	if (n)
		qsort(context, n, sizeof(*context), compare_by_name);
	return n;
}

static void count_all(struct ps_top_model *model, const struct ps_views *views)
{
	size_t i;

	model->instances = 0;
	model->contexts = 0;
	for (i = 0; i < views->count; i++) {
		if (views->view[i]->place.context[0])
			continue;
		model->instances++;
		model->contexts += views->view[i]->contexts;
	}
}

static void make_rows(struct ps_top_model *model, const struct ps_view **context, size_t n,
		      double now)
{
	static const struct ps_view nothing;
	struct ps_top_row *row = ps_print_allocate(NULL, (n + 1) * sizeof(*row));
	const struct ps_view *was;
	size_t i, old = 0;

	for (i = 0; i < n; i++) {
		while (old < model->rows && compare_views(model->row[old].view, context[i]) < 0)
			old++;
		was = &nothing;
		row[i] = (struct ps_top_row){};
		if (old < model->rows && !compare_views(model->row[old].view, context[i])) {
			row[i] = model->row[old];
			was = row[i].view;
		}
		row[i].view = context[i];
		if (!model->read)
			continue;
		count_rates(&row[i], was, now - model->time);
		remember_row(&row[i], model->time, now);
	}
	free(model->row);
	model->row = row;
	model->rows = n;
}

static void add_to(struct ps_top_row *total, const struct ps_top_row *row)
{
	int i;

	total->known |= row->known;
	total->received += row->received;
	total->delivered += row->delivered;
	total->dropped += row->dropped;
	total->answered += row->answered;
	for (i = 0; i < PS_REASONS; i++)
		total->drop[i] += row->drop[i];
	for (i = 0; i < PS_TOP_SECONDS; i++) {
		total->history[i] += row->history[i];
		total->history_dropped[i] += row->history_dropped[i];
	}
}

void ps_top_arrange(struct ps_top_model *model)
{
	size_t i;

	model->shown = ps_print_allocate(model->shown, (model->rows + 1) * sizeof(*model->shown));
	model->count = 0;
	model->total = (struct ps_top_row){};
	for (i = 0; i < model->rows; i++) {
		if (!strcasestr(model->row[i].view->place.path, model->filter))
			continue;
		model->shown[model->count++] = &model->row[i];
		add_to(&model->total, &model->row[i]);
	}
	if (model->count)
		qsort_r(model->shown, model->count, sizeof(*model->shown), compare_shown, model);
}

void ps_top_update(struct ps_top_model *model, struct ps_views *views, double now)
{
	const struct ps_view **context =
		ps_print_allocate(NULL, (views->count + 1) * sizeof(*context));
	size_t n = sort_contexts(views, context);

	count_all(model, views);
	make_rows(model, context, n, now);
	free(context);
	ps_view_free(&model->views);
	model->views = *views;
	*views = (struct ps_views){};
	model->time = now;
	model->read = true;
	ps_top_arrange(model);
}

void ps_top_free(struct ps_top_model *model)
{
	ps_view_free(&model->views);
	free(model->row);
	free(model->shown);
	*model = (struct ps_top_model){};
}

size_t ps_top_find(const struct ps_top_model *model, const char *path)
{
	size_t i;

	for (i = 0; i < model->count; i++)
		if (!strcmp(model->shown[i]->view->place.path, path))
			break;
	return i;
}

double ps_top_history(const struct ps_top_model *model, const float *history, int ago)
{
	long second = (long)model->time - ago;

	return second < 0 || ago >= PS_TOP_SECONDS ? 0 : (double)history[second % PS_TOP_SECONDS];
}

static int compare_reasons(const void *a, const void *b, void *data)
{
	enum ps_reason x = *(const enum ps_reason *)a, y = *(const enum ps_reason *)b;
	const struct ps_top_row *row = data;

	if (row->drop[x] != row->drop[y])
		return row->drop[x] > row->drop[y] ? -1 : 1;
	if (row->view && row->view->drop[x].packets != row->view->drop[y].packets)
		return row->view->drop[x].packets > row->view->drop[y].packets ? -1 : 1;
	return x < y ? -1 : 1;
}

int ps_top_reasons(const struct ps_top_row *row, enum ps_reason *reason)
{
	int i, n = 0;

	for (i = 0; i < PS_REASONS; i++)
		if (row->drop[i] > 0 || (row->view && row->view->drop[i].packets))
			reason[n++] = (enum ps_reason)i;
	if (n)
		qsort_r(reason, (size_t)n, sizeof(*reason), compare_reasons, (void *)row);
	return n;
}

const char *ps_top_number(char text[PS_TOP_NUMBER_MAX], double number)
{
	static const char unit[] = " kMGTPE";
	int i = 0, length;

	if (number < 999.5) {
		/* Less than one is still more than none. */
		snprintf(text, PS_TOP_NUMBER_MAX, number > 0 && number < 0.5 ? "<1" : "%.0f",
			 number);
		return text;
	}
	for (; number >= 999.5 && unit[i + 1]; i++)
		number /= 1000;
	length = snprintf(text, PS_TOP_NUMBER_MAX, "%.*f",
			  number < 9.995 ? 2 :
			  number < 99.95 ? 1 :
					   0,
			  number);
	while (strchr(text, '.') && strchr("0.", text[length - 1]))
		text[--length] = '\0';
	snprintf(text + length, PS_TOP_NUMBER_MAX - (size_t)length, " %c", unit[i]);
	return text;
}

const char *ps_top_shorten(char *text, size_t room, const char *name, int width)
{
	int length = (int)strlen(name), front;

	if (width < 1) {
		snprintf(text, room, "%s", "");
	} else if (length <= width) {
		snprintf(text, room, "%s", name);
	} else {
		front = (width - 1) / 2;
		snprintf(text, room, "%.*s~%s", front, name, name + length - (width - 1 - front));
	}
	return text;
}
