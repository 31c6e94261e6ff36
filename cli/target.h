/* SPDX-License-Identifier: Apache-2.0 */
/* What --port names, opened: a flash, and the chip that it belongs to if there is one. */
#ifndef FARFLASH_CLI_TARGET_H
#define FARFLASH_CLI_TARGET_H

#include "cli/cli.h"
#include "cli/report.h"
#include "device/esp/esp.h"
#include "farflash/flash.h"

/* A port that is open. Commands read it; the backend that opened it fills it in and owns state. */
struct cli_target {
	const char *port; /* as the user wrote it, for messages */
	struct far_flash *flash;
	struct far_esp *esp;  /* NULL: there is no ESP chip here */
	const char *kind;     /* what it is then: "SPI NOR" */
	enum cli_phase phase; /* what a failing call on flash means: CLI_PHASE_WORK or _SERVED */
	uint32_t jedec_id;    /* manufacturer << 16 | type << 8 | capacity; 0: not known */
	uint8_t mac[6];       /* with has_mac */
	bool has_mac;         /* it was asked for and could be read */
	bool run;             /* at the end start the chip's program, by whatever means there is */
	bool left;            /* the chip has left its loader by itself: leave it alone */
	void (*close)(struct cli *c, struct cli_target *t, enum cli_exit code);
	void *state; /* the backend's */
};

/* What can be opened, one row each: port is "nor:FILE", prefix "nor:", rest "FILE". */
struct cli_backend {
	const char *prefix;
	enum cli_exit (*open)(struct cli *c, struct cli_target *t, const char *rest);
};

enum cli_exit cli_open_serial(struct cli *c, struct cli_target *t, const char *path);
enum cli_exit cli_open_socket(struct cli *c, struct cli_target *t, const char *host_port);
enum cli_exit cli_open_rfc2217(struct cli *c, struct cli_target *t, const char *host_port);
enum cli_exit cli_open_nor(struct cli *c, struct cli_target *t, const char *file);
enum cli_exit cli_open_mailbox(struct cli *c, struct cli_target *t, const char *path);

/*
 * Open c->set->port and say what was found. With a chip: reset it into its loader, connect, set the
 * rate. t need not be cleared; close it only if this returned CLI_OK.
 */
enum cli_exit cli_target_open(struct cli *c, struct cli_target *t);

/* code is how the job ended: it decides whether a chip may be started. Returns code. */
enum cli_exit cli_target_close(struct cli *c, struct cli_target *t, enum cli_exit code);

/*
 * Open the port, let job work on it, close it: all there is to most commands. Returns job's code,
 * or that of the opening, which has job not called.
 */
typedef enum cli_exit cli_target_job(struct cli *c, struct cli_target *t, void *ctx);
enum cli_exit cli_target_run(struct cli *c, cli_target_job *job, void *ctx);

/*
 * Bring the line of a target that is an ESP chip back to the rate that the session began with.
 * FAR_OK, also where there is nothing to change; else as far_esp_set_baud.
 */
int cli_target_first_rate(struct cli_target *t);

/* A call on the open target failed: cli_fail_flash with the target's own fault. */
#define cli_fail_target(c, t, err, touched, ...)                                                   \
	cli_fail_flash(c, (t)->phase, err, &(t)->flash->fault, touched, __VA_ARGS__)

/*
 * Is [addr, addr + len) inside the flash, len > 0, and addr a multiple of align? what names the
 * range in the message, as in "app.bin".
 */
enum cli_exit cli_check_range(struct cli *c, const struct cli_target *t, const char *what,
			      uint32_t addr, uint32_t len, uint32_t align);

/* "ESP32-S2", "esp32-s2" and "esp32s2" are the same chip. */
bool cli_same_chip(const char *a, const char *b);
/* The chip names that --chip takes. FAR_ESP_UNKNOWN for NULL and "auto". */
enum cli_exit cli_chip(struct cli *c, const char *name, enum far_esp_chip *chip);
/* --chip makes no sense where there is only a flash: what says what is there, "an image file". */
enum cli_exit cli_no_chip(struct cli *c, const struct cli_target *t, const char *what);

#endif
