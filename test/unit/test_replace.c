/* SPDX-License-Identifier: Apache-2.0 */
/* core/flash.c: the rules of a replace stream, on a device that does it natively. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#include "test/common/ram_flash.h"

#define KIB    1024u
#define SIZE   (256 * KIB)
#define SECTOR (4 * KIB)
#define AT     (2 * SECTOR)      /* where the streams begin */
#define LEN    (2 * SECTOR + 77) /* what they hold: three sectors are erased */
#define ERASED (3 * SECTOR)
#define ALL    (FAR_FLASH_CAN_READ | FAR_FLASH_CAN_DIGEST | FAR_FLASH_CAN_REPLACE)

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct ram_flash ram;
static struct far_flash *const flash = &ram.flash;
static uint8_t data[64 * KIB], packed[128 * KIB];

static int open_native(void **state)
{
	(void)state;
	ram_flash_open(&ram, SIZE, SECTOR, 4, ALL | FAR_FLASH_CAN_DEFLATE);
	ram_flash_pattern(data, sizeof(data), 7);
	return 0;
}

/* A device that fails without a word; the core has to make the record. */
static void break_silently(unsigned calls, int err)
{
	ram.failure = (struct ram_failure){ calls, 1, 1, err, 5, 0, true };
}

static void begin(void)
{
	assert_int_equal(far_flash_replace_begin(flash, AT, LEN, 0), FAR_OK);
}

static int write_all(const uint8_t *from, uint32_t len, uint32_t portion)
{
	int rc = FAR_OK;

	for (uint32_t at = 0; at < len && rc == FAR_OK; at += portion)
		rc = far_flash_replace_write(flash, from + at,
					     portion < len - at ? portion : len - at);
	return rc;
}

static void assert_state(int rc)
{
	uint32_t calls = ram_flash_calls(&ram);

	assert_int_equal(rc, FAR_ERR_STATE);
	assert_int_equal(flash->fault.err, FAR_ERR_STATE);
	assert_int_equal(flash->fault.op, FAR_FLASH_OP_REPLACE);
	assert_int_equal(flash->fault.touched_len, 0);
	assert_int_equal(ram_flash_calls(&ram), calls);
}

/* Neither of them goes on, however often it is tried, and neither reaches the device. */
static void assert_over(void)
{
	uint32_t calls = ram_flash_calls(&ram);

	for (unsigned i = 0; i < 2; i++) {
		assert_state(far_flash_replace_write(flash, data, 1));
		assert_state(far_flash_replace_write(flash, data, 0));
		assert_state(far_flash_replace_write(flash, NULL, 1));
		assert_state(far_flash_replace_end(flash));
	}
	assert_int_equal(ram_flash_calls(&ram), calls);
}

/* After whatever went wrong, a new stream over the same range puts it right. */
static void assert_recovers(void)
{
	ram_flash_forget(&ram);
	begin();
	assert_int_equal(write_all(data, LEN, 1000), FAR_OK);
	assert_int_equal(far_flash_replace_end(flash), FAR_OK);
	ram_flash_assert_fault(&ram, FAR_FLASH_OP_REPLACE, FAR_OK, 0, 0, 0, 0);
	assert_memory_equal(ram_flash_at(&ram, AT), data, LEN);
	ram_flash_assert_filled(&ram, AT + LEN, ERASED - LEN, 0xFF);
	ram_flash_assert_only(&ram, AT, ERASED);
}

static void any_portions(void **state)
{
	static const uint32_t portions[] = { 1, 2, 3, 7, 64, 255, SECTOR, SECTOR + 1, LEN };

	(void)state;
	for (size_t i = 0; i < COUNT(portions); i++) {
		open_native(NULL);
		begin();
		assert_int_equal(write_all(data, LEN, portions[i]), FAR_OK);
		assert_int_equal(far_flash_replace_write(flash, NULL, 0), FAR_OK);
		assert_int_equal(far_flash_replace_end(flash), FAR_OK);
		assert_memory_equal(ram_flash_at(&ram, AT), data, LEN);
		ram_flash_assert_only(&ram, AT, ERASED);
		assert_over();
	}
}

