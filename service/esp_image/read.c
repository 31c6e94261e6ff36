/* SPDX-License-Identifier: Apache-2.0 */
/* Reading: one pass from the first byte to the last, each read once and in order. */
#include "service/esp_image/internal.h"

/* Addresses that an ESP8266's segment can have: its RAM, its peripherals' and the mapped flash. */
#define ESP8266_LOW  0x3FF00000u
#define ESP8266_HIGH 0x40400000u

/* Where the pass stands. */
struct pass {
	const struct far_esp_image_source *source;
	struct far_esp_image *image;
	struct far_sha256 sha;
	uint32_t at; /* never beyond source->len */
	uint8_t sum;
	uint8_t hashing;
};

/* The first problem stays. Returns what the caller is to return. */
static int problem(struct far_esp_image *image, enum far_esp_image_problem what, uint32_t at)
{
	if (image->problem == FAR_ESP_IMAGE_FINE) {
		image->problem = what;
		image->problem_at = at;
	}
	return FAR_ERR_PROTO;
}

const char *far_esp_image_problem_text(enum far_esp_image_problem what)
{
	static const char *const texts[] = {
		[FAR_ESP_IMAGE_FINE] = "nothing is wrong",
		[FAR_ESP_IMAGE_NO_MAGIC] = "this is not an image: the first byte is not 0xE9",
		[FAR_ESP_IMAGE_SEGMENT_COUNT] = "an image has 1 to 16 segments",
		[FAR_ESP_IMAGE_OTHER_CHIP] = "it is an image of another chip",
		[FAR_ESP_IMAGE_HASH_FLAG] = "the flag of the hash is neither 0 nor 1",
		[FAR_ESP_IMAGE_CUT_OFF] = "it is cut off: what begins here reaches beyond the end",
		[FAR_ESP_IMAGE_SEGMENT_LEN] = "the length of a segment is not whole words",
		[FAR_ESP_IMAGE_BAD_CHECKSUM] = "the checksum of the segments is wrong",
		[FAR_ESP_IMAGE_BAD_HASH] = "the SHA-256 of the image is wrong",
	};

	return texts[(unsigned)what < sizeof(texts) / sizeof(texts[0]) ? what : 0];
}

const struct far_esp_image_chip *far_esp_image_guess(const uint8_t *head, uint32_t len)
{
	const struct far_esp_image_chip *chip = NULL;
	uint32_t addr = len >= HEADER_LEN + 4 ? far_get_le32(head + HEADER_LEN) : 0;

	if (len > 0 && head[0] == MAGIC_V2)
		return far_esp_image_chip_by_name("ESP8266");
	if (len == 0 || head[0] != MAGIC)
		return NULL;
	if (addr >= ESP8266_LOW && addr < ESP8266_HIGH)
		return far_esp_image_chip_by_name("ESP8266");
	if (len >= AT_CHIP + 2)
		chip = far_esp_image_chip_by_id((uint16_t)far_get_le16(head + AT_CHIP));
	return chip;
}

/* Can len more bytes be read? */
static int fits(const struct pass *p, uint32_t len)
{
	return len <= p->source->len - p->at;
}

/* Fetch the next len bytes into buf; the caller has made sure that they fit. */
static int take(struct pass *p, uint8_t *buf, uint32_t len)
{
	int err = p->source->read(p->source->ctx, p->at, buf, len);

	if (err != FAR_OK)
		return err;
	p->at += len;
	if (p->hashing)
		far_sha256_update(&p->sha, buf, len);
	return FAR_OK;
}

/* Fetch the next len bytes for their sums only. */
static int pass_over(struct pass *p, uint32_t len, int in_checksum)
{
	uint8_t *work = p->source->work;

	while (len > 0) {
		uint32_t n = far_min32(len, p->source->work_len);
		int err = take(p, work, n);

		if (err != FAR_OK)
			return err;
		for (uint32_t i = 0; i < n && in_checksum; i++)
			p->sum ^= work[i];
		len -= n;
	}
	return FAR_OK;
}

