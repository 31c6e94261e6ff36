/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the NOR die share; nobody else includes it.
 *
 *   nor.c      life of a die, power, the public questions
 *   frame.c    opcode table, what is heard when, addresses and output of a frame
 *   status.c   status registers, write enable, address mode, reset and power-down
 *   array.c    reading, programming and erasing the cells
 *   hurt.c     what faults do to them
 *   protect.c  which addresses the block protection bits cover
 *   ident.c    JEDEC id, device id, unique id
 *   sfdp.c     the parameter tables of JESD216
 *   spi.c      the die behind farflash/spi.h
 */
#ifndef FARFLASH_SIM_NOR_DIE_H
#define FARFLASH_SIM_NOR_DIE_H

#include "sim/nor/nor.h"

/* Parts above this size have 4-byte addresses. */
#define FAR_SIM_NOR_3BYTE_MAX 0x1000000u

#define FAR_SIM_NOR_SFDP_LEN 256u

/*
 * AC characteristics, typical column, of W25Q32JV to W25Q256JV, in ns. A chip erase takes 2.5 s
 * per MiB: 10 s for the 4 MiB part, 40 s for 16 MiB, 80 s for 32 MiB.
 */
#define FAR_SIM_NOR_T_BP1_NS    30000u     /* first byte of a program */
#define FAR_SIM_NOR_T_BP2_NS    2500u      /* each further byte, until tPP is reached */
#define FAR_SIM_NOR_T_PP_NS     400000u    /* whole page */
#define FAR_SIM_NOR_T_SE_NS     45000000u  /* 4 KiB */
#define FAR_SIM_NOR_T_BE1_NS    120000000u /* 32 KiB */
#define FAR_SIM_NOR_T_BE2_NS    150000000u /* 64 KiB */
#define FAR_SIM_NOR_T_CE_MIB_NS 2500000000u
#define FAR_SIM_NOR_T_W_NS      10000000u /* non-volatile status register */
#define FAR_SIM_NOR_T_RES_NS    3000u     /* release from deep power-down */
#define FAR_SIM_NOR_T_RST_NS    30000u    /* reset by 66h 99h */

/* Bits of status register 1, 2 and 3. */
#define FAR_SIM_NOR_SR1_BUSY 0x01u
#define FAR_SIM_NOR_SR1_WEL  0x02u
#define FAR_SIM_NOR_SR1_BP0  0x04u /* BP1 and BP2 follow, and BP3 on parts above 16 MiB */
#define FAR_SIM_NOR_SR1_TB   0x20u
#define FAR_SIM_NOR_SR1_SEC  0x40u
#define FAR_SIM_NOR_SR1_TB4  0x40u /* TB, where bit 5 is BP3 */
#define FAR_SIM_NOR_SR2_SRL  0x01u
#define FAR_SIM_NOR_SR2_QE   0x02u
#define FAR_SIM_NOR_SR2_LB   0x38u
#define FAR_SIM_NOR_SR2_CMP  0x40u
#define FAR_SIM_NOR_SR3_ADS  0x01u
#define FAR_SIM_NOR_SR3_ADP  0x02u

struct far_sim_nor {
	struct far_sim_nor_counts counts;
	uint8_t *memory;
	uint8_t *owned; /* memory, if it is ours to free */
	uint32_t *wear; /* one per sector */
	uint64_t busy_until_ns;
	uint32_t size;
	bool instant;
	bool deaf;            /* the running operation does not even answer status reads */
	bool write_enable;    /* WEL */
	bool volatile_enable; /* 50h: the next status write is volatile */
	bool addr4;
	bool asleep;              /* deep power-down */
	bool reset_armed;         /* the frame before was 66h */
	uint8_t extended_address; /* A31-A24 of 3-byte addresses */
	uint8_t status[3];        /* as in force; BUSY, WEL and ADS are made when read */
	uint8_t status_kept[3];   /* as power-up loads it */
	uint8_t sfdp[FAR_SIM_NOR_SFDP_LEN];
	struct far_sim_fault *fault; /* NULL: nothing goes wrong */
	bool off;                    /* power was cut: nobody is there */
	uint8_t *unstable;           /* bits that read either way; NULL: none */
	uint32_t worn[8];            /* sectors that are worn out */
	size_t worn_count;
};