static void deflated(void **state)
{
	uLongf len = sizeof(packed);

	(void)state;
	memset(data + 100, 'x', 5000);
	assert_int_equal(compress2(packed, &len, data, LEN, 9), Z_OK);
	assert_int_equal(far_flash_replace_begin(flash, AT, LEN, (uint32_t)len), FAR_OK);
	assert_int_equal(ram.begin_stream, len);
	assert_int_equal(write_all(packed, (uint32_t)len, 333), FAR_OK);
	assert_int_equal(far_flash_replace_end(flash), FAR_OK);
	assert_memory_equal(ram_flash_at(&ram, AT), data, LEN);
}

/* The stream's own length is what counts then, not that of the range. */
static void deflated_is_counted_by_its_stream(void **state)
{
	(void)state;
	assert_int_equal(far_flash_replace_begin(flash, AT, LEN, 100), FAR_OK);
	assert_int_equal(far_flash_replace_write(flash, packed, 101), FAR_ERR_RANGE);
	assert_over();
	assert_int_equal(far_flash_replace_begin(flash, AT, LEN, 100), FAR_OK);
	assert_int_equal(far_flash_replace_write(flash, packed, 99), FAR_OK);
	assert_int_equal(far_flash_replace_end(flash), FAR_ERR_STATE);
	assert_over();
	/* It may also be longer than what it inflates to. */
	assert_int_equal(far_flash_replace_begin(flash, AT, 10, 100), FAR_OK);
	assert_int_equal(far_flash_replace_write(flash, packed, 100), FAR_OK);
}

static void without_begin(void **state)
{
	(void)state;
	assert_over();
	ram_flash_assert_only(&ram, 0, 0);
	assert_recovers();
}

/* The caller's mistakes after begin: the range is erased by then, to the end of its sectors. */
static void too_much(void **state)
{
	(void)state;
	begin();
	assert_int_equal(far_flash_replace_write(flash, data, LEN - 1), FAR_OK);
	assert_int_equal(far_flash_replace_write(flash, data, 2), FAR_ERR_RANGE);
	ram_flash_assert_fault(&ram, FAR_FLASH_OP_REPLACE, FAR_ERR_RANGE, AT, 0, AT, ERASED);
	assert_over();
	begin();
	assert_int_equal(far_flash_replace_write(flash, data, UINT32_MAX), FAR_ERR_RANGE);
	assert_over();
	assert_recovers();
}

static void too_little(void **state)
{
	(void)state;
	begin();
	assert_int_equal(far_flash_replace_end(flash), FAR_ERR_STATE);
	ram_flash_assert_fault(&ram, FAR_FLASH_OP_REPLACE, FAR_ERR_STATE, AT, 0, AT, ERASED);
	assert_over();
	begin();
	assert_int_equal(far_flash_replace_write(flash, data, LEN - 1), FAR_OK);
	assert_int_equal(far_flash_replace_end(flash), FAR_ERR_STATE);
	assert_int_equal(ram.counts[RAM_END], 0);
	assert_over();
	assert_recovers();
}

static void null(void **state)
{
	(void)state;
	begin();
	assert_int_equal(far_flash_replace_write(flash, NULL, 1), FAR_ERR_ARG);
	ram_flash_assert_fault(&ram, FAR_FLASH_OP_REPLACE, FAR_ERR_ARG, AT, 0, AT, ERASED);
	assert_over();
	assert_recovers();
}

static int far_call(unsigned which)
{
	uint8_t buf[32];

	switch (which) {
	case 0:
		return far_flash_read(flash, 0, buf, 4);
	case 1:
		return far_flash_read(flash, 0, buf, 0);
	case 2:
		return far_flash_read(flash, SIZE, buf, 1);
	case 3:
		return far_flash_write(flash, 0, buf, 0);
	case 4:
		return far_flash_write(flash, 1, buf, 4);
	case 5:
		return far_flash_erase(flash, 0, 0);
	case 6:
		return far_flash_digest(flash, 0, 4, buf);
	case 7:
		return far_flash_sync(flash);
	case 8:
		return far_flash_replace_begin(flash, 1, 4, 0);
	case 9:
		far_flash_start(flash, FAR_FLASH_OP_SESSION);
		return FAR_OK;
	default:
		return 1; /* no more */
	}
}

