/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of device/esp share; not for users. */
#ifndef FARFLASH_DEVICE_ESP_SESSION_H
#define FARFLASH_DEVICE_ESP_SESSION_H

#include "device/esp/esp.h"

/* Opcodes of the loaders; docs/SPEC-esp-loader.md has their arguments. */
enum far_esp_opcode {
	ESP_FLASH_BEGIN = 0x02,
	ESP_FLASH_DATA = 0x03,
	ESP_FLASH_END = 0x04,
	ESP_MEM_BEGIN = 0x05,
	ESP_MEM_END = 0x06,
	ESP_MEM_DATA = 0x07,
	ESP_SYNC = 0x08,
	ESP_WRITE_REG = 0x09,
	ESP_READ_REG = 0x0A,
	ESP_SPI_SET_PARAMS = 0x0B,
	ESP_SPI_ATTACH = 0x0D,
	ESP_READ_SLOW = 0x0E,
	ESP_CHANGE_BAUD = 0x0F,
	ESP_DEFL_BEGIN = 0x10,
	ESP_DEFL_DATA = 0x11,
	ESP_DEFL_END = 0x12,
	ESP_MD5 = 0x13,
	ESP_SECURITY = 0x14,
	/* Of a stub only. */
	ESP_ERASE_FLASH = 0xD0,
	ESP_ERASE_REGION = 0xD1,
	ESP_READ_FLASH = 0xD2,
	ESP_RUN_USER_CODE = 0xD3
};

/* Error byte of a refused request. */
enum {
	ESP_ERROR_INVALID = 0x05,  /* not now, not this, or this number was used already */
	ESP_ERROR_CHECKSUM = 0x07, /* the block arrived broken; its number is used up */
	ESP_ERROR_FLASH = 0x08,    /* the flash does not hold what was programmed */
	ESP_STUB_ERRORS = 0xC0     /* a stub's first status byte is 0 or one of these codes */
};

enum {
	ESP_REPLY_MS = 1000, /* what any command may take, beside the time on the wire */
	ESP_ERASE_MS = 3000, /* at least, for a command that erases */
	ESP_JUMP_MS = 200,   /* the ROM's reply to MEM_END; it may be lost in the jump */
	ESP_SECTOR = 0x1000,
	ESP_READ_MAX = 64, /* bytes per READ_SLOW */
	ESP_SECURITY_LEN = 20,
	ESP_SECURITY_SHORT = 12, /* of the ESP32-S2: no chip id, no version */
	ID_OF_S2 = 2,
	READ_ID = 0x9F /* of the flash's commands, as JEDEC has them */
};

/* The flash controller's registers, in the order in which a command writes them. */
enum far_esp_reg {
	REG_ADDR,
	REG_USR, /* these three in a row: they are put back afterwards */
	REG_USR1,
	REG_USR2,
	REG_MOSI_DLEN,
	REG_MISO_DLEN,
	REG_W0,
	REG_CMD, /* last: starts the command */
	ESP_REGS
};

/* What only the ESP8266's ROM wants: esp8266.c. */
struct far_esp_old {
	/* Let the chip drive its flash. */
	int (*attach)(struct far_esp *e);
	/* far_esp_erase_size. */
	int (*erase_size)(struct far_esp *e, uint32_t addr, uint32_t len, uint32_t *size_word);
};

/* What the chips of a family have in common: the ESP8266, the ESP32, and all that came after. */
struct far_esp_family {
	uint8_t reg[ESP_REGS];   /* offsets of the flash controller's registers */
	uint8_t lengths_in_usr1; /* no length registers: their offsets are those of harmless ones */
	uint8_t addr_shift;      /* how far left the address register wants it */
	uint8_t begin_words;     /* arguments of FLASH_BEGIN: 4, or 5 with the encryption flag */
	uint8_t caps;            /* enum far_flash_cap of the ROM */
	uint16_t block_max;      /* of the ROM */
	const struct far_esp_old *old; /* NULL: what is right for all others */
};

