/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nor:FILE, and nor:FILE?size=4M to have it created: an image file as an SPI NOR flash. The driver
 * is the one for real parts, over the simulated die, so that NOR's rules hold for the file too.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/image.h"
#include "cli/target.h"
#include "device/nor/nor.h"
#include "port/linux/linux.h"
#include "sim/nor/nor.h"

#define SIZE_KEY "?size="

struct nor_state {
	struct cli_image image;
	struct far_linux_clock clock;
	struct far_sim_nor *die;
	struct far_sim_spi spi;
	struct far_nor nor;
};

/* Nothing to say goodbye to: the mapping is the flash, and every write is in it already. */
static void close_nor(struct cli *c, struct cli_target *t, enum cli_exit code)
{
	struct nor_state *s = t->state;
	(void)c;
	(void)code;
	far_sim_nor_free(s->die);
	cli_image_close(&s->image);
	free(s);
}

/* Split the size off, if there is one: only with it a missing file is created. */
static enum cli_exit open_image(struct cli *c, struct nor_state *s, const char *file)
{
	char *path = strdup(file);
	if (!path)
		return cli_fail(c, CLI_FILE, "out of memory");
	uint32_t size = 0;
	enum cli_exit err = CLI_OK;
	char *key = strstr(path, SIZE_KEY);
	if (key) {
		err = cli_image_size(c, key + strlen(SIZE_KEY), &size);
		*key = '\0';
	}
	if (!err)
		err = cli_image_open(c, &s->image, path, size);
	free(path);
	return err;
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
	err = open_image(c, s, file);
	if (!err)
		err = start(c, t, s);
	if (err)
		close_nor(c, t, err);
	return err;
}
