/* SPDX-License-Identifier: Apache-2.0 */
/* What read, write, erase, digest and sync do to the contents, and what they leave alone. */
#include "core/md5.h"
#include "test/contract/contract.h"

#define DATA_MAX 0x4000u

static void read_gives_the_contents(struct ct_world *w)
{
	static const uint16_t lens[] = { 1, 2, 3, 63, 64, 65, 255, 256, 257, 1000, 4096, 5001 };
	uint8_t data[DATA_MAX], back[DATA_MAX];
	uint32_t seed = 11;

	if (!ct_can(w, FAR_FLASH_CAN_READ))
		return;
	ct_fill(&seed, data, sizeof(data));
	ct_assert_ok(w, ct_replace_all(w, w->base, data, sizeof(data), sizeof(data)));
	ct_snapshot(w);
	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		uint32_t off = ct_below(&seed, sizeof(data) - lens[i]);

		memset(back, 0x5A, sizeof(back));
		ct_assert_ok(w, far_flash_read(w->flash, w->base + off, back + 1, lens[i]));
		assert_memory_equal(back + 1, data + off, lens[i]);
		assert_int_equal(back[0], 0x5A);
		assert_int_equal(back[1 + lens[i]], 0x5A);
	}
	ct_assert_only(w, 0, 0);
}

/* Every start within a page, lengths from one block to several pages: neighbours stay erased. */
static void write_at_any_block(struct ct_world *w)
{
	uint32_t unit = w->flash->info.write_block;
	uint32_t at = w->base;
	uint8_t data[1024];
	uint32_t seed = 12;

	for (unsigned i = 0; i < 40; i++) {
		uint32_t gap = ct_blocks(w, 1 + ct_below(&seed, 64));
		uint32_t len = ct_blocks(w, 1 + ct_below(&seed, i % 4 == 0 ? 900 : 60));

		ct_fill(&seed, data, len);
		at += gap;
		ct_snapshot(w);
		ct_assert_ok(w, far_flash_write(w->flash, at, data, len));
		assert_memory_equal(ct_at(w, at), data, len);
		ct_assert_only(w, at, len);
		ct_assert_filled(w, at - unit, unit, 0xFF);
		at += len;
	}
}

/* Bits only go from 1 to 0: what is there and what is written are and-ed. */
static void write_only_clears_bits(struct ct_world *w)
{
	uint8_t first[512], second[512], both[512];
	uint32_t seed = 13;

	for (uint32_t i = 0; i < sizeof(first); i++) {
		first[i] = (uint8_t)ct_rand(&seed);
		second[i] = (uint8_t)ct_rand(&seed);
		both[i] = first[i] & second[i];
	}
	ct_assert_ok(w, far_flash_write(w->flash, w->base + 256, first, sizeof(first)));
	ct_snapshot(w);
	ct_assert_ok(w, far_flash_write(w->flash, w->base + 256, second, sizeof(second)));
	assert_memory_equal(ct_at(w, w->base + 256), both, sizeof(both));
	ct_assert_only(w, w->base + 256, sizeof(both));
}

static void writing_ones_changes_nothing(struct ct_world *w)
{
	uint8_t data[256], ones[256];
	uint32_t seed = 14;

	ct_fill(&seed, data, sizeof(data));
	memset(ones, 0xFF, sizeof(ones));
	ct_assert_ok(w, far_flash_write(w->flash, w->base, data, sizeof(data)));
	ct_snapshot(w);
	ct_assert_ok(w, far_flash_write(w->flash, w->base, ones, sizeof(ones)));
	ct_assert_only(w, 0, 0);
}

