/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The flash of an ESP chip behind its serial loader: a struct far_flash, plus the calls of the
 * session itself. ESP8266, ESP32, and the S, C, H and P series; enum far_esp_chip has them all.
 *
 *     far_esp_init -> far_esp_connect -> far_flash_* and far_esp_* -> far_esp_leave
 *
 * The loader is the one in the chip's mask ROM, or a flasher stub: the vendor's program that is
 * loaded into the chip's RAM first (stub.h).
 *
 * What the line does to the bytes is this device's business, not the caller's: after a broken or
 * missing reply the line is resynchronised before anything is sent again, and what happened to a
 * block is found out before the next one goes. A call that succeeds has done exactly what it says.
 * When it fails, flash.fault tells what the flash may hold.
 *
 * Times: a command waits for its reply as long as its bytes take at the line's rate, plus what the
 * chip may need (erasing: 40 ms per KiB, at least 3 s; MD5: 8 s per MiB, at least 3 s; else 1 s).
 * Each is tried a bounded number of times (FAR_ESP_TRIES).
 *
 * What each ROM can do (info.caps); a stub can do all of it on every chip:
 *                     read  digest  deflate  rate change
 *   ESP8266            -     -       -        -  (measures the rate at connect: set it before)
 *   all others        yes   yes     yes      yes
 *   secure download    -     -       -       yes  (ESP32-C2: no)
 *
 * A chip in secure download mode (a fuse) takes few commands: its flash can be erased and replaced,
 * and nothing be read, not even the flash's size or the MAC address. Set the size, then program it.
 *
 * What no loader can promise: its requests carry no checksum, and its blocks an 8-bit xor, so one
 * damaged block in 256 passes for a sound one. Compare a digest afterwards, as service/update does;
 * the ESP8266's ROM has none. Reads are compared with the chip's digest before they are returned,
 * and so are erase and write. A damaged request may erase another place: with a ROM that has a
 * digest this is noticed, the call fails with FAR_ERR_PROTO or FAR_ERR_VERIFY and fault.touched_*
 * covers all of the flash. With a stub it is, too, but that a deflated stream went astray shows in
 * the digest that service/update asks for. On the ESP8266 without a stub, and in secure download
 * mode, it is not.
 *
 * far_flash_write merges with what the flash holds and costs a read of each sector that is not
 * blank; on the ESP8266 it goes word by word, some 100 bytes per second at 115200.
 * far_flash_replace_* is the fast way on every chip.
 *
 * Protocol facts: docs/SPEC-esp-loader.md.
 */
#ifndef FARFLASH_DEVICE_ESP_H
#define FARFLASH_DEVICE_ESP_H

#include <stdint.h>

#include "farflash/clock.h"
#include "farflash/flash.h"
#include "farflash/stream.h"
#include "link/loader.h"

/* How often one command or block is tried before the call fails. */
#define FAR_ESP_TRIES 5

/* The block buffer: at least this much; more than the maximum is not used. */
#define FAR_ESP_BLOCK_MIN 0x400u
#define FAR_ESP_BLOCK_MAX 0x1800u
#define FAR_ESP_OTG_BLOCK 0x800u
/* With a stub this much is of use. */
#define FAR_ESP_STUB_BLOCK_MAX 0x4000u

enum far_esp_chip {
	FAR_ESP_UNKNOWN,
	FAR_ESP_8266,
	FAR_ESP_32,
	FAR_ESP_32S2,
	FAR_ESP_32S3,
	FAR_ESP_32C2,
	FAR_ESP_32C3,
	FAR_ESP_32C5,
	FAR_ESP_32C6,
	FAR_ESP_32C61,
	FAR_ESP_32H2,
	FAR_ESP_32P4,
	FAR_ESP_CHIPS /* one past the last */
};

/* How the chip is brought into its loader (before) or out of it (after). */
enum far_esp_reset {
	FAR_ESP_RESET_LOADER, /* boot strap low, pulse reset */
	FAR_ESP_RESET_RUN     /* boot strap high, pulse reset */
};

