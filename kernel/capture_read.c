// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Readers of captures; see capture.h. sysfs doesn't say when a file is closed, so
 * a reader is known by a serial number that its open file carries, and what it
 * hasn't released waits for the next one.
 */
#include <linux/kernfs.h>
#include <linux/mm.h>
#include <linux/vmalloc.h>

#include "capture.h"
#include "openfile.h"

/* What the reader of each file waits for in slots half full, and whose they are. */
static const struct ps_capture_source {
	enum ps_capture_kind kind;
	unsigned int patience;
} ps_capture_source[PS_CAPTURE_FILES] = {
	/* It has an end, and nothing that has come may be missing there. */
	[PS_CAPTURE_FILE_RAW] = { PS_CAPTURE_ALL, 0 },
	[PS_CAPTURE_FILE_MAP] = { PS_CAPTURE_ALL, PS_CAPTURE_PATIENCE },
	[PS_CAPTURE_FILE_CONTEXTS] = { PS_CAPTURE_CONTEXT, PS_CAPTURE_PATIENCE },
};

/* The full slot that was begun first, or NULL. */
static struct ps_capture_slot *ps_capture_oldest(const struct ps_capture_pool *pool)
{
	struct ps_capture_slot *slot, *oldest = NULL;
	u32 i;

	for (i = 0; pool->slots && i < pool->count; i++) {
		slot = &pool->slots[i];
		if (smp_load_acquire(&slot->state) == PS_CAPTURE_FULL &&
		    (!oldest || slot->order < oldest->order))
			oldest = slot;
	}
	return oldest;
}

/* Take away from their CPUs the slots that have waited long enough. */
static void ps_capture_collect(const struct ps_capture_pool *pool,
			       struct ps_instance_counters __percpu *counters,
			       const struct ps_capture_source *source)
{
	struct ps_capture_slot **filling, *slot;
	bool taken = false;
	int cpu;
	u32 i;

	for_each_possible_cpu(cpu) {
		filling = &per_cpu_ptr(counters, cpu)->filling[source->kind];
		slot = smp_load_acquire(filling);
		/* Only readers free slots, one at a time: it is still the same one. */
		if (slot &&
		    time_after_eq(jiffies, slot->since + msecs_to_jiffies(source->patience)) &&
		    cmpxchg(filling, slot, NULL) == slot) {
			WRITE_ONCE(slot->state, PS_CAPTURE_LEAVING);
			taken = true;
		}
	}
	if (!taken)
		return;
	/* A packet may still be writing there. */
	synchronize_rcu();
	for (i = 0; i < pool->count; i++)
		if (READ_ONCE(pool->slots[i].state) == PS_CAPTURE_LEAVING)
			WRITE_ONCE(pool->slots[i].state, PS_CAPTURE_FULL);
}

/* Give the reader a slot, if there is one. */
static void ps_capture_take(struct ps_capture *capture,
			    struct ps_instance_counters __percpu *counters,
			    enum ps_capture_file which)
{
	const struct ps_capture_source *source = &ps_capture_source[which];
	struct ps_capture_pool *pool = &capture->pool[source->kind];
	struct ps_capture_slot *slot = ps_capture_oldest(pool);

	if (!slot) {
		ps_capture_collect(pool, counters, source);
		slot = ps_capture_oldest(pool);
	}
	if (slot)
		WRITE_ONCE(slot->state, PS_CAPTURE_READING);
	capture->reader[which].slot = slot;
	capture->reader[which].done = 0;
}

static void ps_capture_release(struct ps_capture *capture, enum ps_capture_file which)
{
	struct ps_capture_reader *reader = &capture->reader[which];

	if (!reader->slot)
		return;
	smp_store_release(&reader->slot->state, PS_CAPTURE_FREE);
	reader->slot = NULL;
	/* With a barrier before it: see ps_capture_open(). */
	atomic_inc_return(&capture->pool[ps_capture_source[which].kind].free);
}

/* Whether the open file is the reader's: 0, or 1 where it becomes so now, or -ESTALE. */
static int ps_capture_admit(struct ps_capture *capture, enum ps_capture_file which,
			    struct kernfs_open_file *of)
{
	struct ps_capture_reader *reader = &capture->reader[which];

