/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a parser of the core says of a text.
 * The shell turns these into errno and extack messages, the tool into
 * sentences; the core itself knows no errno.
 */
#ifndef PS_CORE_STATUS_H
#define PS_CORE_STATUS_H

/**
 * enum ps_status - result of a parse
 * @PS_OK:		well formed and in range
 * @PS_MALFORMED:	the text has not the form asked for (EIO)
 * @PS_OUT_OF_RANGE:	well formed, but a number is out of its range (ERANGE)
 */
enum ps_status {
	PS_OK,
	PS_MALFORMED,
	PS_OUT_OF_RANGE,
};

#endif
