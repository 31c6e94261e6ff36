/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What bench/instructions runs on an emulated core: both sides of a mailbox, one after the other,
 * and prints how many instructions a round trip of a 64-byte payload takes, doorbell included:
 * send, the other receives, it answers, receive. As CSV, through semihosting.
 */
#include "farflash/mailbox.h"

#define ROUNDS 64u

struct end {
	struct far_doorbell doorbell; /* first: the ops get back to it */
	struct far_mailbox m;
	volatile uint32_t rung;  /* the register that raises the other's interrupt */
	void (*meanwhile)(void); /* what the other side does while this one waits */
};

/* Both sides on one hart, so that nothing but the mailbox's own instructions is counted. */
static struct end end[2];
static uint32_t region[FAR_MAILBOX_REGION_SIZE(8) / 4];
static uint32_t ask[16], answer[16], got[2][16];

int run(void);
void _start(void);

/* Set up a stack, run, and leave: the machine starts at the first word of the image. */
__asm__(".section .text.start,\"ax\"\n"
	".globl _start\n"
	"_start: la sp, stack_top\n"
	"call run\n"
	".section .bss.stack,\"aw\",@nobits\n"
	".balign 16\n"
	".skip 8192\n"
	"stack_top:\n");

/* The three instructions that debuggers know, uncompressed and within one page. */
__asm__(".section .text.semihost,\"ax\"\n"
	".option push\n"
	".option norvc\n"
	".option norelax\n"
	".balign 16\n"
	"semihost: slli zero, zero, 0x1f\n"
	"ebreak\n"
	"srai zero, zero, 7\n"
	"ret\n"
	".option pop\n");
int32_t semihost(uint32_t op, const void *arg);

/*
 * The machine counter, which QEMU keeps exact with -icount; its low word wraps, differences do not
 * mind.
 */
static uint32_t retired(void)
{
	uint32_t n;

	__asm__ volatile("csrr %0, 0xb02" : "=r"(n)::"memory"); /* minstret */
	return n;
}

/*
 * 0x04 is semihosting's write of a text that ends with a zero. No C library, so digits are made
 * here.
 */
static void print(const char *what, uint32_t n)
{
	char line[80], digits[10];
	uint32_t len = 0, count = 0;

	while (*what != 0)
		line[len++] = *what++;
	do
		digits[count++] = (char)('0' + n % 10);
	while ((n /= 10) > 0);
	while (count > 0)
		line[len++] = digits[--count];
	line[len++] = '\n';
	line[len] = 0;
	semihost(4, line);
}

/* 0x20 is semihosting's exit with a code: 0x20026 says that the program ended by itself. */
static void leave(uint32_t code)
{
	const uint32_t how[2] = { 0x20026, code };

	semihost(0x20, how);
}

/* The store that a board's doorbell register would take. */
static void ring(struct far_doorbell *d)
{
	((struct end *)(void *)d)->rung = 1;
}

/* Who would sleep lets the other side run: it has then been rung. */
static int wait(struct far_doorbell *d, uint32_t timeout_ms)
{
	(void)timeout_ms;
	((struct end *)(void *)d)->meanwhile();
	return FAR_OK;
}

static const struct far_doorbell_ops doorbell_ops = { .ring = ring, .wait = wait };

/* Time stands still, as nothing here waits. */
static uint32_t now_ms(struct far_clock *c)
{
	(void)c;
	return 0;
}

static const struct far_clock_ops clock_ops = { .now_ms = now_ms };
static struct far_clock board_clock = { .ops = &clock_ops };

/* A figure of a trip that failed would be none: the machine stops with 1. */
static void check(int rc, int expected)
{
	if (rc != expected)
		leave(1);
}

static void send(uint32_t from, const uint32_t *data)
{
	check(far_mailbox_send(&end[from].m, 2, data, 64, 1000), FAR_OK);
}

static void receive(uint32_t to)
{
	check(far_mailbox_receive(&end[to].m, 2, got[to], 64, 1000), 64);
}

/* Each message is there before it is asked for: what a core does that polls. */
static void polled(void)
{
	send(0, ask);
	receive(1);
	send(1, answer);
	receive(0);
}

/* As polled, by words. */
static void polled_whole(void)
{
	check(far_mailbox_send_whole(&end[0].m, 2, ask), FAR_OK);
	check(far_mailbox_receive_whole(&end[1].m, 2, got[1]) % FAR_MAILBOX_MORE, 64);
	check(far_mailbox_send_whole(&end[1].m, 2, answer), FAR_OK);
	check(far_mailbox_receive_whole(&end[0].m, 2, got[0]) % FAR_MAILBOX_MORE, 64);
}

/* Both wait before there is anything, ask to be rung, and are: what a core does that sleeps. */
static void first_send(void)
{
	send(0, ask);
}

static void second_side(void)
{
	receive(1);
	send(1, answer);
}

static void slept(void)
{
	receive(0);
}

/* The first round is not counted. Reading the counter costs some itself: that is taken off. */
static uint32_t measure(void (*round)(void))
{
	uint32_t least = UINT32_MAX, most = 0, sum = 0, bare = retired();

	bare = retired() - bare;
	round();
	for (uint32_t i = 0; i < ROUNDS; i++) {
		uint32_t n = retired();

		round();
		n = retired() - n - bare;
		sum += n;
		least = n < least ? n : least;
		most = n > most ? n : most;
	}
	(void)least;
	(void)most;
	return sum / ROUNDS;
}

/*
 * Some polls bind both sides; then nothing but messages is left to do. In the end what came is
 * compared.
 */
int run(void)
{
	for (uint32_t i = 0; i < 2; i++) {
		const struct far_mailbox_config config = { .region = region,
							   .region_size = sizeof(region),
							   .side = i,
							   .slots = 8,
							   .doorbell = &end[i].doorbell,
							   .clock = &board_clock };

		end[i].doorbell.ops = &doorbell_ops;
		check(far_mailbox_init(&end[i].m, &config), FAR_OK);
	}
	for (uint32_t i = 0; i < 6; i++)
		far_mailbox_poll(&end[i % 2].m, 0);
	for (uint32_t i = 0; i < 16; i++)
		ask[i] = ~(answer[i] = i * 0x01010101u);
	print("mailbox round trip polled rv32imac,", measure(polled));
	print("mailbox round trip polled by words rv32imac,", measure(polled_whole));
	end[0].meanwhile = second_side;
	end[1].meanwhile = first_send;
	print("mailbox round trip slept rv32imac,", measure(slept));
	for (uint32_t i = 0; i < 16; i++)
		check(got[1][i] == ask[i] && got[0][i] == answer[i], 1);
	leave(0);
	return 0;
}
