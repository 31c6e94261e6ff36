/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mailbox between two processes: an exchange to its end, and kill -9 of either side at any
 * moment. FARFLASH_TEST_LONG=1 makes ten million messages of one million, and a thousand kills of
 * two hundred.
 */
#include <setjmp.h>
#include <stdbool.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "linux_talker.h"
#include "test/common/child.h"

#define MESSAGES 1000000u /* over both channels and directions */
#define KILLS    200u

static struct talker talker;
static char path[240];
static uint32_t random_state;

static bool is_long(void)
{
	const char *text = getenv("FARFLASH_TEST_LONG");

	return text != NULL && text[0] == '1';
}

static uint32_t next_random(uint32_t below)
{
	random_state = random_state * 1664525u + 1013904223u;
	return (uint32_t)((uint64_t)random_state * below >> 32);
}

static int setup(void **state)
{
	const char *temp = getenv("TMPDIR");

	(void)state;
	snprintf(path, sizeof(path), "%s/farflash-XXXXXX", temp != NULL ? temp : "/tmp");
	assert_non_null(mkdtemp(path));
	strcat(path, "/box");
	talker_init(&talker, path);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	talker_free(&talker);
	unlink(path);
	*strrchr(path, '/') = '\0';
	return rmdir(path);
}

static void exchange(uint32_t slots, uint32_t messages)
{
	pid_t pid[2];

	talker.slots = slots;
	talker.goal = messages / 4;
	for (uint32_t side = 0; side < 2; side++)
		pid[side] = talker_start(&talker, side);
	for (int side = 0; side < 2; side++)
		assert_int_equal(child_end(pid[side]), TALKER_DONE);
	unlink(path);
}

static void every_message_in_order(void **state)
{
	(void)state;
	exchange(64, is_long() ? 10 * MESSAGES : MESSAGES);
}

/* One slot: every message waits for the one before. */
static void small_rings(void **state)
{
	(void)state;
	for (uint32_t slots = 1; slots <= 4; slots *= 2)
		exchange(slots, MESSAGES / 100);
}

/* At a random moment; where exactly that is does not matter, as long as it differs. */
static void pause_random(uint32_t below_us)
{
	struct timespec t = { .tv_nsec = (long)next_random(below_us) * 1000 };

	nanosleep(&t, NULL);
}

/* The processes that run now have both exchanged messages in one session: which. */
static uint32_t both_in_one_session(const pid_t *pid)
{
	uint32_t session[2] = { 0 };

	do {
		struct talker_report r = talker_report(&talker);

		if (r.pid == pid[r.side])
			session[r.side] = r.session;
	} while (session[0] == 0 || session[0] != session[1]);
	return session[0];
}

static void kill_both(const pid_t *pid)
{
	child_kill(pid[0]);
	child_kill(pid[1]);
}

/*
 * Either side dies, now in the midst of an exchange, now while it starts; the other is never
 * restarted for that. After each death both must exchange in a new session.
 */
static void kill_either_side(void **state)
{
	uint32_t kills = is_long() ? 5 * KILLS : KILLS, session = 0;
	pid_t pid[2];

	(void)state;
	random_state = 12345;
	talker.slots = 8;
	talker.goal = 0;
	for (uint32_t side = 0; side < 2; side++)
		pid[side] = talker_start(&talker, side);
	for (uint32_t i = 0; i < kills; i++) {
		uint32_t side = next_random(2);

		if (next_random(4) > 0) {
			uint32_t now = both_in_one_session(pid);

			assert_int_not_equal(now, session);
			session = now;
		}
		pause_random(1000);
		child_kill(pid[side]);
		pid[side] = talker_start(&talker, side);
	}
	assert_int_not_equal(both_in_one_session(pid), session);
	kill_both(pid);
}

/* A second process on a side is turned away and disturbs nobody. */
static void side_is_taken(void **state)
{
	pid_t pid[2];

	(void)state;
	talker.slots = 4;
	talker.goal = 0;
	for (uint32_t side = 0; side < 2; side++)
		pid[side] = talker_start(&talker, side);
	both_in_one_session(pid);
	for (uint32_t side = 0; side < 2; side++)
		assert_int_equal(child_end(talker_start(&talker, side)), TALKER_NO_FILE);
	child_kill(pid[0]);
	pid[0] = talker_start(&talker, 0);
	both_in_one_session(pid);
	kill_both(pid);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_message_in_order, setup, teardown),
		cmocka_unit_test_setup_teardown(small_rings, setup, teardown),
		cmocka_unit_test_setup_teardown(kill_either_side, setup, teardown),
		cmocka_unit_test_setup_teardown(side_is_taken, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
