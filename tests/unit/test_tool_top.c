// SPDX-License-Identifier: GPL-2.0-or-later
/* The model of packetshield top: rates, history, order, filter, of made-up readings. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "print.h"
#include "top_model.h"

/* Adds a view; "web" is an instance, "web/Other" a context with so many packets. */
static struct ps_view *add(struct ps_views *views, const char *path, u64 received, u64 delivered)
{
	struct ps_view *view = calloc(1, sizeof(*view));
	const char *slash = strchr(path, '/');

	snprintf(view->name, sizeof(view->name), "%.*s", (int)strcspn(path, "/"), path);
	snprintf(view->place.context, sizeof(view->place.context), "%s", slash ? slash + 1 : "");
	snprintf(view->place.path, sizeof(view->place.path), "%s", path);
	view->counter[PS_CONTEXT_COUNTER_rx_total] = received;
	view->counter[PS_CONTEXT_COUNTER_delivered] = delivered;
	if (!slash)
		view->contexts = 100;
	views->view = ps_print_allocate(views->view, (views->count + 1) * sizeof(*views->view));
	views->view[views->count++] = view;
	return view;
}

static const char *path(const struct ps_top_model *model, size_t index)
{
	return model->shown[index]->view->place.path;
}

static void expect_order(const struct ps_top_model *model, const char *first, const char *second,
			 const char *third)
{
	assert_int_equal(model->count, 3);
	assert_string_equal(path(model, 0), first);
	assert_string_equal(path(model, 1), second);
	assert_string_equal(path(model, 2), third);
}

/* Two readings, two seconds apart; newest instance first, as the kernel tells them. */
static void read_twice(struct ps_top_model *model)
{
	struct ps_views views = {};
	struct ps_view *view;

	add(&views, "web", 0, 0);
	add(&views, "web/Other", 1000, 500);
	add(&views, "web/10.0.0.10", 50, 50);
	ps_top_update(model, &views, 100.5);
	assert_int_equal(views.count, 0);
	assert_false(model->total.known);

	add(&views, "web", 0, 0);
	view = add(&views, "web/Other", 1400, 600);
	view->drop[PS_REASON_tcp_checksum].packets = 200;
	view->drop[PS_REASON_surge].packets = 20;
	view->drop[PS_REASON_empty_ack].packets = 2000;
	view->counter[PS_CONTEXT_COUNTER_syncookie] = 80;
	view->counter[PS_CONTEXT_COUNTER_quicretry] = 10;
	add(&views, "web/10.0.0.10", 250, 250);
	add(&views, "web/10.0.0.9", 100, 0);
	ps_top_update(model, &views, 102.5);
}

static void rates(void **state)
{
	struct ps_top_model model = {};
	const struct ps_top_row *row;

	read_twice(&model);
	assert_int_equal(model.instances, 1);
	assert_int_equal(model.contexts, 100);
	expect_order(&model, "web/Other", "web/10.0.0.10", "web/10.0.0.9");
	row = model.shown[0];
	assert_true(row->known);
	assert_true(row->received == 200 && row->delivered == 50);
	/* What is withheld isn't dropped. */
	assert_true(row->dropped == 110 && row->answered == 45);
	/* It was silent, so that all it has counted is new. */
	assert_true(model.shown[2]->received == 50);
	assert_true(model.total.received == 350 && model.total.delivered == 150);
	ps_top_free(&model);
}

static void another(void **state)
{
	struct ps_top_model model = {};
	struct ps_views views = {};

	read_twice(&model);
	/* Made anew under the same name: its counters began again. */
	add(&views, "web", 0, 0);
	add(&views, "web/Other", 10, 10);
	ps_top_update(&model, &views, 103.5);
	assert_int_equal(model.count, 1);
	assert_true(model.shown[0]->received == 0 && model.shown[0]->dropped == 0);
	add(&views, "web", 0, 0);
	add(&views, "web/Other", 17, 10);
	ps_top_update(&model, &views, 104.5);
	assert_true(model.shown[0]->received == 7);
	/* No time has passed. */
	add(&views, "web/Other", 30, 10);
	ps_top_update(&model, &views, 104.5);
	assert_true(model.shown[0]->received == 0);
	ps_top_update(&model, &views, 105.5);
	assert_int_equal(model.count, 0);
	assert_int_equal(model.instances, 0);
	ps_top_free(&model);
}

static double ago(const struct ps_top_model *model, int seconds)
{
	return ps_top_history(model, model->shown[0]->history, seconds);
}

static void read_at(struct ps_top_model *model, u64 received, double now)
{
	struct ps_views views = {};

	add(&views, "web/Other", received, 0);
	ps_top_update(model, &views, now);
}

static void history(void **state)
{
	struct ps_top_model model = {};
	int i;

	read_at(&model, 100, 10.2);
	read_at(&model, 200, 11.2);
	read_at(&model, 700, 13.7);
	assert_true(ago(&model, 0) == 200 && ago(&model, 1) == 200 && ago(&model, 2) == 100);
	assert_true(ago(&model, 3) == 0);
	assert_true(ps_top_history(&model, model.total.history, 2) == 100);
	/* Another in the same second takes its place. */
	read_at(&model, 701, 13.95);
	assert_true(ago(&model, 0) > 3.9 && ago(&model, 0) < 4.1 && ago(&model, 1) == 200);
	/* After a long pause it is all from one reading. */
	read_at(&model, 701 + 9000, 103.95);
	for (i = 0; i < PS_TOP_SECONDS; i++)
		assert_true(ago(&model, i) > 99.9 && ago(&model, i) < 100.1);
	assert_true(ago(&model, PS_TOP_SECONDS) == 0);
	/* It is forgotten after a minute. */
	for (i = 1; i < PS_TOP_SECONDS; i++)
		read_at(&model, 9701, 103.95 + i);
	assert_true(ago(&model, PS_TOP_SECONDS - 1) > 99.9);
	read_at(&model, 9701, 103.95 + i);
	assert_true(ago(&model, PS_TOP_SECONDS - 1) == 0);
	ps_top_free(&model);
}

