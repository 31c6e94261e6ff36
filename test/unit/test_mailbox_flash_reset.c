/* SPDX-License-Identifier: Apache-2.0 */
/* Supervisors that die, restart, come late, lie; remotes that restart; and a chain of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/bytes.h"
#include "core/md5.h"
#include "test/common/every.h"
#include "test/common/service_rig.h"

#define NATIVE (FAR_FLASH_CAN_READ | FAR_FLASH_CAN_REPLACE | FAR_FLASH_CAN_DEFLATE)
#define BASE   0x8000u
#define LEN    0x2000u

static uint8_t data[LEN], back[LEN];

static int call_read(struct far_flash *f)
{
	return far_flash_read(f, BASE, back, LEN);
}

static int call_write(struct far_flash *f)
{
	return far_flash_write(f, BASE, data, LEN);
}

static int call_erase(struct far_flash *f)
{
	return far_flash_erase(f, BASE, LEN);
}

static int call_digest(struct far_flash *f)
{
	return far_flash_digest(f, BASE, LEN, back);
}

static int call_replace(struct far_flash *f)
{
	int rc = far_flash_replace_begin(f, BASE, LEN - 100, 0);

	if (rc == FAR_OK)
		rc = far_flash_replace_write(f, data, 1000);
	if (rc == FAR_OK)
		rc = far_flash_replace_write(f, data + 1000, LEN - 1100);
	return rc == FAR_OK ? far_flash_replace_end(f) : rc;
}

static int call_sync(struct far_flash *f)
{
	return far_flash_sync(f);
}

static int (*const calls[])(struct far_flash *) = { call_read,   call_write,   call_erase,
						    call_digest, call_replace, call_sync };

#define CALLS (sizeof(calls) / sizeof(calls[0]))

/* A rig whose flash is ready for any of the calls. */
static struct rig *start(unsigned way)
{
	struct rig *g = rig_new(way & 1 ? NATIVE : FAR_FLASH_CAN_READ, (way & 2) != 0);

	ram_flash_pattern(data, sizeof(data), 3);
	memset(ram_flash_at(&g->flash, BASE), 0xFF, LEN);
	ram_flash_snapshot(&g->flash);
	rig_open(g, 0);
	return g;
}

/*
 * What a failed call left: only what it says, and the same call again, without a new open, works.
 */
static void assert_recovers(struct rig *g, int (*call)(struct far_flash *))
{
	struct far_flash *f = &g->remote[0].flash.flash;
	uint8_t md5[FAR_MD5_LEN];

	ram_flash_assert_only(&g->flash, f->fault.touched_addr, f->fault.touched_len);
	ram_flash_assert_only(&g->flash, BASE, LEN);
	if (call == call_write) /* erased first, as any caller has to */
		assert_int_equal(far_flash_erase(f, BASE, LEN), FAR_OK);
	assert_int_equal(call(f), FAR_OK);
	if (call == call_read)
		assert_memory_equal(back, ram_flash_at(&g->flash, BASE), LEN);
	if (call == call_write)
		assert_memory_equal(data, ram_flash_at(&g->flash, BASE), LEN);
	if (call == call_erase)
		ram_flash_assert_filled(&g->flash, BASE, LEN, 0xFF);
	if (call == call_replace)
		assert_memory_equal(data, ram_flash_at(&g->flash, BASE), LEN - 100);
	if (call == call_digest) {
		far_md5_of(ram_flash_at(&g->flash, BASE), LEN, md5);
		assert_memory_equal(back, md5, sizeof(md5));
	}
	ram_flash_assert_only(&g->flash, BASE, LEN);
}

/* ---- resets at every message ----------------------------------------------------------------- */

static uint32_t reset_at, waited;
static bool reset_done;

static void reset_in_wait(struct rig *g)
{
	if (waited++ == reset_at) {
		rig_reset_supervisor(g);
		reset_done = true;
	}
}

static void supervisor_restarts_at_every_step(void **state)
{
	unsigned resets = 0;
	(void)state;

	for (unsigned way = 0; way < 4; way++)
		for (size_t i = 0; i < CALLS; i++)
			for (reset_at = 0, reset_done = true; reset_done;
			     reset_at += test_every()) {
				struct rig *g = start(way);
				int rc;

				waited = 0;
				reset_done = false;
				g->hook = reset_in_wait;
				rc = calls[i](&g->remote[0].flash.flash);
				assert_int_equal(rc, reset_done ? FAR_ERR_TIMEOUT : FAR_OK);
				/* Noticed, not waited for until the end. */
				assert_true(g->clock.now_ns < 200 * 1000000ull);
				g->hook = NULL;
				if (reset_done)
					assert_recovers(g, calls[i]);
				resets += reset_done;
				rig_free(g);
			}
	assert_true(resets > 300 / test_every());
}

