// SPDX-License-Identifier: GPL-2.0-or-later
/* See top_screen.h. ncurses clips lines, not columns: a text that is too long would wrap. */
#include <curses.h>
#include <langinfo.h>
#include <locale.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "top_screen.h"

#define EIGHTHS 8

/* From empty to full, upwards and to the right. */
static const char *const up_utf8[] = { " ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
static const char *const up_ascii[] = { " ", "_", ".", ".", "-", "=", "+", "*", "#" };
static const char *const right_utf8[] = { " ", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█" };
static const char *const right_ascii[] = { " ", " ", " ", " ", "=", "=", "#", "#", "#" };

static struct {
	SCREEN *terminal;
	bool utf8;
	bool colours;
} screen;

static attr_t attribute(int look)
{
	enum ps_colour colour = look & 0xff;
	attr_t attr = A_NORMAL;

	if (look & PS_SCREEN_BOLD || colour == PS_BOLD)
		attr |= A_BOLD;
	if (look & PS_SCREEN_REVERSE)
		attr |= A_REVERSE;
	if (colour == PS_DIM)
		attr |= A_DIM;
	if (colour >= PS_RED && screen.colours)
		attr |= (attr_t)COLOR_PAIR(colour);
	return attr;
}

static void start_colours(void)
{
	screen.colours = ps_print_is_coloured(stdout) && has_colors() && start_color() == OK;
	if (!screen.colours)
		return;
	use_default_colors();
	init_pair(PS_RED, COLOR_RED, -1);
	init_pair(PS_GREEN, COLOR_GREEN, -1);
	init_pair(PS_YELLOW, COLOR_YELLOW, -1);
}

static bool can_move(void)
{
	const char *move = tigetstr("cup");

	return move && move != (char *)-1;
}

int ps_screen_open(void)
{
	const char *name = getenv("TERM");

	setlocale(LC_CTYPE, "");
	screen.utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	screen.terminal = newterm(NULL, stdout, stdin);
	if (!screen.terminal || !can_move()) {
		ps_screen_close();
		ps_print_error("top: on a terminal \"%s\" no cursor can be moved",
			       name ? name : "");
		ps_print_hint("packetshield stats --watch prints the same figures");
		return PS_EXIT_USAGE;
	}
	start_colours();
	cbreak();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	set_escdelay(50);
	curs_set(0);
	return PS_EXIT_OK;
}

void ps_screen_close(void)
{
	if (!screen.terminal)
		return;
	endwin();
	delscreen(screen.terminal);
	screen.terminal = NULL;
}

int ps_screen_lines(void)
{
	return LINES;
}

int ps_screen_columns(void)
{
	return COLS;
}

void ps_screen_clear(void)
{
	erase();
}

void ps_screen_show(void)
{
	refresh();
}

int ps_screen_key(double seconds)
{
	int key;

	timeout(seconds > 0 ? (int)(seconds * 1000) + 1 : 0);
	key = getch();
	return key == ERR ? -1 : key;
}

static int fit(int x, int width)
{
	return x + width > COLS ? COLS - x : width;
}

/* One sign, which may be of several bytes. */
static void put_sign(int y, int x, int look, const char *sign)
{
	if (y < 0 || y >= LINES || x < 0 || x >= COLS)
		return;
	attrset(attribute(look));
	mvaddstr(y, x, sign);
}

static int put(int y, int x, int width, int look, bool right, const char *text)
{
	int length = (int)strlen(text);

	width = fit(x, width);
	if (y < 0 || y >= LINES || x < 0 || width <= 0)
		return 0;
	/* The beginning of a number is another number. */
	if (right && length > width)
		return 0;
	attrset(attribute(look));
	if (length > width)
		mvaddnstr(y, x, text, width);
	else
		mvaddstr(y, right ? x + width - length : x, text);
	if (length <= width)
		return length;
	/* It goes on. */
	put_sign(y, x + width - 1, look, screen.utf8 ? "…" : "~");
	return width;
}

int ps_screen_put(int y, int x, int width, int look, const char *format, ...)
{
	char text[512];
	va_list list;

	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	return put(y, x, width, look, false, text);
}

int ps_screen_put_right(int y, int x, int width, int look, const char *format, ...)
{
	char text[512];
	va_list list;

	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	return put(y, x, width, look, true, text);
}

void ps_screen_heading(int y, int x, int width, const char *text)
{
	int at, used = 0;

	put_sign(y, x, PS_DIM, screen.utf8 ? "─" : "-");
	used = 3 + ps_screen_put(y, x + 2, width - 2, PS_BOLD, "%s", text);
	for (at = used; at < width; at++)
		put_sign(y, x + at, PS_DIM, screen.utf8 ? "─" : "-");
}

void ps_screen_graph(int y, int x, int lines, int look, const double *value, int count, double most,
		     int each)
{
	const char *const *sign = screen.utf8 ? up_utf8 : up_ascii;
	/* A gap to what is above. */
	int full = lines * EIGHTHS - 1, column, line, level, here;

	for (column = 0; column < count * each; column++) {
		level = most > 0 ? (int)(value[column / each] / most * full) : 0;
		/* A packet is more than none. */
		if (!level && value[column / each] > 0)
			level = 1;
		for (line = 0; line < lines; line++) {
			here = level - (lines - 1 - line) * EIGHTHS;
			here = here < 0 ? 0 : here > EIGHTHS ? EIGHTHS : here;
			put_sign(y + line, x + column, look, sign[here]);
		}
	}
}

void ps_screen_bar(int y, int x, int width, int look, double share, double mark)
{
	const char *const *sign = screen.utf8 ? right_utf8 : right_ascii;
	int level = (int)((share > 1 ? 1 : share) * width * EIGHTHS), column, here;
	int marked = mark > 0 && mark <= 1 ? (int)(mark * width) : -1;

	if (!level && share > 0)
		level = 1;
	for (column = 0; column < width; column++) {
		here = level - column * EIGHTHS;
		if (here > 0)
			put_sign(y, x + column, look, sign[here > EIGHTHS ? EIGHTHS : here]);
		else if (column == marked)
			put_sign(y, x + column, PS_PLAIN, screen.utf8 ? "┊" : "|");
		else
			put_sign(y, x + column, PS_DIM, screen.utf8 ? "·" : ".");
	}
}

void ps_screen_arrow(int y, int x, int look, bool up)
{
	if (screen.utf8)
		put_sign(y, x, look, up ? "▲" : "▼");
	else
		put_sign(y, x, look, up ? "^" : "v");
}
