// SPDX-License-Identifier: GPL-2.0-or-later
/* See http.h. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "http.h"

bool ps_http_is_whole(const char *text)
{
	return strstr(text, "\r\n\r\n") || strstr(text, "\n\n");
}

/* The next word, ended by one blank or the line's end; NULL where there is none. */
static const char *word(const char **text, size_t *length)
{
	const char *start = *text;

	*length = strcspn(start, " \r\n");
	*text = start + *length;
	if (**text == ' ')
		(*text)++;
	return *length ? start : NULL;
}

static bool is_word(const char *text, size_t length, const char *expected)
{
	return strlen(expected) == length && !strncmp(text, expected, length);
}

struct ps_http_request ps_http_parse(const char *text)
{
	struct ps_http_request request = { .status = 400 };
	const char *method, *target, *version;
	size_t method_length, target_length, version_length;

	method = word(&text, &method_length);
	target = word(&text, &target_length);
	version = word(&text, &version_length);
	if (!method || !target || !version || !strchr("\r\n", version[version_length]) ||
	    strncmp(version, "HTTP/", 5))
		return request;
	request.head = is_word(method, method_length, "HEAD");
	/* Parameters are nobody's here. */
	target_length = strcspn(target, "? ");
	request.root = is_word(target, target_length, "/");
	if (strncmp(version, "HTTP/1.", 7))
		request.status = 505;
	else if (!request.head && !is_word(method, method_length, "GET"))
		request.status = 405;
	else if (!request.root && !is_word(target, target_length, "/metrics"))
		request.status = 404;
	else
		request.status = 200;
	return request;
}

static long milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool ps_http_read(int from, char *text, int seconds)
{
	struct pollfd poll_of = { .fd = from, .events = POLLIN };
	long end = milliseconds() + seconds * 1000L, left;
	size_t length = 0;
	ssize_t got;

	text[0] = '\0';
	while (!ps_http_is_whole(text)) {
		left = end - milliseconds();
		if (length == PS_HTTP_REQUEST_MAX - 1 || left <= 0 ||
		    poll(&poll_of, 1, (int)left) <= 0)
			return false;
		got = read(from, text + length, PS_HTTP_REQUEST_MAX - 1 - length);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0 || memchr(text + length, '\0', (size_t)got))
			return false;
		length += (size_t)got;
		text[length] = '\0';
	}
	return true;
}

static const char *reason_of(int status)
{
	switch (status) {
	case 200:
		return "OK";
	case 404:
		return "Not Found";
	case 405:
		return "Method Not Allowed";
	case 503:
		return "Service Unavailable";
	case 505:
		return "HTTP Version Not Supported";
	default:
		return "Bad Request";
	}
}

void ps_http_answer(FILE *to, const struct ps_http_request *request, const char *type,
		    const char *body, size_t length)
{
	fprintf(to,
		"HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n%s"
		"Connection: close\r\n\r\n",
		request->status, reason_of(request->status), type, length,
		request->status == 405 ? "Allow: GET, HEAD\r\n" : "");
	if (!request->head)
		fwrite(body, 1, length, to);
}