	if (of->priv)
		return (unsigned long)of->priv == reader->serial ? 0 : -ESTALE;
	reader->serial = ++capture->serial;
	of->priv = (void *)reader->serial;
	return 1;
}

/*
 * raw.cap from its first byte: behind the header comes the first record of which
 * nobody has got all.
 */
static void ps_capture_restart(struct ps_capture *capture)
{
	struct ps_capture_reader *reader = &capture->reader[PS_CAPTURE_FILE_RAW];

	if (reader->slot)
		reader->done = ps_record_boundary(reader->slot->area.data, reader->done);
	else
		reader->done = 0;
	reader->base = (loff_t)sizeof(ps_record_pcap) - reader->done;
}

static ssize_t ps_capture_read_raw(struct ps_capture *capture,
				   struct ps_instance_counters __percpu *counters, char *buffer,
				   loff_t offset, size_t count)
{
	struct ps_capture_reader *reader = &capture->reader[PS_CAPTURE_FILE_RAW];
	loff_t header = sizeof(ps_record_pcap);
	ssize_t n;

	if (offset < header) {
		if (reader->base > header)
			ps_capture_restart(capture);
		return memory_read_from_buffer(buffer, count, &offset, &ps_record_pcap, header);
	}
	if (offset < reader->base)
		return -EINVAL;
	if (reader->slot && offset == reader->base + reader->slot->area.used) {
		ps_capture_release(capture, PS_CAPTURE_FILE_RAW);
		reader->base = offset;
	}
	if (!reader->slot && offset == reader->base)
		ps_capture_take(capture, counters, PS_CAPTURE_FILE_RAW);
	if (!reader->slot)
		return 0;
	offset -= reader->base;
	n = memory_read_from_buffer(buffer, count, &offset, reader->slot->area.data,
				    reader->slot->area.used);
	reader->done = max_t(u32, reader->done, offset);
	return n;
}

static ssize_t ps_capture_read_size(struct ps_capture *capture,
				    struct ps_instance_counters __percpu *counters,
				    enum ps_capture_file which, bool fresh, char *buffer,
				    size_t count)
{
	struct ps_capture_reader *reader = &capture->reader[which];
	u32 size;

	if (!fresh || count < sizeof(size))
		ps_capture_release(capture, which);
	if (count < sizeof(size))
		return 0;
	if (!reader->slot)
		ps_capture_take(capture, counters, which);
	size = reader->slot ? reader->slot->area.used : 0;
	memcpy(buffer, &size, sizeof(size));
	return sizeof(size);
}

ssize_t ps_capture_read(struct ps_capture *capture, struct ps_instance_counters __percpu *counters,
			enum ps_capture_file which, struct file *file, char *buffer, loff_t offset,
			size_t count)
{
	ssize_t n;

	mutex_lock(&capture->lock);
	n = ps_capture_admit(capture, which, ps_open_kernfs(file));
	if (n < 0)
		goto out;
	if (which != PS_CAPTURE_FILE_RAW) {
		n = ps_capture_read_size(capture, counters, which, n, buffer, count);
		goto out;
	}
	if (n)
		ps_capture_restart(capture);
	n = ps_capture_read_raw(capture, counters, buffer, offset, count);
out:
	mutex_unlock(&capture->lock);
	return n;
}

static int ps_capture_map(const struct ps_capture_slot *slot, struct vm_area_struct *vma)
{
	unsigned long at, bytes = vma->vm_end - vma->vm_start;
	int err = 0;

	if (!slot || vma->vm_pgoff || bytes > PS_CAPTURE_SLOT_BYTES)
		return -EINVAL;
	for (at = 0; at < bytes && !err; at += PAGE_SIZE)
		err = vm_insert_page(vma, vma->vm_start + at,
				     vmalloc_to_page(slot->area.data + at));
	return err;
}

int ps_capture_mmap(struct ps_capture *capture, enum ps_capture_file which, struct file *file,
		    struct vm_area_struct *vma)
{
	struct kernfs_open_file *of = ps_open_kernfs(file);
	struct ps_capture_reader *reader = &capture->reader[which];
	int err = -EINVAL;

	mutex_lock(&capture->lock);
	if (of->priv)
		err = (unsigned long)of->priv == reader->serial ?
			      ps_capture_map(reader->slot, vma) :
			      -ESTALE;
	mutex_unlock(&capture->lock);
	return err;
}