/*
 * One step of a reset through the modem lines: assert exactly these lines (FAR_LINE_*), then wait
 * time * 10 ms. The last step of a sequence has FAR_ESP_STEP_LAST in lines.
 */
struct far_esp_step {
	uint8_t lines, time;
};
#define FAR_ESP_STEP_LAST 0x80u

struct far_esp_config {
	struct far_stream *stream; /* to the chip's UART0; outlives the session */
	struct far_clock *clock;   /* outlives the session */
	/*
	 * Assembles data blocks; block_len bytes that outlive the session, FAR_ESP_BLOCK_MIN or
	 * more. A larger block means fewer round trips: 0x1000 or FAR_ESP_BLOCK_MAX where RAM
	 * allows, and FAR_ESP_STUB_BLOCK_MAX with a stub.
	 */
	uint8_t *block;
	uint32_t block_len;
	/*
	 * The most that one block, for the RAM as for the flash, may have on this line; 0: what the
	 * loader takes. FAR_ESP_OTG_BLOCK where the chip is reached by its own USB-OTG (ESP32-S2,
	 * S3, P4), which loses larger ones; block_len is no more than that then, and there is no
	 * stub.
	 */
	uint32_t block_limit;
	/*
	 * Optional: resets the chip where the stream has no modem lines (GPIO, a relay). attempt
	 * counts from 0 so that a hook may lengthen its delays. FAR_OK or FAR_ERR_NOTSUP /
	 * FAR_ERR_IO. NULL: the stream's lines are used, and without them the chip must be in its
	 * loader already.
	 */
	int (*reset)(void *ctx, enum far_esp_reset how, unsigned attempt);
	void *reset_ctx;
	/*
	 * Optional sequences for the stream's lines, into the loader and out of it; they outlive
	 * the session. NULL: the usual circuit of two transistors, held longer at every other
	 * attempt. resets.h has more of them.
	 */
	const struct far_esp_step *to_loader, *to_run;
	/*
	 * The rate to raise to while connecting, before a stub is uploaded; 0: stay. Where it does
	 * not work connect succeeds all the same: the stream's rate then tells.
	 */
	uint32_t baud;
	enum far_esp_chip expect;  /* connect fails on any other chip; FAR_ESP_UNKNOWN: take any */
	unsigned connect_attempts; /* resets with a few SYNCs each; 0: the default, 7 */
	uint8_t no_reset; /* not 0: do not reset at connect, the chip waits in its loader */
};

struct far_esp_row;      /* what differs between the chips */
struct far_esp_stub_ops; /* uploads a stub and talks to it */

#define FAR_ESP_NO_ID UINT32_MAX

/* Bits of the word that newer chips tell about their security fuses. */
enum far_esp_security_flag {
	FAR_ESP_SECURE_BOOT = 1 << 0,
	FAR_ESP_AGGRESSIVE_REVOKE = 1 << 1,
	FAR_ESP_SECURE_DOWNLOAD = 1 << 2, /* secure download mode: few commands, see above */
	FAR_ESP_KEY_REVOKE0 = 1 << 3,
	FAR_ESP_KEY_REVOKE1 = 1 << 4,
	FAR_ESP_KEY_REVOKE2 = 1 << 5,
	FAR_ESP_SOFT_DIS_JTAG = 1 << 6,
	FAR_ESP_HARD_DIS_JTAG = 1 << 7,
	FAR_ESP_DIS_USB = 1 << 8,
	FAR_ESP_DIS_DOWNLOAD_DCACHE = 1 << 9,
	FAR_ESP_DIS_DOWNLOAD_ICACHE = 1 << 10
};

struct far_esp_security {
	uint32_t flags;         /* enum far_esp_security_flag, or-ed */
	uint32_t chip_id;       /* as in the headers of its images; FAR_ESP_NO_ID: not told */
	uint32_t api;           /* version of the ROM's interface; FAR_ESP_NO_ID: not told */
	uint8_t crypt_count;    /* the flash is encrypted if an odd number of its bits is set */
	uint8_t key_purpose[7]; /* of the key blocks */
};

