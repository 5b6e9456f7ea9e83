// SPDX-License-Identifier: GPL-2.0-or-later
/* See top_keys.h. Of ncurses only the numbers of keys are used here. */
#include <curses.h>
#include <string.h>

#include "top_keys.h"

#define KEY_ESCAPE 27

static void select_index(struct ps_top_ui *ui, const struct ps_top_model *model, size_t index)
{
	ui->index = index < model->count ? index : model->count - 1;
	snprintf(ui->selected, sizeof(ui->selected), "%s",
		 model->shown[ui->index]->view->place.path);
}

/* The screen shows the selected line, and no empty ones below the last. */
static void keep_in_sight(struct ps_top_ui *ui, const struct ps_top_model *model)
{
	size_t lines = ui->lines ? ui->lines : 1;

	if (ui->first + lines > model->count)
		ui->first = model->count > lines ? model->count - lines : 0;
	if (ui->index < ui->first)
		ui->first = ui->index;
	if (ui->index >= ui->first + lines)
		ui->first = ui->index - lines + 1;
}

void ps_top_settle(struct ps_top_ui *ui, const struct ps_top_model *model, size_t lines)
{
	size_t found = ps_top_find(model, ui->selected);

	ui->lines = lines;
	if (ui->page == PS_TOP_DROPS) {
		/* They are of one context, also when it is gone. */
		ui->index = found < model->count ? found : ui->index;
	} else if (found < model->count && ui->held) {
		ui->index = found;
	} else {
		/* Another takes the place of one that is gone. */
		ui->selected[0] = '\0';
		ui->index = ui->held && model->count ? ui->index : 0;
		if (model->count)
			select_index(ui, model, ui->index);
	}
	keep_in_sight(ui, model);
}

const struct ps_top_row *ps_top_selected(const struct ps_top_ui *ui,
					 const struct ps_top_model *model)
{
	size_t found = ps_top_find(model, ui->selected);

	return found < model->count ? model->shown[found] : NULL;
}

static void move_to(struct ps_top_ui *ui, const struct ps_top_model *model, int key)
{
	size_t index = ui->index, page = ui->lines ? ui->lines : 1;

	if (!model->count)
		return;
	if (key == KEY_UP)
		index -= index ? 1 : 0;
	else if (key == KEY_DOWN)
		index++;
	else if (key == KEY_PPAGE)
		index -= index < page ? index : page;
	else if (key == KEY_NPAGE)
		index += page;
	else
		index = key == KEY_HOME ? 0 : model->count - 1;
	ui->held = index > 0;
	select_index(ui, model, index);
	keep_in_sight(ui, model);
}

/* Where the end is, who draws knows. */
static void move_page(struct ps_top_ui *ui, int key)
{
	if (key == KEY_UP)
		ui->scrolled -= ui->scrolled > 0;
	else if (key == KEY_DOWN)
		ui->scrolled++;
	else if (key == KEY_HOME)
		ui->scrolled = 0;
}

static int plain_key(int key)
{
	switch (key) {
	case 'k':
		return KEY_UP;
	case 'j':
		return KEY_DOWN;
	case 'g':
		return KEY_HOME;
	case 'G':
		return KEY_END;
	case '\n':
	case '\r':
	case KEY_ENTER:
		return 'd';
	case 'h':
		return '?';
	default:
		return key;
	}
}

/* It is shown at once; those that it leaves out may be selected again without it. */
static void edit_filter(struct ps_top_ui *ui, struct ps_top_model *model, int key)
{
	size_t length = strlen(model->filter);

	if (key == '\n' || key == '\r' || key == KEY_ENTER) {
		ui->prompt = PS_TOP_NO_PROMPT;
	} else if (key == KEY_ESCAPE) {
		ui->prompt = PS_TOP_NO_PROMPT;
		memcpy(model->filter, ui->before, sizeof(model->filter));
	} else if (key == KEY_BACKSPACE || key == 127 || key == '\b') {
		if (length)
			model->filter[length - 1] = '\0';
	} else if (key > ' ' && key < 127 && length + 1 < sizeof(model->filter)) {
		model->filter[length] = (char)key;
		model->filter[length + 1] = '\0';
	}
	ps_top_arrange(model);
	ps_top_settle(ui, model, ui->lines);
}