/* How the ROM comes by the divider for a rate that it is told to change to. */
enum far_esp_clock {
	CLOCK_EXACT,    /* it knows its crystal */
	CLOCK_MEASURED, /* ESP32: it has measured the crystal against an RC oscillator */
	CLOCK_40,       /* ESP32-C2: it takes the crystal for 40 MHz, which may have 26 */
	CLOCK_TOLD      /* ESP32-C5: a register tells what it takes the crystal for */
};

/* One chip. A new chip is one of these rows. */
struct far_esp_row {
	/* The word at ESP_MAGIC_ADDR; 0: told by its id, as every revision has another. */
	uint32_t magic;
	uint32_t spi; /* base of the flash controller */
	uint32_t mac; /* the register with the lower word of the MAC address */
	const struct far_esp_family *family;
	uint8_t chip;        /* enum far_esp_chip */
	uint8_t id;          /* in image headers, and what the chip tells; NO_IMAGE_ID: none */
	uint8_t boot_sector; /* where the ROM looks for the bootloader */
	uint8_t clock;       /* enum far_esp_clock */
	/*
	 * What the ROM must be asked for to run at *baud, where it may be wrong about its crystal:
	 * FAR_OK or the error of a register. NULL with CLOCK_EXACT.
	 */
	int (*correct)(struct far_esp *e, uint32_t *baud);
};

#define ESP_MAGIC_ADDR 0x40001000u

#define NO_IMAGE_ID 0xFFu

/* ---- crystal.c: of a far_esp_row ------------------------------------------------------------- */

int far_esp_correct_rate(struct far_esp *e, uint32_t *baud);

/* ---- esp8266.c ------------------------------------------------------------------------------- */

extern const struct far_esp_old far_esp_old_ways;

/* ---- command.c: one command, strictly matched ------------------------------------------------ */

/* Milliseconds that len bytes may take on the wire at the present rate, twice over. */
uint32_t far_esp_wire_ms(const struct far_esp *e, uint32_t len);

/*
 * Send one request once and wait for its reply. FAR_OK (payload and value in _state),
 * FAR_ERR_REFUSED (peer_error in _state), FAR_ERR_TIMEOUT and FAR_ERR_PROTO (the line needs
 * far_esp_resync), FAR_ERR_IO.
 */
int far_esp_exchange(struct far_esp *e, const struct far_loader_request *request,
		     uint32_t timeout_ms);

/*
 * The same for a request of the first count words of _state.words, which do not survive it, and
 * which may be repeated safely: resynchronises and tries again. A refusal is believed when it is
 * repeated. With ESP_ONCE or-ed to the opcode it is sent once, and what comes of it is the caller's
 * to judge.
 */
int far_esp_command(struct far_esp *e, unsigned op, unsigned count, uint32_t timeout_ms);

#define ESP_ONCE 0x100u

/* far_esp_command for a request of four words, of which two say something. */
int far_esp_four_words(struct far_esp *e, unsigned op, uint32_t first, uint32_t second,
		       uint32_t timeout_ms);

/*
 * Send SYNC and wait for its answers: FAR_OK or as far_esp_exchange. value is that of all of them
 * or-ed: 0 is a stub's. A stub may answer with the error of what it was given before: deferred.
 */
int far_esp_sync(struct far_esp *e, uint32_t timeout_ms);

/*
 * After a broken or missing reply: close any half frame, let the line fall quiet, SYNC until it is
 * answered. FAR_OK, or FAR_ERR_TIMEOUT / FAR_ERR_IO and the session is disconnected.
 */
int far_esp_resync(struct far_esp *e);

/*
 * Did what was read last answer what was asked last? The line can say an old question once more,
 * and then every answer is that to a question before. Of the same kind, they look alike: so this
 * asks something else. FAR_OK: it did; 1: it cannot be told, and the line is in step again; or as
 * far_esp_resync.
 */
int far_esp_fence(struct far_esp *e);

/*
 * Stub, after far_esp_resync: may the last request have been carried out? Something has answered
 * it, and has not said no.
 */
static inline int far_esp_may_be_done(const struct far_esp *e)
{
	return e->_state.loader.heard && e->_state.refused < ESP_STUB_ERRORS;
}

