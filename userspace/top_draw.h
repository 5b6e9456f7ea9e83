/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pages of packetshield top, drawn from its model. */
#ifndef PS_TOP_DRAW_H
#define PS_TOP_DRAW_H

#include "top_keys.h"

/* Draw what is looked at, whatever the size of the screen. */
void ps_top_draw(struct ps_top_ui *ui, const struct ps_top_model *model);

/* The two pages without contexts: how many lines the screen has for them is looked up. */
void ps_top_draw_drops(struct ps_top_ui *ui, const struct ps_top_model *model);
void ps_top_draw_help(struct ps_top_ui *ui);

#endif
