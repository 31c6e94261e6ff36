/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands have in common that know firmware images: service/esp_image in user's words. */
#ifndef FARFLASH_CLI_FIRMWARE_H
#define FARFLASH_CLI_FIRMWARE_H

#include "cli/cli.h"
#include "cli/parts.h"
#include "service/esp_image/esp_image.h"

/* An image that is a part, which outlives the source. All sources share one work memory. */
struct far_esp_image_source cli_firmware_source(struct cli_part *part);

/* The chip of --chip; NULL if none was named, or "auto". CLI_USAGE lists those there are. */
enum cli_exit cli_firmware_chip(struct cli *c, const struct far_esp_image_chip **chip);

/* The chip behind the port; NULL: there is none. */
const struct far_esp_image_chip *cli_firmware_target_chip(const struct cli_target *t);

/* --flash-mode and --flash-freq as typed; NULL: not given. --flash-size is a global option. */
struct cli_flash_words {
	const char *mode, *freq;
};

/* Rows of a command's options, for words of its own. */
#define CLI_FLASH_MODE_ROW(words, help)                                                            \
	{                                                                                          \
		"flash-mode", 0, CLI_TEXT, &(words).mode, NULL, "MODE", help                       \
	}
#define CLI_FLASH_FREQ_ROW(words, help)                                                            \
	{                                                                                          \
		"flash-freq", 0, CLI_TEXT, &(words).freq, NULL, "FREQ", help                       \
	}

/*
 * The codes that the words, and size, mean on this chip; "keep" and NULL are -1, and so is size
 * "detect" unless detected (bytes) is not 0. CLI_USAGE names what the chip can have.
 */
enum cli_exit cli_firmware_words(struct cli *c, const struct far_esp_image_chip *chip,
				 const struct cli_flash_words *words, const char *size,
				 uint32_t detected, struct far_esp_image_change *change);
/* Would anything change, whatever the chip? */
bool cli_firmware_asks(const struct cli_flash_words *words, const char *size);

/*
 * Change the header of the part that lies where its chip's ROM looks for it, and its hash, in the
 * part's own bytes. chip NULL: the image's own. What is there but no sound image is left as it is,
 * with a warning. Says what it has changed. CLI_USAGE: words that the chip has no codes for;
 * CLI_FILE: an image that cannot take the change.
 */
enum cli_exit cli_firmware_patch(struct cli *c, const struct far_esp_image_chip *chip,
				 struct cli_part *part, const struct cli_flash_words *words,
				 const char *size, uint32_t detected);

/*
 * May this part be written to this target? An image of another chip than the one there, or for
 * another revision, is refused with CLI_REFUSED, as the chip would; one that is damaged gets a
 * warning. What is no image at all passes, and where there is no chip nothing is refused. The chip
 * is asked for its revision only by an image that does not take them all.
 */
enum cli_exit cli_firmware_check(struct cli *c, struct cli_target *t, struct cli_part *part);

#endif
