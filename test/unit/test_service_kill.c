/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kill -9 of the keeper of a flash, and of the remote that works on it, a thousand times at random
 * points, with the real service between two processes. The survivor is never restarted and must go
 * on working with the new one. What the flash holds is compared with a journal that the remote
 * keeps where it outlives it. After each kill, and when the new service has answered,
 *   - outside the range of the request that was under way every byte is what it was;
 *   - of an erase, the first sectors are blank and the others as they were; of a write, the first
 *     bytes are new and the others blank. Where only the remote was killed the border is that
 *     of a piece of the keeper's work. Where the keeper was killed, in the midst of a piece, it
 *     may lie anywhere, and one sector of an erase may be half erased;
 *   - of a replacement, each byte is as it was, blank, or new;
 *   - and what has changed lies in the range that the failed call has recorded as touched.
 * After that nothing of the old request happens any more: later comparisons would show it.
 *
 * FARFLASH_TEST_SEED=N makes other choices, FARFLASH_TEST_KILLS=N more or fewer of them.
 */
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "service_stage.h"
#include "test/common/child.h"

#define KILLS   1000u
#define LIMIT_S 60 /* for anything that is waited for */
#define GRANT   0x4000u
#define GRANTED 0x8000u
#define SECTORS (GRANTED / STAGE_SECTOR)
#define MOST    4u /* sectors of one request */
#define BLANK   0xffu

enum kind { NOTHING, ERASE, WRITE, REPLACE, KINDS };

struct scene {
	struct stage stage; /* first */
	uint8_t want[STAGE_SIZE];
	/* The request under way. kind is set last and cleared first. */
	uint32_t kind, addr, len, seed;
	uint32_t deaths_then;
	/* Kept by the test. */
	uint32_t deaths; /* of the keeper, twice; odd while it is being killed */
	uint32_t kills;
	uint32_t finish; /* come to an end */
	/* Kept by the remote. */
	uint32_t last_seed;
	uint32_t done;        /* requests that were answered as they should */
	uint32_t part[KINDS]; /* of those that were cut off: neither nothing nor all was done */
	uint32_t torn;        /* sectors and pieces, when the keeper died in it */
};

static struct scene *scene;
static char folder[200], path[240];
static uint32_t random_state;

static uint32_t load(const uint32_t *p)
{
	return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}

static void store(uint32_t *p, uint32_t value)
{
	__atomic_store_n(p, value, __ATOMIC_RELEASE);
}

static uint32_t below(uint32_t n)
{
	random_state = random_state * 1664525u + 1013904223u;
	return (uint32_t)((uint64_t)random_state * n >> 32);
}

/* ---- the remote: what the flash may hold ----------------------------------------------------- */

static bool is_filled(const uint8_t *at, uint32_t len, uint8_t value)
{
	return len == 0 || (at[0] == value && memcmp(at, at + 1, len - 1) == 0);
}

static const char *after_erase(struct scene *s, const uint8_t *is, const uint8_t *was, bool died)
{
	uint32_t at = 0, len = s->len;

	while (at < len && is_filled(is + at, STAGE_SECTOR, BLANK))
		at += STAGE_SECTOR;
	s->part[ERASE] += at > 0 && at < len;
	if (at < len && died && memcmp(is + at, was + at, STAGE_SECTOR) != 0) {
		s->torn++;
		for (uint32_t i = at; i < at + STAGE_SECTOR; i++)
			if (is[i] != was[i] && is[i] != BLANK)
				return "a byte of an erase is neither old nor blank";
		at += STAGE_SECTOR;
	}
	return memcmp(is + at, was + at, len - at) == 0 ? NULL : "an erase out of order, or torn";
}

static const char *after_write(struct scene *s, const uint8_t *is, bool died)
{
	uint32_t at = 0, len = s->len;

	while (at < len && is[at] == stage_byte(s->addr + at, s->seed))
		at++;
	s->part[WRITE] += at > 0 && at < len;
	s->torn += at < len && at % STAGE_DATA_MAX != 0;
	if (!died && at < len && at % STAGE_DATA_MAX != 0)
		return "a piece of a write is torn, and the keeper lives";
	return is_filled(is + at, len - at, BLANK) ? NULL : "a write out of order";
}

static const char *after_replace(struct scene *s, const uint8_t *is, const uint8_t *was)
{
	bool changed = memcmp(is, was, s->len) != 0, finished = true;

	for (uint32_t i = 0; i < s->len; i++) {
		bool is_new = is[i] == stage_byte(s->addr + i, s->seed);

		finished = finished && is_new;
		if (!is_new && is[i] != was[i] && is[i] != BLANK)
			return "a byte of a replacement is neither old, blank nor new";
	}
	s->part[REPLACE] += changed && !finished;
	return NULL;
}

