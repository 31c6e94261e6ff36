/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inside of a virtual chip, shared by the files of this folder only.
 *
 * Control flow: far_sim_esp_receive puts bytes in, run() in esp.c gives them to the ROM or the stub
 * when nothing else is going on. A command either answers at once or starts a job; while a job is
 * active no command is taken. A job's steps are due at times; its end sends the answer.
 */
#ifndef FARFLASH_SIM_ESP_CHIP_H
#define FARFLASH_SIM_ESP_CHIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ZLIB_CONST
#include <zlib.h>

#include "sim/esp/esp.h"

#define ESP_NEVER UINT64_MAX
#define ESP_MS    1000000ull /* in ns */

/* Loader protocol: opcodes. */
enum {
	OP_FLASH_BEGIN = 0x02,
	OP_FLASH_DATA = 0x03,
	OP_FLASH_END = 0x04,
	OP_MEM_BEGIN = 0x05,
	OP_MEM_END = 0x06,
	OP_MEM_DATA = 0x07,
	OP_SYNC = 0x08,
	OP_WRITE_REG = 0x09,
	OP_READ_REG = 0x0A,
	OP_SPI_SET_PARAMS = 0x0B,
	OP_SPI_ATTACH = 0x0D,
	OP_READ_FLASH_SLOW = 0x0E,
	OP_CHANGE_BAUD = 0x0F,
	OP_DEFL_BEGIN = 0x10,
	OP_DEFL_DATA = 0x11,
	OP_DEFL_END = 0x12,
	OP_FLASH_MD5 = 0x13,
	OP_SECURITY_INFO = 0x14,
	OP_ERASE_FLASH = 0xD0,
	OP_ERASE_REGION = 0xD1,
	OP_READ_FLASH = 0xD2,
	OP_RUN_USER_CODE = 0xD3
};

#define ESP_HEADER        8u      /* direction, opcode, size, checksum or value */
#define ESP_BLOCK_HEADER  16u     /* len, seq, 0, 0 before the bytes of a block */
#define ESP_ROM_BLOCK_MAX 0x1800u /* larger block sizes are refused by every BEGIN */
#define ESP_ROM_BUFFER    (ESP_HEADER + ESP_BLOCK_HEADER + ESP_ROM_BLOCK_MAX)
#define ESP_STUB_BUFFER   (ESP_HEADER + 0x4000u + 0xFFu)
#define ESP_STUB_SLOTS    4u       /* frames that wait while the stub works */
#define ESP_RX_MAX        0x10000u /* bytes that wait while the ROM works; more are lost */
#define ESP_TX_MAX        0x4000u
#define ESP_UART_FIFO     128u /* with more than this to send the firmware waits */
#define ESP_CHUNK         4096u
#define ESP_MEM_PAGE      4096u
#define ESP_MEM_PAGES     512u /* address space that a host may fill: 2 MiB */
#define ESP_LOADS         64u  /* pieces of code that are remembered */
#define ESP_WRITE_REG     16u  /* bytes of each register in WRITE_REG */
#define ESP_INFO_MAX      20u  /* GET_SECURITY_INFO */

enum esp_space { SPACE_IO, SPACE_ROM, SPACE_RAM };

/* A half-open range of addresses that answer; only RAM takes code and data from a host. */
struct esp_range {
	uint32_t start, end;
	enum esp_space kind;
};

/* The SPI controller's registers, as offsets from its base. */
struct esp_spi {
	uint32_t usr, usr1, usr2;
	uint32_t mosi_dlen, miso_dlen; /* 0: the lengths are in USR1 */
	uint32_t w0;
	bool addr_left; /* the address is left-justified in its register */
};

/* Where the eFuses read from; a word that is 0 does not exist. */
struct esp_fuses {
	uint32_t start, end; /* read-only as a whole */
	uint32_t mac;        /* the first of the MAC words, see registers.c */
	uint32_t crypt_word; /* number of flash encryptions, */
	uint32_t crypt_bit;  /* its lowest bit */
	uint32_t boot_word;  /* secure boot */
	uint32_t boot_bit;
};

/* The vendor's generation-2 stub: how one knows that it was loaded. */
struct esp_stub_place {
	uint32_t text, text_len, entry;
};

