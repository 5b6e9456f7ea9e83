/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What packetshield top shows: contexts, their rates between the last two readings,
 * 60 seconds of history, which of them are shown and in which order. It asks nobody:
 * readings and the time of each are handed to it.
 *
 * A context keeps its row as long as readings have it. One that comes later was
 * silent or wasn't there, so that all it has counted has happened since the reading before.
 */
#ifndef PS_TOP_MODEL_H
#define PS_TOP_MODEL_H

#include "protection.h"
#include "view.h"

#define PS_TOP_SECONDS	   60
#define PS_TOP_FILTER_MAX  64
#define PS_TOP_NUMBER_MAX  16

enum ps_top_order {
	PS_TOP_BY_RECEIVED,
	PS_TOP_BY_DELIVERED,
	PS_TOP_BY_DROPPED,
	PS_TOP_BY_NAME,
	PS_TOP_ORDERS,
};

/**
 * struct ps_top_row - a context, or all that are shown
 * @view: as it was read last; NULL: all that are shown
 * @known: rates can be told
 * @received: packets/s
 * @delivered: of these
 * @dropped: likewise
 * @answered: likewise, by SYN cookies and Retries
 * @drop: packets/s by reason
 * @history: packets/s received, by second modulo PS_TOP_SECONDS
 * @history_dropped: likewise
 */
struct ps_top_row {
	const struct ps_view *view;
	bool known;
	double received;
	double delivered;
	double dropped;
	double answered;
	float drop[PS_REASONS];
	float history[PS_TOP_SECONDS];
	float history_dropped[PS_TOP_SECONDS];
};

/**
 * struct ps_top_model - all of it; zero at its birth
 * @views: the last reading
 * @time: of it, in seconds
 * @read: there was one
 * @row: of each context that was read, by name
 * @rows: how many
 * @shown: those that pass @filter, in order
 * @count: how many
 * @total: of those
 * @instances: that there are
 * @contexts: that there are, silent ones too
 * @order: of @shown
 * @reversed: the other way round
 * @filter: a part of the name that they must have, or empty
 */
struct ps_top_model {
	struct ps_views views;
	double time;
	bool read;
	struct ps_top_row *row;
	size_t rows;
	struct ps_top_row **shown;
	size_t count;
	struct ps_top_row total;
	u32 instances;
	u32 contexts;
	enum ps_top_order order;
	bool reversed;
	char filter[PS_TOP_FILTER_MAX];
};

/**
 * ps_top_update() - a new reading
 * @model: the model
 * @views: what was read; taken over, and left empty
 * @now: when, in seconds of a clock that never goes back
 */
void ps_top_update(struct ps_top_model *model, struct ps_views *views, double now);

/* Choose and sort anew, once @order, @reversed or @filter have changed. */
void ps_top_arrange(struct ps_top_model *model);

void ps_top_free(struct ps_top_model *model);

/* Where the context of this path is among @shown; @count where it isn't. */
size_t ps_top_find(const struct ps_top_model *model, const char *path);

/* Packets/s so many seconds ago; 0: in the second of the last reading. */
double ps_top_history(const struct ps_top_model *model, const float *history, int ago);

/**
 * ps_top_reasons() - for which reasons packets are dropped, the most frequent first
 * @row: the context, or the total
 * @reason: out, with room for PS_REASONS; of a context also those that were once
 *
 * Return: how many there are.
 */
int ps_top_reasons(const struct ps_top_row *row, enum ps_reason *reason);

/* A number in at most seven characters: "0", "12", "1.23 k", "20 M". */
const char *ps_top_number(char text[PS_TOP_NUMBER_MAX], double number);

/* A name in at most so many characters: the middle of a longer one is a ~. */
const char *ps_top_shorten(char *text, size_t room, const char *name, int width);

#endif
