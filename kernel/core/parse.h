/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The grammar of the configuration files, as pure functions over text: items
 * of every kind of list, scalars, and the stream of writes that makes an edit
 * or a transaction. Formatting is the inverse of parsing: what is printed
 * parses to the same item.
 *
 * Texts are (pointer, length), without a terminating zero and without the
 * trailing newline.
 */
#ifndef PS_CORE_PARSE_H
#define PS_CORE_PARSE_H

#include "address.h"
#include "status.h"

#define PS_ITEM_MAX		96	/* bytes of an item's text, at most */
#define PS_INSTANCE_NAME_MAX	63
#define PS_IFACE_NAME_MAX	15
#define PS_VLAN_MAX		4094

/**
 * struct ps_interval - a run of numbers
 * @first: the lowest
 * @last: the highest, itself included
 */
struct ps_interval {
	u16 first;
	u16 last;
};

/**
 * struct ps_context_id - what names a context
 * @addr: destination address; all zero for Other
 * @vlan: VLAN id 1-4094, or 0 without @VLAN
 */
struct ps_context_id {
	struct ps_addr addr;
	u16 vlan;
};

/* The value of a hexadecimal digit, 16 for anything else. */
unsigned int ps_parse_hex_digit(char c);

static inline bool ps_parse_is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Letters, digits, _ - and . */
bool ps_parse_is_name_byte(char c);

/*
 * Each parser returns PS_OK and fills *out, or PS_MALFORMED, or
 * PS_OUT_OF_RANGE where the form is right and a number isn't, however many
 * digits it has; *out is undefined then.
 */

/**
 * ps_parse_integer() - a decimal integer
 * @text: an optional minus sign and digits; no plus, no leading zeros (so no
 *	  "-0"), no blanks
 * @length: bytes of @text
 * @min: lowest value allowed
 * @max: highest value allowed
 * @out: the value
 *
 * Return: PS_OK, PS_MALFORMED, PS_OUT_OF_RANGE.
 */
enum ps_status ps_parse_integer(const char *text, size_t length, s64 min, s64 max, s64 *out);

/**
 * ps_parse_address() - an address of either family
 * @text: dotted quad in decimal without leading zeros, or any form of RFC 4291
 *	  2.2, in which the last 32 bits may be a dotted quad; no zone, and no
 *	  IPv4-mapped address
 * @length: bytes of @text
 * @out: the address
 *
 * Return: PS_OK, PS_MALFORMED (also for 10.0.0.256: that is no address).
 */
enum ps_status ps_parse_address(const char *text, size_t length, struct ps_addr *out);

/**
 * ps_parse_source() - an item of a source list
 * @text: a host, 10.0.4.10-20 (up to that last byte of the same /24), a full
 *	  range a-b, or a CIDR block, of either family
 * @length: bytes of @text
 * @out: the addresses, all of one family
 *
 * Return: PS_OK; PS_OUT_OF_RANGE where a prefix length or last byte is over its
 * maximum; PS_MALFORMED for all else, such as host bits set in a block, a range
 * that runs backwards or mixes families, an IPv6 range or block that ends in the
 * mapped block ::ffff:0:0/96 (::/80 does, ::/64 doesn't).
 */
enum ps_status ps_parse_source(const char *text, size_t length, struct ps_range *out);

/**
 * ps_parse_ports() - a port or a range of ports
 * @text: 80 or 1200-1250, each 1-65535, not backwards
 * @length: bytes of @text
 * @out: the ports
 *
 * Return: PS_OK, PS_MALFORMED, PS_OUT_OF_RANGE.
 */
enum ps_status ps_parse_ports(const char *text, size_t length, struct ps_interval *out);

/**
 * ps_parse_protocol() - an IP protocol
 * @text: its IANA number, 0-255
 * @length: bytes of @text
 * @out: the number, twice
 *
 * Return: PS_OK, PS_MALFORMED, PS_OUT_OF_RANGE.
 */
enum ps_status ps_parse_protocol(const char *text, size_t length, struct ps_interval *out);

/**
 * ps_parse_context() - the name of a context other than Other
 * @text: ADDR or ADDR@VLAN; ADDR is not 0.0.0.0 and not ::
 * @length: bytes of @text
 * @out: what it names
 *
 * Return: PS_OK, PS_MALFORMED, PS_OUT_OF_RANGE (VLAN not 1-4094).
 */
