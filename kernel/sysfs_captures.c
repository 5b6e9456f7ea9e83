// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The files of captures: binary attributes, for those get the open file with
 * every call, and can be mapped. Packets are for the namespace's root only.
 */
#include <linux/sysfs.h>

#include "sysfs.h"

/**
 * struct ps_sysfs_capture - one of the files
 * @bin: the file
 * @which: which one
 */
struct ps_sysfs_capture {
	struct bin_attribute bin;
	enum ps_capture_file which;
};

static enum ps_capture_file ps_sysfs_capture_which(const struct bin_attribute *bin)
{
	return container_of(bin, struct ps_sysfs_capture, bin)->which;
}

static ssize_t ps_sysfs_capture_read(struct file *file, struct kobject *kobj,
				     struct bin_attribute *bin, char *buffer, loff_t offset,
				     size_t count)
{
	struct ps_instance *instance = ps_sysfs_instance(kobj);

	return ps_capture_read(&instance->capture, instance->counters, ps_sysfs_capture_which(bin),
			       file, buffer, offset, count);
}

static int ps_sysfs_capture_mmap(struct file *file, struct kobject *kobj, struct bin_attribute *bin,
				 struct vm_area_struct *vma)
{
	return ps_capture_mmap(&ps_sysfs_instance(kobj)->capture, ps_sysfs_capture_which(bin), file,
			       vma);
}

static struct ps_sysfs_capture ps_sysfs_raw = {
	.bin = { .attr = { .name = "raw.cap", .mode = 0400 }, .read = ps_sysfs_capture_read },
	.which = PS_CAPTURE_FILE_RAW,
};

static struct ps_sysfs_capture ps_sysfs_map = {
	.bin = { .attr = { .name = "capture.map", .mode = 0400 },
		 .read = ps_sysfs_capture_read,
		 .mmap = ps_sysfs_capture_mmap },
	.which = PS_CAPTURE_FILE_MAP,
};

static struct ps_sysfs_capture ps_sysfs_context_map = {
	.bin = { .attr = { .name = "context_capture.map", .mode = 0400 },
		 .read = ps_sysfs_capture_read,
		 .mmap = ps_sysfs_capture_mmap },
	.which = PS_CAPTURE_FILE_CONTEXTS,
};

static struct bin_attribute *ps_sysfs_capture_bins[] = { &ps_sysfs_raw.bin, &ps_sysfs_map.bin,
							 &ps_sysfs_context_map.bin, NULL };

const struct attribute_group ps_sysfs_captures = { .bin_attrs = ps_sysfs_capture_bins };