/* What the ROM prints. Lines end with CR LF. */
struct esp_texts {
	const char *banner;           /* before the cause of the reset */
	const char *power, *watchdog; /* causes 0x1 and 0x10 */
	const char *download, *flash; /* the boot modes */
	const char *before_mode;      /* of the image that is loaded: DIO and so on */
	const char *leave;            /* FLASH_END; NULL: it boots the flash instead */
	const char *leave_blank;      /* ... and there was nothing to boot */
	const char *panic;            /* NULL: falls silent without a word */
	bool decimal;                 /* lengths of segments are not in hex */
	bool checks_id;               /* of the image it boots */
};

/* A register that reads as value after reset. */
struct esp_const {
	uint32_t addr, value;
};

/* Everything in which one chip differs from another. See chips.c for the sources. */
struct esp_row {
	const char *name;
	uint32_t magic;   /* word at 40001000 */
	size_t info_len;  /* of GET_SECURITY_INFO: 0 unknown command, 12 without id, 20 */
	uint32_t chip_id; /* in there, and in image headers */
	uint8_t last_key; /* the last of its seven key purposes */
	uint32_t spi_base;
	const struct esp_spi *spi;
	struct esp_fuses fuses;
	uint32_t uart_clkdiv;
	uint32_t crystal_hz;   /* of the usual board */
	bool other_crystals;   /* there are boards with others */
	uint32_t clock_times;  /* the UART divides the crystal's rate times this */
	uint32_t boot_hz;      /* what the ROM takes the crystal for at reset; 0: what it is */
	uint32_t rom_hz;       /* and in CHANGE_BAUDRATE; 0: what it is */
	uint32_t rom_hz_reg;   /* where it says so, MHz in bits 30:24; 0: nowhere */
	uint32_t boot_offset;  /* of the image that the ROM boots */
	uint32_t default_size; /* of the flash, before SPI_SET_PARAMS; 0: no limit but 24 bits */
	size_t status_bytes;
	size_t begin_words; /* of FLASH_BEGIN and FLASH_DEFL_BEGIN in the ROM; 5: it can encrypt */
	uint32_t crypt_align;                            /* of encrypted writes; 0: no encryption */
	uint32_t strap_reg, strap_download, strap_flash; /* GPIO_STRAP, and what it reads as */
	uint32_t wdt_base; /* RTC watchdog: config 0, config 1, and protect 0x18 above; 0: none */
	struct esp_const
		otg;    /* the ROM's word for the port in use, and what it says over USB-OTG */
	uint32_t hook;  /* with secure boot, see rom.c; 0: none */
	bool first_rom; /* ESP8266: no attach, params, baud, deflate, md5, slow read */
	const struct esp_range *ranges; /* ends with end == 0 */
	const struct esp_const *words;  /* ends with addr == 0 */
	struct esp_stub_place stub;
	struct esp_texts text;
};

enum esp_run { RUN_RESET, RUN_ROM, RUN_STUB, RUN_APP, RUN_SILENT };

/* SLIP decoder over a buffer that is not cleared between frames. */
struct esp_slip {
	uint8_t *buf;
	size_t cap;
	size_t len; /* of the frame so far; may exceed cap, what is beyond is not stored */
	bool in_frame, escaped;
	bool strict; /* a bad escape or an overrun drops the frame */
};

/* The flash write that a BEGIN opened. */
struct esp_write {
	bool active;
	bool deflate;
	bool encrypt;
	bool ended;  /* the deflate stream has come to its end */
	bool broken; /* the deflate stream is beyond repair */
	bool z_open;
	z_stream z;
	uint32_t addr; /* of the next byte */
	uint32_t left; /* bytes that may still come (stub; deflate) */
	uint32_t n_blocks, block_size;
	uint32_t expected;             /* the next block number (ROM) */
	uint32_t erased_to, erase_end; /* sectors that the stub erases as it goes */
	bool dirty; /* the stub has met a sector that was not blank: no more looking */
};

/* The RAM download that MEM_BEGIN opened. */
struct esp_load {
	bool active;
	uint32_t addr, block_size, expected;
};

/* READ_FLASH of the stub. */
struct esp_stream {
	bool active;
	uint32_t addr, len, packet;
	uint32_t sent;
	bool digest_sent;
};

/* What an unsupported opcode makes the ROM repeat. */
struct esp_reply {
	uint8_t op;
	uint32_t value;
	uint8_t payload[64];
	size_t payload_len;
	unsigned copies;
};

/* Why a job failed; ROM and stub each have their own words for these. */
enum esp_trouble {
	TROUBLE_NONE,
	TROUBLE_VERIFY,  /* the flash does not hold what was programmed */
	TROUBLE_BEYOND,  /* beyond the end of the flash */
	TROUBLE_INFLATE, /* not a deflate stream */
	TROUBLE_CHECK,   /* its check sum is wrong */
	TROUBLE_MUCH,    /* it yields more than was announced */
	TROUBLE_LOCKED   /* the flash's protection cannot be lifted */
};

