// SPDX-License-Identifier: GPL-2.0-or-later
/* metrics: the statistics for Prometheus, as text, into a file, or by HTTP. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "http.h"
#include "metrics.h"
#include "print.h"
#include "replace.h"

#define HTTP_SECONDS 10 /* for a request to come */

#define TYPE_METRICS "text/plain; version=0.0.4; charset=utf-8"
#define TYPE_PLAIN   "text/plain; charset=utf-8"
#define TYPE_HTML    "text/html; charset=utf-8"

/**
 * struct text - what was printed
 * @data: the bytes
 * @length: of them
 */
struct text {
	char *data;
	size_t length;
};

/* All of it, or nothing after an error. */
static int make(struct text *text)
{
	static const struct ps_place all;
	struct ps_applied applied;
	struct ps_views views;
	struct ps_link link;
	bool known;
	int result;
	FILE *to;

	result = ps_link_open(&link);
	if (result)
		return result;
	result = ps_view_read_busy(&link, &all, &views);
	to = result ? NULL : open_memstream(&text->data, &text->length);
	if (to) {
		known = ps_applied_read(&applied);
		ps_metrics_print(to, &views, known ? &applied : NULL);
		result = fclose(to) ? PS_EXIT_FAILED : PS_EXIT_OK;
	}
	ps_view_free(&views);
	ps_link_close(&link);
	return result;
}

static bool write_text(const void *data, FILE *to)
{
	const struct text *text = data;

	return fwrite(text->data, 1, text->length, to) == text->length;
}

/* One request on standard input: enum ps_exit. What is wrong with it is told to who asks. */
static int answer(void)
{
	static const char home[] = "<!DOCTYPE html><title>PacketShield</title>"
				   "<a href=\"/metrics\">metrics</a>\n";
	struct ps_http_request request = { .status = 400 };
	char asked[PS_HTTP_REQUEST_MAX];
	const char *type = TYPE_PLAIN;
	struct text text = {};
	int result = PS_EXIT_OK;

	if (ps_http_read(STDIN_FILENO, asked, HTTP_SECONDS))
		request = ps_http_parse(asked);
	if (request.status == 200 && request.root) {
		ps_http_answer(stdout, &request, TYPE_HTML, home, sizeof(home) - 1);
		return ps_print_finish();
	}
	if (request.status == 200) {
		type = TYPE_METRICS;
		result = make(&text);
	}
	if (result) {
		/* The journal has the words. */
		request.status = 503;
		type = TYPE_PLAIN;
	}
	ps_http_answer(stdout, &request, type, request.status == 200 ? text.data : "no metrics\n",
		       request.status == 200 ? text.length : strlen("no metrics\n"));
	free(text.data);
	return ps_print_finish() ? PS_EXIT_FAILED : result;
}

static int run(const struct ps_arguments *arguments)
{
	const char *path = ps_command_flag(arguments, "--output");
	struct text text = {};
	int result;

	if (ps_command_flag(arguments, "--http")) {
		if (!path)
			return answer();
		ps_print_error("metrics: --output and --http don't go together");
		return PS_EXIT_USAGE;
	}
	result = make(&text);
	if (!result && path) {
		result = ps_replace_file(path, 0644, write_text, &text);
	} else if (!result) {
		write_text(&text, stdout);
		result = ps_print_finish();
	}
	free(text.data);
	return result;
}

const struct ps_command ps_command_metrics = {
	.name = "metrics",
	.arguments = "[--output FILE | --http]",
	.summary = "statistics for Prometheus",
	.help = "Prints the statistics of this network namespace in Prometheus's text format:\n"
		"counters of instances and contexts, drops by reason in packets and bytes,\n"
		"protections that are on, thresholds and the rates that they see, how full the\n"
		"tables of sessions are, versions, and what became of the last apply. Contexts\n"
		"that nothing has happened to are left out, and reasons without packets. The\n"
		"label of an instance is \"shield\".\n"
		"\n"
		"With --output, FILE is replaced as a whole: for node_exporter's collector of\n"
		"text files. With --http a request of HTTP is read from standard input and\n"
		"answered on standard output: systemd's packetshield-exporter.socket does that\n"
		"for each scrape.\n"
		"\n"
		"    packetshield metrics --output /var/lib/node_exporter/packetshield.prom",
	.min = 0,
	.max = 0,
	.flags = { { .name = "--output", .value = "FILE", .doc = "replace that file" },
		   { .name = "--http", .doc = "answer a request on standard input" } },
	.run = run,
};
