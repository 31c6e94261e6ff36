/* SPDX-License-Identifier: Apache-2.0 */
/*
 * service/partition_table, the CSV form: what each field may hold, where blank offsets come to lie,
 * every mistake with its sentence, and round trips through both forms.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "service/partition_table/partition_table.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct far_partition_entry entries[FAR_PARTITION_ENTRIES_MAX];
static struct far_partition_table table;
static struct far_partition_rules rules;
static char csv[FAR_PARTITION_ENTRIES_MAX * 100 + 100], again[sizeof(csv)];
static uint8_t binary[FAR_PARTITION_TABLE_LEN], binary_again[FAR_PARTITION_TABLE_LEN];

static int setup(void **state)
{
	(void)state;
	memset(entries, 0x5A, sizeof(entries));
	memset(&rules, 0, sizeof(rules));
	far_partition_table_init(&table, entries, FAR_PARTITION_ENTRIES_MAX);
	return 0;
}

/* The text lies in memory of exactly its length: a byte too far is seen. */
static int parse(const char *text)
{
	size_t len = strlen(text);
	char *exact = malloc(len + !len);
	int rc;

	memcpy(exact, text, len);
	rc = far_partition_table_parse_csv(&table, exact, (uint32_t)len, &rules);
	free(exact);
	return rc;
}

static const char *explain(void)
{
	static char text[256];
	struct far_text t = { text, sizeof(text) - 1, 0 };

	far_partition_table_explain(&table, &t);
	text[t.len] = '\0';
	return text;
}

static void assert_parses(const char *text)
{
	int rc = parse(text);

	if (rc != FAR_OK)
		fail_msg("%s: %s in: %s", far_err_name(rc), explain(), text);
}

static void assert_entry(uint32_t i, const char *label, uint8_t type, uint8_t subtype,
			 uint32_t addr, uint32_t size, uint32_t flags)
{
	assert_true(i < table.count);
	assert_string_equal(entries[i].label, label);
	assert_int_equal(entries[i].type, type);
	assert_int_equal(entries[i].subtype, subtype);
	assert_int_equal(entries[i].addr, addr);
	assert_int_equal(entries[i].size, size);
	assert_int_equal(entries[i].flags, flags);
}

/* ---- right ones ------------------------------------------------------------------------------ */

/* The documentation's own example, with offsets given and left blank. */
static void an_ota_table(void **state)
{
	(void)state;
	assert_parses("# Name,   Type, SubType,  Offset,   Size,  Flags\n"
		      "nvs,      data, nvs,      0x9000,  0x4000\n"
		      "otadata,  data, ota,      0xd000,  0x2000\n"
		      "phy_init, data, phy,      0xf000,  0x1000\n"
		      "factory,  app,  factory,  0x10000,  1M\n"
		      "ota_0,    app,  ota_0,    ,         1M\n"
		      "ota_1,    app,  ota_1,    ,         1M\n"
		      "nvs_key,  data, nvs_keys, ,        0x1000, encrypted\n");
	assert_int_equal(table.count, 7);
	assert_entry(0, "nvs", 1, 2, 0x9000, 0x4000, 0);
	assert_entry(1, "otadata", 1, 0, 0xD000, 0x2000, 0);
	assert_entry(2, "phy_init", 1, 1, 0xF000, 0x1000, 0);
	assert_entry(3, "factory", 0, 0, 0x10000, 0x100000, 0);
	assert_entry(4, "ota_0", 0, 0x10, 0x110000, 0x100000, 0);
	assert_entry(5, "ota_1", 0, 0x11, 0x210000, 0x100000, 0);
	assert_entry(6, "nvs_key", 1, 4, 0x310000, 0x1000, 1);
	assert_int_equal(entries[6].line, 8);
}

