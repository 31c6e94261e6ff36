/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers that have names: docs/SPEC-partition-table.md, "Types and subtypes". */
#include "service/partition_table/internal.h"

#define OTA_FIRST 0x10u /* ota_0 */
#define OTA_COUNT 16u
#define TEE_FIRST 0x30u /* tee_0 */
#define TEE_COUNT 2u
#define ANY       0xFFu /* as a row's type: the row is a type itself */

struct row {
	const char *name;
	uint8_t type, number;
};

static const struct row rows[] = {
	{ "app", ANY, FAR_PARTITION_APP },
	{ "data", ANY, FAR_PARTITION_DATA },
	{ "bootloader", ANY, FAR_PARTITION_BOOTLOADER },
	{ "partition_table", ANY, FAR_PARTITION_TABLE },
	{ "factory", FAR_PARTITION_APP, 0x00 },
	{ "test", FAR_PARTITION_APP, 0x20 },
	{ "ota", FAR_PARTITION_DATA, FAR_PARTITION_DATA_OTA },
	{ "phy", FAR_PARTITION_DATA, 0x01 },
	{ "nvs", FAR_PARTITION_DATA, FAR_PARTITION_DATA_NVS },
	{ "coredump", FAR_PARTITION_DATA, FAR_PARTITION_DATA_DUMP },
	{ "nvs_keys", FAR_PARTITION_DATA, 0x04 },
	{ "efuse", FAR_PARTITION_DATA, 0x05 },
	{ "undefined", FAR_PARTITION_DATA, 0x06 },
	{ "esphttpd", FAR_PARTITION_DATA, 0x80 },
	{ "fat", FAR_PARTITION_DATA, 0x81 },
	{ "spiffs", FAR_PARTITION_DATA, FAR_PARTITION_DATA_SPIFFS },
	{ "littlefs", FAR_PARTITION_DATA, 0x83 },
	{ "tee_ota", FAR_PARTITION_DATA, 0x90 },
	{ "primary", FAR_PARTITION_BOOTLOADER, 0x00 },
	{ "ota", FAR_PARTITION_BOOTLOADER, 0x01 },
	{ "recovery", FAR_PARTITION_BOOTLOADER, 0x02 },
	{ "primary", FAR_PARTITION_TABLE, 0x00 },
	{ "ota", FAR_PARTITION_TABLE, 0x01 },
};

/* Subtypes of apps that are counted: a prefix, and a number in decimal behind it. */
struct series {
	const char *prefix;
	uint8_t first, count;
};

static const struct series serieses[] = {
	{ "ota_", OTA_FIRST, OTA_COUNT },
	{ "tee_", TEE_FIRST, TEE_COUNT },
};

static const struct row flags[] = {
	{ "encrypted", ANY, FAR_PARTITION_ENCRYPTED },
	{ "readonly", ANY, FAR_PARTITION_READONLY },
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* How many characters of word are name's, all of it; 0: it begins otherwise. */
static uint32_t begins(struct far_partition_word word, const char *name)
{
	uint32_t i = 0;

	while (name[i] != '\0' && i < word.len && word.at[i] == name[i])
		i++;
	return name[i] == '\0' ? i : 0;
}

static int find(uint32_t type, struct far_partition_word word)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (rows[i].type == type && word.len > 0 && begins(word, rows[i].name) == word.len)
			return rows[i].number;
	}
	return -1;
}

int far_partition_type_of(struct far_partition_word word)
{
	return find(ANY, word);
}

static int counted(const struct series *s, struct far_partition_word word)
{
	uint32_t at = begins(word, s->prefix), number = 0;

	if (at == 0 || at == word.len || word.len - at > 2 ||
	    (word.at[at] == '0' && word.len - at > 1))
		return -1;
	for (; at < word.len; at++) {
		if (word.at[at] < '0' || word.at[at] > '9')
			return -1;
		number = number * 10 + (uint32_t)(word.at[at] - '0');
	}
	return number < s->count ? (int)(s->first + number) : -1;
}

int far_partition_subtype_of(uint32_t type, struct far_partition_word word)
{
	int number = find(type, word);

	for (size_t i = 0; type == FAR_PARTITION_APP && number < 0 && i < COUNT(serieses); i++)
		number = counted(&serieses[i], word);
	return number;
}

uint32_t far_partition_flag_of(struct far_partition_word word)
{
	for (size_t i = 0; i < COUNT(flags); i++) {
		if (word.len > 0 && begins(word, flags[i].name) == word.len)
			return flags[i].number;
	}
	return 0;
}

/* ---- and back -------------------------------------------------------------------------------- */

static const char *name_of(uint32_t type, uint32_t number)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (rows[i].type == type && rows[i].number == number)
			return rows[i].name;
	}
	return NULL;
}

static void put(struct far_text *out, const char *name, uint32_t number)
{
	if (name != NULL) {
		far_text_put(out, name);
		return;
	}
	far_text_put(out, "0x");
	far_text_hex(out, number, 2);
}

void far_partition_put_type(struct far_text *out, uint32_t type)
{
	put(out, name_of(ANY, type), type);
}

void far_partition_put_subtype(struct far_text *out, uint32_t type, uint32_t subtype)
{
	for (size_t i = 0; type == FAR_PARTITION_APP && i < COUNT(serieses); i++) {
		const struct series *s = &serieses[i];

		if (subtype >= s->first && subtype - s->first < s->count) {
			far_text_put(out, s->prefix);
			far_text_decimal(out, subtype - s->first);
			return;
		}
	}
	put(out, name_of(type, subtype), subtype);
}

void far_partition_put_flags(struct far_text *out, uint32_t bits)
{
	const char *between = "";

	for (size_t i = 0; i < COUNT(flags); i++) {
		if ((bits & flags[i].number) == 0)
			continue;
		far_text_put(out, between);
		far_text_put(out, flags[i].name);
		between = ":";
	}
}
