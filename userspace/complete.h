/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words that may stand next on a command line, for the shell's completion. */
#ifndef PS_COMPLETE_H
#define PS_COMPLETE_H

/**
 * ps_complete() - print what may stand in the place of the last word, one a line
 * @argc: how many words there are behind "packetshield"
 * @argv: they; the last is begun, perhaps empty
 *
 * Where nothing is printed a file may be meant.
 */
void ps_complete(int argc, char **argv);

#endif
