/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * State of open configuration files: what a reader reads, and the transaction
 * that a writer has begun.
 *
 * sysfs tells when a file is opened, read and written, but not when it is
 * closed, and addresses of closed files are used again. So a file that needs
 * state gets a serial number, kept in its kernfs_open_file, and the state lies
 * in a list under that number until it is used up or was silent for 30 s.
 */
#ifndef PS_OPENFILE_H
#define PS_OPENFILE_H

#include <linux/kernfs.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/workqueue.h>

#include "text.h"

struct ps_list_target;

/* What sysfs keeps of an open file; its priv is ours. */
static inline struct kernfs_open_file *ps_open_kernfs(struct file *file)
{
	return ((struct seq_file *)file->private_data)->private;
}

/**
 * struct ps_open_files - the open files of a namespace that have state
 * @lock:	of all members; taken before RTNL and netns->lock, and never held
 *		while a list is changed or a directory removed
 * @list:	struct ps_open_file, least recently used first
 * @serial:	the last one given away
 * @sweep:	ends what has been silent
 */
struct ps_open_files {
	struct mutex lock;
	struct list_head list;
	u64 serial;
	struct delayed_work sweep;
};

void ps_open_files_init(struct ps_open_files *files);
void ps_open_files_exit(struct ps_open_files *files);

/**
 * ps_open_read() - read from a file whose text may exceed a page
 * @files: of the namespace
 * @file: the open file
 * @print: makes the text from @source: 0 or a negative errno
 * @source: for @print
 * @buffer: where to
 * @offset: 0 pins what the file holds now, and so does going back after the end
 *	    was reached; the following reads go on in that
 * @count: bytes wanted
 *
 * Return: bytes read; 0 at the end; -ESTALE where the reader was silent for so
 * long that its text is gone, or the same user reads too many files at once;
 * -EBUSY where the same open file has a transaction under way; what @print
 * returned.
 */
ssize_t ps_open_read(struct ps_open_files *files, struct file *file,
		     int (*print)(const void *source, struct ps_text *text), const void *source,
		     char *buffer, loff_t offset, size_t count);

/**
 * ps_open_write() - take one write to a list: an edit, or a piece of a
 *		     transaction
 * @files: of the namespace
 * @file: the open file
 * @target: its list
 * @buffer: what was written
 * @count: bytes of it
 *
 * Return: @count, or a negative errno (SPEC 4.1); nothing has changed then, and
 * a transaction that was under way is discarded.
 */
ssize_t ps_open_write(struct ps_open_files *files, struct file *file,
		      const struct ps_list_target *target, const char *buffer, size_t count);

#endif