/* Any other call, also one that does nothing or is refused, ends the stream. */
static void abandoned(void **state)
{
	(void)state;
	for (unsigned which = 0;; which++) {
		begin();
		assert_int_equal(far_flash_replace_write(flash, data, LEN), FAR_OK);
		if (far_call(which) == 1)
			break;
		assert_over();
		assert_int_equal(ram.counts[RAM_END], 0);
	}
	assert_recovers();
}

/* A new begin starts from nothing. */
static void begin_again(void **state)
{
	(void)state;
	begin();
	assert_int_equal(far_flash_replace_write(flash, data + 9, LEN - 5), FAR_OK);
	assert_recovers();
	begin();
	assert_recovers();
}

/* ---- the device fails ------------------------------------------------------------------------ */

/* Run one stream in portions of 1000 bytes; the first error. */
static int stream(void)
{
	int rc = far_flash_replace_begin(flash, AT, LEN, 0);

	if (rc == FAR_OK)
		rc = write_all(data, LEN, 1000);
	return rc == FAR_OK ? far_flash_replace_end(flash) : rc;
}

static const int codes[] = { FAR_ERR_IO,    FAR_ERR_TIMEOUT, FAR_ERR_BUSY,   FAR_ERR_CANCELLED,
			     FAR_ERR_PROTO, FAR_ERR_REFUSED, FAR_ERR_NOTSUP, FAR_ERR_VERIFY };

/* Every device call of a stream fails once: the code, the record, and a way back. */
static void every_call_fails(void **state)
{
	(void)state;
	for (uint32_t n = 1;; n++) {
		const int err = codes[n % COUNT(codes)];

		open_native(NULL);
		ram.failure = (struct ram_failure){ RAM_ANY, n, 1, err, 42, 11, false };
		if (stream() == FAR_OK) {
			assert_int_equal(n, 1 + (LEN + 999) / 1000 + 1 + 1);
			break;
		}
		assert_int_equal(flash->fault.err, err);
		assert_int_equal(flash->fault.op, FAR_FLASH_OP_REPLACE);
		assert_int_equal(flash->fault.peer_code, 42);
		ram_flash_assert_only(&ram, flash->fault.touched_addr, flash->fault.touched_len);
		assert_over();
		assert_recovers();
	}
}

/* Without a word of the device all the sectors under the range count as touched. */
static void silent_failures(void **state)
{
	static const unsigned calls[] = { 1u << RAM_BEGIN, 1u << RAM_STREAM, 1u << RAM_END };

	(void)state;
	for (size_t i = 0; i < COUNT(calls); i++)
		for (size_t k = 0; k < COUNT(codes); k++) {
			open_native(NULL);
			break_silently(calls[i], codes[k]);
			assert_int_equal(stream(), codes[k]);
			ram_flash_assert_fault(&ram, FAR_FLASH_OP_REPLACE, codes[k], AT, 0, AT,
					       ERASED);
			assert_over();
			assert_recovers();
		}
}

/* The record of a stream at the very end of 4 GiB does not wrap. */
static void silent_at_the_end(void **state)
{
	uint32_t size = 0u - SECTOR;
	uint32_t at = size - ERASED;

	(void)state;
	ram_flash_open(&ram, size, SECTOR, 4, ALL);
	break_silently(1u << RAM_STREAM, FAR_ERR_IO);
	assert_int_equal(far_flash_replace_begin(flash, at, LEN, 0), FAR_OK);
	assert_int_equal(far_flash_replace_write(flash, data, 9), FAR_ERR_IO);
	ram_flash_assert_fault(&ram, FAR_FLASH_OP_REPLACE, FAR_ERR_IO, at, 0, at, ERASED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(any_portions, open_native),
		cmocka_unit_test_setup(deflated, open_native),
		cmocka_unit_test_setup(deflated_is_counted_by_its_stream, open_native),
		cmocka_unit_test_setup(without_begin, open_native),
		cmocka_unit_test_setup(too_much, open_native),
		cmocka_unit_test_setup(too_little, open_native),
		cmocka_unit_test_setup(null, open_native),
		cmocka_unit_test_setup(abandoned, open_native),
		cmocka_unit_test_setup(begin_again, open_native),
		cmocka_unit_test_setup(every_call_fails, open_native),
		cmocka_unit_test_setup(silent_failures, open_native),
		cmocka_unit_test_setup(silent_at_the_end, open_native),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
