/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel counts, as text for Prometheus (exposition format 0.0.4). One
 * row of counters.def is one metric. A reason without packets is left out, and so
 * should be contexts that nothing has happened to (ps_view_read_busy()): what is
 * told grows with what is going on, not with what is configured.
 *
 * The label of an instance is "shield", since "instance" is Prometheus's own.
 */
#ifndef PS_METRICS_H
#define PS_METRICS_H

#include "applied.h"
#include "view.h"

/**
 * ps_metrics_print() - all of it
 * @to: where to; errors of writing are left there, for ferror()
 * @views: what there is; of all instances
 * @applied: what became of apply; NULL: it never ran
 */
void ps_metrics_print(FILE *to, const struct ps_views *views, const struct ps_applied *applied);

#endif
