/* SPDX-License-Identifier: Apache-2.0 */
/* A chip behind a serial port, pseudo terminal, TCP connection or RFC 2217 server. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/numbers.h"
#include "cli/reset.h"
#include "cli/stub.h"
#include "cli/target.h"
#include "cli/trace.h"
#include "port/linux/rfc2217.h"

#define ROM_RATE       115200u /* the rate that every loader starts at, or measures */
#define FAST_RATE      460800u /* what nearly every USB adapter and board can do */
#define ATTEMPTS       7
#define TCP_TIMEOUT_MS 5000

struct esp_state {
	struct far_linux_rfc2217 line; /* of which the other kinds use the base alone */
	struct far_linux_clock clock;
	struct cli_trace trace;
	struct far_stream *stream; /* line, or trace around it */
	struct far_esp esp;
	enum far_esp_chip expect;
	uint32_t rom_rate, fast_rate; /* where the session starts, and where it is to go */
	bool has_lines;               /* the chip can be reset from here */
	bool connected;               /* and has answered */
	bool usb_otg;                 /* it is reached by its own USB */
	struct cli_reset reset;
	struct cli_stub stub;
	uint8_t block[FAR_ESP_STUB_BLOCK_MAX];
};

/* Start the program in the flash, unless the job has left it in an unknown state. */
static bool may_start(enum cli_exit code)
{
	return code == CLI_OK || code == CLI_USAGE || code == CLI_FILE || code == CLI_UNSUPPORTED;
}

/* After these the line is as it should be, and the chip listens. */
static bool still_talking(enum cli_exit code)
{
	return may_start(code) || code == CLI_MISMATCH || code == CLI_REFUSED;
}

/*
 * Start the program by the loader's own command, where there is no other way or it was asked for.
 */
static int run_program(struct esp_state *s, enum cli_after after)
{
	if (after == CLI_AFTER_WATCHDOG)
		return far_esp_watchdog_reset(&s->esp);
	return s->has_lines && after != CLI_AFTER_SOFT_RESET ? far_esp_leave(&s->esp)
							     : far_esp_run(&s->esp);
}

int cli_target_first_rate(struct cli_target *t)
{
	struct esp_state *s = t->state;
	if (!s->stream->ops->set_baud || s->stream->baud == s->rom_rate)
		return FAR_OK;
	return far_esp_set_baud(&s->esp, s->rom_rate);
}

/*
 * A chip that is not reset stays in its loader, so leave it at the rate that the next session will
 * start at. One that does not talk to us any more stays as it is.
 */
static void leave(struct cli *c, struct cli_target *t, enum cli_exit code)
{
	struct esp_state *s = t->state;
	enum cli_after after = s->reset.after;
	bool stay = after == CLI_AFTER_NO_RESET || !may_start(code) ||
		    (!s->has_lines && after != CLI_AFTER_SOFT_RESET && after != CLI_AFTER_WATCHDOG);
	int err = FAR_OK;
	if (t->run || !stay)
		err = run_program(s, after);
	else
		err = cli_target_first_rate(t);
	if (err == FAR_ERR_NOTSUP && after == CLI_AFTER_WATCHDOG)
		cli_warn(
			c,
			"--after watchdog-reset: no watchdog of an %s can do that: it stays in its "
			"loader",
			far_esp_chip_name(s->esp.chip));
	else if (err)
		cli_warn(c, "the chip could not be %s (%s)",
			 t->run || !stay ? "reset" : "returned to its first rate",
			 far_err_name(err));
	else if (t->run || !stay)
		cli_say(c, after == CLI_AFTER_HOLD ? "The chip is held in reset"
						   : "Reset, the chip runs its program");
}

static void close_esp(struct cli *c, struct cli_target *t, enum cli_exit code)
{
	struct esp_state *s = t->state;
	if (s->connected && !t->left && still_talking(code))
		leave(c, t, code);
	far_linux_close(&s->line.base);
	free(s);
}

/* Some chip is there, but not one we can go on with: say which, not only that. */
static enum cli_exit fail_connect(struct cli *c, struct cli_target *t, int err)
{
	struct esp_state *s = t->state;
	const struct far_esp *e = &s->esp;
	char found[160];
	if (e->loader == FAR_ESP_STUB_SILENT)
		snprintf(found, sizeof(found),
			 "%s (its flasher stub was started and does not answer: after a reset, "
			 "--no-stub goes without)",
			 t->port);
	else if (err == FAR_ERR_VERIFY)
		snprintf(found, sizeof(found), "%s is an %s, not an %s", t->port,
			 far_esp_chip_name(e->chip), far_esp_chip_name(s->expect));
	else if (err == FAR_ERR_NOTSUP && e->chip_id != FAR_ESP_NO_ID)
		snprintf(found, sizeof(found), "%s (its chip id is %" PRIu32 ")", t->port,
			 e->chip_id);
	else if (err == FAR_ERR_NOTSUP)
		snprintf(found, sizeof(found), "%s (its magic word is 0x%08" PRIx32 ")", t->port,
			 e->magic);
	else
		snprintf(found, sizeof(found), "%s at %" PRIu32 " baud", t->port, s->rom_rate);
	return cli_fail_flash(c, CLI_PHASE_CONNECT, err, &e->flash.fault, NULL, "%s", found);
}

