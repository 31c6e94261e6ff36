/* SPDX-License-Identifier: Apache-2.0 */
/*
 * esptool's JSON form of a stub: numbers, and bytes in base 64. Nothing in it is believed:
 * addresses have to lie in RAM that runs code on that very chip, lengths have limits, and what does
 * not parse to its end is refused. What the code does nobody can check.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/ram.h"
#include "cli/stub.h"

#define FILE_MAX_LEN (1u << 20) /* the vendor's are below 20 KiB */

/* Value of a base 64 digit; 64: it is none. */
static uint32_t digit(char c)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;
	return at ? (uint32_t)(at - digits) : 64;
}

/* Whole groups of four, '=' at the end only. False: not base 64, or more than cap bytes. */
static bool decode(const char *text, uint8_t *out, uint32_t cap, uint32_t *len)
{
	size_t chars = strlen(text);
	*len = 0;
	if (chars % 4 != 0)
		return false;
	for (size_t i = 0; i < chars; i += 4) {
		bool last = i + 4 == chars;
		uint32_t group = 0, n = 3;
		if (last && text[i + 3] == '=')
			n = text[i + 2] == '=' ? 1 : 2;
		for (size_t j = 0; j < 4; j++) {
			uint32_t value = j <= n ? digit(text[i + j]) : 0;
			if (value == 64)
				return false;
			group = group << 6 | value;
		}
		for (uint32_t j = 0; j < n; j++) {
			if (*len == cap)
				return false;
			out[(*len)++] = (uint8_t)(group >> (16 - 8 * j));
		}
	}
	return true;
}

/* A whole number of 32 bits. */
static bool number(const cJSON *root, const char *name, uint32_t *value)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(root, name);
	if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0) ||
	    item->valuedouble > (double)UINT32_MAX)
		return false;
	*value = (uint32_t)item->valuedouble;
	return (double)*value == item->valuedouble;
}

/* Two members make one: the bytes, and where they go. why names the one that is missing. */
static bool segment(const cJSON *root, const char *name, const char *start, uint8_t *bytes,
		    struct far_esp_segment *s, char why[200])
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(root, name);
	if (!cJSON_IsString(item) || !number(root, start, &s->addr)) {
		snprintf(why, 200, "it has no \"%s\" or no \"%s\": is it a stub of esptool's?",
			 name, start);
		return false;
	}
	if (!decode(item->valuestring, bytes, FAR_ESP_STUB_MAX, &s->len)) {
		snprintf(why, 200, "its \"%s\" is not base 64, or more than %u bytes", name,
			 FAR_ESP_STUB_MAX);
		return false;
	}
	s->bytes = bytes;
	return true;
}

/* Data and bss are optional: small stubs have none. */
static bool take(struct cli_stub *s, const cJSON *root, char why[200])
{
	struct far_esp_stub *stub = &s->stub;
	*stub = (struct far_esp_stub){ 0 };
	if (!number(root, "entry", &stub->entry)) {
		snprintf(why, 200, "it has no \"entry\": is it a stub of esptool's?");
		return false;
	}
	if (!segment(root, "text", "text_start", s->bytes[0], &stub->text, why))
		return false;
	if (cJSON_HasObjectItem(root, "data") &&
	    !segment(root, "data", "data_start", s->bytes[1], &stub->data, why))
		return false;
	if (cJSON_HasObjectItem(root, "bss_start") && !number(root, "bss_start", &stub->bss)) {
		snprintf(why, 200, "its \"bss_start\" is no address");
		return false;
	}
	return true;
}

/* What keeps a file from being read that was opened, or NULL with its len bytes in text. */
static const char *read_open(int fd, char text[FILE_MAX_LEN + 1], size_t *len)
{
	struct stat st;
	ssize_t n = 1;
	*len = 0;
	if (fstat(fd, &st) != 0)
		return strerror(errno);
	if (!S_ISREG(st.st_mode))
		return "it is no regular file";
	while (n > 0 && *len <= FILE_MAX_LEN) {
		n = read(fd, text + *len, FILE_MAX_LEN + 1 - *len);
		*len += n > 0 ? (size_t)n : 0;
	}
	return n < 0 ? strerror(errno) : NULL;
}

/* The whole file, terminated; NULL with why. The caller frees it. */
static char *read_file(const char *path, char why[200])
{
	/* A pipe that nobody writes to would keep us waiting before it can be refused. */
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	char *text = fd >= 0 ? malloc(FILE_MAX_LEN + 1) : NULL;
	size_t len = 0;
	const char *fault = text ? read_open(fd, text, &len) : strerror(errno);
	if (fd >= 0)
		close(fd);
	if (!fault && len <= FILE_MAX_LEN) {
		text[len] = '\0';
		return text;
	}
	if (fault)
		snprintf(why, 200, "it cannot be read: %s", fault);
	else
		snprintf(why, 200, "it is larger than %u bytes", FILE_MAX_LEN);
	free(text);
	return NULL;
}

/* The general rules are device/esp's; here is what needs the chip's memory map. */
static bool check(const struct cli_stub *s, enum far_esp_chip chip, char why[200])
{
	const struct far_esp_segment *t = &s->stub.text;
	const char *fault;
	if (far_esp_check_stub(&s->stub, &fault) != FAR_OK) {
		snprintf(why, 200, "%s", fault);
		return false;
	}
	/* With another chip's addresses it would end who knows where. */
	if (cli_ram_at(chip, t->addr, t->len) == CLI_RAM_CODE)
		return true;
	snprintf(why, 200, "its text at 0x%08x is not for the RAM of an %s", (unsigned)t->addr,
		 far_esp_chip_name(chip));
	return false;
}

/* cJSON bounds its own depth, so that nested brackets are an error like any other. */
bool cli_stub_parse(struct cli_stub *s, const char *text, enum far_esp_chip chip, char why[200])
{
	cJSON *root = cJSON_Parse(text);
	bool good = root != NULL;
	if (!root)
		snprintf(why, 200, "it is not JSON, or cut short");
	else
		good = take(s, root, why) && check(s, chip, why);
	cJSON_Delete(root);
	return good;
}

bool cli_stub_load(struct cli_stub *s, enum far_esp_chip chip, char why[200])
{
	char *text = read_file(s->path, why);
	bool good = text && cli_stub_parse(s, text, chip, why);
	free(text);
	return good;
}
