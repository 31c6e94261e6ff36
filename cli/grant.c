/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the words of --grant to a range and rights. Here a mistake is told to the person who makes
 * it; later it would be a remote that is refused, on another core, without a screen.
 */
#include "cli/grant.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/partitions.h"

/* Where scripts expect it on a flash without a table; as in the sample's device tree. */
#define STORAGE_NAME  "storage_partition"
#define STORAGE_START 0x3B0000u
#define STORAGE_LEN   0x30000u

/* A part of the option's text, so not terminated. */
struct named {
	const char *name;
	size_t len; /* of name */
};

/* text ends after cap characters or at a zero, as names in the table do. */
static bool is_name(struct named n, const char *text, size_t cap)
{
	return n.len == strnlen(text, cap) && memcmp(n.name, text, n.len) == 0;
}

/* Names that the flash itself holds win over those built in, but for "all". */
static enum cli_exit find_partition(struct cli *c, struct cli_target *t, struct named n,
				    struct far_supervisor_grant *g)
{
	const struct far_partition_table *table;
	const struct far_partition_entry *e = NULL;
	char known[512] = "";
	if (is_name(n, "all", SIZE_MAX)) {
		g->len = t->flash->info.size;
		return CLI_OK;
	}
	enum cli_exit err = cli_partitions(c, t, &table);
	if (err)
		return err;
	if (table) /* without one there are no names in it */
		e = far_partition_table_find(table, n.name, n.len);
	if (e) {
		g->addr = e->addr;
		g->len = e->size;
		return CLI_OK;
	}
	if (is_name(n, STORAGE_NAME, SIZE_MAX)) {
		g->addr = STORAGE_START;
		g->len = STORAGE_LEN;
		return CLI_OK;
	}
	if (table)
		cli_partition_names(table, known, sizeof(known));
	return cli_fail(c, CLI_USAGE,
			"no partition '%.*s': there are all, " STORAGE_NAME "%s%s; or give its "
			"place, as in %.*s:rwe@0x10000+64k",
			(int)n.len, n.name, known[0] ? ", " : "", known, (int)n.len, n.name);
}

/* START+LEN, after the '@'. */
static enum cli_exit parse_range(struct cli *c, const char *text, struct far_supervisor_grant *g)
{
	const char *plus = strchr(text, '+');
	if (!plus)
		return cli_fail(c, CLI_USAGE, "'%s' is no range: write START+LEN, 0x10000+64k",
				text);
	char *start = strndup(text, (size_t)(plus - text));
	if (!start)
		return cli_fail(c, CLI_FILE, "out of memory");
	enum cli_exit err = cli_number(c, "start of the grant", start, &g->addr);
	free(start);
	return err ? err : cli_number(c, "length of the grant", plus + 1, &g->len);
}

/* Any order, each letter once: a doubled one is a typing mistake more likely than a wish. */
static bool parse_rights(const char *text, size_t len, uint32_t *rights)
{
	*rights = 0;
	for (size_t i = 0; i < len; i++) {
		uint32_t bit = text[i] == 'r'   ? FAR_SERVICE_MAY_READ
			       : text[i] == 'w' ? FAR_SERVICE_MAY_WRITE
			       : text[i] == 'e' ? FAR_SERVICE_MAY_ERASE
						: 0;
		if (bit == 0 || (*rights & bit) != 0)
			return false;
		*rights |= bit;
	}
	return len > 0;
}

/* What could never be used is a mistake: nothing can be erased but whole sectors. */
static enum cli_exit check(struct cli *c, const struct cli_target *t, const char *text,
			   const struct far_supervisor_grant *g)
{
	uint32_t size = t->flash->info.size, sector = t->flash->info.sector_size;
	if (g->len == 0)
		return cli_fail(c, CLI_USAGE, "grant '%s' has no length: give 1 or more", text);
	if (g->addr >= size || g->len > size - g->addr)
		return cli_fail(c, CLI_USAGE,
				"grant '%s' reaches from 0x%" PRIx32 " on over %" PRIu32
				" bytes, beyond the end of the flash at "
				"0x%" PRIx32,
				text, g->addr, g->len, size);
	if ((g->rights & FAR_SERVICE_MAY_ERASE) && (g->addr | g->len) % sector != 0)
		return cli_fail(c, CLI_USAGE,
				"grant '%s' lets erase, but its start or length is no multiple of "
				"the sector size 0x%" PRIx32,
				text, sector);
	return CLI_OK;
}

/* Checked here, not by the supervisor, so that the message can show what was typed. */
enum cli_exit cli_grant_parse(struct cli *c, struct cli_target *t, const char *text,
			      struct far_supervisor_grant *g)
{
	*g = (struct far_supervisor_grant){ 0 };
	struct named n = { text, strcspn(text, ":") };
	const char *rights = text + n.len + (text[n.len] == ':');
	size_t rights_len = strcspn(rights, "@");
	if (n.len == 0 || !parse_rights(rights, rights_len, &g->rights))
		return cli_fail(c, CLI_USAGE,
				"'%s' is no grant: write NAME:RIGHTS or NAME:RIGHTS@START+LEN, "
				"with RIGHTS of r, w and e",
				text);
	enum cli_exit err = rights[rights_len] == '@' ? parse_range(c, rights + rights_len + 1, g)
						      : find_partition(c, t, n, g);
	return err ? err : check(c, t, text, g);
}
