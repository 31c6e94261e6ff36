/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli/elf_file on ELF files assembled by hand from the layout of the System V ABI, and on damage.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/elf_file.h"
#include "cli/report.h"

enum { NONE = 0, PROGBITS = 1, STRTAB = 3, NOBITS = 8, INIT_ARRAY = 14, ALLOC = 2 };

#define NAMES "\0.names\0.text\0.flash.appdesc\0.data\0.bss\0.note"
enum { N_NAMES = 1, N_TEXT = 8, N_APP = 14, N_DATA = 29, N_BSS = 35, N_NOTE = 40 };

static uint8_t file[0x1000];
static uint32_t len;
static char path[] = "/tmp/farflash-elf-XXXXXX";
static struct cli_settings settings = { .json = true }; /* messages are kept, not printed */
static struct cli cli;
static struct cli_elf elf;

static void put16(uint32_t at, uint32_t v)
{
	file[at] = (uint8_t)v;
	file[at + 1] = (uint8_t)(v >> 8);
}

static void put32(uint32_t at, uint32_t v)
{
	put16(at, v & 0xFFFF);
	put16(at + 2, v >> 16);
}

/*
 * Header at 0, one program header at 0x34, names at 0x60, section headers at 0x200, data at 0x400.
 */
static void begin(void)
{
	memset(file, 0, sizeof(file));
	memcpy(file,
	       "\x7F"
	       "ELF\x01\x01\x01",
	       7);
	put16(0x10, 2);  /* a program */
	put16(0x12, 94); /* Xtensa: nobody asks */
	put32(0x14, 1);
	put32(0x18, 0x40080404);
	put32(0x1C, 0x34);  /* program headers */
	put32(0x20, 0x200); /* section headers */
	put16(0x28, 0x34);
	put16(0x2A, 0x20);
	put16(0x2C, 1);
	put16(0x2E, 0x28);
	put16(0x30, 0); /* sections: counted by section() */
	put16(0x32, 1); /* the second has the names */
	memcpy(file + 0x60, NAMES, sizeof(NAMES));
	for (uint32_t i = 0x400; i < sizeof(file); i++)
		file[i] = (uint8_t)(i * 7);
	len = sizeof(file);
}

static void section(uint32_t name, uint32_t type, uint32_t flags, uint32_t addr, uint32_t offset,
		    uint32_t size)
{
	uint32_t n = file[0x30], at = 0x200 + 0x28 * n;

	put32(at, name);
	put32(at + 4, type);
	put32(at + 8, flags);
	put32(at + 12, addr);
	put32(at + 16, offset);
	put32(at + 20, size);
	put32(at + 32, 4);
	put16(0x30, n + 1);
}

/* The two sections that every file has. */
static void usual(void)
{
	begin();
	section(0, NONE, 0, 0, 0, 0);
	section(N_NAMES, STRTAB, 0, 0, 0x60, sizeof(NAMES));
}

static void segment(uint32_t type, uint32_t offset, uint32_t vaddr, uint32_t paddr, uint32_t size)
{
	put32(0x34, type);
	put32(0x38, offset);
	put32(0x3C, vaddr);
	put32(0x40, paddr);
	put32(0x44, size);
	put32(0x48, size);
}

static enum cli_exit open_elf(bool use_segments)
{
	FILE *out = fopen(path, "wb");

	assert_non_null(out);
	assert_int_equal(fwrite(file, 1, len, out), len);
	fclose(out);
	cli_elf_close(&elf);
	cJSON_Delete(cli.root);
	cli = (struct cli){ .set = &settings };
	cli_report_begin(&cli);
	return cli_elf_open(&cli, &elf, path, use_segments);
}

static void refused(bool use_segments, const char *why)
{
	const cJSON *error;

	assert_int_equal(open_elf(use_segments), CLI_FILE);
	error = cJSON_GetObjectItem(cJSON_GetObjectItem(cli.root, "error"), "message");
	assert_non_null(error);
	if (!strstr(error->valuestring, why))
		fail_msg("'%s' is not in '%s'", why, error->valuestring);
}

static void assert_piece(size_t i, uint32_t addr, uint32_t size, uint32_t offset)
{
	assert_true(i < elf.count);
	assert_int_equal(elf.pieces[i].addr, addr);
	assert_int_equal(elf.pieces[i].len, size);
	assert_memory_equal(elf.pieces[i].data, file + offset, size);
}

