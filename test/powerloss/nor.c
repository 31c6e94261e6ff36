/* SPDX-License-Identifier: Apache-2.0 */
/* Power fails at the NOR part of this board. */
#include "test/powerloss/board.h"

int main(int argc, char **argv)
{
	static const struct powerloss_world world = {
		.name = "nor",
		.create = board_create,
		.boot = board_boot,
		.memory = board_memory,
		.destroy = board_destroy,
		.cuts = { { "cut=op:", 1 } },
		.rounds = 500,
	};

	return powerloss_main(argc, argv, &world);
}