struct esp_job {
	bool active;
	uint64_t due_ns;
	/* One step at e->t. true: finished, with error. false: due_ns says when to go on. */
	bool (*step)(struct far_sim_esp *e);
	void (*done)(struct far_sim_esp *e, enum esp_trouble trouble);
	enum esp_trouble trouble;
	bool unlocked, unlock_tried;
	uint32_t erase_at, erase_end;
	const uint8_t *in; /* the block, inside block[] */
	size_t in_left;
	uint8_t chunk[ESP_CHUNK]; /* what is to be programmed next */
	size_t chunk_len, chunk_pos;
	uint32_t verify_addr; /* the page that was programmed last, at the end of its time */
	size_t verify_pos, verify_len;
	uint32_t arg_addr, arg_len; /* of a digest */
	uint8_t block[ESP_STUB_BUFFER];
};

struct esp_frame {
	uint8_t bytes[ESP_STUB_BUFFER];
	size_t len;
};

struct esp_page {
	uint32_t base;
	uint8_t *bytes;
};

/* What MEM_DATA has put into RAM, half-open. */
struct esp_loaded {
	uint32_t start, end;
};

struct far_sim_esp {
	const struct esp_row *row;
	struct far_sim_nor *nor;
	uint8_t mac[6];
	uint32_t crystal_hz;
	bool secure_download, secure_boot, any_stub, usb_otg;
	uint8_t crypt_count;
	uint64_t flash_key;
	const char *app_text;
	void (*trace)(void *ctx, uint64_t now_ns, const char *text);
	void *trace_ctx;

	uint64_t t; /* the time that the chip has reached */
	enum esp_run run;
	bool dtr, rts;
	bool off;            /* no power */
	bool strap_low;      /* as the board has it: in the loader even without the lines */
	bool download_strap; /* as sampled at the last reset */
	uint64_t boot_ns;    /* when the strap is sampled; ESP_NEVER: no boot to come */
	bool by_watchdog;    /* that boot's cause */
	unsigned boot_tries; /* in a row that found nothing to run */
	uint64_t stub_ns;    /* when uploaded code starts; ESP_NEVER: not to come */
	bool stub_pending;   /* it starts once the answer to MEM_END has left */

	uint32_t baud, next_baud; /* next_baud 0: no change to come */
	bool rate_known;          /* a SYNC has been seen since reset */
	uint32_t garble;

	uint8_t rx[ESP_RX_MAX];
	size_t rx_head, rx_count;
	uint8_t tx[ESP_TX_MAX];
	uint32_t tx_baud[ESP_TX_MAX];
	size_t tx_head, tx_count;
	uint64_t tx_pushed, tx_popped; /* totals, to see whether an answer has left */
	uint64_t ack_mark;             /* tx_pushed behind the last answer to a block */

	struct esp_slip slip;
	uint8_t rom_buf[ESP_ROM_BUFFER + 4u];
	uint8_t status, error, stale[2];
	struct esp_reply reply;
	bool attached;
	uint32_t flash_size; /* as the firmware believes; 0: no limit but the address width */

	struct esp_frame frame;                 /* the stub's, in reception */
	struct esp_frame slots[ESP_STUB_SLOTS]; /* waiting, oldest first */
	size_t slots_used;
	bool frame_overlaps; /* the frame in reception began before the last answer had left */
	uint8_t stub_op;     /* the command being answered */
	uint8_t deferred;    /* error of the last block, for the next command */

	struct esp_job job;
	struct esp_write write;
	struct esp_load load;
	struct esp_stream stream;

	struct esp_page pages[ESP_MEM_PAGES];
	size_t page_count;
	struct esp_loaded loaded[ESP_LOADS];
	size_t loaded_count;
};

/* chips.c */
const struct esp_row *esp_row_find(const char *name);

