// SPDX-License-Identifier: GPL-2.0-or-later
/* State of open files; see openfile.h. */
#include <linux/slab.h>

#include "core/parse.h"
#include "lists.h"
#include "openfile.h"

#define PS_OPEN_SILENCE (30 * HZ) /* state is dropped after this */
#define PS_OPEN_SWEEP	(5 * HZ)
#define PS_OPEN_TEXTS	32 /* texts kept for one user in a namespace, at most */

/* What kernfs_open_file.priv says of a file: a kind, and a number that goes with it. */
enum ps_open_kind {
	PS_OPEN_FRESH,	     /* neither read nor written, or nothing is left of that */
	PS_OPEN_READING,     /* a text is kept under this serial number */
	PS_OPEN_READ_ALL,    /* a text of this length was read to the end */
	PS_OPEN_TRANSACTION, /* a transaction is kept under this serial number */
	PS_OPEN_COMMITTED,   /* one is over; the end of its line may yet come */
	PS_OPEN_KINDS,
};

/**
 * struct ps_open_file - state of one open file
 * @list:	in ps_open_files.list
 * @serial:	names the file
 * @uid:	who opened it
 * @touched:	jiffies of its last read or write
 * @text:	what its reader reads, or empty
 * @target:	list of its transaction; target.list is NULL without one
 * @stream:	text of the transaction
 * @batch:	items of the transaction
 */
struct ps_open_file {
	struct list_head list;
	u64 serial;
	kuid_t uid;
	unsigned long touched;
	struct ps_text text;
	struct ps_list_target target;
	struct ps_list_stream stream;
	struct ps_batch batch;
};

static enum ps_open_kind ps_open_kind(const struct kernfs_open_file *of)
{
	return (unsigned long)of->priv % PS_OPEN_KINDS;
}

static unsigned long ps_open_number(const struct kernfs_open_file *of)
{
	return (unsigned long)of->priv / PS_OPEN_KINDS;
}

static void ps_open_mark(struct kernfs_open_file *of, u64 number, enum ps_open_kind kind)
{
	of->priv = (void *)(unsigned long)(number * PS_OPEN_KINDS + kind);
}

static void ps_open_drop(struct ps_open_file *open)
{
	list_del(&open->list);
	ps_text_free(&open->text);
	ps_batch_free(&open->batch);
	kfree(open);
}

static bool ps_open_is_silent(const struct ps_open_file *open)
{
	return time_after(jiffies, open->touched + PS_OPEN_SILENCE);
}

static void ps_open_touch(struct ps_open_files *files, struct ps_open_file *open)
{
	open->touched = jiffies;
	list_move_tail(&open->list, &files->list);
}

/* The state of a file, or NULL where it has none (any more). */
static struct ps_open_file *ps_open_find(struct ps_open_files *files,
					 const struct kernfs_open_file *of)
{
	enum ps_open_kind kind = ps_open_kind(of);
	struct ps_open_file *open;

	if (kind != PS_OPEN_READING && kind != PS_OPEN_TRANSACTION)
		return NULL;
	list_for_each_entry(open, &files->list, list)
		if (open->serial == ps_open_number(of))
			return open;
	return NULL;
}

static struct ps_open_file *ps_open_create(struct ps_open_files *files, struct kernfs_open_file *of,
					   enum ps_open_kind kind)
{
	struct ps_open_file *open = kzalloc(sizeof(*open), GFP_KERNEL_ACCOUNT);

	if (!open)
		return NULL;
	open->serial = ++files->serial;
	open->uid = of->file->f_cred->uid;
	open->touched = jiffies;
	list_add_tail(&open->list, &files->list);
	ps_open_mark(of, open->serial, kind);
	schedule_delayed_work(&files->sweep, PS_OPEN_SWEEP);
	return open;
}

static void ps_open_sweep(struct work_struct *work)
{
	struct ps_open_files *files =
		container_of(to_delayed_work(work), struct ps_open_files, sweep);
	struct ps_open_file *open, *next;

	mutex_lock(&files->lock);
	list_for_each_entry_safe(open, next, &files->list, list)
		if (ps_open_is_silent(open))
			ps_open_drop(open);
	if (!list_empty(&files->list))
		schedule_delayed_work(&files->sweep, PS_OPEN_SWEEP);
	mutex_unlock(&files->lock);
}

