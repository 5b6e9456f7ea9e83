// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * haproxy_tokens.so, for LD_PRELOAD: ngtcp2's gtlsserver takes Retry tokens of
 * HAProxy's kind for its own, so that a real client completes a handshake that
 * began with one of our Retries. PS_CLUSTER_SECRET is the secret.
 *
 * gtlsserver reads the packet's header by ngtcp2_accept(), knows its own tokens
 * by their first byte, asks ngtcp2_crypto_verify_retry_token(), and hands the
 * token to the connection, which wants to see it in all later Initials. So the
 * header shows it a copy that begins like its own, and the connection gets the
 * real one. Everything else, the ids in the transport parameters above all, is
 * ngtcp2's.
 *
 * Invariant: written from docs/quic.md with nettle's functions; it shares nothing
 * with what makes the tokens.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netinet/in.h>
#include <nettle/gcm.h>
#include <nettle/hmac.h>
#include <nettle/sha1.h>
#include <ngtcp2/ngtcp2.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define OURS		0x9c	/* first byte of HAProxy's tokens */
#define THEIRS		0xb6	/* of ngtcp2's own */
#define TAG		16
#define SALT		16
#define LONGEST		(1 + 1 + 20 + 4 + TAG + SALT)
#define SHORTEST	(LONGEST - 12)
#define LIFE		10	/* seconds */

/* The datagram that the server is looking at. */
static uint8_t shown[LONGEST];	/* its token, as the server sees it */
static ngtcp2_cid scid;		/* the client's id */

static void *next(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

static void hmac(uint8_t *mac, const uint8_t *key, size_t size, const void *text, size_t length)
{
	struct hmac_sha256_ctx context;

	hmac_sha256_set_key(&context, size, key);
	hmac_sha256_update(&context, length, text);
	hmac_sha256_digest(&context, 32, mac);
}

static void set_key(struct gcm_aes128_ctx *gcm, const uint8_t *salt)
{
	const char *secret = getenv("PS_CLUSTER_SECRET");
	uint8_t key[20], prk[32], bytes[32];
	struct sha1_ctx sha1;

	sha1_init(&sha1);
	sha1_update(&sha1, strlen(secret ? secret : ""), (const uint8_t *)(secret ? secret : ""));
	sha1_digest(&sha1, sizeof(key), key);
	hmac(prk, salt, SALT, key, 16);
	hmac(bytes, prk, sizeof(prk), "retry token key\1", 16);
	gcm_aes128_set_key(gcm, bytes);
	hmac(bytes, prk, sizeof(prk), "retry token iv\1", 15);
	gcm_aes128_set_iv(gcm, 12, bytes);
}

/* Version, port, address, and the client's id. */
static size_t associate(uint8_t *to, uint32_t version, const struct sockaddr *client)
{
	const struct sockaddr_in6 *six = (const void *)client;
	const struct sockaddr_in *four = (const void *)client;
	size_t size = client->sa_family == AF_INET ? 4 : 16;

	version = htonl(version);
	memcpy(to, &version, 4);
	memcpy(to + 4, &four->sin_port, 2);
	memcpy(to + 6, size == 4 ? (const void *)&four->sin_addr : (const void *)&six->sin6_addr,
	       size);
	memcpy(to + 6 + size, scid.data, scid.datalen);
	return 6 + size + scid.datalen;
}

static bool is_fresh(const uint8_t *time_sealed)
{
	uint32_t made;

	memcpy(&made, time_sealed, 4);
	return llabs((long long)time(NULL) - ntohl(made)) <= LIFE;
}

int ngtcp2_crypto_verify_retry_token(ngtcp2_cid *odcid, const uint8_t *token, size_t length,
				     const uint8_t *secret, size_t secret_length, uint32_t version,
				     const struct sockaddr *client, socklen_t client_length,
				     const ngtcp2_cid *dcid, uint64_t life, uint64_t now);
int ngtcp2_crypto_verify_retry_token(ngtcp2_cid *odcid, const uint8_t *token, size_t length,
				     const uint8_t *secret, size_t secret_length, uint32_t version,
				     const struct sockaddr *client, socklen_t client_length,
				     const ngtcp2_cid *dcid, uint64_t life, uint64_t now)
{
	const size_t bytes = length - 1 - TAG - SALT;
	uint8_t aad[6 + 16 + 20], text[LONGEST], tag[TAG];
	struct gcm_aes128_ctx gcm;

	(void)secret, (void)secret_length, (void)client_length, (void)dcid, (void)life, (void)now;
	if (token != shown)
		return -1;
	set_key(&gcm, token + length - SALT);
	gcm_aes128_update(&gcm, associate(aad, version, client), aad);
	gcm_aes128_decrypt(&gcm, bytes, text, token + 1);
	gcm_aes128_digest(&gcm, TAG, tag);
	if (memcmp(tag, token + 1 + bytes, TAG) || text[0] != bytes - 5 ||
	    !is_fresh(text + bytes - 4))
		return -1;
	ngtcp2_cid_init(odcid, text + 1, text[0]);
	return 0;
}

int ngtcp2_accept(ngtcp2_pkt_hd *header, const uint8_t *packet, size_t length)
{
	int (*accept)(ngtcp2_pkt_hd *, const uint8_t *, size_t) = next(__func__);
	int error = accept(header, packet, length);

	if (error || header->token.len < SHORTEST || header->token.len > LONGEST ||
	    header->token.base[0] != OURS)
		return error;
	memcpy(shown, header->token.base, header->token.len);
	shown[0] = THEIRS;
	header->token.base = shown;
	scid = header->scid;
	return 0;
}

int ngtcp2_conn_server_new_versioned(ngtcp2_conn **conn, const ngtcp2_cid *dcid,
				     const ngtcp2_cid *id, const ngtcp2_path *path,
				     uint32_t version, int callbacks_version,
				     const ngtcp2_callbacks *callbacks, int settings_version,
				     const ngtcp2_settings *settings, int params_version,
				     const ngtcp2_transport_params *params, const ngtcp2_mem *mem,
				     void *user)
{
	typeof(&ngtcp2_conn_server_new_versioned) create = next(__func__);

	if (settings->token.base == shown)
		shown[0] = OURS;
	return create(conn, dcid, id, path, version, callbacks_version, callbacks,
		      settings_version, settings, params_version, params, mem, user);
}