/* Between two calls it goes without notice. */
static void supervisor_restarts_between_calls(void **state)
{
	(void)state;
	for (unsigned way = 0; way < 4; way++)
		for (size_t i = 0; i < CALLS; i++) {
			struct rig *g = start(way);

			rig_reset_supervisor(g);
			assert_int_equal(calls[i](&g->remote[0].flash.flash), FAR_OK);
			rig_free(g);
		}
}

/* A native stream does not survive it, whatever comes between. */
static void stream_ends_with_the_session(void **state)
{
	struct rig *g = start(1);
	struct far_flash *f = &g->remote[0].flash.flash;
	(void)state;

	assert_int_equal(far_flash_replace_begin(f, BASE, 1000, 0), FAR_OK);
	assert_int_equal(far_flash_replace_write(f, data, 400), FAR_OK);
	rig_reset_supervisor(g);
	assert_int_equal(far_flash_replace_write(f, data + 400, 600), FAR_ERR_TIMEOUT);
	assert_int_equal(f->fault.touched_addr, BASE);
	assert_int_equal(f->fault.touched_len, RIG_SECTOR);
	assert_recovers(g, call_replace);
	rig_free(g);
}

/*
 * The remote's core is reset anywhere within a call (its wait is made to return an error, and all
 * it knew is thrown away): nothing of the old request reaches the new life, and it works at once.
 */
static void remote_restarts_at_every_step(void **state)
{
	unsigned resets = 0;
	(void)state;

	for (unsigned way = 0; way < 4; way++)
		for (size_t i = 0; i < CALLS; i++)
			for (uint32_t at = 0;; at += test_every()) {
				struct rig *g = start(way);
				int rc;

				g->wait_ok = at;
				g->wait_rc = FAR_ERR_IO;
				rc = calls[i](&g->remote[0].flash.flash);
				if (rc == FAR_OK) {
					rig_free(g);
					break;
				}
				assert_int_equal(rc, FAR_ERR_IO);
				ram_flash_assert_only(&g->flash,
						      g->remote[0].flash.flash.fault.touched_addr,
						      g->remote[0].flash.flash.fault.touched_len);
				g->wait_ok = UINT32_MAX;
				rig_reset_remote(g, 0);
				rig_open(g, 0);
				assert_int_equal(g->remote[0].flash._state.late, 0);
				ram_flash_snapshot(&g->flash);
				memset(ram_flash_at(&g->flash, BASE), 0xFF, LEN);
				ram_flash_snapshot(&g->flash);
				assert_recovers(g, calls[i]);
				resets++;
				rig_free(g);
			}
	assert_true(resets > 300 / test_every());
}

/* The same without a reset: an error of the wait anywhere, and then simply the next call. */
static void broken_wait_at_every_step(void **state)
{
	(void)state;
	for (unsigned way = 0; way < 4; way++)
		for (size_t i = 0; i < CALLS; i++)
			for (uint32_t at = 0;; at += test_every()) {
				struct rig *g = start(way);
				int rc;

				g->wait_ok = at;
				g->wait_rc = FAR_ERR_CANCELLED;
				rc = calls[i](&g->remote[0].flash.flash);
				g->wait_ok = UINT32_MAX;
				assert_int_equal(rc, rc == FAR_OK ? FAR_OK : FAR_ERR_CANCELLED);
				if (rc != FAR_OK)
					assert_recovers(g, calls[i]);
				rig_free(g);
				if (rc == FAR_OK)
					break;
			}
}

/* ---- late ------------------------------------------------------------------------------------ */

static uint32_t sleep_from, sleep_len;

/* The supervisor sleeps for some waits, then goes on as if nothing had been. */
static void nap(struct rig *g)
{
	uint32_t at = waited++;

	g->dead = at >= sleep_from && at < sleep_from + sleep_len;
}

/*
 * It answers after the time-out, at any point. The call has failed; what it asked for must not be
 * taken for, or spoil, what is asked for next.
 */