enum ps_status ps_parse_context(const char *text, size_t length, struct ps_context_id *out);

/**
 * ps_parse_instance_name() - whether a text can name an instance
 * @text: 1-63 of letters, digits, _ - . not starting with a dot; "instances"
 *	  and "version" are reserved
 * @length: bytes of @text
 *
 * Return: PS_OK, PS_MALFORMED.
 */
enum ps_status ps_parse_instance_name(const char *text, size_t length);

/**
 * ps_parse_iface_name() - whether a text can name a network interface
 * @text: what the kernel's dev_valid_name() accepts: 1-15 bytes without '/',
 *	  ':', NUL and white space (of ISO 8859-1), neither "." nor ".."
 * @length: bytes of @text
 *
 * Return: PS_OK, PS_MALFORMED.
 */
enum ps_status ps_parse_iface_name(const char *text, size_t length);

/*
 * Each formatter writes the item's canonical text with a terminating zero into
 * @text, which has room for PS_ITEM_MAX bytes, and returns its length.
 */

size_t ps_format_integer(char *text, s64 value);
/* RFC 5952, hexadecimal throughout: ::102:304 rather than ::1.2.3.4. */
size_t ps_format_address(char *text, const struct ps_addr *addr);
/*
 * The shortest of: host, CIDR, 10.0.4.10-20, full range; of equals the first.
 * Every range of one family is one item.
 */
size_t ps_format_source(char *text, const struct ps_range *range);
size_t ps_format_interval(char *text, const struct ps_interval *interval);
/* "Other" for all zero. */
size_t ps_format_context(char *text, const struct ps_context_id *id);

/**
 * enum ps_list_event - what ps_list_feed() found in the text
 * @PS_LIST_MORE:	the text is used up; the transaction goes on, or is over
 * @PS_LIST_ADD:	an edit: add the item
 * @PS_LIST_REMOVE:	an edit: remove the item
 * @PS_LIST_BEGIN:	a transaction begins
 * @PS_LIST_ITEM:	an item of the transaction
 * @PS_LIST_COMMIT:	the transaction ends
 * @PS_LIST_MALFORMED:	the text is none of these
 */
enum ps_list_event {
	PS_LIST_MORE,
	PS_LIST_ADD,
	PS_LIST_REMOVE,
	PS_LIST_BEGIN,
	PS_LIST_ITEM,
	PS_LIST_COMMIT,
	PS_LIST_MALFORMED,
};

/**
 * struct ps_list_stream - state of one writer's stream; all zero at the start
 * @open:	inside { }
 * @head:	the line of the { isn't over yet
 * @closed:	the last thing was a commit: the end of its line may yet come
 * @length:	bytes of @line in use
 * @line:	line begun by an earlier write, and the text of the last item
 */
struct ps_list_stream {
	bool open;
	bool head;
	bool closed;
	u16 length;
	char line[PS_ITEM_MAX + 1];
};

/**
 * ps_list_feed() - take the next event from one write
 * @stream: state, carried from write to write of the same open file
 * @text: what is left of the write
 * @length: bytes left
 * @used: out: bytes the event took; all that is left, but for BEGIN and ITEM
 * @item: out: for ADD, REMOVE and ITEM the item's text, zero-terminated, valid
 *	  until the next call
 * @item_length: out: its length, 1 to PS_ITEM_MAX
 *
 * Call it again with the rest of the write, even if that is empty, while it
 * returns PS_LIST_BEGIN or PS_LIST_ITEM; anything else ends the write. A caller
 * that refuses an item, or gives up for a reason of its own, zeroes @stream.
 *
 * One edit is one write: a sign, the item, perhaps a newline, and no blanks at
 * either end of the item. A transaction begins with a write whose first byte
 * other than blanks (spaces and tabs) is "{"; from there on its lines may be
 * split between writes at any byte. Blanks around an item and empty lines are
 * ignored. The line "}" commits with or without a newline after it; whatever
 * follows it in its write makes the whole malformed, unless it is blanks and
 * newlines, which may also come in writes of their own. An item is at most
 * PS_ITEM_MAX bytes, has no NUL or newline in it, and in a transaction doesn't
 * begin with a brace. After MALFORMED the stream is as at the start.
 *
 * Return: the event.
 */
enum ps_list_event ps_list_feed(struct ps_list_stream *stream, const char *text, size_t length,
				size_t *used, const char **item, size_t *item_length);

#endif
