/* SPDX-License-Identifier: Apache-2.0 */
/*
 * farflash image-info: what a firmware image says, and whether it is sound. Everything that can be
 * told is told, also of a damaged one: that is when it is looked at. What it makes of the file is
 * service/esp_image's; here are the words. No port is opened, and nothing is changed.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/firmware.h"

#define NO_LIMIT 0xFFFFu

/* An image, and where it comes from. */
struct info {
	struct cli *c;
	const char *path;
	struct far_esp_image image;
	struct far_esp_image_source source;
};

/* A member of the JSON object, and a line of text, at once. json NULL: the line alone. */
static void tell(struct info *i, const char *label, const char *json, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
static void tell(struct info *i, const char *label, const char *json, const char *format, ...)
{
	char text[128];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	cli_say(i->c, "%-24s %s", label, text);
	if (i->c->result && json)
		cJSON_AddStringToObject(i->c->result, json, text);
}

/* For machines only: people have read it in words. */
static void number(struct info *i, const char *json, double value)
{
	if (i->c->result)
		cJSON_AddNumberToObject(i->c->result, json, value);
}

/* text has 2 * len + 1 bytes. */
static void hex(char *text, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
}

/* What others wrote into the file: no control characters reach the terminal. */
static void foreign(struct info *i, const char *label, const char *json, const char *words)
{
	char text[64];
	size_t n = 0;
	for (; words[n] && n < sizeof(text) - 1; n++)
		text[n] = isprint((unsigned char)words[n]) ? words[n] : '.';
	text[n] = '\0';
	tell(i, label, json, "%s", text);
}

/*
 * Codes that the chip does not have are shown as numbers: an image for a later chip is not damaged.
 */
static void header(struct info *i)
{
	const struct far_esp_image *m = &i->image;
	const char *mode = far_esp_image_mode_name(m->mode);
	const char *size = m->chip ? far_esp_image_size_name(m->chip, m->size) : NULL;
	unsigned mhz = m->chip ? far_esp_image_freq_mhz(m->chip, m->freq) : 0;
	tell(i, "Image of:", "chip", "%s", m->chip ? m->chip->name : "unknown chip");
	tell(i, "Image version:", NULL, "%u", m->version);
	number(i, "version", m->version);
	tell(i, "Entry point:", NULL, "0x%08" PRIx32, m->entry);
	number(i, "entry", m->entry);
	if (mode)
		tell(i, "Flash mode:", "flash_mode", "%s", mode);
	else
		tell(i, "Flash mode:", "flash_mode", "unknown (%u)", m->mode);
	if (mhz)
		tell(i, "Flash freq:", "flash_freq", "%um", mhz);
	else
		tell(i, "Flash freq:", "flash_freq", "unknown (%u)", m->freq);
	if (size)
		tell(i, "Flash size:", "flash_size", "%s", size);
	else
		tell(i, "Flash size:", "flash_size", "unknown (%u)", m->size);
}

/* Images of the ESP8266 have none of this. 0xEE is the ROM's word for a pin that is not used. */
static void extended(struct info *i)
{
	const struct far_esp_image *m = &i->image;
	if (!m->has_extended)
		return;
	tell(i, "Chip ID:", NULL, "%u", m->chip_id);
	tell(i, "WP pin:", NULL, "0x%02x%s", m->wp_pin, m->wp_pin == 0xEE ? " (disabled)" : "");
	tell(i, "Pin drive:", NULL, "clk %u, q %u, d %u, cs0 %u, hd %u, wp %u", m->drive[0] & 0xFu,
	     m->drive[0] >> 4u, m->drive[1] & 0xFu, m->drive[1] >> 4u, m->drive[2] & 0xFu,
	     m->drive[2] >> 4u);
	tell(i, "Minimal chip revision:", NULL, "v%u.%u (legacy %u)", m->min_rev_full / 100u,
	     m->min_rev_full % 100u, m->min_rev);
	if (m->max_rev_full == NO_LIMIT)
		tell(i, "Maximal chip revision:", NULL, "none");
	else
		tell(i, "Maximal chip revision:", NULL, "v%u.%u", m->max_rev_full / 100u,
		     m->max_rev_full % 100u);
	number(i, "chip_id", m->chip_id);
	number(i, "min_rev", m->min_rev);
	number(i, "min_rev_full", m->min_rev_full);
	number(i, "max_rev_full", m->max_rev_full);
}

/* How the chip gets at it. */
static const char *kind(const struct far_esp_image *m, const struct far_esp_image_segment *s)
{
	if (s->addr == 0)
		return m->version == 2 ? "mapped" : "padding";
	return m->chip && far_esp_image_is_mapped(m->chip, s->addr) ? "mapped" : "loaded";
}

/* As many as could be read, which may be fewer than the header tells. */
static void segments(struct info *i)
{
	const struct far_esp_image *m = &i->image;
	cJSON *list = i->c->result ? cJSON_AddArrayToObject(i->c->result, "segments") : NULL;
	cli_say(i->c, "Segments:                %u", m->segments);
	for (unsigned k = 0; k < m->segments; k++) {
		const struct far_esp_image_segment *s = &m->segment[k];
		cli_say(i->c,
			"  %2u: 0x%06" PRIx32 " bytes for 0x%08" PRIx32 ", at 0x%08" PRIx32 ", %s",
			k, s->len, s->addr, s->offset, kind(m, s));
		if (!list)
			continue;
		cJSON *o = cJSON_CreateObject();
		cJSON_AddNumberToObject(o, "addr", s->addr);
		cJSON_AddNumberToObject(o, "len", s->len);
		cJSON_AddNumberToObject(o, "offset", s->offset);
		cJSON_AddStringToObject(o, "kind", kind(m, s));
		cJSON_AddItemToArray(list, o);
	}
}

/* Only as far as the image could be read. */
static void footer(struct info *i)
{
	const struct far_esp_image *m = &i->image;
	char sum[2 * FAR_SHA256_LEN + 1];
	if (m->checksum_at == 0)
		return;
	bool good = m->checksum == m->checksum_computed;
	tell(i, "Checksum:", NULL,
	     good ? "0x%02x (valid)" : "0x%02x (invalid: 0x%02x would be right)", m->checksum,
	     m->checksum_computed);
	if (i->c->result)
		cJSON_AddBoolToObject(i->c->result, "checksum_valid", good);
	if (m->hash_at > 0) {
		good = memcmp(m->hash, m->hash_computed, FAR_SHA256_LEN) == 0;
		hex(sum, m->hash, FAR_SHA256_LEN);
		tell(i, "SHA-256:", "sha256", "%s", sum);
		cli_say(i->c, "%-24s (%s)", "", good ? "valid" : "invalid");
		if (i->c->result)
			cJSON_AddBoolToObject(i->c->result, "sha256_valid", good);
	} else if (m->has_extended && !m->hash_appended) {
		tell(i, "SHA-256:", NULL, "not appended");
	}
	tell(i, "Image size:", NULL, "%" PRIu32 " bytes, the file has %" PRIu32, m->len,
	     i->source.len);
	number(i, "len", m->len);
}

/*
 * What ESP-IDF puts at the front of an application; a bootloader has none, and nothing is missing
 * then.
 */
static void application(struct info *i)
{
	struct far_esp_image_app app;
	char sum[2 * FAR_SHA256_LEN + 1];
	if (far_esp_image_read_app(&i->image, &i->source, &app) != FAR_OK)
		return;
	foreign(i, "Project name:", "project", app.project);
	foreign(i, "App version:", "app_version", app.version);
	foreign(i, "Compile date:", "date", app.date);
	foreign(i, "Compile time:", "time", app.time);
	foreign(i, "ESP-IDF:", "idf", app.idf);
	tell(i, "Secure version:", NULL, "%" PRIu32, app.secure_version);
	hex(sum, app.elf_hash, FAR_SHA256_LEN);
	tell(i, "ELF file SHA-256:", "elf_sha256", "%s", sum);
}

/*
 * Told first, judged last. No image at all is a wrong file (9); an image whose sums are wrong is a
 * mismatch (7), as with a flash.
 */
static enum cli_exit tell_all(struct info *i, const struct far_esp_image_chip *chip)
{
	const struct far_esp_image *m = &i->image;
	int err = far_esp_image_read(&i->image, &i->source, chip);
	if (m->problem != FAR_ESP_IMAGE_NO_MAGIC && m->version > 0) {
		header(i);
		extended(i);
		segments(i);
		footer(i);
		application(i);
	}
	if (!err)
		return CLI_OK;
	return cli_fail(i->c, err == FAR_ERR_VERIFY ? CLI_MISMATCH : CLI_FILE,
			"%s: %s (at 0x%" PRIx32 ")", i->path,
			far_esp_image_problem_text(m->problem), m->problem_at);
}

/* A hex file is taken to be one image, from its lowest address on. */
static enum cli_exit run(struct cli *c, int argc, char **argv)
{
	char any[] = "0", *pair[] = { any, argv[0] };
	const struct far_esp_image_chip *chip;
	struct cli_parts parts = { 0 };
	(void)argc;
	enum cli_exit code = cli_firmware_chip(c, &chip);
	if (!code)
		code = cli_parts_load(c, &parts, 2, pair);
	if (!code) {
		struct info i = { .c = c, .path = argv[0] };
		i.source = cli_firmware_source(&parts.list[0]);
		code = tell_all(&i, chip);
	}
	cli_parts_free(&parts);
	return code;
}

const struct cli_command cli_image_info = {
	.name = "image-info",
	.arguments = "FILE",
	.summary = "what a firmware image holds, and whether it is sound",
	.details =
		"Header, segments, checksum and hash of an application or bootloader, and what an\n"
		"application tells of itself. No port is needed. Exit code 7 if checksum or hash\n"
		"is wrong, 9 if it is no image. --chip: fail unless it is one of this chip.\n",
	.min_arguments = 1,
	.max_arguments = 1,
	.run = run,
};
