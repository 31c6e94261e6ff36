/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints docs/SUPPORT.md: which command works on which chip in which mode. Nothing in it is written
 * down here: for every cell a virtual chip is connected and the call made that the command is built
 * on, so a chip or a rule that changes changes the table. Anything but "done" and "not supported"
 * ends it.
 */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "device/esp/stub.h"
#include "test/common/esp_rig.h"
#include "test/common/esp_stubs.h"

#define FLASH_SIZE 0x100000u
#define AT         0x10000u
#define LEN        5000u

static uint8_t data[LEN], work[FAR_UPDATE_SEGMENT_MAX];

static int source(void *ctx, uint32_t offset, uint8_t *buf, uint32_t len)
{
	(void)ctx;
	memcpy(buf, data + offset, len);
	return FAR_OK;
}

/* ---- what the commands call: FAR_OK, FAR_ERR_NOTSUP, or a failure of the whole --------------- */

static int write_plain(struct rig *r)
{
	int rc = rig_replace(r, AT, data, LEN, 0, 0);

	return rc == FAR_OK && memcmp(rig_memory(r) + AT, data, LEN) != 0 ? FAR_ERR_VERIFY : rc;
}

static int write_deflated(struct rig *r)
{
	if ((r->esp.flash.info.caps & FAR_FLASH_CAN_DEFLATE) == 0)
		return FAR_ERR_NOTSUP;
	return rig_replace(r, AT, data, LEN, 0, 1);
}

static int write_encrypted(struct rig *r)
{
	int rc = far_esp_set_encrypt(&r->esp, 1);

	if (rc == FAR_OK)
		rc = rig_replace(r, AT, data, LEN, 0, 0);
	if (rc == FAR_OK && memcmp(rig_memory(r) + AT, data, LEN) == 0)
		rc = FAR_ERR_VERIFY; /* it went in as it was */
	return rc;
}

static int read_flash(struct rig *r)
{
	uint8_t buf[64];

	return far_flash_read(&r->esp.flash, AT, buf, sizeof(buf));
}

static int verify_flash(struct rig *r)
{
	const struct far_update_config job = { .flash = &r->esp.flash,
					       .read = source,
					       .addr = AT,
					       .len = LEN,
					       .work = work,
					       .work_len = sizeof(work) };
	struct far_update_result result = { 0 };
	int rc = rig_replace(r, AT, data, LEN, 0, 0);

	return rc == FAR_OK ? far_update_verify(&job, &result) : rc;
}

static int erase_region(struct rig *r)
{
	return far_flash_erase(&r->esp.flash, AT, 0x2000);
}

static int flash_id(struct rig *r)
{
	return r->esp.flash_id != 0 ? FAR_OK : FAR_ERR_NOTSUP;
}

static int flash_status(struct rig *r)
{
	uint32_t status = 0;
	int rc = far_esp_write_status(&r->esp, 2, 0x0204, 1);

	if (rc == FAR_OK)
		rc = far_esp_read_status(&r->esp, 2, &status);
	return rc == FAR_OK && status != 0x0204 ? FAR_ERR_VERIFY : rc;
}

static int read_mac(struct rig *r)
{
	uint8_t mac[6];

	return far_esp_read_mac(&r->esp, mac);
}

static int read_mem(struct rig *r)
{
	uint32_t value;

	return far_esp_read_reg(&r->esp, 0x40001000, &value);
}

/* By the ROM: a session that could use a stub goes without, as the command does. */
static int load_ram(struct rig *r)
{
	static const uint8_t code[64];
	const struct far_esp_segment s = { test_stub(r->esp.chip)->text.addr, sizeof(code), code };
	int rc = FAR_OK;

	if (r->esp.loader == FAR_ESP_STUB)
		rc = far_esp_init(&r->esp, &r->config);
	if (rc == FAR_OK && !r->esp._state.connected)
		rc = far_esp_connect(&r->esp);
	if (rc == FAR_OK)
		rc = far_esp_ram_write(&r->esp, &s);
	return rc == FAR_OK ? far_esp_ram_run(&r->esp, s.addr) : rc;
}

static int security(struct rig *r)
{
	struct far_esp_security s;

	return far_esp_read_security(&r->esp, &s);
}

/* A rate that turns out not to work: the session goes on at the old one. */
static int baud(struct rig *r)
{
	int rc = far_esp_set_baud(&r->esp, 460800);

	return rc == FAR_ERR_TIMEOUT && r->esp._state.connected ? FAR_ERR_NOTSUP : rc;
}

