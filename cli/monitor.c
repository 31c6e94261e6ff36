/* SPDX-License-Identifier: Apache-2.0 */
/*
 * farflash monitor: what the chip says, and what is typed to it. One loop, one thread: keys first,
 * as a person waits for them, then whatever the chip has said within SLICE_MS. A port that vanishes
 * (a board that is reset over USB, a cable) is no end: it is opened again when it is back.
 *
 * What the chip says goes to stdout byte by byte as it came, so that it can be piped on; everything
 * that we say ourselves goes to stderr between dashes. The log is for people and comes line by line
 * (monitor_log.c).
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/monitor_log.h"
#include "cli/monitor_port.h"
#include "cli/report.h"

#define DEFAULT_RATE 115200u
#define SLICE_MS     20u  /* how long a key may wait */
#define RETRY_MS     200u /* between attempts to open a port that has vanished */
#define KEY(c)       ((c)&0x1F)

static struct {
	const char *log, *until;
	uint32_t timeout;
	bool reset;
} opt;

/* Why the loop ended; GO_ON after it: a signal came. */
enum ending { GO_ON, LEFT, FOUND, TIMED_OUT, FAILED };

struct monitor {
	struct cli *c;
	struct cli_monitor_port port;
	struct cli_monitor_log log;
	bool lost;
	bool typing;  /* standard input is not at its end */
	bool command; /* Ctrl-T was typed: the next key is for us */
	bool raw;     /* the terminal is to be given back */
	struct termios before;
	uint32_t deadline_ms;
	uint8_t seen[4096]; /* the last bytes, in which --until is looked for */
	size_t seen_len;
};

/* Raw: what is typed goes to the chip as it is, also ^C. */
static void take_terminal(struct monitor *m)
{
	struct termios t;
	if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &m->before) != 0)
		return;
	t = m->before;
	cfmakeraw(&t);
	t.c_oflag = m->before.c_oflag; /* our own messages end in LF only */
	m->raw = tcsetattr(STDIN_FILENO, TCSANOW, &t) == 0;
	cli_say(m->c, "Monitor of %s at %" PRIu32 ": Ctrl-] leaves, Ctrl-T Ctrl-H tells the keys",
		m->port.name, m->port.baud);
}

static uint32_t now_ms(struct monitor *m)
{
	return m->port.clock.clock.ops->now_ms(&m->port.clock.clock);
}

/* Closed at once: only then the driver gives the name to the device that comes back. */
static void lose(struct monitor *m)
{
	cli_monitor_port_close(&m->port);
	cli_monitor_log_end(&m->log);
	m->lost = true;
	fprintf(stderr, "\n--- %s is gone: waiting for it ---\n", m->port.name);
}

/* Sleeping here keeps keys waiting; there is nobody to send them to. */
static void find_again(struct monitor *m)
{
	if (cli_monitor_port_open(&m->port) != FAR_OK) {
		m->port.clock.clock.ops->sleep_ms(&m->port.clock.clock, RETRY_MS);
		return;
	}
	m->lost = false;
	fprintf(stderr, "--- %s is back ---\n", m->port.name);
}

/* A person sees why nothing happened, and the monitor goes on. */
static void reset(struct monitor *m, bool loader)
{
	int err = m->lost ? FAR_ERR_IO : cli_monitor_port_reset(&m->port, loader);
	if (err)
		fprintf(stderr, "--- cannot reset the chip: %s ---\n",
			err == FAR_ERR_NOTSUP  ? "this port has no modem lines"
			: err == FAR_ERR_STATE ? "--before no-reset"
					       : far_err_name(err));
}

/* The key behind Ctrl-T. */
static enum ending command_key(struct monitor *m, uint8_t key)
{
	switch (key) {
	case KEY('R'):
		reset(m, false);
		break;
	case KEY('P'):
		reset(m, true);
		break;
	case KEY('X'):
		return LEFT;
	case KEY('T'):
	case KEY(']'):
		if (!m->lost)
			m->port.line.base.stream.ops->write(&m->port.line.base.stream, &key, 1);
		break;
	default:
		fputs("--- Ctrl-]: leave. After Ctrl-T: Ctrl-R reset, Ctrl-P reset into the "
		      "loader,\n"
		      "--- Ctrl-X leave, Ctrl-T or Ctrl-]: send that key ---\n",
		      stderr);
		break;
	}
	return GO_ON;
}

