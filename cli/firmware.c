/* SPDX-License-Identifier: Apache-2.0 */
/*
 * service/esp_image with the command's words: chips by name, modes and sizes as typed, and a
 * judgement in sentences. What of a file is an image is decided by where it will lie and what it
 * begins with; files that are none pass through untouched, as a flash holds much else.
 */
#include "cli/firmware.h"

#include <inttypes.h>
#include <string.h>

#define LIST_MAX 160 /* characters of a list of what is possible */

static uint8_t work[64 * 1024];

static int read_part(void *ctx, uint32_t offset, uint8_t *buf, uint32_t len)
{
	return cli_part_read(ctx, offset, buf, len);
}

/* One work memory for all: images are read one after the other. */
struct far_esp_image_source cli_firmware_source(struct cli_part *part)
{
	return (struct far_esp_image_source){ read_part, part, part->len, work, sizeof(work) };
}

/* Append a word to a list. */
static void add(char list[LIST_MAX], const char *word)
{
	size_t used = strlen(list);
	snprintf(list + used, LIST_MAX - used, "%s%s", used ? ", " : "", word);
}

enum cli_exit cli_firmware_chip(struct cli *c, const struct far_esp_image_chip **chip)
{
	const char *name = c->set->chip;
	char list[LIST_MAX] = "";
	*chip = NULL;
	if (!name || strcmp(name, "auto") == 0)
		return CLI_OK;
	*chip = far_esp_image_chip_by_name(name);
	if (*chip)
		return CLI_OK;
	for (unsigned i = 0; far_esp_image_chip_row(i); i++)
		add(list, far_esp_image_chip_row(i)->name);
	return cli_fail(c, CLI_USAGE, "no chip '%s': --chip is one of %s", name, list);
}

const struct far_esp_image_chip *cli_firmware_target_chip(const struct cli_target *t)
{
	return t->esp ? far_esp_image_chip_by_name(far_esp_chip_name(t->esp->chip)) : NULL;
}

/*
 * Is there a revision of the chip that is outside? The fuses hold a major of two bits, on the
 * ESP32-P4 of three, and a minor of four: where an image takes them all nothing needs to be asked.
 */
static bool is_bound(const struct cli_target *t, unsigned low, unsigned high)
{
	return low > 0 || high < (t->esp->chip == FAR_ESP_32P4 ? 715u : 315u);
}

/* Not given, or esptool's word for that. */
static bool keeps(const char *word)
{
	return !word || strcmp(word, "keep") == 0;
}

bool cli_firmware_asks(const struct cli_flash_words *words, const char *size)
{
	return !keeps(words->mode) || !keeps(words->freq) || !keeps(size);
}

/* The three that follow name what would be right: nobody knows these words by heart. */
static enum cli_exit no_mode(struct cli *c, const char *word)
{
	return cli_fail(c, CLI_USAGE, "no flash mode '%s': it is keep, qio, qout, dio or dout",
			word);
}

static enum cli_exit no_freq(struct cli *c, const struct far_esp_image_chip *chip, const char *word)
{
	char list[LIST_MAX] = "keep";
	for (const struct far_esp_image_freq *f = chip->freqs; f->mhz; f++) {
		char text[8];
		snprintf(text, sizeof(text), "%um", f->mhz);
		add(list, text);
	}
	return cli_fail(c, CLI_USAGE, "an %s has no flash frequency '%s': it is one of %s",
			chip->name, word, list);
}

static enum cli_exit no_size(struct cli *c, const struct far_esp_image_chip *chip, const char *word)
{
	char list[LIST_MAX] = "keep, detect";
	for (unsigned i = 0; i < 16; i++) {
		if (chip->sizes[i])
			add(list, chip->sizes[i]);
	}
	return cli_fail(c, CLI_USAGE,
			"an %s's image cannot tell of a flash of '%s': it is one of %s", chip->name,
			word, list);
}

/* A mode is the same on all chips; frequency and size are codes that differ. */
enum cli_exit cli_firmware_words(struct cli *c, const struct far_esp_image_chip *chip,
				 const struct cli_flash_words *words, const char *size,
				 uint32_t detected, struct far_esp_image_change *change)
{
	*change = (struct far_esp_image_change){ -1, -1, -1 };
	if (!keeps(words->mode)) {
		change->mode = far_esp_image_mode_code(words->mode);
		if (change->mode < 0)
			return no_mode(c, words->mode);
	}
	if (!keeps(words->freq)) {
		change->freq = far_esp_image_freq_code(chip, words->freq);
		if (change->freq < 0)
			return no_freq(c, chip, words->freq);
	}
	if (keeps(size))
		return CLI_OK;
	bool detect = strcmp(size, "detect") == 0;
	if (detect && detected == 0)
		return CLI_OK;
	change->size = detect ? far_esp_image_size_code_of(chip, detected)
			      : far_esp_image_size_code(chip, size);
	return change->size < 0 ? no_size(c, chip, size) : CLI_OK;
}

