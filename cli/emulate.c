/* SPDX-License-Identifier: Apache-2.0 */
/*
 * farflash emulate: a virtual chip in real time.
 *
 * The chip (sim/esp) is a state machine that is given the time; the client is a file descriptor.
 * In between lies the wire: without --line-rate a byte is there at once, with it every byte takes
 * ten bit times. The loop sleeps until the client or the chip has something to do.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/emulate_fault.h"
#include "cli/image.h"
#include "cli/report.h"
#include "cli/virtual_chip.h"
#include "cli/wire.h"
#include "port/linux/comport.h"
#include "sim/clock/clock.h"
#include "sim/esp/esp.h"
#include "sim/nor/nor.h"

#define NS_PER_S   UINT64_C(1000000000)
#define FRAME_BITS 10u /* start, eight data, stop */

static struct {
	const char *flash, *size, *listen, *fault;
	uint32_t seed;
	struct cli_chip_options chip;
	uint32_t line_rate;
	bool once;
} opt;

/* Bytes on their way: head is the first one that is still there. 64 KiB is more than any frame. */
struct queue {
	size_t head, len;
	uint8_t bytes[65536];
};

struct emulator {
	struct cli *c;
	struct cli_image image;
	struct cli_wire wire;
	struct far_sim_nor *nor;
	struct far_sim_esp *esp;
	struct cli_faults faults;
	struct cli_fault_byte held; /* from the client, on its way to the chip until rx_ns */
	bool pulled;                /* by a fault: the client that is left hears nothing */
	struct timespec start;
	uint64_t byte_ns; /* what a byte takes on the wire; 0: nothing */
	uint64_t at_ns;   /* how far the chip has been brought */
	uint64_t rx_ns;   /* when the first byte of rx has arrived at the chip */
	uint64_t tx_ns;   /* when the last byte of tx has left the chip */
	uint32_t rx_baud; /* the rate that rx was sent at */
	struct queue rx, tx;
};

static uint64_t now_ns(const struct emulator *em)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)(t.tv_sec - em->start.tv_sec) * NS_PER_S + (uint64_t)t.tv_nsec -
	       (uint64_t)em->start.tv_nsec;
}