#define FAR_ESP_NO_ADDR UINT32_MAX

/* One command to the chip's flash: opcode, address if any, then up to 4 bytes out or in. */
struct far_esp_spi {
	uint8_t opcode;
	uint8_t out_bits, in_bits; /* one of them, or neither; up to 32 */
	uint32_t addr;             /* 24 bits, or FAR_ESP_NO_ADDR */
	uint32_t data;             /* what goes out or has come in, first byte lowest */
};

/* What answers in the chip. */
enum far_esp_loader {
	FAR_ESP_ROM,
	FAR_ESP_STUB,
	FAR_ESP_STUB_SILENT /* started, and never heard of: connect has failed because of that */
};

/* Not for users. In front what is used most: see struct far_esp. */
struct far_esp_state {
	uint8_t payload_len;       /* of payload */
	uint8_t peer_error;        /* error byte of the last refusal */
	uint8_t expect;            /* enum far_esp_chip that this session is for */
	uint8_t connected;         /* in step with the loader */
	uint8_t found;             /* since the last reset it has answered */
	uint8_t unproved;          /* the rate was changed, and nothing heard since */
	uint8_t has_saved;         /* bit n: spi_saved[n] is filled; bit 7: revision is */
	uint8_t small_blocks;      /* the chip has refused a large block size */
	uint8_t astray;            /* something was erased or written at another place than meant */
	uint8_t asked, answer_len; /* the last request, and what its answer brings */
	uint8_t answers;           /* it has one */
	uint8_t refused;           /* status bytes that have come since, or-ed */
	uint8_t encrypt;           /* new streams are encrypted by the chip */
	uint8_t deflate;           /* stream: compressed */
	uint8_t erased;            /* stream: its range was erased at begin */
	uint8_t told[2];           /* how the last two digests begin */
	uint8_t deferred;          /* stub: error that a SYNC has brought to light; 0: none */
	uint8_t stumbled;          /* stub: the last stream has failed */
	const struct far_esp_row *row;
	const struct far_esp_stub_ops *stub; /* NULL: a session with ROMs only */
	const uint8_t *payload;              /* of the last reply, until the next command */
	uint32_t value;      /* value word of the last reply; of a SYNC: all or-ed */
	uint32_t limit;      /* ROM: where it was told that the flash ends */
	uint32_t begin, end; /* stream: the range that its sectors cover */
	uint32_t at;         /* stream, plain: flash address of the next block */
	uint32_t fill;       /* stream: bytes waiting in the block buffer */
	uint32_t block;      /* stream: size of its blocks */
	uint32_t sequence;   /* stream: the next block's number */
	uint32_t numbers;    /* stream, deflate: numbers announced in all */
	uint32_t baud;       /* the rate wanted after connect; 0: none */
	uint32_t first_baud; /* the stream's rate at init: connect starts from it */
	const struct far_esp_row *const *chips; /* that the session knows */
	struct far_esp_config config;
	uint32_t spi_saved[3]; /* the flash controller's registers as the ROM set them */
	/* A request in the making, here and not at the bottom of the stack. */
	struct far_loader_request request;
	uint32_t words[44];
	struct far_loader loader;
	uint32_t revision;  /* of the chip */
	const void *finder; /* stub: struct far_esp_stub_finder of the caller */
	uint32_t stop;      /* stub stream, plain: end of its data */
	/* Stub stream, plain: the first and the last block taken since its begin; len 0: none. */
	uint32_t first_at, first_len, last_len;
	uint8_t first_md5[16], last_md5[16];
	/* Stub: the deflated stream that was given up; doubt_len 0: none. */
	uint32_t doubt_at, doubt_len;
	uint8_t doubt_md5[16]; /* of the first bytes that it left */
};

/*
 * A session; all but flash is known after connect, and read only for users. The order is that of
 * use: what is near the front is reached by shorter instructions, which is a tenth of the code.
 */
