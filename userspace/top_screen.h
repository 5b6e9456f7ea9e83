/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The screen of packetshield top: texts, bars and graphs by ncurses. Whatever is put
 * outside of the screen, or is wider than its place, isn't there: who draws needn't look.
 * Blocks are drawn where the locale has them, else signs of ASCII; without colours
 * bold and reverse have to do.
 */
#ifndef PS_TOP_SCREEN_H
#define PS_TOP_SCREEN_H

#include "print.h"

/* How a text looks: an enum ps_colour, and these. */
#define PS_SCREEN_BOLD	  0x100
#define PS_SCREEN_REVERSE 0x200

/**
 * ps_screen_open() - take over the terminal
 *
 * Return: enum ps_exit, after a message where it isn't PS_EXIT_OK.
 */
int ps_screen_open(void);
/* The terminal is as it was. */
void ps_screen_close(void);

int ps_screen_lines(void);
int ps_screen_columns(void);

/* Begin an empty picture; show it. */
void ps_screen_clear(void);
void ps_screen_show(void);

/* The next key, of ncurses; -1 when there is none for so many seconds, or a signal came. */
int ps_screen_key(double seconds);

/*
 * A text in @width columns, on the left or right of them; returns columns used. Where
 * there is no room, one on the left is cut off, and one on the right isn't there.
 */
int ps_screen_put(int y, int x, int width, int look, const char *format, ...)
	__attribute__((format(printf, 5, 6)));
int ps_screen_put_right(int y, int x, int width, int look, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/* A line to the right, and a text in it. */
void ps_screen_heading(int y, int x, int width, const char *text);

/**
 * ps_screen_graph() - values as columns
 * @y: first line
 * @x: first column
 * @lines: of the graph
 * @look: of the columns
 * @value: the values, from left to right
 * @count: how many
 * @most: what is as high as the graph
 * @each: columns of the screen that each value gets
 */
void ps_screen_graph(int y, int x, int lines, int look, const double *value, int count,
		     double most, int each);

/**
 * ps_screen_bar() - a share of 1 as a bar
 * @y: line
 * @x: first column
 * @width: columns of 1
 * @look: of the bar
 * @share: drawn up to 1
 * @mark: a share that is marked, 0 for none
 */
void ps_screen_bar(int y, int x, int width, int look, double share, double mark);

/* A sign for the order of a column. */
void ps_screen_arrow(int y, int x, int look, bool up);

#endif
