/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A process that writes whatever it likes, all its life, into everything it shares with the keeper
 * of a flash: header, bells, mailbox region and window. Meanwhile the keeper, another process,
 * serves a third one through a mailbox of its own. The keeper lives, no byte outside the grants
 * changes, and the third one's data is right. Built with AddressSanitizer, the keeper is watched,
 * too.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/bytes.h"
#include "link/fragment.h"
#include "service_stage.h"
#include "test/common/child.h"

/* In the file, before the mailbox region. */
#define PAGE   4096u
#define HEADER 64u /* the bells follow */

/* Neighbours, so that whoever is off by one is seen. */
#define HOSTILE 0x4000u
#define GOOD    0x8000u
#define GRANTED 0x4000u

#define ROUNDS 100u    /* of the good remote, at least */
#define DEEDS  300000u /* of the hostile one meanwhile, at least */
#define LIVES  3u      /* in each manner */

/* How the hostile one behaves. */
enum manner {
	NOISE,   /* random words anywhere */
	FLIPS,   /* single bits of what is there, which is near to what makes sense */
	COPIES,  /* what the keeper wrote comes back as if its own, in other places */
	REQUESTS /* a bound mailbox and requests of all kinds, in between noise in some places */
};

struct scene {
	struct stage stage; /* first */
	enum manner manner;
	uint32_t seed;
	uint32_t deeds; /* of the hostile one */
};

static struct scene *scene;
static char folder[200], paths[2][240];
static uint32_t random_state;

static uint32_t load(const uint32_t *p)
{
	return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}

static uint32_t rnd(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 17;
	random_state ^= random_state << 5;
	return random_state;
}

static uint32_t below(uint32_t n)
{
	return (uint32_t)((uint64_t)rnd() * n >> 32);
}

/* ---- the hostile process --------------------------------------------------------------------- */

struct spoils {
	volatile uint32_t *words; /* all that is shared: the file */
	uint32_t count;
};

static void scribble(const struct spoils *to, enum manner manner)
{
	uint32_t at = below(to->count);

	if (manner == NOISE)
		to->words[at] = below(2) ? rnd() : below(300);
	if (manner == FLIPS)
		to->words[at] ^= 1u << below(32);
	if (manner == COPIES)
		to->words[at] = to->words[below(to->count)];
}

/* As likely in range as not, at an edge more often than not. */
static uint32_t edge(void)
{
	static const uint32_t at[] = { 0,       HOSTILE, HOSTILE + GRANTED, GOOD, GOOD + GRANTED,
				       GRANTED, 0x400,   STAGE_WINDOW,      256,  STAGE_SIZE,
				       1u << 31 };

	return at[below(sizeof(at) / sizeof(at[0]))] + (below(2) ? 0 : below(9) - 4);
}

/* One message of up to one fragment: mostly a request, of which any part may be strange. */
static void send_something(struct far_mailbox *m)
{
	static const uint8_t ops[] = { FAR_SERVICE_INFO,          FAR_SERVICE_READ,
				       FAR_SERVICE_WRITE,         FAR_SERVICE_ERASE,
				       FAR_SERVICE_DIGEST,        FAR_SERVICE_SYNC,
				       FAR_SERVICE_READ_WINDOW,   FAR_SERVICE_WRITE_WINDOW,
				       FAR_SERVICE_BEGIN,         FAR_SERVICE_STREAM,
				       FAR_SERVICE_STREAM_WINDOW, FAR_SERVICE_END };
	uint8_t f[FAR_MAILBOX_DATA_MAX];
	uint32_t len = below(4) ? FAR_SERVICE_REQUEST : below(FAR_FRAGMENT_DATA_MAX) + 1;

	for (uint32_t i = 0; i < sizeof(f); i++)
		f[i] = (uint8_t)rnd();
	far_put_le32(f, len | 1u << 16);
	f[FAR_FRAGMENT_HEAD] = below(8) ? 0 : (uint8_t)rnd();
	f[FAR_FRAGMENT_HEAD + 1] = below(8) ? ops[below(sizeof(ops))] : (uint8_t)rnd();
	far_put_le32(f + 8, below(2) ? edge() : HOSTILE + below(16) * STAGE_SECTOR);
	far_put_le32(f + 12, below(2) ? edge() : below(4) * STAGE_SECTOR);
	far_put_le32(f + 16, below(2) ? edge() : 0);
	far_mailbox_send(m, 2, f, FAR_FRAGMENT_HEAD + len, 0);
	while (far_mailbox_receive(m, 2, f, sizeof(f), 0) >= 0)
		;
}

