/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The core: its interrupts, its time, its sleep, its doorbell, its beginning and its end. Every
 * function of port/baremetal/baremetal.h that starts with far_cpu_. The assembler is RISC-V's
 * machine mode; what another architecture has for it is said beside.
 */
#include "port/template/internal.h"

#define ENABLE_MIE      8u     /* of mstatus */
#define ENABLE_SOURCES  0x888u /* of mie: software, timer, external */
#define CAUSE_INTERRUPT 0x80000000u

#define NEVER UINT64_MAX

static uint64_t restart_at = NEVER;

/*
 * Which core is this? It decides the side of the mailbox and whose doorbell is whose; so it must
 * be 0 for the core that owns the flash and 1 for the other. One image per core may as well say it
 * by a definition of its build.
 */
uint32_t far_cpu_index(void)
{
	uint32_t core;

	__asm__ volatile("csrr %0, mhartid" : "=r"(core));
	return core;
}

/*
 * Guarantee: until restore no handler of this core runs, and the compiler moves no access to
 * memory across either call ("memory"). Must nest: restore puts back what was, it does not enable.
 * Cortex-M: mrs PRIMASK, cpsid i; msr PRIMASK.
 */
uint32_t far_cpu_mask(void)
{
	uint32_t before;

	__asm__ volatile("csrrci %0, mstatus, 8" : "=r"(before)::"memory");
	return before & ENABLE_MIE;
}

void far_cpu_restore(uint32_t key)
{
	__asm__ volatile("csrs mstatus, %0" ::"r"(key) : "memory");
}

/*
 * Guarantee: never goes back, not even for a reader whom an interrupt or a carry between the words
 * comes in between; a resolution of 1 ms or better, of 10 us where a wait of microseconds matters;
 * goes on while the core sleeps. It may start anywhere, also after a restart. A counter of 32 bits
 * that wraps has to be extended here, by a second counter or by adding up, masked, what has gone by
 * since the last look, with an interrupt that makes sure of a look before it wraps
 * (port/mps2_an521/timer.c).
 */
uint64_t far_cpu_now_us(void)
{
	uint32_t high, low, again = far_reg_get(FAR_TIMER, FAR_TIMER_HIGH);

	do {
		high = again;
		low = far_reg_get(FAR_TIMER, FAR_TIMER_LOW);
		again = far_reg_get(FAR_TIMER, FAR_TIMER_HIGH);
	} while (again != high);
	return (uint64_t)high << 32 | low;
}

/* The high word goes to the end of time first, lest a moment in between fire at once. */
static void set_timer(uint64_t us)
{
	uint32_t core = far_cpu_index(), at = FAR_TIMER_AT + 8 * core;

	far_reg_set(FAR_TIMER, at + 4, UINT32_MAX);
	far_reg_set(FAR_TIMER, at, (uint32_t)us);
	far_reg_set(FAR_TIMER, at + 4, (uint32_t)(us >> 32));
	far_reg_set(FAR_TIMER, FAR_TIMER_FIRED + 4 * core, 0);
}

/*
 * Guarantee: called masked; an interrupt that became pending before the instruction that sleeps
 * ends the sleep all the same, or a doorbell would be slept through; and so does until_us. Handlers
 * do not run in here. wfi does this on RISC-V with MIE clear and on Cortex-M with PRIMASK set.
 * Where the sleep cannot be had without that race, do not sleep: return. A timer too short for
 * until_us wakes early; one that stays silent when it is set to a moment in the past must not be
 * slept on.
 */
void far_cpu_idle(uint64_t until_us)
{
	set_timer(until_us < restart_at ? until_us : restart_at);
	__asm__ volatile("wfi" ::: "memory");
	set_timer(restart_at);
}

/*
 * Guarantee: at us, if it is still to come then, this core restarts wherever it is, unless it
 * keeps its interrupts masked for ever. Shares its timer with far_cpu_idle. A chip's watchdog will
 * do if it resets one core alone; so will nothing at all: then promise nobody that a hanging core
 * comes back.
 */
void far_cpu_restart_at(uint64_t us)
{
	uint32_t key = far_cpu_mask();

	restart_at = us;
	set_timer(us);
	far_cpu_restore(key);
}