/* Only [addr, addr + len) differs from what was wanted. */
static bool differs_only(const struct scene *s, uint32_t addr, uint32_t len)
{
	const uint8_t *is = s->stage.flash, *was = s->want;

	return memcmp(is, was, addr) == 0 &&
	       memcmp(is + addr + len, was + addr + len, STAGE_SIZE - addr - len) == 0;
}

/* Has the keeper been killed since deaths was that? */
static bool has_died(const struct scene *s, uint32_t then)
{
	return then % 2 != 0 || load(&s->deaths) != then;
}

/*
 * The service has answered: nothing of the request under way can happen any more. fault: the record
 * of its failure, NULL if the remote that asked for it is dead.
 */
static void settle(struct scene *s, const struct far_flash_fault *fault)
{
	uint32_t kind = load(&s->kind), addr = s->addr, len = s->len;
	bool died = has_died(s, s->deaths_then);
	const uint8_t *is = s->stage.flash + addr, *was = s->want + addr;
	const char *wrong = NULL;

	if (!differs_only(s, kind != NOTHING ? addr : 0, kind != NOTHING ? len : 0))
		stage_fail(&s->stage, "bytes outside the request under way have changed");
	if (kind == ERASE)
		wrong = after_erase(s, is, was, died);
	if (kind == WRITE)
		wrong = after_write(s, is, died);
	if (kind == REPLACE)
		wrong = after_replace(s, is, was);
	if (wrong == NULL && fault != NULL &&
	    !differs_only(s, fault->touched_addr, fault->touched_len))
		wrong = "more has changed than was recorded as touched";
	if (wrong != NULL)
		stage_fail(&s->stage, "%s: %#x, +%#x, keeper %s", wrong, addr, len,
			   died ? "killed" : "alive");
	if (kind != NOTHING)
		memcpy(s->want + addr, is, len);
	store(&s->kind, NOTHING);
}

/* ---- the remote: its work -------------------------------------------------------------------- */

static void begin(struct scene *s, enum kind kind, uint32_t addr, uint32_t len)
{
	s->addr = addr;
	s->len = len;
	s->seed = ++s->last_seed;
	s->deaths_then = load(&s->deaths);
	store(&s->kind, kind);
}

static int replace(struct far_flash *f, const struct scene *s, const uint8_t *data)
{
	int rc = far_flash_replace_begin(f, s->addr, s->len, 0);

	for (uint32_t at = 0; rc == FAR_OK && at < s->len; at += s->len / 4)
		rc = far_flash_replace_write(f, data + at, s->len / 4);
	return rc == FAR_OK ? far_flash_replace_end(f) : rc;
}

static int change(struct scene *s, struct far_flash *f, enum kind kind, uint32_t addr, uint32_t len)
{
	uint8_t data[MOST * STAGE_SECTOR];
	int rc;

	begin(s, kind, addr, len);
	stage_fill(data, addr, len, s->seed);
	if (kind == ERASE)
		memset(data, BLANK, len);
	if (kind == ERASE)
		rc = far_flash_erase(f, addr, len);
	else
		rc = kind == WRITE ? far_flash_write(f, addr, data, len) : replace(f, s, data);
	if (rc == FAR_OK) {
		if (memcmp(s->stage.flash + addr, data, len) != 0)
			stage_fail(&s->stage, "said to be done, and is not");
		settle(s, NULL); /* as one that was cut off after its end, which it may still be */
	}
	return rc;
}

static int look(struct scene *s, struct far_flash *f, uint32_t addr, uint32_t len)
{
	uint8_t data[MOST * STAGE_SECTOR];
	int rc = far_flash_read(f, addr, data, len);

	if (rc == FAR_OK && memcmp(data, s->want + addr, len) != 0)
		stage_fail(&s->stage, "what was read at %#x, +%#x is not there", addr, len);
	return rc;
}

/* Across the end of the grant: refused, or the service is gone. */
static int trespass(struct scene *s, struct far_flash *f)
{
	uint32_t zero = 0, end = GRANT + GRANTED;
	int rc = below(2) ? far_flash_erase(f, end - STAGE_SECTOR, 2 * STAGE_SECTOR)
			  : far_flash_write(f, below(2) ? GRANT - 4 : end, &zero, sizeof(zero));

	if (rc != FAR_ERR_REFUSED)
		return rc != FAR_OK ? rc : FAR_ERR_PROTO;
	if (f->fault.touched_len != 0 || f->fault.peer_code != FAR_SERVICE_NO_GRANT)
		stage_fail(&s->stage, "refused, and yet touched");
	return FAR_OK;
}

