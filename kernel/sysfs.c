// SPDX-License-Identifier: GPL-2.0-or-later
/* Directories and short files of the tree; see sysfs.h. */
#include <linux/kobject.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/sysfs.h>
#include <linux/user_namespace.h>

#include "core/parse.h"
#include "lists.h"
#include "snapshot.h"
#include "sysfs.h"
#include "toggle.h"
#include "version.h"

static struct kobject ps_sysfs_root;

/*
 * The root directory is one for all namespaces, but its files belong to the
 * root user of theirs: whose files are being created. Under its own mutex.
 */
static DEFINE_MUTEX(ps_sysfs_owner_lock);
static const struct net *ps_sysfs_owner;

static size_t ps_sysfs_chomp(const char *text, size_t length)
{
	return length && text[length - 1] == '\n' ? length - 1 : length;
}

/* The files of the root directory */

static ssize_t ps_sysfs_instances_store(struct ps_netns *netns, const char *text, size_t count)
{
	char name[PS_INSTANCE_NAME_MAX + 1];
	size_t length = ps_sysfs_chomp(text, count);
	int err;

	err = ps_netns_allows(netns);
	if (err)
		return err;
	if (length < 1 || (*text != '+' && *text != '-'))
		return -EIO;
	err = ps_status_errno(ps_parse_instance_name(text + 1, length - 1));
	if (err)
		return err;
	memcpy(name, text + 1, length - 1);
	name[length - 1] = '\0';
	err = *text == '+' ? ps_instance_create(netns, name) : ps_instance_destroy(netns, name);
	return err ? err : count;
}

static ssize_t ps_sysfs_root_show(struct kobject *kobj, struct attribute *attr, char *page)
{
	if (!strcmp(attr->name, "version"))
		return sysfs_emit(page, "%s\n", PS_VERSION);
	return ps_instance_print(container_of(attr, struct ps_netns, list_file), page);
}

static ssize_t ps_sysfs_root_store(struct kobject *kobj, struct attribute *attr, const char *text,
				   size_t count)
{
	return ps_sysfs_instances_store(container_of(attr, struct ps_netns, list_file), text,
					count);
}

static const struct sysfs_ops ps_sysfs_root_ops = {
	.show = ps_sysfs_root_show,
	.store = ps_sysfs_root_store,
};

static const struct kobj_ns_type_operations *ps_sysfs_child_ns_type(ps_const_kobject *kobj)
{
	return &net_ns_type_operations;
}

static void ps_sysfs_root_ownership(ps_const_kobject *kobj, kuid_t *uid, kgid_t *gid)
{
	if (ps_sysfs_owner)
		net_ns_get_ownership(ps_sysfs_owner, uid, gid);
}

static void ps_sysfs_root_release(struct kobject *kobj)
{
	/* Static: there is nothing to free. */
}

static const struct kobj_type ps_sysfs_root_type = {
	.release = ps_sysfs_root_release,
	.sysfs_ops = &ps_sysfs_root_ops,
	.child_ns_type = ps_sysfs_child_ns_type,
	.get_ownership = ps_sysfs_root_ownership,
};

int ps_sysfs_create_root_files(struct ps_netns *netns)
{
	int err;

	sysfs_attr_init(&netns->list_file);
	netns->list_file.name = "instances";
	/*
	 * A user namespace made in the same breath has no map yet, and its root
	 * would never own the file. Everybody may write it then: what counts is
	 * the capability, asked for at every write.
	 */
	netns->list_file.mode = uid_valid(make_kuid(netns->net->user_ns, 0)) ? 0644 : 0666;
	sysfs_attr_init(&netns->version_file);
	netns->version_file.name = "version";
	netns->version_file.mode = 0444;

	mutex_lock(&ps_sysfs_owner_lock);
	ps_sysfs_owner = netns->net;
	err = sysfs_create_file_ns(&ps_sysfs_root, &netns->version_file, netns->net);
	if (!err) {
		/* Last: from here on there may be instances. */
		err = sysfs_create_file_ns(&ps_sysfs_root, &netns->list_file, netns->net);
		if (err)
			sysfs_remove_file_ns(&ps_sysfs_root, &netns->version_file, netns->net);
	}
	ps_sysfs_owner = NULL;
	mutex_unlock(&ps_sysfs_owner_lock);
	return err;
}

void ps_sysfs_remove_root_files(struct ps_netns *netns)
{
	sysfs_remove_file_ns(&ps_sysfs_root, &netns->list_file, netns->net);
	sysfs_remove_file_ns(&ps_sysfs_root, &netns->version_file, netns->net);
}

/* The short files of instances and contexts */

/**
 * struct ps_sysfs_file - a file that fits a page
 * @attr:	its name and mode
 * @option:	the option it holds; NULL for stats
 */
