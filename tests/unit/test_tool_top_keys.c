// SPDX-License-Identifier: GPL-2.0-or-later
/* What keys do in packetshield top, and where on screens of all sizes its parts are. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <curses.h>
#include <stdlib.h>
#include <string.h>

#include "print.h"
#include "top_keys.h"
#include "top_layout.h"

#define CONTEXTS 10

/* Contexts web/c0, web/c1, ...: the lower, the busier; without those of @without. */
static void read_contexts(struct ps_top_model *model, double now, const char *without)
{
	struct ps_views views = {
		.view = ps_print_allocate(NULL, CONTEXTS * sizeof(*views.view)),
	};
	struct ps_view *view;
	int i;

	for (i = 0; i < CONTEXTS; i++) {
		if (strchr(without, '0' + i))
			continue;
		view = calloc(1, sizeof(*view));
		snprintf(view->name, sizeof(view->name), "web");
		snprintf(view->place.context, sizeof(view->place.context), "c%d", i);
		snprintf(view->place.path, sizeof(view->place.path), "web/c%d", i);
		view->counter[PS_CONTEXT_COUNTER_rx_total] = (u64)(now * (100 - i));
		view->status = i == 1 ? 1U << PS_PROTECT_UNMATCHED : 0;
		views.view[views.count++] = view;
	}
	ps_top_update(model, &views, now);
}

static void begin(struct ps_top_ui *ui, struct ps_top_model *model)
{
	*ui = (struct ps_top_ui){};
	*model = (struct ps_top_model){};
	read_contexts(model, 10, "");
	read_contexts(model, 11, "");
	ps_top_settle(ui, model, 4);
}

static void selects(void **state)
{
	struct ps_top_model model;
	struct ps_top_ui ui;

	begin(&ui, &model);
	assert_string_equal(ui.selected, "web/c0");
	/* Until one is chosen it is the first one. */
	read_contexts(&model, 12, "0");
	ps_top_settle(&ui, &model, 4);
	assert_string_equal(ui.selected, "web/c1");
	assert_int_equal(ps_top_key(&ui, &model, KEY_DOWN), PS_TOP_STAY);
	assert_string_equal(ui.selected, "web/c2");
	/* Then it stays, wherever it goes. */
	ps_top_key(&ui, &model, 'r');
	assert_string_equal(ui.selected, "web/c2");
	assert_int_equal(ui.index, 7);
	assert_true(ui.first <= 7 && ui.first + 4 > 7);
	ps_top_key(&ui, &model, KEY_END);
	ps_top_key(&ui, &model, KEY_DOWN);
	assert_int_equal(ui.index, 8);
	assert_int_equal(ui.first, 5);
	ps_top_key(&ui, &model, KEY_PPAGE);
	assert_int_equal(ui.index, 4);
	/* Of one that is gone another takes the place. */
	read_contexts(&model, 13, "0123456");
	ps_top_settle(&ui, &model, 4);
	assert_int_equal(model.count, 3);
	assert_true(ps_top_selected(&ui, &model));
	assert_int_equal(ui.first, 0);
	ps_top_key(&ui, &model, KEY_HOME);
	ps_top_key(&ui, &model, KEY_UP);
	assert_int_equal(ui.index, 0);
	read_contexts(&model, 14, "0123456789");
	ps_top_settle(&ui, &model, 0);
	assert_null(ps_top_selected(&ui, &model));
	ps_top_key(&ui, &model, KEY_DOWN);
	ps_top_key(&ui, &model, 'd');
	ps_top_key(&ui, &model, 't');
	assert_int_equal(ui.page, PS_TOP_CONTEXTS);
	assert_int_equal(ui.prompt, PS_TOP_NO_PROMPT);
	assert_int_equal(ps_top_key(&ui, &model, 'q'), PS_TOP_QUIT);
	ps_top_free(&model);
}

static void types(struct ps_top_ui *ui, struct ps_top_model *model, const char *text)
{
	for (; *text; text++)
		assert_int_equal(ps_top_key(ui, model, *text), PS_TOP_STAY);
}

static void filters(void **state)
{
	struct ps_top_model model;
	struct ps_top_ui ui;
	int i;

	begin(&ui, &model);
	types(&ui, &model, "/q c7");
	assert_string_equal(model.filter, "qc7");
	assert_int_equal(model.count, 0);
	for (i = 0; i < 3; i++)
		ps_top_key(&ui, &model, KEY_BACKSPACE);
	types(&ui, &model, "c7\r");
	assert_int_equal(model.count, 1);
	assert_string_equal(ui.selected, "web/c7");
	/* Escape while it is typed: as it was before; Escape then: none. */
	types(&ui, &model, "/8\033");
	assert_string_equal(model.filter, "c7");
	types(&ui, &model, "\033");
	assert_int_equal(model.count, CONTEXTS);
	types(&ui, &model, "/");
	for (i = 0; i < 2 * PS_TOP_FILTER_MAX; i++)
		ps_top_key(&ui, &model, 'x');
	assert_int_equal(strlen(model.filter), PS_TOP_FILTER_MAX - 1);
	ps_top_free(&model);
}

