/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plan has two places to strike. The die's part of it (cut, lie, worn, stuck) befalls the
 * simulated flash from inside; the line's part is asked here about every byte. What the plan
 * decides is the same for the same seed and the same bytes, so that a run that went wrong can be
 * seen again: cli_fault_report says how.
 */
#include "cli/emulate_fault.h"

#include <inttypes.h>
#include <string.h>

#include "cli/report.h"

/* Called in the middle of what the chip does: it may only be told afterwards. */
static void happened(void *ctx, enum far_sim_fault_kind kind)
{
	struct cli_faults *f = ctx;
	f->cut |= kind == FAR_SIM_FAULT_CUT;
	f->vanished |= kind == FAR_SIM_FAULT_VANISH;
	f->reset |= kind == FAR_SIM_FAULT_RESET;
}

/*
 * The reason why a text is no plan comes from its parser, with the word that it stopped at. The
 * flash keeps a pointer into f, which therefore must not move.
 */
enum cli_exit cli_fault_plan(struct cli *c, struct cli_faults *f, const char *text, uint32_t seed,
			     struct far_sim_nor *nor)
{
	char why[256];
	*f = (struct cli_faults){ 0 };
	if (!text)
		return CLI_OK;
	if (far_sim_fault_plan(&f->plan, text, seed, why, sizeof(why)) != 0)
		return cli_fail(c, CLI_USAGE, "%s", why);
	f->planned = true; /* not before: there is nothing to report of a plan that is none */
	f->plan.happened = happened;
	f->plan.ctx = f;
	far_sim_nor_set_fault(nor, &f->plan);
	return CLI_OK;
}

/* Without a plan a byte costs no more than a copy of itself. */
struct cli_fault_byte cli_fault_byte(struct cli_faults *f, bool out, uint8_t byte)
{
	struct cli_fault_byte b = { .bytes = { byte }, .n = 1 };
	if (f->planned)
		b.n = far_sim_fault_byte(&f->plan, out, byte, b.bytes, sizeof(b.bytes),
					 &b.delay_ns);
	return b;
}

/*
 * A cut takes the chip's power as well as the flash's, and the port with it, as one supply feeds
 * them all. A reset is one of the chip alone: its client stays and hears the boot text.
 */
bool cli_fault_settle(struct cli_faults *f, struct far_sim_esp *esp, uint64_t now_ns)
{
	bool gone = f->cut || f->vanished;
	if (f->cut)
		fprintf(stderr, "fault: power cut in flash operation %" PRIu64 "\n", f->plan.ops);
	if (f->vanished)
		fprintf(stderr, "fault: the port is gone\n");
	if (f->reset)
		fprintf(stderr, "fault: the chip is reset\n");
	if (f->cut || f->reset)
		far_sim_esp_power(esp, now_ns, false);
	if (f->reset && !f->cut)
		far_sim_esp_power(esp, now_ns, true);
	f->cut = f->vanished = f->reset = false;
	return gone;
}

/* Before the chip: it reads its flash as soon as it has power. */
void cli_fault_over(struct cli_faults *f, struct far_sim_esp *esp, struct far_sim_nor *nor,
		    uint64_t now_ns)
{
	if (f->plan.off)
		far_sim_nor_power_cycle(nor);
	far_sim_fault_restore(&f->plan);
	far_sim_esp_power(esp, now_ns, true);
}

/* Also after a failure: then it is wanted most. */
void cli_fault_report(const struct cli_faults *f, const char *who)
{
	char text[512];
	if (!f->planned)
		return;
	far_sim_fault_describe(&f->plan, text, sizeof(text));
	fprintf(stderr, "%s %s\n", who, text);
}
