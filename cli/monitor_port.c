/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A port for listening: it is opened and closed again as the device comes and goes, and knows no
 * loader. So it is apart from target_esp.c, which opens the same kinds of ports and takes each for
 * a chip to talk to.
 */
#include "cli/monitor_port.h"

#include <string.h>

#include "cli/report.h"

#define SOCKET     "socket://"
#define RFC2217    "rfc2217://"
#define TIMEOUT_MS 5000u
#define BOTH       (FAR_LINE_DTR | FAR_LINE_RTS)

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/*
 * What --port cannot be is told once, here; what it is, but is not there, is told by opening it,
 * and then it may come.
 */
enum cli_exit cli_monitor_port_check(struct cli *c, struct cli_monitor_port *p)
{
	const char *name = p->name;
	if (!name || !name[0])
		return cli_fail(c, CLI_USAGE,
				"which port? give --port, or set FARFLASH_PORT: farflash "
				"list-ports shows serial ports");
	if (begins(name, "nor:") || begins(name, "mailbox:"))
		return cli_fail(
			c, CLI_UNSUPPORTED,
			"%s: there is no chip that says anything; monitor takes /dev/tty..., "
			"socket://HOST:PORT or rfc2217://HOST:PORT",
			name);
	return cli_reset_init(&p->reset, c, name);
}

/* No prefix is a serial port, as everywhere. The cancel flag ends an opening that waits. */
static int open_line(struct cli_monitor_port *p)
{
	struct far_linux_stream *base = &p->line.base;
	if (begins(p->name, SOCKET))
		return far_linux_open_tcp(base, p->name + strlen(SOCKET), p->baud, TIMEOUT_MS,
					  &cli_cancel);
	if (begins(p->name, RFC2217))
		return far_linux_open_rfc2217(&p->line, p->name + strlen(RFC2217), p->baud,
					      TIMEOUT_MS, &cli_cancel);
	return far_linux_open_serial(base, p->name, p->baud, &cli_cancel);
}

/* The driver may have asserted lines while opening: a chip held in reset says nothing. */
int cli_monitor_port_open(struct cli_monitor_port *p)
{
	struct far_stream *s = &p->line.base.stream;
	far_linux_clock_init(&p->clock, &cli_cancel);
	int err = open_line(p);
	if (!err && s->ops->set_lines)
		s->ops->set_lines(s, 0);
	return err;
}

void cli_monitor_port_close(struct cli_monitor_port *p)
{
	far_linux_close(&p->line.base);
}

/*
 * Where neither option says otherwise, as device/esp does it before and after a session: see there.
 */
int cli_monitor_port_reset(struct cli_monitor_port *p, bool loader)
{
	static const struct far_esp_step to_loader[] = {
		{ BOTH, 0 }, { FAR_LINE_RTS, 10 }, { FAR_LINE_DTR, 5 }, { FAR_ESP_STEP_LAST, 0 }
	};
	static const struct far_esp_step to_run[] = { { FAR_LINE_RTS, 10 },
						      { FAR_ESP_STEP_LAST, 0 } };
	struct far_stream *s = &p->line.base.stream;
	const struct far_esp_step *step = loader ? p->reset.to_loader : p->reset.to_run;
	int err = s->ops->set_lines ? FAR_OK : FAR_ERR_NOTSUP;
	if (!err && loader && p->reset.no_reset)
		err = FAR_ERR_STATE;
	if (!step)
		step = loader ? to_loader : to_run;
	for (bool last = false; !err && !last; step++) {
		last = step->lines & FAR_ESP_STEP_LAST;
		err = s->ops->set_lines(s, step->lines & BOTH);
		if (!err)
			p->clock.clock.ops->sleep_ms(&p->clock.clock, 10u * step->time);
	}
	return err;
}
