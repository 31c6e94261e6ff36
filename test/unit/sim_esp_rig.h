/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A virtual chip with a wire of its own, for the tests of sim/esp: bytes at their rate in both
 * directions, frames packed by hand from the protocol's tables.
 */
#ifndef FARFLASH_TEST_SIM_ESP_RIG_H
#define FARFLASH_TEST_SIM_ESP_RIG_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "sim/esp/esp.h"
#include "sim/nor/nor.h"

#define RIG_MS       1000000ull
#define RIG_REPLY    5000u /* longest payload of an answer */
#define RIG_OUT      0x100000u
#define RIG_FLASH    0x400000u
#define RIG_PATIENCE (120000u * RIG_MS) /* longer than any operation of the chip */

struct rig {
	const char *chip;
	struct far_sim_nor *nor;
	struct far_sim_esp *esp;
	uint64_t now;
	uint64_t tx_free; /* when the chip's transmitter is free again */
	uint32_t baud;    /* of the host */
	uint8_t *out;     /* all that the chip has sent and rig_reply has not taken */
	uint32_t *out_baud;
	size_t out_len, out_pos;
};

/* An answer, taken apart; the raw frame (unescaped) is in bytes. */
struct reply {
	uint8_t bytes[RIG_REPLY];
	size_t len;
	uint8_t op;
	uint16_t size;
	uint32_t value;
	const uint8_t *data; /* behind the header */
};

/* The vendor's generation-2 stub of a chip, from the protocol's table of constants. */
struct rig_stub {
	const char *chip;
	uint32_t text, text_len, entry;
};
/* NULL: no such chip. */
const struct rig_stub *rig_stub(const char *chip);

/* A chip in its download loader with an erased flash of 4 MiB; SYNCed and attached if ready. */
struct rig *rig_new(const char *chip, bool ready);
/* The same, configured: nor is filled in if it is NULL. */
struct rig *rig_new_config(const struct far_sim_esp_config *config, bool ready);
/* As rig_new, then a stub uploaded and started, its greeting read. */
struct rig *rig_new_stub(const char *chip);
struct rig *rig_new_stub_config(const struct far_sim_esp_config *config);
void rig_free(struct rig *r);

/* Let time pass; collect what the chip sends. */
void rig_wait(struct rig *r, uint64_t ns);
/* Bytes to the chip as they are, at the rig's rate. */
void rig_raw(struct rig *r, const uint8_t *bytes, size_t len);
/* Escaped, between two C0. */
void rig_frame(struct rig *r, const uint8_t *bytes, size_t len);
/* A request: header and data. The size word is len unless sent with rig_frame. */
void rig_command(struct rig *r, uint8_t op, const void *data, size_t len, uint32_t checksum);
/* A request of 32-bit words. */
void rig_words(struct rig *r, uint8_t op, size_t count, ...);
/* A block (03, 07, 11) with the right check sum, or with bad added to it. */
void rig_block(struct rig *r, uint8_t op, uint32_t seq, const uint8_t *data, uint32_t len,
	       uint32_t bad);

/* The next frame from the chip, waited for; false: none in RIG_PATIENCE. */
bool rig_raw_reply(struct rig *r, struct reply *reply);
/* The same, and it must be an answer (direction 01, size right). */
void rig_reply(struct rig *r, struct reply *reply);
/* The next answer must be to op with this first status word (status, error), at payload. */
void rig_expect(struct rig *r, uint8_t op, size_t payload, uint8_t status, uint8_t error);
/* Nothing at all comes for ns. */
void rig_silence(struct rig *r, uint64_t ns);
/* Throw away what has come. */
void rig_flush(struct rig *r);
/* Everything that has come, as text; NUL-terminated. */
const char *rig_text(struct rig *r);

void rig_sync(struct rig *r);
uint32_t rig_read_reg(struct rig *r, uint32_t addr);
void rig_write_reg(struct rig *r, uint32_t addr, uint32_t value);
/*
 * Load len bytes of code at addr and start it at entry (in ROM or stub); the answers are checked.
 */
void rig_upload(struct rig *r, uint32_t addr, uint32_t len, uint32_t entry);
/* The greeting comes. */
void rig_ohai(struct rig *r);
/* An image of one segment of len bytes for the chip's boot offset, put there; its whole length. */
uint32_t rig_image(struct rig *r, uint32_t offset, uint16_t chip_id, uint32_t len);
/* FLASH_BEGIN or FLASH_DEFL_BEGIN with as many words as the chip at hand wants. */
void rig_begin(struct rig *r, uint8_t op, uint32_t size, uint32_t blocks, uint32_t block,
	       uint32_t offset);

uint32_t rig_le32(const uint8_t *p);
/* Bytes that differ from each other and from FF. */
void rig_pattern(uint8_t *buf, size_t len, unsigned seed);
const uint8_t *rig_flash(const struct rig *r);
/* Put bytes into the die behind the chip's back. */
void rig_poke(struct rig *r, uint32_t addr, const uint8_t *bytes, size_t len);
/* Protect everything; for_good: so that the status registers take no more writes either. */
void rig_protect(struct rig *r, bool for_good);
bool rig_is_blank(const struct rig *r, uint32_t addr, uint32_t len);

#endif
