// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * nft synproxy: for each context with x_tcp_ports a table of rules that complete
 * its connections. They say what the context says at this moment, so they are
 * written anew as a whole, all of them in one batch.
 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "link.h"
#include "print.h"
#include "synproxy.h"
#include "view.h"

#define PS_DEVICES_DEPTH 8 /* devices above devices */

/**
 * struct work - what the command does
 * @link: to the module
 * @nft: to nftables
 * @batch: the changes
 * @place: the instance
 * @context: only this context, or NULL for all
 * @prefix: what the tables are called, or begin with
 * @devices: where the instance stands, and devices above these
 * @n_devices: how many
 * @names: contexts of the instance
 * @n_names: how many
 * @prints: nothing is changed
 * @removes: nothing is written
 * @written: tables
 * @removed: tables that were there
 */
struct work {
	struct ps_link link;
	struct ps_nft nft;
	struct ps_nft_batch batch;
	struct ps_place place;
	const char *context;
	char prefix[PS_NFT_NAME];
	char (*devices)[PS_IFACE_NAME_MAX + 1];
	size_t n_devices;
	char (*names)[PS_ITEM_MAX + 1];
	size_t n_names;
	bool prints;
	bool removes;
	size_t written;
	size_t removed;
};

static void add_device(struct work *work, const char *name, int depth)
{
	char path[PS_NFT_NAME];
	struct dirent *entry;
	size_t i;
	DIR *directory;

	for (i = 0; i < work->n_devices; i++)
		if (!strcmp(work->devices[i], name))
			return;
	work->devices =
		ps_print_allocate(work->devices, (work->n_devices + 1) * sizeof(*work->devices));
	memset(work->devices[work->n_devices], 0, sizeof(*work->devices));
	snprintf(work->devices[work->n_devices++], sizeof(*work->devices), "%s", name);
	/* What came in there may belong to a bridge, a bond or a VLAN by then. */
	snprintf(path, sizeof(path), "/sys/class/net/%s", name);
	directory = depth < PS_DEVICES_DEPTH ? opendir(path) : NULL;
	while (directory && (entry = readdir(directory)))
		if (!strncmp(entry->d_name, "upper_", strlen("upper_")))
			add_device(work, entry->d_name + strlen("upper_"), depth + 1);
	if (directory)
		closedir(directory);
}

/* A list of the module's, line by line: enum ps_exit. */
static int read_list(struct work *work, const struct ps_place *place, enum ps_list_index list,
		     void (*take)(const char *text, size_t length, void *data), void *data)
{
	struct ps_lines lines;
	size_t at = 0, length;
	const char *text;
	int result;

	result = ps_view_list(&work->link, place, &ps_list[list], &lines);
	while (!result && ps_lines_next(&lines, &at, &text, &length))
		take(text, length, data);
	ps_lines_free(&lines);
	return result;
}

static void take_device(const char *text, size_t length, void *data)
{
	char name[PS_IFACE_NAME_MAX + 1];

	snprintf(name, sizeof(name), "%.*s", (int)length, text);
	add_device(data, name, 0);
}

static void take_name(const char *text, size_t length, void *data)
{
	struct work *work = data;

	work->names = ps_print_allocate(work->names, (work->n_names + 1) * sizeof(*work->names));
	snprintf(work->names[work->n_names++], sizeof(*work->names), "%.*s", (int)length, text);
}

static void take_ports(const char *text, size_t length, void *data)
{
	struct ps_synproxy *synproxy = data;
	struct ps_interval ports;

	if (ps_parse_ports(text, length, &ports))
		return;
	synproxy->ports =
		ps_print_allocate(synproxy->ports, (synproxy->n_ports + 1) * sizeof(ports));
	synproxy->ports[synproxy->n_ports++] = ports;
}

/* What the module says of a context: enum ps_exit. */
static int read_context(struct work *work, const char *context, struct ps_synproxy *synproxy)
{
	char *words[] = { (char *)(uintptr_t)work->place.instance, (char *)(uintptr_t)context };
	struct ps_views views;
	struct ps_place place;
	int result, used;

	*synproxy = (struct ps_synproxy){ .instance = work->place.instance,
					  .devices = work->devices,
					  .n_devices = work->n_devices };
	result = ps_names_place(words, 2, &place, &used);
	if (result)
		return result;
	snprintf(synproxy->context, sizeof(synproxy->context), "%s", place.context);
	if (strcmp(context, "Other"))
		ps_parse_context(context, strlen(context), &synproxy->id);
	result = ps_view_read(&work->link, &place, &views);
	if (!result && views.count)
		memcpy(synproxy->option, views.view[0]->option, sizeof(synproxy->option));
	ps_view_free(&views);
	if (!result)
		result = read_list(work, &place, PS_LIST_x_tcp_ports, take_ports, synproxy);
	return result;
}