static void blank_offsets_are_filled_in(void **state)
{
	(void)state;
	assert_parses("a,data,nvs,,0x3000\nb,app,factory,,0x12345\nc,data,fat,,1\n"
		      "d,0x40,0,,4K\ne,app,ota_15,,1M\n");
	assert_entry(0, "a", 1, 2, 0x9000, 0x3000, 0);
	assert_entry(1, "b", 0, 0, 0x10000, 0x12345, 0);
	assert_entry(2, "c", 1, 0x81, 0x23000, 1, 0);
	assert_entry(3, "d", 0x40, 0, 0x24000, 0x1000, 0);
	assert_entry(4, "e", 0, 0x1F, 0x30000, 0x100000, 0);
	/* The table elsewhere: all that was blank moves with it. */
	rules.table_addr = 0x10000;
	assert_parses("a,data,nvs,,0x3000\nb,app,factory,,64K\n");
	assert_entry(0, "a", 1, 2, 0x11000, 0x3000, 0);
	assert_entry(1, "b", 0, 0, 0x20000, 0x10000, 0);
}

static void numbers(void **state)
{
	static const struct {
		const char *text;
		uint32_t value;
	} all[] = { { "4096", 4096 },
		    { "0x1000", 4096 },
		    { "0X1f", 31 },
		    { "0xABCDEF", 0xABCDEF },
		    { "4K", 4096 },
		    { "4k", 4096 },
		    { "1M", 0x100000 },
		    { "1m", 0x100000 },
		    { "0x10K", 0x4000 },
		    { "010", 10 },
		    { "0xfff0000", 0xFFF0000 } };
	char line[80];

	(void)state;
	for (size_t i = 0; i < COUNT(all); i++) {
		snprintf(line, sizeof(line), "x,data,fat,0x10000,%s", all[i].text);
		assert_parses(line);
		assert_int_equal(entries[0].size, all[i].value);
	}
}

/* A size below zero is the address where the partition ends. */
static void up_to_an_address(void **state)
{
	(void)state;
	assert_parses("a,data,nvs,,-0x10000\nb,app,factory,,-1M");
	assert_entry(0, "a", 1, 2, 0x9000, 0x7000, 0);
	assert_entry(1, "b", 0, 0, 0x10000, 0xF0000, 0);
}

static void names(void **state)
{
	static const struct {
		const char *type, *subtype;
		uint8_t numbers[2];
	} all[] = {
		{ "app", "factory", { 0, 0 } },
		{ "app", "ota_0", { 0, 0x10 } },
		{ "app", "ota_9", { 0, 0x19 } },
		{ "app", "ota_10", { 0, 0x1A } },
		{ "app", "ota_15", { 0, 0x1F } },
		{ "app", "test", { 0, 0x20 } },
		{ "app", "tee_1", { 0, 0x31 } },
		{ "data", "ota", { 1, 0 } },
		{ "data", "phy", { 1, 1 } },
		{ "data", "nvs", { 1, 2 } },
		{ "data", "coredump", { 1, 3 } },
		{ "data", "nvs_keys", { 1, 4 } },
		{ "data", "efuse", { 1, 5 } },
		{ "data", "undefined", { 1, 6 } },
		{ "data", "esphttpd", { 1, 0x80 } },
		{ "data", "fat", { 1, 0x81 } },
		{ "data", "spiffs", { 1, 0x82 } },
		{ "data", "littlefs", { 1, 0x83 } },
		{ "data", "tee_ota", { 1, 0x90 } },
		{ "bootloader", "ota", { 2, 1 } },
		{ "partition_table", "ota", { 3, 1 } },
		{ "0x40", "0x99", { 0x40, 0x99 } },
		{ "0xfe", "0xfe", { 0xFE, 0xFE } },
		{ "data", "0x42", { 1, 0x42 } },
		{ "app", "0x05", { 0, 5 } },
	};
	char line[80], text[40];

	(void)state;
	for (size_t i = 0; i < COUNT(all); i++) {
		struct far_text t = { text, sizeof(text), 0 };
		uint32_t size = strcmp(all[i].subtype, "ota") == 0 ? 0x2000 : 0x3000;

		snprintf(line, sizeof(line), "x,%s,%s,0x10000,%u", all[i].type, all[i].subtype,
			 (unsigned)size);
		assert_parses(line);
		assert_entry(0, "x", all[i].numbers[0], all[i].numbers[1], 0x10000, size, 0);
		far_partition_put_type(&t, all[i].numbers[0]);
		far_text_put(&t, ",");
		far_partition_put_subtype(&t, all[i].numbers[0], all[i].numbers[1]);
		snprintf(line, sizeof(line), "%s,%s", all[i].type, all[i].subtype);
		assert_int_equal(t.len, strlen(line));
		assert_memory_equal(t.at, line, t.len);
	}
	assert_parses("x,64,7,,4K\n"); /* decimal, too */
	assert_entry(0, "x", 0x40, 7, 0x9000, 0x1000, 0);
	assert_parses("x,data,,,4K\n");
	assert_entry(0, "x", 1, 6, 0x9000, 0x1000, 0);
}