/* What is allocated, has bytes and an address is taken, with the name it has; nothing else is. */
static void sections(void **state)
{
	(void)state;
	usual();
	section(N_TEXT, PROGBITS, ALLOC | 4, 0x400D0020, 0x400, 0x123);
	section(N_BSS, NOBITS, ALLOC | 1, 0x3FFB0000, 0x400, 0x100);
	section(N_NOTE, PROGBITS, 0, 0, 0x400, 0x20);           /* not allocated */
	section(N_NOTE, PROGBITS, ALLOC, 0, 0x400, 0x20);       /* no address */
	section(N_NOTE, PROGBITS, ALLOC, 0x3FFB1000, 0x400, 0); /* no bytes */
	section(N_DATA, INIT_ARRAY, ALLOC | 1, 0x3FFB2000, 0x600, 8);
	section(N_APP, PROGBITS, ALLOC, 0x3F400020, 0x800, 0x100);
	assert_int_equal(open_elf(false), CLI_OK);
	assert_int_equal(elf.entry, 0x40080404);
	assert_int_equal(elf.count, 3);
	assert_piece(0, 0x400D0020, 0x123, 0x400);
	assert_piece(1, 0x3FFB2000, 8, 0x600);
	assert_piece(2, 0x3F400020, 0x100, 0x800);
	assert_int_equal(elf.pieces[0].first, 0);
	assert_int_equal(elf.pieces[2].first, 1);
	assert_string_equal(cli_elf_name(&elf, 0x400D0020), ".text");
	assert_string_equal(cli_elf_name(&elf, 0x3FFB2000), ".data");
	assert_string_equal(cli_elf_name(&elf, 0x12345678), "a segment");
}

/* The program headers: their physical addresses, and what has bytes in the file. */
static void segments(void **state)
{
	(void)state;
	usual();
	segment(1, 0x400, 0x11111110, 0x40080000, 0x40);
	assert_int_equal(open_elf(true), CLI_OK);
	assert_int_equal(elf.count, 1);
	assert_piece(0, 0x40080000, 0x40, 0x400);
	segment(1, 0x400, 0x40080000, 0, 0x40);
	refused(true, "no segment of it is loaded");
	segment(6, 0x400, 0x40080000, 0x40080000, 0x40); /* of another type */
	refused(true, "no segment of it is loaded");
	segment(1, 0xFF0, 0x40080000, 0x40080000, 0x11);
	refused(true, "not in the file");
	segment(1, 0xFFFFFFF0, 0x40080000, 0x40080000, 0x20);
	refused(true, "not in the file");
	segment(1, 0x400, 0x40080000, 0x40080000, 0xFFFFFFFF);
	refused(true, "not in the file");
}

static void other_files(void **state)
{
	(void)state;
	usual();
	refused(false, "no section of it is loaded");
	usual();
	file[1] = 'e';
	refused(false, "not an ELF file");
	usual();
	put16(0x10, 1); /* an object file */
	refused(false, "not a linked program");
	usual();
	section(N_TEXT, PROGBITS, ALLOC, 0x40080000, 0xFFF, 2);
	refused(false, "");
	usual();
	section(N_TEXT, PROGBITS, ALLOC, 0x40080000, 0xFFFFFFF0, 0x20);
	refused(false, "");
	len = 0;
	refused(false, "not an ELF file");
	cli_elf_close(&elf);
	assert_int_equal(cli_elf_open(&cli, &elf, "/no/such/file", false), CLI_FILE);
}

/* A name that is not there is not followed. */
static void no_names(void **state)
{
	(void)state;
	usual();
	section(0xFFFFFF, PROGBITS, ALLOC, 0x40080000, 0x400, 4);
	assert_int_equal(open_elf(false), CLI_OK);
	assert_string_equal(cli_elf_name(&elf, 0x40080000), "a section without name");
}

/* Whatever came out can be read to its last byte. */
static void touch_all(void)
{
	volatile uint8_t sum = 0;

	for (size_t i = 0; i < elf.count; i++)
		for (uint32_t k = 0; k < elf.pieces[i].len; k++)
			sum = (uint8_t)(sum ^ elf.pieces[i].data[k]);
	(void)sum;
}

/* Every byte of the headers at a few values, and cuts: a code, and nothing outside the file. */
static void damage(void **state)
{
	static const uint8_t values[] = { 0, 1, 0x7F, 0x80, 0xFF };

	(void)state;
	for (uint32_t at = 0; at < 0x278; at += at == 0x53 ? 0x200 - 0x53 : 1)
		for (size_t v = 0; v < sizeof(values); v++) {
			usual();
			section(N_TEXT, PROGBITS, ALLOC, 0x40080000, 0x400, 0x100);
			segment(1, 0x400, 0x40080000, 0x40080000, 0x100);
			file[at] = values[v];
			for (int use_segments = 0; use_segments < 2; use_segments++) {
				enum cli_exit code = open_elf(use_segments);

				assert_true(code == CLI_OK || code == CLI_FILE);
				touch_all();
			}
		}
	for (uint32_t cut = 0; cut < 0x500; cut += 13) {
		usual();
		section(N_TEXT, PROGBITS, ALLOC, 0x40080000, 0x400, 0x100);
		len = cut;
		assert_int_equal(open_elf(false), CLI_FILE);
	}
}

static int begin_all(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	elf.fd = -1;
	if (fd >= 0)
		close(fd);
	return fd < 0;
}

static int end_all(void **state)
{
	(void)state;
	cli_elf_close(&elf);
	cJSON_Delete(cli.root);
	return unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sections),    cmocka_unit_test(segments),
		cmocka_unit_test(other_files), cmocka_unit_test(no_names),
		cmocka_unit_test(damage),
	};

	return cmocka_run_group_tests(tests, begin_all, end_all);
}
