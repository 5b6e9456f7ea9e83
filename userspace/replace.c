// SPDX-License-Identifier: GPL-2.0-or-later
/* See replace.h. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "print.h"
#include "replace.h"

#define SUFFIX ".XXXXXX"

static int refuse(const char *path)
{
	ps_print_error("%s: %s", path, strerror(errno));
	return PS_EXIT_FAILED;
}

/* What it says is on the disk before its name is the file's. */
static int write_synced(ps_replace_write write_it, const void *data, int descriptor,
			const char *path)
{
	FILE *to = fdopen(descriptor, "w");
	bool said;

	if (!to) {
		close(descriptor);
		return refuse(path);
	}
	said = write_it(data, to);
	if (fflush(to) || ferror(to) || fsync(descriptor)) {
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

/* A file that was there keeps its mode and owner. */
static void adopt_mode(int descriptor, const char *path, unsigned int mode)
{
	struct stat old;

	if (stat(path, &old) || !S_ISREG(old.st_mode)) {
		if (fchmod(descriptor, mode))
			ps_print_warning("%s: its mode: %s", path, strerror(errno));
		return;
	}
	if (fchown(descriptor, old.st_uid, old.st_gid) || fchmod(descriptor, old.st_mode & 07777))
		ps_print_warning("%s: it gets another owner or mode: %s", path, strerror(errno));
}

int ps_replace_file(const char *path, unsigned int mode, ps_replace_write write_it,
		    const void *data)
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
		adopt_mode(descriptor, path, mode);
		result = write_synced(write_it, data, descriptor, path);
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
