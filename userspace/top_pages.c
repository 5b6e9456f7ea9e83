// SPDX-License-Identifier: GPL-2.0-or-later
/* See top_draw.h: the drops of one context, and the help. */
#include "top_draw.h"
#include "top_screen.h"

#define FIRST_LINE 2

/* The last line is the keys'; a page is scrolled no further than to its end. */
static int begin_page(struct ps_top_ui *ui, int lines)
{
	int room = ps_screen_lines() - FIRST_LINE - 1;

	if (ui->scrolled > lines - room)
		ui->scrolled = lines > room ? lines - room : 0;
	return room > 0 ? room : 0;
}

static void draw_reason(const struct ps_top_row *row, enum ps_reason reason, int y)
{
	char rate[PS_TOP_NUMBER_MAX], packets[PS_TOP_NUMBER_MAX], bytes[PS_TOP_NUMBER_MAX];
	const struct ps_netlink_count *count = &row->view->drop[reason];
	bool now = row->drop[reason] > 0;

	ps_top_number(rate, (double)row->drop[reason]);
	ps_top_number(packets, (double)count->packets);
	ps_top_number(bytes, (double)count->bytes);
	ps_screen_put(y, 1, 20, PS_PLAIN, "%s", ps_reason_info[reason].name);
	ps_screen_put_right(y, 21, 9, now ? PS_RED : PS_DIM, "%s", rate);
	ps_screen_put_right(y, 30, 9, PS_PLAIN, "%s", packets);
	ps_screen_put_right(y, 39, 9, PS_PLAIN, "%s", bytes);
	ps_screen_put(y, 50, ps_screen_columns() - 50, PS_DIM, "%s", ps_view_reason_doc(reason));
}

void ps_top_draw_drops(struct ps_top_ui *ui, const struct ps_top_model *model)
{
	const struct ps_top_row *row = ps_top_selected(ui, model);
	int width = ps_screen_columns(), i, n, room;
	enum ps_reason reason[PS_REASONS];

	if (!row) {
		ps_screen_put(1, 1, width - 1, PS_YELLOW, "%s is no more there", ui->selected);
		return;
	}
	n = ps_top_reasons(row, reason);
	room = begin_page(ui, n);
	ps_screen_put(1, 0, width, PS_SCREEN_REVERSE, "%*s", width, "");
	ps_screen_put(1, 1, 20, PS_SCREEN_REVERSE, "DROPPED FOR");
	ps_screen_put_right(1, 21, 9, PS_SCREEN_REVERSE, "PACKETS/S");
	ps_screen_put_right(1, 30, 9, PS_SCREEN_REVERSE, "PACKETS");
	ps_screen_put_right(1, 39, 9, PS_SCREEN_REVERSE, "BYTES");
	ps_screen_put(1, 50, width - 50, PS_SCREEN_REVERSE, "%s", ui->selected);
	if (!n)
		ps_screen_put(FIRST_LINE, 1, width - 1, PS_DIM, "nothing was dropped");
	for (i = 0; i < room && ui->scrolled + i < n; i++)
		draw_reason(row, reason[ui->scrolled + i], FIRST_LINE + i);
}

static const char *const help[] = {
	"Up Down PgUp PgDn Home End   select a context (also k j g G); Home: the first, always",
	"s       sort by packets/s, delivered, dropped, name;  r  the other way round",
	"/       show contexts with a text in their name only; Esc shows all of them again",
	"d       what the selected context dropped, and why (also Enter)",
	"t       switch one of its protections on or off by hand, after a question",
	"q       quit",
	"",
	"Rates are packets a second since the last reading; each reading is one second after",
	"the other, or later where reading takes its time. Contexts to which nothing has",
	"happened aren't shown. COOKIE, TTL, UNMATCH and SURGE are new_cookie,",
	"unknown_ttlfilter, unmatch_drop and deliver_block; hand: switched on by hand.",
	"",
	"The bar of a protection is full at X of its threshold, where it goes on; the mark is Y,",
	"below which it goes off. What TTL filter drops isn't part of unmatch_drop's bar.",
};

void ps_top_draw_help(struct ps_top_ui *ui)
{
	int lines = (int)ARRAY_SIZE(help), room = begin_page(ui, lines), i;

	ps_screen_put(1, 0, ps_screen_columns(), PS_SCREEN_REVERSE, " %-*s", ps_screen_columns(),
		      "HELP");
	for (i = 0; i < room && ui->scrolled + i < lines; i++)
		ps_screen_put(FIRST_LINE + i, 1, ps_screen_columns() - 1, PS_PLAIN, "%s",
			      help[ui->scrolled + i]);
}