static void switches(void **state)
{
	struct ps_top_model model;
	struct ps_top_ui ui;

	begin(&ui, &model);
	types(&ui, &model, "t1n");
	types(&ui, &model, "t5y");
	types(&ui, &model, "t1\033y");
	types(&ui, &model, "t1");
	assert_int_equal(ui.prompt, PS_TOP_CONFIRM);
	/* A new size is no answer. */
	assert_int_equal(ps_top_key(&ui, &model, KEY_RESIZE), PS_TOP_STAY);
	assert_int_equal(ui.prompt, PS_TOP_CONFIRM);
	/* Meanwhile it goes, and another is selected: the answer is about what was asked. */
	read_contexts(&model, 12, "0");
	ps_top_settle(&ui, &model, 4);
	assert_string_equal(ui.selected, "web/c1");
	assert_int_equal(ps_top_key(&ui, &model, 'y'), PS_TOP_SWITCH);
	assert_string_equal(ui.target, "web/c0");
	assert_int_equal(ui.protection, PS_PROTECT_NEW_COOKIE);
	assert_true(ui.on);
	assert_int_equal(ui.prompt, PS_TOP_NO_PROMPT);
	/* What is on is switched off. */
	types(&ui, &model, "t3");
	assert_int_equal(ps_top_key(&ui, &model, 'Y'), PS_TOP_SWITCH);
	assert_string_equal(ui.target, "web/c1");
	assert_int_equal(ui.protection, PS_PROTECT_UNMATCHED);
	assert_false(ui.on);
	/* Gone before a protection was chosen: nothing is asked. */
	types(&ui, &model, "t");
	read_contexts(&model, 13, "01");
	ps_top_settle(&ui, &model, 4);
	types(&ui, &model, "3");
	assert_int_equal(ui.prompt, PS_TOP_NO_PROMPT);
	types(&ui, &model, "y");
	ps_top_free(&model);
}

static void pages(void **state)
{
	struct ps_top_model model;
	struct ps_top_ui ui;

	begin(&ui, &model);
	types(&ui, &model, "d");
	assert_int_equal(ui.page, PS_TOP_DROPS);
	ps_top_key(&ui, &model, KEY_DOWN);
	assert_int_equal(ui.scrolled, 1);
	assert_string_equal(ui.selected, "web/c0");
	/* They are those of this context, also when it is gone. */
	read_contexts(&model, 12, "0");
	ps_top_settle(&ui, &model, 4);
	assert_string_equal(ui.selected, "web/c0");
	assert_null(ps_top_selected(&ui, &model));
	types(&ui, &model, "\033");
	assert_int_equal(ui.page, PS_TOP_CONTEXTS);
	assert_string_equal(ui.selected, "web/c1");
	types(&ui, &model, "h");
	assert_int_equal(ui.page, PS_TOP_HELP);
	assert_int_equal(ui.scrolled, 0);
	types(&ui, &model, "h\r");
	assert_int_equal(ui.page, PS_TOP_DROPS);
	ps_top_free(&model);
}

/* Inside of the screen, and above what comes next. */
static void expect_inside(const struct ps_top_block *block, int lines, int columns)
{
	if (!block->lines)
		return;
	assert_true(block->y >= 1 && block->lines > 0 && block->y + block->lines <= lines - 1);
	assert_true(block->x >= 0 && block->columns > 0 && block->x + block->columns <= columns);
}

static void layouts(void **state)
{
	struct ps_top_columns width;
	struct ps_top_layout layout;
	int lines, columns, sum;

	for (lines = 1; lines < 120; lines++)
		for (columns = 1; columns < 300; columns++) {
			layout = ps_top_layout(lines, columns);
			width = ps_top_columns(columns);
			sum = 1 + width.name + width.received + width.delivered + width.dropped +
			      width.answered + width.lamps + width.history;
			assert_true(sum <= columns || columns == 1);
			assert_true(width.name >= (columns < 12 ? columns - 1 : 9));
			if (lines < 4)
				continue;
			expect_inside(&layout.table, lines, columns);
			expect_inside(&layout.detail, lines, columns);
			expect_inside(&layout.drops, lines, columns);
			/* A heading, and a context. */
			assert_true(layout.table.lines >= 2);
			assert_true(layout.table.y >= 1 + 2 * layout.graph);
			if (layout.detail.lines)
				assert_true(layout.table.y + layout.table.lines <= layout.detail.y);
			if (layout.drops.lines && !layout.drops.x)
				assert_true(layout.detail.y + layout.detail.lines <=
					    layout.drops.y);
			else if (layout.drops.lines)
				assert_true(layout.detail.columns <= layout.drops.x);
		}
	layout = ps_top_layout(24, 80);
	assert_true(layout.graph == 1 && layout.table.lines == 10 && layout.drops.lines == 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(selects), cmocka_unit_test(filters), cmocka_unit_test(switches),
		cmocka_unit_test(pages),   cmocka_unit_test(layouts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