/* chip_maps.c: the last of each has nothing but zeros. */
extern const struct esp_range esp_ranges_esp8266[];
extern const struct esp_range esp_ranges_esp32[];
extern const struct esp_range esp_ranges_esp32s2[];
extern const struct esp_range esp_ranges_esp32s3[];
extern const struct esp_range esp_ranges_esp32c2[];
extern const struct esp_range esp_ranges_esp32c3[];
extern const struct esp_range esp_ranges_esp32c5[];
extern const struct esp_range esp_ranges_esp32c6[];
extern const struct esp_range esp_ranges_esp32c61[];
extern const struct esp_range esp_ranges_esp32h2[];
extern const struct esp_range esp_ranges_esp32p4[];
extern const struct esp_const esp_words_esp8266[];
extern const struct esp_const esp_words_esp32[];
extern const struct esp_const esp_words_esp32s2[];
extern const struct esp_const esp_words_esp32s3[];
extern const struct esp_const esp_words_esp32c2[];
extern const struct esp_const esp_words_esp32c3[];
extern const struct esp_const esp_words_esp32c5[];
extern const struct esp_const esp_words_esp32c6[];
extern const struct esp_const esp_words_esp32c61[];
extern const struct esp_const esp_words_esp32h2[];
extern const struct esp_const esp_words_esp32p4[];
extern const struct esp_const esp_words_esp32p4_rev1[];

/* slip.c: true when byte completes a frame, len bytes in buf (len may exceed cap if not strict). */
void esp_slip_init(struct esp_slip *s, uint8_t *buf, size_t cap, bool strict);
bool esp_slip_byte(struct esp_slip *s, uint8_t byte);
/* The parts of a frame going out. */
void esp_slip_open(struct far_sim_esp *e);
void esp_slip_put(struct far_sim_esp *e, const uint8_t *bytes, size_t len);
void esp_slip_close(struct far_sim_esp *e);

