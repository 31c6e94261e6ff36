/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Firmware images of ESP chips, as their ROMs and bootloaders load them: read, check, change and
 * build. The format: docs/SPEC-esp-image.md.
 *
 * Images are read through a callback, so that they may be a file, memory or a flash; nothing of
 * them is kept but what struct far_esp_image shows. No length in an image is believed before it was
 * compared with what is there. All memory is the caller's, two images are independent.
 */
#ifndef FARFLASH_SERVICE_ESP_IMAGE_H
#define FARFLASH_SERVICE_ESP_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "core/sha256.h"
#include "farflash/flash.h"

/* ---- the chips ------------------------------------------------------------------------------- */

#define FAR_ESP_IMAGE_NO_ID 0xFFFFu  /* chip id of the ESP8266, whose images hold none */
#define FAR_ESP_IMAGE_PAGE  0x10000u /* what the MMU maps at once, unless set otherwise */

struct far_esp_image_freq {
	uint8_t mhz; /* 0: end of the list */
	uint8_t code;
};

/* How the images of one chip differ from others'. */
struct far_esp_image_chip {
	const char *name;    /* "ESP32-S2" */
	uint32_t uf2_family; /* UF2 family id */
	uint32_t bootloader; /* where the ROM looks for the first image in the flash */
	uint16_t id;         /* in the extended header; FAR_ESP_IMAGE_NO_ID: there is none */
	struct {
		uint32_t begin, end;
	} mapped[2]; /* addresses at which flash is seen; 0, 0: none */
	struct far_esp_image_freq freqs[5];
	const char *const *sizes; /* 16 names, index is the code, NULL: not a code */
};

/* Rows 0, 1, ...; NULL after the last. */
const struct far_esp_image_chip *far_esp_image_chip_row(unsigned row);
/* "ESP32-S2", "esp32s2", "esp32-s2"; NULL: no such chip. */
const struct far_esp_image_chip *far_esp_image_chip_by_name(const char *name);
/* By the id in the extended header; NULL: no such chip. */
const struct far_esp_image_chip *far_esp_image_chip_by_id(uint16_t id);
/* Is flash seen at addr? Such segments are not copied but mapped, page by page. */
int far_esp_image_is_mapped(const struct far_esp_image_chip *chip, uint32_t addr);

/*
 * The codes of the header. From text: the code, or -1 if this chip has none for it. Texts are
 * "dio", "40m", "4MB"; a size also as "4M" or "4m". To text: NULL if the code means nothing.
 */
int far_esp_image_mode_code(const char *text);
int far_esp_image_freq_code(const struct far_esp_image_chip *chip, const char *text);
int far_esp_image_size_code(const struct far_esp_image_chip *chip, const char *text);
/* A flash of that many bytes, exactly. */
int far_esp_image_size_code_of(const struct far_esp_image_chip *chip, uint32_t bytes);
const char *far_esp_image_mode_name(unsigned code);
const char *far_esp_image_size_name(const struct far_esp_image_chip *chip, unsigned code);
unsigned far_esp_image_freq_mhz(const struct far_esp_image_chip *chip, unsigned code); /* or 0 */

/* ---- reading --------------------------------------------------------------------------------- */

#define FAR_ESP_IMAGE_SEGMENTS 16  /* no ROM or bootloader takes more */
#define FAR_ESP_IMAGE_WORK_MIN 64u /* bytes */

/* Where an image is read from. */
struct far_esp_image_source {
	/* len bytes at offset, of which there are source.len; FAR_OK or a negative enum far_err. */
	int (*read)(void *ctx, uint32_t offset, uint8_t *buf, uint32_t len);
	void *ctx;
	uint32_t len;      /* how much there is to read: an image may be shorter, never longer */
	uint8_t *work;     /* read through this; lives as long as the call */
	uint32_t work_len; /* FAR_ESP_IMAGE_WORK_MIN or more; as much as one read should fetch */
};

/* source.read for a flash: ctx is one of these. */
struct far_esp_image_in_flash {
	struct far_flash *flash;
	uint32_t addr; /* of the image in it */
};
int far_esp_image_read_flash(void *ctx, uint32_t offset, uint8_t *buf, uint32_t len);