static void order(void **state)
{
	struct ps_top_model model = {};

	read_twice(&model);
	model.order = PS_TOP_BY_DELIVERED;
	ps_top_arrange(&model);
	expect_order(&model, "web/10.0.0.10", "web/Other", "web/10.0.0.9");
	model.order = PS_TOP_BY_DROPPED;
	ps_top_arrange(&model);
	expect_order(&model, "web/Other", "web/10.0.0.9", "web/10.0.0.10");
	model.reversed = true;
	ps_top_arrange(&model);
	expect_order(&model, "web/10.0.0.9", "web/10.0.0.10", "web/Other");
	/* Other first, and numbers as numbers. */
	model.order = PS_TOP_BY_NAME;
	model.reversed = false;
	ps_top_arrange(&model);
	expect_order(&model, "web/Other", "web/10.0.0.9", "web/10.0.0.10");
	model.reversed = true;
	ps_top_arrange(&model);
	expect_order(&model, "web/10.0.0.10", "web/10.0.0.9", "web/Other");
	ps_top_free(&model);
}

static void filter(void **state)
{
	struct ps_top_model model = {};

	read_twice(&model);
	snprintf(model.filter, sizeof(model.filter), "OTHER");
	ps_top_arrange(&model);
	assert_int_equal(model.count, 1);
	assert_string_equal(path(&model, 0), "web/Other");
	assert_true(model.total.received == 200);
	assert_int_equal(ps_top_find(&model, "web/10.0.0.9"), model.count);
	snprintf(model.filter, sizeof(model.filter), "b/10.0.0.");
	ps_top_arrange(&model);
	assert_int_equal(model.count, 2);
	assert_int_equal(ps_top_find(&model, "web/10.0.0.9"), 1);
	snprintf(model.filter, sizeof(model.filter), "nothing");
	ps_top_arrange(&model);
	assert_int_equal(model.count, 0);
	assert_true(model.total.received == 0);
	ps_top_free(&model);
}

static void reasons(void **state)
{
	enum ps_reason reason[PS_REASONS];
	struct ps_top_model model = {};
	struct ps_views views = {};
	struct ps_view *view;

	read_twice(&model);
	assert_int_equal(ps_top_reasons(model.shown[0], reason), 3);
	assert_int_equal(reason[0], PS_REASON_empty_ack);
	assert_int_equal(reason[1], PS_REASON_tcp_checksum);
	assert_int_equal(reason[2], PS_REASON_surge);
	assert_int_equal(ps_top_reasons(model.shown[1], reason), 0);
	/* Of a context those of before come behind those of now; of all they don't come. */
	view = add(&views, "web/Other", 1400, 600);
	view->drop[PS_REASON_tcp_checksum].packets = 200;
	view->drop[PS_REASON_surge].packets = 21;
	ps_top_update(&model, &views, 103.5);
	assert_int_equal(ps_top_reasons(model.shown[0], reason), 2);
	assert_int_equal(reason[0], PS_REASON_surge);
	assert_int_equal(reason[1], PS_REASON_tcp_checksum);
	assert_int_equal(ps_top_reasons(&model.total, reason), 1);
	ps_top_free(&model);
}

static void numbers(void **state)
{
	static const struct {
		double number;
		const char *text;
	} expected[] = {
		{ 0, "0" },	     { 0.2, "<1" },	   { 0.5, "0" },	{ 1, "1" },
		{ 999.4, "999" },    { 999.5, "1 k" },	   { 1234, "1.23 k" },	{ 1200, "1.2 k" },
		{ 9994, "9.99 k" },  { 9995, "10 k" },	   { 20000, "20 k" },	{ 99950, "100 k" },
		{ 120000, "120 k" }, { 999499, "999 k" },  { 999500, "1 M" },	{ 14.88e6, "14.9 M" },
		{ 1e9, "1 G" },	     { 1.84e19, "18.4 E" }, { 1e22, "10000 E" },
	};
	char text[PS_TOP_NUMBER_MAX];
	size_t i;

	for (i = 0; i < sizeof(expected) / sizeof(*expected); i++)
		assert_string_equal(ps_top_number(text, expected[i].number), expected[i].text);
}

static void shortened(void **state)
{
	char text[32];

	assert_string_equal(ps_top_shorten(text, sizeof(text), "web/Other", 9), "web/Other");
	assert_string_equal(ps_top_shorten(text, sizeof(text), "web/Other", 8), "web~ther");
	assert_string_equal(ps_top_shorten(text, sizeof(text), "web/Other", 2), "~r");
	assert_string_equal(ps_top_shorten(text, sizeof(text), "web/Other", 1), "~");
	assert_string_equal(ps_top_shorten(text, sizeof(text), "web/Other", 0), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rates),   cmocka_unit_test(another), cmocka_unit_test(history),
		cmocka_unit_test(order),   cmocka_unit_test(filter),  cmocka_unit_test(reasons),
		cmocka_unit_test(numbers), cmocka_unit_test(shortened),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