/* One segment, from its head to its last byte. */
static int read_segment(struct pass *p, int in_checksum)
{
	struct far_esp_image *image = p->image;
	struct far_esp_image_segment *s = &image->segment[image->segments];
	uint32_t head = p->at;
	uint8_t buf[HEAD_LEN];

	if (!fits(p, HEAD_LEN))
		return problem(image, FAR_ESP_IMAGE_CUT_OFF, head);
	int err = take(p, buf, HEAD_LEN);
	if (err != FAR_OK)
		return err;
	s->addr = far_get_le32(buf);
	s->len = far_get_le32(buf + 4);
	s->offset = p->at;
	image->segments++;
	if (!fits(p, s->len))
		return problem(image, FAR_ESP_IMAGE_CUT_OFF, head);
	if (s->len % WORD != 0)
		return problem(image, FAR_ESP_IMAGE_SEGMENT_LEN, head + 4);
	return pass_over(p, s->len, in_checksum);
}

/* The bytes behind the first 8, which the ESP8266 has not. */
static int read_extended(struct pass *p, const uint8_t *head)
{
	struct far_esp_image *image = p->image;

	image->has_extended = 1;
	image->wp_pin = head[AT_WP];
	memcpy(image->drive, head + AT_DRIVE, sizeof(image->drive));
	image->chip_id = (uint16_t)far_get_le16(head + AT_CHIP);
	image->min_rev = head[AT_MIN_REV];
	image->min_rev_full = (uint16_t)far_get_le16(head + AT_MIN_FULL);
	image->max_rev_full = (uint16_t)far_get_le16(head + AT_MAX_FULL);
	if (head[AT_HASHED] > 1)
		return problem(image, FAR_ESP_IMAGE_HASH_FLAG, AT_HASHED);
	image->hash_appended = head[AT_HASHED];
	return FAR_OK;
}

/*
 * The ESP8266's version 2: the mapped segment comes first, outside the checksum, and a header of
 * version 1 behind it. *count is then that header's.
 */
static int read_v2(struct pass *p, uint8_t *count)
{
	uint8_t second[HEADER_LEN];
	uint32_t at;
	int err;

	p->image->version = 2;
	if (*count != V2_COUNT)
		return problem(p->image, FAR_ESP_IMAGE_SEGMENT_COUNT, AT_COUNT);
	err = read_segment(p, 0);
	if (err != FAR_OK)
		return err;
	at = p->at;
	if (!fits(p, HEADER_LEN))
		return problem(p->image, FAR_ESP_IMAGE_CUT_OFF, at);
	err = take(p, second, HEADER_LEN);
	if (err != FAR_OK)
		return err;
	if (second[0] != MAGIC)
		return problem(p->image, FAR_ESP_IMAGE_NO_MAGIC, at);
	*count = second[AT_COUNT];
	if (*count == 0 || *count > FAR_ESP_IMAGE_SEGMENTS - 1)
		return problem(p->image, FAR_ESP_IMAGE_SEGMENT_COUNT, at + AT_COUNT);
	return FAR_OK;
}

/* What the first 8 bytes say. */
static void read_header(struct far_esp_image *image, const uint8_t *head)
{
	image->version = 1;
	image->mode = head[AT_MODE];
	image->size = head[AT_SIZE] >> 4;
	image->freq = head[AT_SIZE] & 0xF;
	image->entry = far_get_le32(head + AT_ENTRY);
}

