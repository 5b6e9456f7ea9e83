/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Replay: the engine judges the frames of a capture, each at the time when it
 * was captured, as the module would have judged them.
 *
 * What a capture doesn't tell is inferred. Frames from this host's MAC go out,
 * all others come in. A TCP segment that goes out is taken for one of a connected
 * socket, or, from a port in x_tcp_ports, of a server behind this host. A SYN
 * that gets a cookie is answered by the next SYN+ACK to it in the capture, which
 * then is the module's own (or would not have been sent); the ACK of that number
 * returns a valid cookie. Likewise a Retry that goes to where an Initial has got one is
 * the module's; tokens are read with the cluster_secret of the configuration, and
 * where that says keep none is right. Frames over the MTU stand for as many packets as it
 * takes.
 */
#ifndef PS_REPLAY_H
#define PS_REPLAY_H

#include "capture.h"
#include "host.h"

#define PS_REPLAY_MACS		16
#define PS_REPLAY_MTU		1500
#define PS_REPLAY_COOKIES	(1U << 18)	/* that are remembered */

/**
 * struct ps_replay_cookie - a SYN that got a cookie, or an Initial that got a Retry, in a
 * slot that its hash chooses
 * @hash: of the session
 * @time: when
 * @syn: its sequence number
 * @cookie: that of the SYN+ACK, once it was seen
 * @answered: it was
 */
struct ps_replay_cookie {
	u64 hash;
	u64 time;
	u32 syn;
	u32 cookie;
	bool answered;
};

/**
 * struct ps_replay - a replay
 * @host: the instance
 * @mac: of this host
 * @macs: how many
 * @mtu: of the link
 * @trust: don't verify transport checksums
 * @cookie: PS_REPLAY_COOKIES of them
 * @now: time of the last frame; time doesn't go back
 * @first: of the first
 * @random: of ps_learn()
 * @incoming: frames that came in
 * @outgoing: frames that went out
 * @replies: SYN+ACKs and Retries left out, since they are the module's
 * @cut: frames left out, since too little of them was captured
 */
struct ps_replay {
	struct ps_host host;
	u8 mac[PS_REPLAY_MACS][PS_MAC_BYTES];
	u32 macs;
	u32 mtu;
	bool trust;
	struct ps_replay_cookie *cookie;
	u64 now;
	u64 first;
	u32 random;
	u64 incoming;
	u64 outgoing;
	u64 replies;
	u64 cut;
};

/* What became of a frame. */
enum ps_replay_end {
	PS_REPLAY_JUDGED,
	PS_REPLAY_REPLY,	/* left out: the module's own */
	PS_REPLAY_CUT,		/* left out: too little of it was captured */
};

/**
 * struct ps_replay_told - a frame after its judgement
 * @end: what became of it
 * @incoming: which way it went
 * @packet: its headers
 * @verdict: if it was judged
 */
struct ps_replay_told {
	enum ps_replay_end end;
	bool incoming;
	struct ps_packet packet;
	struct ps_verdict verdict;
};

/* Make it, and free what it owns; @mac, @mtu and @trust are the caller's to set. */
void ps_replay_make(struct ps_replay *replay, const struct ps_model_instance *instance);
void ps_replay_free(struct ps_replay *replay);

/* Judge a frame, and count it. */
void ps_replay_frame(struct ps_replay *replay, const struct ps_capture_frame *frame,
		     struct ps_replay_told *told);

/**
 * struct ps_replay_sides - a search for the MAC of this host in a capture
 * @instance: whose contexts' addresses are behind it
 * @candidate: MACs that all frames so far have in common, 2 at most
 * @candidates: how many; ~0U before the first frame
 * @votes: MACs that a context's address was seen with, and how often
 * @voted: how many
 */
struct ps_replay_sides {
	const struct ps_model_instance *instance;
	u8 candidate[2][PS_MAC_BYTES];
	u32 candidates;
	struct {
		u8 mac[PS_MAC_BYTES];
		u64 count;
	} votes[PS_REPLAY_MACS];
	u32 voted;
};

#define PS_REPLAY_SIDES(of) { .instance = (of), .candidates = ~0U }

/* One more frame. */
void ps_replay_sides_see(struct ps_replay_sides *sides, const struct ps_capture_frame *frame);

/* Which MAC it is: false where that isn't clear. */
bool ps_replay_sides_find(const struct ps_replay_sides *sides, u8 mac[PS_MAC_BYTES]);

/* A frame's headers from behind Ethernet and the outer VLAN tag. */
struct ps_view ps_replay_view(const struct ps_capture_frame *frame);

#endif