void ps_open_files_init(struct ps_open_files *files)
{
	mutex_init(&files->lock);
	INIT_LIST_HEAD(&files->list);
	INIT_DELAYED_WORK(&files->sweep, ps_open_sweep);
	files->serial = 0;
}

void ps_open_files_exit(struct ps_open_files *files)
{
	struct ps_open_file *open, *next;

	cancel_delayed_work_sync(&files->sweep);
	list_for_each_entry_safe(open, next, &files->list, list)
		ps_open_drop(open);
	mutex_destroy(&files->lock);
}

/* Make room for one more text of this user: his least recently read one goes. */
static void ps_open_limit_texts(struct ps_open_files *files, kuid_t uid)
{
	struct ps_open_file *open, *oldest = NULL;
	u32 texts = 0;

	list_for_each_entry(open, &files->list, list) {
		if (open->target.list || !uid_eq(open->uid, uid))
			continue;
		texts++;
		if (!oldest)
			oldest = open;
	}
	if (texts >= PS_OPEN_TEXTS)
		ps_open_drop(oldest);
}

/* Keep a text for the reads to come: 0 or -ENOMEM. */
static int ps_open_pin(struct ps_open_files *files, struct kernfs_open_file *of,
		       struct ps_text *text)
{
	struct ps_open_file *open;

	ps_open_limit_texts(files, of->file->f_cred->uid);
	open = ps_open_create(files, of, PS_OPEN_READING);
	if (!open)
		return -ENOMEM;
	swap(open->text, *text);
	return 0;
}

static ssize_t ps_open_copy(const struct ps_text *text, char *buffer, loff_t offset, size_t count)
{
	return memory_read_from_buffer(buffer, count, &offset, text->data, text->length);
}

/* The first read: print what the file holds now, and keep what is left of it. */
static ssize_t ps_open_read_first(struct ps_open_files *files, struct kernfs_open_file *of,
				  int (*print)(const void *source, struct ps_text *text),
				  const void *source, char *buffer, loff_t offset, size_t count)
{
	struct ps_open_file *open = ps_open_find(files, of);
	struct ps_text text = {};
	ssize_t n;
	int err;

	if (open)
		ps_open_drop(open);
	ps_open_mark(of, 0, PS_OPEN_FRESH);
	err = print(source, &text);
	n = err ? err : ps_open_copy(&text, buffer, offset, count);
	if (n >= 0 && offset + n >= text.length) {
		ps_open_mark(of, text.length, PS_OPEN_READ_ALL);
	} else if (n >= 0) {
		err = ps_open_pin(files, of, &text);
		n = err ? err : n;
	}
	ps_text_free(&text);
	return n;
}

/* The following reads; offsets may go back as well. */
static ssize_t ps_open_read_on(struct ps_open_files *files, struct kernfs_open_file *of,
			       char *buffer, loff_t offset, size_t count)
{
	struct ps_open_file *open = ps_open_find(files, of);
	ssize_t n;

	if (!open)
		return -ESTALE;
	n = ps_open_copy(&open->text, buffer, offset, count);
	ps_open_touch(files, open);
	if (n == 0 && count) {
		ps_open_mark(of, open->text.length, PS_OPEN_READ_ALL);
		ps_open_drop(open);
	}
	return n;
}

ssize_t ps_open_read(struct ps_open_files *files, struct file *file,
		     int (*print)(const void *source, struct ps_text *text), const void *source,
		     char *buffer, loff_t offset, size_t count)
{
	struct kernfs_open_file *of = ps_open_kernfs(file);
	enum ps_open_kind kind = ps_open_kind(of);
	ssize_t n;

	if (kind == PS_OPEN_TRANSACTION)
		return -EBUSY;
	if (kind == PS_OPEN_READ_ALL && offset && offset >= ps_open_number(of))
		return 0;
	mutex_lock(&files->lock);
	if (offset && kind == PS_OPEN_READING)
		n = ps_open_read_on(files, of, buffer, offset, count);
	else
		n = ps_open_read_first(files, of, print, source, buffer, offset, count);
	mutex_unlock(&files->lock);
	return n;
}

