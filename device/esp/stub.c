/* SPDX-License-Identifier: Apache-2.0 */
/* Uploading a flasher stub, and starting it. */
#include "core/bytes.h"
#include "device/esp/session.h"
#include "device/esp/stub.h"

enum { GREETING_MS = 3000 }; /* from the jump to the stub's first word */

/* ---- what may be uploaded -------------------------------------------------------------------- */

static int is_inside(uint32_t addr, const struct far_esp_segment *s)
{
	return addr >= s->addr && addr - s->addr < s->len;
}

static const char *fault_of(const struct far_esp_stub *s)
{
	const struct far_esp_segment *t = &s->text, *d = &s->data;

	if (t->bytes == NULL || t->len == 0)
		return "it has no text";
	if (t->len > FAR_ESP_STUB_MAX || d->len > FAR_ESP_STUB_MAX)
		return "it is too large";
	if (d->len > 0 && d->bytes == NULL)
		return "its data is missing";
	if (t->addr % 4 != 0 || d->addr % 4 != 0)
		return "its addresses are not multiples of 4";
	if (t->addr + t->len < t->addr || d->addr + d->len < d->addr)
		return "it reaches beyond the end of the address space";
	if (d->len > 0 && (is_inside(d->addr, t) || is_inside(t->addr, d)))
		return "its text and its data overlap";
	if (s->bss != 0 && (is_inside(s->bss, t) || is_inside(s->bss, d)))
		return "its variables overlap its text or data";
	return is_inside(s->entry, t) ? NULL : "its entry is not in its text";
}

int far_esp_check_stub(const struct far_esp_stub *stub, const char **why)
{
	*why = fault_of(stub);
	return *why == NULL ? FAR_OK : FAR_ERR_ARG;
}

/* ---- start ----------------------------------------------------------------------------------- */

static int greets(struct far_esp *e)
{
	static const uint8_t greeting[4] = { 0x4F, 0x48, 0x41, 0x49 };
	uint8_t word[4];
	int rc = far_loader_receive_raw(&e->_state.loader, word, sizeof(word), GREETING_MS);

	if (far_esp_is_final(rc))
		return rc;
	return rc == sizeof(word) && memcmp(word, greeting, sizeof(word)) == 0;
}

/*
 * One try: 1 once the stub runs, 0 if the ROM is still there, or an error. A greeting may get lost
 * like anything else; who answers SYNC tells as well.
 */
static int start_once(struct far_esp *e, const struct far_esp_stub *stub)
{
	int rc = far_esp_jump(e, stub->entry);

	if (far_esp_is_final(rc))
		return rc;
	if (rc == FAR_ERR_REFUSED)
		return 0;
	e->loader = FAR_ESP_STUB_SILENT;
	rc = greets(e);
	if (rc != 0)
		return rc;
	rc = far_esp_resync(e);
	if (rc != FAR_OK)
		return rc;
	return e->_state.value == 0;
}

static int upload(struct far_esp *e, const struct far_esp_stub *stub)
{
	const char *why;
	int rc = far_esp_check_stub(stub, &why);

	if (rc == FAR_OK)
		rc = far_esp_load(e, &stub->text);
	if (rc == FAR_OK && stub->data.len > 0)
		rc = far_esp_load(e, &stub->data);
	for (unsigned i = 0; i < FAR_ESP_TRIES && rc == FAR_OK; i++) {
		rc = start_once(e, stub);
		if (rc > 0) {
			e->loader = FAR_ESP_STUB;
			return FAR_OK;
		}
		if (rc == FAR_OK)
			e->loader = FAR_ESP_ROM;
		e->retries++;
	}
	return rc == FAR_OK ? FAR_ERR_REFUSED : rc;
}

/* ---- which stub ------------------------------------------------------------------------------ */

/* *stub NULL: this chip goes without. One that is not for this revision does not greet. */
static int choose(struct far_esp *e, const struct far_esp_stub **stub)
{
	const struct far_esp_stub_finder *finder = e->_state.finder;
	uint32_t revision[3] = { 0 };
	int rc = FAR_OK;

	*stub = NULL;
	if (!far_esp_runs_ram(e))
		return FAR_OK;
	if (e->chip == FAR_ESP_32C2 || e->chip == FAR_ESP_32P4)
		rc = far_esp_ask_revision(e, revision);
	if (rc == FAR_OK && (e->chip != FAR_ESP_32C2 || revision[0] != 0))
		*stub = finder->find(finder->ctx, e->chip, revision[0]);
	return rc;
}

/* The ROM of the ESP8266 could not raise the rate; its stub can. */
static int raise_now(struct far_esp *e)
{
	int rc;

	if (e->_state.baud == 0 || e->loader != FAR_ESP_STUB)
		return FAR_OK;
	rc = far_esp_raise_baud(e, e->_state.baud);
	return rc == FAR_ERR_NOTSUP || rc == FAR_ERR_REFUSED ? FAR_OK : rc;
}

static int start(struct far_esp *e)
{
	const struct far_esp_stub *stub = NULL;
	int rc = FAR_OK;

	if (e->loader == FAR_ESP_ROM)
		rc = choose(e, &stub);
	if (rc == FAR_OK && stub != NULL)
		rc = upload(e, stub);
	if (rc == FAR_OK)
		rc = raise_now(e);
	e->flash.ops = e->loader == FAR_ESP_STUB ? &far_esp_stub_flash_ops : &far_esp_rom_ops;
	return rc;
}

/* Nobody answers. The stub sends nothing more, so there is nothing to wait for. */
static int run(struct far_esp *e)
{
	static const struct far_loader_request request = { ESP_RUN_USER_CODE, 0, NULL, NULL, 0 };
	struct far_stream *s = e->_state.config.stream;
	int rc = far_loader_send(&e->_state.loader, &request);

	return rc == FAR_OK ? s->ops->drain(s) : rc;
}

static const struct far_esp_stub_ops stub_ops = { start, run, far_esp_quick_is_sure,
						  far_esp_quick_id };

int far_esp_init_stub(struct far_esp *e, const struct far_esp_config *config,
		      const struct far_esp_stub_finder *finder)
{
	int rc = far_esp_init(e, config);

	if (rc == FAR_OK &&
	    (finder == NULL || finder->find == NULL || config->block_len < ESP_SECTOR))
		rc = FAR_ERR_ARG;
	if (rc == FAR_OK) {
		e->_state.stub = &stub_ops;
		e->_state.finder = finder;
	}
	return rc;
}
