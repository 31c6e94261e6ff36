/* SPDX-License-Identifier: Apache-2.0 */
/* Life of a virtual chip: power, reset, boot, its UART, and whose turn it is. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/esp/chip.h"

#define OTG_BLOCK 0x800u
#include "sim/esp/uart.h"

/* From the answer to MEM_END to the greeting of the code that was loaded. */
#define STUB_START_NS (2u * ESP_MS)

/* The name in a chip's own range, for configurations that give none. */
static const uint8_t default_mac[6] = { 0x24, 0x6F, 0x28, 0x5A, 0xC0, 0xDB };

/* One line for whoever watches, at the time the chip has reached. */
void esp_trace(struct far_sim_esp *e, const char *format, ...)
{
	char text[160];
	va_list args;

	if (!e->trace)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	e->trace(e->trace_ctx, e->t, text);
}

void esp_tx_byte(struct far_sim_esp *e, uint8_t byte)
{
	size_t at = (e->tx_head + e->tx_count) % ESP_TX_MAX;

	/* No answer comes near the size: commands wait until earlier answers have left. */
	if (e->tx_count == ESP_TX_MAX)
		return;
	e->tx[at] = byte;
	e->tx_baud[at] = e->baud;
	e->tx_count++;
	e->tx_pushed++;
}

/*
 * From here until done is called no command is taken. The first step is due at once; a caller that
 * has to wait adds to due_ns. The block in job.block is left alone: the job may be about it.
 */
void esp_start_job(struct far_sim_esp *e, bool (*step)(struct far_sim_esp *e),
		   void (*done)(struct far_sim_esp *e, enum esp_trouble trouble))
{
	struct esp_job *j = &e->job;

	j->active = true;
	j->due_ns = e->t;
	j->step = step;
	j->done = done;
	j->trouble = TROUBLE_NONE;
	j->unlocked = false;
	j->unlock_tried = false;
	j->in_left = 0;
	j->chunk_len = 0;
	j->chunk_pos = 0;
	j->verify_len = 0;
}

/* zlib keeps memory of its own: the only thing here that must be given back. */
void esp_write_close(struct far_sim_esp *e)
{
	if (e->write.z_open)
		inflateEnd(&e->write.z);
	e->write = (struct esp_write){ .active = false };
}

void esp_drop_work(struct far_sim_esp *e)
{
	e->job.active = false;
	e->load = (struct esp_load){ .active = false };
	e->stream = (struct esp_stream){ .active = false };
	e->boot_ns = ESP_NEVER;
	e->stub_ns = ESP_NEVER;
	e->stub_pending = false;
	e->rx_count = 0;
	e->slots_used = 0;
	e->deferred = 0;
	esp_write_close(e);
}

/*
 * Without a running program bytes go nowhere. What has been handed to the transmitter still leaves:
 * a panic message, or an answer that was on its way.
 */
void esp_silence(struct far_sim_esp *e, const char *why)
{
	esp_trace(e, "silent: %s", why);
	esp_drop_work(e);
	e->run = RUN_SILENT;
}

/*
 * The ROMs have no handler that goes on: the C3 prints its registers, the ESP32 nothing at all, and
 * both are silent from then on.
 */
void esp_panic(struct far_sim_esp *e, uint32_t addr)
{
	esp_trace(e, "exception at access to %08lx", (unsigned long)addr);
	esp_print(e, e->row->text.panic);
	esp_silence(e, "exception");
}

/* Is it the vendor's stub that was loaded, and is it started where it begins? */
static bool is_stub(const struct far_sim_esp *e, uint32_t entry)
{
	const struct esp_stub_place *p = &e->row->stub;

	return e->any_stub || (entry == p->entry && esp_mem_loaded(e, p->text, p->text_len));
}

/*
 * Loaded code is not executed. The stub is known and imitated; a jump to nowhere, or into the
 * middle of the stub, ends in an exception; anything else is a program, which prints what programs
 * here do.
 */
void esp_run_loaded(struct far_sim_esp *e, uint32_t entry)
{
	const struct esp_stub_place *p = &e->row->stub;

	if (!esp_mem_loaded(e, entry, 1)) {
		esp_panic(e, entry);
	} else if (is_stub(e, entry)) {
		if (e->tx_count > 0)
			e->stub_pending = true; /* behind the answer */
		else
			e->stub_ns = e->t + STUB_START_NS;
	} else if (entry - p->text < p->text_len) {
		esp_panic(e, entry);
	} else {
		esp_trace(e, "runs the program in RAM at %08lx", (unsigned long)entry);
		esp_drop_work(e);
		e->run = RUN_APP;
		esp_print(e, e->app_text);
	}
}

