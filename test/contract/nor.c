/* SPDX-License-Identifier: Apache-2.0 */
/* The rows for device/nor on the simulator's die, below 16 MiB and across that border. */
#include <stdlib.h>

#include "device/nor/nor.h"
#include "sim/clock/clock.h"
#include "sim/nor/nor.h"
#include "test/contract/contract.h"

struct nor_world {
	struct ct_world world; /* first */
	struct far_spi bus;    /* in between: breaks when it is told to */
	struct far_sim_spi die_bus;
	struct far_sim_clock clock;
	struct far_sim_nor *die;
	struct far_nor nor;
	uint32_t frames;      /* so far */
	uint32_t frames_left; /* until the bus breaks */
	bool cut;
};

static struct nor_world *of_world(struct ct_world *w)
{
	return (struct nor_world *)(void *)w;
}

static int transfer(struct far_spi *s, const struct far_spi_frame *frame)
{
	struct nor_world *n =
		(struct nor_world *)(void *)((char *)s - offsetof(struct nor_world, bus));

	if (n->cut && n->frames_left == 0)
		return FAR_ERR_IO;
	if (n->cut)
		n->frames_left--;
	n->frames++;
	return n->die_bus.spi.ops->transfer(&n->die_bus.spi, frame);
}

static const struct far_spi_ops bus_ops = { .transfer = transfer };

static struct ct_world *make(const struct ct_backend *backend, uint32_t size)
{
	const struct far_sim_nor_config config = { .size = size };
	struct nor_world *n = calloc(1, sizeof(*n));

	if (n == NULL)
		abort();
	n->die = far_sim_nor_new(&config);
	if (n->die == NULL)
		abort();
	n->bus.ops = &bus_ops;
	far_sim_clock_init(&n->clock);
	far_sim_spi_init(&n->die_bus, n->die, &n->clock.clock);
	if (far_nor_init(&n->nor, &n->bus, &n->clock.clock) != FAR_OK)
		abort();
	n->world.backend = backend;
	n->world.flash = &n->nor.flash;
	n->world.memory = far_sim_nor_memory(n->die);
	n->world.base = backend->base;
	return &n->world;
}

static struct ct_world *make_narrow(void)
{
	return make(&ct_nor, 0x100000);
}

static struct ct_world *make_wide(void)
{
	return make(&ct_nor_wide, 0x2000000);
}

static void nor_free(struct ct_world *w)
{
	struct nor_world *n = of_world(w);

	far_sim_nor_free(n->die);
	free(n);
}

static uint32_t nor_traffic(struct ct_world *w)
{
	return of_world(w)->frames;
}

static void nor_cut(struct ct_world *w, uint32_t after)
{
	of_world(w)->cut = true;
	of_world(w)->frames_left = after;
}

static int nor_mend(struct ct_world *w)
{
	of_world(w)->cut = false;
	return FAR_OK;
}

const struct ct_backend ct_nor = {
	.name = "nor",
	.make = make_narrow,
	.free = nor_free,
	.traffic = nor_traffic,
	.cut = nor_cut,
	.mend = nor_mend,
	.base = 0x20000,
};

const struct ct_backend ct_nor_wide = {
	.name = "nor-wide",
	.make = make_wide,
	.free = nor_free,
	.traffic = nor_traffic,
	.cut = nor_cut,
	.mend = nor_mend,
	.base = 0xFE0000, /* 16 MiB is in its middle */
};