/* What is wrong with an image; image.problem_at is the offset of the bytes that say so. */
enum far_esp_image_problem {
	FAR_ESP_IMAGE_FINE,
	FAR_ESP_IMAGE_NO_MAGIC,      /* does not begin as an image does */
	FAR_ESP_IMAGE_SEGMENT_COUNT, /* none, or more than FAR_ESP_IMAGE_SEGMENTS */
	FAR_ESP_IMAGE_OTHER_CHIP,    /* not of the chip that was asked for, or of an unknown one */
	FAR_ESP_IMAGE_HASH_FLAG,     /* neither 0 nor 1 */
	FAR_ESP_IMAGE_CUT_OFF,       /* header, segment, checksum or hash reach beyond the end */
	FAR_ESP_IMAGE_SEGMENT_LEN,   /* not whole words */
	FAR_ESP_IMAGE_BAD_CHECKSUM,
	FAR_ESP_IMAGE_BAD_HASH
};
/* "a segment reaches beyond the end": static storage. */
const char *far_esp_image_problem_text(enum far_esp_image_problem problem);

struct far_esp_image_segment {
	uint32_t addr;   /* where it is loaded or mapped; 0: padding */
	uint32_t len;    /* bytes */
	uint32_t offset; /* of its first byte in the image */
};

struct far_esp_image {
	/* The chip; NULL: unknown. */
	const struct far_esp_image_chip *chip;
	enum far_esp_image_problem problem; /* the first */
	uint32_t problem_at;
	/* What is below is known up to the problem; a wrong checksum or hash hides nothing. */
	uint8_t version;      /* 1; 2: the ESP8266's form for a bootloader of one's own */
	uint8_t mode;         /* SPI mode */
	uint8_t size, freq;   /* codes of the header */
	uint8_t segments;     /* how many */
	uint8_t has_extended; /* the members up to hash_appended mean something */
	uint8_t wp_pin, drive[3];
	uint8_t min_rev;       /* as old tools wrote it */
	uint8_t hash_appended; /* a SHA-256 ends the image */
	uint16_t chip_id;
	uint16_t min_rev_full, max_rev_full; /* major * 100 + minor; max 0xFFFF: no limit */
	uint32_t entry;
	struct far_esp_image_segment segment[FAR_ESP_IMAGE_SEGMENTS];
	uint8_t checksum, checksum_computed; /* as stored, as it should be */
	uint32_t checksum_at;                /* offset */
	uint32_t hash_at;                    /* offset of the hash, 0: none */
	uint8_t hash[FAR_SHA256_LEN], hash_computed[FAR_SHA256_LEN];
	uint32_t len; /* of the image: what follows (a signature) is not part of it */
};

/*
 * Which chip is this an image of, by its first 24 bytes (fewer if there are not so many)? NULL: it
 * does not begin as an image does, or of an unknown chip. An ESP8266 is known by the address
 * of its first segment, which is where others have drive settings.
 */
const struct far_esp_image_chip *far_esp_image_guess(const uint8_t *head, uint32_t len);

/*
 * Read an image and check everything that can be checked. chip NULL: far_esp_image_guess. image
 * need not be cleared.
 * FAR_OK; FAR_ERR_PROTO: not an image, or one that is malformed; FAR_ERR_VERIFY: well-formed, but
 * checksum or hash is wrong: in both cases image.problem tells. FAR_ERR_ARG: no read, too
 * little work memory. Or what source.read returned.
 */
int far_esp_image_read(struct far_esp_image *image, const struct far_esp_image_source *source,
		       const struct far_esp_image_chip *chip);

/* What an application says of itself. Texts end with a zero, and are as foreign as the image. */
struct far_esp_image_app {
	uint32_t secure_version;
	char version[33], project[33], time[17], date[17], idf[33];
	uint8_t elf_hash[FAR_SHA256_LEN]; /* of the ELF file that it was made from */
};

