// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The parser of configuration files. What it takes is written, and what is
 * written is taken and written the same; errors are told in order, each within
 * the file; nothing is read behind the text. By its first bit the input is the
 * text, or each of its bytes is a word that files are made of.
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

/* Words of files, and behind them the names of all options and lists. */
static const char *const word[] = {
	"\n", "\n", "/", "/", " ", ",", "-", "#", "@", "Other", "a", "b", "a/Other/", "b/Other/",
	"a/10.0.0.1/", "instances a\n", "instances b\n", "a/contexts 10.0.0.1\n", "keep", "none",
	"instances", "0", "1", "7", "80", "443", "1200-1250", "65535", "4294967296", "10.0.0.1",
	"10.0.0.0/8", "10.0.0.1-20", "10.0.0.1@5", "::", "::1", "2001:db8::/32", "::/0",
	"02:00:00:00:00:01", "100-50", "CO", "RU", "1.0.0.0 CO", "2.0.0.0 -", "allow_countries",
	"eth0", "x,y",
#define PS_OPTION(scope, name, type, id, def, min, max, unit, doc) "/" #name " ",
#define PS_LIST(scope, name, type, value, id, limit, unit, doc) "/" #name " ",
#include <packetshield/options.def>
#undef PS_OPTION
#undef PS_LIST
};

#define TEXT_MAX	(1 << 16)

static size_t compose(char *text, const u8 *data, size_t size)
{
	size_t length = 0, more;
	const char *next;

	for (; size; data++, size--) {
		next = word[*data % ARRAY_SIZE(word)];
		more = strlen(next);
		if (length + more > TEXT_MAX)
			break;
		memcpy(text + length, next, more);
		length += more;
	}
	return length;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static char composed[TEXT_MAX];
	size_t length, again;
	struct ps_model model;
	char *text, *other;

	if (size && data[0] & 1) {
		size = compose(composed, data + 1, size - 1);
		data = (const u8 *)composed;
	}
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
