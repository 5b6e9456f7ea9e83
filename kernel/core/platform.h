/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ground the core stands on: types, atomics and nothing else.
 *
 * The core is a function of its arguments. It is compiled twice, into the
 * module and into userspace (tests, fuzzers, offline replay), and this header
 * is the only place that knows which of the two it is.
 */
#ifndef PS_CORE_PLATFORM_H
#define PS_CORE_PLATFORM_H

#ifdef __KERNEL__

#include <linux/atomic.h>
#include <linux/build_bug.h>
#include <linux/cache.h>
#include <linux/compiler.h>
#include <linux/rcupdate.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/types.h>

#define ps_platform_dereference(p)	rcu_dereference(p)
#define ps_platform_acquire(x)		smp_load_acquire(&(x))
#define ps_platform_publish(x, v)	smp_store_release(&(x), v)
#define ps_platform_cmpxchg32(p, o, n)	cmpxchg(p, o, n)
#define ps_platform_cmpxchg64(p, o, n)	cmpxchg64(p, o, n)

#else /* userspace */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;

#define __rcu
#undef __always_inline
#define __always_inline		inline __attribute__((always_inline))
#define noinline		__attribute__((noinline))
#define fallthrough		__attribute__((fallthrough))
#define likely(x)		__builtin_expect(!!(x), 1)
#define unlikely(x)		__builtin_expect(!!(x), 0)
#define ____cacheline_aligned	__attribute__((aligned(64)))
#define static_assert(expr, ...) _Static_assert(expr, #expr)
#define ARRAY_SIZE(a)		(sizeof(a) / sizeof((a)[0]))
#define READ_ONCE(x)		(*(const volatile __typeof__(x) *)&(x))
#define min(a, b)		((a) < (b) ? (a) : (b))
#define max(a, b)		((a) > (b) ? (a) : (b))

#define ps_platform_dereference(p)	__atomic_load_n(&(p), __ATOMIC_CONSUME)
#define ps_platform_acquire(x)		__atomic_load_n(&(x), __ATOMIC_ACQUIRE)
#define ps_platform_publish(x, v)	__atomic_store_n(&(x), v, __ATOMIC_RELEASE)

static inline u32 ps_platform_cmpxchg32(u32 *word, u32 old, u32 new)
{
	__atomic_compare_exchange_n(word, &old, new, false, __ATOMIC_SEQ_CST,
				    __ATOMIC_SEQ_CST);
	return old;
}

static inline u64 ps_platform_cmpxchg64(u64 *word, u64 old, u64 new)
{
	__atomic_compare_exchange_n(word, &old, new, false, __ATOMIC_SEQ_CST,
				    __ATOMIC_SEQ_CST);
	return old;
}

#endif /* __KERNEL__ */

/*
 * For big variables that the next call fills in as a whole. Kernels zero what has
 * no initial value (INIT_STACK_ALL_ZERO), which would be the second time.
 */
#define ps_platform_unfilled __attribute__((__uninitialized__))

struct ps_frame;	/* a packet as the platform has it */
struct ps_packet;

/**
 * ps_platform_cookie_offer() - whether a SYN can be answered with a SYN cookie
 * @frame: the packet
 * @packet: the same, parsed: TCP, SYN without ACK
 * @forwarded: to a port in x_tcp_ports, else in p_tcp_ports
 *
 * Return: false where nobody would take the ACK: nobody listens, or the host
 * refuses cookies; or where no reply can be made of such a frame.
 */
bool ps_platform_cookie_offer(struct ps_frame *frame, const struct ps_packet *packet,
			      bool forwarded);

/**
 * ps_platform_cookie_check() - whether an ACK returns a valid SYN cookie
 * @frame: the packet
 * @packet: the same, parsed: TCP, ACK without SYN and RST
 * @forwarded: to a port in x_tcp_ports, else in p_tcp_ports
 *
 * If so, whoever completes the connection has been made ready for it.
 */
bool ps_platform_cookie_check(struct ps_frame *frame, const struct ps_packet *packet,
			      bool forwarded);

/**
 * ps_platform_retry_offer() - whether a datagram can be answered where it came from
 * @frame: the packet
 * @packet: the same, parsed: UDP, no fragment
 */
bool ps_platform_retry_offer(struct ps_frame *frame, const struct ps_packet *packet);

/**
 * ps_platform_sha256() - SHA-256 of some bytes
 * @digest: 32 bytes
 * @data: the bytes
 * @length: how many
 */
void ps_platform_sha256(u8 *digest, const u8 *data, u32 length);

/**
 * ps_platform_aes128() - encrypt blocks of AES-128, each for itself
 * @key: 16 bytes
 * @block: the blocks, 16 bytes each, encrypted in place
 * @blocks: how many
 *
 * Like ps_platform_sha256() it never sleeps.
 */
void ps_platform_aes128(const u8 *key, u8 *block, u32 blocks);

#endif
