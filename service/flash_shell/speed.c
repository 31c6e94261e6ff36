/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How fast a flash is: the same thing repeated, with each round's time and the average rate. Clocks
 * of a port count milliseconds, so short rounds need a high repeat count.
 */
#include "service/flash_shell/internal.h"

/* A rate with one decimal in the largest unit that leaves 1 or more: "1.5MiBps". */
static void put_rate(struct shell_job *j, uint64_t bytes_per_s)
{
	static const char *const units[] = { "Bps", "KiBps", "MiBps", "GiBps" };
	uint64_t tenths = bytes_per_s * 10;
	unsigned unit = 0;

	for (; unit < 3 && tenths >= 10240; unit++)
		tenths /= 1024;
	far_text_decimal(&j->text, tenths / 10 > UINT32_MAX ? UINT32_MAX : (uint32_t)(tenths / 10));
	far_text_put(&j->text, ".");
	far_text_decimal(&j->text, (uint32_t)(tenths % 10));
	far_text_put(&j->text, units[unit]);
}

/* Below the clock's resolution only a bound is known: it took less than one tick of 1 ms. */
static int tell(struct shell_job *j, uint32_t total_ms)
{
	uint32_t repeat = j->arg[2];
	uint64_t bytes = (uint64_t)j->arg[1] * repeat;
	uint32_t each_ms = total_ms / repeat;

	far_text_put(&j->text, "Total: ");
	far_text_decimal(&j->text, total_ms);
	far_text_put(&j->text, each_ms > 0 ? "ms, Per loop: ~" : "ms, Per loop: <");
	far_text_decimal(&j->text, each_ms > 0 ? each_ms : 1);
	far_text_put(&j->text, total_ms > 0 ? "ms, Speed: ~" : "ms, Speed: >");
	put_rate(j, bytes * 1000 / (total_ms > 0 ? total_ms : 1));
	return shell_say(j, "");
}

/* Zephyr's words, which scripts measure by. */
static int tell_round(struct shell_job *j, uint32_t round, uint32_t ms)
{
	far_text_put(&j->text, "Loop #");
	far_text_decimal(&j->text, round);
	far_text_put(&j->text, " done in ");
	far_text_decimal(&j->text, ms);
	return shell_say(j, "ms.");
}

/* round does the thing once, on (address, size), and tells what goes wrong by itself. */
static int measure(struct shell_job *j, int (*round)(struct shell_job *, uint32_t, uint32_t))
{
	struct far_clock *clock = j->s->clock;
	uint32_t total_ms = 0;
	int err = shell_check_repeat(j, j->arg[2]);

	for (uint32_t i = 1; i <= j->arg[2] && !err; i++) {
		/* By subtraction: the clock wraps after 49 days. */
		uint32_t start = clock->ops->now_ms(clock), ms;
		err = round(j, j->arg[0], j->arg[1]);
		if (err)
			break;
		ms = clock->ops->now_ms(clock) - start;
		total_ms += ms;
		err = tell_round(j, i, ms);
	}
	return err ? err : tell(j, total_ms);
}

int shell_read_test(struct shell_job *j)
{
	int err = shell_check(j, SHELL_READ_HEAD, j->arg[0], j->arg[1], 1);

	return err ? err : measure(j, shell_read);
}

int shell_erase_test(struct shell_job *j)
{
	int err = shell_check(j, SHELL_ERASE_HEAD, j->arg[0], j->arg[1],
			      j->s->flash->info.sector_size);

	return err ? err : measure(j, shell_erase);
}

int shell_write_test(struct shell_job *j)
{
	int err = shell_check(j, SHELL_WRITE_HEAD, j->arg[0], j->arg[1],
			      j->s->flash->info.write_block);

	return err ? err : measure(j, shell_write_pattern);
}
