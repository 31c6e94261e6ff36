/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses that can be typed, or named. A name is worth more than its address: it also says where
 * it ends, so that a file too long for its partition does not run into the next one.
 */
#include "cli/place.h"

#include <inttypes.h>
#include <string.h>

#include "cli/numbers.h"
#include "cli/partitions.h"

enum cli_exit cli_place_parse(struct cli *c, const char *text, struct cli_place *p)
{
	*p = (struct cli_place){ .text = text, .room = UINT32_MAX };
	/* A label may begin with any byte of UTF-8, whatever the sign of char is. */
	p->named = (unsigned char)text[0] > ' ' && text[0] != '+' &&
		   !(text[0] >= '0' && text[0] <= '9');
	return p->named ? CLI_OK : cli_number(c, "address", text, &p->addr);
}

/* The longest name first, as one may have a '+' in it. *offset is what follows the last one. */
static const struct far_partition_entry *look_up(const struct far_partition_table *table,
						 const char *text, uint32_t *offset)
{
	const struct far_partition_entry *e = far_partition_table_find(table, text, strlen(text));
	const char *plus = strrchr(text, '+');
	*offset = 0;
	if (e || !plus || cli_parse_number(plus + 1, offset) != CLI_NUMBER_OK)
		return e;
	return far_partition_table_find(table, text, (size_t)(plus - text));
}

/* Without a table the reason matters: none there, or none that can be read. */
enum cli_exit cli_place_resolve(struct cli *c, struct cli_target *t, struct cli_place *p)
{
	const struct far_partition_table *table;
	uint32_t offset;
	char names[512];
	if (!p->named)
		return CLI_OK;
	enum cli_exit code = cli_partitions(c, t, &table);
	if (code)
		return code;
	if (!table)
		return cli_no_partitions(c, t, p->text);
	const struct far_partition_entry *e = look_up(table, p->text, &offset);
	if (!e)
		return cli_fail(c, CLI_USAGE,
				"no partition '%s': there are %s; or give an address, such as "
				"0x10000",
				p->text, cli_partition_names(table, names, sizeof(names)));
	if (offset >= e->size || offset > UINT32_MAX - e->addr)
		return cli_fail(c, CLI_USAGE,
				"%s: the partition has %" PRIu32 " bytes: the offset is below that",
				p->text, e->size);
	p->addr = e->addr + offset;
	p->room = e->size - offset;
	return CLI_OK;
}

/* An address has room without end: the flash's end is checked where the flash is known. */
enum cli_exit cli_place_check(struct cli *c, const struct cli_place *p, const char *what,
			      uint32_t len)
{
	if (len <= p->room)
		return CLI_OK;
	return cli_fail(c, CLI_USAGE,
			"%s: %" PRIu32 " bytes do not fit in %s: the partition has %" PRIu32
			" bytes from there (0x%" PRIx32 ") to its end",
			what, len, p->text, p->room, p->addr);
}