/* The stream itself has failed, or the user has had enough: nothing more to try. */
int far_esp_is_final(int rc);

/* ---- reset.c --------------------------------------------------------------------------------- */

/* FAR_ERR_NOTSUP: nothing here can reset the chip. */
int far_esp_reset(struct far_esp *e, enum far_esp_reset how, unsigned attempt);

/* ---- rate.c ---------------------------------------------------------------------------------- */

/*
 * Change the rate of both. FAR_OK: also if it is that already. Whether they understand each other
 * then is not tried: unproved is set until the chip has answered. It is not if the chip has said
 * no, or was never asked: all is as it was then.
 */
int far_esp_raise_baud(struct far_esp *e, uint32_t baud);

/* ---- connect.c ------------------------------------------------------------------------------- */

/* Both kinds of init: with these operations; without read, that is not offered. */
int far_esp_prepare(struct far_esp *e, const struct far_esp_config *config,
		    const struct far_esp_row *const *chips, const struct far_flash_ops *ops);

/* info.caps of what answers now. */
void far_esp_set_caps(struct far_esp *e);

/*
 * Tell the loader that the flash ends here, so that it refuses to touch what lies beyond. widen:
 * where it really ends.
 */
int far_esp_limit(struct far_esp *e, uint32_t size);
int far_esp_widen(struct far_esp *e);

/* From scratch, at the rate that was set. What is known of the chip from before must still hold. */
int far_esp_reconnect(struct far_esp *e);

/*
 * Ask for the security fuses until two answers agree: payload, payload_len bytes. While it is not
 * known which chip this is, one that is_sure is enough.
 */
int far_esp_ask_security(struct far_esp *e);

/* Does the chip have that command? Also if it is not known yet. */
static inline int far_esp_has_security(const struct far_esp *e)
{
	return e->_state.row == NULL || e->_state.row->chip > FAR_ESP_32;
}

/* Be connected: now, or again after the session was lost. FAR_ERR_STATE if it never was. */
int far_esp_ready(struct far_esp *e);

/* ---- registers.c ----------------------------------------------------------------------------- */

#define ESP_NO_ADDR FAR_ESP_NO_ADDR

/*
 * Let the chip's flash controller do it, and give it back as the loader had set it. FAR_OK or as
 * far_esp_command.
 */
int far_esp_spi(struct far_esp *e, struct far_esp_spi *command);

/* Write enable, the command, and wait until the flash is ready again. */
int far_esp_spi_change(struct far_esp *e, uint8_t opcode, uint32_t addr, uint32_t data,
		       uint8_t bits);

/* Wait until the flash is ready again, at most ESP_ERASE_MS. */
int far_esp_spi_wait(struct far_esp *e);

/* Record the failure of a session call, which touches no flash; returns rc, also FAR_OK. */
int far_esp_settle(struct far_esp *e, int rc, uint32_t addr);

/* Read up to ESP_READ_MAX bytes of flash; what comes back is not checked. */
int far_esp_read_slow(struct far_esp *e, uint32_t addr, uint32_t len);

/* Read a register without resetting the fault record. FAR_ERR_NOTSUP in secure download mode. */
int far_esp_peek(struct far_esp *e, uint32_t addr, uint32_t *value);

/* The same for one of the flash controller's registers. */
int far_esp_peek_spi(struct far_esp *e, enum far_esp_reg reg, uint32_t *value);

/*
 * Words that do not change: what read puts into word counts when it does so again and no other
 * answers are under way. Words that it does not put there stay as they are. FAR_ERR_PROTO: they
 * differ each time.
 */
typedef int far_esp_reader(struct far_esp *e, uint32_t word[3]);
int far_esp_read_surely(struct far_esp *e, far_esp_reader *read, uint32_t word[3]);

/*
 * The revision, asked once and not proved, without resetting the fault record: revision.c. A
 * far_esp_reader.
 */
int far_esp_ask_revision(struct far_esp *e, uint32_t revision[3]);

/* ---- blocks.c: data on its way into the flash ------------------------------------------------ */

/*
 * One block of any kind (op) under the number in _state.sequence, once. timeout_ms beside its time
 * on the wire.
 */