/* Every combination of a start and a length around a 64 KiB border; neighbours keep their bytes. */
static void erase_keeps_its_bounds(struct ct_world *w)
{
	static const uint8_t starts[] = { 0, 1, 7, 15, 16 };
	static const uint8_t counts[] = { 1, 2, 9, 16, 18 };
	uint32_t sector = w->flash->info.sector_size;
	uint8_t mark[32];

	memset(mark, 0, sizeof(mark));
	for (size_t i = 0; i < sizeof(starts); i++) {
		uint32_t addr = w->base + starts[i] * sector;
		uint32_t len = counts[(i * 3) % sizeof(counts)] * sector;

		/* Something to lose in the first and last block of each sector. */
		for (uint32_t at = w->base; at < w->base + 36 * sector; at += sector) {
			uint32_t unit = w->flash->info.write_block;

			ct_assert_ok(w, far_flash_write(w->flash, at, mark, unit));
			ct_assert_ok(w, far_flash_write(w->flash, at + sector - unit, mark, unit));
		}
		ct_snapshot(w);
		ct_assert_ok(w, far_flash_erase(w->flash, addr, len));
		ct_assert_filled(w, addr, len, w->flash->info.erase_value);
		ct_assert_only(w, addr, len);
	}
}

static void erase_makes_writable_again(struct ct_world *w)
{
	uint32_t sector = w->flash->info.sector_size;
	uint8_t data[256];
	uint32_t seed = 15;

	for (unsigned i = 0; i < 3; i++) {
		ct_fill(&seed, data, sizeof(data));
		ct_assert_ok(w, far_flash_erase(w->flash, w->base, sector));
		ct_assert_ok(w, far_flash_write(w->flash, w->base, data, sizeof(data)));
		assert_memory_equal(ct_at(w, w->base), data, sizeof(data));
	}
}

/* ---- digest ---------------------------------------------------------------------------------- */

static bool can_digest(const struct ct_world *w)
{
	return ct_can(w, FAR_FLASH_CAN_READ) || ct_can(w, FAR_FLASH_CAN_DIGEST);
}

struct vector {
	const char *text;
	uint8_t md5[FAR_MD5_LEN];
};

/* RFC 1321, appendix A.5. */
static const struct vector vectors[] = {
	{ "a",
	  { 0x0C, 0xC1, 0x75, 0xB9, 0xC0, 0xF1, 0xB6, 0xA8, 0x31, 0xC3, 0x99, 0xE2, 0x69, 0x77,
	    0x26, 0x61 } },
	{ "abc",
	  { 0x90, 0x01, 0x50, 0x98, 0x3C, 0xD2, 0x4F, 0xB0, 0xD6, 0x96, 0x3F, 0x7D, 0x28, 0xE1,
	    0x7F, 0x72 } },
	{ "message digest",
	  { 0xF9, 0x6B, 0x69, 0x7D, 0x7C, 0xB7, 0x93, 0x8D, 0x52, 0x5A, 0x2F, 0x31, 0xAA, 0xF1,
	    0x61, 0xD0 } },
	{ "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
	  { 0x57, 0xED, 0xF4, 0xA2, 0x2B, 0xE3, 0xC9, 0x55, 0xAC, 0x49, 0xDA, 0x2E, 0x21, 0x07,
	    0xB6, 0x7A } },
};

static void digest_of_known_texts(struct ct_world *w)
{
	uint8_t md5[FAR_MD5_LEN];

	for (size_t i = 0; can_digest(w) && i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		uint32_t len = (uint32_t)strlen(vectors[i].text);

		ct_assert_ok(
			w, ct_replace_all(w, w->base, (const uint8_t *)vectors[i].text, len, len));
		ct_assert_ok(w, far_flash_digest(w->flash, w->base, len, md5));
		assert_memory_equal(md5, vectors[i].md5, sizeof(md5));
	}
}

static void digest_of_nothing(struct ct_world *w)
{
	static const uint8_t nothing[FAR_MD5_LEN] = { 0xD4, 0x1D, 0x8C, 0xD9, 0x8F, 0x00,
						      0xB2, 0x04, 0xE9, 0x80, 0x09, 0x98,
						      0xEC, 0xF8, 0x42, 0x7E };
	uint8_t md5[FAR_MD5_LEN];

	if (!can_digest(w))
		return;
	ct_assert_ok(w, far_flash_digest(w->flash, w->base, 0, md5));
	assert_memory_equal(md5, nothing, sizeof(md5));
	ct_assert_ok(w, far_flash_digest(w->flash, w->flash->info.size, 0, md5));
	assert_memory_equal(md5, nothing, sizeof(md5));
}

