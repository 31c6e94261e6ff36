/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows for device/partition: a window on another row's flash, with that row's ways to break. In
 * the last row all that there is stands in line: a window on a window on a flash behind a mailbox
 * whose supervisor serves a chip behind its loader. Around the window lie bytes that must stay.
 */
#include <stdlib.h>

#include "device/partition/partition.h"
#include "test/contract/contract.h"

#define OUTER_AT 0x8000u /* of the window in between, where there is one */
#define AT       0x10000u
#define LEN      0xe0000u
#define GUARD    64u

struct partition_world {
	struct ct_world world; /* first */
	struct ct_world *inner;
	struct far_partition outer, window;
};

static struct partition_world *of_world(struct ct_world *w)
{
	return (struct partition_world *)(void *)w;
}

/* Zeros before and behind the window, and blank bytes behind those. */
static void guard(struct ct_world *inner)
{
	static const uint8_t zeros[GUARD] = { 0 };

	if (far_flash_write(inner->flash, AT - GUARD, zeros, GUARD) != FAR_OK ||
	    far_flash_write(inner->flash, AT + LEN, zeros, GUARD) != FAR_OK)
		abort();
}

static void check_guard(const struct ct_world *inner)
{
	ct_assert_filled(inner, 0, AT - GUARD, 0xFF);
	ct_assert_filled(inner, AT - GUARD, GUARD, 0);
	ct_assert_filled(inner, AT + LEN, GUARD, 0);
	ct_assert_filled(inner, AT + LEN + GUARD, inner->flash->info.size - (AT + LEN + GUARD),
			 0xFF);
}

static struct ct_world *make(const struct ct_backend *backend, const struct ct_backend *inner,
			     bool twice)
{
	struct partition_world *p = calloc(1, sizeof(*p));
	struct far_flash *parent;
	uint32_t at = AT;

	if (p == NULL)
		abort();
	p->inner = inner->make();
	guard(p->inner);
	parent = p->inner->flash;
	if (twice) {
		if (far_partition_init(&p->outer, parent, OUTER_AT, parent->info.size - OUTER_AT,
				       FAR_PARTITION_ALL) != FAR_OK)
			abort();
		parent = &p->outer.flash;
		at -= OUTER_AT;
	}
	if (far_partition_init(&p->window, parent, at, LEN, FAR_PARTITION_ALL) != FAR_OK)
		abort();
	p->world.backend = backend;
	p->world.flash = &p->window.flash;
	p->world.memory = p->inner->memory + AT;
	p->world.base = backend->base;
	return &p->world;
}

static void partition_free(struct ct_world *w)
{
	struct partition_world *p = of_world(w);

	check_guard(p->inner);
	p->inner->backend->free(p->inner);
	free(p);
}

static uint32_t partition_traffic(struct ct_world *w)
{
	struct ct_world *inner = of_world(w)->inner;

	return inner->backend->traffic(inner);
}

static void partition_cut(struct ct_world *w, uint32_t after)
{
	struct ct_world *inner = of_world(w)->inner;

	inner->backend->cut(inner, after);
}

static int partition_mend(struct ct_world *w)
{
	struct ct_world *inner = of_world(w)->inner;

	return inner->backend->mend(inner);
}

static struct ct_world *make_nor(void)
{
	return make(&ct_partition, &ct_nor, false);
}

static struct ct_world *make_esp8266(void)
{
	return make(&ct_partition_esp8266, &ct_esp8266, false);
}

static struct ct_world *make_esp32(void)
{
	return make(&ct_partition_esp32, &ct_esp32, false);
}

static struct ct_world *make_inline(void)
{
	return make(&ct_partition_inline, &ct_mailbox_inline, true);
}

static struct ct_world *make_all(void)
{
	return make(&ct_partition_all, &ct_mailbox_esp, true);
}

#define ROW(row, maker, small)                                                                     \
	{                                                                                          \
		.name = row, .make = maker, .free = partition_free, .traffic = partition_traffic,  \
		.cut = partition_cut, .mend = partition_mend, .base = 0x10000, .no_replace = small \
	}

const struct ct_backend ct_partition = ROW("partition", make_nor, false);
const struct ct_backend ct_partition_esp8266 = ROW("partition-esp8266", make_esp8266, false);
const struct ct_backend ct_partition_esp32 = ROW("partition-esp32", make_esp32, false);
const struct ct_backend ct_partition_all = ROW("partition-all", make_all, false);
const struct ct_backend ct_partition_inline = ROW("partition-inline", make_inline, true);