static void white_space_and_comments(void **state)
{
	(void)state;
	assert_parses(
		"\xEF\xBB\xBF# first\r\n\r\n   # indented, with, commas, and, more, of, them\n"
		"\t \n  a b\t,\tdata , nvs ,, 12K , readonly : encrypted ,, ,\r\n\n"
		"last,app,test,,1M,,");
	assert_int_equal(table.count, 2);
	assert_entry(0, "a b", 1, 2, 0x9000, 0x3000, 3);
	assert_int_equal(entries[0].line, 5);
	assert_entry(1, "last", 0, 0x20, 0x10000, 0x100000, 0);
	assert_int_equal(entries[1].line, 7);
	assert_parses("");
	assert_parses("# nothing");
	assert_int_equal(table.count, 0);
}

/* In any order, as long as they do not meet; and the table's own neighbours where they are. */
static void any_order(void **state)
{
	(void)state;
	rules.flash_size = 0x400000;
	assert_parses("b,app,factory,0x10000,1M\na,data,nvs,0x9000,0x6000\n"
		      "boot,bootloader,primary,0x1000,0x7000\n"
		      "sixteen bytes ..,data,spiffs,0x110000,-4M\n"
		      "table,partition_table,primary,0x8000,0x1000\n");
	assert_int_equal(table.count, 5);
	assert_entry(3, "sixteen bytes ..", 1, 0x82, 0x110000, 0x2F0000, 0);
}

/* ---- wrong ones ------------------------------------------------------------------------------ */

#define NAMES  "a line is Name, Type, SubType, Offset, Size, Flags"
#define PREFIX "ok,data,nvs,0x9000,0x3000\n"