static void digest_is_that_of_the_contents(struct ct_world *w)
{
	static const uint16_t lens[] = { 1, 55, 56, 63, 64, 65, 119, 255, 257, 4096, 9999 };
	uint8_t data[DATA_MAX], md5[FAR_MD5_LEN], wanted[FAR_MD5_LEN];
	uint32_t seed = 16;

	if (!can_digest(w))
		return;
	ct_fill(&seed, data, sizeof(data));
	ct_assert_ok(w, ct_replace_all(w, w->base, data, sizeof(data), sizeof(data)));
	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		uint32_t off = ct_below(&seed, sizeof(data) - lens[i]);
		struct far_md5 sum;

		far_md5_init(&sum);
		far_md5_update(&sum, ct_at(w, w->base + off), lens[i]);
		far_md5_final(&sum, wanted);
		ct_assert_ok(w, far_flash_digest(w->flash, w->base + off, lens[i], md5));
		assert_memory_equal(md5, wanted, sizeof(md5));
	}
}

static void sync_succeeds(struct ct_world *w)
{
	uint8_t data[64];
	uint32_t seed = 17;

	ct_fill(&seed, data, sizeof(data));
	ct_assert_ok(w, far_flash_sync(w->flash));
	ct_assert_ok(w, far_flash_write(w->flash, w->base, data, sizeof(data)));
	ct_assert_ok(w, far_flash_sync(w->flash));
	assert_memory_equal(ct_at(w, w->base), data, sizeof(data));
}

/* Nothing is global: what one flash is doing does not show in the other. */
static void two_side_by_side(struct ct_world *w)
{
	struct ct_world *other = w->backend->make();
	uint8_t a[3200], b[3200], back[3200];
	uint32_t seed = 18;
	bool streams = !w->backend->no_replace;

	ct_fill(&seed, a, sizeof(a));
	ct_fill(&seed, b, sizeof(b));
	if (streams) {
		ct_assert_ok(w, far_flash_replace_begin(w->flash, w->base, sizeof(a), 0));
		ct_assert_ok(other,
			     far_flash_replace_begin(other->flash, other->base, sizeof(b), 0));
	}
	for (uint32_t done = 0; done < sizeof(a); done += 320) {
		ct_assert_ok(w, streams ? far_flash_replace_write(w->flash, a + done, 320)
					: far_flash_write(w->flash, w->base + done, a + done, 320));
		ct_assert_ok(other, streams ? far_flash_replace_write(other->flash, b + done, 320)
					    : far_flash_write(other->flash, other->base + done,
							      b + done, 320));
	}
	if (streams)
		ct_assert_ok(w, far_flash_replace_end(w->flash));
	assert_int_equal(far_flash_erase(w->flash, w->base + 1, 1), FAR_ERR_ALIGN);
	if (streams)
		ct_assert_ok(other, far_flash_replace_end(other->flash));
	assert_memory_equal(ct_at(w, w->base), a, sizeof(a));
	assert_memory_equal(ct_at(other, other->base), b, sizeof(b));
	if (ct_can(w, FAR_FLASH_CAN_READ)) {
		ct_assert_ok(w, far_flash_read(w->flash, w->base, back, sizeof(back)));
		assert_memory_equal(back, a, sizeof(a));
		ct_assert_ok(other, far_flash_read(other->flash, other->base, back, sizeof(back)));
		assert_memory_equal(back, b, sizeof(b));
	}
	other->backend->free(other);
}

const struct ct_case ct_data[] = {
	{ "read gives the contents", read_gives_the_contents },
	{ "write at any block", write_at_any_block },
	{ "write only clears bits", write_only_clears_bits },
	{ "writing ones changes nothing", writing_ones_changes_nothing },
	{ "erase keeps its bounds", erase_keeps_its_bounds },
	{ "erase makes writable again", erase_makes_writable_again },
	{ "digest of known texts", digest_of_known_texts },
	{ "digest of nothing", digest_of_nothing },
	{ "digest is that of the contents", digest_is_that_of_the_contents },
	{ "sync succeeds", sync_succeeds },
	{ "two side by side", two_side_by_side },
	{ NULL, NULL },
};