static uint64_t max_ns(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static uint64_t min_ns(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Room behind what is queued, after moving that to the front. */
static size_t queue_room(struct queue *q)
{
	memmove(q->bytes, q->bytes + q->head, q->len);
	q->head = 0;
	return sizeof(q->bytes) - q->len;
}

/* Full for the transmitter, whose byte a fault may multiply; queue_room may still make some. */
static bool queue_full(const struct queue *q)
{
	return q->head + q->len + CLI_FAULT_BYTES > sizeof(q->bytes);
}

/* When the chip has heard the next whole byte; FAR_SIM_NEVER: the client is silent. */
static uint64_t rx_due(const struct emulator *em)
{
	return em->rx.len > 0 || em->held.n > 0 ? em->rx_ns : FAR_SIM_NEVER;
}

/* A client that does not read stops the chip's transmitter; the host's buffer is the limit. */
static uint64_t tx_due(const struct emulator *em)
{
	return queue_full(&em->tx) ? FAR_SIM_NEVER
				   : max_ns(far_sim_esp_next_ns(em->esp), em->tx_ns);
}

/*
 * The byte that is due goes into the chip; the next one follows it directly on the wire. A fault
 * may make it none or many, or hold it back.
 */
static void receive_byte(struct emulator *em)
{
	if (em->held.n == 0) {
		em->held = cli_fault_byte(&em->faults, true, em->rx.bytes[em->rx.head++]);
		em->rx.len--;
		if (em->held.delay_ns > 0) {
			em->rx_ns = em->at_ns + em->held.delay_ns;
			return;
		}
	}
	em->rx_ns += em->byte_ns;
	for (size_t i = 0; i < em->held.n; i++)
		far_sim_esp_receive(em->esp, em->at_ns, em->held.bytes[i], em->rx_baud);
	em->held.n = 0;
}

/* False: the chip had only something to do by itself. */
static bool transmit_byte(struct emulator *em)
{
	uint8_t byte;
	uint32_t baud;
	if (!far_sim_esp_transmit(em->esp, em->at_ns, &byte, &baud))
		return false;
	struct cli_fault_byte b = cli_fault_byte(&em->faults, false, byte);
	for (size_t i = 0; i < b.n; i++)
		em->tx.bytes[em->tx.head + em->tx.len++] =
			cli_wire_sample(b.bytes[i], baud, cli_wire_baud(&em->wire, baud));
	em->tx_ns = em->at_ns + em->byte_ns + b.delay_ns;
	return true;
}

/* After each byte: what a fault has done to the chip or the port meanwhile. */
static void settle(struct emulator *em)
{
	if (cli_fault_settle(&em->faults, em->esp, em->at_ns)) {
		em->pulled = true;
		em->rx.len = em->tx.len = em->held.n = 0;
	}
	if (em->pulled && cli_wire_pull(&em->wire)) {
		cli_fault_over(&em->faults, em->esp, em->nor, em->at_ns);
		em->pulled = false;
	}
}

/* Bring the chip to now_ns, everything in the order in which it happens. */
static void run_to(struct emulator *em, uint64_t now)
{
	for (;;) {
		uint64_t rx = rx_due(em), tx = tx_due(em), next = min_ns(rx, tx);
		if (next > now)
			break;
		em->at_ns = max_ns(em->at_ns, next);
		uint64_t before = far_sim_esp_next_ns(em->esp);
		bool moved = rx <= tx;
		if (moved)
			receive_byte(em);
		else
			moved = transmit_byte(em);
		settle(em);
		if (!moved && far_sim_esp_next_ns(em->esp) == before)
			break;
	}
}

/* Reads ahead, so that a paced wire is never idle between two system calls. */
static void take_from_client(struct emulator *em, uint64_t now)
{
	if (em->rx.len > sizeof(em->rx.bytes) / 2)
		return;
	size_t room = queue_room(&em->rx);
	/* May bring the chip forward, and so empty the queue, as a line changes. */
	size_t n = cli_wire_read(&em->wire, em->rx.bytes + em->rx.len, room);
	if (n == 0)
		return;
	bool idle = em->rx.len == 0;
	em->rx.len += n;
	em->rx_baud = cli_wire_baud(&em->wire, far_sim_esp_baud(em->esp));
	if (idle)
		em->rx_ns = max_ns(em->rx_ns, now) + em->byte_ns;
}

/* Bytes of tx that have left the chip by now: all but the one on the wire. */
static size_t tx_ready(const struct emulator *em, uint64_t now)
{
	return em->tx.len > 0 && em->tx_ns > now ? em->tx.len - 1 : em->tx.len;
}

/* What the client does not take now stays queued. */
static void give_to_client(struct emulator *em, uint64_t now)
{
	size_t ready = tx_ready(em, now);
	size_t n = cli_wire_write(&em->wire, em->tx.bytes + em->tx.head, ready);
	/* Nobody listens: it goes into the air, and the next client does not get it. */
	if (em->wire.fd < 0)
		n = ready;
	em->tx.head += n;
	em->tx.len -= n;
	queue_room(&em->tx);
}

/* Sleep until the client, the chip or a signal wants something. */
static void wait_for_work(struct emulator *em, const sigset_t *unblocked)
{
	uint64_t now = now_ns(em);
	uint64_t until = min_ns(rx_due(em), tx_due(em));
	bool unread = tx_ready(em, now) > 0;
	if (em->tx.len > 0 && !unread)
		until = min_ns(until, em->tx_ns);
	bool room = em->rx.len <= sizeof(em->rx.bytes) / 2;
	/* While a TCP client is served the next one waits in the listener's queue. */
	bool listen = em->wire.slave_fd >= 0 || em->wire.fd < 0;
	short events = cli_wire_poll(&em->wire, room, unread);
	struct pollfd fds[] = {
		{ .fd = events ? em->wire.fd : -1, .events = events },
		{ .fd = listen ? em->wire.event_fd : -1, .events = POLLIN },
	};
	uint64_t left = until > now ? until - now : 0;
	struct timespec timeout = { .tv_sec = (time_t)(left / NS_PER_S),
				    .tv_nsec = (long)(left % NS_PER_S) };
	int n = ppoll(fds, 2, until == FAR_SIM_NEVER ? NULL : &timeout, unblocked);
	if (n > 0 && fds[1].revents)
		cli_wire_event(&em->wire);
	if (n > 0 && fds[0].revents)
		take_from_client(em, now_ns(em));
}

/* What the client asserts reaches the chip at once, whatever is still on the wire. */
static void change_lines(void *ctx, bool dtr, bool rts)
{
	struct emulator *em = ctx;
	uint64_t now = now_ns(em);
	run_to(em, now);
	em->at_ns = max_ns(em->at_ns, now);
	far_sim_esp_lines(em->esp, em->at_ns, dtr, rts);
}

static void purge(void *ctx, unsigned what)
{
	struct emulator *em = ctx;
	if (what & FAR_COMPORT_PURGE_RECEIVED)
		em->tx.len = 0;
	if (what & FAR_COMPORT_PURGE_TO_SEND)
		em->rx.len = 0;
}

/* Signals are let in only while waiting: none can slip in between the test and the sleep. */
static void serve(struct emulator *em)
{
	sigset_t blocked, before;
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGINT);
	sigaddset(&blocked, SIGTERM);
	sigprocmask(SIG_BLOCK, &blocked, &before);
	while (!cli_cancel && !(opt.once && em->wire.left)) {
		uint64_t now = now_ns(em);
		run_to(em, now);
		settle(em);
		give_to_client(em, now);
		wait_for_work(em, &before);
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
}

/* The chip says what it does, with seconds since it was powered up. */
static void trace(void *ctx, uint64_t at_ns, const char *text)
{
	(void)ctx;
	fprintf(stderr, "[%4" PRIu64 ".%06" PRIu64 "] %s\n", at_ns / NS_PER_S,
		at_ns % NS_PER_S / 1000, text);
}

/* One line, for the program that has started us as much as for people: also with --quiet. */
static void announce(struct cli *c, const struct emulator *em)
{
	if (c->result) {
		cJSON_AddStringToObject(c->result, "listening", em->wire.url);
		cli_report_end(c, CLI_OK);
		return;
	}
	printf("listening on %s\n", em->wire.url);
	fflush(stdout);
}

static enum cli_exit check_options(struct cli *c, uint32_t *size)
{
	*size = 4u << 20;
	if (!opt.listen || !c->set->chip)
		return cli_fail(c, CLI_USAGE, "emulate needs --chip and --listen");
	if (opt.line_rate != 0 && (opt.line_rate < 300 || opt.line_rate > 20000000))
		return cli_fail(c, CLI_USAGE,
				"--line-rate %" PRIu32
				" is no rate of a serial line: 300 to 20000000",
				opt.line_rate);
	return opt.size ? cli_image_size(c, opt.size, size) : CLI_OK;
}

/* A file that exists has its own size, unless --size insists. */
static enum cli_exit open_flash(struct cli *c, struct emulator *em, uint32_t size)
{
	if (!opt.flash)
		return cli_image_make(c, &em->image, size);
	bool exists = access(opt.flash, F_OK) == 0;
	return cli_image_open(c, &em->image, opt.flash, exists && !opt.size ? 0 : size);
}

static enum cli_exit power_up(struct cli *c, struct emulator *em)
{
	enum cli_exit code =
		cli_chip_power_up(c, &opt.chip, &em->image, opt.line_rate == 0, &em->nor, &em->esp);
	if (!code)
		code = cli_fault_plan(c, &em->faults, opt.fault, opt.seed, em->nor);
	if (code)
		return code;
	if (c->set->trace)
		far_sim_esp_set_trace(em->esp, trace, NULL);
	if (opt.line_rate)
		em->byte_ns = FRAME_BITS * NS_PER_S / opt.line_rate;
	clock_gettime(CLOCK_MONOTONIC, &em->start);
	return CLI_OK;
}

static enum cli_exit run(struct cli *c, int argc, char **argv)
{
	static struct emulator em;
	uint32_t size = 0;
	(void)argc;
	(void)argv;
	em.c = c;
	opt.chip.name = c->set->chip;
	opt.chip.usb_otg = c->set->usb_otg;
	opt.chip.in_program = opt.listen && cli_wire_has_lines(opt.listen);
	em.image.fd = em.wire.fd = em.wire.event_fd = em.wire.slave_fd = -1;
	enum cli_exit code = check_options(c, &size);
	if (!code)
		code = cli_chip_check(c, &opt.chip);
	if (!code)
		code = open_flash(c, &em, size);
	if (!code)
		code = power_up(c, &em);
	if (!code)
		code = cli_wire_open(c, &em.wire, opt.listen);
	if (!code) {
		em.wire.comport.on_lines = change_lines;
		em.wire.comport.on_purge = purge;
		em.wire.comport.ctx = &em;
		announce(c, &em);
		serve(&em);
	}
	cli_fault_report(&em.faults, "emulate");
	cli_wire_close(&em.wire);
	far_sim_esp_free(em.esp);
	far_sim_nor_free(em.nor);
	cli_image_close(c, &em.image);
	return code;
}

static const struct cli_option options[] = {
	{ "flash", 'f', CLI_TEXT, &opt.flash, NULL, "FILE",
	  "its flash; made, erased, if absent (none: in memory)" },
	{ "size", 's', CLI_TEXT, &opt.size, NULL, "SIZE", "size of a new FILE (4M)" },
	{ "listen", 'l', CLI_TEXT, &opt.listen, NULL, "WHERE",
	  "pty:PATH, tcp:HOST:PORT or rfc2217:HOST:PORT, port 0 for a free one" },
	{ "line-rate", 0, CLI_NUMBER, &opt.line_rate, NULL, "BAUD",
	  "pace the bytes, and give the flash its datasheet times" },
	{ "secure-download", 0, CLI_FLAG, &opt.chip.secure_download, NULL, NULL,
	  "fuse: its loader takes harmless commands only" },
	{ "secure-boot", 0, CLI_FLAG, &opt.chip.secure_boot, NULL, NULL, "fuse: secure boot" },
	{ "flash-encryption", 0, CLI_NUMBER, &opt.chip.encryption, NULL, "COUNT",
	  "fuses: the encryption counter, 0 to 7; an odd number of ones is on" },
	{ "crystal", 0, CLI_NUMBER, &opt.chip.crystal_mhz, NULL, "MHZ",
	  "on its board, of chips that come with several" },
	{ "any-stub", 0, CLI_FLAG, &opt.chip.any_stub, NULL, NULL,
	  "take any code that is started for a flasher stub" },
	{ "app-text", 0, CLI_TEXT, &opt.chip.app_text, NULL, "TEXT",
	  "what a program in its flash or RAM prints" },
	{ "fault", 0, CLI_TEXT, &opt.fault, NULL, "PLAN", "what goes wrong, and when: see above" },
	{ "seed", 0, CLI_NUMBER, &opt.seed, NULL, "N",
	  "chance of a fault: the same N, the same run (0)" },
	{ "once", 0, CLI_FLAG, &opt.once, NULL, NULL, "end when the first client leaves" },
	{ 0 },
};

const struct cli_command cli_emulate = {
	.name = "emulate",
	.arguments = "",
	.summary = "be a virtual chip: --chip CHIP --listen WHERE",
	.details =
		"The chip waits in its loader: a pseudo terminal or TCP connection has no lines "
		"to\n"
		"reset it with. It prints `listening on PORT` once it can be reached, and "
		"changes FILE\n"
		"as the flash changes. On a pseudo terminal the client's rate must fit the "
		"chip's, or\n"
		"both hear garbage. Without --line-rate bytes arrive and the flash works at "
		"once; with\n"
		"it bytes take their time on the wire, and erasing and programming what the "
		"datasheet\n"
		"says. SIGINT and SIGTERM end it.\n"
		"\n"
		"The chip knows the vendor's generation-2 flasher stub (1.2.2) by its place and "
		"entry\n"
		"and then behaves as one; anything else that is started crashes or is a program "
		"that\n"
		"says TEXT. --any-stub is for other versions. Encrypted flash is a model: "
		"plain\n"
		"bytes read as nonsense, which is all that a test can tell.\n"
		"\n"
		"--fault takes KIND=WHEN, several with commas between. cut, lie, worn and stuck "
		"befall\n"
		"the flash: cut=op:137:inside cuts the power inside the 137th page program or "
		"erase,\n"
		"lie=op:5 leaves bits unprogrammed, worn=op:5 wears its sector out, stuck=op:5 "
		"never\n"
		"ends. drop, flip, double, delay, stale, vanish and reset befall a byte on the "
		"line:\n"
		"drop=out:1000 loses the 1000th byte to the chip, flip=in:7 changes a bit of the "
		"7th\n"
		"from it. rate:N in place of a number: one in N. After a cut or a vanished port "
		"the\n"
		"TCP client is disconnected (on a pseudo terminal it hears nothing until it "
		"leaves);\n"
		"power is back for the next one, with the flash as the cut left it. What was "
		"injected\n"
		"is said at the end, in a line that is the command to see it again.\n",
	.options = options,
	.run = run,
};
