/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The target's side: a chip on a serial line with its reset and boot strap. Each file goes into a
 * window of its own on the target's flash, so that none can reach another's place.
 */
#include "app/flash_multiple_partitions/program.h"
#include "core/bytes.h"
#include "core/md5.h"

#define FIRST_BAUD 115200u /* every ROM measures it */
#define FAST_BAUD  230400u /* what any adapter and wire can do */
#define TRIES      3u      /* at one file, if the line gives out on the way */
#define SILENCE_MS 300u    /* after so much of it the new program has said what it had to say */
#define TALK_MS    3000u
#define SAYS_MAX   160u

/*
 * The ESP8266 says its first words at 26/40 of 115200, for its crystal has 26 MHz where the ROM
 * expects 40. Its loader cannot change the rate later, but takes any from the first byte on.
 */
static const struct target_kind kinds[] = {
	{ "esp32", "/ESP32/", FAR_ESP_32, 115200, 0 },
	{ "esp32s2", "/ESP32_S2/", FAR_ESP_32S2, 115200, 0 },
	{ "esp8266", "/ESP8266/", FAR_ESP_8266, 74880, 1 },
};

static int is_same(const char *a, const char *b)
{
	while (*a != '\0' && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

const struct target_kind *target_kind_of(const char *name)
{
	if (name == NULL)
		return &kinds[0];
	for (uint32_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (is_same(name, kinds[i].name))
			return &kinds[i];
	}
	return NULL;
}

/* As the farflash command: who is to blame decides what the caller does next. */
int target_exit(int err)
{
	switch (err) {
	case FAR_OK:
		return FAR_APP_DONE;
	case FAR_ERR_CANCELLED:
		return FAR_APP_INTERRUPTED;
	case FAR_ERR_TIMEOUT:
	case FAR_ERR_IO:
		return FAR_APP_LOST;
	case FAR_ERR_PROTO:
		return FAR_APP_PROTOCOL;
	case FAR_ERR_VERIFY:
		return FAR_APP_MISMATCH;
	default:
		return FAR_APP_REFUSED;
	}
}

/* ---- connect --------------------------------------------------------------------------------- */

static int refuse_target(struct program *p, int err)
{
	struct far_text *text = &p->log.text;

	log_begin(&p->log, 'E', TAG);
	if (err == FAR_ERR_VERIFY) {
		far_text_put(text, "the target is an ");
		far_text_put(text, far_esp_chip_name(p->esp.chip));
		far_text_put(text, ", not an ");
		far_text_put(text, far_esp_chip_name(p->kind->chip));
		far_text_put(text, ": connect one, or configure the other target");
	} else if (err == FAR_ERR_TIMEOUT) {
		far_text_put(text, "no answer from the target: see that it has power, and how "
				   "RX, TX, IO0 and RESET are connected");
	} else {
		far_text_put(text, "cannot connect to the target");
		log_put_fault(&p->log, err, 0);
	}
	log_end(&p->log);
	return err == FAR_ERR_CANCELLED ? FAR_APP_INTERRUPTED : FAR_APP_NO_PEER;
}

/* A line that cannot go faster is slow, no more. */
static void raise_rate(struct program *p)
{
	int err = p->board->target->ops->set_baud ? far_esp_set_baud(&p->esp, FAST_BAUD) : FAR_OK;

	if (err == FAR_OK)
		return;
	log_begin(&p->log, 'W', TAG);
	far_text_put(&p->log.text, "the line stays at 115200 bit/s");
	log_put_fault(&p->log, err, 0);
	log_end(&p->log);
}

int target_connect(struct program *p)
{
	struct far_stream *line = p->board->target;
	const struct far_esp_config config = {
		.stream = line,
		.clock = p->board->clock,
		.block = p->work,
		.block_len = PACKET, /* a packet that is said to be written is */
		.expect = p->kind->chip,
	};
	int err = FAR_OK;

	/* A line of fixed rate has no set_baud, and is at the right one. */
	if (line->ops->set_baud)
		err = line->ops->set_baud(line, p->kind->early_rate ? FAST_BAUD : FIRST_BAUD);
	if (err == FAR_OK)
		err = far_esp_init(&p->esp, &config);
	if (err == FAR_OK)
		err = far_esp_connect(&p->esp);
	if (err != FAR_OK)
		return refuse_target(p, err);
	log_say(&p->log, 'I', "Connected to target");
	if (!p->kind->early_rate)
		raise_rate(p);
	if (p->esp.flash.info.size > 0)
		return FAR_APP_DONE;
	log_say(&p->log, 'E', "the target's flash does not tell its size, or was lost");
	return FAR_APP_REFUSED;
}

/* ---- program --------------------------------------------------------------------------------- */

static int refuse_image(struct program *p, const struct image *image, const char *what, int err,
			char level)
{
	log_begin(&p->log, level, TAG);
	far_text_put(&p->log.text, what);
	far_text_put(&p->log.text, p->name);
	log_put_fault(&p->log, err, image->addr + p->window.flash.fault.addr);
	log_end(&p->log);
	return target_exit(err);
}

/*
 * One packet: from the file into the stream that is open, which ends with the last. *err is the
 * target's.
 */
static int send(struct program *p, uint32_t number, uint32_t len, int last, int *err)
{
	int result = files_read(p, len);

	if (result != FAR_APP_DONE)
		return result;
	*err = far_flash_replace_write(&p->window.flash, p->packet, len);
	if (*err == FAR_OK && last)
		*err = far_flash_replace_end(&p->window.flash);
	if (*err != FAR_OK)
		return target_exit(*err);
	log_begin(&p->log, 'I', TAG);
	far_text_put(&p->log.text, "packet: ");
	far_text_decimal(&p->log.text, number);
	far_text_put(&p->log.text, "  written: ");
	far_text_decimal(&p->log.text, len);
	far_text_put(&p->log.text, " B");
	log_end(&p->log);
	return FAR_APP_DONE;
}

/* All of the file, once. With *err FAR_OK the failure, if any, is the file's and has been told. */
static int send_all(struct program *p, const struct image *image, int *err,
		    uint8_t md5[FAR_MD5_LEN])
{
	int result = FAR_APP_DONE;
	uint32_t number = 0;
	struct far_md5 sum;

	/*
	 * Of what was read, and not of what is in the SPIFFS by now: that is what has to be there.
	 */
	far_md5_init(&sum);
	*err = far_flash_replace_begin(&p->window.flash, 0, image->size, 0);
	if (*err != FAR_OK)
		return target_exit(*err);
	log_say(&p->log, 'I', "Start programming");
	for (uint32_t at = 0; at < image->size && result == FAR_APP_DONE; at += PACKET) {
		uint32_t len = far_min32(image->size - at, PACKET);

		result = send(p, number++, len, at + len == image->size, err);
		far_md5_update(&sum, p->packet, len);
	}
	if (result != FAR_APP_DONE)
		return result;
	far_md5_final(&sum, md5);
	log_say(&p->log, 'I', "Finished programming");
	return FAR_APP_DONE;
}

/* The flash's own word for it. The ESP8266's loader has none, which is said. */
static int prove(struct program *p, const uint8_t md5[FAR_MD5_LEN], uint32_t size)
{
	uint8_t there[FAR_MD5_LEN];
	int err = far_flash_digest(&p->window.flash, 0, size, there);

	if (err == FAR_ERR_NOTSUP) {
		log_say(&p->log, 'W', "Not verified: this target's loader has no digest");
		return FAR_OK;
	}
	if (err == FAR_OK && memcmp(md5, there, FAR_MD5_LEN) != 0)
		err = FAR_ERR_VERIFY;
	if (err == FAR_OK)
		log_say(&p->log, 'I', "Verified");
	return err;
}

/* What the line has done to one try may spare the next. */
static int may_pass(int err)
{
	return err == FAR_ERR_TIMEOUT || err == FAR_ERR_PROTO || err == FAR_ERR_VERIFY;
}

static int try_once(struct program *p, const struct image *image, int *err)
{
	uint8_t md5[FAR_MD5_LEN];
	int result;

	(void)far_spiffs_seek(&p->file, 0); /* there is always a beginning */
	result = send_all(p, image, err, md5);
	if (result == FAR_APP_DONE)
		*err = prove(p, md5, image->size);
	return result == FAR_APP_DONE ? target_exit(*err) : result;
}

int target_program(struct program *p, const struct image *image)
{
	int err = far_partition_init(&p->window, &p->esp.flash, image->addr, image->room,
				     FAR_PARTITION_ALL);
	int result;

	if (err != FAR_OK) {
		p->window.flash.fault.addr = 0;
		return refuse_image(p, image, "the target's flash has no place for ", err, 'E');
	}
	/* A stream that broke has left its window half written: all of it again. */
	result = try_once(p, image, &err);
	for (uint32_t i = 1; i < TRIES && may_pass(err); i++) {
		refuse_image(p, image, "once more from the start: ", err, 'W');
		result = try_once(p, image, &err);
	}
	return err == FAR_OK ? result : refuse_image(p, image, "cannot program ", err, 'E');
}

/* ---- start ----------------------------------------------------------------------------------- */

/* A line of what the target prints, whatever is in it. */
static void say(struct program *p, const char *line, uint32_t len)
{
	if (len == 0)
		return;
	log_begin(&p->log, 'I', "target");
	for (uint32_t i = 0; i < len; i++) {
		const char c[2] = { line[i] >= ' ' && line[i] < 0x7F ? line[i] : '.', '\0' };

		far_text_put(&p->log.text, c);
	}
	log_end(&p->log);
}

/* Until it is silent, or has talked for long enough. */
static int listen(struct program *p)
{
	struct far_stream *line = p->board->target;
	struct far_clock *clock = p->board->clock;
	uint32_t start = clock->ops->now_ms(clock), used = 0;
	char text[SAYS_MAX];
	int n;

	do {
		n = line->ops->read(line, p->packet, PACKET, SILENCE_MS);
		for (int i = 0; i < n; i++) {
			char c = (char)p->packet[i];

			if (c != '\n' && c != '\r')
				text[used++] = c;
			/* A target that never ends its line is told in pieces. */
			if (c == '\n' || used == SAYS_MAX) {
				say(p, text, used);
				used = 0;
			}
		}
	} while (n > 0 && clock->ops->now_ms(clock) - start < TALK_MS);
	say(p, text, used);
	return n < 0 ? n : FAR_OK;
}

int target_start(struct program *p)
{
	struct far_stream *line = p->board->target;
	int err = far_esp_leave(&p->esp);

	/* The rate of its boot text, which is not that of the loader. */
	if (err == FAR_OK && line->ops->set_baud)
		err = line->ops->set_baud(line, p->kind->boot_baud);
	if (err == FAR_OK) {
		log_say(&p->log, 'I', "Target started");
		err = listen(p);
	}
	if (err == FAR_OK)
		return FAR_APP_DONE;
	log_begin(&p->log, 'E', TAG);
	far_text_put(&p->log.text, "all is written, but the target could not be started");
	log_put_fault(&p->log, err, 0);
	log_end(&p->log);
	return target_exit(err);
}
