// SPDX-License-Identifier: GPL-2.0-or-later
/* Slots, and packets that fill them; see capture.h. */
#include <linux/if_arp.h>
#include <linux/if_vlan.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "capture.h"
#include "frame.h"

#define PS_CAPTURE_SLOTS 16 /* at least; and two a CPU, one to fill and one to read */

void ps_capture_init(struct ps_capture *capture)
{
	mutex_init(&capture->lock);
}

static int ps_capture_populate(struct ps_capture_pool *pool)
{
	u32 i, count = max_t(u32, PS_CAPTURE_SLOTS, 2 * num_possible_cpus());
	struct ps_capture_slot *slots;

	slots = kvcalloc(count, sizeof(*slots), GFP_KERNEL_ACCOUNT);
	pool->memory =
		__vmalloc((size_t)count * PS_CAPTURE_SLOT_BYTES, GFP_KERNEL_ACCOUNT | __GFP_ZERO);
	if (!slots || !pool->memory) {
		kvfree(slots);
		vfree(pool->memory);
		pool->memory = NULL;
		return -ENOMEM;
	}
	for (i = 0; i < count; i++)
		slots[i].area.data = pool->memory + (size_t)i * PS_CAPTURE_SLOT_BYTES;
	pool->count = count;
	/* Packets look when they see that some are free. */
	smp_store_release(&pool->slots, slots);
	atomic_set_release(&pool->free, count);
	return 0;
}

int ps_capture_prepare(struct ps_capture *capture, enum ps_capture_kind kind)
{
	struct ps_capture_pool *pool = &capture->pool[kind];
	int err = 0;

	mutex_lock(&capture->lock);
	if (!pool->slots)
		err = ps_capture_populate(pool);
	mutex_unlock(&capture->lock);
	return err;
}

void ps_capture_exit(struct ps_capture *capture)
{
	enum ps_capture_kind kind;

	for (kind = 0; kind < PS_CAPTURES; kind++) {
		kvfree(capture->pool[kind].slots);
		vfree(capture->pool[kind].memory);
	}
	mutex_destroy(&capture->lock);
}

/* A slot for this CPU to fill, or NULL. */
static struct ps_capture_slot *ps_capture_open(struct ps_capture_pool *pool)
{
	struct ps_capture_slot *slot;
	u32 i;

	/* Slots become free before they are counted, so who got one of the count finds one. */
	if (atomic_dec_if_positive(&pool->free) < 0)
		return NULL;
	for (i = 0;; i = i + 1 < pool->count ? i + 1 : 0) {
		slot = &pool->slots[i];
		if (READ_ONCE(slot->state) == PS_CAPTURE_FREE &&
		    cmpxchg(&slot->state, PS_CAPTURE_FREE, PS_CAPTURE_FILLING) == PS_CAPTURE_FREE)
			break;
	}
	slot->area.used = 0;
	slot->area.records = 0;
	slot->order = atomic64_inc_return(&pool->order);
	slot->since = jiffies;
	return slot;
}

/* The slot has no room left: it is for readers, unless one has taken it already. */
static void ps_capture_close(struct ps_capture_slot **filling, struct ps_capture_slot *slot)
{
	if (cmpxchg(filling, slot, NULL) == slot)
		smp_store_release(&slot->state, PS_CAPTURE_FULL);
}

static u8 *ps_capture_room(struct ps_capture_pool *pool, struct ps_capture_slot **filling,
			   const struct ps_capture_record *record,
			   const struct ps_capture_note *note, const struct ps_context_id *id)
{
	struct ps_capture_slot *slot = READ_ONCE(*filling);
	u8 *to;

	if (likely(slot)) {
		to = ps_record_add(&slot->area, record, note, id);
		if (likely(to))
			return to;
		ps_capture_close(filling, slot);
	}
	slot = ps_capture_open(pool);
	if (!slot)
		return NULL;
	to = ps_record_add(&slot->area, record, note, id);
	smp_store_release(filling, slot);
	return to;
}

/* Room for an Ethernet header, a tag, and what a device may have between them. */
#define PS_CAPTURE_LINK_MAX 64

/**
 * struct ps_capture_link - the link-layer header of a packet as it was on the wire
 * @bytes: the header
 * @length: of it
 */
struct ps_capture_link {
	u8 bytes[PS_CAPTURE_LINK_MAX];
	u32 length;
};

static bool ps_capture_has_ethernet(const struct ps_frame *frame)
{
	const struct sk_buff *skb = frame->skb;
	u16 type = frame->dev->type;

	return (type == ARPHRD_ETHER || type == ARPHRD_LOOPBACK) && skb_mac_header_was_set(skb) &&
	       skb->data - skb_mac_header(skb) >= ETH_HLEN &&
	       skb->data - skb_mac_header(skb) <= PS_CAPTURE_LINK_MAX - VLAN_HLEN;
}

/*
 * The header in front of the packet, or one made up: no addresses, but the type.
 * The tag that was taken out, by the NIC or by the VLAN's device, is put back.
 */
