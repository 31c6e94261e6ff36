/* SPDX-License-Identifier: Apache-2.0 */
#include "service_stage.h"

#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/emulate.h"

#define RING_SLOTS 8u
#define ERASE_UNIT 256u /* between two marks */
#define WRITE_UNIT 64u

void *stage_new(size_t size)
{
	struct stage *s =
		mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert_true(s != MAP_FAILED);
	stage_fill(s->flash, 0, STAGE_SIZE, 0);
	return s;
}

void stage_free(void *stage, size_t size)
{
	munmap(stage, size);
}

uint8_t stage_byte(uint32_t addr, uint32_t seed)
{
	uint32_t x = (addr + seed * 0x9e3779b9u) * 2654435761u;

	return (uint8_t)((x >> 16) % 255);
}

void stage_fill(uint8_t *to, uint32_t addr, uint32_t len, uint32_t seed)
{
	for (uint32_t i = 0; i < len; i++)
		to[i] = stage_byte(addr + i, seed);
}

/* Only the side itself counts. */
void stage_mark(struct stage *s, enum stage_side side)
{
	uint32_t at = s->marks[side] + 1;
	uint32_t fuse = __atomic_load_n(&s->fuse[side], __ATOMIC_ACQUIRE);

	__atomic_store_n(&s->marks[side], at, __ATOMIC_RELEASE);
	if (fuse != 0 && at >= fuse) {
		__atomic_store_n(&s->fuse[side], 0, __ATOMIC_RELEASE);
		raise(SIGKILL);
	}
}

uint32_t stage_marks(const struct stage *s, enum stage_side side)
{
	return __atomic_load_n(&s->marks[side], __ATOMIC_ACQUIRE);
}

void stage_light(struct stage *s, enum stage_side side, uint32_t marks)
{
	__atomic_store_n(&s->fuse[side], stage_marks(s, side) + marks, __ATOMIC_RELEASE);
}

void stage_fail(struct stage *s, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	if (s->error[0] == '\0')
		vsnprintf(s->error, sizeof(s->error), format, list);
	va_end(list);
	_exit(1);
}

/* ---- doorbells that pass marks --------------------------------------------------------------- */

static struct stage_bell *bell_of(struct far_doorbell *d)
{
	return (struct stage_bell *)(void *)d;
}

static void ring(struct far_doorbell *d)
{
	struct stage_bell *b = bell_of(d);

	stage_mark(b->stage, b->side);
	b->inner->ops->ring(b->inner);
	stage_mark(b->stage, b->side);
}

static int wait(struct far_doorbell *d, uint32_t timeout_ms)
{
	struct stage_bell *b = bell_of(d);

	stage_mark(b->stage, b->side);
	return b->inner->ops->wait(b->inner, timeout_ms);
}

static void share(struct stage *s, struct stage_remote *r, const char *path, enum stage_side side)
{
	static const struct far_doorbell_ops ops = { .ring = ring, .wait = wait };
	const struct far_linux_shared_config config = { .path = path,
							.side = (uint32_t)side,
							.slots = RING_SLOTS,
							.window_len = STAGE_WINDOW };
	struct far_mailbox_config c;
	int err = far_linux_shared_open(&r->shared, &config);

	if (err != FAR_OK)
		stage_fail(s, "side %d of %s: %s", (int)side, path, far_err_name(err));
	c = r->shared.mailbox;
	r->bell = (struct stage_bell){ { &ops }, c.doorbell, s, side };
	c.doorbell = &r->bell.doorbell;
	stage_mark(s, side);
	err = far_mailbox_init(&r->mailbox, &c);
	if (err != FAR_OK)
		stage_fail(s, "mailbox of %s: %s", path, far_err_name(err));
}

/* ---- the flash ------------------------------------------------------------------------------- */

struct stage_flash {
	struct far_flash flash; /* first */
	struct stage *stage;
};

static struct stage *stage_of(struct far_flash *f)
{
	return ((struct stage_flash *)(void *)f)->stage;
}

/* Within a change: a point to die at, or to be stopped at. */
static void pass(struct stage *s)
{
	stage_mark(s, STAGE_KEEPER);
	while (__atomic_load_n(&s->hold, __ATOMIC_ACQUIRE) != 0) {
		__atomic_store_n(&s->held, 1, __ATOMIC_RELEASE);
		sched_yield();
	}
}