/* "Header of boot.bin: flash mode DIO, frequency 40m, size 4MB" */
static void tell(struct cli *c, const struct far_esp_image_chip *chip, const struct cli_part *part)
{
	const char *mode = far_esp_image_mode_name(part->data[2]);
	const char *size = far_esp_image_size_name(chip, part->data[3] >> 4);
	cli_say(c, "Header of %s set to flash mode %s, frequency %um, size %s", part->path,
		mode ? mode : "unknown", far_esp_image_freq_mhz(chip, part->data[3] & 0xF),
		size ? size : "unknown");
}

/* The image is sound: change it. */
static enum cli_exit patch_sound(struct cli *c, const struct far_esp_image *image,
				 const struct far_esp_image_source *source, struct cli_part *part,
				 const struct far_esp_image_change *change)
{
	struct far_esp_image_patch patch;
	if (change->mode < 0 && change->freq < 0 && change->size < 0)
		return CLI_OK;
	int err = far_esp_image_change(image, source, change, &patch);
	if (err)
		return cli_fail(c, CLI_FILE, "cannot change the header of %s: %s", part->path,
				far_err_name(err));
	far_esp_image_apply(&patch, 0, part->data, part->len);
	tell(c, image->chip, part);
	return CLI_OK;
}

/*
 * Only the image that the ROM looks for: its header is what the flash is set up by. A damaged one
 * is left alone, as a new hash would make it look sound.
 */
enum cli_exit cli_firmware_patch(struct cli *c, const struct far_esp_image_chip *chip,
				 struct cli_part *part, const struct cli_flash_words *words,
				 const char *size, uint32_t detected)
{
	struct far_esp_image image;
	struct far_esp_image_change change;
	struct far_esp_image_source source = cli_firmware_source(part);
	if (!cli_firmware_asks(words, size) || (chip && part->addr != chip->bootloader))
		return CLI_OK;
	int err = far_esp_image_read(&image, &source, chip);
	if (!chip && (!image.chip || part->addr != image.chip->bootloader))
		return CLI_OK;
	if (err) {
		cli_warn(c,
			 "%s is not a sound image of an %s (%s, at 0x%" PRIx32
			 "): its header stays as it is",
			 part->path, chip ? chip->name : image.chip->name,
			 far_esp_image_problem_text(image.problem), image.problem_at);
		return CLI_OK;
	}
	enum cli_exit code = cli_firmware_words(c, image.chip, words, size, detected, &change);
	return code ? code : patch_sound(c, &image, &source, part, &change);
}

/*
 * Known to be for this chip; is it for this one? One that does not tell (secure download mode) is
 * given what it is given.
 */
static enum cli_exit check_revision(struct cli *c, struct cli_target *t,
				    const struct far_esp_image *image, const char *path)
{
	unsigned low = image->min_rev_full, high = image->max_rev_full;
	uint32_t is;
	if (high == 0) /* tools that did not know the field wrote 0 */
		high = UINT16_MAX;
	if (!is_bound(t, low, high) || far_esp_read_revision(t->esp, &is) != FAR_OK ||
	    (is >= low && is <= high))
		return CLI_OK;
	return cli_fail(c, CLI_REFUSED,
			"%s is for chip revisions v%u.%u to v%u.%u, and this chip is v%u.%u: "
			"take another build, or --force to write it nevertheless",
			path, low / 100, low % 100, high / 100, high % 100, is / 100, is % 100);
}

/* Damaged, but so much like an image that it must have been meant as one. */
static bool looks_meant(const struct far_esp_image *image)
{
	return image->problem == FAR_ESP_IMAGE_CUT_OFF ||
	       image->problem == FAR_ESP_IMAGE_BAD_CHECKSUM ||
	       image->problem == FAR_ESP_IMAGE_BAD_HASH;
}

/*
 * Read without a chip, so that an image of another chip is told as that, and not as a damaged one
 * of this.
 */
enum cli_exit cli_firmware_check(struct cli *c, struct cli_target *t, struct cli_part *part)
{
	const struct far_esp_image_chip *chip = cli_firmware_target_chip(t);
	struct far_esp_image image;
	struct far_esp_image_source source = cli_firmware_source(part);
	int err = far_esp_image_read(&image, &source, NULL);
	if (err && image.chip && looks_meant(&image))
		cli_warn(c, "%s looks like an image of an %s, but %s (at 0x%" PRIx32 ")",
			 part->path, image.chip->name, far_esp_image_problem_text(image.problem),
			 image.problem_at);
	if (err || !chip)
		return CLI_OK;
	if (image.chip != chip)
		return cli_fail(c, CLI_REFUSED,
				"%s is an image of an %s, and this chip is an %s: take another "
				"file, or --force to write it nevertheless",
				part->path, image.chip->name, chip->name);
	return image.has_extended ? check_revision(c, t, &image, part->path) : CLI_OK;
}