static const struct {
	enum far_partition_kind kind;
	const char *text, *sentence;
} mistakes[] = {
	{ FAR_PARTITION_NO_FIELD, ",data,nvs,,4K", "line 1: the field Name is empty: " NAMES },
	{ FAR_PARTITION_NO_FIELD, "just a word", "line 1: the field Type is empty: " NAMES },
	{ FAR_PARTITION_NO_FIELD, "x,app,,,4K", "line 1: the field SubType is empty: " NAMES },
	{ FAR_PARTITION_NO_FIELD, "x,app,test,,", "line 1: the field Size is empty: " NAMES },
	{ FAR_PARTITION_FIELDS, "x,data,nvs,,4K,,encrypted",
	  "line 1: 'encrypted' is more than 6 fields: " NAMES },
	{ FAR_PARTITION_NO_NUMBER, PREFIX "x,data,nvs,0x,4K",
	  "line 2: '0x' is not a number: write 4096, 0x1000, 4K or 1M" },
	{ FAR_PARTITION_NO_NUMBER, "x,data,nvs,,12Q",
	  "line 1: '12Q' is not a number: write 4096, 0x1000, 4K or 1M" },
	{ FAR_PARTITION_NO_NUMBER, "x,data,nvs,,K",
	  "line 1: 'K' is not a number: write 4096, 0x1000, 4K or 1M" },
	{ FAR_PARTITION_NO_NUMBER, "x,data,nvs,,-",
	  "line 1: '' is not a number: write 4096, 0x1000, 4K or 1M" },
	{ FAR_PARTITION_NO_NUMBER, "x,data,nvs,-4K,4K",
	  "line 1: '-4K' is not a number: write 4096, 0x1000, 4K or 1M" },
	{ FAR_PARTITION_NO_NUMBER, "x,data,nvs,,1f",
	  "line 1: '1f' is not a number: write 4096, 0x1000, 4K or 1M" },
	{ FAR_PARTITION_LARGE, "x,data,nvs,,0x100000000",
	  "line 1: '0x100000000' is too large: 0xffffffff is the limit" },
	{ FAR_PARTITION_LARGE, "x,data,nvs,,4096M",
	  "line 1: '4096M' is too large: 0xffffffff is the limit" },
	{ FAR_PARTITION_LARGE, "x,data,nvs,,99999999999999999999999999",
	  "line 1: '9999999999999999999' is too large: 0xffffffff is the limit" },
	{ FAR_PARTITION_LARGE, "x,255,nvs,,4K", "line 1: '255' is too large: 0xfe is the limit" },
	{ FAR_PARTITION_LARGE, "x,data,0xff,,4K",
	  "line 1: '0xff' is too large: 0xfe is the limit" },
	{ FAR_PARTITION_NO_TYPE, "x,date,nvs,,4K",
	  "line 1: no type 'date': write app, data or a number from 0x40 to 0xfe" },
	{ FAR_PARTITION_NO_TYPE, "x,App,factory,,4K",
	  "line 1: no type 'App': write app, data or a number from 0x40 to 0xfe" },
	{ FAR_PARTITION_NO_SUBTYPE, "x,data,factory,,4K", NULL },
	{ FAR_PARTITION_NO_SUBTYPE, "x,app,ota_16,,4K", NULL },
	{ FAR_PARTITION_NO_SUBTYPE, "x,app,ota_01,,4K", NULL },
	{ FAR_PARTITION_NO_SUBTYPE, "x,app,ota_,,4K", NULL },
	{ FAR_PARTITION_NO_SUBTYPE, "x,app,ota_1x,,4K", NULL },
	{ FAR_PARTITION_NO_SUBTYPE, "x,data,ota_1,,4K", NULL },
	{ FAR_PARTITION_NO_SUBTYPE, "x,0x40,nvs,,4K",
	  "line 1: no subtype 'nvs' of this type: write factory, ota_0, nvs, spiffs or another "
	  "from the list, or a number up to 0xfe" },
	{ FAR_PARTITION_NO_FLAG, "x,app,test,,1M,encrypted:signed",
	  "line 1: no flag 'signed': write encrypted, readonly or encrypted:readonly" },
	{ FAR_PARTITION_LONG_LABEL, "seventeen bytes .,app,test,,1M", NULL },
	{ FAR_PARTITION_LONG_LABEL, "seventeen bytes ..,app,test,,1M",
	  "line 1: the name 'seventeen bytes ..' has 18 bytes: 16 are the limit, shorten it" },
	{ FAR_PARTITION_BAD_LABEL, "a\x1B[31m,app,test,,1M",
	  "line 1: the name 'a?[31m' has the control character 0x1b: take it out" },
	{ FAR_PARTITION_UP_TO, "x,app,test,1M,-1M",
	  "line 1: size -1M: the partition begins at 0x100000 and cannot end at 0x100000: give a "
	  "higher end" },
	{ FAR_PARTITION_NO_SIZE, "x,app,test,,0",
	  "line 1: 'x' has the size 0: give one, or take it out" },
	{ FAR_PARTITION_ALIGN, "# 1\n\nx,app,test,0x11000,1M",
	  "line 3: 'x' begins at 0x11000, not at a multiple of 0x10000: write 0x20000 or leave the "
	  "offset empty" },
	{ FAR_PARTITION_ALIGN, "x,data,fat,0x11234,1M",
	  "line 1: 'x' begins at 0x11234, not at a multiple of 0x1000: write 0x12000 or leave the "
	  "offset empty" },
	{ FAR_PARTITION_IN_TABLE, "x,data,fat,0x8000,1M",
	  "line 1: 'x' begins at 0x8000, in or before the partition table: write 0x9000 or higher, "
	  "or leave the offset empty" },
	{ FAR_PARTITION_OVERLAP, PREFIX "x,data,fat,0xb000,4K",
	  "line 2: 'x' begins at 0xb000 and overlaps 'ok', which ends at 0xc000: move one" },
	{ FAR_PARTITION_OVERLAP, "y,data,fat,0x20000,4K\nx,data,fat,0x10000,0x10001",
	  "line 2: 'x' begins at 0x10000 and overlaps 'y', which ends at 0x21000: move one" },
	{ FAR_PARTITION_BEYOND, "x,app,test,,4M",
	  "line 1: 'x' ends at 0x410000, beyond the flash, which ends at 0x400000: make it "
	  "smaller, "
	  "or give a larger flash size" },
	{ FAR_PARTITION_BEYOND, "x,data,fat,0x10000,0x3f0001", NULL },
	{ FAR_PARTITION_BEYOND, "x,data,fat,0xfffff000,0x1000", NULL },
	{ FAR_PARTITION_BEYOND, "x,data,fat,0xfffff000,0xffffffff\ny,app,test,,1M",
	  "line 2: 'y' ends at 0xffffffff, beyond the flash, which ends at 0xffffffff: make it "
	  "smaller, or give a larger flash size" },
	{ FAR_PARTITION_TWICE, PREFIX "# 2\nok,app,test,,1M",
	  "line 3: 'ok': another one has the same name: give each its own" },
	{ FAR_PARTITION_OTADATA_SIZE, "x,data,ota,,4K",
	  "line 1: 'x' is data/ota with the size 0x1000: it has to be 0x2000" },
	{ FAR_PARTITION_OTADATA_TWICE, "x,data,ota,,8K\ny,data,ota,,8K",
	  "line 2: 'y' is data/ota, as 'x' is: there can be one" },
	{ FAR_PARTITION_SMALL_NVS, "x,data,nvs,,8K",
	  "line 1: 'x' is data/nvs with the size 0x2000: make it 0x3000 or more, or flag it "
	  "readonly" },
	{ FAR_PARTITION_NEVER_READONLY, "x,data,coredump,,64K,readonly",
	  "line 1: 'x' is flagged readonly, and has to be written: take the flag out" },
	{ FAR_PARTITION_NEVER_READONLY, "x,data,ota,,8K,readonly", NULL },
};

