// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The parser of configuration files. What it takes is written, and what is
 * written is taken and written the same; errors are told in order, each within
 * the file; nothing is read behind the text.
 */
#include <stdlib.h>
#include <string.h>

#include "config_file.h"

static void require(bool property)
{
	if (!property)
		__builtin_trap();
}

static u32 parse(struct ps_model *model, const void *bytes, size_t length)
{
	struct ps_config_file_errors errors = {};
	char *copy = malloc(length ? length : 1);
	u32 i;

	memcpy(copy, bytes, length);
	*model = (struct ps_model){};
	ps_config_file_parse(model, copy, length, &errors);
	for (i = 0; i < errors.count && i < PS_CONFIG_FILE_ERRORS; i++) {
		require(errors.error[i].line && errors.error[i].line <= length + 1);
		require(errors.error[i].column && errors.error[i].column <= length + 1);
		require(errors.error[i].reason[0]);
		require(!i || errors.error[i - 1].line <= errors.error[i].line);
	}
	if (!errors.count)
		ps_config_file_check(model, &errors);
	free(copy);
	return errors.count;
}

static char *write_model(const struct ps_model *model, size_t *length)
{
	char *text = NULL;
	FILE *to = open_memstream(&text, length);
	bool said = ps_config_file_write(model, to);

	require(!fclose(to));
	require(said);
	return text;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	size_t length, again;
	struct ps_model model;
	char *text, *other;

	if (!parse(&model, data, size)) {
		text = write_model(&model, &length);
		ps_model_free(&model);
		require(!parse(&model, text, length));
		other = write_model(&model, &again);
		require(length == again && !memcmp(text, other, length));
		free(text);
		free(other);
	}
	ps_model_free(&model);
	return 0;
}
