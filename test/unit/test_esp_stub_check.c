/* SPDX-License-Identifier: Apache-2.0 */
/* Stubs that cannot be uploaded, and the reason that is named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "device/esp/stub.h"

static void test_stubs_that_cannot_be(void **state)
{
	static const uint8_t code[64];
	static const struct {
		struct far_esp_stub stub;
		const char *why; /* part of it; NULL: it is one */
	} tries[] = {
		{ { { 0x1000, 64, code }, { 0x2000, 8, code }, 0x3000, 0x1004 }, NULL },
		{ { { 0x1000, 64, code }, { 0, 0, NULL }, 0, 0x1000 }, NULL },
		{ { { 0x1000, 64, code }, { 0x1040, 8, code }, 0x1048, 0x103f }, NULL },
		{ { { 0x1000, 64, NULL }, { 0, 0, NULL }, 0, 0x1000 }, "no text" },
		{ { { 0x1000, 0, code }, { 0, 0, NULL }, 0, 0x1000 }, "no text" },
		{ { { 0x1000, 0x10001, code }, { 0, 0, NULL }, 0, 0x1000 }, "too large" },
		{ { { 0x1000, 64, code }, { 0x2000, 0x10001, code }, 0, 0x1000 }, "too large" },
		{ { { 0x1000, 64, code }, { 0x2000, 8, NULL }, 0, 0x1000 }, "data is missing" },
		{ { { 0x1002, 64, code }, { 0, 0, NULL }, 0, 0x1002 }, "multiples of 4" },
		{ { { 0x1000, 64, code }, { 0x2001, 8, code }, 0, 0x1000 }, "multiples of 4" },
		{ { { 0xfffffff0, 64, code }, { 0, 0, NULL }, 0, 0xfffffff0 }, "beyond the end" },
		{ { { 0x1000, 64, code }, { 0xfffffffc, 8, code }, 0, 0x1000 }, "beyond the end" },
		{ { { 0x1000, 64, code }, { 0x103c, 8, code }, 0, 0x1000 }, "overlap" },
		{ { { 0x1000, 64, code }, { 0x0ffc, 8, code }, 0, 0x1000 }, "overlap" },
		{ { { 0x1000, 64, code }, { 0, 0, NULL }, 0x1010, 0x1000 }, "variables overlap" },
		{ { { 0x1000, 64, code }, { 0x2000, 8, code }, 0x2004, 0x1000 },
		  "variables overlap" },
		{ { { 0x1000, 64, code }, { 0, 0, NULL }, 0, 0x1040 }, "entry" },
		{ { { 0x1000, 64, code }, { 0, 0, NULL }, 0, 0x0ffc }, "entry" },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
		const char *why = "";
		int rc = far_esp_check_stub(&tries[i].stub, &why);

		assert_int_equal(rc, tries[i].why == NULL ? FAR_OK : FAR_ERR_ARG);
		if (tries[i].why == NULL)
			assert_null(why);
		else if (strstr(why, tries[i].why) == NULL)
			fail_msg("%u: %s, not %s", i, why, tries[i].why);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stubs_that_cannot_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
