// SPDX-License-Identifier: GPL-2.0-or-later
/* See top_layout.h. */
#include "protection.h"
#include "top_layout.h"

#define LINES_HELP   3 /* from so many lines on there is this part */
#define LINES_GRAPHS 8
#define LINES_DETAIL 16
#define LINES_DROPS  21
#define LINES_TALL   40
#define COLUMNS_WIDE 140

#define NAME	28 /* at least, before there are histories */
#define HISTORY 62 /* a column a second, and two in front of them */

#define DETAIL_LINES	  (2 + PS_PROTECTIONS)
#define DETAIL_LINES_TALL (4 + PS_PROTECTIONS)

struct ps_top_layout ps_top_layout(int lines, int columns)
{
	struct ps_top_layout layout = { .help = lines >= LINES_HELP ? lines - 1 : -1 };
	bool tall = lines >= LINES_TALL, wide = columns >= COLUMNS_WIDE;
	int top = 1, bottom = layout.help >= 0 ? layout.help : lines;

	if (lines >= LINES_GRAPHS)
		layout.graph = tall ? 3 : 1;
	top += 2 * layout.graph;
	if (lines >= LINES_DETAIL)
		layout.detail.lines = tall ? DETAIL_LINES_TALL : DETAIL_LINES;
	if (lines >= LINES_DROPS)
		layout.drops.lines = wide ? layout.detail.lines : tall ? 8 : 4;
	layout.detail.columns = columns;
	layout.drops.columns = columns;
	if (wide && layout.drops.lines) {
		layout.detail.columns = columns / 2;
		layout.drops.x = columns / 2;
		layout.drops.columns = columns - columns / 2;
		bottom -= layout.drops.lines;
		layout.drops.y = bottom;
	} else {
		bottom -= layout.drops.lines;
		layout.drops.y = bottom;
		bottom -= layout.detail.lines;
	}
	layout.detail.y = bottom;
	layout.table.y = top;
	layout.table.lines = bottom > top ? bottom - top : 0;
	layout.table.columns = columns;
	return layout;
}

struct ps_top_columns ps_top_columns(int columns)
{
	struct ps_top_columns widths = { .received = columns >= 20 ? 10 : 0 };
	int left = columns - 1 - widths.received;

	if (columns >= 40)
		left -= widths.dropped = 9;
	if (columns >= 56)
		left -= widths.delivered = 10;
	if (columns >= 78)
		left -= widths.lamps = PS_TOP_LAMPS;
	if (columns >= 100)
		left -= widths.answered = 10;
	if (columns >= 120) {
		widths.history = left - NAME < HISTORY ? left - NAME : HISTORY;
		left -= widths.history;
	}
	widths.name = left > 0 ? left : 0;
	return widths;
}