/* One session from scratch; the stream's rate now is the one that the device returns to. */
static int connect_at(struct cli *c, struct cli_target *t, uint32_t rate, uint32_t attempts)
{
	struct esp_state *s = t->state;
	const struct far_esp_config config = {
		.stream = s->stream,
		.clock = &s->clock.clock,
		.block = s->block,
		.block_len = s->usb_otg ? FAR_ESP_OTG_BLOCK : sizeof(s->block),
		.block_limit = s->usb_otg ? FAR_ESP_OTG_BLOCK : 0,
		.expect = s->expect,
		.connect_attempts = attempts,
		.no_reset = s->reset.no_reset,
		.to_loader = s->reset.to_loader,
		.to_run = s->reset.to_run,
		.baud = s->fast_rate,
	};
	int err = FAR_OK;
	if (s->stream->ops->set_baud && s->stream->baud != rate)
		err = s->stream->ops->set_baud(s->stream, rate);
	if (!err && (c->set->no_stub || s->usb_otg))
		err = far_esp_init(&s->esp, &config);
	else if (!err)
		err = far_esp_init_stub(&s->esp, &config, &s->stub.finder);
	return err ? err : far_esp_connect(&s->esp);
}

/*
 * A chip that we cannot reset may still be at the fast rate, if the session before was cut off:
 * then it is silent, or answers nonsense, at the first one. Try both in turn.
 */
static int connect_unreset(struct cli *c, struct cli_target *t, uint32_t attempts)
{
	struct esp_state *s = t->state;
	uint32_t other = s->fast_rate != s->rom_rate ? s->fast_rate : FAST_RATE;
	int err = FAR_ERR_TIMEOUT;
	for (uint64_t i = 0; i < 2 * (uint64_t)attempts; i++) {
		int now = connect_at(c, t, i % 2 == 0 ? s->rom_rate : other, 1);
		if ((now != FAR_ERR_TIMEOUT && now != FAR_ERR_PROTO) ||
		    s->esp.loader == FAR_ESP_STUB_SILENT)
			return now;
		if (i % 2 == 0) /* what the last try at the proper rate said is the result */
			err = now;
	}
	return err;
}

/* Once: the chip as it is, with a stub as far as one is wanted. */
static int try_chip(struct cli *c, struct cli_target *t)
{
	struct esp_state *s = t->state;
	uint32_t attempts = c->set->connect_attempts ? c->set->connect_attempts : ATTEMPTS;
	bool no_reset = !s->has_lines || s->reset.no_reset;
	return no_reset && s->stream->ops->set_baud ? connect_unreset(c, t, attempts)
						    : connect_at(c, t, s->rom_rate, attempts);
}

/* A stub that was found, not asked for, may fail: the ROM remains, if the chip can be reset. */
static enum cli_exit find_chip(struct cli *c, struct cli_target *t)
{
	struct esp_state *s = t->state;
	int err = try_chip(c, t);
	if (err && s->esp.loader == FAR_ESP_STUB_SILENT && s->has_lines && !c->set->stub &&
	    !s->reset.no_reset) {
		cli_warn(c, "the stub %s does not answer: going on with the ROM", s->stub.path);
		s->stub.wanted = false;
		err = try_chip(c, t);
	}
	s->connected = err == FAR_OK || (err == FAR_ERR_VERIFY && s->has_lines);
	return err ? fail_connect(c, t, err) : s->stub.failed;
}

/* A rate that does not work costs time, not the job. */
static void check_rate(struct cli *c, const struct esp_state *s)
{
	/* Only if asked for can it surprise that the ESP8266's ROM has but one rate. */
	if (!s->stream->ops->set_baud || s->stream->baud == s->fast_rate ||
	    (s->esp.chip == FAR_ESP_8266 && c->set->baud == 0))
		return;
	cli_warn(c, "%" PRIu32 " baud does not work here: going on at %" PRIu32, s->fast_rate,
		 s->stream->baud);
}

/* The ROMs reach 16 MiB, whatever the flash says. */
static void check_reach(struct cli *c, const struct esp_state *s)
{
	uint32_t capacity = s->esp.flash_id >> 16; /* 18 is 16 MiB */
	if (s->esp.loader == FAR_ESP_ROM && capacity > 0x18 && capacity <= 0x22)
		cli_warn(c, "the flash is larger than the 16 MiB that the chip's ROM reaches: "
			    "with a flasher stub all of it can be used (--stub)");
}

/* --flash-size wins over what the flash tells. "keep" is esptool's word for leaving it alone. */
static enum cli_exit set_flash_size(struct cli *c, struct cli_target *t)
{
	const char *text = c->set->flash_size;
	char number[32];
	uint32_t size;
	if (!text || strcmp(text, "detect") == 0 || strcmp(text, "keep") == 0)
		return CLI_OK;
	/* "4MB-c1" is 4MB: the rest tells an ESP8266's program how to use them. */
	snprintf(number, sizeof(number), "%.*s", (int)strcspn(text, "-"), text);
	enum cli_exit code = cli_number(c, "flash size", number, &size);
	if (code)
		return code;
	int err = far_esp_set_flash_size(t->esp, size);
	if (err == FAR_ERR_ARG)
		return cli_fail(c, CLI_USAGE,
				"flash size '%s' is impossible: whole sectors of 4k, up to 16M "
				"without a stub",
				text);
	if (err)
		return cli_fail_target(c, t, err, NULL, "cannot set the flash size");
	return CLI_OK;
}

