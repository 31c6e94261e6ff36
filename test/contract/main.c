/* SPDX-License-Identifier: Apache-2.0 */
/* Every case with every backend: test_contract [NAME], where NAME is a backend's. */
#include <stdio.h>
#include <stdlib.h>

#include "test/contract/contract.h"

static const struct ct_backend *const backends[] = {
	&ct_nor,
	&ct_nor_wide,
	&ct_esp8266,
	&ct_esp32,
	&ct_esp32s2,
	&ct_esp32_stub,
	&ct_mailbox,
	&ct_mailbox_window,
	&ct_mailbox_esp,
	&ct_mailbox_inline,
	&ct_partition,
	&ct_partition_esp8266,
	&ct_partition_esp32,
	&ct_partition_all,
	&ct_partition_inline,
};
static const struct ct_case *const tables[] = { ct_args,    ct_data,   ct_replace, ct_deflate,
						ct_failure, ct_random, ct_update };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define CASES_MAX    128u

struct pair {
	const struct ct_backend *backend;
	const struct ct_case *test;
	struct ct_world *world;
};

static int setup(void **state)
{
	struct pair *p = *state;

	p->world = p->backend->make();
	return 0;
}

static int teardown(void **state)
{
	struct pair *p = *state;

	p->backend->free(p->world);
	return 0;
}

static void run(void **state)
{
	struct pair *p = *state;

	p->test->run(p->world);
}

static int run_backend(const struct ct_backend *backend)
{
	static struct CMUnitTest tests[CASES_MAX];
	static struct pair pairs[CASES_MAX];
	size_t n = 0;

	for (size_t i = 0; i < COUNT(tables); i++) {
		if (backend->no_replace && (tables[i] == ct_replace || tables[i] == ct_deflate))
			continue;
		for (const struct ct_case *c = tables[i]; c->name != NULL; c++) {
			if (n == CASES_MAX)
				abort();
			pairs[n] = (struct pair){ .backend = backend, .test = c };
			tests[n] = (struct CMUnitTest){
				.name = c->name,
				.test_func = run,
				.setup_func = setup,
				.teardown_func = teardown,
				.initial_state = &pairs[n],
			};
			n++;
		}
	}
	return _cmocka_run_group_tests(backend->name, tests, n, NULL, NULL);
}

int main(int argc, char **argv)
{
	int failed = 0;
	size_t ran = 0;

	for (size_t i = 0; i < COUNT(backends); i++) {
		if (argc > 1 && strcmp(argv[1], backends[i]->name) != 0)
			continue;
		failed += run_backend(backends[i]);
		ran++;
	}
	if (ran == 0)
		fprintf(stderr, "no backend is called %s\n", argv[1]);
	return failed != 0 || ran == 0;
}