/* The window always; the rest now and then, or no session would ever last. */
static void request(struct far_linux_shared *s, struct far_mailbox *m, const struct spoils *all)
{
	const struct spoils window = { s->window, s->window_len / 4 };

	scribble(&window, NOISE);
	if (below(300) == 0)
		scribble(all, (enum manner)below(REQUESTS));
	if (below(3000) == 0)
		far_mailbox_init(m, &s->mailbox);
	send_something(m);
}

/* The file: on even seeds all but the words without which nobody could open it later. */
static struct spoils spoils_of(const struct far_linux_shared *s, uint32_t seed)
{
	uint8_t *file = (uint8_t *)s->mailbox.region - PAGE;
	uint8_t *end = (uint8_t *)s->window + s->window_len;

	if (seed % 2 == 0)
		file += HEADER;
	return (struct spoils){ (uint32_t *)(void *)file, (uint32_t)(end - file) / 4 };
}

static int be_hostile(void *arg)
{
	static struct far_linux_shared shared;
	const struct far_linux_shared_config config = { .path = paths[0], .side = STAGE_REMOTE };
	struct scene *s = arg;
	struct far_mailbox m;
	struct spoils all;

	random_state = s->seed;
	if (far_linux_shared_open(&shared, &config) != FAR_OK ||
	    far_mailbox_init(&m, &shared.mailbox) != FAR_OK)
		stage_fail(&s->stage, "the hostile one cannot begin");
	all = spoils_of(&shared, s->seed);
	for (;;) {
		if (s->manner == REQUESTS)
			request(&shared, &m, &all);
		else
			scribble(&all, s->manner);
		if (s->manner != REQUESTS && below(16) == 0)
			send_something(&m);
		__atomic_fetch_add(&s->deeds, 1, __ATOMIC_RELAXED);
	}
}

/* ---- the good one ---------------------------------------------------------------------------- */

static void expect(struct scene *s, int rc, const char *what)
{
	if (rc != FAR_OK)
		stage_fail(&s->stage, "a good remote cannot %s: %s", what, far_err_name(rc));
}

/* On a busy machine the hostile one's deeds may come in a lump that the keeper sees little of. */
static bool has_had_its_say(const struct scene *s)
{
	const struct far_supervisor_count *count = &s->stage.served[0].count;

	return load(&s->deeds) >= DEEDS &&
	       (s->manner != REQUESTS ||
		(load(&count->refused) > 400 && load(&count->malformed) > 40));
}

static int be_good(void *arg)
{
	static struct stage_remote r;
	struct scene *s = arg;
	struct far_flash *f = &r.flash.flash;
	uint8_t data[4 * STAGE_SECTOR], back[4 * STAGE_SECTOR];

	random_state = s->seed + 1;
	stage_open(&s->stage, &r, paths[1], s->seed % 2 != 0);
	for (uint32_t i = 0; i < ROUNDS || !has_had_its_say(s); i++) {
		uint32_t len = (1 + below(4)) * STAGE_SECTOR;
		uint32_t addr = GOOD + below((GRANTED - len) / STAGE_SECTOR + 1) * STAGE_SECTOR;

		stage_fill(data, addr, len, rnd());
		expect(s, far_flash_erase(f, addr, len), "erase");
		expect(s, far_flash_write(f, addr, data, len), "write");
		expect(s, far_flash_read(f, addr, back, len), "read");
		if (memcmp(data, back, len) != 0 || memcmp(data, s->stage.flash + addr, len) != 0)
			stage_fail(&s->stage, "the good remote's data is wrong");
	}
	/* Its last word, for the test to see that nobody changes it. */
	for (uint32_t at = GOOD; at < GOOD + GRANTED; at += sizeof(data)) {
		stage_fill(data, at, sizeof(data), 1);
		expect(s, far_flash_erase(f, at, sizeof(data)), "erase");
		expect(s, far_flash_write(f, at, data, sizeof(data)), "write");
	}
	return 0;
}

/* The hostile one is gone; who comes after it on its mailbox is served. */
static int come_to_senses(void *arg)
{
	static struct stage_remote r;
	struct scene *s = arg;
	struct far_flash *f = &r.flash.flash;
	uint8_t data[STAGE_SECTOR], back[STAGE_SECTOR];

	stage_open(&s->stage, &r, paths[0], true);
	stage_fill(data, HOSTILE, sizeof(data), s->seed);
	expect(s, far_flash_erase(f, HOSTILE, sizeof(data)), "erase");
	expect(s, far_flash_write(f, HOSTILE, data, sizeof(data)), "write");
	expect(s, far_flash_read(f, HOSTILE, back, sizeof(back)), "read");
	return memcmp(data, back, sizeof(data)) == 0 ? 0 : 1;
}