int far_esp_send_data(struct far_esp *e, uint8_t op, const uint8_t *data, uint32_t len,
		      uint32_t timeout_ms);

/*
 * FLASH_BEGIN or DEFL_BEGIN at offset for a stream of so many bytes, erasing size bytes. What
 * erases is not repeated after a lost answer, where the flash can be asked what has become of it.
 */
int far_esp_begin(struct far_esp *e, uint8_t op, uint32_t size, uint32_t bytes, uint32_t offset);

/* Block size of a new stream. */
uint32_t far_esp_block_size(const struct far_esp *e, int deflate);

/*
 * Program len bytes as the next block of the stream begun; exactly once, whatever the line does.
 * FAR_ERR_TIMEOUT although the chip answers: it cannot be told whether the block went in. Where the
 * range may be programmed again, begin it anew. FAR_ERR_STATE: the same in a range that was not
 * erased.
 */
int far_esp_send_block(struct far_esp *e, const uint8_t *data, uint32_t len);

/* ---- erase.c --------------------------------------------------------------------------------- */

/*
 * far_esp_begin for the stream opened: it erases its sectors, and notices if it has erased others:
 * then FAR_ERR_PROTO, and far_esp_fail knows what may have changed. Nothing is erased or programmed
 * beyond the stream's end, now and until far_esp_widen.
 */
int far_esp_begin_erasing(struct far_esp *e, uint8_t op, uint32_t size, uint32_t bytes);

/* The sector's digest. 1: the sector is blank; 0: it is not; or an error. */
int far_esp_look(struct far_esp *e, uint32_t sector, uint8_t md5[FAR_MD5_LEN]);

/* The digest of len erased bytes, a multiple of 64. */
void far_esp_blank_md5(uint32_t len, uint8_t md5[FAR_MD5_LEN]);

/* Can the chip be asked what its flash holds? Not the ESP8266, not in secure download mode. */
int far_esp_is_sighted(const struct far_esp *e);

/* ---- program.c ------------------------------------------------------------------------------- */

/* The session that f is the flash of. */
struct far_esp *far_esp_of(struct far_flash *f);

/*
 * Record the failure of an operation that may have touched the flash; returns rc, also FAR_OK. If
 * something went astray it is a failure, and all of the flash may have been touched.
 */
int far_esp_fail(struct far_esp *e, int rc, uint32_t addr, uint32_t touched, uint32_t touched_len);

/* Gather a stream in the block buffer; whole blocks go out through send. */
typedef int far_esp_send(struct far_esp *e, const uint8_t *data, uint32_t len);
int far_esp_gather(struct far_esp *e, const uint8_t *data, uint32_t len, far_esp_send *send);
int far_esp_flush(struct far_esp *e, far_esp_send *send);

/* The range of a new stream, and nothing gathered yet. */
void far_esp_open_stream(struct far_esp *e, uint32_t addr, uint32_t len, uint32_t stream_len);

/* Record the failure of a stream: any byte of its sectors may have changed. Returns rc. */
int far_esp_stream_fail(struct far_esp *e, int rc);

/* A digest was told; of the last two it is kept how they begin. */
static inline void far_esp_remember_md5(struct far_esp *e, const uint8_t md5[FAR_MD5_LEN])
{
	e->_state.told[0] = e->_state.told[1];
	e->_state.told[1] = md5[0];
}

/*
 * Does what far_flash_digest was told begin as one of the last two digests? If the line says an old
 * question once more, before ours or over it, then this is the answer to that. It is taken for what
 * was wanted only where that one was told before, of another range. Then something else is to be
 * asked, to which a digest is no answer, so that the line is brought in step; and then this once
 * more. That other question is so long that the line does not bring it with two of the old ones.
 */
int far_esp_may_be_old(struct far_esp *e, const uint8_t md5[FAR_MD5_LEN]);

/* MD5 by the chip, asked again while the answer is no number. */
int far_esp_md5(struct far_esp *e, uint32_t addr, uint32_t len, uint8_t md5[FAR_MD5_LEN]);

