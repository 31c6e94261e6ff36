/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a hart begins, where its traps begin, and how it ends. A hart may be restarted at any moment
 * by coming here again: nothing before main relies on what was before.
 */
	.section .start, "ax"
	.globl _start
_start:
	csrci	mstatus, 8		/* no interrupts */
	csrw	mie, zero
	csrr	t0, mhartid		/* one without an image comes here, too */
	lui	t1, %hi(far_image_hart)
	addi	t1, t1, %lo(far_image_hart)
	bne	t0, t1, halt
	.option push
	.option norelax
	la	gp, __global_pointer$
	.option pop
	la	t0, far_handler_stack_high
	csrw	mscratch, t0
	la	t0, vectors + 1		/* + 1: each interrupt has its own */
	csrw	mtvec, t0

	/* The stack, all of it: who looks at the paint later sees how far it was used. */
	la	t0, far_stack_low
	la	t1, far_handler_stack_high
	li	t2, 0xdeadbea7		/* FAR_BARE_PAINT */
1:	sw	t2, 0(t0)
	addi	t0, t0, 4
	bltu	t0, t1, 1b
	la	sp, far_stack_high
	call	far_sifive_u_hold	/* hart 1 waits here until it is wanted */

	la	t0, far_data_image
	la	t1, far_data_begin
	la	t2, far_data_end
	bgeu	t1, t2, 3f
2:	lw	t3, 0(t0)
	sw	t3, 0(t1)
	addi	t0, t0, 4
	addi	t1, t1, 4
	bltu	t1, t2, 2b
3:	la	t0, far_bss_begin
	la	t1, far_bss_end
	bgeu	t0, t1, 5f
4:	sw	zero, 0(t0)
	addi	t0, t0, 4
	bltu	t0, t1, 4b
5:	call	far_sifive_u_begin
	la	a0, main
	call	far_bare_run		/* does not return */

/* By the number of the interrupt; all that is none comes to the first. */
	.text
	.option push
	.option norvc
	.balign 128
vectors:
	.rept	3
	j	trap
	.endr
	j	rung			/* 3: software */
	.rept	8
	j	trap
	.endr
	.option pop

/*
 * A trap runs on its own stack with interrupts off, and never within another one. What a C function
 * may change is kept; mstatus and mepc stay as they are.
 */
	.macro	keep
	csrrw	sp, mscratch, sp
	addi	sp, sp, -64
	sw	ra, 0(sp)
	sw	t0, 4(sp)
	sw	t1, 8(sp)
	sw	t2, 12(sp)
	sw	a0, 16(sp)
	sw	a1, 20(sp)
	sw	a2, 24(sp)
	sw	a3, 28(sp)
	sw	a4, 32(sp)
	sw	a5, 36(sp)
	sw	a6, 40(sp)
	sw	a7, 44(sp)
	sw	t3, 48(sp)
	sw	t4, 52(sp)
	sw	t5, 56(sp)
	sw	t6, 60(sp)
	.endm

	.macro	back
	lw	ra, 0(sp)
	lw	t0, 4(sp)
	lw	t1, 8(sp)
	lw	t2, 12(sp)
	lw	a0, 16(sp)
	lw	a1, 20(sp)
	lw	a2, 24(sp)
	lw	a3, 28(sp)
	lw	a4, 32(sp)
	lw	a5, 36(sp)
	lw	a6, 40(sp)
	lw	a7, 44(sp)
	lw	t3, 48(sp)
	lw	t4, 52(sp)
	lw	t5, 56(sp)
	lw	t6, 60(sp)
	addi	sp, sp, 64
	csrrw	sp, mscratch, sp
	mret
	.endm

trap:
	keep
	csrr	a0, mcause
	call	far_sifive_u_trap
	back

/* As each message comes through here, nothing is asked: the ring is taken back, and it is told. */
rung:
	keep
	lui	t0, %hi(far_bell_own)
	sw	zero, %lo(far_bell_own)(t0)
	fence	o, rw
	call	far_bare_rung
	back

/*
 * _Noreturn void far_cpu_exit(int code): end the emulator with code (semihosting, SYS_EXIT_EXTENDED). Where
 * no debugger listens, ebreak is a trap, and this hart stands still.
 */
	.globl far_cpu_exit
	.balign 4
far_cpu_exit:
	csrci	mstatus, 8
	la	t0, halt
	csrw	mtvec, t0
	addi	sp, sp, -16
	li	t0, 0x20026		/* "application exit" */
	sw	t0, 0(sp)
	sw	a0, 4(sp)
	li	a0, 0x20
	mv	a1, sp
	.option push
	.option norvc
	.balign 16			/* these three are recognised together, in one page */
	slli	x0, x0, 0x1f
	ebreak
	srai	x0, x0, 7
	.option pop
	.balign 4
halt:	wfi
	j	halt
