/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plan of faults (sim/fault) on the command line: `emulate --fault` between a client and its
 * virtual chip, nor:FILE?fault= for the die alone.
 */
#ifndef FARFLASH_CLI_EMULATE_FAULT_H
#define FARFLASH_CLI_EMULATE_FAULT_H

#include "cli/cli.h"
#include "sim/esp/esp.h"
#include "sim/fault/fault.h"
#include "sim/nor/nor.h"

#define CLI_FAULT_BYTES 68u /* most that one byte becomes: itself behind 64 stale ones */

struct cli_faults {
	struct far_sim_fault plan;
	bool planned;
	/* Has happened inside the chip or on the line, and cli_fault_settle has not seen it yet. */
	bool cut, vanished, reset;
};

/* What becomes of a byte: n bytes, delay_ns later. */
struct cli_fault_byte {
	uint8_t bytes[CLI_FAULT_BYTES];
	size_t n;
	uint64_t delay_ns;
};

/*
 * Read the plan; text NULL: there is none. From then on the flash meets it, so f stays where it is
 * for as long as nor is used. CLI_USAGE says at which word the text makes no sense.
 */
enum cli_exit cli_fault_plan(struct cli *c, struct cli_faults *f, const char *text, uint32_t seed,
			     struct far_sim_nor *nor);

/* One byte enters the line, from the client (out) or from the chip. */
struct cli_fault_byte cli_fault_byte(struct cli_faults *f, bool out, uint8_t byte);

/*
 * Carry out what has happened to the chip; said on stderr. true: the client is to be cut off, and
 * cli_fault_over called once it is gone.
 */
bool cli_fault_settle(struct cli_faults *f, struct far_sim_esp *esp, uint64_t now_ns);

/* Power and port are back. */
void cli_fault_over(struct cli_faults *f, struct far_sim_esp *esp, struct far_sim_nor *nor,
		    uint64_t now_ns);

/*
 * At the end, if there was a plan: what was injected into who, and how to see it again. On stderr.
 */
void cli_fault_report(const struct cli_faults *f, const char *who);

#endif