static void choose(struct ps_top_ui *ui, const struct ps_top_model *model, int key)
{
	size_t found = ps_top_find(model, ui->target);

	ui->prompt = PS_TOP_NO_PROMPT;
	if (key < '1' || key >= '1' + PS_PROTECTIONS || found == model->count)
		return;
	ui->protection = (enum ps_protection_index)(key - '1');
	ui->on = !(model->shown[found]->view->status >> ui->protection & 1);
	ui->prompt = PS_TOP_CONFIRM;
}

static enum ps_top_action confirm(struct ps_top_ui *ui, int key)
{
	ui->prompt = PS_TOP_NO_PROMPT;
	if (key == 'y' || key == 'Y')
		return PS_TOP_SWITCH;
	snprintf(ui->message, sizeof(ui->message), "nothing was switched");
	return PS_TOP_STAY;
}

static void leave(struct ps_top_ui *ui, struct ps_top_model *model)
{
	ui->scrolled = 0;
	if (ui->page != PS_TOP_CONTEXTS) {
		ui->page = PS_TOP_CONTEXTS;
	} else {
		model->filter[0] = '\0';
		ps_top_arrange(model);
	}
	ps_top_settle(ui, model, ui->lines);
}

static void open_page(struct ps_top_ui *ui, struct ps_top_model *model, enum ps_top_page page)
{
	if (ui->page == page) {
		leave(ui, model);
		return;
	}
	ui->scrolled = 0;
	if (page == PS_TOP_HELP || ps_top_selected(ui, model))
		ui->page = page;
}

static void begin(struct ps_top_ui *ui, struct ps_top_model *model, enum ps_top_prompt prompt)
{
	if (prompt == PS_TOP_FILTER) {
		ui->page = PS_TOP_CONTEXTS;
		memcpy(ui->before, model->filter, sizeof(ui->before));
		ui->prompt = prompt;
	} else if (ui->page != PS_TOP_HELP && ps_top_selected(ui, model)) {
		memcpy(ui->target, ui->selected, sizeof(ui->target));
		ui->prompt = prompt;
	}
}

static void change_order(struct ps_top_ui *ui, struct ps_top_model *model, int key)
{
	if (key == 's')
		model->order = (model->order + 1) % PS_TOP_ORDERS;
	else
		model->reversed = !model->reversed;
	ps_top_arrange(model);
	ps_top_settle(ui, model, ui->lines);
}

static enum ps_top_action do_key(struct ps_top_ui *ui, struct ps_top_model *model, int key)
{
	switch (key) {
	case 'q':
		return PS_TOP_QUIT;
	case KEY_ESCAPE:
		leave(ui, model);
		break;
	case 's':
	case 'r':
		change_order(ui, model, key);
		break;
	case '/':
		begin(ui, model, PS_TOP_FILTER);
		break;
	case 't':
		begin(ui, model, PS_TOP_CHOOSE);
		break;
	case 'd':
		open_page(ui, model, PS_TOP_DROPS);
		break;
	case '?':
		open_page(ui, model, PS_TOP_HELP);
		break;
	case KEY_UP:
	case KEY_DOWN:
	case KEY_PPAGE:
	case KEY_NPAGE:
	case KEY_HOME:
	case KEY_END:
		if (ui->page == PS_TOP_CONTEXTS)
			move_to(ui, model, key);
		else
			move_page(ui, key);
		break;
	default:
		break;
	}
	return PS_TOP_STAY;
}

enum ps_top_action ps_top_key(struct ps_top_ui *ui, struct ps_top_model *model, int key)
{
	/* The screen's size isn't something that somebody said. */
	if (key == KEY_RESIZE)
		return PS_TOP_STAY;
	ui->message[0] = '\0';
	switch (ui->prompt) {
	case PS_TOP_FILTER:
		edit_filter(ui, model, key);
		return PS_TOP_STAY;
	case PS_TOP_CHOOSE:
		choose(ui, model, key);
		return PS_TOP_STAY;
	case PS_TOP_CONFIRM:
		return confirm(ui, key);
	default:
		return do_key(ui, model, plain_key(key));
	}
}