struct ps_sysfs_file {
	struct attribute attr;
	const struct ps_option *option;
};

static struct ps_sysfs_file ps_sysfs_stats = { .attr = { .name = "stats", .mode = 0444 } };

static struct ps_sysfs_file ps_sysfs_option[PS_OPTIONS] = {
#define PS_OPTION(scope, text, type, id, def, min, max, unit, doc)      \
	[PS_OPTION_##text] = { .attr = { .name = #text, .mode = 0644 }, \
			       .option = &ps_option[PS_OPTION_##text] },
#define PS_LIST(scope, name, type, value, id, limit, unit, doc)
#include "../include/packetshield/options.def"
#undef PS_OPTION
#undef PS_LIST
};

#define PS_OPTION(scope, name, type, id, def, min, max, unit, doc) \
	PS_SYSFS_##scope(&ps_sysfs_option[PS_OPTION_##name].attr)
#define PS_LIST(scope, name, type, value, id, limit, unit, doc)

#define PS_SYSFS_INSTANCE(attribute) attribute,
#define PS_SYSFS_CONTEXT(attribute)
static struct attribute *ps_sysfs_instance_attrs[] = { &ps_sysfs_stats.attr,
#include "../include/packetshield/options.def"
						       NULL };
#undef PS_SYSFS_INSTANCE
#undef PS_SYSFS_CONTEXT

#define PS_SYSFS_INSTANCE(attribute)
#define PS_SYSFS_CONTEXT(attribute) attribute,
static struct attribute *ps_sysfs_context_attrs[] = { &ps_sysfs_stats.attr,
#include "../include/packetshield/options.def"
						      NULL };
#undef PS_SYSFS_INSTANCE
#undef PS_SYSFS_CONTEXT

static const struct attribute_group ps_sysfs_instance_files = { .attrs = ps_sysfs_instance_attrs };
static const struct attribute_group ps_sysfs_context_files = { .attrs = ps_sysfs_context_attrs };

static const struct ps_option *ps_sysfs_option_of(const struct attribute *attr)
{
	return container_of(attr, struct ps_sysfs_file, attr)->option;
}

static ssize_t ps_sysfs_show_option(const struct ps_option *option, s64 value, char *page)
{
	size_t length = ps_option_format(option, page, value);

	page[length++] = '\n';
	return length;
}

static ssize_t ps_sysfs_instance_show(struct kobject *kobj, struct attribute *attr, char *page)
{
	const struct ps_option *option = ps_sysfs_option_of(attr);
	struct ps_instance *instance = ps_sysfs_instance(kobj);

	if (!option)
		return ps_counters_print_instance(instance->counters, page);
	return ps_sysfs_show_option(option, READ_ONCE(instance->option[option - ps_option]), page);
}

static ssize_t ps_sysfs_instance_store(struct kobject *kobj, struct attribute *attr,
				       const char *text, size_t count)
{
	const struct ps_option *option = ps_sysfs_option_of(attr);
	struct ps_instance *instance = ps_sysfs_instance(kobj);
	bool moves = option == &ps_option[PS_OPTION_hook_priority];
	s64 value;
	int err;

	err = ps_netns_allows(instance->netns);
	if (!err)
		err = ps_status_errno(
			ps_option_parse(option, text, ps_sysfs_chomp(text, count), &value));
	if (err)
		return err;
	if (moves)
		mutex_lock(&instance->netns->attaching);
	mutex_lock(&instance->netns->lock);
	err = ps_instance_set(instance, option - ps_option, value);
	mutex_unlock(&instance->netns->lock);
	if (moves)
		mutex_unlock(&instance->netns->attaching);
	return err ? err : count;
}

static ssize_t ps_sysfs_context_show(struct kobject *kobj, struct attribute *attr, char *page)
{
	const struct ps_option *option = ps_sysfs_option_of(attr);
	struct ps_context_node *node = ps_sysfs_context(kobj);
	s64 value;

	if (!option)
		return ps_counters_print_context(node->counters, ps_toggle_status(node), page);
	rcu_read_lock();
	value = rcu_dereference(node->core.config)->option[option - ps_option];
	rcu_read_unlock();
	return ps_sysfs_show_option(option, value, page);
}

static ssize_t ps_sysfs_context_store(struct kobject *kobj, struct attribute *attr,
				      const char *text, size_t count)
{
	const struct ps_option *option = ps_sysfs_option_of(attr);
	struct ps_context_node *node = ps_sysfs_context(kobj);
	struct ps_quic_key key;
	s64 value;
	int err;

	err = ps_netns_allows(node->instance->netns);
	if (!err)
		err = ps_status_errno(
			ps_option_parse(option, text, ps_sysfs_chomp(text, count), &value));
	if (err)
		return err;
	if (option->type == PS_OPTION_SECRET)
		ps_quic_key_make(&key, (const u8 *)text, ps_sysfs_chomp(text, count));
	mutex_lock(&node->instance->netns->lock);
	if (option->type == PS_OPTION_SECRET)
		err = ps_snapshot_set_secret(node, value ? &key : NULL);
	else
		err = ps_snapshot_set_option(node, option - ps_option, value);
	mutex_unlock(&node->instance->netns->lock);
	return err ? err : count;
}

/* The directories */

static const void *ps_sysfs_instance_namespace(ps_const_kobject *kobj)
{
	return container_of(kobj, struct ps_instance, kobj)->netns->net;
}

static void ps_sysfs_instance_ownership(ps_const_kobject *kobj, kuid_t *uid, kgid_t *gid)
{
	net_ns_get_ownership(container_of(kobj, struct ps_instance, kobj)->netns->net, uid, gid);
}

static void ps_sysfs_instance_release(struct kobject *kobj)
{
	ps_instance_free(ps_sysfs_instance(kobj));
}

static const struct sysfs_ops ps_sysfs_instance_ops = {
	.show = ps_sysfs_instance_show,
	.store = ps_sysfs_instance_store,
};

static const struct attribute_group *ps_sysfs_instance_groups[] = { &ps_sysfs_instance_files,
								    &ps_sysfs_instance_lists,
								    &ps_sysfs_captures, NULL };

static const struct kobj_type ps_sysfs_instance_type = {
	.release = ps_sysfs_instance_release,
	.sysfs_ops = &ps_sysfs_instance_ops,
	.default_groups = ps_sysfs_instance_groups,
	.namespace = ps_sysfs_instance_namespace,
	.get_ownership = ps_sysfs_instance_ownership,
};

bool ps_sysfs_is_instance(const struct kobject *kobj)
{
	return kobj->ktype == &ps_sysfs_instance_type;
}

static void ps_sysfs_context_ownership(ps_const_kobject *kobj, kuid_t *uid, kgid_t *gid)
{
	const struct ps_context_node *node = container_of(kobj, struct ps_context_node, kobj);

	net_ns_get_ownership(node->instance->netns->net, uid, gid);
}

static void ps_sysfs_context_release(struct kobject *kobj)
{
	ps_context_free(ps_sysfs_context(kobj));
}

static const struct sysfs_ops ps_sysfs_context_ops = {
	.show = ps_sysfs_context_show,
	.store = ps_sysfs_context_store,
};

static const struct attribute_group *ps_sysfs_context_groups[] = { &ps_sysfs_context_files,
								   &ps_sysfs_context_lists, NULL };

static const struct kobj_type ps_sysfs_context_type = {
	.release = ps_sysfs_context_release,
	.sysfs_ops = &ps_sysfs_context_ops,
	.default_groups = ps_sysfs_context_groups,
	.get_ownership = ps_sysfs_context_ownership,
};

/* Other has files that no context besides has. */
static const struct attribute_group *ps_sysfs_other_groups[] = { &ps_sysfs_context_files,
								 &ps_sysfs_context_lists,
								 &ps_sysfs_other_lists, NULL };

static const struct kobj_type ps_sysfs_other_type = {
	.release = ps_sysfs_context_release,
	.sysfs_ops = &ps_sysfs_context_ops,
	.default_groups = ps_sysfs_other_groups,
	.get_ownership = ps_sysfs_context_ownership,
};

int ps_sysfs_instance_add(struct ps_instance *instance, const char *name)
{
	return kobject_init_and_add(&instance->kobj, &ps_sysfs_instance_type, &ps_sysfs_root, "%s",
				    name);
}

int ps_sysfs_context_add(struct ps_context_node *node)
{
	const struct kobj_type *type = ps_context_is_other(&node->core.id) ? &ps_sysfs_other_type :
									     &ps_sysfs_context_type;
	char name[PS_ITEM_MAX];
	int err;

	ps_format_context(name, &node->core.id);
	err = kobject_init_and_add(&node->kobj, type, &node->instance->kobj, "%s", name);
	if (err)
		kobject_put(&node->kobj);
	return err;
}

void ps_sysfs_unlink(struct kobject *kobj)
{
	if (kobj->state_in_sysfs)
		kobject_del(kobj);
}

int ps_sysfs_init(void)
{
	int err;

	err = kobject_init_and_add(&ps_sysfs_root, &ps_sysfs_root_type, NULL, "packetshield");
	if (err)
		kobject_put(&ps_sysfs_root);
	return err;
}

void ps_sysfs_exit(void)
{
	kobject_put(&ps_sysfs_root);
}