/* Everything else is the chip's; while there is none it is lost. */
static enum ending type(struct monitor *m, const uint8_t *keys, size_t len)
{
	enum ending end = GO_ON;
	struct far_stream *s = &m->port.line.base.stream;
	for (size_t i = 0; i < len && end == GO_ON; i++) {
		if (m->command)
			end = command_key(m, keys[i]);
		else if (m->raw && keys[i] == KEY(']'))
			return LEFT;
		else if (!m->lost && !(m->raw && keys[i] == KEY('T')))
			s->ops->write(s, keys + i, 1);
		m->command = !m->command && m->raw && keys[i] == KEY('T');
	}
	return end;
}

/* The end of a pipe on stdin is not the end of the monitor: it has said all that it had to. */
static enum ending take_keys(struct monitor *m)
{
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };
	uint8_t keys[256];
	if (!m->typing || poll(&p, 1, 0) <= 0)
		return GO_ON;
	ssize_t n = read(STDIN_FILENO, keys, sizeof(keys));
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return GO_ON;
	m->typing = n > 0;
	return n > 0 ? type(m, keys, (size_t)n) : GO_ON;
}

/* The text may be cut anywhere: the last bytes are kept. */
static bool is_there(struct monitor *m, const uint8_t *bytes, size_t len)
{
	size_t keep = strlen(opt.until) - 1;
	if (m->seen_len > keep) {
		memmove(m->seen, m->seen + m->seen_len - keep, keep);
		m->seen_len = keep;
	}
	memcpy(m->seen + m->seen_len, bytes, len);
	m->seen_len += len;
	return memmem(m->seen, m->seen_len, opt.until, keep + 1) != NULL;
}

/* The screen before the log, and both before --until ends it: what was found is to be seen. */
static enum ending show(struct monitor *m, const uint8_t *bytes, size_t len)
{
	fwrite(bytes, 1, len, stdout);
	if (fflush(stdout) != 0) {
		cli_fail(m->c, CLI_FILE, "cannot write to stdout: %s", strerror(errno));
		return FAILED;
	}
	if (cli_monitor_log_bytes(&m->log, bytes, len) != 0) {
		cli_fail(m->c, CLI_FILE, "cannot write %s: %s", opt.log, strerror(errno));
		return FAILED;
	}
	return opt.until && is_there(m, bytes, len) ? FOUND : GO_ON;
}

/*
 * Other errors than a lost port pass: a line that is disturbed gives some, and there is always a
 * next read.
 */
static enum ending listen_to_chip(struct monitor *m)
{
	struct far_stream *s = &m->port.line.base.stream;
	uint8_t bytes[1024];
	if (m->lost) {
		find_again(m);
		return GO_ON;
	}
	int n = s->ops->read(s, bytes, sizeof(bytes), SLICE_MS);
	if (n == FAR_ERR_IO)
		lose(m);
	return n > 0 ? show(m, bytes, (size_t)n) : GO_ON;
}

/*
 * The deadline counts from here, not from the last byte: a chip that talks without end is timed
 * out, too.
 */
static enum ending run_until_end(struct monitor *m)
{
	enum ending end = GO_ON;
	if (opt.reset)
		reset(m, false);
	m->deadline_ms = now_ms(m) + opt.timeout * 1000;
	while (end == GO_ON && !cli_cancel) {
		end = take_keys(m);
		if (end == GO_ON)
			end = listen_to_chip(m);
		if (end == GO_ON && opt.timeout && (int32_t)(now_ms(m) - m->deadline_ms) >= 0)
			end = TIMED_OUT;
	}
	return end;
}