/* ---- the test -------------------------------------------------------------------------------- */

static int setup(void **state)
{
	const char *temp = getenv("TMPDIR");

	(void)state;
	snprintf(folder, sizeof(folder), "%s/farflash-XXXXXX", temp != NULL ? temp : "/tmp");
	assert_non_null(mkdtemp(folder));
	scene = stage_new(sizeof(*scene));
	scene->stage.remotes = 2;
	for (int i = 0; i < 2; i++) {
		snprintf(paths[i], sizeof(paths[i]), "%s/box%d", folder, i);
		scene->stage.served[i] =
			(struct stage_served){ .path = paths[i],
					       .grant = { i == 0 ? HOSTILE : GOOD, GRANTED, 7 } };
	}
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	stage_free(scene, sizeof(*scene));
	unlink(paths[0]);
	unlink(paths[1]);
	return rmdir(folder);
}

/* Nobody but the good one has written where the good one may, and nobody at all elsewhere. */
static void check_flash(void)
{
	for (uint32_t i = 0; i < STAGE_SIZE; i++)
		if (i - HOSTILE >= GRANTED &&
		    scene->stage.flash[i] != stage_byte(i, i - GOOD < GRANTED ? 1 : 0))
			fail_msg("seed %u: byte %#x has changed", scene->seed, i);
}

static void ends_well(pid_t pid, const char *who)
{
	int how = child_end(pid);

	if (how != 0)
		fail_msg("seed %u: %s ended with %d: %s", scene->seed, who, how,
			 scene->stage.error);
}

/* One hostile life beside one good one. */
static void live_beside(enum manner manner, uint32_t seed)
{
	pid_t keeper, hostile, good;
	int how;

	scene->manner = manner;
	scene->seed = seed;
	scene->deeds = 0;
	for (int i = 0; i < 2; i++)
		memset(&scene->stage.served[i].count, 0, sizeof(scene->stage.served[i].count));
	stage_fill(scene->stage.flash, 0, STAGE_SIZE, 0);
	keeper = child_start(stage_keep, scene);
	good = child_start(be_good, scene);
	while (load(&scene->stage.served[1].count.sessions) == 0) /* it has all files open */
		if (child_ended(keeper, &how) || child_ended(good, &how))
			fail_msg("seed %u: no service: %s", seed, scene->stage.error);
	hostile = child_start(be_hostile, scene);
	ends_well(good, "the good remote");
	child_kill(hostile);
	if (seed % 2 == 0)
		ends_well(child_start(come_to_senses, scene), "the reformed remote");
	if (child_ended(keeper, &how))
		fail_msg("seed %u: the keeper ended with %d: %s", seed, how, scene->stage.error);
	child_kill(keeper);
	check_flash();
	unlink(paths[0]);
	unlink(paths[1]);
}

static void noise(void **state)
{
	(void)state;
	for (uint32_t seed = 1; seed <= LIVES; seed++)
		live_beside(NOISE, seed);
}

static void flipped_bits(void **state)
{
	(void)state;
	for (uint32_t seed = 1; seed <= LIVES; seed++)
		live_beside(FLIPS, seed);
}

static void copies(void **state)
{
	(void)state;
	for (uint32_t seed = 1; seed <= LIVES; seed++)
		live_beside(COPIES, seed);
}

static void requests(void **state)
{
	struct far_supervisor_count sum = { 0 };
	uint32_t changed = 0;

	(void)state;
	for (uint32_t seed = 1; seed <= LIVES; seed++) {
		const struct far_supervisor_count *count = &scene->stage.served[0].count;

		live_beside(REQUESTS, seed);
		sum.refused += count->refused;
		sum.malformed += count->malformed;
		sum.sessions += count->sessions;
		for (uint32_t i = HOSTILE; i < HOSTILE + GRANTED; i++)
			changed += scene->stage.flash[i] != stage_byte(i, 0);
	}
	print_message("%u requests refused, %u malformed, %u sessions, %u bytes changed\n",
		      sum.refused, sum.malformed, sum.sessions, changed);
	/* Or the test would show nothing: it got through to the service, and some was allowed. */
	assert_true(sum.refused > 1000 && sum.malformed > 100 && sum.sessions > 10 && changed > 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(noise), TEST(flipped_bits), TEST(copies),
					    TEST(requests) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
