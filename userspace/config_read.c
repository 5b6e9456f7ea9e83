// SPDX-License-Identifier: GPL-2.0-or-later
/* Configuration files from the disk, and what is wrong with them; see config_file.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "config_file.h"
#include "print.h"

#define PS_CONFIG_BYTES_MAX (1UL << 30)

static int refuse_file(const char *path)
{
	ps_print_error("%s: %s", path, strerror(errno));
	return PS_EXIT_FAILED;
}

/* The whole file: enum ps_exit. */
static int load(FILE *from, const char *path, char **text, size_t *length)
{
	size_t room = 0, got;

	do {
		if (room - *length < 65536) {
			room = 2 * room + 131072;
			*text = ps_print_allocate(*text, room);
		}
		got = fread(*text + *length, 1, room - *length, from);
		*length += got;
	} while (got && *length < PS_CONFIG_BYTES_MAX);
	if (ferror(from))
		return refuse_file(path);
	if (*length < PS_CONFIG_BYTES_MAX)
		return PS_EXIT_OK;
	errno = EFBIG;
	return refuse_file(path);
}

static void tell(const char *path, const struct ps_config_file_errors *errors)
{
	const struct ps_config_file_error *error;
	u32 i;

	for (i = 0; i < errors->count && i < PS_CONFIG_FILE_ERRORS; i++) {
		error = &errors->error[i];
		ps_print_error("%s:%u:%u: %s", path, error->line, error->column, error->reason);
		if (error->hint[0])
			ps_print_hint("%s", error->hint);
	}
	if (errors->count > PS_CONFIG_FILE_ERRORS)
		ps_print_error("%s: and %u more", path, errors->count - PS_CONFIG_FILE_ERRORS);
}

int ps_config_file_read(struct ps_model *model, const char *path)
{
	struct ps_config_file_errors errors = {};
	bool is_input = !strcmp(path, "-");
	FILE *from = is_input ? stdin : fopen(path, "re");
	size_t length = 0;
	char *text = NULL;
	int result;

	*model = (struct ps_model){};
	if (!from)
		return refuse_file(path);
	if (is_input)
		path = "standard input";
	result = load(from, path, &text, &length);
	if (!is_input)
		fclose(from);
	if (!result) {
		ps_config_file_parse(model, text, length, &errors);
		if (!errors.count)
			ps_config_file_check(model, &errors);
		tell(path, &errors);
		result = errors.count ? PS_EXIT_FAILED : PS_EXIT_OK;
	}
	free(text);
	return result;
}
