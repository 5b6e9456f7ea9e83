/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where on the screen packetshield top has what: a function of the screen's size. A
 * part that has no room isn't there; contexts have at least a line before any other
 * part has one, and nothing overlaps.
 */
#ifndef PS_TOP_LAYOUT_H
#define PS_TOP_LAYOUT_H

/**
 * struct ps_top_block - a rectangle
 * @y: first line
 * @x: first column
 * @lines: 0: it isn't there
 * @columns: of it
 */
struct ps_top_block {
	int y;
	int x;
	int lines;
	int columns;
};

/**
 * struct ps_top_layout - the parts
 * @graph: lines of each of the two graphs below the title, in lines 1 on; 0: none
 * @table: contexts, with a line of headings above
 * @detail: the selected context, with a heading
 * @drops: reasons of all drops, with a heading
 * @help: line of the keys; -1: none
 */
struct ps_top_layout {
	int graph;
	struct ps_top_block table;
	struct ps_top_block detail;
	struct ps_top_block drops;
	int help;
};

/**
 * struct ps_top_columns - the table's columns: their widths, 0 where there is none
 * @name: of the context
 * @received: the first number
 * @delivered: of each other number
 * @dropped: likewise
 * @answered: likewise
 * @lamps: the protections
 * @history: the last 60 seconds
 */
struct ps_top_columns {
	int name;
	int received;
	int delivered;
	int dropped;
	int answered;
	int lamps;
	int history;
};

#define PS_TOP_LAMPS 30

struct ps_top_layout ps_top_layout(int lines, int columns);
struct ps_top_columns ps_top_columns(int columns);

#endif
