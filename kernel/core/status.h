/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What can become of a request to the core that isn't about a packet.
 * The shell turns these into errno and extack messages, the tool into
 * sentences; the core itself knows no errno.
 */
#ifndef PS_CORE_STATUS_H
#define PS_CORE_STATUS_H

/**
 * enum ps_status - result of a parse, a check or an edit
 * @PS_OK:		done
 * @PS_MALFORMED:	the text has not the form asked for (EIO)
 * @PS_OUT_OF_RANGE:	well formed, but a number is out of its range (ERANGE)
 * @PS_NOT_FOUND:	what should be removed isn't there (ENOENT)
 * @PS_EXISTS:		what should be added is there already (EEXIST)
 * @PS_NO_SPACE:	a limit is reached (ENOSPC)
 * @PS_NO_MEMORY:	the memory handed in doesn't suffice (ENOMEM)
 */
enum ps_status {
	PS_OK,
	PS_MALFORMED,
	PS_OUT_OF_RANGE,
	PS_NOT_FOUND,
	PS_EXISTS,
	PS_NO_SPACE,
	PS_NO_MEMORY,
};

#endif
