// SPDX-License-Identifier: GPL-2.0-or-later
/* The tracepoint's definition; see trace.h. */
#define CREATE_TRACE_POINTS
#include "trace.h"
