/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SHA-1 (FIPS 180-4), for the one place where HAProxy wants it: the key of its
 * tokens is the hash of the cluster's secret. Not for packets, nor for anything new.
 */
#ifndef PS_CORE_SHA1_H
#define PS_CORE_SHA1_H

#include "platform.h"

#define PS_SHA1_BYTES	20

/**
 * ps_sha1() - hash some bytes
 * @digest: PS_SHA1_BYTES bytes
 * @data: the bytes
 * @length: how many
 */
void ps_sha1(u8 *digest, const u8 *data, u32 length);

#endif