/*
 * EN low: everything stops in the middle, also a byte that was about to leave. The flash die has no
 * reset pin and goes on with what it is doing.
 */
static void enter_reset(struct far_sim_esp *e)
{
	esp_drop_work(e);
	e->run = RUN_RESET;
	e->by_watchdog = false;
	e->boot_tries = 0;
	e->tx_count = 0;
	e->tx_popped = e->tx_pushed;
	e->next_baud = 0;
	esp_trace(e, "reset");
}

void esp_reset_at(struct far_sim_esp *e, uint64_t due_ns)
{
	e->boot_ns = due_ns;
	e->by_watchdog = true;
	e->download_strap = e->dtr && !e->rts;
}

/* What the chip does by itself, as opposed to on a byte. At most three things are ever due. */
static uint64_t next_event(const struct far_sim_esp *e)
{
	uint64_t next = e->boot_ns < e->stub_ns ? e->boot_ns : e->stub_ns;

	return e->job.active && e->job.due_ns < next ? e->job.due_ns : next;
}

/* A step is carried out at the time it was due, however late the driver calls. */
static void do_event(struct far_sim_esp *e, uint64_t due)
{
	if (due > e->t)
		e->t = due;
	if (e->boot_ns <= e->t) {
		esp_boot(e);
	} else if (e->stub_ns <= e->t) {
		esp_drop_work(e);
		esp_stub_start(e);
	} else if (e->job.step(e)) {
		e->job.active = false;
		e->job.done(e, e->job.trouble);
	}
}

bool esp_is_lost(struct far_sim_esp *e, size_t len)
{
	if (!e->usb_otg || len <= ESP_HEADER + ESP_BLOCK_HEADER + OTG_BLOCK)
		return false;
	esp_trace(e, "a frame of %u bytes is lost on USB-OTG", (unsigned)len);
	return true;
}

/* The ROM has no interrupt for this: it decodes what has arrived when it has nothing else to do. */
static bool rom_takes(struct far_sim_esp *e)
{
	while (e->rx_count > 0) {
		uint8_t byte = e->rx[e->rx_head];

		e->rx_head = (e->rx_head + 1u) % ESP_RX_MAX;
		e->rx_count--;
		if (esp_slip_byte(&e->slip, byte)) {
			if (!esp_is_lost(e, e->slip.len))
				esp_rom_frame(e, e->slip.len);
			return true;
		}
	}
	return false;
}

/*
 * The frame moves to job.block, because a block is programmed from there while the next one is
 * being received.
 */
static bool stub_takes(struct far_sim_esp *e)
{
	struct esp_frame *f = &e->slots[0];
	size_t len = f->len;

	if (e->slots_used == 0)
		return false;
	memcpy(e->job.block, f->bytes, len);
	e->slots_used--;
	for (size_t i = 0; i < e->slots_used; i++)
		e->slots[i] = e->slots[i + 1u];
	if (!esp_is_lost(e, len))
		esp_stub_frame(e, e->job.block, len);
	return true;
}

/* false: nothing to do before the next event or byte. */
static bool take_command(struct far_sim_esp *e)
{
	if (e->job.active || e->next_baud != 0 || e->stub_pending || e->stub_ns != ESP_NEVER)
		return false;
	if (e->tx_count > ESP_UART_FIFO)
		return false;
	if (e->run == RUN_ROM)
		return rom_takes(e);
	return e->run == RUN_STUB && stub_takes(e);
}

/* Catch up with now. Afterwards nothing is due before it, and e->t is now. */
static void run(struct far_sim_esp *e, uint64_t now_ns)
{
	for (;;) {
		uint64_t due = next_event(e);

		if (due <= now_ns)
			do_event(e, due);
		else if (!take_command(e))
			break;
	}
	if (now_ns > e->t)
		e->t = now_ns;
}

/* Fuses that the chip does not have cannot be burned. */
static void take_config(struct far_sim_esp *e, const struct far_sim_esp_config *config)
{
	const struct esp_row *row = e->row;

	e->crystal_hz = config->crystal_hz != 0 ? config->crystal_hz : row->crystal_hz;
	e->secure_download = config->secure_download && row->info_len != 0;
	e->secure_boot = config->secure_boot && row->fuses.boot_word != 0;
	e->crypt_count = row->crypt_align != 0 ? config->flash_crypt_count & 7u : 0;
	e->flash_key = config->flash_key;
	e->any_stub = config->any_stub;
	e->usb_otg = config->usb_otg && row->otg.addr != 0;
	e->app_text = config->app_text;
}

/*
 * Power up. The strap is what the configuration says; there is no rise time to wait for, and text
 * is ready to be sent at time 0.
 */