/*
 * Look for it at the start of the segments that are mapped. image was read, problem or not.
 * FAR_OK; FAR_ERR_NOTSUP: there is none; or what source.read returned.
 */
int far_esp_image_read_app(const struct far_esp_image *image,
			   const struct far_esp_image_source *source,
			   struct far_esp_image_app *app);

/* ---- changing the header --------------------------------------------------------------------- */

/* What is to change: codes; a negative one is kept. */
struct far_esp_image_change {
	int mode, freq, size;
};

/* What changes by it in the bytes of an image. */
struct far_esp_image_patch {
	uint8_t head[4];  /* the image's first bytes */
	uint32_t hash_at; /* 0: no hash */
	uint8_t hash[FAR_SHA256_LEN];
};

/*
 * Prepare the change of an image that was read with FAR_OK: reads it once more if it has a hash.
 * FAR_ERR_ARG: a code above 15, or image.problem. Or what source.read returned.
 */
int far_esp_image_change(const struct far_esp_image *image,
			 const struct far_esp_image_source *source,
			 const struct far_esp_image_change *change,
			 struct far_esp_image_patch *patch);

/*
 * Lay the patch over len bytes of the image that were read from offset on: for whoever delivers
 * an image piece by piece.
 */
void far_esp_image_apply(const struct far_esp_image_patch *patch, uint32_t offset, uint8_t *buf,
			 uint32_t len);

/* ---- building -------------------------------------------------------------------------------- */

/* Bytes that belong at an address. */
struct far_esp_image_piece {
	uint32_t addr, len;  /* len > 0 */
	const uint8_t *data; /* lives as long as the build */
	uint8_t first;       /* if it is mapped: its segment is to be the image's first */
};

/* A segment to come: whole words, zeros wherever no piece has bytes. */
struct far_esp_image_planned {
	uint32_t addr, len; /* addr 0: padding */
	unsigned piece,
		count; /* the pieces that it, or the one that it is split from, is made of */
};

struct far_esp_image_build {
	const struct far_esp_image_chip *chip;
	struct far_esp_image_piece *pieces; /* sorted by far_esp_image_plan */
	unsigned count;                     /* of pieces */
	uint32_t page;                      /* of the MMU; 0: FAR_ESP_IMAGE_PAGE */
	uint32_t entry;
	uint8_t mode, freq, size; /* codes */
	uint8_t append_hash;      /* without meaning for the ESP8266 */
	uint8_t min_rev;
	uint16_t min_rev_full, max_rev_full;
	/* Takes the image from its first byte to its last; FAR_OK or a negative enum far_err. */
	int (*write)(void *ctx, const uint8_t *data, uint32_t len);
	void *ctx;
	/* Filled by far_esp_image_plan. */
	unsigned segments;
	struct far_esp_image_planned segment[FAR_ESP_IMAGE_SEGMENTS];
	uint32_t len;       /* of the image to come */
	unsigned bad_piece; /* which one a failure is about, in the order of pieces now */
	enum far_esp_image_bad {
		FAR_ESP_IMAGE_BAD_NOTHING,
		FAR_ESP_IMAGE_BAD_OVERLAP, /* bad_piece begins before the one below it has ended */
		FAR_ESP_IMAGE_BAD_PAGE, /* bad_piece begins in a page that another segment maps */
		FAR_ESP_IMAGE_BAD_LEN,  /* reaches beyond the address space, or any flash */
		FAR_ESP_IMAGE_BAD_COUNT /* more segments than an image can have */
	} bad;
};

/*
 * Arrange the pieces: sort them by address, join what adjoins, give each mapped segment an offset
 * that agrees with its address modulo the page, and fill the gaps before them with the others,
 * split where necessary, or with zeros. For the ESP8266 nothing is mapped: leave such pieces away.
 * FAR_OK; FAR_ERR_ARG: a member is impossible; FAR_ERR_RANGE: see bad and bad_piece.
 */
int far_esp_image_plan(struct far_esp_image_build *b);

/* Write the image that was planned. Whatever write returned first. */
int far_esp_image_write(const struct far_esp_image_build *b);

#endif
