/* SPDX-License-Identifier: Apache-2.0 */
/*
 * farflash load-ram: a program into the chip's RAM, and start it there: to try one out without
 * wearing the flash, or on a chip whose flash is broken. The ROM writes where it is told to, also
 * over itself. So everything is checked before the first byte goes: the file's sums, that all of it
 * is for this chip's RAM, that no segment lies over another, and that the entry is in one of them.
 * What the program does then is its own affair.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "cli/commands.h"
#include "cli/firmware.h"
#include "cli/memory.h"
#include "cli/progress.h"
#include "cli/ram.h"
#include "device/esp/ram.h"

/* An image, and the file that it is. */
struct program {
	struct cli_part part;
	struct far_esp_image image;
};

/* Sound, and all of it meant for RAM? Told before the port is opened. */
static enum cli_exit check_image(struct cli *c, struct program *p)
{
	const struct far_esp_image *m = &p->image;
	struct far_esp_image_source source = cli_firmware_source(&p->part);
	int err = far_esp_image_read(&p->image, &source, NULL);
	if (err)
		return cli_fail(c, err == FAR_ERR_VERIFY ? CLI_MISMATCH : CLI_FILE,
				"%s: %s (at 0x%" PRIx32 ")", p->part.path,
				far_esp_image_problem_text(m->problem), m->problem_at);
	for (unsigned i = 0; i < m->segments; i++) {
		const struct far_esp_image_segment *s = &m->segment[i];
		if (m->version == 1 && !far_esp_image_is_mapped(m->chip, s->addr))
			continue;
		return cli_fail(c, CLI_FILE,
				"%s: its segment %u is mapped from the flash: this is a program "
				"for write-flash, not one that lies in RAM alone",
				p->part.path, i);
	}
	return CLI_OK;
}

/* By differences, as addr + len could go round. */
static bool overlap(const struct far_esp_image_segment *a, const struct far_esp_image_segment *b)
{
	return a->addr < b->addr ? b->addr - a->addr < a->len : a->addr - b->addr < b->len;
}

/* Padding: there to move what follows, and for nothing else. */
static bool is_empty(const struct far_esp_image_segment *s)
{
	return s->addr == 0 || s->len == 0;
}

/* One that would write over another, if there is one before it. */
static enum cli_exit check_overlap(struct cli *c, const struct program *p, unsigned n)
{
	const struct far_esp_image_segment *s = p->image.segment;
	for (unsigned i = 0; i < n; i++) {
		if (!is_empty(&s[i]) && overlap(&s[i], &s[n]))
			return cli_fail(c, CLI_FILE,
					"%s: its segments %u (0x%" PRIx32 " bytes at 0x%08" PRIx32
					") and %u (at 0x%08" PRIx32 ") overlap",
					p->part.path, i, s[i].len, s[i].addr, n, s[n].addr);
	}
	return CLI_OK;
}

/* Does the chip have RAM where the program wants some? */
static enum cli_exit check_ram(struct cli *c, const struct cli_target *t, const struct program *p)
{
	const struct far_esp_image *m = &p->image;
	const char *name = far_esp_chip_name(t->esp->chip);
	bool entered = false;
	enum cli_exit code = CLI_OK;
	for (unsigned i = 0; i < m->segments && !code; i++) {
		const struct far_esp_image_segment *s = &m->segment[i];
		if (is_empty(s))
			continue;
		enum cli_ram ram = cli_ram_at(t->esp->chip, s->addr, s->len);
		if (ram == CLI_RAM_NONE)
			return cli_fail(c, CLI_FILE,
					"%s: its segment %u, 0x%" PRIx32 " bytes at 0x%08" PRIx32
					", is not in the RAM of an %s",
					p->part.path, i, s->len, s->addr, name);
		entered = entered || (ram == CLI_RAM_CODE && m->entry >= s->addr &&
				      m->entry - s->addr < s->len);
		code = check_overlap(c, p, i);
	}
	if (!code && !entered)
		code = cli_fail(c, CLI_FILE,
				"%s: its entry 0x%08" PRIx32
				" is in none of its segments in the RAM that an %s runs code from",
				p->part.path, m->entry, name);
	return code;
}

