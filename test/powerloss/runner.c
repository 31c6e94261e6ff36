/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "service/update/update.h"
#include "test/common/changed.h"
#include "test/common/every.h"
#include "test/powerloss/runner.h"

enum {
	SECTOR = 0x1000,
	ADDR = 0xe000,         /* so that the job crosses a 64 KiB line */
	LEN = 5 * SECTOR + 77, /* of the jobs that are cut once */
	SMALL = SECTOR + 300,  /* of those that are cut twice */
	CUTS_MAX = 4
};

/* One case: these plans for the first runs, none for the last. */
struct cuts {
	char plan[CUTS_MAX][64];
	uint64_t seed[CUTS_MAX];
	unsigned count;
};

static const struct powerloss_world *world;
static struct cuts now;
static uint8_t before[POWERLOSS_SIZE], at_start[POWERLOSS_SIZE], source[LEN];
static uint8_t work[FAR_UPDATE_SEGMENT_MAX];
static unsigned cases, cuts_met, written_again;

/* ---- truth ----------------------------------------------------------------------------------- */

static void print_id(FILE *to)
{
	fprintf(to, "%s/", world->name);
	for (unsigned i = 0; i < now.count; i++)
		fprintf(to, "%s%s@%llu", i > 0 ? "+" : "", now.plan[i],
			(unsigned long long)now.seed[i]);
	fputc('\n', to);
}

static void fail(const char *what, uint32_t at)
{
	fprintf(stderr, "%s, at 0x%x; replay with --replay ", what, (unsigned)at);
	print_id(stderr);
	exit(1);
}

static uint32_t sectors(uint32_t len)
{
	return (len + SECTOR - 1) / SECTOR * SECTOR;
}

/* Nothing outside [addr, addr + len) differs from what was there. */
static void assert_only(const uint8_t *was, uint32_t addr, uint32_t len, const char *what)
{
	uint32_t at = first_change(was, world->memory(), POWERLOSS_SIZE, addr, len);

	if (at < POWERLOSS_SIZE)
		fail(what, at);
}

static void assert_done(uint32_t len)
{
	const uint8_t *is = world->memory();

	for (uint32_t i = 0; i < sectors(len); i++)
		if (is[ADDR + i] != (i < len ? source[i] : before[ADDR + i]) &&
		    (i < len || is[ADDR + i] != 0xff))
			fail("the flash does not hold what it should", ADDR + i);
	assert_only(before, ADDR, sectors(len), "a byte outside the range has changed");
}

/* ---- one run --------------------------------------------------------------------------------- */

static int read_source(void *ctx, uint32_t offset, uint8_t *buf, uint32_t len)
{
	(void)ctx;
	memcpy(buf, source + offset, len);
	return FAR_OK;
}

static int run_job(struct far_flash *f, uint32_t len, struct far_update_result *result)
{
	const struct far_update_config job = {
		.flash = f,
		.addr = ADDR,
		.len = len,
		.read = read_source,
		.work = work,
		.work_len = sizeof(work),
		.diff = 1,
	};

	return far_update_run(&job, result);
}

/* A run that will be cut: does what it says of itself hold? */
static void run_cut(uint32_t len)
{
	struct far_update_result result = { 0 };
	struct far_flash *f;
	int rc;

	memcpy(at_start, world->memory(), sizeof(at_start));
	f = world->boot();
	if (f == NULL)
		return;
	rc = run_job(f, len, &result);
	assert_only(at_start, result.touched_addr, result.touched_len,
		    "it has touched more than it says");
	if (rc != FAR_OK && result.verified)
		fail("it failed and says it is verified", result.first_bad);
}

/* A new plan for the world as it is: what is off stays off until it is started. */
static void install(struct far_sim_fault *plan, const char *text, uint64_t seed)
{
	bool off = plan->off, vanished = plan->vanished;
	char why[160];

	if (far_sim_fault_plan(plan, text, seed, why, sizeof(why)) != 0)
		fail(why, 0);
	plan->off = off;
	plan->vanished = vanished;
}

/* All the runs of a case. False if its last plan met nothing: there are no more places to cut. */
static bool run_case(uint32_t len)
{
	struct far_sim_fault plan = { 0 };
	struct far_update_result result = { 0 };
	struct far_flash *f;
	bool met = true;

	cases++;
	install(&plan, "", 0);
	world->create(before, &plan);
	for (unsigned i = 0; i < now.count; i++) {
		install(&plan, now.plan[i], now.seed[i]);
		run_cut(len);
		met = plan.injected[FAR_SIM_FAULT_CUT] + plan.injected[FAR_SIM_FAULT_VANISH] > 0;
		cuts_met += met;
	}
	install(&plan, "", 0);
	f = world->boot();
	if (f == NULL)
		fail("it does not come up again", 0);
	if (run_job(f, len, &result) != FAR_OK || !result.verified)
		fail("the last run does not end verified", f->fault.addr);
	written_again += result.written;
	assert_done(len);
	world->destroy();
	return met;
}