static int work(struct scene *s, struct far_flash *f)
{
	uint32_t n = 1 + below(MOST), sector = below(SECTORS - n + 1), dice = below(20);
	uint32_t addr = GRANT + sector * STAGE_SECTOR, len = n * STAGE_SECTOR;

	if (dice == 0)
		return trespass(s, f);
	if (dice < 4)
		return look(s, f, addr, len);
	if (dice < 7)
		return change(s, f, REPLACE, addr, len);
	if (is_filled(s->want + addr, len, BLANK))
		return change(s, f, WRITE, addr, len);
	return change(s, f, ERASE, addr, len);
}

/*
 * A call has failed: only that the keeper has died since the last one that did not excuses it. The
 * new one must answer.
 */
static void recover(struct scene *s, struct far_flash *f, int rc, uint32_t seen)
{
	struct far_flash_fault fault = f->fault;
	uint32_t tries = 0;

	if (load(&s->kind) == REPLACE) { /* speaks of the call at hand, one of several */
		fault.touched_addr = s->addr;
		fault.touched_len = s->len;
	}
	while (far_flash_sync(f) != FAR_OK)
		if (++tries == 50)
			stage_fail(&s->stage, "no new keeper: %s", far_err_name(f->fault.err));
	if (rc != FAR_ERR_TIMEOUT || !has_died(s, seen))
		stage_fail(&s->stage, "a call has failed: %s, keeper %s", far_err_name(rc),
			   has_died(s, seen) ? "killed" : "alive");
	settle(s, &fault);
}

static int remote(void *arg)
{
	static struct stage_remote r;
	struct scene *s = arg;
	struct far_flash *f = &r.flash.flash;
	uint32_t seen = load(&s->deaths);

	random_state += s->kills * 7919;
	stage_open(&s->stage, &r, path, below(2) != 0);
	settle(s, NULL);
	while (!load(&s->finish)) {
		uint32_t now = load(&s->deaths);
		int rc = work(s, f);

		if (rc != FAR_OK)
			recover(s, f, rc, seen);
		else
			store(&s->done, s->done + 1);
		seen = now;
	}
	for (uint32_t at = GRANT; at < GRANT + GRANTED; at += MOST * STAGE_SECTOR)
		if (change(s, f, REPLACE, at, MOST * STAGE_SECTOR) != FAR_OK ||
		    look(s, f, at, MOST * STAGE_SECTOR) != FAR_OK)
			stage_fail(&s->stage, "the last, undisturbed run has failed");
	return 0;
}

/* ---- the test -------------------------------------------------------------------------------- */

static uint32_t number_of(const char *name, uint32_t otherwise)
{
	const char *text = getenv(name);

	return text != NULL ? (uint32_t)strtoul(text, NULL, 0) : otherwise;
}

static int setup(void **state)
{
	const char *temp = getenv("TMPDIR");

	(void)state;
	snprintf(folder, sizeof(folder), "%s/farflash-XXXXXX", temp != NULL ? temp : "/tmp");
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/box", folder);
	scene = stage_new(sizeof(*scene));
	memcpy(scene->want, scene->stage.flash, STAGE_SIZE);
	scene->stage.remotes = 1;
	scene->stage.served[0] =
		(struct stage_served){ .path = path, .grant = { GRANT, GRANTED, 7 } };
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	stage_free(scene, sizeof(*scene));
	unlink(path);
	return rmdir(folder);
}

static uint32_t seed;

static _Noreturn void give_up(const char *what)
{
	fail_msg("seed %u, kill %u: %s; the same choices again: FARFLASH_TEST_SEED=%u "
		 "FARFLASH_TEST_KILLS=%u",
		 seed, scene->kills, scene->stage.error[0] ? scene->stage.error : what, seed,
		 scene->kills + 1);
	abort();
}

/* Until is(...) or the limit; the children that must live do. */
static void await(bool (*is)(const void *arg), const void *arg, const pid_t *alive)
{
	time_t limit = time(NULL) + LIMIT_S;

	for (uint32_t n = 1; !is(arg); n++) {
		int how;

		sched_yield();
		if (n % 64 != 0)
			continue;
		for (int side = 0; side < STAGE_SIDES; side++)
			if (alive[side] != 0 && child_ended(alive[side], &how))
				give_up("a process has ended by itself");
		if (time(NULL) > limit)
			give_up("nothing happens any more");
	}
}

