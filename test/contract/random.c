/* SPDX-License-Identifier: Apache-2.0 */
/* Random operations, checked after each one against a model that is only an array. */
#include <stdlib.h>

#include "core/md5.h"
#include "test/contract/contract.h"

#define SPAN  0x18000u /* three halves of a block, to have some of everything */
#define MOST  0x2800u
#define STEPS 120u

struct model {
	struct ct_world *w;
	uint32_t seed;
	uint8_t bytes[SPAN];
	uint8_t buf[MOST];
};

static void pick(struct model *m, uint32_t unit, uint32_t *off, uint32_t *len)
{
	uint32_t most = unit > MOST ? unit : MOST;

	*off = ct_below(&m->seed, SPAN / unit) * unit;
	*len = (1 + ct_below(&m->seed, most / unit)) * unit;
	if (*len > SPAN - *off)
		*len = SPAN - *off;
}

static void do_write(struct model *m)
{
	uint32_t off, len;

	pick(m, m->w->flash->info.write_block, &off, &len);
	len = ct_below(&m->seed, 16) == 0 ? len : ct_blocks(m->w, len / 16 + 1);
	len = len < SPAN - off ? len : SPAN - off;
	ct_fill(&m->seed, m->buf, len);
	for (uint32_t i = 0; i < len; i++)
		m->bytes[off + i] &= m->buf[i];
	ct_assert_ok(m->w, far_flash_write(m->w->flash, m->w->base + off, m->buf, len));
}

static void do_erase(struct model *m)
{
	uint32_t off, len;

	pick(m, m->w->flash->info.sector_size, &off, &len);
	if (ct_below(&m->seed, 8) == 0) {
		off = 0;
		len = SPAN;
	}
	memset(m->bytes + off, 0xFF, len);
	ct_assert_ok(m->w, far_flash_erase(m->w->flash, m->w->base + off, len));
}

static void do_replace(struct model *m)
{
	uint32_t off, len, whole;

	pick(m, m->w->flash->info.sector_size, &off, &len);
	whole = len;
	len -= ct_below(&m->seed, m->w->flash->info.sector_size);
	len = len < MOST ? len : MOST;
	whole = ct_sectors(m->w, len);
	ct_fill(&m->seed, m->buf, len);
	memset(m->bytes + off, 0xFF, whole);
	memcpy(m->bytes + off, m->buf, len);
	ct_assert_ok(m->w, ct_replace_all(m->w, m->w->base + off, m->buf, len,
					  1 + ct_below(&m->seed, 2000)));
}

static void do_read(struct model *m)
{
	uint32_t off, len;

	if (!ct_can(m->w, FAR_FLASH_CAN_READ))
		return;
	pick(m, 1, &off, &len);
	len = len / 8 + 1;
	len = len < SPAN - off ? len : SPAN - off;
	ct_assert_ok(m->w, far_flash_read(m->w->flash, m->w->base + off, m->buf, len));
	assert_memory_equal(m->buf, m->bytes + off, len);
}

static void do_digest(struct model *m)
{
	uint8_t md5[FAR_MD5_LEN], wanted[FAR_MD5_LEN];
	uint32_t off, len;
	struct far_md5 sum;

	if (!ct_can(m->w, FAR_FLASH_CAN_READ) && !ct_can(m->w, FAR_FLASH_CAN_DIGEST))
		return;
	pick(m, 1, &off, &len);
	far_md5_init(&sum);
	far_md5_update(&sum, m->bytes + off, len);
	far_md5_final(&sum, wanted);
	ct_assert_ok(m->w, far_flash_digest(m->w->flash, m->w->base + off, len, md5));
	assert_memory_equal(md5, wanted, sizeof(md5));
}

/* A call in vain changes nothing. */
static void do_mistake(struct model *m)
{
	struct far_flash *f = m->w->flash;
	uint32_t addr = m->w->base + 1 + ct_below(&m->seed, f->info.sector_size - 1);

	assert_int_equal(far_flash_erase(f, addr, f->info.sector_size), FAR_ERR_ALIGN);
	assert_int_equal(far_flash_replace_begin(f, addr, 1, 0), FAR_ERR_ALIGN);
	assert_int_equal(far_flash_write(f, f->info.size, m->buf, f->info.write_block),
			 FAR_ERR_RANGE);
}

/*
 * A stream that is begun, fed a little and left: the sectors under it hold anything until erased.
 */
static void do_abandon(struct model *m)
{
	struct far_flash *f = m->w->flash;
	uint32_t sector = f->info.sector_size;
	uint32_t off = ct_below(&m->seed, SPAN / sector - 1) * sector;

	if (m->w->backend->no_replace)
		return;
	ct_assert_ok(m->w, far_flash_replace_begin(f, m->w->base + off, sector + 77, 0));
	ct_assert_ok(m->w, far_flash_replace_write(f, m->buf, ct_below(&m->seed, sector)));
	memset(m->bytes + off, 0xFF, 2 * sector);
	ct_assert_ok(m->w, far_flash_erase(f, m->w->base + off, 2 * sector));
}

typedef void operation(struct model *m);

static void sequence(struct ct_world *w, uint32_t seed)
{
	static operation *const all[] = { do_write, do_write,  do_write,   do_erase,  do_replace,
					  do_read,  do_digest, do_mistake, do_abandon };
	struct model *m = malloc(sizeof(*m));

	if (m == NULL)
		abort();
	m->w = w;
	m->seed = seed;
	memset(m->buf, 0, sizeof(m->buf));
	memcpy(m->bytes, ct_at(w, w->base), SPAN);
	ct_snapshot(w);
	for (unsigned step = 0; step < STEPS; step++) {
		size_t which = ct_below(&m->seed, sizeof(all) / sizeof(all[0]));

		all[which](m);
		if (memcmp(ct_at(w, w->base), m->bytes, SPAN) != 0)
			fail_msg("%s: seed %u, step %u: operation %zu left other contents",
				 w->backend->name, seed, step, which);
		ct_assert_only(w, w->base, SPAN);
	}
	free(m);
}

static void seed_1(struct ct_world *w)
{
	sequence(w, 1);
}

static void seed_2(struct ct_world *w)
{
	sequence(w, 0xC0FFEE);
}

static void seed_3(struct ct_world *w)
{
	sequence(w, 20240229);
}

const struct ct_case ct_random[] = {
	{ "random operations, seed 1", seed_1 },
	{ "random operations, seed 2", seed_2 },
	{ "random operations, seed 3", seed_3 },
	{ NULL, NULL },
};