static int write_rules(struct work *work, const struct ps_synproxy *synproxy)
{
	if (!synproxy->n_ports && !work->context)
		return PS_EXIT_OK;
	if (!synproxy->n_ports) {
		ps_print_error("%s/%s has no x_tcp_ports", work->place.instance, synproxy->context);
		ps_print_hint("--remove removes the rules that it had");
		return PS_EXIT_FAILED;
	}
	if (synproxy->option[PS_OPTION_x_tcp_ecn]) {
		ps_print_error("%s/%s/x_tcp_ecn is 1, which nftables can't do",
			       work->place.instance, synproxy->context);
		ps_print_hint("set it to 0, or write rules for iptables: SYNPROXY --ecn");
		return PS_EXIT_FAILED;
	}
	work->written++;
	if (work->prints)
		ps_synproxy_print(synproxy);
	else
		ps_synproxy_batch(synproxy, &work->batch);
	return PS_EXIT_OK;
}

static int add_context(struct work *work, const char *context)
{
	struct ps_synproxy synproxy;
	int result = read_context(work, context, &synproxy);

	if (!result)
		result = write_rules(work, &synproxy);
	free(synproxy.ports);
	return result;
}

static int add_contexts(struct work *work)
{
	int result;
	size_t i;

	result = read_list(work, &work->place, PS_LIST_ifaces, take_device, work);
	if (!result)
		result = read_list(work, &work->place, PS_LIST_contexts, take_name, work);
	if (result)
		return result;
	if (work->context)
		return add_context(work, work->context);
	result = add_context(work, "Other");
	for (i = 0; i < work->n_names && !result; i++)
		result = add_context(work, work->names[i]);
	return result;
}

static void remove_table(const char *table, void *data)
{
	struct work *work = data;

	if (work->context ? strcmp(table, work->prefix) :
			    strncmp(table, work->prefix, strlen(work->prefix)))
		return;
	work->removed++;
	ps_nft_batch_no_table(&work->batch, table);
}

static void tell_sysctl(const char *name, const char *value)
{
	char path[PS_NFT_NAME] = "/proc/sys/", is[16] = "", *byte;
	FILE *file;

	snprintf(path + strlen(path), sizeof(path) - strlen(path), "%s", name);
	for (byte = path; *byte; byte++)
		if (*byte == '.')
			*byte = '/';
	file = fopen(path, "re");
	if (file) {
		if (!fgets(is, sizeof(is), file))
			is[0] = '\0';
		fclose(file);
	}
	is[strcspn(is, "\n")] = '\0';
	if (strcmp(is, value))
		ps_print_hint("sysctl -w %s=%s is needed too", name, value);
}

static int commit(struct work *work)
{
	int error = ps_nft_batch_commit(&work->batch);

	if (error) {
		ps_print_error("nftables refused: %s", strerror(-error));
		if (error == -EPERM)
			ps_print_hint("run it as root of this network namespace");
		else
			ps_print_hint("the kernel needs nft_synproxy and nft_ct");
		return error == -EPERM ? PS_EXIT_UNAVAILABLE : PS_EXIT_FAILED;
	}
	if (work->removes)
		printf("%s: rules of %zu contexts removed\n", work->place.instance, work->removed);
	else
		printf("%s: rules written for %zu contexts\n", work->place.instance, work->written);
	if (!work->written)
		return PS_EXIT_OK;
	tell_sysctl("net.netfilter.nf_conntrack_tcp_loose", "0");
	tell_sysctl("net.ipv4.ip_forward", "1");
	tell_sysctl("net.ipv6.conf.all.forwarding", "1");
	return PS_EXIT_OK;
}

/* Tables that are there go in the same batch that makes them anew. */
static int do_work(struct work *work)
{
	int error, result = PS_EXIT_OK;

	if (work->prints)
		return add_contexts(work);
	result = ps_nft_open(&work->nft, false);
	if (result)
		return result;
	ps_nft_batch_begin(&work->batch, &work->nft);
	error = ps_nft_tables(&work->nft, remove_table, work);
	if (error) {
		ps_print_error("nftables: %s", strerror(-error));
		result = PS_EXIT_FAILED;
	}
	if (!result && !work->removes)
		result = add_contexts(work);
	if (!result)
		result = commit(work);
	else
		free(work->batch.bytes);
	ps_nft_close(&work->nft);
	return result;
}

int ps_nft_synproxy(const struct ps_arguments *arguments)
{
	struct ps_place place;
	struct work work = {};
	int result, used;

	if (arguments->count < 2 || arguments->count > 3) {
		ps_print_error("nft synproxy: INSTANCE [CONTEXT] are needed");
		return PS_EXIT_USAGE;
	}
	result = ps_names_place(arguments->text + 1, arguments->count - 1, &place, &used);
	if (result)
		return result;
	if (used != arguments->count - 1) {
		ps_print_error("nft synproxy: \"%s\" can't be the name of a context",
			       arguments->text[2]);
		return PS_EXIT_USAGE;
	}
	ps_names_place(arguments->text + 1, 1, &work.place, &used);
	work.context = ps_place_context(&place);
	work.prints = ps_command_flag(arguments, "--print");
	ps_synproxy_table(work.prefix, place.instance, place.context);
	/* What is left of a module that is gone can be removed. */
	work.removes = ps_command_flag(arguments, "--remove");
	result = work.removes ? PS_EXIT_OK : ps_link_open(&work.link);
	if (result)
		return result;
	result = do_work(&work);
	if (!work.removes)
		ps_link_close(&work.link);
	free(work.devices);
	free(work.names);
	return result;
}
