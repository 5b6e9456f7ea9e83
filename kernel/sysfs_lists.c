// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Files that may be longer than a page: the lists, and drops. They are binary
 * attributes because those get the open file and the offset with every call.
 */
#include <linux/sysfs.h>

#include "lists.h"
#include "openfile.h"
#include "sysfs.h"

/**
 * struct ps_sysfs_list - the file of a list
 * @bin: the file
 * @list: the list
 */
struct ps_sysfs_list {
	struct bin_attribute bin;
	const struct ps_list *list;
};

static struct ps_list_target ps_sysfs_target(struct kobject *kobj, const struct bin_attribute *bin)
{
	const struct ps_list *list = container_of(bin, struct ps_sysfs_list, bin)->list;
	struct ps_list_target target = { .list = list };

	if (ps_sysfs_is_instance(kobj)) {
		target.instance = ps_sysfs_instance(kobj);
		return target;
	}
	target.instance = ps_sysfs_context(kobj)->instance;
	/* One list, whichever of its two files is open. */
	if (list->scope != PS_SCOPE_SHARED)
		target.node = ps_sysfs_context(kobj);
	return target;
}

static int ps_sysfs_list_print(const void *source, struct ps_text *text)
{
	return ps_lists_print(source, text);
}

static ssize_t ps_sysfs_list_read(struct file *file, struct kobject *kobj,
				  struct bin_attribute *bin, char *buffer, loff_t offset,
				  size_t count)
{
	struct ps_list_target target = ps_sysfs_target(kobj, bin);

	return ps_open_read(&target.instance->netns->files, file, ps_sysfs_list_print, &target,
			    buffer, offset, count);
}

static ssize_t ps_sysfs_list_write(struct file *file, struct kobject *kobj,
				   struct bin_attribute *bin, char *buffer, loff_t offset,
				   size_t count)
{
	struct ps_list_target target = ps_sysfs_target(kobj, bin);
	int err;

	err = ps_netns_allows(target.instance->netns);
	if (err)
		return err;
	return ps_open_write(&target.instance->netns->files, file, &target, buffer, count);
}

/* Printing a million ranges is work that not everybody may ask for. */
#define PS_MODE_IFACES	  0644
#define PS_MODE_CONTEXTS  0644
#define PS_MODE_SOURCES	  0600
#define PS_MODE_PROTOCOLS 0644
#define PS_MODE_TCP_PORTS 0644
#define PS_MODE_UDP_PORTS 0644
#define PS_MODE_TOGGLED	  0644
#define PS_MODE_COUNTRIES 0644
#define PS_MODE_GEOIP4	  0600
#define PS_MODE_GEOIP6	  0600

static struct ps_sysfs_list ps_sysfs_list[PS_LISTS] = {
#define PS_OPTION(scope, name, type, id, def, min, max, unit, doc)
#define PS_LIST(scope, text, type, value, id, limit, unit, doc)             \
	[PS_LIST_##text] = {                                                \
		.bin = { .attr = { .name = #text, .mode = PS_MODE_##type }, \
			 .read = ps_sysfs_list_read,                        \
			 .write = ps_sysfs_list_write },                    \
		.list = &ps_list[PS_LIST_##text],                           \
	},
#include "../include/packetshield/options.def"
#undef PS_OPTION
#undef PS_LIST
};

static int ps_sysfs_drops_print(const void *source, struct ps_text *text)
{
	const struct ps_context_node *node = source;
	struct ps_counters *sum;
	enum ps_reason reason;
	char line[96];
	int err = 0;

	sum = kmalloc(sizeof(*sum), GFP_KERNEL);
	if (!sum)
		return -ENOMEM;
	ps_counters_sum(node->counters, sum);
	for (reason = 0; reason < PS_REASONS && !err; reason++) {
		if (!ps_reason_is_drop(reason))
			continue;
		err = ps_text_add_line(
			text, line,
			scnprintf(line, sizeof(line), "%s %llu %llu", ps_reason_info[reason].name,
				  sum->reason[reason].packets, sum->reason[reason].bytes));
	}
	kfree(sum);
	return err;
}

static ssize_t ps_sysfs_drops_read(struct file *file, struct kobject *kobj,
				   struct bin_attribute *bin, char *buffer, loff_t offset,
				   size_t count)
{
	struct ps_context_node *node = ps_sysfs_context(kobj);

	return ps_open_read(&node->instance->netns->files, file, ps_sysfs_drops_print, node, buffer,
			    offset, count);
}

static struct bin_attribute ps_sysfs_drops = {
	.attr = { .name = "drops", .mode = 0444 },
	.read = ps_sysfs_drops_read,
};

#define PS_OPTION(scope, name, type, id, def, min, max, unit, doc)
#define PS_LIST(scope, name, type, value, id, limit, unit, doc) \
	PS_SYSFS_##scope(&ps_sysfs_list[PS_LIST_##name].bin)

#define PS_SYSFS_INSTANCE(attribute) attribute,
#define PS_SYSFS_CONTEXT(attribute)
#define PS_SYSFS_OTHER(attribute)
#define PS_SYSFS_SHARED(attribute) attribute,
static struct bin_attribute *ps_sysfs_instance_bins[] = {
#include "../include/packetshield/options.def"
	NULL
};
#undef PS_SYSFS_INSTANCE
#undef PS_SYSFS_CONTEXT
#undef PS_SYSFS_OTHER
#undef PS_SYSFS_SHARED

#define PS_SYSFS_INSTANCE(attribute)
#define PS_SYSFS_CONTEXT(attribute) attribute,
#define PS_SYSFS_OTHER(attribute)
#define PS_SYSFS_SHARED(attribute)
static struct bin_attribute *ps_sysfs_context_bins[] = { &ps_sysfs_drops,
#include "../include/packetshield/options.def"
							 NULL };
#undef PS_SYSFS_INSTANCE
#undef PS_SYSFS_CONTEXT
#undef PS_SYSFS_OTHER
#undef PS_SYSFS_SHARED

#define PS_SYSFS_INSTANCE(attribute)
#define PS_SYSFS_CONTEXT(attribute)
#define PS_SYSFS_OTHER(attribute)  attribute,
#define PS_SYSFS_SHARED(attribute) attribute,
static struct bin_attribute *ps_sysfs_other_bins[] = {
#include "../include/packetshield/options.def"
	NULL
};
#undef PS_SYSFS_INSTANCE
#undef PS_SYSFS_CONTEXT
#undef PS_SYSFS_OTHER
#undef PS_SYSFS_SHARED

const struct attribute_group ps_sysfs_instance_lists = { .bin_attrs = ps_sysfs_instance_bins };
const struct attribute_group ps_sysfs_context_lists = { .bin_attrs = ps_sysfs_context_bins };
const struct attribute_group ps_sysfs_other_lists = { .bin_attrs = ps_sysfs_other_bins };
