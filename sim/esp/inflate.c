/* SPDX-License-Identifier: Apache-2.0 */
/* Deflate streams, a chunk at a time: a small block may hold megabytes. */
#include <string.h>

#include "sim/esp/chip.h"

/* A zlib stream: header, deflate, Adler-32. Closed by esp_write_close. */
bool esp_inflate_open(struct far_sim_esp *e)
{
	struct esp_write *w = &e->write;

	memset(&w->z, 0, sizeof(w->z));
	w->z_open = inflateInit(&w->z) == Z_OK;
	return w->z_open;
}

/*
 * zlib has one code for a bad stream and a bad check sum; its text tells them apart, which the
 * ROM's error codes (0B and 0C) do too.
 */
static enum esp_trouble trouble_of(const z_stream *z, int result)
{
	if (result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR)
		return TROUBLE_NONE;
	if (result == Z_DATA_ERROR && z->msg && strcmp(z->msg, "incorrect data check") == 0)
		return TROUBLE_CHECK;
	return TROUBLE_INFLATE;
}

/*
 * The job's input shrinks, its chunk is filled. An empty chunk without trouble: the block is used
 * up. Whoever has made trouble once gets nothing more out of this stream.
 */
enum esp_trouble esp_inflate_fill(struct far_sim_esp *e)
{
	struct esp_write *w = &e->write;
	struct esp_job *j = &e->job;
	enum esp_trouble trouble;
	int result;

	if (w->broken || !w->z_open)
		return TROUBLE_INFLATE;
	if (w->ended)
		return j->in_left > 0 ? TROUBLE_MUCH : TROUBLE_NONE;
	w->z.next_in = j->in;
	w->z.avail_in = (uInt)j->in_left;
	w->z.next_out = j->chunk;
	w->z.avail_out = ESP_CHUNK;
	result = inflate(&w->z, Z_NO_FLUSH);
	j->in = w->z.next_in;
	j->in_left = w->z.avail_in;
	j->chunk_len = ESP_CHUNK - w->z.avail_out;
	w->ended = result == Z_STREAM_END;
	trouble = trouble_of(&w->z, result);
	if (trouble == TROUBLE_NONE && j->chunk_len > w->left)
		trouble = TROUBLE_MUCH;
	if (trouble != TROUBLE_NONE) {
		w->broken = true;
		j->chunk_len = 0;
		return trouble;
	}
	w->left -= (uint32_t)j->chunk_len;
	return TROUBLE_NONE;
}