static void every_mistake_has_its_sentence(void **state)
{
	(void)state;
	rules.flash_size = 0x400000;
	for (size_t i = 0; i < COUNT(mistakes); i++) {
		assert_int_equal(parse(mistakes[i].text), FAR_ERR_PROTO);
		if (table.problem.kind != mistakes[i].kind)
			fail_msg("kind %d for: %s", (int)table.problem.kind, mistakes[i].text);
		if (mistakes[i].sentence != NULL)
			assert_string_equal(explain(), mistakes[i].sentence);
		assert_non_null(strstr(explain(), ": "));
	}
}

static void more_than_there_is_room_for(void **state)
{
	(void)state;
	table.capacity = 2;
	assert_int_equal(parse("a,data,fat,,4K\nb,data,fat,,4K\nc,data,fat,,4K\n"), FAR_ERR_RANGE);
	assert_int_equal(table.problem.kind, FAR_PARTITION_TOO_MANY);
	assert_string_equal(explain(), "line 3: more than 2 entries: take some out");
	assert_int_equal(table.count, 2);
	assert_int_equal((uint8_t)entries[2].label[0], 0x5A);
}

/* What only a binary table can have. */
static void judged_without_lines(void **state)
{
	(void)state;
	assert_parses(PREFIX "x,app,test,,1M\n");
	entries[1].line = 0;
	entries[1].flags = 0x80;
	assert_int_equal(far_partition_table_check(&table, NULL), FAR_ERR_PROTO);
	assert_string_equal(explain(), "entry 2: 'x' has the flags 0x80, of which only 0x3 are "
				       "known: it cannot be written as CSV");
	entries[1].flags = 0;
	entries[1].label[0] = '\0';
	assert_int_equal(far_partition_table_check(&table, NULL), FAR_ERR_PROTO);
	assert_string_equal(explain(), "entry 2: the name is empty: give one");
}

/* ---- both ways ------------------------------------------------------------------------------- */

static uint32_t put_csv(char *out)
{
	struct far_text t = { out, sizeof(csv), 0 };

	far_partition_table_put_csv(&table, &t);
	assert_true(t.len < t.cap);
	return (uint32_t)t.len;
}

