/* SPDX-License-Identifier: Apache-2.0 */
#include "link/loader.h"

enum {
	HEADER_LEN = FAR_LOADER_HEADER_LEN,
	TO_CHIP = 0x00,
	TO_HOST = 0x01,
	CHECKSUM_SEED = 0xEF /* xor of all body bytes starts from this */
};

void far_loader_init(struct far_loader *l, struct far_stream *stream, struct far_clock *clock)
{
	*l = (struct far_loader){ .stream = stream, .clock = clock };
	l->slip.buf = l->frame.bytes;
	l->slip.cap = sizeof(l->frame);
}

static uint32_t checksum(const uint8_t *body, uint32_t len)
{
	uint32_t sum = len > 0 ? CHECKSUM_SEED : 0;

	for (uint32_t i = 0; i < len; i++)
		sum ^= body[i];
	return sum;
}

int far_loader_send(struct far_loader *l, const struct far_loader_request *request)
{
	struct far_stream *s = l->stream;
	uint8_t header[HEADER_LEN];
	int rc;

	header[0] = TO_CHIP;
	header[1] = request->op;
	far_put_le16(header + 2, request->head_len + request->body_len);
	far_put_le32(header + 4, checksum(request->body, request->body_len));
	rc = far_slip_delimit(s);
	if (rc == FAR_OK)
		rc = far_slip_write(s, header, sizeof(header));
	if (rc == FAR_OK)
		rc = far_slip_write(s, request->head, request->head_len);
	if (rc == FAR_OK)
		rc = far_slip_write(s, request->body, request->body_len);
	if (rc == FAR_OK)
		rc = far_slip_delimit(s);
	return rc;
}

static int parse(struct far_loader *l, uint32_t len, struct far_loader_reply *reply)
{
	uint32_t head = far_to_le32(l->frame.words[0]);

	if (len < HEADER_LEN || (head & 0xFF) != TO_HOST || head >> 16 != len - HEADER_LEN)
		return FAR_ERR_PROTO;
	reply->op = (uint8_t)(head >> 8);
	reply->value = far_to_le32(l->frame.words[1]);
	reply->data = l->frame.bytes + HEADER_LEN;
	reply->len = (uint8_t)(len - HEADER_LEN);
	return FAR_OK;
}

/* Refill rx. > 0: bytes are there; 0: none within timeout_ms; negative: the stream's error. */
static int refill(struct far_loader *l, uint32_t timeout_ms)
{
	int n = l->stream->ops->read(l->stream, l->rx, sizeof(l->rx), timeout_ms);

	l->rx_pos = 0;
	l->rx_len = n > 0 ? (uint8_t)n : 0;
	l->heard |= l->rx_len;
	return n;
}

/* The length of the next frame, > 0, or the error. */
static int next_frame(struct far_loader *l, uint32_t timeout_ms)
{
	uint32_t start = l->clock->ops->now_ms(l->clock);

	for (;;) {
		while (l->rx_pos < l->rx_len) {
			int len = far_slip_decode(&l->slip, l->rx[l->rx_pos++]);

			if (len != 0)
				return len;
		}
		uint32_t waited = l->clock->ops->now_ms(l->clock) - start;
		int n = refill(l, waited < timeout_ms ? timeout_ms - waited : 0);

		if (n < 0)
			return n;
		/* A line that never falls silent must not hold us either. */
		if (waited > timeout_ms || (n == 0 && waited == timeout_ms))
			return FAR_ERR_TIMEOUT;
	}
}

int far_loader_receive(struct far_loader *l, struct far_loader_reply *reply, uint32_t timeout_ms)
{
	int len = next_frame(l, timeout_ms);

	reply->len = len > 0 ? (uint8_t)len : 0;
	return len < 0 ? len : parse(l, (uint32_t)len, reply);
}

/* Frames go there from now on; of one under way what follows is no whole frame. */
static void collect_in(struct far_loader *l, uint8_t *buf, uint32_t cap)
{
	l->slip.broken |= l->slip.len > 0;
	l->slip.len = 0;
	l->slip.buf = buf;
	l->slip.cap = cap;
}

int far_loader_receive_raw(struct far_loader *l, uint8_t *buf, uint32_t cap, uint32_t timeout_ms)
{
	int len;

	collect_in(l, buf, cap);
	len = next_frame(l, timeout_ms);
	collect_in(l, l->frame.bytes, sizeof(l->frame));
	return len;
}

int far_loader_send_raw(struct far_loader *l, const uint8_t *data, uint32_t len)
{
	int rc = far_slip_delimit(l->stream);

	if (rc == FAR_OK)
		rc = far_slip_write(l->stream, data, len);
	return rc == FAR_OK ? far_slip_delimit(l->stream) : rc;
}

void far_loader_forget(struct far_loader *l)
{
	l->rx_len = l->rx_pos = 0;
	l->slip.len = 0;
	l->slip.inside = l->slip.escaped = l->slip.broken = 0;
}