/* esp.c */
void esp_tx_byte(struct far_sim_esp *e, uint8_t byte);
void esp_trace(struct far_sim_esp *e, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void esp_start_job(struct far_sim_esp *e, bool (*step)(struct far_sim_esp *e),
		   void (*done)(struct far_sim_esp *e, enum esp_trouble trouble));
/* The chip's program is lost: nothing but a reset helps. */
void esp_silence(struct far_sim_esp *e, const char *why);
void esp_panic(struct far_sim_esp *e, uint32_t addr);
/* A watchdog resets the chip at due_ns; the strap decides as ever. */
void esp_reset_at(struct far_sim_esp *e, uint64_t due_ns);
/* What every change of the running program leaves behind. */
void esp_drop_work(struct far_sim_esp *e);
/* Forget all that a reset forgets of a write. */
void esp_write_close(struct far_sim_esp *e);
/* Jump to code that MEM_DATA has loaded, once what is being sent has left. */
void esp_run_loaded(struct far_sim_esp *e, uint32_t entry);

/* boot.c */
/* EN has risen, or a watchdog has bitten: sample the strap. */
void esp_boot(struct far_sim_esp *e);
/* FLASH_END, RUN_USER_CODE: run what the flash holds, without a reset. */
void esp_boot_flash(struct far_sim_esp *e);

/* text.c */
void esp_print(struct far_sim_esp *e, const char *text);
void esp_printf(struct far_sim_esp *e, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* security.c */
/*
 * Does a frame of len bytes hold a block that is too large for the port? Over USB-OTG 0x800 bytes
 * is the most; what is larger is lost, and never answered.
 */
bool esp_is_lost(struct far_sim_esp *e, size_t len);

/* Is the flash's content encrypted? */
bool esp_encrypts(const struct far_sim_esp *e);
/* May [addr, addr + len) be written encrypted? */
bool esp_crypt_aligned(const struct far_sim_esp *e, uint32_t addr, uint32_t len);
/* The payload of GET_SECURITY_INFO; its length, 0 if the chip has none. */
size_t esp_security_info(const struct far_sim_esp *e, uint8_t info[ESP_INFO_MAX]);

/* memory.c: the address space. */
bool esp_mem_exists(const struct far_sim_esp *e, uint32_t addr, uint32_t len);
bool esp_mem_loadable(const struct far_sim_esp *e, uint32_t addr, uint32_t len);
bool esp_mem_is_rom(const struct far_sim_esp *e, uint32_t addr);
/* As esp_mem_put, by MEM_DATA: it may be code. */
void esp_mem_load(struct far_sim_esp *e, uint32_t addr, const uint8_t *bytes, size_t len);
/* Has MEM_DATA filled all of it? */
bool esp_mem_loaded(const struct far_sim_esp *e, uint32_t addr, uint32_t len);
uint32_t esp_mem_get(const struct far_sim_esp *e, uint32_t addr);
void esp_mem_put(struct far_sim_esp *e, uint32_t addr, const uint8_t *bytes, size_t len);
void esp_mem_clear(struct far_sim_esp *e);

/* registers.c; false: nothing answers at this address. */
bool esp_reg_read(struct far_sim_esp *e, uint32_t addr, uint32_t *value);
bool esp_reg_write(struct far_sim_esp *e, uint32_t addr, uint32_t value, uint32_t mask);
/* WRITE_REG: count times (address, value, mask, delay in us), then done. */
void esp_reg_start_writes(struct far_sim_esp *e, const uint8_t *words, size_t count,
			  void (*done)(struct far_sim_esp *e, enum esp_trouble trouble));
void esp_reg_reset(struct far_sim_esp *e);
void esp_reg_stub_start(struct far_sim_esp *e);

/* flash_job.c */
uint32_t esp_flash_limit(const struct far_sim_esp *e);
bool esp_flash_inside(const struct far_sim_esp *e, uint32_t addr, uint32_t len);
void esp_flash_read(struct far_sim_esp *e, uint32_t addr, uint8_t *buf, size_t len);
bool esp_step_erase(struct far_sim_esp *e);
bool esp_step_erase_chip(struct far_sim_esp *e);
bool esp_step_program(struct far_sim_esp *e);
bool esp_step_wait(struct far_sim_esp *e);
uint64_t esp_digest_ns(uint32_t len);
void esp_digest(struct far_sim_esp *e, uint32_t addr, uint32_t len, uint8_t digest[16]);

/* inflate.c: fill the job's chunk from its input. */
bool esp_inflate_open(struct far_sim_esp *e);
enum esp_trouble esp_inflate_fill(struct far_sim_esp *e);

/* md5.c */
void esp_md5(uint8_t digest[16], void (*read)(void *ctx, uint8_t *buf, uint32_t pos, uint32_t len),
	     void *ctx, uint32_t len);

/* rom.c, rom_flash.c */
void esp_rom_start(struct far_sim_esp *e);
void esp_rom_frame(struct far_sim_esp *e, size_t len);
void esp_rom_ok(struct far_sim_esp *e);
void esp_rom_fail(struct far_sim_esp *e, uint8_t error);
void esp_rom_done(struct far_sim_esp *e, enum esp_trouble trouble);
uint32_t esp_rom_arg(const struct far_sim_esp *e, size_t index);
uint32_t esp_rom_size(const struct far_sim_esp *e);
bool esp_rom_block_ok(struct far_sim_esp *e, uint32_t *expected, uint32_t block_size);
void esp_rom_flash_begin(struct far_sim_esp *e, bool deflate);
void esp_rom_flash_data(struct far_sim_esp *e, bool deflate);
void esp_rom_flash_end(struct far_sim_esp *e);
void esp_rom_md5(struct far_sim_esp *e);
void esp_rom_read_slow(struct far_sim_esp *e);

/* stub.c, stub_flash.c */
void esp_stub_start(struct far_sim_esp *e);
void esp_stub_receive(struct far_sim_esp *e, uint8_t byte);
void esp_stub_frame(struct far_sim_esp *e, const uint8_t *frame, size_t len);
void esp_stub_answer(struct far_sim_esp *e, uint8_t code);
void esp_stub_answer_with(struct far_sim_esp *e, uint32_t value, const uint8_t *payload,
			  size_t len);
void esp_stub_done(struct far_sim_esp *e, enum esp_trouble trouble);
bool esp_stub_block_ok(struct far_sim_esp *e, const uint8_t *frame, size_t size);
void esp_stub_flash_begin(struct far_sim_esp *e, const uint8_t *frame, size_t size);
void esp_stub_flash_data(struct far_sim_esp *e, const uint8_t *frame, size_t size);
void esp_stub_flash_end(struct far_sim_esp *e, const uint8_t *frame, size_t size);
void esp_stub_erase_flash(struct far_sim_esp *e, const uint8_t *frame, size_t size);
void esp_stub_erase_region(struct far_sim_esp *e, const uint8_t *frame, size_t size);
void esp_stub_read_flash(struct far_sim_esp *e, const uint8_t *frame, size_t size);
void esp_stub_read_ack(struct far_sim_esp *e, const uint8_t *frame, size_t len);
void esp_stub_md5(struct far_sim_esp *e, const uint8_t *frame, size_t size);

/* The loader's check sum over the bytes of a block. */
static inline uint32_t esp_block_sum(const uint8_t *bytes, size_t len)
{
	uint8_t sum = 0xEF;

	for (size_t i = 0; i < len; i++)
		sum ^= bytes[i];
	return sum;
}

static inline uint32_t esp_le32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline void esp_put_le32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
	p[2] = (uint8_t)(v >> 16);
	p[3] = (uint8_t)(v >> 24);
}

#endif
