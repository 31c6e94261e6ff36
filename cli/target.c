/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the text of --port to a flash that is open, by whichever backend its prefix names; and what
 * all of them have in common: what is said about it, checks of ranges, names of chips. A new kind
 * of port is a file with its open function and a row here.
 */
#include "cli/target.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "cli/numbers.h"
#include "cli/reset.h"

/* The first row whose prefix fits; "" fits everything. */
static const struct cli_backend backends[] = {
	{ "socket://", cli_open_socket }, { "rfc2217://", cli_open_rfc2217 },
	{ "nor:", cli_open_nor },         { "mailbox:", cli_open_mailbox },
	{ "", cli_open_serial },
};

/* The same three facts for people and machines, before any work starts. */
static void tell(struct cli *c, const struct cli_target *t)
{
	const uint8_t *m = t->mac;
	char mac[18], id[8], size[24];
	snprintf(mac, sizeof(mac), "%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4],
		 m[5]);
	snprintf(id, sizeof(id), "%06" PRIx32, t->jedec_id & 0xFFFFFF);
	const char *chip = t->esp ? far_esp_chip_name(t->esp->chip) : t->kind;

	cli_say(c, "Connected to %s on %s%s", chip, t->port,
		t->esp && t->esp->loader == FAR_ESP_STUB ? ", by its stub" : "");
	if (t->has_mac)
		cli_say(c, "MAC: %s", mac);
	cli_format_size(t->flash->info.size, size);
	if (t->jedec_id)
		cli_say(c, "Flash: %s (%s)", size, id);
	else
		cli_say(c, "Flash: %s", size);
	if (!c->root)
		return;
	cJSON_AddStringToObject(c->root, "port", t->port);
	cJSON_AddStringToObject(c->root, "chip", chip);
	if (t->has_mac)
		cJSON_AddStringToObject(c->root, "mac", mac);
	if (t->esp)
		cJSON_AddStringToObject(c->root, "loader",
					t->esp->loader == FAR_ESP_STUB ? "stub" : "rom");
	cJSON *flash = cJSON_AddObjectToObject(c->root, "flash");
	cJSON_AddNumberToObject(flash, "size", t->flash->info.size);
	if (t->jedec_id)
		cJSON_AddStringToObject(flash, "id", id);
}

enum cli_exit cli_target_open(struct cli *c, struct cli_target *t)
{
	struct cli_reset reset = { 0 };
	*t = (struct cli_target){ .port = c->set->port, .phase = CLI_PHASE_WORK };
	/* A mistake in these is told whatever the port is. */
	enum cli_exit err = cli_reset_init(&reset, c, "");
	if (err)
		return err;
	if (!t->port || !t->port[0])
		return cli_fail(
			c, CLI_USAGE,
			"which port? give --port, or set FARFLASH_PORT: farflash list-ports "
			"shows serial ports");
	/* The last row fits everything, so this ends. */
	const struct cli_backend *b = backends;
	while (strncmp(t->port, b->prefix, strlen(b->prefix)) != 0)
		b++;
	err = b->open(c, t, t->port + strlen(b->prefix));
	if (!err)
		tell(c, t);
	return err;
}

/* The job's code goes in and out: closing never turns a failure into a success. */
enum cli_exit cli_target_close(struct cli *c, struct cli_target *t, enum cli_exit code)
{
	t->close(c, t, code);
	return code;
}

/* The chip is left as closing thinks fit, whether the job did well or not. */
enum cli_exit cli_target_run(struct cli *c, cli_target_job *job, void *ctx)
{
	struct cli_target t;
	enum cli_exit code = cli_target_open(c, &t);
	return code ? code : cli_target_close(c, &t, job(c, &t, ctx));
}

/* Overflow-safe: addr < size is settled before the length is compared with what is left. */
enum cli_exit cli_check_range(struct cli *c, const struct cli_target *t, const char *what,
			      uint32_t addr, uint32_t len, uint32_t align)
{
	uint32_t size = t->flash->info.size;
	if (size == 0)
		return cli_fail(c, CLI_UNSUPPORTED,
				"the flash does not tell its size: give it with --flash-size");
	if (align && addr % align != 0)
		return cli_fail(c, CLI_USAGE,
				"%s: address 0x%" PRIx32
				" is not a multiple of the sector size 0x%" PRIx32
				"; the next below is 0x%" PRIx32,
				what, addr, align, addr - addr % align);
	if (addr >= size || len > size - addr)
		return cli_fail(c, CLI_USAGE,
				"%s: %" PRIu32 " bytes at 0x%" PRIx32
				" reach beyond the end of the flash at 0x%" PRIx32,
				what, len, addr, size);
	if (len == 0)
		return cli_fail(c, CLI_USAGE, "%s: the length is 0", what);
	return CLI_OK;
}

/* Case and hyphens do not count; the hyphens of one need not be the other's. */
bool cli_same_chip(const char *a, const char *b)
{
	for (;; a++, b++) {
		a += *a == '-';
		b += *b == '-';
		if (tolower((unsigned char)*a) != tolower((unsigned char)*b))
			return false;
		if (!*a)
			return true;
	}
}

/* The list for the message is made on the way, so that it cannot lack one. */
enum cli_exit cli_chip(struct cli *c, const char *name, enum far_esp_chip *chip)
{
	char names[160] = "auto";
	*chip = FAR_ESP_UNKNOWN;
	if (!name || strcmp(name, "auto") == 0)
		return CLI_OK;
	for (int i = FAR_ESP_UNKNOWN + 1; i < FAR_ESP_CHIPS; i++) {
		const char *known = far_esp_chip_name((enum far_esp_chip)i);
		size_t used = strlen(names);
		if (cli_same_chip(name, known)) {
			*chip = (enum far_esp_chip)i;
			return CLI_OK;
		}
		snprintf(names + used, sizeof(names) - used, ", %s", known);
	}
	return cli_fail(c, CLI_USAGE, "no chip '%s': --chip is one of %s", name, names);
}

/* A wrong name is told as that, before it is told that none is wanted. */
enum cli_exit cli_no_chip(struct cli *c, const struct cli_target *t, const char *what)
{
	enum far_esp_chip chip;
	enum cli_exit err = cli_chip(c, c->set->chip, &chip);
	if (err || chip == FAR_ESP_UNKNOWN)
		return err;
	return cli_fail(c, CLI_USAGE, "%s is %s, not an %s: leave --chip away", t->port, what,
			far_esp_chip_name(chip));
}
