// SPDX-License-Identifier: GPL-2.0-or-later
/* stats: the counters, once, or again and again with their rates. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "command.h"
#include "tree.h"

#define SECONDS_MAX 86400.0
#define COUNT_MAX   1000000000L

/**
 * struct watch - what is read again and again
 * @link: the link
 * @place: of what
 * @json: print JSON
 * @seconds: between two readings, 0 for one only
 * @left: readings yet to come; 0: no end
 * @before: the last but one; empty at first
 * @elapsed: seconds since then
 */
struct watch {
	struct ps_link link;
	struct ps_place place;
	bool json;
	double seconds;
	long left;
	struct ps_views before;
	double elapsed;
};

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* The same object in the reading before, or NULL. */
static const struct ps_view *find_before(const struct watch *watch, const struct ps_view *view)
{
	size_t i;

	for (i = 0; i < watch->before.count; i++)
		if (!strcmp(watch->before.view[i]->place.path, view->place.path))
			return watch->before.view[i];
	return NULL;
}

static double rate(const struct watch *watch, const struct ps_view *before,
		   const struct ps_view *view, const struct ps_counter *counter)
{
	u64 was = before->counter[counter->index], is = view->counter[counter->index];

	/* An instance of the same name may be another one. */
	return is < was || watch->elapsed <= 0 ? 0 : (double)(is - was) / watch->elapsed;
}

static int fill(json_t *object, const struct ps_view *view, void *data)
{
	json_t *stats = json_object(), *rates = json_object();
	const struct watch *watch = data;
	const struct ps_view *before = find_before(watch, view);
	size_t i;

	if (view->place.context[0])
		json_object_set_new(object, "status", json_integer(view->status));
	for (i = 0; i < PS_COUNTERS; i++) {
		if (!ps_view_counts(view, &ps_counter[i]))
			continue;
		json_object_set_new(stats, ps_counter[i].name,
				    json_integer((json_int_t)view->counter[ps_counter[i].index]));
		if (before)
			json_object_set_new(rates, ps_counter[i].name,
					    json_real(rate(watch, before, view, &ps_counter[i])));
	}
	json_object_set_new(object, "stats", stats);
	if (before)
		json_object_set(object, "rates", rates);
	json_decref(rates);
	return PS_EXIT_OK;
}

static void print_view(const struct watch *watch, const struct ps_view *view)
{
	const struct ps_view *before = find_before(watch, view);
	struct ps_table table = { .columns = 4, .left = 1 << 3 };
	char words[256];
	size_t i;

	ps_print_coloured(stdout, PS_BOLD, view->place.path);
	putchar('\n');
	if (view->place.context[0]) {
		ps_table_add(&table, PS_PLAIN, "  status");
		ps_table_add(&table, PS_PLAIN, "0x%04x", view->status);
		ps_table_add(&table, PS_PLAIN, "%s", "");
		ps_table_add(&table, view->status ? PS_YELLOW : PS_DIM, "protections on: %s",
			     ps_tree_protection_words(view, words, sizeof(words)));
	}
	for (i = 0; i < PS_COUNTERS; i++) {
		if (!ps_view_counts(view, &ps_counter[i]))
			continue;
		ps_table_add(&table, PS_PLAIN, "  %s", ps_counter[i].name);
		ps_table_add(&table, PS_PLAIN, "%llu",
			     (unsigned long long)view->counter[ps_counter[i].index]);
		if (before)
			ps_table_add(&table, PS_PLAIN, "%.0f/s",
				     rate(watch, before, view, &ps_counter[i]));
		else
			ps_table_add(&table, PS_PLAIN, "%s", "");
		ps_table_add(&table, PS_DIM, "%s", ps_counter[i].doc);
	}
	ps_table_print(&table);
}

static int print(const struct watch *watch, const struct ps_views *views)
{
	json_t *tree;
	size_t i;

	if (watch->json && !ps_tree_make(views, fill, (void *)watch, &tree))
		return ps_print_json(tree, watch->seconds > 0);
	/* Each reading takes the place of the last one on the screen. */
	if (watch->seconds > 0 && ps_print_is_coloured(stdout))
		fputs("\033[H\033[2J", stdout);
	for (i = 0; i < views->count; i++)
		print_view(watch, views->view[i]);
	return ps_print_finish();
}

static void wait_until(double moment)
{
	struct timespec time = { .tv_sec = (time_t)moment };

	time.tv_nsec = (long)((moment - (double)time.tv_sec) * 1e9);
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL) == EINTR)
		;
}

static int watch_on(struct watch *watch)
{
	double next = now(), last = next, time;
	struct ps_views views;
	int result;

	for (;;) {
		time = now();
		result = ps_view_read(&watch->link, &watch->place, &views);
		watch->elapsed = time - last;
		last = time;
		if (!result)
			result = print(watch, &views);
		ps_view_free(&watch->before);
		watch->before = views;
		if (result || watch->seconds <= 0 || (watch->left && !--watch->left))
			break;
		next += watch->seconds;
		wait_until(next);
	}
	ps_view_free(&watch->before);
	return result;
}

/* A flag's number: enum ps_exit. */
static int read_number(const char *flag, const char *text, double min, double max, double *value)
{
	char *end;

	*value = strtod(text, &end);
	if (end != text && !*end && *value >= min && *value <= max)
		return PS_EXIT_OK;
	ps_print_error("stats: %s: \"%s\" is no number from %g to %.0f", flag, text, min, max);
	return PS_EXIT_USAGE;
}

static int read_flags(const struct ps_arguments *arguments, struct watch *watch)
{
	const char *seconds = ps_command_flag(arguments, "--watch");
	const char *count = ps_command_flag(arguments, "--count");
	int result = PS_EXIT_OK;
	double value = 0;

	watch->json = ps_command_flag(arguments, "--json");
	if (seconds) {
		watch->seconds = 1;
		if (*seconds)
			result = read_number("--watch", seconds, 0.1, SECONDS_MAX, &watch->seconds);
	}
	if (!result && count) {
		result = read_number("--count", count, 1, COUNT_MAX, &value);
		watch->left = (long)value;
		if (!result && !seconds) {
			ps_print_error("stats: --count goes with --watch");
			result = PS_EXIT_USAGE;
		}
	}
	return result;
}

static int run(const struct ps_arguments *arguments)
{
	struct watch watch = {};
	int result;

	result = ps_names_place_only(arguments, &watch.place);
	if (!result)
		result = read_flags(arguments, &watch);
	if (!result)
		result = ps_link_open(&watch.link);
	if (result)
		return result;
	result = watch_on(&watch);
	ps_link_close(&watch.link);
	return result;
}

const struct ps_command ps_command_stats = {
	.name = "stats",
	.arguments = "[INSTANCE [CONTEXT]]",
	.summary = "counters of packets, and their rates",
	.help = "Prints the counters of all instances and contexts, of one instance, or of one\n"
		"context. With --watch it goes on until it is interrupted, and tells the rates\n"
		"since the reading before; with --json each reading is one line then.\n\n"
		"    packetshield stats myinst Other --watch 2",
	.min = 0,
	.max = 2,
	.flags = { PS_FLAG_JSON,
		   { .name = "--watch",
		     .value = "SECONDS",
		     .is_optional = true,
		     .doc = "again after every so many seconds, 1 if not said" },
		   { .name = "--count", .value = "N", .doc = "end after N readings" } },
	.run = run,
};