static void ps_capture_link(struct ps_capture_link *link, const struct ps_frame *frame, u16 vlan)
{
	const struct sk_buff *skb = frame->skb;
	u8 *tag = link->bytes + 2 * ETH_ALEN;

	link->length = ETH_HLEN;
	if (ps_capture_has_ethernet(frame)) {
		link->length = skb->data - skb_mac_header(skb);
		memcpy(link->bytes, skb_mac_header(skb), link->length);
	} else {
		memset(link->bytes, 0, 2 * ETH_ALEN);
		memcpy(tag, &skb->protocol, sizeof(skb->protocol));
	}
	if (likely(!skb_vlan_tag_present(skb) && !(frame->route && vlan != PS_VLAN_NONE)))
		return;
	memmove(tag + VLAN_HLEN, tag, link->length - 2 * ETH_ALEN);
	link->length += VLAN_HLEN;
	if (skb_vlan_tag_present(skb)) {
		memcpy(tag, &skb->vlan_proto, sizeof(skb->vlan_proto));
		put_unaligned_be16(skb_vlan_tag_get(skb), tag + 2);
	} else {
		put_unaligned_be16(ETH_P_8021Q, tag);
		put_unaligned_be16(vlan, tag + 2);
	}
}

static void ps_capture_fill(u8 *to, const struct sk_buff *skb, const struct ps_capture_link *link,
			    u32 captured)
{
	u32 bytes = captured - link->length;

	memcpy(to, link->bytes, link->length);
	if (likely(bytes <= skb_headlen(skb)))
		memcpy(to + link->length, skb->data, bytes);
	else if (WARN_ON_ONCE(skb_copy_bits(skb, 0, to + link->length, bytes)))
		memset(to + link->length, 0, bytes);
}

static void ps_capture_note(struct ps_capture_note *note, const struct ps_arrival *arrival,
			    const struct ps_verdict *verdict)
{
	note->ifindex = arrival->frame->dev->ifindex;
	note->segments = arrival->packet->segments;
	note->verdict = ps_reason_info[verdict->reason].action;
	note->reason = ps_reason_info[verdict->reason].id;
	note->reserved = 0;
	ps_record_name(note, verdict->context ? &verdict->context->id : NULL);
}

static void ps_capture_stamp(struct ps_capture_record *record)
{
	struct timespec64 now;

	ktime_get_real_ts64(&now);
	record->seconds = now.tv_sec;
	record->microseconds = (u32)now.tv_nsec / NSEC_PER_USEC;
}

/**
 * struct ps_capture_packet - a packet to be captured
 * @skb: the packet
 * @record: its record
 * @note: its note
 * @link: what it has in front
 */
struct ps_capture_packet {
	const struct sk_buff *skb;
	struct ps_capture_record record;
	struct ps_capture_note note;
	struct ps_capture_link link;
};

static void ps_capture_describe(struct ps_capture_packet *packet, const struct ps_arrival *arrival,
				const struct ps_verdict *verdict)
{
	packet->skb = arrival->frame->skb;
	ps_capture_link(&packet->link, arrival->frame, arrival->packet->vlan);
	ps_capture_stamp(&packet->record);
	packet->record.length = packet->link.length + packet->skb->len;
	packet->record.captured = min_t(u32, packet->record.length, PS_CAPTURE_FRAME_MAX);
	ps_capture_note(&packet->note, arrival, verdict);
}

/* Whether there may be room. */
static bool ps_capture_is_open(const struct ps_capture *capture,
			       const struct ps_instance_counters *here, enum ps_capture_kind kind)
{
	return atomic_read(&capture->pool[kind].free) || READ_ONCE(here->filling[kind]);
}

/* Whether the context that judged captures its packets. */
static bool ps_capture_is_wanted(const struct ps_verdict *verdict)
{
	return verdict->context &&
	       rcu_dereference(verdict->context->config)->option[PS_OPTION_context_capture];
}

/* Put a packet into a pool: whether there was room. */
static bool ps_capture_put(struct ps_capture_pool *pool, struct ps_capture_slot **filling,
			   const struct ps_capture_packet *packet, const struct ps_context_id *id)
{
	u8 *to = ps_capture_room(pool, filling, &packet->record, &packet->note, id);

	if (to)
		ps_capture_fill(to, packet->skb, &packet->link, packet->record.captured);
	return to;
}

void ps_capture_store(struct ps_capture *capture, struct ps_instance_counters *here,
		      const struct ps_arrival *arrival, const struct ps_verdict *verdict)
{
	bool all = ps_capture_is_open(capture, here, PS_CAPTURE_ALL);
	bool context = ps_capture_is_open(capture, here, PS_CAPTURE_CONTEXT) &&
		       ps_capture_is_wanted(verdict);
	struct ps_capture_packet packet ps_platform_unfilled;

	if (all || context)
		ps_capture_describe(&packet, arrival, verdict);
	if (!all || !ps_capture_put(&capture->pool[PS_CAPTURE_ALL], &here->filling[PS_CAPTURE_ALL],
				    &packet, NULL))
		here->counter[PS_INSTANCE_COUNTER_capmissed] += arrival->packet->segments;
	if (context)
		ps_capture_put(&capture->pool[PS_CAPTURE_CONTEXT],
			       &here->filling[PS_CAPTURE_CONTEXT], &packet, &verdict->context->id);
}
