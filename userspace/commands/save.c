// SPDX-License-Identifier: GPL-2.0-or-later
/* save: the configuration as a file. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "config_file.h"
#include "print.h"
#include "state.h"

#define SUFFIX ".XXXXXX"

static int refuse(const char *path)
{
	ps_print_error("%s: %s", path, strerror(errno));
	return PS_EXIT_FAILED;
}

/* What it says is on the disk before its name is the file's. */
static int write_synced(const struct ps_model *model, int descriptor, const char *path)
{
	FILE *to = fdopen(descriptor, "w");
	bool said;

	if (!to) {
		close(descriptor);
		return refuse(path);
	}
	said = ps_config_file_write(model, to);
	if (fflush(to) || fsync(descriptor)) {
		refuse(path);
		said = false;
	}
	if (fclose(to) && said)
		return refuse(path);
	return said ? PS_EXIT_OK : PS_EXIT_FAILED;
}

/* The name of the directory is on the disk as well. */
static int sync_directory(const char *path)
{
	char *copy = strdup(path);
	int directory, result = PS_EXIT_OK;

	directory = copy ? open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	if (directory < 0 || fsync(directory))
		result = refuse(path);
	if (directory >= 0)
		close(directory);
	free(copy);
	return result;
}

/* A file that was there keeps its mode and owner; a new one is root's own. */
static void adopt_mode(int descriptor, const char *path)
{
	struct stat old;

	if (stat(path, &old) || !S_ISREG(old.st_mode))
		return;
	if (fchown(descriptor, old.st_uid, old.st_gid) || fchmod(descriptor, old.st_mode & 07777))
		ps_print_warning("%s: it gets another owner or mode: %s", path, strerror(errno));
}

/* All or nothing: a reader sees the old file or the new one. */
static int save(const struct ps_model *model, const char *path)
{
	char *real = realpath(path, NULL), *temporary;
	size_t bytes;
	int descriptor, result;

	/* A link stays one. */
	path = real ? real : path;
	bytes = strlen(path) + sizeof(SUFFIX);
	temporary = ps_print_allocate(NULL, bytes);
	snprintf(temporary, bytes, "%s" SUFFIX, path);
	descriptor = mkostemp(temporary, O_CLOEXEC);
	if (descriptor < 0) {
		result = refuse(path);
	} else {
		adopt_mode(descriptor, path);
		result = write_synced(model, descriptor, path);
		if (!result && rename(temporary, path))
			result = refuse(path);
		if (result)
			unlink(temporary);
		else
			result = sync_directory(path);
	}
	free(temporary);
	free(real);
	return result;
}

static int run(const struct ps_arguments *arguments)
{
	const char *path = arguments->count ? arguments->text[0] : "-";
	struct ps_model model = {};
	struct ps_link link;
	int result;

	result = ps_link_open(&link);
	if (result)
		return result;
	result = ps_state_read(&link, &model);
	ps_link_close(&link);
	if (!result && strcmp(path, "-"))
		result = save(&model, path);
	else if (!result)
		result = ps_config_file_write(&model, stdout) ? PS_EXIT_OK : PS_EXIT_FAILED;
	ps_model_free(&model);
	return result;
}

const struct ps_command ps_command_save = {
	.name = "save",
	.arguments = "[FILE]",
	.summary = "write the configuration to a file",
	.help = "Writes what this network namespace has as a configuration file\n"
		"(packetshield.conf(5)), to FILE or to standard output. What has its default\n"
		"isn't told; protections are in it where they were switched on by hand. To\n"
		"apply what was saved changes nothing. FILE is replaced as a whole, when all is\n"
		"on the disk; it keeps its owner and mode.\n\n"
		"    packetshield save /etc/packetshield.conf",
	.min = 0,
	.max = 1,
	.run = run,
};