static int flash_read(struct far_flash *f, uint32_t addr, uint8_t *buf, uint32_t len)
{
	struct stage *s = stage_of(f);

	stage_mark(s, STAGE_KEEPER);
	memcpy(buf, s->flash + addr, len);
	return FAR_OK;
}

static int flash_write(struct far_flash *f, uint32_t addr, const uint8_t *buf, uint32_t len)
{
	struct stage *s = stage_of(f);

	for (uint32_t i = 0; i < len; i++) {
		if (i % WRITE_UNIT == 0)
			pass(s);
		s->flash[addr + i] &= buf[i];
	}
	pass(s);
	return FAR_OK;
}

static int flash_erase(struct far_flash *f, uint32_t addr, uint32_t len)
{
	struct stage *s = stage_of(f);

	for (uint32_t i = 0; i < len; i += ERASE_UNIT) {
		pass(s);
		memset(s->flash + addr + i, 0xff, ERASE_UNIT);
	}
	pass(s);
	return FAR_OK;
}

static const struct far_flash_ops flash_ops = { .read = flash_read,
						.write = flash_write,
						.erase = flash_erase,
						.digest = far_flash_emulate_digest,
						.replace_begin = far_flash_emulate_begin,
						.replace_write = far_flash_emulate_write,
						.replace_end = far_flash_emulate_end };

/* ---- the processes --------------------------------------------------------------------------- */

static void serve(struct stage *s, struct far_supervisor *supervisor,
		  struct far_supervisor_remote *remote, struct stage_remote *r,
		  const struct stage_served *served, uint8_t *queue)
{
	struct far_supervisor_remote_config config = { .mailbox = &r->mailbox,
						       .grants = &served->grant,
						       .grant_count = 1,
						       .buf = queue,
						       .data_max = STAGE_DATA_MAX };

	share(s, r, served->path, STAGE_KEEPER);
	config.window = r->shared.window;
	config.window_len = r->shared.window_len;
	if (far_supervisor_add_remote(supervisor, remote, &config) != FAR_OK)
		stage_fail(s, "the keeper cannot serve %s", served->path);
}

int stage_keep(void *stage)
{
	static _Alignas(4) uint8_t queue[STAGE_REMOTES][FAR_SUPERVISOR_BUF(STAGE_DATA_MAX)];
	static struct stage_remote r[STAGE_REMOTES];
	static struct far_supervisor_remote remote[STAGE_REMOTES];
	static struct far_supervisor supervisor;
	static struct stage_flash flash = { .flash = { .ops = &flash_ops,
						       .info = { .size = STAGE_SIZE,
								 .sector_size = STAGE_SECTOR,
								 .write_block = 4,
								 .erase_value = 0xff,
								 .caps = FAR_FLASH_CAN_READ } } };
	struct far_supervisor_config config = { .flash = &flash.flash,
						.clock = &r[0].shared.clock.clock,
						.ops = far_supervisor_all };
	struct stage *s = stage;

	flash.stage = s;
	if (far_supervisor_init(&supervisor, &config) != FAR_OK)
		stage_fail(s, "no supervisor");
	for (uint32_t i = 0; i < s->remotes; i++)
		serve(s, &supervisor, &remote[i], &r[i], &s->served[i], queue[i]);
	for (;;) {
		far_supervisor_wait(&supervisor, 1000);
		for (uint32_t i = 0; i < s->remotes; i++)
			s->served[i].count = remote[i].count;
	}
}

void stage_open(struct stage *s, struct stage_remote *r, const char *path, bool window)
{
	struct far_mailbox_flash_config config = { .mailbox = &r->mailbox,
						   .timeout_ms = STAGE_TIMEOUT };
	int err;

	share(s, r, path, STAGE_REMOTE);
	config.clock = &r->shared.clock.clock;
	if (window) {
		config.window = r->shared.window;
		config.window_len = r->shared.window_len;
	}
	for (int i = 0; i < 50; i++) { /* it fails when the keeper dies meanwhile */
		err = far_mailbox_flash_open(&r->flash, &config);
		if (err == FAR_OK)
			return;
	}
	stage_fail(s, "%s: no keeper: %s", path, far_err_name(err));
}
