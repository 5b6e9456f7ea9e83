// SPDX-License-Identifier: GPL-2.0-or-later
/* Requests of HTTP understood, read piece by piece, and answered. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "http.h"

static int status_of(const char *text)
{
	return ps_http_parse(text).status;
}

static void requests(void **state)
{
	assert_int_equal(status_of("GET /metrics HTTP/1.1\r\n\r\n"), 200);
	assert_int_equal(status_of("GET /metrics HTTP/1.0\n\n"), 200);
	assert_int_equal(status_of("GET /metrics?a=b HTTP/1.1\r\n\r\n"), 200);
	assert_int_equal(status_of("GET / HTTP/1.1\r\n\r\n"), 200);
	assert_true(ps_http_parse("GET / HTTP/1.1\r\n\r\n").root);
	assert_true(ps_http_parse("GET /? HTTP/1.1\r\n\r\n").root);
	assert_false(ps_http_parse("GET /metrics HTTP/1.1\r\n\r\n").root);
	assert_true(ps_http_parse("HEAD /metrics HTTP/1.1\r\n\r\n").head);
	assert_int_equal(status_of("GET /metric HTTP/1.1\r\n\r\n"), 404);
	assert_int_equal(status_of("GET /metrics/ HTTP/1.1\r\n\r\n"), 404);
	assert_int_equal(status_of("get /metrics HTTP/1.1\r\n\r\n"), 405);
	assert_int_equal(status_of("PUT /metrics HTTP/1.1\r\n\r\n"), 405);
	assert_int_equal(status_of("GET /metrics HTTP/3\r\n\r\n"), 505);
	assert_int_equal(status_of("GET /metrics HTTX/1.1\r\n\r\n"), 400);
	assert_int_equal(status_of("GET  /metrics HTTP/1.1\r\n\r\n"), 400);
	assert_int_equal(status_of("GET /metrics HTTP/1.1 \r\n\r\n"), 400);
	assert_int_equal(status_of("GET\r\n\r\n"), 400);
	assert_int_equal(status_of("GET /metrics\r\nHTTP/1.1\r\n\r\n"), 400);
	assert_int_equal(status_of("\r\n\r\n"), 400);
	assert_int_equal(status_of(""), 400);
}

static void whole(void **state)
{
	assert_false(ps_http_is_whole(""));
	assert_false(ps_http_is_whole("GET / HTTP/1.1\r\n"));
	assert_false(ps_http_is_whole("GET / HTTP/1.1\r\nHost: a\r\n"));
	assert_true(ps_http_is_whole("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
	assert_true(ps_http_is_whole("GET / HTTP/1.1\n\n"));
}

/* What is written into a pipe, and whether its end is closed then. */
static bool reads(const char *text, size_t length, bool closed)
{
	char got[PS_HTTP_REQUEST_MAX];
	bool found;
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], text, length), length);
	if (closed)
		close(ends[1]);
	found = ps_http_read(ends[0], got, closed ? 60 : 1);
	if (found)
		assert_memory_equal(got, text, length);
	close(ends[0]);
	if (!closed)
		close(ends[1]);
	return found;
}

static void reading(void **state)
{
	static char longest[PS_HTTP_REQUEST_MAX];

	assert_true(reads("GET / HTTP/1.1\r\n\r\n", 18, false));
	assert_true(reads("GET / HTTP/1.1\r\n\r\n", 18, true));
	assert_false(reads("GET / HTTP/1.1\r\n", 16, true));
	assert_false(reads("GET / HTTP/1.1\r\n", 16, false));
	assert_false(reads("GET \0/ HTTP/1.1\r\n\r\n", 19, true));
	assert_false(reads("", 0, true));
	memset(longest, 'a', sizeof(longest));
	assert_false(reads(longest, sizeof(longest), true));
	memcpy(longest + sizeof(longest) - 5, "\r\n\r\n", 4);
	assert_true(reads(longest, sizeof(longest) - 1, true));
}

static void expect_answer(struct ps_http_request request, const char *expected)
{
	char *text = NULL;
	size_t length;
	FILE *to = open_memstream(&text, &length);

	ps_http_answer(to, &request, "text/plain", "body\n", 5);
	fclose(to);
	assert_string_equal(text, expected);
	free(text);
}

static void answers(void **state)
{
	expect_answer((struct ps_http_request){ .status = 200 },
		      "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n"
		      "Connection: close\r\n\r\nbody\n");
	expect_answer((struct ps_http_request){ .status = 200, .head = true },
		      "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n"
		      "Connection: close\r\n\r\n");
	expect_answer((struct ps_http_request){ .status = 405 },
		      "HTTP/1.1 405 Method Not Allowed\r\nContent-Type: text/plain\r\n"
		      "Content-Length: 5\r\nAllow: GET, HEAD\r\nConnection: close\r\n\r\nbody\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests),
		cmocka_unit_test(whole),
		cmocka_unit_test(reading),
		cmocka_unit_test(answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
