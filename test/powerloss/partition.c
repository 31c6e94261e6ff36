/* SPDX-License-Identifier: Apache-2.0 */
/* Power fails under a partition: the rest of the flash must not even be looked at wrongly. */
#include "device/partition/partition.h"
#include "test/powerloss/board.h"

static struct far_partition window;

/* A window over all of it inside another, so that the job's addresses stay those of the runner. */
static struct far_flash *boot(void)
{
	static struct far_partition outer;
	struct far_flash *f = board_boot();

	if (f == NULL || far_partition_init(&outer, f, 0, f->info.size, FAR_PARTITION_ALL) < 0 ||
	    far_partition_init(&window, &outer.flash, 0, 0x18000, FAR_PARTITION_ALL) < 0)
		return NULL;
	return &window.flash;
}

int main(int argc, char **argv)
{
	static const struct powerloss_world world = {
		.name = "partition",
		.create = board_create,
		.boot = boot,
		.memory = board_memory,
		.destroy = board_destroy,
		.cuts = { { "cut=op:", 1 } },
		.rounds = 200,
	};

	return powerloss_main(argc, argv, &world);
}