/* What is sent, for the bar. Cannot go round: all of it comes from one file. */
static uint32_t total(const struct far_esp_image *m)
{
	uint32_t sum = 0;
	for (unsigned i = 0; i < m->segments; i++)
		sum += is_empty(&m->segment[i]) ? 0 : m->segment[i].len;
	return sum;
}

/* Segment by segment in the file's order; the ROM has a sum of its own over each block. */
static enum cli_exit upload(struct cli *c, struct cli_target *t, const struct program *p)
{
	struct cli_progress progress;
	uint32_t done = 0, all = total(&p->image);
	enum cli_exit code = CLI_OK;
	cli_progress_begin(c, &progress, "Loading", all);
	for (unsigned i = 0; i < p->image.segments && !code; i++) {
		const struct far_esp_image_segment *s = &p->image.segment[i];
		const struct far_esp_segment bytes = { s->addr, s->len, p->part.data + s->offset };
		if (is_empty(s))
			continue;
		int err = far_esp_ram_write(t->esp, &bytes);
		if (err)
			code = cli_fail_target(c, t, err, NULL,
					       "cannot load 0x%" PRIx32 " bytes to 0x%08" PRIx32,
					       s->len, s->addr);
		done += s->len;
		cli_progress_update(&progress, done);
	}
	double seconds = cli_progress_end(&progress);
	if (!code)
		cli_say(c, "Loaded %" PRIu32 " bytes in %.1f s", all, seconds);
	return code;
}

/* As the ROM would have started it: with the line at its first rate. */
static enum cli_exit start(struct cli *c, struct cli_target *t, uint32_t entry)
{
	int err = cli_target_first_rate(t);
	if (err)
		return cli_fail_target(c, t, err, NULL, "cannot return to the first rate");
	err = far_esp_ram_run(t->esp, entry);
	t->left = err == FAR_OK || err == FAR_ERR_TIMEOUT;
	if (err == FAR_ERR_TIMEOUT)
		cli_warn(c,
			 "the ROM has not acknowledged the jump to 0x%08" PRIx32
			 " and is silent: the program runs, or the chip has crashed",
			 entry);
	else if (err)
		return cli_fail_target(c, t, err, NULL, "cannot start the program at 0x%08" PRIx32,
				       entry);
	else
		cli_say(c, "The chip runs the program at 0x%08" PRIx32, entry);
	return CLI_OK;
}

/* A stub would be overwritten while it writes, so only the ROM will do. */
static enum cli_exit load(struct cli *c, struct cli_target *t, struct program *p)
{
	enum cli_exit code = cli_memory_check(c, t);
	if (code)
		return code;
	if (t->esp->loader == FAR_ESP_STUB)
		return cli_fail(
			c, CLI_UNSUPPORTED,
			"a flasher stub runs on this chip, and lies in the RAM itself: reset "
			"the chip, and leave --stub away");
	code = cli_firmware_check(c, t, &p->part);
	if (!code)
		code = check_ram(c, t, p);
	if (!code)
		code = upload(c, t, p);
	if (!code)
		code = start(c, t, p->image.entry);
	if (!code && c->result) {
		cJSON_AddNumberToObject(c->result, "loaded", total(&p->image));
		cJSON_AddNumberToObject(c->result, "entry", p->image.entry);
		cJSON_AddNumberToObject(c->result, "segments", p->image.segments);
	}
	return code;
}

/* The file before the port: a wrong one costs no reset. Static, as an image's segments are many. */
static enum cli_exit run(struct cli *c, int argc, char **argv)
{
	static struct program p;
	struct cli_target t;
	(void)argc;
	p.part.path = argv[0];
	enum cli_exit code = cli_part_load(c, &p.part);
	if (!code)
		code = check_image(c, &p);
	if (!code)
		code = cli_target_open(c, &t);
	if (!code)
		code = cli_target_close(c, &t, load(c, &t, &p));
	free(p.part.data);
	return code;
}

const struct cli_command cli_load_ram = {
	.name = "load-ram",
	.arguments = "FILE",
	.summary = "load a program into the chip's RAM and start it",
	.details =
		"FILE is an image whose segments all lie in RAM, as elf2image makes it. Nothing in "
		"the\n"
		"flash changes. The chip's ROM loads it, never a stub, and the chip is not reset\n"
		"afterwards. The program finds the line at the rate that the session began with.\n",
	.min_arguments = 1,
	.max_arguments = 1,
	.run = run,
};
