// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Writes options.md, counters.md and reasons.md from the tables in include/:
 * docs DIRECTORY. What is in the tables is in the pages, and nothing else.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "config.h"
#include "parse.h"
#include "reasons.h"

static FILE *open_page(const char *directory, const char *name, const char *title)
{
	char path[4096];
	FILE *page;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	page = fopen(path, "w");
	if (!page) {
		perror(path);
		exit(1);
	}
	fprintf(page, "<!-- Made by `make docs` from include/packetshield/*.def: change those. -->\n\n"
		      "# %s\n\n", title);
	return page;
}

static void close_page(FILE *page)
{
	if (fclose(page)) {
		perror("docs");
		exit(1);
	}
}

static const char *place(u8 scope)
{
	switch (scope) {
	case PS_SCOPE_INSTANCE:
	case PS_SCOPE_SHARED:
		return "<i>";
	case PS_SCOPE_CONTEXT:
		return "<i>/<c>";
	default:
		return "<i>/Other";
	}
}

static void write_option(FILE *page, const struct ps_option *option)
{
	char initial[PS_ITEM_MAX], min[PS_ITEM_MAX], max[PS_ITEM_MAX];

	ps_option_format(option, initial, option->initial);
	ps_option_format(option, min, option->min);
	ps_option_format(option, max, option->max);
	fprintf(page, "| `%s/%s` | %s | %s to %s | %s | %s |\n", place(option->scope),
		option->name, initial, min, max, option->unit, option->doc);
}

static void write_options(const char *directory)
{
	FILE *page = open_page(directory, "options.md", "Options and lists");
	u32 i;

	fprintf(page, "`<i>` is an instance, `<c>` a context; paths are relative to "
		      "`/sys/packetshield`.\n\n## Options\n\n"
		      "| file | default | range | unit | what it is |\n|---|---|---|---|---|\n");
	for (i = 0; i < PS_OPTIONS; i++)
		write_option(page, &ps_option[i]);
	fprintf(page, "\n## Lists\n\n"
		      "| file | an item is | at most | what it is |\n|---|---|---|---|\n");
	for (i = 0; i < PS_LISTS; i++) {
		fprintf(page, "| `%s/%s` | %s | ", place(ps_list[i].scope), ps_list[i].name,
			ps_list[i].unit);
		if (ps_list[i].limit)
			fprintf(page, "%u", ps_list[i].limit);
		else
			fprintf(page, "no limit");
		fprintf(page, " | %s |\n", ps_list[i].doc);
	}
	close_page(page);
}

struct counter {
	const char *scope;
	const char *name;
	const char *doc;
};

static const struct counter counter[] = {
#define PS_COUNTER(scope, name, id, doc) { #scope, #name, doc },
#include "../../include/packetshield/counters.def"
#undef PS_COUNTER
};

static void write_counters(const char *directory)
{
	FILE *page = open_page(directory, "counters.md", "Statistics");
	u32 i;

	fprintf(page, "The lines of `<i>/stats` (INSTANCE) and `<i>/<c>/stats` (CONTEXT), in the "
		      "order in which they are printed.\nThe context's first line is `status`: one "
		      "bit for each protection that is on.\n\n"
		      "| scope | line | what it counts |\n|---|---|---|\n");
	for (i = 0; i < ARRAY_SIZE(counter); i++)
		fprintf(page, "| %s | `%s` | %s |\n", counter[i].scope, counter[i].name,
			counter[i].doc);
	close_page(page);
}

struct reason {
	const char *action;
	const char *doc;
};

static const struct reason reason[PS_REASONS] = {
#define PS_REASON(id, name, action, counters, doc) [PS_REASON_##name] = { #action, doc },
#include "../../include/packetshield/reasons.def"
#undef PS_REASON
};

static void write_moved(FILE *page, u32 counters)
{
	const char *separator = "";
	u32 i;

	for (i = 0; i < PS_CONTEXT_COUNTERS; i++)
		if (counters >> i & 1) {
			fprintf(page, "%s`%s`", separator, ps_context_counter_name[i]);
			separator = ", ";
		}
}

static void write_reasons(const char *directory)
{
	FILE *page = open_page(directory, "reasons.md", "Verdicts and their reasons");
	u32 i;

	fprintf(page, "Every packet gets one reason, in the order of the rules. Of what comes in: "
		      "PASS: not ours to judge, untouched;\nDELIVER: handed to the stack; DROP: "
		      "dropped; REPLY: consumed, an answer goes out in its stead. Of what goes out:\n"
		      "SEND: sent; WITHHOLD: not sent. What is dropped or withheld is a line of "
		      "`<i>/<c>/drops`. The id is the one in\nthe tracepoint "
		      "`packetshield:judge`.\n\n"
		      "| id | reason | verdict | lines of stats moved | meaning |\n|---|---|---|---|---|\n");
	for (i = 1; i < PS_REASONS; i++) {
		fprintf(page, "| %u | `%s` | %s | ", ps_reason_info[i].id, ps_reason_info[i].name,
			reason[i].action);
		write_moved(page, ps_reason_info[i].counters);
		fprintf(page, " | %s |\n", reason[i].doc);
	}
	close_page(page);
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: docs DIRECTORY\n");
		return 2;
	}
	write_options(argv[1]);
	write_counters(argv[1]);
	write_reasons(argv[1]);
	return 0;
}