/* Header and extended header; *count is how many segments follow. */
static int read_head(struct pass *p, const struct far_esp_image_chip *chip, uint8_t *count)
{
	struct far_esp_image *image = p->image;
	uint8_t head[HEADER_LEN + EXTENDED_LEN] = { 0 };
	uint32_t len = far_min32(sizeof(head), p->source->len);
	int err = len > 0 ? p->source->read(p->source->ctx, 0, head, len) : FAR_OK;

	if (err != FAR_OK)
		return err;
	if (len == 0 || (head[0] != MAGIC && head[0] != MAGIC_V2))
		return problem(image, FAR_ESP_IMAGE_NO_MAGIC, 0);
	if (len < HEADER_LEN + HEAD_LEN)
		return problem(image, FAR_ESP_IMAGE_CUT_OFF, 0);
	read_header(image, head);
	image->chip = far_esp_image_guess(head, len);
	if (!image->chip || (chip && image->chip != chip))
		return problem(image, FAR_ESP_IMAGE_OTHER_CHIP, AT_CHIP);
	p->at = far_esp_image_head_len(image->chip);
	if (p->at > len)
		return problem(image, FAR_ESP_IMAGE_CUT_OFF, HEADER_LEN);
	if (p->at > HEADER_LEN)
		err = read_extended(p, head);
	p->hashing = image->hash_appended;
	far_sha256_update(&p->sha, head, p->at);
	*count = head[AT_COUNT];
	if (err == FAR_OK && head[0] == MAGIC_V2)
		return read_v2(p, count);
	if (err == FAR_OK && (*count == 0 || *count > FAR_ESP_IMAGE_SEGMENTS))
		return problem(image, FAR_ESP_IMAGE_SEGMENT_COUNT, AT_COUNT);
	return err;
}

/* Zeros up to the last byte of a line, which is the checksum. */
static int read_checksum(struct pass *p)
{
	struct far_esp_image *image = p->image;
	uint32_t end = p->at | (LINE - 1);
	int err;

	if (end >= p->source->len)
		return problem(image, FAR_ESP_IMAGE_CUT_OFF, p->at);
	err = pass_over(p, end - p->at, 0);
	if (err == FAR_OK)
		err = take(p, &image->checksum, 1);
	if (err != FAR_OK)
		return err;
	image->checksum_at = end;
	image->checksum_computed = p->sum;
	image->len = p->at;
	if (p->sum != image->checksum)
		problem(image, FAR_ESP_IMAGE_BAD_CHECKSUM, end);
	return FAR_OK;
}

static int read_hash(struct pass *p)
{
	struct far_esp_image *image = p->image;

	if (!image->hash_appended)
		return FAR_OK;
	if (!fits(p, FAR_SHA256_LEN))
		return problem(image, FAR_ESP_IMAGE_CUT_OFF, p->at);
	far_sha256_final(&p->sha, image->hash_computed);
	image->hash_at = p->at;
	p->hashing = 0;
	int err = take(p, image->hash, FAR_SHA256_LEN);
	if (err != FAR_OK)
		return err;
	image->len = p->at;
	if (memcmp(image->hash, image->hash_computed, FAR_SHA256_LEN) != 0)
		problem(image, FAR_ESP_IMAGE_BAD_HASH, image->hash_at);
	return FAR_OK;
}

int far_esp_image_read(struct far_esp_image *image, const struct far_esp_image_source *source,
		       const struct far_esp_image_chip *chip)
{
	struct pass p = { .source = source, .image = image, .sum = CHECKSUM_START };
	uint8_t count = 0;
	int err;

	memset(image, 0, sizeof(*image));
	if (!source->read || !source->work || source->work_len < FAR_ESP_IMAGE_WORK_MIN)
		return FAR_ERR_ARG;
	far_sha256_init(&p.sha);
	err = read_head(&p, chip, &count);
	for (; err == FAR_OK && count > 0; count--)
		err = read_segment(&p, 1);
	if (err == FAR_OK)
		err = read_checksum(&p);
	if (err == FAR_OK)
		err = read_hash(&p);
	if (err == FAR_OK && image->problem != FAR_ESP_IMAGE_FINE)
		err = FAR_ERR_VERIFY;
	return err;
}

int far_esp_image_read_flash(void *ctx, uint32_t offset, uint8_t *buf, uint32_t len)
{
	const struct far_esp_image_in_flash *f = ctx;

	if (offset > UINT32_MAX - f->addr)
		return FAR_ERR_RANGE;
	return far_flash_read(f->flash, f->addr + offset, buf, len);
}
