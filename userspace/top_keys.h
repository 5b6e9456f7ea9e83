/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What keys do in packetshield top: which page and which context is looked at, and
 * what is being asked. What a switch is about is noted down when it is asked for:
 * whatever comes, goes or is sorted meanwhile, y means what the question says.
 */
#ifndef PS_TOP_KEYS_H
#define PS_TOP_KEYS_H

#include "top_model.h"

enum ps_top_page {
	PS_TOP_CONTEXTS,
	PS_TOP_DROPS,
	PS_TOP_HELP,
};

enum ps_top_prompt {
	PS_TOP_NO_PROMPT,
	PS_TOP_FILTER,		/* the filter is being typed */
	PS_TOP_CHOOSE,		/* which protection? */
	PS_TOP_CONFIRM,		/* switch it? */
};

enum ps_top_action {
	PS_TOP_STAY,
	PS_TOP_SWITCH,		/* @protection of @target to @on */
	PS_TOP_QUIT,
};

/**
 * struct ps_top_ui - what is looked at; zero at its birth
 * @page: of the screen
 * @prompt: what is asked in the last line
 * @selected: path of the context that is selected, or empty
 * @held: it was chosen, and stays; else it is always the first one
 * @index: where it is among those shown
 * @first: of those shown, the first one on the screen
 * @lines: contexts that the screen has room for
 * @scrolled: lines of another page that are above the screen
 * @target: path of the context of @prompt
 * @protection: of @target
 * @on: switch it on, else off
 * @before: the filter, before it was edited
 * @message: what became of the last key, or empty
 */
struct ps_top_ui {
	enum ps_top_page page;
	enum ps_top_prompt prompt;
	char selected[PS_INSTANCE_NAME_MAX + PS_ITEM_MAX + 2];
	bool held;
	size_t index;
	size_t first;
	size_t lines;
	int scrolled;
	char target[PS_INSTANCE_NAME_MAX + PS_ITEM_MAX + 2];
	enum ps_protection_index protection;
	bool on;
	char before[PS_TOP_FILTER_MAX];
	char message[256];
};

/* A key of ncurses: what is to be done about it. */
enum ps_top_action ps_top_key(struct ps_top_ui *ui, struct ps_top_model *model, int key);

/* After each reading, and when the screen has room for so many contexts. */
void ps_top_settle(struct ps_top_ui *ui, const struct ps_top_model *model, size_t lines);

/* The selected context; NULL where there is none, or on another page none any more. */
const struct ps_top_row *ps_top_selected(const struct ps_top_ui *ui,
					 const struct ps_top_model *model);

#endif