/* The first request after a kill may have been answered before it; the second was not. */
static bool is_working(const void *since)
{
	return load(&scene->done) - *(const uint32_t *)since >= 2;
}

struct target {
	enum stage_side side;
	uint32_t mark;
	pid_t pid;
};

static bool is_marked(const void *target)
{
	const struct target *t = target;

	return (int32_t)(stage_marks(&scene->stage, t->side) - t->mark) >= 0;
}

static bool is_dead(const void *target)
{
	const struct target *t = target;
	int how;

	if (!child_ended(t->pid, &how))
		return false;
	if (how != -SIGKILL)
		give_up("a process has ended before its fuse");
	return true;
}

/* After some more marks: from outside, at any instruction; or from within, at the mark itself. */
static void kill_one(enum stage_side side, const pid_t *pid)
{
	uint32_t marks = 1 + (below(3) ? below(250) : below(20));
	struct target t = { side, stage_marks(&scene->stage, side) + marks, pid[side] };
	pid_t others[STAGE_SIDES] = { pid[0], pid[1] };

	if (below(2)) {
		stage_light(&scene->stage, side, marks);
		others[side] = 0;
		await(is_dead, &t, others);
	} else {
		await(is_marked, &t, others);
		if (side == STAGE_KEEPER)
			store(&scene->deaths, scene->deaths | 1);
		child_kill(pid[side]);
	}
	if (side == STAGE_KEEPER)
		store(&scene->deaths, (scene->deaths | 1) + 1);
}

static pid_t start(enum stage_side side)
{
	return child_start(side == STAGE_KEEPER ? stage_keep : remote, scene);
}

static bool is_held(const void *unused)
{
	(void)unused;
	return load(&scene->stage.held) != 0;
}

/*
 * The remote dies while the keeper is in the midst of a piece of a request, and the keeper learns
 * of it from a new remote that is there when the piece is done. The rest must not happen any more.
 */
static void kill_while_busy(pid_t *pid)
{
	struct target t = { .side = STAGE_REMOTE };

	store(&scene->stage.held, 0);
	store(&scene->stage.hold, 1);
	await(is_held, NULL, pid);
	child_kill(pid[STAGE_REMOTE]);
	t.mark = stage_marks(&scene->stage, STAGE_REMOTE) + 5;
	pid[STAGE_REMOTE] = start(STAGE_REMOTE);
	await(is_marked, &t, pid);
	store(&scene->stage.hold, 0);
}

static void killed_at_any_point(void **state)
{
	uint32_t kills = number_of("FARFLASH_TEST_KILLS", KILLS), since = 0, hit[KINDS] = { 0 };
	pid_t pid[STAGE_SIDES];
	int how = 0;

	(void)state;
	seed = number_of("FARFLASH_TEST_SEED", 1);
	random_state = seed;
	for (int side = 0; side < STAGE_SIDES; side++)
		pid[side] = start((enum stage_side)side);
	for (scene->kills = 0; scene->kills < kills; scene->kills++) {
		enum stage_side side = below(2) ? STAGE_KEEPER : STAGE_REMOTE;

		if (below(4) > 0) /* else while they are still finding each other */
			await(is_working, &since, pid);
		if (side == STAGE_REMOTE && below(3) == 0) {
			kill_while_busy(pid);
		} else {
			kill_one(side, pid);
			hit[load(&scene->kind)]++;
			pid[side] = start(side);
		}
		since = load(&scene->done);
	}
	await(is_working, &since, pid);
	store(&scene->finish, 1);
	if (child_end(pid[STAGE_REMOTE]) != 0)
		give_up("the remote has failed");
	if (child_ended(pid[STAGE_KEEPER], &how))
		give_up("the keeper has ended by itself");
	child_kill(pid[STAGE_KEEPER]);
	assert_memory_equal(scene->stage.flash, scene->want, STAGE_SIZE);
	for (uint32_t i = 0; i < STAGE_SIZE; i++)
		if (i - GRANT >= GRANTED)
			assert_int_equal(scene->stage.flash[i], stage_byte(i, 0));
	print_message(
		"%u requests; kills in erase %u, write %u, replace %u; cut off half-way %u, %u, "
		"%u; torn %u\n",
		scene->done, hit[ERASE], hit[WRITE], hit[REPLACE], scene->part[ERASE],
		scene->part[WRITE], scene->part[REPLACE], scene->torn);
	/* Or the test would show nothing. */
	assert_true(hit[ERASE] > kills / 50 && hit[WRITE] > kills / 50);
	assert_true(scene->part[ERASE] > kills / 100 && scene->part[WRITE] > kills / 100);
	assert_true(scene->torn > kills / 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(killed_at_any_point, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
