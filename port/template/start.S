/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a core begins, from reset or again from far_cpu_restart: nothing before far_bare_run relies
 * on what was before. On Cortex-M this is the vector table and a reset handler in C.
 */
	.section .start, "ax"
	.globl _start
_start:
	csrci	mstatus, 8		/* masked */
	.option push
	.option norelax
	la	gp, __global_pointer$
	.option pop
	la	t0, trap
	csrw	mtvec, t0
	la	t0, far_handler_stack_high
	csrw	mscratch, t0

	/* The stacks, painted: what is left of the paint says how deep they were used. */
	la	t0, far_stack_low
	la	t1, far_handler_stack_high
	li	t2, 0xdeadbea7		/* FAR_BARE_PAINT */
1:	sw	t2, 0(t0)
	addi	t0, t0, 4
	bltu	t0, t1, 1b
	la	sp, far_stack_high
	call	far_template_hold

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
5:	call	far_template_begin
	la	a0, main
	call	far_bare_run		/* does not return */

/* Traps on a stack of their own, so that the program's needs no room for them. */
	.text
	.balign 4
trap:
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
	call	far_template_trap
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
