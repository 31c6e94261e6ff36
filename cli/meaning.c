/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a failed farflash call means to a person and to a script: one table for all commands, so
 * that the same cause has the same words and the same exit code everywhere. The phase matters as
 * much as the error: a time-out while connecting is wiring, later it is a lost line.
 *
 * A description says what is the case, a remedy what to do; the caller puts in front what was
 * tried, as in "cannot open /dev/ttyUSB0". Neither ends with a full stop, as more may follow.
 */
#include <stddef.h>

#include "cli/report.h"

/* True for every command: one that writes finds out itself what is right already. */
#define AGAIN "run the same command again"

/* First match wins; err 0 matches every error of the phase. The last row matches everything. */
static const struct row {
	enum cli_phase phase;
	int err;
	struct cli_meaning meaning;
} rows[] = {
	{ CLI_PHASE_OPEN, FAR_ERR_CANCELLED, { CLI_INTERRUPTED, "interrupted", "" } },
	{ CLI_PHASE_OPEN,
	  /*
	   * Told by the lock on the port: two programs on one line destroy each other's sessions.
	   */
	  FAR_ERR_BUSY,
	  { CLI_NO_CONNECTION, "another program is using it",
	    "end that program (fuser tells which it is)" } },
	{ CLI_PHASE_OPEN,
	  FAR_ERR_NOTSUP,
	  { CLI_UNSUPPORTED, "the port cannot run at this rate",
	    "choose another one with --baud, such as 115200" } },
	{ CLI_PHASE_OPEN,
	  FAR_ERR_ARG,
	  { CLI_NO_CONNECTION, "not a port of this kind",
	    "give /dev/tty..., socket://HOST:PORT, rfc2217://HOST:PORT, mailbox:PATH, or "
	    "nor:FILE for an image file" } },
	{ CLI_PHASE_OPEN,
	  FAR_ERR_TIMEOUT,
	  { CLI_NO_CONNECTION, "no answer from that host", "check the address" } },
	{ CLI_PHASE_OPEN,
	  FAR_ERR_PROTO,
	  { CLI_NO_CONNECTION, "that is no server for RFC 2217, or it keeps its port to itself",
	    "configure it for RFC 2217 (ser2net: telnet(rfc2217)), or use socket://HOST:PORT" } },
	{ CLI_PHASE_OPEN,
	  0,
	  { CLI_NO_CONNECTION, NULL, "check the name: farflash list-ports shows serial ports" } },

	/* Before there is a session: power, wiring, boot mode, the wrong port. */
	{ CLI_PHASE_CONNECT, FAR_ERR_CANCELLED, { CLI_INTERRUPTED, "interrupted", "" } },
	{ CLI_PHASE_CONNECT,
	  FAR_ERR_TIMEOUT,
	  { CLI_NO_CONNECTION, "no chip answers",
	    "check power and wiring, and that the chip is in its download mode (GPIO0 low "
	    "while it is reset)" } },
	{ CLI_PHASE_CONNECT,
	  FAR_ERR_NOTSUP,
	  { CLI_NO_CONNECTION, "a chip answers, but of a kind that farflash does not know",
	    "--chip with a wrong name lists the chips it knows" } },
	{ CLI_PHASE_CONNECT,
	  FAR_ERR_VERIFY,
	  { CLI_USAGE, "it is not the chip that --chip names",
	    "leave --chip away, or choose the other port" } },
	{ CLI_PHASE_CONNECT,
	  FAR_ERR_PROTO,
	  { CLI_PROTOCOL, "something answers, but not as a chip in its loader does",
	    "check the port and the rate, and reset the chip into its download mode" } },
	{ CLI_PHASE_CONNECT,
	  FAR_ERR_BUSY,
	  { CLI_NO_CONNECTION, "a flasher stub runs on the chip, not its ROM",
	    "reset the chip, or leave --no-stub away to use that stub" } },
	{ CLI_PHASE_CONNECT,
	  FAR_ERR_REFUSED,
	  { CLI_REFUSED, "the chip refuses", "reset it and try again" } },
	{ CLI_PHASE_CONNECT,
	  0,
	  { CLI_NO_CONNECTION, "the port was lost", "check the cable and the port" } },

	/*
	 * With a session: the line, the chip, its flash. Most of it heals by doing the same again.
	 */
	{ CLI_PHASE_WORK, FAR_ERR_CANCELLED, { CLI_INTERRUPTED, "interrupted", AGAIN } },
	{ CLI_PHASE_WORK,
	  FAR_ERR_TIMEOUT,
	  { CLI_LOST, "the chip stopped answering",
	    "check power and wiring, reset it, and " AGAIN } },
	{ CLI_PHASE_WORK,
	  FAR_ERR_IO,
	  { CLI_LOST, "the connection was lost", "check the cable and the port, and " AGAIN } },
	{ CLI_PHASE_WORK, FAR_ERR_BUSY, { CLI_LOST, "the target is busy", AGAIN } },
	{ CLI_PHASE_WORK,
	  FAR_ERR_STATE,
	  { CLI_LOST, "the session with the chip is over", "reset the chip and " AGAIN } },
	{ CLI_PHASE_WORK,
	  FAR_ERR_PROTO,
	  { CLI_PROTOCOL, "the answers make no sense",
	    "try a lower --baud or a shorter cable, and " AGAIN } },
	{ CLI_PHASE_WORK,
	  FAR_ERR_REFUSED,
	  { CLI_REFUSED, "the target refuses",
	    "see whether the flash is write-protected or smaller than it says" } },
	{ CLI_PHASE_WORK, FAR_ERR_NOTSUP, { CLI_UNSUPPORTED, "this target cannot do it", "" } },
	{ CLI_PHASE_WORK,
	  FAR_ERR_VERIFY,
	  { CLI_MISMATCH, "the flash does not hold what it should",
	    "write it again; if that does not help the flash is worn out or protected" } },

	/*
	 * Here silence is a process that is gone, and a no is a missing grant more often than not.
	 */
	{ CLI_PHASE_SERVED, FAR_ERR_CANCELLED, { CLI_INTERRUPTED, "interrupted", AGAIN } },
	{ CLI_PHASE_SERVED,
	  FAR_ERR_TIMEOUT,
	  { CLI_LOST, "the supervisor has ended or restarted",
	    "see that farflash serve runs there, and " AGAIN } },
	{ CLI_PHASE_SERVED,
	  FAR_ERR_IO,
	  { CLI_LOST, "the supervisor has ended or restarted, or has lost its flash",
	    "see that farflash serve runs there, and what it says, and " AGAIN } },
	{ CLI_PHASE_SERVED, FAR_ERR_BUSY, { CLI_LOST, "the supervisor is busy", AGAIN } },
	{ CLI_PHASE_SERVED,
	  FAR_ERR_STATE,
	  { CLI_LOST, "the supervisor serves another flash than before", AGAIN } },
	{ CLI_PHASE_SERVED,
	  FAR_ERR_PROTO,
	  { CLI_PROTOCOL, "its answers make no sense",
	    "see that both sides are of the same version of farflash" } },
	{ CLI_PHASE_SERVED,
	  FAR_ERR_REFUSED,
	  { CLI_REFUSED, "the supervisor refuses",
	    "see which --grant it was started with, and whether the flash is write-protected" } },
	{ CLI_PHASE_SERVED,
	  FAR_ERR_NOTSUP,
	  { CLI_UNSUPPORTED, "the supervisor or its flash cannot do it", "" } },
	{ CLI_PHASE_SERVED,
	  FAR_ERR_VERIFY,
	  { CLI_MISMATCH, "the flash does not hold what it should",
	    "write it again; another user of the same flash may have changed it" } },

	/* Last: what fits nothing above is the command line's fault. */
	{ CLI_PHASE_WORK,
	  0,
	  { CLI_USAGE, "this flash has no such address",
	    "see farflash flash-id for its size and sector size" } },
};

/* Rows of a phase with err 0 stand behind its others: order is meaning here. */
struct cli_meaning cli_meaning(enum cli_phase phase, int err)
{
	const size_t last = sizeof(rows) / sizeof(rows[0]) - 1;
	for (size_t i = 0; i < last; i++) {
		if (rows[i].phase == phase && (rows[i].err == err || rows[i].err == 0))
			return rows[i].meaning;
	}
	return rows[last].meaning;
}

/*
 * For scripts that read JSON: as fixed as the numbers. No default, so that the compiler asks for a
 * new one.
 */
const char *cli_exit_name(enum cli_exit code)
{
	switch (code) {
	case CLI_OK:
		return "ok";
	case CLI_USAGE:
		return "usage";
	case CLI_NO_CONNECTION:
		return "no-connection";
	case CLI_LOST:
		return "lost";
	case CLI_PROTOCOL:
		return "protocol";
	case CLI_REFUSED:
		return "refused";
	case CLI_MISMATCH:
		return "mismatch";
	case CLI_UNSUPPORTED:
		return "not-supported";
	case CLI_FILE:
		return "file";
	case CLI_INTERRUPTED:
		return "interrupted";
	}
	return "unknown";
}
