/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers in network byte order, at any alignment. Compilers make one load of each. */
#ifndef PS_CORE_BYTES_H
#define PS_CORE_BYTES_H

#include "platform.h"

static __always_inline u16 ps_bytes_u16(const u8 *at)
{
	return (u16)(at[0] << 8 | at[1]);
}

static __always_inline u32 ps_bytes_u32(const u8 *at)
{
	return (u32)at[0] << 24 | (u32)at[1] << 16 | (u32)at[2] << 8 | at[3];
}

static __always_inline void ps_bytes_put_u16(u8 *at, u16 value)
{
	at[0] = (u8)(value >> 8);
	at[1] = (u8)value;
}

static __always_inline void ps_bytes_put_u32(u8 *at, u32 value)
{
	ps_bytes_put_u16(at, (u16)(value >> 16));
	ps_bytes_put_u16(at + 2, (u16)value);
}

#endif