/* From JEDEC order on the wire to the order in which people write it. */
static uint32_t id_as_written(uint32_t id)
{
	return (id & 0xFF) << 16 | (id & 0xFF00) | (id >> 16 & 0xFF);
}

/* Commands that move data ask no more than they need, but for the record of a unit in JSON. */
static enum cli_exit ask_mac(struct cli *c, struct cli_target *t)
{
	if (c->command->uses_stub && !c->root)
		return CLI_OK;
	int err = far_esp_read_mac(t->esp, t->mac);
	if (err && err != FAR_ERR_NOTSUP) /* secure download mode hides it */
		return cli_fail_target(c, t, err, NULL, "cannot read the MAC address");
	t->has_mac = !err;
	return CLI_OK;
}

/* From an open line to a flash at the fast rate. */
static enum cli_exit start(struct cli *c, struct cli_target *t)
{
	struct esp_state *s = t->state;
	enum cli_exit code = find_chip(c, t);
	if (code)
		return code;
	t->esp = &s->esp;
	t->flash = &s->esp.flash;
	t->jedec_id = id_as_written(s->esp.flash_id);
	check_rate(c, s);
	check_reach(c, s);
	code = set_flash_size(c, t);
	return code ? code : ask_mac(c, t);
}

typedef int open_line(struct esp_state *s, const char *name);

static int open_tty(struct esp_state *s, const char *path)
{
	return far_linux_open_serial(&s->line.base, path, s->rom_rate, &cli_cancel);
}

/* The rate behind the socket is not known: the time-outs are those of the slower one. */
static int open_tcp(struct esp_state *s, const char *host_port)
{
	return far_linux_open_tcp(&s->line.base, host_port, s->rom_rate, TCP_TIMEOUT_MS,
				  &cli_cancel);
}

static int open_rfc2217(struct esp_state *s, const char *host_port)
{
	return far_linux_open_rfc2217(&s->line, host_port, s->rom_rate, TCP_TIMEOUT_MS,
				      &cli_cancel);
}

/* The rates: see the --baud option. The ESP8266 has no rate but the one it is connected at. */
static enum cli_exit choose_rates(struct cli *c, struct esp_state *s)
{
	enum cli_exit err = cli_chip(c, c->set->chip, &s->expect);
	uint32_t asked = c->set->baud;
	if (s->expect == FAR_ESP_8266 && !c->set->stub)
		s->rom_rate = s->fast_rate = asked ? asked : ROM_RATE;
	else
		s->fast_rate = asked ? asked : FAST_RATE;
	if (s->rom_rate == 0)
		s->rom_rate = s->fast_rate < ROM_RATE ? s->fast_rate : ROM_RATE;
	return err;
}

static enum cli_exit open_esp(struct cli *c, struct cli_target *t, const char *name,
			      open_line *open)
{
	struct esp_state *s = calloc(1, sizeof(*s));
	if (!s)
		return cli_fail(c, CLI_FILE, "out of memory");
	t->state = s;
	t->close = close_esp;
	enum cli_exit code = choose_rates(c, s);
	if (!code)
		code = cli_reset_init(&s->reset, c, name);
	s->usb_otg = c->set->usb_otg || cli_is_usb_otg(name);
	if (!code && s->usb_otg && c->set->stub)
		code = cli_fail(c, CLI_USAGE,
				"--stub: over USB-OTG the session is one with the ROM");
	if (!code)
		code = cli_stub_init(&s->stub, c);
	int err = code ? FAR_OK : open(s, name);
	if (err)
		code = cli_fail_flash(c, CLI_PHASE_OPEN, err, NULL, NULL, "cannot open %s",
				      t->port);
	if (!code) {
		far_linux_clock_init(&s->clock, &cli_cancel);
		s->stream = &s->line.base.stream;
		if (c->set->trace) {
			cli_trace_init(&s->trace, s->stream, stderr);
			s->stream = &s->trace.stream;
		}
		s->has_lines = s->stream->ops->set_lines &&
			       s->stream->ops->set_lines(s->stream, 0) == FAR_OK;
		code = start(c, t);
	}
	if (code)
		close_esp(c, t, code);
	return code;
}

enum cli_exit cli_open_serial(struct cli *c, struct cli_target *t, const char *path)
{
	return open_esp(c, t, path, open_tty);
}

enum cli_exit cli_open_socket(struct cli *c, struct cli_target *t, const char *host_port)
{
	return open_esp(c, t, host_port, open_tcp);
}

enum cli_exit cli_open_rfc2217(struct cli *c, struct cli_target *t, const char *host_port)
{
	return open_esp(c, t, host_port, open_rfc2217);
}
