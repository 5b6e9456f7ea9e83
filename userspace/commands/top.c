// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * top: contexts, live, on a terminal. It reads, and hands what it read to the model
 * (top_model.h), keys to top_keys.h and both to top_draw.h.
 *
 * While the screen is taken what others say on standard error is kept: the screen shows
 * what became of a switch, and what ended the program is told behind it.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "edit.h"
#include "top_draw.h"
#include "top_screen.h"

#define SECONDS 1.0 /* from reading to reading */
#define FIRST	0.3 /* to the second one: rates take two */
#define SHARE	3   /* where reading takes long: so many times as long passes till the next */

static volatile sig_atomic_t ended;

/**
 * struct top - the program
 * @link: the kernel
 * @model: what there is
 * @ui: what of it is looked at
 * @next: when to read again
 * @said: file of what was said on standard error
 * @stderr_was: standard error itself
 */
struct top {
	struct ps_link link;
	struct ps_top_model model;
	struct ps_top_ui ui;
	double next;
	int said;
	int stderr_was;
};

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void end(int signal)
{
	(void)signal;
	ended = 1;
}

/* ncurses would end the program inside its own handlers of these. */
static void take_signals(void)
{
	struct sigaction action = { .sa_handler = end };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
}

static int keep_stderr(struct top *top)
{
	fflush(stderr);
	top->said = memfd_create("said", MFD_CLOEXEC);
	top->stderr_was = dup(STDERR_FILENO);
	if (top->said < 0 || top->stderr_was < 0 || dup2(top->said, STDERR_FILENO) < 0) {
		ps_print_error("top: standard error: %s", strerror(errno));
		return PS_EXIT_FAILED;
	}
	return PS_EXIT_OK;
}

/* What was said since: its beginning. */
static size_t take_said(struct top *top, char *text, size_t room)
{
	ssize_t length = pread(top->said, text, room - 1, 0);

	text[length > 0 ? length : 0] = '\0';
	if (ftruncate(top->said, 0) || lseek(top->said, 0, SEEK_SET))
		return 0;
	return length > 0 ? (size_t)length : 0;
}

static void give_stderr_back(struct top *top)
{
	char text[4096];

	dup2(top->stderr_was, STDERR_FILENO);
	close(top->stderr_was);
	take_said(top, text, sizeof(text));
	close(top->said);
	fputs(text, stderr);
}

/* The first of its lines, as the message of the screen. */
static void show_said(struct top *top)
{
	static const char who[] = "packetshield: ";
	char text[sizeof(top->ui.message)], *line = text;

	if (!take_said(top, text, sizeof(text)))
		return;
	text[strcspn(text, "\n")] = '\0';
	if (!strncmp(line, who, strlen(who)))
		line += strlen(who);
	snprintf(top->ui.message, sizeof(top->ui.message), "%s", line);
}

static int read_all(struct top *top)
{
	static const struct ps_place all;
	double began = now(), took;
	struct ps_views views;
	int result;

	result = ps_view_read_busy(&top->link, &all, &views);
	if (!result)
		ps_top_update(&top->model, &views, began);
	ps_view_free(&views);
	took = SHARE * (now() - began);
	top->next = began + (took > SECONDS ? took : SECONDS);
	return result;
}

/* As add and del do it, by the list of the context Other. */
static int do_switch(struct top *top)
{
	char *slash = strchr(top->ui.target, '/'), *item = slash + 1, name[PS_ITEM_MAX];
	char instance[sizeof(top->ui.target)], other[] = "Other", *text[] = { instance, other };
	const struct ps_list *list = ps_list;
	struct ps_place place;
	int used;

	snprintf(instance, sizeof(instance), "%.*s", (int)(slash - top->ui.target), top->ui.target);
	while (list->type != PS_LIST_TOGGLED || list->value != top->ui.protection)
		list++;
	ps_names_place(text, 2, &place, &used);
	if (!ps_edit_list(&place, list, top->ui.on ? PS_ITEM_ADD : PS_ITEM_REMOVE, &item, 1))
		snprintf(top->ui.message, sizeof(top->ui.message), "%s was switched %s for %s",
			 ps_names_protection(top->ui.protection, name), top->ui.on ? "on" : "off",
			 top->ui.target);
	else
		show_said(top);
	return read_all(top);
}

static int look_on(struct top *top)
{
	enum ps_top_action action = PS_TOP_STAY;
	int result = PS_EXIT_OK, key;

	while (!ended && !result && action != PS_TOP_QUIT) {
		if (now() >= top->next) {
			result = read_all(top);
			if (!result)
				show_said(top);
		}
		ps_top_draw(&top->ui, &top->model);
		key = ps_screen_key(top->next - now());
		action = key < 0 ? PS_TOP_STAY : ps_top_key(&top->ui, &top->model, key);
		if (action == PS_TOP_SWITCH && !result)
			result = do_switch(top);
	}
	return result;
}

static int on_screen(struct top *top)
{
	int result;

	take_signals();
	result = ps_screen_open();
	if (result)
		return result;
	result = keep_stderr(top);
	if (!result) {
		result = look_on(top);
		ps_screen_close();
		give_stderr_back(top);
	}
	ps_screen_close();
	return result;
}

static int run(const struct ps_arguments *arguments)
{
	const char *filter = arguments->count ? arguments->text[0] : "";
	struct top top = {};
	int result;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		ps_print_error("top: standard input and output must be a terminal");
		ps_print_hint("packetshield stats --watch prints the same figures");
		return PS_EXIT_USAGE;
	}
	snprintf(top.model.filter, sizeof(top.model.filter), "%s", filter);
	result = ps_link_open(&top.link);
	if (result)
		return result;
	result = read_all(&top);
	top.next = now() + FIRST;
	if (!result)
		result = on_screen(&top);
	ps_top_free(&top.model);
	ps_link_close(&top.link);
	return result;
}

const struct ps_command ps_command_top = {
	.name = "top",
	.arguments = "[FILTER]",
	.summary = "contexts by packets a second, live, on a terminal",
	.help = "Shows contexts, the busiest first: packets a second received, delivered and\n"
		"dropped, and which protections are on; of the selected one 60 seconds of\n"
		"history, and the rates that protections watch against their thresholds; and\n"
		"for which reasons packets are dropped. With FILTER only contexts that have it\n"
		"in INSTANCE/CONTEXT. Contexts that nothing has happened to are left out.\n"
		"\n"
		"Keys: Up and Down select, s sorts, r reverses, / filters, d lists the drops of\n"
		"the selected context, t switches one of its protections after a question, ?\n"
		"explains, q quits.\n"
		"\n"
		"It reads once a second. Where that takes long, as with very many contexts,\n"
		"it reads less often, so that it takes a third of a processor at most.\n"
		"\n"
		"    packetshield top web/",
	.min = 0,
	.max = 1,
	.run = run,
};
