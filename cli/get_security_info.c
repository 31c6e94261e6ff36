/* SPDX-License-Identifier: Apache-2.0 */
/*
 * farflash get-security-info: the chip's fuses, as far as its loader tells them. Nothing is burnt
 * by farflash; this is to see why a chip refuses something, or whether it is still open.
 */
#include <inttypes.h>

#include "cli/commands.h"
#include "cli/target.h"

/* Bits of the flags word, with a name for machines and a text for people. */
static const struct {
	uint32_t flag;
	const char *name, *text;
} flags[] = {
	{ FAR_ESP_SECURE_BOOT, "secure_boot", "Secure boot" },
	{ FAR_ESP_AGGRESSIVE_REVOKE, "aggressive_revoke", "Aggressive key revocation" },
	{ FAR_ESP_SECURE_DOWNLOAD, "secure_download", "Secure download mode" },
	{ FAR_ESP_KEY_REVOKE0, "key_revoke0", "Secure boot key 0 revoked" },
	{ FAR_ESP_KEY_REVOKE1, "key_revoke1", "Secure boot key 1 revoked" },
	{ FAR_ESP_KEY_REVOKE2, "key_revoke2", "Secure boot key 2 revoked" },
	{ FAR_ESP_SOFT_DIS_JTAG, "soft_dis_jtag", "JTAG disabled, may be enabled again" },
	{ FAR_ESP_HARD_DIS_JTAG, "hard_dis_jtag", "JTAG disabled for good" },
	{ FAR_ESP_DIS_USB, "dis_usb", "USB disabled" },
	{ FAR_ESP_DIS_DOWNLOAD_DCACHE, "dis_download_dcache", "Data cache off in the loader" },
	{ FAR_ESP_DIS_DOWNLOAD_ICACHE, "dis_download_icache", "Code cache off in the loader" },
};

#define FLAGS    (sizeof(flags) / sizeof(flags[0]))
#define PURPOSES 7u

/* An odd number of bits set means that the flash is encrypted. */
static bool is_encrypted(const struct far_esp_security *s)
{
	return __builtin_parity(s->crypt_count);
}

/* All flags, also those that are not set: a list of what is missing cannot be searched. */
static void say(struct cli *c, const struct far_esp_security *s)
{
	cli_say(c, "Flags: 0x%08" PRIx32, s->flags);
	for (size_t i = 0; i < FLAGS; i++)
		cli_say(c, "  %s: %s", flags[i].text, s->flags & flags[i].flag ? "yes" : "no");
	cli_say(c, "Flash encryption: %s (count 0x%x)", is_encrypted(s) ? "enabled" : "disabled",
		s->crypt_count);
	for (size_t i = 0; i < PURPOSES; i++)
		cli_say(c, "Purpose of key block %zu: %u", i, s->key_purpose[i]);
	if (s->chip_id != FAR_ESP_NO_ID)
		cli_say(c, "Chip id: %" PRIu32, s->chip_id);
	if (s->api != FAR_ESP_NO_ID)
		cli_say(c, "API version: %" PRIu32, s->api);
}

/* The same as say; chip id and API version only where the chip tells them (not the ESP32-S2). */
static void record(cJSON *o, const struct far_esp_security *s)
{
	cJSON_AddNumberToObject(o, "flags", s->flags);
	for (size_t i = 0; i < FLAGS; i++)
		cJSON_AddBoolToObject(o, flags[i].name, (s->flags & flags[i].flag) != 0);
	cJSON_AddNumberToObject(o, "flash_crypt_count", s->crypt_count);
	cJSON_AddBoolToObject(o, "flash_encrypted", is_encrypted(s));
	cJSON *list = cJSON_AddArrayToObject(o, "key_purposes");
	for (size_t i = 0; i < PURPOSES; i++)
		cJSON_AddItemToArray(list, cJSON_CreateNumber(s->key_purpose[i]));
	if (s->chip_id != FAR_ESP_NO_ID)
		cJSON_AddNumberToObject(o, "chip_id", s->chip_id);
	if (s->api != FAR_ESP_NO_ID)
		cJSON_AddNumberToObject(o, "api_version", s->api);
}

/* NOTSUP is known before a byte is sent: older ROMs lack the command, and are not asked. */
static enum cli_exit tell(struct cli *c, struct cli_target *t, void *unused)
{
	struct far_esp_security s;
	(void)unused;
	if (!t->esp)
		return cli_fail(c, CLI_UNSUPPORTED, "%s has no fuses: it is no ESP chip", t->port);
	int err = far_esp_read_security(t->esp, &s);
	if (err == FAR_ERR_NOTSUP)
		return cli_fail(c, CLI_UNSUPPORTED,
				"an %s cannot tell about its fuses: the ESP32-S2 and later can",
				far_esp_chip_name(t->esp->chip));
	if (err)
		return cli_fail_target(c, t, err, NULL, "cannot read the security fuses");
	say(c, &s);
	if (c->result)
		record(c->result, &s);
	return CLI_OK;
}

static enum cli_exit run(struct cli *c, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return cli_target_run(c, tell, NULL);
}

const struct cli_command cli_get_security_info = {
	.name = "get-security-info",
	.arguments = "",
	.summary = "tell what the chip's security fuses say",
	.details = "Secure boot, flash encryption, secure download mode, key blocks. The purposes\n"
		   "are the chip's own numbers: see its manual. ESP8266, ESP32: exit code 8.\n",
	.run = run,
};