/* The chip did not say it within the time: that is the answer that was asked for. */
static enum cli_exit result(struct cli *c, enum ending end)
{
	if (end == FAILED)
		return CLI_FILE;
	if (end == TIMED_OUT && opt.until)
		return cli_fail(c, CLI_LOST, "the chip did not say '%s' within %" PRIu32 " s",
				opt.until, opt.timeout);
	return end == GO_ON ? CLI_INTERRUPTED : CLI_OK;
}

/* Nothing is opened before all of it is possible. */
static enum cli_exit check(struct cli *c, struct monitor *m)
{
	if (c->set->json)
		return cli_fail(c, CLI_USAGE,
				"what the chip says and --json cannot both go to "
				"stdout: use --log");
	if (opt.until && (!opt.until[0] || strlen(opt.until) > 1024))
		return cli_fail(c, CLI_USAGE, "--until takes 1 to 1024 characters");
	if (opt.timeout > 1000000)
		return cli_fail(c, CLI_USAGE, "--timeout %" PRIu32 ": at most 1000000 s",
				opt.timeout);
	return cli_monitor_port_check(c, &m->port);
}

/* Appended to: a log of yesterday is not lost by a monitor of today. */
static enum cli_exit open_log(struct cli *c, struct monitor *m)
{
	if (opt.log)
		m->log.file = fopen(opt.log, "ae");
	if (!opt.log || m->log.file)
		return CLI_OK;
	return cli_fail(c, CLI_FILE, "cannot open %s: %s", opt.log, strerror(errno));
}

/*
 * The terminal is given back before anything is said about how it ended: it would be said in raw
 * mode.
 */
static enum cli_exit run(struct cli *c, int argc, char **argv)
{
	static struct monitor m;
	(void)argc;
	(void)argv;
	m.c = c;
	m.typing = true;
	m.port.name = c->set->port;
	m.port.baud = c->set->baud ? c->set->baud : DEFAULT_RATE;
	c->stdout_is_data = true;
	enum cli_exit code = check(c, &m);
	if (!code)
		code = open_log(c, &m);
	int err = code ? FAR_OK : cli_monitor_port_open(&m.port);
	if (err)
		code = cli_fail_flash(c, CLI_PHASE_OPEN, err, NULL, NULL, "cannot open %s",
				      m.port.name);
	if (!code) {
		take_terminal(&m);
		enum ending end = run_until_end(&m);
		if (m.raw)
			tcsetattr(STDIN_FILENO, TCSANOW, &m.before);
		code = result(c, end);
	}
	cli_monitor_port_close(&m.port);
	if (cli_monitor_log_end(&m.log) != 0 && !code)
		code = cli_fail(c, CLI_FILE, "cannot write %s: %s", opt.log, strerror(errno));
	if (m.log.file)
		fclose(m.log.file);
	return code;
}

static const struct cli_option options[] = {
	{ "log", 'l', CLI_TEXT, &opt.log, NULL, "FILE",
	  "append what the chip says, line by line, each with the time" },
	{ "reset", 'r', CLI_FLAG, &opt.reset, NULL, NULL, "reset the chip first, by DTR and RTS" },
	{ "until", 'u', CLI_TEXT, &opt.until, NULL, "TEXT", "end once the chip has said this" },
	{ "timeout", 't', CLI_NUMBER, &opt.timeout, NULL, "SECONDS",
	  "end after this time; with --until that is a failure, exit code 4" },
	{ 0 },
};

const struct cli_command cli_monitor = {
	.name = "monitor",
	.arguments = "",
	.summary = "show what the chip says, and send it what is typed",
	.details =
		"On a terminal every key goes to the chip but these: Ctrl-] leaves; after Ctrl-T, "
		"Ctrl-R\n"
		"resets the chip, Ctrl-P resets it into its loader, Ctrl-X leaves, and Ctrl-T or "
		"Ctrl-]\n"
		"is sent itself. The rate is --baud (115200). A port that vanishes is waited for. "
		"With\n"
		"a pipe for standard input its bytes are sent, and the monitor goes on at their "
		"end. Resets are as --before and --after say.\n",
	.options = options,
	.run = run,
};