/* The one pending on the list, whoever began it, makes way for the new one. */
static struct ps_open_file *ps_open_begin(struct ps_open_files *files, struct kernfs_open_file *of,
					  const struct ps_list_target *target)
{
	struct ps_open_file *open, *next;

	list_for_each_entry_safe(open, next, &files->list, list)
		if (open->target.list == target->list && open->target.node == target->node &&
		    open->target.instance == target->instance)
			ps_open_drop(open);
	open = ps_open_find(files, of);
	if (open)
		ps_open_drop(open);
	open = ps_open_create(files, of, PS_OPEN_TRANSACTION);
	if (open)
		open->target = *target;
	return open;
}

static int ps_open_add_item(struct ps_open_file *open, const char *text, size_t length)
{
	union ps_list_item item;
	int err;

	err = ps_lists_parse(open->target.list, text, length, &item);
	return err ? err : ps_batch_add(&open->batch, open->target.list, &item);
}

/*
 * Feed a piece of a transaction. Returns 1 when it is complete, 0 when more is
 * to come, or a negative errno.
 */
static int ps_open_feed(struct ps_open_file *open, const char *buffer, size_t count)
{
	size_t used, length;
	const char *text;
	int err;

	for (;;) {
		switch (ps_list_feed(&open->stream, buffer, count, &used, &text, &length)) {
		case PS_LIST_MORE:
			return 0;
		case PS_LIST_BEGIN:
			break;
		case PS_LIST_ITEM:
			err = ps_open_add_item(open, text, length);
			if (err)
				return err;
			break;
		case PS_LIST_COMMIT:
			return 1;
		default:
			return -EIO;
		}
		buffer += used;
		count -= used;
	}
}

static int ps_open_edit(const struct ps_list_target *target, const char *text, size_t length,
			bool add)
{
	union ps_list_item item;
	int err;

	err = ps_lists_parse(target->list, text, length, &item);
	return err ? err : ps_lists_edit(target, &item, add);
}

/*
 * A piece of a transaction, perhaps its first. When it completes the
 * transaction the items are left in @batch and 1 is returned.
 */
static int ps_open_transact(struct ps_open_files *files, struct kernfs_open_file *of,
			    const struct ps_list_target *target, const char *buffer, size_t count,
			    struct ps_batch *batch)
{
	struct ps_open_file *open;
	int result = -EBUSY;

	mutex_lock(&files->lock);
	if (ps_open_kind(of) == PS_OPEN_TRANSACTION) {
		open = ps_open_find(files, of);
	} else {
		open = ps_open_begin(files, of, target);
		result = -ENOMEM;
	}
	if (open && !ps_open_is_silent(open))
		result = ps_open_feed(open, buffer, count);
	if (!result) {
		ps_open_touch(files, open);
	} else {
		if (result > 0)
			swap(*batch, open->batch);
		if (open)
			ps_open_drop(open);
		ps_open_mark(of, 0, result > 0 ? PS_OPEN_COMMITTED : PS_OPEN_FRESH);
	}
	mutex_unlock(&files->lock);
	return result;
}

/* A write to a file without a transaction under way: as ps_open_transact(). */
static int ps_open_start(struct ps_open_files *files, struct kernfs_open_file *of,
			 const struct ps_list_target *target, const char *buffer, size_t count,
			 struct ps_batch *batch)
{
	struct ps_list_stream stream = { .closed = ps_open_kind(of) == PS_OPEN_COMMITTED };
	size_t used, length;
	const char *text;

	switch (ps_list_feed(&stream, buffer, count, &used, &text, &length)) {
	case PS_LIST_ADD:
		return ps_open_edit(target, text, length, true);
	case PS_LIST_REMOVE:
		return ps_open_edit(target, text, length, false);
	case PS_LIST_BEGIN:
		return ps_open_transact(files, of, target, buffer, count, batch);
	case PS_LIST_MORE:
		return 0;
	default:
		return -EIO;
	}
}

ssize_t ps_open_write(struct ps_open_files *files, struct file *file,
		      const struct ps_list_target *target, const char *buffer, size_t count)
{
	struct kernfs_open_file *of = ps_open_kernfs(file);
	struct ps_batch batch = {};
	int result;

	if (ps_open_kind(of) == PS_OPEN_TRANSACTION)
		result = ps_open_transact(files, of, target, buffer, count, &batch);
	else
		result = ps_open_start(files, of, target, buffer, count, &batch);
	if (result > 0)
		result = ps_lists_replace(target, &batch);
	ps_batch_free(&batch);
	return result ? result : count;
}
