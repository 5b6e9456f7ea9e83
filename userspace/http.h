/* SPDX-License-Identifier: GPL-2.0-or-later */
/* As much of HTTP/1 as a scrape needs: one request, one answer, and that's all. */
#ifndef PS_HTTP_H
#define PS_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define PS_HTTP_REQUEST_MAX	8192

/**
 * struct ps_http_request - what is asked for
 * @status: to be answered: 200, 400, 404, 405, 505
 * @head: without the body
 * @root: of "/", not of /metrics
 */
struct ps_http_request {
	int status;
	bool head;
	bool root;
};

/**
 * ps_http_is_whole() - whether all of a request has come
 * @text: what has come, which ends with a zero
 */
bool ps_http_is_whole(const char *text);

/* Understand a request. */
struct ps_http_request ps_http_parse(const char *text);

/**
 * ps_http_read() - receive a request
 * @from: a descriptor
 * @text: of PS_HTTP_REQUEST_MAX bytes; ends with a zero
 * @seconds: how long it may take
 *
 * Return: whether it has come.
 */
bool ps_http_read(int from, char *text, int seconds);

/* Answer: status, type of the body, and the body unless it's for HEAD. */
void ps_http_answer(FILE *to, const struct ps_http_request *request, const char *type,
		    const char *body, size_t length);

#endif
