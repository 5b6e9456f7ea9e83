// SPDX-License-Identifier: GPL-2.0-or-later
/* See top_draw.h: the page of contexts, and the lines that every page has. */
#include <string.h>
#include <time.h>

#include "top_draw.h"
#include "top_layout.h"
#include "top_screen.h"

#define LABEL 21 /* columns in front of a graph */

static const char *const lamp[PS_PROTECTIONS] = {
	[PS_PROTECT_NEW_COOKIE] = "COOKIE",
	[PS_PROTECT_UNKNOWN_TTL] = "TTL ",
	[PS_PROTECT_UNMATCHED] = "UNMATCH",
	[PS_PROTECT_SURGE] = "SURGE",
};

static const char *number(double value)
{
	static char text[4][PS_TOP_NUMBER_MAX];
	static int next;

	/* Several are in one line. */
	next = (next + 1) % 4;
	return ps_top_number(text[next], value);
}

static void draw_title(const struct ps_top_model *model)
{
	int width = ps_screen_columns(), x = 1;
	char clock[16];
	time_t now = time(NULL);
	struct tm local;

	localtime_r(&now, &local);
	strftime(clock, sizeof(clock), "%H:%M:%S", &local);
	x += ps_screen_put(0, x, width - x, PS_BOLD, "PacketShield") + 2;
	x += ps_screen_put(0, x, width - x, PS_PLAIN, "%zu of %u contexts in %u instance%s",
			   model->count, model->contexts, model->instances,
			   model->instances == 1 ? "" : "s") +
	     2;
	if (model->filter[0])
		x += ps_screen_put(0, x, width - x, PS_YELLOW, "with \"%s\"", model->filter) + 2;
	if (x + 9 <= width)
		ps_screen_put_right(0, x, width - x - 1, PS_DIM, "%s", clock);
}

static void draw_history(const struct ps_top_model *model, const float *history, double most, int y,
			 int x, int lines, int columns, int look)
{
	int each = columns / PS_TOP_SECONDS, count = columns, i;
	double value[PS_TOP_SECONDS];

	if (each)
		count = PS_TOP_SECONDS;
	else
		each = 1;
	for (i = 0; i < count; i++)
		value[i] = ps_top_history(model, history, count - 1 - i);
	if (count > 0)
		ps_screen_graph(y, x, lines, look, value, count, most, each);
}

static double peak(const struct ps_top_model *model, const float *history)
{
	double most = 0, value;
	int i;

	for (i = 0; i < PS_TOP_SECONDS; i++) {
		value = ps_top_history(model, history, i);
		most = value > most ? value : most;
	}
	return most;
}

/* Label, figure and graph; dropped is as high as it is among received. */
static void draw_line(const struct ps_top_model *model, const struct ps_top_row *row,
		      const struct ps_top_block *block, bool dropped)
{
	const float *history = dropped ? row->history_dropped : row->history;
	double most = peak(model, row->history), rate = dropped ? row->dropped : row->received;
	int y = block->y + block->lines - 1, look = dropped ? PS_RED : PS_GREEN;

	ps_screen_put(y, block->x + 1, 9, PS_PLAIN, dropped ? "dropped" : "received");
	ps_screen_put_right(y, block->x + 9, 9, PS_BOLD, "%s/s", number(rate));
	if (block->lines > 1 && !dropped)
		ps_screen_put_right(block->y, block->x + 1, 17, PS_DIM, "peak %s/s", number(most));
	draw_history(model, history, most, block->y, block->x + LABEL - 1, block->lines,
		     block->columns - LABEL, look);
}

static void draw_totals(const struct ps_top_model *model, const struct ps_top_layout *layout)
{
	struct ps_top_block block = { 1, 0, layout->graph, ps_screen_columns() };

	if (!layout->graph)
		return;
	draw_line(model, &model->total, &block, false);
	block.y += layout->graph;
	draw_line(model, &model->total, &block, true);
}

static void draw_column(int *x, int y, int width, const struct ps_top_model *model,
			enum ps_top_order order, const char *name)
{
	int length = (int)strlen(name);
	bool sorted = model->order == order;

	if (!width)
		return;
	ps_screen_put_right(y, *x, width, PS_SCREEN_REVERSE | (sorted ? PS_BOLD : 0), "%s", name);
	if (sorted && width > length)
		ps_screen_arrow(y, *x + width - length - 1, PS_SCREEN_REVERSE, model->reversed);
	*x += width;
}

