// SPDX-License-Identifier: GPL-2.0-or-later
/* The ciphers and hashes that the core asks of its platform (platform.h), by nettle. */
#include <nettle/aes.h>
#include <nettle/sha2.h>

#include "platform.h"

void ps_platform_sha256(u8 *digest, const u8 *data, u32 length)
{
	struct sha256_ctx sha256;

	sha256_init(&sha256);
	sha256_update(&sha256, length, data);
	sha256_digest(&sha256, SHA256_DIGEST_SIZE, digest);
}

void ps_platform_aes128(const u8 *key, u8 *block, u32 blocks)
{
	struct aes128_ctx aes;

	aes128_set_encrypt_key(&aes, key);
	aes128_encrypt(&aes, (size_t)blocks * AES_BLOCK_SIZE, block, block);
}