static const struct column {
	const char *title;
	int (*call)(struct rig *r);
	bool encrypted; /* on a chip whose flash encryption is on */
} columns[] = {
	{ "write-flash", write_plain, false },
	{ "deflated", write_deflated, false },
	{ "--encrypt", write_encrypted, true },
	{ "verify-flash", verify_flash, false },
	{ "read-flash", read_flash, false },
	{ "erase-region, erase-flash", erase_region, false },
	{ "flash-id", flash_id, false },
	{ "read-flash-status, write-flash-status", flash_status, false },
	{ "read-mac", read_mac, false },
	{ "read-mem, write-mem, dump-mem", read_mem, false },
	{ "load-ram", load_ram, false },
	{ "get-security-info", security, false },
	{ "--baud", baud, false },
};
#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

enum mode { ROM, STUB, SECURE };

/* "ESP32-S2" is "esp32s2" in sim/. */
static const char *sim_name(enum far_esp_chip chip)
{
	static char name[24];
	size_t n = 0;

	for (const char *p = far_esp_chip_name(chip); *p != '\0' && n + 1 < sizeof(name); p++)
		if (*p != '-')
			name[n++] = (char)tolower((unsigned char)*p);
	name[n] = '\0';
	return name;
}

static int connect_in(struct rig *r, enum mode mode)
{
	static const struct far_esp_stub_finder finder = { test_find_stub, NULL };
	int rc = mode == STUB ? far_esp_init_stub(&r->esp, &r->config, &finder)
			      : far_esp_init(&r->esp, &r->config);

	if (rc == FAR_OK)
		rc = far_esp_connect(&r->esp);
	if (rc == FAR_OK && r->esp.flash.info.size == 0)
		rc = far_esp_set_flash_size(&r->esp, FLASH_SIZE);
	return rc;
}

static void print_cell(enum far_esp_chip chip, enum mode mode, const struct column *column)
{
	const struct far_sim_esp_config config = {
		.chip = sim_name(chip),
		.any_stub = mode == STUB,
		.secure_download = mode == SECURE,
		.flash_crypt_count = column->encrypted ? 1 : 0,
	};
	static struct rig r;
	int rc;

	rig_open_chip(&r, config, FLASH_SIZE);
	rc = connect_in(&r, mode);
	if (rc == FAR_OK)
		rc = column->call(&r);
	if (rc != FAR_OK && rc != FAR_ERR_NOTSUP && rc != FAR_ERR_STATE) {
		fprintf(stderr, "%s: %s: %s\n", sim_name(chip), column->title, far_err_name(rc));
		exit(1);
	}
	printf(" %s |", rc == FAR_OK ? "yes" : "-");
	rig_close(&r);
}

static void print_table(const char *title, const char *text, enum mode mode)
{
	printf("\n## %s\n\n%s\n\n| chip |", title, text);
	for (size_t i = 0; i < COLUMNS; i++)
		printf(" %s |", columns[i].title);
	printf("\n|---|");
	for (size_t i = 0; i < COLUMNS; i++)
		printf("---|");
	printf("\n");
	for (int chip = FAR_ESP_UNKNOWN + 1; chip < FAR_ESP_CHIPS; chip++) {
		enum far_esp_chip c = (enum far_esp_chip)chip;

		if (mode == SECURE && !far_sim_esp_can(sim_name(c), FAR_SIM_ESP_SECURE_DOWNLOAD))
			continue;
		printf("| %s |", far_esp_chip_name(c));
		for (size_t i = 0; i < COLUMNS; i++)
			print_cell(c, mode, &columns[i]);
		printf("\n");
	}
}

int main(void)
{
	rig_fill(data, sizeof(data), 1);
	printf("# What works on which chip\n\n"
	       "Made by `build/test/support_matrix`, which connects to a virtual chip for each "
	       "cell and\n"
	       "does it. Do not edit: `build/test/support_matrix >docs/SUPPORT.md`.\n");
	print_table("With a flasher stub",
		    "The default where a stub for the chip is found (`--stub`).", STUB);
	print_table(
		"The chip's ROM alone",
		"`--no-stub`, or no stub found. Where verify-flash is `-` what write-flash wrote\n"
		"cannot be proved.",
		ROM);
	print_table("Secure download mode",
		    "A fuse; chips without it are not listed. Give `--flash-size`.", SECURE);
	return 0;
}