/* Their names; with a view which of them are on, by themselves or by hand. */
static void draw_lamps(const struct ps_view *view, int y, int x)
{
	int i, width;

	for (i = 0; i < PS_PROTECTIONS; i++) {
		width = (int)strlen(lamp[i]);
		if (!view)
			ps_screen_put(y, x, width, PS_SCREEN_REVERSE, "%s", lamp[i]);
		else if (view->status >> i & 1)
			ps_screen_put(y, x, width, PS_YELLOW | PS_SCREEN_BOLD, "%s",
				      view->by_hand >> i & 1 ? "hand" : "on");
		else
			ps_screen_put(y, x, width, PS_DIM, "-");
		x += width + 2;
	}
}

static void draw_columns(const struct ps_top_model *model, const struct ps_top_columns *width,
			 int y)
{
	int x = 1 + width->name;

	ps_screen_put(y, 0, ps_screen_columns(), PS_SCREEN_REVERSE, "%*s", ps_screen_columns(), "");
	ps_screen_put(y, 1, width->name, PS_SCREEN_REVERSE, "CONTEXT");
	if (model->order == PS_TOP_BY_NAME)
		ps_screen_arrow(y, 9, PS_SCREEN_REVERSE, !model->reversed);
	draw_column(&x, y, width->received, model, PS_TOP_BY_RECEIVED, "PACKETS/S");
	draw_column(&x, y, width->delivered, model, PS_TOP_BY_DELIVERED, "DELIVERED");
	draw_column(&x, y, width->dropped, model, PS_TOP_BY_DROPPED, "DROPPED");
	draw_column(&x, y, width->answered, model, PS_TOP_ORDERS, "ANSWERED");
	if (width->lamps)
		draw_lamps(NULL, y, x + 2);
	if (width->history)
		ps_screen_put(y, x + width->lamps + 2, width->history, PS_SCREEN_REVERSE,
			      "LAST %d S", width->history - 2);
}

static void draw_number(int *x, int y, int width, int look, double value)
{
	if (width)
		ps_screen_put_right(y, *x, width, value > 0 ? look : PS_DIM, "%s", number(value));
	*x += width;
}

static void draw_row(const struct ps_top_model *model, const struct ps_top_row *row,
		     const struct ps_top_columns *width, int y, bool selected)
{
	char name[sizeof(row->view->place.path)];
	int x = 1 + width->name;

	ps_screen_put(y, 0, 1, PS_BOLD, selected ? ">" : " ");
	ps_top_shorten(name, sizeof(name), row->view->place.path, width->name);
	ps_screen_put(y, 1, width->name, selected ? PS_SCREEN_REVERSE : PS_PLAIN, "%s", name);
	draw_number(&x, y, width->received, PS_PLAIN, row->received);
	draw_number(&x, y, width->delivered, PS_PLAIN, row->delivered);
	draw_number(&x, y, width->dropped, PS_RED, row->dropped);
	draw_number(&x, y, width->answered, PS_PLAIN, row->answered);
	if (width->lamps)
		draw_lamps(row->view, y, x + 2);
	if (width->history)
		draw_history(model, row->history, peak(model, row->history), y,
			     x + width->lamps + 2, 1, width->history - 2, PS_GREEN);
}

static void draw_table(const struct ps_top_ui *ui, const struct ps_top_model *model,
		       const struct ps_top_block *block)
{
	struct ps_top_columns width = ps_top_columns(block->columns);
	int y = block->y, end = block->y + block->lines;
	size_t i;

	draw_columns(model, &width, y++);
	for (i = ui->first; i < model->count && y < end; i++)
		draw_row(model, model->shown[i], &width, y++, i == ui->index);
	if (model->count || y >= end)
		return;
	if (model->filter[0])
		ps_screen_put(y, 1, block->columns - 1, PS_DIM, "no name has \"%s\" in it",
			      model->filter);
	else
		ps_screen_put(y, 1, block->columns - 1, PS_DIM,
			      model->instances ? "nothing has happened to any context yet" :
						 "there are no instances");
}

/* What it watches, against the rates that switch it. */
static void draw_protection(const struct ps_top_row *row, enum ps_protection_index which, int y,
			    int x, int width)
{
	struct ps_rates rates = ps_rates_unpack(row->view->option[ps_protection_option[which]]);
	double share = rates.above ? (double)row->view->rate[which] / rates.above : 0;
	double mark = rates.above ? (double)rates.below / rates.above : 0;
	bool on = row->view->status >> which & 1, hand = row->view->by_hand >> which & 1;
	int bar = width - 54 > 40 ? 40 : width - 54;
	char name[PS_ITEM_MAX];

	ps_screen_put(y, x + 1, 17, on ? PS_YELLOW | PS_SCREEN_BOLD : PS_PLAIN, "%s",
		      ps_names_protection(which, name));
	x += 18;
	if (row->view->measured >> which & 1)
		ps_screen_put_right(y, x, 10, PS_PLAIN, "%s/s",
				    number((double)row->view->rate[which]));
	x += 11;
	if (bar > 0 && rates.above)
		ps_screen_bar(y, x, bar,
			      share > 1	    ? PS_RED :
			      share >= mark ? PS_YELLOW :
					      PS_GREEN,
			      share, mark);
	x += bar > 0 ? bar + 1 : 0;
	if (rates.above)
		ps_screen_put(y, x, 15, PS_PLAIN, "%s - %s", number(rates.above),
			      number(rates.below));
	else
		ps_screen_put(y, x, 15, PS_DIM, "no threshold");
	ps_screen_put(y, x + 16, 10, on ? PS_YELLOW | PS_SCREEN_BOLD : PS_DIM, "%s%s",
		      on ? "on" : "off", hand ? " by hand" : "");
}