static void late_replies_match_nothing(void **state)
{
	uint32_t late = 0;
	(void)state;

	for (unsigned way = 0; way < 4; way++)
		for (size_t i = 0; i < CALLS; i++)
			for (sleep_from = 0;; sleep_from += test_every()) {
				struct rig *g = start(way);
				int rc;

				waited = 0;
				sleep_len = 2 * RIG_TIMEOUT;
				g->hook = nap;
				rc = calls[i](&g->remote[0].flash.flash);
				assert_int_equal(rc, rc == FAR_OK ? FAR_OK : FAR_ERR_TIMEOUT);
				g->dead = false;
				g->hook = NULL;
				if (sleep_from % 2 !=
				    0) /* wakes up before the next call, or in it */
					rig_settle(g);
				if (rc != FAR_OK) {
					ram_flash_assert_only(
						&g->flash,
						g->remote[0].flash.flash.fault.touched_addr,
						g->remote[0].flash.flash.fault.touched_len);
					assert_recovers(g, calls[(i + 1) % CALLS]);
				}
				late += g->remote[0].flash._state.late;
				rig_free(g);
				if (rc == FAR_OK)
					break;
			}
	assert_true(late > 10 / test_every());
}

/* ---- bounds ---------------------------------------------------------------------------------- */

static void assert_took(struct rig *g, uint64_t *since, uint32_t least_ms, uint32_t most_ms)
{
	uint64_t ms = (g->clock.now_ns - *since) / 1000000u;

	assert_in_range(ms, least_ms, most_ms);
	*since = g->clock.now_ns;
}

static void dead_supervisor_is_a_timeout(void **state)
{
	(void)state;
	for (unsigned way = 0; way < 4; way++)
		for (size_t i = 0; i < CALLS; i++) {
			struct rig *g = start(way);
			uint64_t since = g->clock.now_ns;
			struct far_flash *f = &g->remote[0].flash.flash;

			g->dead = true;
			assert_int_equal(calls[i](f), FAR_ERR_TIMEOUT);
			assert_took(g, &since, RIG_TIMEOUT, RIG_TIMEOUT + 20);
			assert_int_equal(calls[i](f), FAR_ERR_TIMEOUT);
			assert_took(g, &since, RIG_TIMEOUT, RIG_TIMEOUT + 20);
			assert_int_equal(f->fault.touched_len, calls[i] == call_sync ? 0 : 0);
			g->dead = false;
			assert_recovers(g, calls[i]);
			rig_free(g);
		}
}

static void open_is_bounded(void **state)
{
	struct rig *g = rig_new(FAR_FLASH_CAN_READ, false);
	struct rig_remote *r = &g->remote[0];
	uint64_t since = g->clock.now_ns;
	(void)state;

	g->dead = true;
	assert_int_equal(far_mailbox_flash_open(&r->flash, &r->flash_config), FAR_ERR_TIMEOUT);
	assert_int_equal(r->flash.flash.fault.op, FAR_FLASH_OP_SESSION);
	assert_int_equal(r->flash.flash.info.size, 0);
	assert_took(g, &since, RIG_TIMEOUT, RIG_TIMEOUT + 20);
	/* A mailbox at the other end that nobody serves. */
	far_mailbox_poll(&r->owner, 0);
	far_mailbox_poll(&r->mailbox, 0);
	far_mailbox_poll(&r->owner, 0);
	assert_int_equal(far_mailbox_flash_open(&r->flash, &r->flash_config), FAR_ERR_TIMEOUT);
	assert_took(g, &since, RIG_TIMEOUT, RIG_TIMEOUT + 20);
	g->dead = false;
	rig_open(g, 0);
	rig_free(g);
}

static void open_checks_its_arguments(void **state)
{
	struct rig *g = rig_new(FAR_FLASH_CAN_READ, true);
	struct rig_remote *r = &g->remote[0];
	struct far_mailbox_flash_config c[7];
	(void)state;

	for (int i = 0; i < 7; i++)
		c[i] = r->flash_config;
	c[0].mailbox = NULL;
	c[1].clock = NULL;
	c[2].timeout_ms = 0;
	c[3].channel = 4;
	c[4].channel = 1; /* reserved, and not asked for */
	c[5].window = NULL;
	for (int i = 0; i < 6; i++) {
		assert_int_equal(far_mailbox_flash_open(&r->flash, &c[i]), FAR_ERR_ARG);
		assert_int_equal(far_flash_write(&r->flash.flash, 0, data, 4), FAR_ERR_RANGE);
	}
	assert_int_equal(far_mailbox_flash_open(&r->flash, &c[6]), FAR_OK);
	rig_free(g);
}

