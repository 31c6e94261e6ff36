/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a core begins: its table of exceptions, and the way from reset to main. A core may be
 * restarted at any moment by coming here again: nothing before main relies on what was before.
 *
 * Exceptions run on the main stack (MSP), programs on the process stack (PSP), each with a limit
 * that the core itself watches. All exceptions have the same priority: none interrupts another.
 */
	.syntax unified
	.section .start, "a"
	.balign 256				/* a power of two that the table fits into */
	.globl far_mps2_an521_vectors
far_mps2_an521_vectors:
	.word	far_handler_stack_high
	.word	_start
	.rept	13				/* 2 to 14: NMI, faults, what nobody uses */
	.word	fault
	.endr
	.word	far_mps2_an521_tick		/* 15: SysTick */
	.rept	6				/* interrupts 0 to 5 */
	.word	fault
	.endr
	.word	far_mps2_an521_rung		/* 6: MHU0 */
	.rept	25
	.word	fault
	.endr
	.word	far_mps2_an521_received		/* 32: UART0 */
	.word	fault
	.word	far_mps2_an521_received		/* 34: UART1 */
	.rept	13
	.word	fault
	.endr

	.text
	.globl	_start
	.thumb_func
_start:
	cpsid	i
	movs	r0, #0
	msr	control, r0			/* the main stack, privileged */
	isb
	msr	msplim, r0
	ldr	r0, =far_handler_stack_high
	msr	msp, r0
	ldr	r0, =far_handler_stack_low
	msr	msplim, r0
	bl	far_mps2_an521_reset

	/*
	 * The stacks, painted up to where this one is: what is left of the paint says how deep they
	 * were used.
	 */
	ldr	r0, =far_stack_low
	mov	r1, sp
	ldr	r2, =0xdeadbea7			/* FAR_BARE_PAINT */
1:	str	r2, [r0], #4
	cmp	r0, r1
	blo	1b

	ldr	r0, =far_data_image
	ldr	r1, =far_data_begin
	ldr	r2, =far_data_end
	b	3f
2:	ldr	r3, [r0], #4
	str	r3, [r1], #4
3:	cmp	r1, r2
	blo	2b
	ldr	r0, =far_bss_begin
	ldr	r1, =far_bss_end
	movs	r2, #0
	b	5f
4:	str	r2, [r0], #4
5:	cmp	r0, r1
	blo	4b

	msr	psplim, r2			/* no limit while the pointer is moved */
	ldr	r0, =far_stack_high
	msr	psp, r0
	ldr	r0, =far_stack_low
	msr	psplim, r0
	movs	r0, #2
	msr	control, r0			/* the process stack from here on */
	isb
	bl	far_mps2_an521_begin
	ldr	r0, =main
	bl	far_bare_run			/* does not return */

/*
 * _Noreturn void far_mps2_an521_again(void): masked. From within an exception the way out is its
 * return, to a frame made for the purpose; the core would take no further exception otherwise.
 */
	.globl	far_mps2_an521_again
	.thumb_func
far_mps2_an521_again:
	mrs	r0, ipsr
	cmp	r0, #0
	beq	_start
	ldr	r0, =far_handler_stack_high
	subs	r0, #32
	msr	msp, r0
	movs	r1, #0
	ldr	r2, =_start
	bic	r2, r2, #1			/* an address in a frame has no Thumb bit */
	ldr	r3, =0x01000000			/* xPSR has it */
	strd	r1, r1, [r0]			/* r0, r1 */
	strd	r1, r1, [r0, #8]		/* r2, r3 */
	strd	r1, r1, [r0, #16]		/* r12, lr */
	strd	r2, r3, [r0, #24]		/* pc, xPSR */
	ldr	lr, =0xfffffff9			/* to thread mode, main stack, secure, no FPU */
	bx	lr

/*
 * A fault, or an exception that nobody asked for: with what the core has stacked on either stack.
 */
	.thumb_func
fault:
	tst	lr, #4
	ite	eq
	mrseq	r0, msp
	mrsne	r0, psp
	b	far_mps2_an521_fault
	.pool