/* ---- all cases ------------------------------------------------------------------------------- */

static void set_cut(unsigned i, const char *plan, uint32_t n, const char *where, uint64_t seed)
{
	snprintf(now.plan[i], sizeof(now.plan[i]), "%s%u%s", plan, (unsigned)n, where);
	now.seed[i] = seed;
	now.count = i + 1;
}

static bool is_power(const char *plan)
{
	return strncmp(plan, "cut=", 4) == 0;
}

/* At every place: before, inside and after a flash operation; or where a byte is on its way. */
static void every_cut(void)
{
	static const char *const wheres[] = { ":before", ":inside", ":after" };

	for (unsigned k = 0; world->cuts[k].plan != NULL; k++) {
		const char *plan = world->cuts[k].plan;
		unsigned ways = is_power(plan) ? 3 : 1;

		for (unsigned w = 0; w < ways; w++) {
			uint32_t n = 1;

			for (;; n += world->cuts[k].stride * test_every()) {
				set_cut(0, plan, n, is_power(plan) ? wheres[w] : "", n);
				if (!run_case(LEN))
					break;
			}
			if (n == 1)
				fail("there was nothing to cut", 0);
		}
	}
}

/* A small job cut at i; and the run that should repair it, cut at j. */
static void every_pair(void)
{
	const char *plan = world->cuts[0].plan;
	uint32_t stride = world->cuts[0].stride * test_every();
	bool met = true;

	for (uint32_t i = 1; met; i += stride) {
		bool second = true;

		set_cut(0, plan, i, ":inside", i);
		met = run_case(SMALL);
		for (uint32_t j = 1; second && met; j += stride) {
			set_cut(0, plan, i, ":inside", i);
			set_cut(1, plan, j, ":inside", i * 1000 + j);
			second = run_case(SMALL);
		}
	}
}

/* Up to four cuts in a row, anywhere, of any kind, as the seed has it. */
static void random_cuts(void)
{
	for (uint32_t round = 0; round < world->rounds; round += test_every()) {
		struct far_sim_fault dice;
		char why[8];

		far_sim_fault_plan(&dice, "", round, why, sizeof(why));
		for (unsigned i = 0; i < 1 + round % CUTS_MAX; i++) {
			unsigned k = (unsigned)far_sim_fault_draw(&dice, 4);

			while (world->cuts[k].plan == NULL)
				k--;
			set_cut(i, world->cuts[k].plan,
				1 + (uint32_t)far_sim_fault_draw(&dice,
								 90u * world->cuts[k].stride),
				"", far_sim_fault_draw(&dice, UINT32_MAX));
		}
		run_case(LEN);
	}
}

/* WORLD/PLAN@SEED+PLAN@SEED */
static int replay(const char *id)
{
	char copy[512], *at, *save = NULL;
	size_t prefix = strlen(world->name);

	snprintf(copy, sizeof(copy), "%s", id);
	if (strncmp(copy, world->name, prefix) != 0 || copy[prefix] != '/') {
		fprintf(stderr, "'%s' is not of world %s\n", id, world->name);
		return 2;
	}
	now.count = 0;
	for (char *one = strtok_r(copy + prefix + 1, "+", &save);
	     one != NULL && now.count < CUTS_MAX; one = strtok_r(NULL, "+", &save)) {
		at = strchr(one, '@');
		if (at != NULL)
			*at++ = '\0';
		snprintf(now.plan[now.count], sizeof(now.plan[0]), "%s", one);
		now.seed[now.count++] = at != NULL ? strtoull(at, NULL, 10) : 0;
	}
	/* Pairs are of the small job: they alone are two cuts inside. */
	run_case(now.count == 2 && strstr(now.plan[0], ":inside") != NULL ? SMALL : LEN);
	printf("%s: ends well\n", id);
	return 0;
}

/* What was there: firmware, data, and two sectors that are right already. */
static void prepare(void)
{
	for (uint32_t i = 0; i < POWERLOSS_SIZE; i++)
		before[i] = (uint8_t)(i * 2654435761u >> 13);
	for (uint32_t i = 0; i < LEN; i++)
		source[i] = (uint8_t)((i + 99) * 2246822519u >> 11);
	memcpy(before + ADDR + SECTOR, source + SECTOR, SECTOR);
	memcpy(before + ADDR + 4 * SECTOR, source + 4 * SECTOR, SECTOR);
	memset(before + ADDR + 3 * SECTOR, 0xff, SECTOR);
}

int powerloss_main(int argc, char **argv, const struct powerloss_world *w)
{
	world = w;
	prepare();
	if (argc == 3 && strcmp(argv[1], "--replay") == 0)
		return replay(argv[2]);
	every_cut();
	every_pair();
	random_cuts();
	printf("%s: %u cases, %u cuts, all completed; %u bytes written again on average, of %u\n",
	       w->name, cases, cuts_met, written_again / cases, (unsigned)LEN);
	return 0;
}