/* The size word with which FLASH_BEGIN erases exactly [addr, addr + len). */
int far_esp_erase_size(struct far_esp *e, uint32_t addr, uint32_t len, uint32_t *size_word);

/* The operations of a session with a ROM that can do all: flash.c. */
extern const struct far_flash_ops far_esp_rom_ops;

/* Operations of far_flash_ops. */
int far_esp_digest(struct far_flash *f, uint32_t addr, uint32_t len, uint8_t md5[FAR_MD5_LEN]);
int far_esp_replace_begin(struct far_flash *f, uint32_t addr, uint32_t len, uint32_t stream_len);
int far_esp_replace_write(struct far_flash *f, const uint8_t *data, uint32_t len);
int far_esp_replace_end(struct far_flash *f);

/* ---- ram.c ----------------------------------------------------------------------------------- */

struct far_esp_segment;

/* Bytes into the RAM, whatever the line does; what comes of a damaged MEM_BEGIN is not noticed. */
int far_esp_load(struct far_esp *e, const struct far_esp_segment *segment);

/* Would the chip's ROM run what is loaded? */
int far_esp_runs_ram(const struct far_esp *e);

/* Tell the ROM to jump, once. */
int far_esp_jump(struct far_esp *e, uint32_t entry);

/* ---- stub.c ---------------------------------------------------------------------------------- */

/* What a session with stubs adds; NULL in _state.stub keeps its code out of a program. */
struct far_esp_stub_ops {
	/*
	 * The chip is known, the rate is raised. Upload a stub if there is one for it, and start
	 * it; set loader and flash.ops to what answers then.
	 */
	int (*start)(struct far_esp *e);
	/* Leave the stub for the program in the flash; there is no answer to that. */
	int (*run)(struct far_esp *e);
	/* far_esp_quick_is_sure and far_esp_quick_id. */
	int (*is_sure)(const struct far_esp *e);
	int (*read_id)(struct far_esp *e, uint32_t *id);
};

/* ---- quick.c --------------------------------------------------------------------------------- */

/*
 * The word at ESP_MAGIC_ADDR of every revision of every chip that tells an id, as far as they are
 * known.
 */
struct far_esp_word {
	uint32_t word; /* 0: no more */
	uint8_t chip;  /* enum far_esp_chip */
};
extern const struct far_esp_word far_esp_words[];

/*
 * The first answer to GET_SECURITY_INFO has come: does the ROM's word (far_esp.magic) say the same,
 * so that it needs no second one?
 */
int far_esp_quick_is_sure(const struct far_esp *e);

/*
 * The flash's id by the controller's own command, as the vendor's stubs ask for it: two questions,
 * and no register to save or to put back; on the ESP8266's ROM as far_esp_spi. 0 or ones: it does
 * not do that. As far_esp_command, and FAR_ERR_NOTSUP in secure download mode.
 */
int far_esp_quick_id(struct far_esp *e, uint32_t *id);

extern const struct far_flash_ops far_esp_stub_flash_ops; /* stub_flash.c */

int far_esp_stub_md5(struct far_esp *e, uint32_t addr, uint32_t len, uint8_t md5[FAR_MD5_LEN]);

/*
 * Has the range this digest? 1, 0 or an error. Asked twice: neither question nor answer has a
 * checksum.
 */
int far_esp_stub_holds(struct far_esp *e, uint32_t addr, uint32_t len,
		       const uint8_t md5[FAR_MD5_LEN]);

/* Erase whole sectors, not all of the flash, and notice if others were: stub_erase.c. */
int far_esp_stub_erase(struct far_esp *e, uint32_t addr, uint32_t len);

/* Program whole sectors, erased first, as one block; FAR_ERR_TIMEOUT: may be tried again. */
int far_esp_stub_program(struct far_esp *e, uint32_t addr, const uint8_t *data, uint32_t len);

/* Operations of far_flash_ops: stub_stream.c. */
int far_esp_stub_replace_begin(struct far_flash *f, uint32_t addr, uint32_t len,
			       uint32_t stream_len);
int far_esp_stub_replace_write(struct far_flash *f, const uint8_t *data, uint32_t len);
int far_esp_stub_replace_end(struct far_flash *f);

#endif