/* What comes back after a restart is another flash: said, and not used. */
static void another_flash_is_not_taken_for_this_one(void **state)
{
	struct rig *g = start(0);
	struct far_flash *f = &g->remote[0].flash.flash;
	(void)state;

	g->flash.flash.info.size -= RIG_SECTOR;
	g->remote[0].grants[0].len = g->remote[1].grants[0].len = RIG_SIZE - RIG_SECTOR;
	rig_reset_supervisor(g);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(call_erase(f), FAR_ERR_STATE);
		assert_int_equal(f->fault.touched_len, 0);
		assert_int_equal(call_read(f), FAR_ERR_STATE);
	}
	ram_flash_assert_only(&g->flash, 0, 0);
	rig_open(g, 0);
	assert_int_equal(call_read(f), FAR_OK);
	rig_free(g);
}

/* ---- a supervisor that is not one ------------------------------------------------------------ */

static uint32_t seed;

static uint32_t rnd(void)
{
	seed = seed * 1664525u + 1013904223u;
	return seed >> 8;
}

/* Bytes into the reply ring: often nearly right. */
static int liar(struct rig *g, uint32_t number)
{
	struct rig_remote *r = &g->remote[number];
	uint8_t f[FAR_MAILBOX_DATA_MAX], heard[FAR_MAILBOX_DATA_MAX];
	uint32_t n = rnd() % 61;
	int len = far_mailbox_receive(&r->owner, 2, heard, sizeof(heard), 0);

	for (size_t i = 0; i < sizeof(f); i++)
		f[i] = (uint8_t)rnd();
	if (len > 8 && rnd() % 4 != 0) {
		n = (const uint32_t[]){ 8, 16, 56, 16 + 32, 16 + 16, 60 }[rnd() % 6];
		far_put_le32(f, n | 1u << 16);
		memcpy(f + 4, heard + 4, 4);
		f[4] = (uint8_t)(rnd() % 4 ? 0 : rnd() % 64);
		far_put_le32(f + 12, rnd() % 2 ? 0 : rnd() % 80);
		if (heard[5] == FAR_SERVICE_INFO && rnd() % 8) { /* a believable one */
			n = 56;
			far_put_le32(f, n | 1u << 16);
			f[4] = 0;
			f[5] = FAR_SERVICE_INFO;
			far_put_le32(f + 12, 0);
			far_put_le32(f + 20, rnd() % 16 ? RIG_SIZE : rnd());
			far_put_le32(f + 24, rnd() % 16 ? RIG_SECTOR : rnd());
			far_put_le32(f + 28, rnd() % 16 ? 4 : rnd());
			far_put_le32(f + 32, rnd() % 16 ? 0x000401ff : rnd());
			far_put_le32(f + 36, rnd() % 16 ? 256 : rnd());
			far_put_le32(f + 40, rnd() % 4 ? RIG_WINDOW : rnd());
		}
	}
	far_mailbox_send(&r->owner, 2, f, 4 + n, 0);
	return (int)(rnd() % 4);
}

static void liars_do_no_harm(void **state)
{
	unsigned opened = 0;
	(void)state;

	for (uint32_t i = 1; i < 400; i++) {
		struct rig *g = rig_new(FAR_FLASH_CAN_READ, i % 2 != 0);
		struct rig_remote *r = &g->remote[0];

		seed = i * 7919;
		g->step = liar;
		if (far_mailbox_flash_open(&r->flash, &r->flash_config) == FAR_OK) {
			const struct far_flash_info *info = &r->flash.flash.info;

			opened++;
			assert_true(info->size > 0 && info->sector_size > 0);
			assert_int_equal(info->sector_size & (info->sector_size - 1), 0);
			assert_int_equal(info->size % info->sector_size, 0);
			assert_in_range(info->write_block, 1, 32);
			assert_int_equal(info->write_block & (info->write_block - 1), 0);
			assert_true(info->write_block <= info->sector_size);
			for (size_t k = 0; k < CALLS; k++) {
				struct far_flash_fault *fault = &r->flash.flash.fault;

				calls[k](&r->flash.flash);
				assert_true(fault->err <= FAR_OK);
				assert_true(fault->touched_len <= r->flash.flash.info.size);
			}
		}
		assert_true(g->clock.now_ns < 3600ull * 1000000000u);
		rig_free(g);
	}
	assert_in_range(opened, 50, 399);
}

/* Signs of life that lead nowhere are none: answers that nothing is done, and answers to others. */
static uint8_t stall; /* added to the tag */

