/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tree /sys/packetshield. A namespace sees the entries tagged with it in
 * its own mount of sysfs. Files derive from the tables of options.def and
 * counters.def; nothing here knows an option by name.
 */
#ifndef PS_SYSFS_H
#define PS_SYSFS_H

#include "context.h"

/* Create or remove a namespace's instances and version files. */
int ps_sysfs_create_root_files(struct ps_netns *netns);
void ps_sysfs_remove_root_files(struct ps_netns *netns);

/*
 * Create the directory of an instance: 0 or a negative errno. In either case
 * the last kobject_put() frees the instance.
 */
int ps_sysfs_instance_add(struct ps_instance *instance, const char *name);

/*
 * Create the directory of a context, named by its id: 0, or a negative errno
 * and the context is freed.
 */
int ps_sysfs_context_add(struct ps_context_node *node);

/*
 * Remove a directory, if there is one, and wait for those who are in its
 * files. Never with a lock held that they may want.
 */
void ps_sysfs_unlink(struct kobject *kobj);

/* The long files of each directory, in sysfs_lists.c. */
extern const struct attribute_group ps_sysfs_instance_lists;
extern const struct attribute_group ps_sysfs_context_lists;
extern const struct attribute_group ps_sysfs_other_lists;

/* raw.cap, capture.map and context_capture.map, in sysfs_captures.c. */
extern const struct attribute_group ps_sysfs_captures;

/* Whether it is the directory of an instance, not of a context. */
bool ps_sysfs_is_instance(const struct kobject *kobj);

static inline struct ps_instance *ps_sysfs_instance(struct kobject *kobj)
{
	return container_of(kobj, struct ps_instance, kobj);
}

static inline struct ps_context_node *ps_sysfs_context(struct kobject *kobj)
{
	return container_of(kobj, struct ps_context_node, kobj);
}

int ps_sysfs_init(void);
void ps_sysfs_exit(void);

#endif