static void written_as_people_do(void **state)
{
	static const char wanted[] = "# Name, Type, SubType, Offset, Size, Flags\n"
				     "nvs,data,nvs,0x9000,24K,\n"
				     "x,app,ota_3,0x10000,1M,encrypted\n"
				     "y,0x40,0x01,0x110000,0x1001,encrypted:readonly\n";

	(void)state;
	assert_parses("nvs,data,nvs,,0x6000\nx,app,ota_3,,1M,encrypted\n"
		      "y,0x40,1,,4097,readonly:encrypted");
	assert_int_equal(put_csv(csv), sizeof(wanted) - 1);
	assert_memory_equal(csv, wanted, sizeof(wanted) - 1);
}

static void a_label_cannot_make_fields(void **state)
{
	(void)state;
	assert_parses(PREFIX);
	memcpy(entries[0].label, "a,b\nc\x7F", 7);
	csv[put_csv(csv)] = '\0';
	assert_non_null(strstr(csv, "\na?b?c?,data,"));
}

/* A table that no one would draw up, but that is right. */
static void draw(uint32_t n)
{
	uint32_t at = 0x9000;

	table.count = n;
	for (uint32_t i = 0; i < n; i++) {
		struct far_partition_entry *e = &entries[i];

		memset(e, 0, sizeof(*e));
		e->type = (uint8_t)((uint32_t)rand() % 255);
		e->subtype = (uint8_t)((uint32_t)rand() % 255);
		if (e->type == 0 || (e->type == 1 && e->subtype < 4))
			e->type = 0x40;
		e->flags = (uint32_t)rand() % 4;
		e->size = (uint32_t)rand() % 0x20000 + 1;
		e->addr = at;
		at = (at + e->size + 0xFFF) & ~0xFFFu;
		snprintf(e->label, sizeof(e->label), "%x-%u", (unsigned)rand(), (unsigned)i);
	}
}

static void round_trips(void **state)
{
	(void)state;
	srand(8);
	for (uint32_t round = 0; round < 500; round++) {
		uint32_t len;

		draw((uint32_t)rand() % 95);
		assert_int_equal(far_partition_table_put(&table, binary, 1), FAR_OK);
		len = put_csv(csv);
		assert_int_equal(far_partition_table_parse_csv(&table, csv, len, NULL), FAR_OK);
		assert_int_equal(far_partition_table_put(&table, binary_again, 1), FAR_OK);
		assert_memory_equal(binary, binary_again, sizeof(binary));
		assert_int_equal(far_partition_table_parse(&table, binary, sizeof(binary)), FAR_OK);
		assert_int_equal(put_csv(again), len);
		assert_memory_equal(csv, again, len);
	}
}

/* Right text with some of it changed: any verdict, no harm. */
static void noise(void **state)
{
	static const char good[] = "# x\nnvs, data, nvs, 0x9000, 0x6000, readonly\n"
				   "app, app, ota_12, , 1M, encrypted:readonly\nz,0x40,3,,-4M\n";
	static const char bits[] = ",:\n#-0xKM \t\r\x80\xFF\x01"
				   "a9_";
	uint32_t fine = 0;

	(void)state;
	srand(15);
	for (uint32_t round = 0; round < 50000; round++) {
		char text[sizeof(good)];

		memcpy(text, good, sizeof(good));
		for (uint32_t n = (uint32_t)rand() % 6; n > 0; n--)
			text[(uint32_t)rand() % (sizeof(good) - 1)] =
				bits[(uint32_t)rand() % (sizeof(bits) - 1)];
		text[(uint32_t)rand() % sizeof(good)] = '\0';
		fine += parse(text) == FAR_OK;
		assert_true(strlen(explain()) < 200);
	}
	assert_in_range(fine, 1000, 49000);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup(f, setup)
	const struct CMUnitTest tests[] = {
		TEST(an_ota_table),
		TEST(blank_offsets_are_filled_in),
		TEST(numbers),
		TEST(up_to_an_address),
		TEST(names),
		TEST(white_space_and_comments),
		TEST(any_order),
		TEST(every_mistake_has_its_sentence),
		TEST(more_than_there_is_room_for),
		TEST(judged_without_lines),
		TEST(written_as_people_do),
		TEST(a_label_cannot_make_fields),
		TEST(round_trips),
		TEST(noise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