/* What an operation is about to make of len cells at addr. */
struct far_sim_nor_change {
	uint32_t addr, len;
	uint8_t *cells; /* as they will be */
	bool erase;
	bool cut;   /* power fails with it */
	bool stuck; /* it never ends */
};

struct far_sim_nor_op;

/* One frame, taken apart. */
struct far_sim_nor_call {
	const struct far_sim_nor_op *op;
	uint64_t now_ns;
	uint32_t addr;
	const uint8_t *data; /* bytes in, behind opcode and address */
	size_t data_len;
	uint8_t *rx; /* bytes out; 0xff already: an idle line reads as ones */
	size_t rx_len;
	size_t rx_lead; /* this many bytes out fall into dummy clocks */
	size_t rx_skip; /* this many bytes came out while the host was still sending */
};

typedef void far_sim_nor_handler(struct far_sim_nor *n, const struct far_sim_nor_call *c);

struct far_sim_nor_op {
	uint8_t opcode;
	uint8_t addr_len; /* 0, 3, 4, or by the mode in force: see frame.c */
	uint8_t dummy;    /* bytes between address and output */
	uint8_t flags;
	uint8_t data_min, data_max; /* of a command that changes something, in bytes */
	uint32_t param;             /* for the handler */
	far_sim_nor_handler *handler;
};

/* frame.c: clock out the len bytes at src again and again, beginning with the one at start. */
void far_sim_nor_emit(const struct far_sim_nor_call *c, const uint8_t *src, size_t len,
		      size_t start);
/* nor.c */
void far_sim_nor_start(struct far_sim_nor *n, uint64_t now_ns, uint64_t ns, bool deaf);
void far_sim_nor_load_power_up(struct far_sim_nor *n);
bool far_sim_nor_is_big(const struct far_sim_nor *n);
uint8_t far_sim_nor_log2(uint32_t power_of_two);
/* protect.c: is any byte of [addr, addr + len) protected? */
bool far_sim_nor_protected(const struct far_sim_nor *n, uint32_t addr, uint32_t len);
/*
 * hurt.c: let the plan spoil the change; false: it does not take place. The bits of a cell that
 * read the other way this time, and those that cannot be programmed any more. Cells that a change
 * has completed are firm again: all, or the bits that it drives to zero.
 */
bool far_sim_nor_hurt(struct far_sim_nor *n, struct far_sim_nor_change *c);
uint8_t far_sim_nor_waver(struct far_sim_nor *n, uint32_t addr);
uint8_t far_sim_nor_dead_bits(const struct far_sim_nor *n, uint32_t addr);
void far_sim_nor_settle(struct far_sim_nor *n, uint32_t addr, uint32_t len, bool erased);
/* sfdp.c */
void far_sim_nor_build_sfdp(struct far_sim_nor *n);
/* status.c: true and WEL is used up, or false and the refusal is counted. */
bool far_sim_nor_take_write_enable(struct far_sim_nor *n, bool allowed);

/* The handlers of the opcode table; param is what the table's row says. */
far_sim_nor_handler far_sim_nor_read;         /* array.c */
far_sim_nor_handler far_sim_nor_program;      /* array.c */
far_sim_nor_handler far_sim_nor_erase;        /* array.c; param: bytes, 0: the chip */
far_sim_nor_handler far_sim_nor_read_status;  /* status.c; param: 0, 1, 2 */
far_sim_nor_handler far_sim_nor_write_status; /* status.c; param: the first register */
far_sim_nor_handler far_sim_nor_enable_write; /* status.c; param: 1 on, 0 off */
far_sim_nor_handler far_sim_nor_enable_volatile;
far_sim_nor_handler far_sim_nor_address_mode;  /* status.c; param: 1 4-byte, 0 3-byte */
far_sim_nor_handler far_sim_nor_read_extended; /* status.c: C8h */
far_sim_nor_handler far_sim_nor_write_extended;
far_sim_nor_handler far_sim_nor_sleep;
far_sim_nor_handler far_sim_nor_wake; /* ident.c: ABh is a device id too */
far_sim_nor_handler far_sim_nor_arm_reset;
far_sim_nor_handler far_sim_nor_reset;
far_sim_nor_handler far_sim_nor_jedec_id;  /* ident.c */
far_sim_nor_handler far_sim_nor_device_id; /* ident.c: 90h */
far_sim_nor_handler far_sim_nor_unique_id; /* ident.c */
far_sim_nor_handler far_sim_nor_read_sfdp; /* sfdp.c */

#endif
