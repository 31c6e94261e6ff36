/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nor:FILE, and nor:FILE?size=4M to have it created: an image file as an SPI NOR flash. The driver
 * is the one for real parts, over the simulated die, so that NOR's rules hold for the file too.
 * nor:FILE?fault=PLAN&seed=N lets a plan of faults (sim/fault) befall the die.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/emulate_fault.h"
#include "cli/image.h"
#include "cli/report.h"
#include "cli/target.h"
#include "device/nor/nor.h"
#include "port/linux/linux.h"
#include "sim/nor/nor.h"

struct nor_state {
	struct cli_image image;
	struct cli_faults faults;
	char *path; /* of the port, cut up into file and settings */
	const char *size, *fault, *seed;
	struct far_linux_clock clock;
	struct far_sim_nor *die;
	struct far_sim_spi spi;
	struct far_nor nor;
};

/* Nothing to say goodbye to: the mapping is the flash, and every write is in it already. */
static void close_nor(struct cli *c, struct cli_target *t, enum cli_exit code)
{
	struct nor_state *s = t->state;
	(void)code;
	cli_fault_report(&s->faults, t->port);
	far_sim_nor_free(s->die);
	cli_image_close(c, &s->image);
	free(s->path);
	free(s);
}

/* What stands behind the file's name: KEY=VALUE, the first after ?, the next after &. */
static enum cli_exit split(struct cli *c, struct nor_state *s, const char *port)
{
	const struct {
		const char *name;
		const char **value;
	} keys[] = { { "size=", &s->size }, { "fault=", &s->fault }, { "seed=", &s->seed } };
	s->path = strdup(port);
	if (!s->path)
		return cli_fail(c, CLI_FILE, "out of memory");
	char *at = strchr(s->path, '?');
	while (at) {
		*at++ = '\0';
		char *next = strchr(at, '&');
		size_t i = 0;
		while (i < 3 && strncmp(at, keys[i].name, strlen(keys[i].name)) != 0)
			i++;
		if (i == 3)
			return cli_fail(c, CLI_USAGE,
					"nor: knows size=SIZE, fault=PLAN and seed=N, not '%s'",
					at);
		*keys[i].value = at + strlen(keys[i].name);
		at = next;
	}
	return CLI_OK;
}

/* Only with a size a missing file is created. */
static enum cli_exit open_image(struct cli *c, struct nor_state *s)
{
	uint32_t size = 0;
	enum cli_exit err = s->size ? cli_image_size(c, s->size, &size) : CLI_OK;
	return err ? err : cli_image_open(c, &s->image, s->path, size);
}

static enum cli_exit plan_faults(struct cli *c, struct nor_state *s)
{
	uint32_t seed = 0;
	enum cli_exit err = s->seed ? cli_number(c, "seed", s->seed, &seed) : CLI_OK;
	return err ? err : cli_fault_plan(c, &s->faults, s->fault, seed, s->die);
}

/* Die, bus, driver: the driver finds out the size by itself, as it would on a board. */
static enum cli_exit start(struct cli *c, struct cli_target *t, struct nor_state *s)
{
	const struct far_sim_nor_config config = {
		.size = s->image.size,
		.memory = s->image.memory,
		.instant = true,
	};
	s->die = far_sim_nor_new(&config);
	if (!s->die)
		return cli_fail(c, CLI_FILE, "out of memory");
	enum cli_exit code = plan_faults(c, s);
	if (code)
		return code;
	far_linux_clock_init(&s->clock, &cli_cancel);
	far_sim_spi_init(&s->spi, s->die, &s->clock.clock);
	int err = far_nor_init(&s->nor, &s->spi.spi, &s->clock.clock);
	t->flash = &s->nor.flash;
	t->kind = "SPI NOR";
	if (err)
		return cli_fail_flash(c, CLI_PHASE_CONNECT, err, NULL, NULL, "%s", t->port);
	const uint8_t *id = s->nor.jedec_id;
	t->jedec_id = (uint32_t)id[0] << 16 | (uint32_t)id[1] << 8 | id[2];
	return CLI_OK;
}

/* On failure all that was opened is closed here: the caller closes only what it was given. */
enum cli_exit cli_open_nor(struct cli *c, struct cli_target *t, const char *file)
{
	enum cli_exit err = cli_no_chip(c, t, "an image file");
	if (err)
		return err;
	struct nor_state *s = calloc(1, sizeof(*s));
	if (!s)
		return cli_fail(c, CLI_FILE, "out of memory");
	s->image.fd = -1;
	t->state = s;
	t->close = close_nor;
	err = split(c, s, file);
	if (!err)
		err = open_image(c, s);
	if (!err)
		err = start(c, t, s);
	if (err)
		close_nor(c, t, err);
	return err;
}