/*
 * Guarantee: the image begins as from reset, in whatever state core, stack and devices are; the
 * other core and the shared memory are left alone. So start-up must mask, set the stack, refill
 * .data, clear .bss, and every init of a device here must cope with a device in the middle of
 * something: a selected flash, a claimed interrupt, bytes in a FIFO. A handler calls this, too: a
 * core that knows that it is in one (Cortex-M) has to leave it first, by a return to start-up; and
 * where pending interrupts are kept, start-up forgets them.
 */
void far_cpu_restart(void)
{
	(void)far_cpu_mask();
	__asm__ volatile("j _start");
	__builtin_unreachable();
}

/*
 * Guarantee: what this core wrote to memory before is visible to the other when its interrupt
 * comes: a fence, and where the cores' caches are not coherent the shared memory must be uncached.
 * Never blocks. Ringing twice is once.
 */
void far_cpu_ring(void)
{
	__asm__ volatile("fence rw, o" ::: "memory"); /* Cortex-M: dmb */
	far_reg_set(FAR_BELL, FAR_BELL_OF + 4 * (1 - far_cpu_index()), 1);
}

/*
 * Guarantee: masked; true once for a ring, or several, that nobody has noticed. The ring is taken
 * back before the caller looks at memory: one that comes in between is then a new one, never lost.
 * An interrupt controller that keeps what it has seen (Cortex-M's does) is made to forget it after
 * the device, or each ring runs the handler for nothing.
 */
bool far_cpu_take_ring(void)
{
	uint32_t at = FAR_BELL_OF + 4 * far_cpu_index();

	if (far_reg_get(FAR_BELL, at) == 0)
		return false;
	far_reg_set(FAR_BELL, at, 0);
	__asm__ volatile("fence o, rw" ::: "memory"); /* Cortex-M: dmb */
	return true;
}

/*
 * Guarantee: core 1 begins at its image's start, once; a second call does no harm. Called by core
 * 0 when it is ready, after it has written what far_bare_is_wanted looks at. Where both cores
 * begin together, a ring is enough: far_template_hold is what waits.
 */
void far_cpu_release(void)
{
	far_reg_set(FAR_BELL, FAR_BELL_RUN, 1);
	far_cpu_ring();
}

/*
 * Guarantee: the programs' result gets to where somebody sees it, and nothing runs on. An emulator
 * ends with it as its exit code; a product resets itself.
 */
void far_cpu_exit(int code)
{
	(void)far_cpu_mask();
	(void)code;
	for (;;)
		far_reg_set(FAR_RESET, 0, 1);
}

/*
 * From start.S with a stack and nothing else: no variable may be touched. Guarantee: core 1 does
 * not go on before core 0 is ready. Cores that the chip holds need not ask.
 */
void far_template_hold(void)
{
	if (far_cpu_index() == 0)
		return;
	while (!far_bare_is_wanted())
		__asm__ volatile("" ::: "memory");
}

/*
 * From start.S, when variables are there. Guarantee: after it interrupts are on, and those enabled
 * have handlers. What this core must not reach it is kept from here, for good: the flash, and all
 * that leads to it (DMA, the other core's memory), by memory protection that is locked. A chip
 * without such a thing has no hostile core, only a buggy one: say so. Where the chip holds core 1
 * after each reset and RAM outlives one, core 0 clears far_shared_control.run here if core 1 is
 * held: it would believe that core 1 runs already, and never release it.
 */
void far_template_begin(void)
{
	set_timer(NEVER);
	__asm__ volatile("csrw mie, %0" ::"r"(ENABLE_SOURCES));
	far_cpu_restore(ENABLE_MIE);
}

/*
 * All interrupts come here. A chip that can tell the doorbell's apart gives it a way of its own,
 * which takes the ring back and calls far_bare_rung (port/sifive_u/start.S): each message goes
 * there. Guarantee: each interrupt's reason is gone when its handler is done, or it would come
 * again at once; registers are as they were; a fault is never returned from but ends the image,
 * with a word about where, if there is a way to say it.
 */
void far_template_trap(void)
{
	uint32_t cause;

	__asm__ volatile("csrr %0, mcause" : "=r"(cause));
	if ((cause & CAUSE_INTERRUPT) == 0)
		far_cpu_exit(100 + (int)(cause & 0x1f));
	if (far_cpu_now_us() >= restart_at)
		far_cpu_restart();
	set_timer(restart_at);
	if (far_cpu_take_ring())
		far_bare_rung();
	far_template_uart_handle();
}