struct far_sim_esp *far_sim_esp_new(const struct far_sim_esp_config *config)
{
	static const uint8_t none[6];
	const struct esp_row *row = config ? esp_row_find(config->chip) : NULL;
	struct far_sim_esp *e;

	if (!row || !config->nor)
		return NULL;
	e = calloc(1, sizeof(*e));
	if (!e)
		return NULL;
	e->row = row;
	e->nor = config->nor;
	take_config(e, config);
	memcpy(e->mac, memcmp(config->mac, none, 6) ? config->mac : default_mac, 6);
	e->strap_low = config->in_loader;
	e->download_strap = e->strap_low;
	e->stub_ns = ESP_NEVER;
	esp_boot(e);
	return e;
}

void far_sim_esp_free(struct far_sim_esp *e)
{
	if (!e)
		return;
	esp_write_close(e);
	esp_mem_clear(e);
	free(e);
}

/* Only edges of EN matter; the strap matters once, when it is sampled, and may come late. */
void far_sim_esp_lines(struct far_sim_esp *e, uint64_t now_ns, bool dtr, bool rts)
{
	bool was_held = e->rts && !e->dtr;
	bool held = rts && !dtr;

	run(e, now_ns);
	e->dtr = dtr;
	e->rts = rts;
	if (e->off)
		return;
	if (held && !was_held)
		enter_reset(e);
	else if (was_held && !held)
		e->boot_ns = e->t + FAR_SIM_ESP_EN_RISE_NS;
	if (e->boot_ns != ESP_NEVER)
		e->download_strap = dtr && !rts;
}

void far_sim_esp_power(struct far_sim_esp *e, uint64_t now_ns, bool on)
{
	run(e, now_ns);
	if (on == !e->off)
		return;
	e->off = !on;
	enter_reset(e);
	/* With EN held low it waits for that to end. */
	if (!on || (e->rts && !e->dtr))
		return;
	e->download_strap = e->strap_low || (e->dtr && !e->rts);
	esp_boot(e);
}

/*
 * Catch up first: a byte that arrives while a job ends must find the chip as it is then. The rate
 * is compared when the byte arrives, so that bytes already in the buffer survive a change of rate.
 */
void far_sim_esp_receive(struct far_sim_esp *e, uint64_t now_ns, uint8_t byte, uint32_t baud)
{
	run(e, now_ns);
	if ((e->run != RUN_ROM && e->run != RUN_STUB) || baud == 0)
		return;
	if (e->run == RUN_ROM && !e->rate_known)
		e->baud = baud;
	else if (!far_sim_uart_hears(baud, e->baud) && !far_sim_uart_garble(&e->garble, &byte))
		return;
	if (e->run == RUN_STUB) {
		esp_stub_receive(e, byte);
	} else if (e->rx_count < ESP_RX_MAX) {
		e->rx[(e->rx_head + e->rx_count) % ESP_RX_MAX] = byte;
		e->rx_count++;
	}
	run(e, now_ns);
}

/* The last byte of an answer has gone to the transmitter. */
static void tx_empty(struct far_sim_esp *e)
{
	if (e->next_baud != 0) {
		e->baud = e->next_baud;
		e->next_baud = 0;
	}
	if (e->stub_pending) {
		e->stub_pending = false;
		e->stub_ns = e->t + STUB_START_NS;
	}
}

bool far_sim_esp_transmit(struct far_sim_esp *e, uint64_t now_ns, uint8_t *byte, uint32_t *baud)
{
	run(e, now_ns);
	if (e->tx_count == 0)
		return false;
	*byte = e->tx[e->tx_head];
	*baud = e->tx_baud[e->tx_head];
	e->tx_head = (e->tx_head + 1u) % ESP_TX_MAX;
	e->tx_count--;
	e->tx_popped++;
	if (e->tx_count == 0)
		tx_empty(e);
	run(e, now_ns);
	return true;
}

uint64_t far_sim_esp_next_ns(const struct far_sim_esp *e)
{
	return e->tx_count > 0 ? 0 : next_event(e);
}

const char *far_sim_esp_mode(const struct far_sim_esp *e)
{
	static const char *const names[] = {
		[RUN_RESET] = "reset", [RUN_ROM] = "rom",       [RUN_STUB] = "stub",
		[RUN_APP] = "app",     [RUN_SILENT] = "silent",
	};

	return names[e->run];
}

uint32_t far_sim_esp_baud(const struct far_sim_esp *e)
{
	return e->baud;
}

void far_sim_esp_set_trace(struct far_sim_esp *e,
			   void (*trace)(void *ctx, uint64_t now_ns, const char *text), void *ctx)
{
	e->trace = trace;
	e->trace_ctx = ctx;
}
