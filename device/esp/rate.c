/* SPDX-License-Identifier: Apache-2.0 */
/* Changing the rate of chip and stream together. */
#include "device/esp/session.h"

/* Tell the chip, and follow. */
static int switch_baud(struct far_esp *e, uint32_t baud)
{
	struct far_stream *s = e->_state.config.stream;
	uint32_t ask = baud, from = 0;
	int rc = FAR_OK;

	if (e->loader == FAR_ESP_STUB)
		from = s->baud; /* wanted by stubs */
	else if (e->_state.row->correct != NULL)
		rc = e->_state.row->correct(e, &ask);
	if (rc != FAR_OK)
		return rc;
	e->_state.words[0] = ask;
	e->_state.words[1] = from;
	rc = far_esp_command(e, ESP_CHANGE_BAUD | ESP_ONCE, 2, ESP_REPLY_MS);
	/* No answer: it may have changed all the same. Only the new rate can tell. */
	if (rc == FAR_ERR_TIMEOUT || rc == FAR_ERR_PROTO)
		rc = FAR_OK;
	return rc == FAR_OK ? s->ops->set_baud(s, baud) : rc;
}

/* Can the stream itself do this rate? Asked before the chip is told. */
static int try_stream(struct far_stream *s, uint32_t baud)
{
	uint32_t old = s->baud;
	int rc = s->ops->set_baud(s, baud);

	return rc == FAR_OK ? s->ops->set_baud(s, old) : rc;
}

int far_esp_raise_baud(struct far_esp *e, uint32_t baud)
{
	struct far_stream *s = e->_state.config.stream;
	int rc;

	if (baud == s->baud)
		return FAR_OK;
	if (s->ops->set_baud == NULL || (e->chip == FAR_ESP_8266 && e->loader == FAR_ESP_ROM))
		return FAR_ERR_NOTSUP;
	rc = try_stream(s, baud);
	if (rc == FAR_OK)
		rc = switch_baud(e, baud);
	e->_state.unproved =
		rc != FAR_ERR_REFUSED && rc != FAR_ERR_NOTSUP && rc != FAR_ERR_CANCELLED;
	return rc;
}

int far_esp_set_baud(struct far_esp *e, uint32_t baud)
{
	int rc;

	far_flash_start(&e->flash, FAR_FLASH_OP_SESSION);
	rc = baud == 0 ? FAR_ERR_ARG : far_esp_ready(e);
	if (rc == FAR_OK) {
		rc = far_esp_raise_baud(e, baud);
		/*
		 * See whether we still understand each other; SYNC is answered without its payload,
		 * too.
		 */
		if (rc == FAR_OK)
			rc = far_esp_command(e, ESP_SYNC, 0, ESP_REPLY_MS);
		/* Only a reset brings the chip back to the rate before. */
		if (rc != FAR_OK && e->_state.unproved && far_esp_reconnect(e) != FAR_OK)
			e->flash.info.size = 0;
	}
	if (rc == FAR_OK)
		e->_state.baud = baud;
	return far_esp_settle(e, rc, baud);
}