struct far_esp {
	enum far_esp_chip chip;
	uint8_t loader;    /* enum far_esp_loader */
	uint32_t security; /* enum far_esp_security_flag, or-ed; 0 also where the chip tells none */
	uint32_t retries;  /* commands and blocks that had to be sent again since init */
	uint32_t resyncs;  /* times the line had to be resynchronised since init */
	struct far_esp_state _state;
	struct far_flash flash; /* the flash; read info and fault here */
	/*
	 * What the chip was told apart by, also when it is unknown: its id, if it tells one, or its
	 * word.
	 */
	uint32_t chip_id;  /* as in the headers of its images; FAR_ESP_NO_ID: it tells none */
	uint32_t magic;    /* the word at 0x40001000; 0: hidden in secure download mode */
	uint32_t flash_id; /* JEDEC id: bits 7:0 manufacturer, 15:8 type, 23:16 capacity */
};

/*
 * Prepare a session; nothing is sent. e need not be cleared. FAR_ERR_ARG: a required member is
 * missing, or the block buffer too small.
 */
int far_esp_init(struct far_esp *e, const struct far_esp_config *config);

/*
 * The same for a program that only programs: far_flash_replace_* and far_flash_digest work, read,
 * write and erase are FAR_ERR_NOTSUP, and their code is not linked (about 1,200 bytes less). Nor is
 * what chips want that are not named: chips ends with NULL and outlives the session. Any other chip
 * is unknown.
 */
int far_esp_init_programmer(struct far_esp *e, const struct far_esp_config *config,
			    const struct far_esp_row *const *chips);

extern const struct far_esp_row far_esp_esp8266, far_esp_esp32, far_esp_esp32s2, far_esp_esp32s3,
	far_esp_esp32c2, far_esp_esp32c3, far_esp_esp32c5, far_esp_esp32c6, far_esp_esp32c61,
	far_esp_esp32h2, far_esp_esp32p4;
/* Those, in the order of enum far_esp_chip. */
extern const struct far_esp_row *const far_esp_all_chips[];

/*
 * Reset the chip into its loader, synchronise, tell which chip it is, raise the rate, upload a stub
 * if there is one, attach its flash and read the flash's size into info.size. May be called again
 * at any time: it starts over, at the rate that
 * the stream had at init. A chip that falls silent later (a reset, a brown-out) makes the call that
 * finds it fail; the next one connects again by itself and goes on at the rate last set.
 * FAR_ERR_TIMEOUT: nobody answered; FAR_ERR_NOTSUP: an unknown chip (see chip_id and magic);
 * FAR_ERR_VERIFY: not the chip expected (see chip); FAR_ERR_BUSY: a flasher stub runs on the chip,
 * no reset ended it, and this session is one with ROMs only; FAR_ERR_PROTO: answers, but no sense
 * in them; FAR_ERR_IO. If the chip's flash does not identify itself, or may not in secure download
 * mode, info.size stays 0 and connect still succeeds: set the size with far_esp_set_flash_size.
 */
int far_esp_connect(struct far_esp *e);

/* Use this flash size, in bytes, instead of the one detected. FAR_ERR_STATE before connect. */
int far_esp_set_flash_size(struct far_esp *e, uint32_t size);

/*
 * Change the rate of chip and stream. If the new rate turns out not to work, the chip is reset,
 * connected again at the rate that connect had, and FAR_ERR_TIMEOUT or FAR_ERR_NOTSUP returned: the
 * session is then good at the old rate, unless flash.info.size is 0. FAR_ERR_NOTSUP without harm:
 * the chip's ROM or the stream cannot change its rate.
 */
int far_esp_set_baud(struct far_esp *e, uint32_t baud);

/*
 * The station MAC address from the chip's eFuses, in transmission order. This and the calls below,
 * up to far_esp_read_revision, are FAR_ERR_NOTSUP in secure download mode.
 */
