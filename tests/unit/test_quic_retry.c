// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Retry packets as a client reads them, and their connection ids as cookies:
 * right for one client, for a short time, and wrong by one bit of anything.
 */
#include "quic_rig.h"

static u8 retry[PS_QUIC_RETRY_MAX];

static u32 get_retry(struct quic q)
{
	toggle(other, PS_PROTECT_NEW_COOKIE, true);
	assert_why(receive_quic(q), quic_retry);
	return retry_of_last(retry);
}

static const u32 versions[] = { PS_QUIC_VERSION_1, PS_QUIC_VERSION_2, PS_QUIC_DRAFT_29 };
static const u8 first[] = { 0xf5, 0xc5, 0xf5 };

/* Field by field (RFC 9000 17.2.5), for ids of all lengths. */
static void test_form(void **state)
{
	u32 v, dcid, scid, length;
	struct ps_quic_origin origin;
	struct quic q;
	u8 tag[16];

	for (v = 0; v < ARRAY_SIZE(versions); v++)
		for (dcid = 8; dcid <= 20; dcid++)
			for (scid = 0; scid <= 20; scid++) {
				q = (struct quic){ .version = versions[v], .dcid_length = (u8)dcid,
						   .scid_length = scid ? (u8)scid : QUIC_NO_CID };
				length = get_retry(q);
				assert_int_equal(length, 1 + 4 + 1 + scid + 1 + 8 + 38 + dcid + 16);
				assert_int_equal(retry[0], first[v]);
				assert_int_equal(get16(retry + 1) << 16 | get16(retry + 3),
						 versions[v]);
				assert_int_equal(retry[5], scid);
				assert_int_equal(retry[6 + scid], 8);
				assert_int_equal(retry[15 + scid], 0x9c);
				if (scid)
					assert_int_equal(retry[6], 0xb1);
				origin.odcid_length = (u8)dcid;
				memcpy(origin.odcid, last.data + last.transport + 8 + 6, dcid);
				ps_quic_retry_tag(tag, versions[v], &origin, retry, length - 16);
				assert_memory_equal(tag, retry + length - 16, 16);
			}
}

static void test_token_says_what_the_server_needs(void **state)
{
	u32 length = get_retry((struct quic){ .dcid_length = 13 });
	struct ps_quic_origin origin;
	struct ps_quic_client client = {
		.addr = &host->packet.src, .scid = retry + 6, .version = PS_QUIC_VERSION_1,
		.port = 40000, .scid_length = 8,
	};

	assert_true(ps_quic_token_open(&origin, retry + 23, length - 16 - 23,
				       &other->config.quic_key, &client));
	assert_int_equal(origin.odcid_length, 13);
	assert_memory_equal(origin.odcid, last.data + last.transport + 14, 13);
	assert_int_equal(origin.time, WALL + host->now / SECOND);
	other->config.option[PS_OPTION_quic_v4_mapped] = 1;
	length = get_retry((struct quic){ .dcid_length = 13 });
	assert_int_equal(ps_quic_token_open(&origin, retry + 23, length - 16 - 23,
					    &other->config.quic_key, &client), host->family == 6);
	client.mapped = true;
	assert_true(ps_quic_token_open(&origin, retry + 23, length - 16 - 23,
				       &other->config.quic_key, &client));
}

/* Whether the follow-up of this client is accepted for its id: its token is no good. */
static bool returns(struct build b, struct quic q)
{
	static const u8 token[46] = { PS_QUIC_TOKEN_RETRY };
	bool accepted;

	q.token = token;
	q.token_length = sizeof(token);
	accepted = receive_from(b, q) == PS_REASON_quic_token_valid;
	table_free(host->engine.quic);
	host->engine.quic = table_new(BUCKETS, NULL);
	return accepted;
}

static void test_one_bit_is_enough(void **state)
{
	u8 cookie[8], scid[8];
	struct quic q = { 0 };
	u32 i;

	q.scid = scid;
	for (i = 0; i < 8; i++)
		scid[i] = (u8)(i * 9);
	get_retry(q);
	memcpy(cookie, retry + 15, sizeof(cookie));
	q.dcid = cookie;
	for (i = 0; i < 64; i++) {
		cookie[i / 8] ^= 1 << i % 8;
		assert_false(returns((struct build){ 0 }, q));
		cookie[i / 8] ^= 1 << i % 8;
		scid[i / 8] ^= 1 << i % 8;
		assert_false(returns((struct build){ 0 }, q));
		scid[i / 8] ^= 1 << i % 8;
	}
	assert_true(returns((struct build){ 0 }, q));
	for (i = 0; i < 16; i++)
		assert_false(returns((struct build){ .sport = (u16)(40000 ^ 1 << i) }, q));
	assert_false(returns((struct build){ .src = address(1, 1) }, q));
	assert_false(returns((struct build){ .dst = address(1, 1) }, q));
	set_udp_port(other, 444, PS_PORT_PROTECT_P);
	assert_false(returns((struct build){ .dport = 444 }, q));
	q.version = PS_QUIC_DRAFT_29;
	assert_false(returns((struct build){ 0 }, q));
	q.version = 0;
	q.scid_length = 7;
	assert_false(returns((struct build){ 0 }, q));
}

/* For 5 seconds at least and less than 10: by then its token is about to be too old. */
static void test_life(void **state)
{
	u8 cookie[8];
	struct quic q = { .dcid = cookie };
	u32 begin, age;

	for (begin = 0; begin < 5; begin++, pass(SECOND)) {
		get_retry((struct quic){ 0 });
		memcpy(cookie, retry + 15, sizeof(cookie));
		for (age = 0; age < 40; age++, pass(SECOND)) {
			bool accepted = returns((struct build){ 0 }, q);

			if (age <= 5 || age >= 10)
				assert_int_equal(accepted, age <= 5);
		}
	}
}

/* A client whose first id is the cookie that it would get, gets another one that counts, too. */
static void test_the_id_always_changes(void **state)
{
	struct quic q = { 0 };
	u8 cookie[8], again[8];

	get_retry(q);
	memcpy(cookie, retry + 15, sizeof(cookie));
	q.dcid = cookie;
	get_retry(q);
	memcpy(again, retry + 15, sizeof(again));
	assert_memory_not_equal(cookie, again, sizeof(cookie));
	q.dcid = again;
	assert_true(returns((struct build){ 0 }, q));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		QUIC(test_form),
		QUIC(test_token_says_what_the_server_needs),
		QUIC(test_one_bit_is_enough),
		QUIC(test_life),
		QUIC(test_the_id_always_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