static void draw_detail(const struct ps_top_ui *ui, const struct ps_top_model *model,
			const struct ps_top_block *block)
{
	const struct ps_top_row *row = ps_top_selected(ui, model);
	struct ps_top_block graph = *block;
	int i;

	if (!block->lines)
		return;
	ps_screen_heading(block->y, block->x, block->columns, row ? ui->selected : "no context");
	if (!row)
		return;
	graph.y++;
	graph.lines -= 1 + PS_PROTECTIONS;
	draw_line(model, row, &graph, false);
	for (i = 0; i < PS_PROTECTIONS; i++)
		draw_protection(row, i, graph.y + graph.lines + i, block->x, block->columns);
}

static void draw_drops(const struct ps_top_model *model, const struct ps_top_block *block)
{
	enum ps_reason reason[PS_REASONS];
	int i, n;

	if (!block->lines)
		return;
	ps_screen_heading(block->y, block->x, block->columns,
			  model->filter[0] ? "dropped, all that are shown" :
					     "dropped, all contexts");
	n = ps_top_reasons(&model->total, reason);
	if (!n)
		ps_screen_put(block->y + 1, block->x + 1, block->columns - 1, PS_DIM, "nothing");
	for (i = 0; i < n && i + 1 < block->lines; i++) {
		ps_screen_put(block->y + 1 + i, block->x + 1, 20, PS_PLAIN, "%s",
			      ps_reason_info[reason[i]].name);
		ps_screen_put_right(block->y + 1 + i, block->x + 20, 11, PS_RED, "%s/s",
				    number((double)model->total.drop[reason[i]]));
		ps_screen_put(block->y + 1 + i, block->x + 33, block->columns - 34, PS_DIM, "%s",
			      ps_view_reason_doc(reason[i]));
	}
}

/* What is asked, else what became of the last key, else what the keys are. */
static void draw_last_line(const struct ps_top_ui *ui, const struct ps_top_model *model, int y)
{
	int width = ps_screen_columns();
	char name[PS_ITEM_MAX];

	if (ui->prompt == PS_TOP_FILTER)
		ps_screen_put(y, 0, width, PS_BOLD, " filter: %s_", model->filter);
	else if (ui->prompt == PS_TOP_CHOOSE)
		ps_screen_put(y, 0, width, PS_BOLD,
			      " switch: 1 new_cookie  2 unknown_ttlfilter  3 unmatch_drop  "
			      "4 deliver_block");
	else if (ui->prompt == PS_TOP_CONFIRM)
		ps_screen_put(y, 0, width, PS_BOLD, " switch %s %s for %s? y/n",
			      ps_names_protection(ui->protection, name), ui->on ? "on" : "off",
			      ui->target);
	else if (ui->message[0])
		ps_screen_put(y, 0, width, PS_YELLOW, " %s", ui->message);
	else if (ui->page != PS_TOP_CONTEXTS)
		ps_screen_put(y, 0, width, PS_DIM, " Esc back  Up Down scroll  q quit");
	else
		ps_screen_put(y, 0, width, PS_DIM,
			      " q quit  ? help  Up Down select  s sort  r reverse  / filter  "
			      "d drops  t switch");
}

void ps_top_draw(struct ps_top_ui *ui, const struct ps_top_model *model)
{
	struct ps_top_layout layout = ps_top_layout(ps_screen_lines(), ps_screen_columns());

	ps_top_settle(ui, model, layout.table.lines > 1 ? (size_t)layout.table.lines - 1 : 0);
	ps_screen_clear();
	draw_title(model);
	if (ui->page == PS_TOP_DROPS) {
		ps_top_draw_drops(ui, model);
	} else if (ui->page == PS_TOP_HELP) {
		ps_top_draw_help(ui);
	} else {
		draw_totals(model, &layout);
		draw_table(ui, model, &layout.table);
		draw_detail(ui, model, &layout.detail);
		draw_drops(model, &layout.drops);
	}
	draw_last_line(ui, model, layout.help);
	ps_screen_show();
}