static int staller(struct rig *g, uint32_t number)
{
	struct rig_remote *r = &g->remote[number];
	uint8_t f[FAR_MAILBOX_DATA_MAX];

	if (far_mailbox_receive(&r->owner, 2, f, sizeof(f), 0) > 0)
		memcpy(r->raw, f, sizeof(f));
	memcpy(f, r->raw, 20);
	far_put_le32(f, FAR_SERVICE_REPLY | 1u << 16);
	f[6] = (uint8_t)(f[6] + stall);
	far_put_le32(f + 12, stall == 0 ? 0 : 4096);
	far_mailbox_send(&r->owner, 2, f, 4 + FAR_SERVICE_REPLY, 0);
	return 0;
}

static void progress_without_progress_is_a_timeout(void **state)
{
	struct rig *g = start(0);
	uint64_t since = g->clock.now_ns;
	(void)state;

	g->step = staller;
	stall = 1;
	assert_int_equal(call_erase(&g->remote[0].flash.flash), FAR_ERR_TIMEOUT);
	assert_took(g, &since, RIG_TIMEOUT, RIG_TIMEOUT + 50);
	rig_free(g);
	g = start(0);
	g->step = staller;
	stall = 0;
	assert_int_equal(call_erase(&g->remote[0].flash.flash), FAR_ERR_PROTO);
	rig_free(g);
}

/* ---- a chain --------------------------------------------------------------------------------- */

static struct rig *inner;
static struct far_supervisor outer_supervisor;

static int outer_step(struct rig *g, uint32_t number)
{
	(void)g;
	(void)number;
	return far_supervisor_step(&outer_supervisor);
}

/* A supervisor that serves a flash that is itself behind a supervisor. */
static void a_chain_of_two_is_a_flash(void **state)
{
	(void)state;
	for (unsigned way = 0; way < 4; way++) {
		struct rig *outer = rig_new(FAR_FLASH_CAN_READ, (way & 2) != 0);
		const struct far_supervisor_config config = {
			.flash = (inner = start(way), &inner->remote[0].flash.flash),
			.clock = &outer->clock.clock,
			.ops = far_supervisor_all,
		};
		struct far_flash *f = &outer->remote[0].flash.flash;

		assert_int_equal(far_supervisor_init(&outer_supervisor, &config), FAR_OK);
		assert_int_equal(far_supervisor_add_remote(&outer_supervisor,
							   &outer->remote[0].served,
							   &outer->remote[0].config),
				 FAR_OK);
		outer->step = outer_step;
		rig_open(outer, 0);
		assert_int_equal(f->info.caps, inner->flash.flash.info.caps | FAR_FLASH_CAN_DIGEST);
		for (size_t i = 0; i < CALLS; i++)
			assert_int_equal(calls[i](f), FAR_OK);
		assert_int_equal(call_replace(f), FAR_OK);
		assert_memory_equal(ram_flash_at(&inner->flash, BASE), data, LEN - 100);
		ram_flash_assert_only(&inner->flash, BASE, LEN);
		ram_flash_snapshot(&inner->flash);
		/* An error at the far end arrives here as it was. */
		inner->flash.failure = (struct ram_failure){ .calls = 1u << RAM_ERASE,
							     .at = 2,
							     .times = 1,
							     .err = FAR_ERR_REFUSED,
							     .peer_code = 9,
							     .done = 7 };
		assert_int_equal(call_erase(f), FAR_ERR_REFUSED);
		assert_int_equal(f->fault.peer_code, 9);
		assert_int_equal(f->fault.touched_addr, BASE);
		assert_int_equal(f->fault.touched_len, RIG_SECTOR + 7);
		/* The inner supervisor restarts: the outer remote is told, and goes on. */
		inner->hook = reset_in_wait;
		waited = 0;
		reset_at = 3;
		assert_int_equal(call_read(f), FAR_ERR_TIMEOUT);
		inner->hook = NULL;
		assert_int_equal(call_read(f), FAR_OK);
		assert_memory_equal(back, ram_flash_at(&inner->flash, BASE), LEN);
		rig_free(inner);
		rig_free(outer);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(supervisor_restarts_at_every_step),
		cmocka_unit_test(supervisor_restarts_between_calls),
		cmocka_unit_test(stream_ends_with_the_session),
		cmocka_unit_test(remote_restarts_at_every_step),
		cmocka_unit_test(broken_wait_at_every_step),
		cmocka_unit_test(late_replies_match_nothing),
		cmocka_unit_test(dead_supervisor_is_a_timeout),
		cmocka_unit_test(open_is_bounded),
		cmocka_unit_test(open_checks_its_arguments),
		cmocka_unit_test(another_flash_is_not_taken_for_this_one),
		cmocka_unit_test(liars_do_no_harm),
		cmocka_unit_test(progress_without_progress_is_a_timeout),
		cmocka_unit_test(a_chain_of_two_is_a_flash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