int far_esp_read_mac(struct far_esp *e, uint8_t mac[6]);

/* One word of the chip's address space; addr is a multiple of 4. */
int far_esp_read_reg(struct far_esp *e, uint32_t addr, uint32_t *value);
/* Bits in mask are set to those of value. Written again if the reply was lost. */
int far_esp_write_reg(struct far_esp *e, uint32_t addr, uint32_t value, uint32_t mask);

/*
 * Let the chip's flash controller send one command to the flash as it is, whatever that does; what
 * has come in is data afterwards. Sent again if the reply was lost, so it must be one that may be
 * carried out twice. Answers have no checksum: ask twice what matters. FAR_ERR_ARG: too many bits,
 * or both ways.
 */
int far_esp_flash_command(struct far_esp *e, struct far_esp_spi *command);

/*
 * The flash's status registers, as many as asked for of its up to three (commands 05, 35, 15); the
 * first in bits 7:0. Each is read until two answers agree. FAR_ERR_ARG: none, or more than three.
 */
int far_esp_read_status(struct far_esp *e, unsigned registers, uint32_t *status);

/*
 * Write them, wait until the flash is ready, at most 3 s, and read them back. lasting not 0: into
 * the flash's own cells; else until its power goes, which not every flash can. Two are written by
 * one command first, for flashes that know no other. Bits 0 and 1 of the first tell of the flash
 * and cannot be written. FAR_ERR_VERIFY: it took some of the bits or none; FAR_ERR_TIMEOUT;
 * FAR_ERR_ARG.
 */
int far_esp_write_status(struct far_esp *e, unsigned registers, uint32_t status, int lasting);

/*
 * The chip's revision from its eFuses as major * 100 + minor, the form of image headers; one to
 * three registers are read, once in a session. 0 on the ESP8266, which has none.
 */
int far_esp_read_revision(struct far_esp *e, uint32_t *revision);

/*
 * What the chip tells about its security fuses, also in secure download mode. FAR_ERR_NOTSUP:
 * ESP8266 and ESP32, which have no such command.
 */
int far_esp_read_security(struct far_esp *e, struct far_esp_security *security);

/*
 * From now on the chip encrypts what far_flash_replace_* writes (on not 0), or not. While it does,
 * the flash is taken to have no read, digest and deflate: what would come back is the encrypted
 * form. The stream's length is padded with 0xFF to whole blocks. FAR_ERR_NOTSUP: ESP8266, and the
 * ESP32 without stub; FAR_ERR_STATE: flash encryption is not enabled in the chip's fuses.
 */
int far_esp_set_encrypt(struct far_esp *e, int on);

/*
 * Leave the loader and boot what is in the flash: by reset where there is a line or a hook, else by
 * the loader's own command, which some ROMs follow only half (ESP32: the program may not start).
 * The session is over: connect again to go on.
 */
int far_esp_leave(struct far_esp *e);

/* As far_esp_leave by the loader's own command, also where a reset would do. */
int far_esp_run(struct far_esp *e);

/*
 * Reset the chip by its own watchdog, which needs no line; its boot strap then decides what it
 * boots, as ever. The session is over. FAR_OK: the watchdog is armed, and bites within 30 ms.
 * FAR_ERR_TIMEOUT: no answer, it may be all the same. FAR_ERR_NOTSUP, nothing was done: ESP8266,
 * ESP32, ESP32-C6, C61, H2, and in secure download mode; FAR_ERR_STATE: not connected.
 */
int far_esp_watchdog_reset(struct far_esp *e);

/* "ESP32", "ESP32-S2", ...; "unknown". Static storage. */
const char *far_esp_chip_name(enum far_esp_chip chip);
/* Where this chip's ROM looks for the second-stage bootloader in the flash. */
uint32_t far_esp_bootloader_offset(enum far_esp_chip chip);
/* The chip's number in the headers of its images; FAR_ESP_NO_ID: ESP8266 and unknown. */
uint32_t far_esp_image_id(enum far_esp_chip chip);

#endif
