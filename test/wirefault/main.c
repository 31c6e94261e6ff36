/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One fault at every byte of every kind of job behind a serial line, then random mixtures. Whatever
 * the line does, a job ends within its bounds: done and true, or with an error that tells what may
 * have changed. Nothing else has changed, and what is said to be right is right.
 *
 *     wirefault_sweep JOB [--every N] [--rounds N]    positions (each Nth), random rounds
 *     wirefault_sweep --replay JOB/PLAN@SEED          one case alone, with what the chip saw
 * JOB is a name, for an ESP32, or CHIP:NAME.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test/wirefault/job.h"

static const char *id; /* as it was given */
static unsigned cases, done, failed;
static uint64_t injected, most_bytes;
static uint32_t most_s;

static int judge(const struct wirefault_job *job, const char *plan, uint64_t seed)
{
	struct wirefault_outcome out;
	const char *lie = wirefault_run(job, plan, seed, &out);

	cases++;
	done += out.rc == FAR_OK;
	failed += out.rc != FAR_OK;
	injected += out.injected;
	if (out.bytes > most_bytes)
		most_bytes = out.bytes;
	if (out.seconds > most_s)
		most_s = out.seconds;
	if (lie == NULL && out.bytes > job->storm_bytes)
		lie = "it floods the line";
	if (lie == NULL && out.seconds > job->storm_s)
		lie = "it takes far too long";
	if (lie == NULL)
		return 0;
	fprintf(stderr, "%s (it returned %s); replay with --replay %s/%s@%llu\n", lie,
		far_err_name(out.rc), id, plan, (unsigned long long)seed);
	return 1;
}

/* Every byte of each direction, lost, changed, doubled, late, and with an old piece before it. */
static int sweep(const struct wirefault_job *job, uint32_t every)
{
	static const char *const kinds[] = { "drop", "flip", "double", "stale", "delay" };
	static const char *const ways[] = { "out", "in" };
	struct wirefault_outcome out;
	int lies = 0;

	wirefault_run(job, "", 0, &out);
	if (out.rc != FAR_OK)
		return fprintf(stderr, "%s fails on a quiet line\n", job->name), 1;
	for (unsigned w = 0; w < 2; w++)
		for (unsigned k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
			/* In a thinned sweep kinds that differ little are thinned more. */
			uint32_t step = every * (k < 3 || every == 1 ? 1 : 7);

			for (uint64_t at = 1 + k % step; at <= out.way[w]; at += step) {
				char plan[64];

				snprintf(plan, sizeof(plan), "%s=%s:%llu", kinds[k], ways[w],
					 (unsigned long long)at);
				lies += judge(job, plan, at);
			}
		}
	return lies;
}

/* Mixtures at rates of up to 1 in 1,000 bytes. */
static int mixtures(const struct wirefault_job *job, uint32_t rounds)
{
	static const char *const plans[] = {
		"drop=rate:3000,flip=rate:3000,double=rate:3000",
		"flip=rate:1000",
		"drop=rate:1000",
		"double=rate:2000,stale=rate:2000",
		"drop=rate:20000,flip=rate:20000,stale=rate:20000,delay=rate:20000",
	};
	int lies = 0;

	for (uint32_t round = 0; round < rounds; round++)
		lies += judge(job, plans[round % (sizeof(plans) / sizeof(plans[0]))], round);
	return lies;
}

static int replay(const char *from)
{
	static char copy[256];
	char *plan, *seed;
	const struct wirefault_job *job;
	struct wirefault_outcome quiet;

	snprintf(copy, sizeof(copy), "%s", from);
	plan = strchr(copy, '/');
	seed = strchr(copy, '@');
	if (plan == NULL || seed == NULL)
		return fprintf(stderr, "'%s' is not JOB/PLAN@SEED\n", from), 2;
	*plan++ = *seed++ = '\0';
	job = wirefault_job(copy);
	if (job == NULL)
		return fprintf(stderr, "no job '%s'\n", copy), 2;
	id = copy;
	wirefault_run(job, "", 0, &quiet);
	wirefault_trace = true;
	return judge(job, plan, strtoull(seed, NULL, 10));
}

int main(int argc, char **argv)
{
	uint32_t every = 1, rounds = 0;
	const struct wirefault_job *job;
	int lies;

	if (argc == 3 && strcmp(argv[1], "--replay") == 0)
		return replay(argv[2]);
	for (int i = 2; i + 1 < argc; i += 2) {
		uint32_t n = (uint32_t)strtoul(argv[i + 1], NULL, 10);

		if (strcmp(argv[i], "--every") == 0 && n > 0)
			every = n;
		else if (strcmp(argv[i], "--rounds") == 0)
			rounds = n;
	}
	job = argc > 1 ? wirefault_job(argv[1]) : NULL;
	if (job == NULL)
		return fprintf(stderr, "usage: wirefault_sweep JOB [--every N] [--rounds N]\n"), 2;
	id = argv[1];
	lies = sweep(job, every) + mixtures(job, rounds);
	printf("%s: %u cases, %llu faults injected: %u done and true, %u failed and said so, "
	       "%d lies; at most %llu bytes on the line, %u s\n",
	       id, cases, (unsigned long long)injected, done, failed, lies,
	       (unsigned long long)most_bytes, most_s);
	return lies != 0;
}
