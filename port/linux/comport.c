/* SPDX-License-Identifier: Apache-2.0 */
#include "port/linux/comport.h"

size_t far_comport_byte(unsigned command, uint8_t value, uint8_t out[FAR_COMPORT_MAX])
{
	const uint8_t bytes[] = { (uint8_t)command, value };

	return far_telnet_sub(FAR_TELNET_COM_PORT, bytes, sizeof(bytes), out);
}

size_t far_comport_rate(unsigned command, uint32_t rate, uint8_t out[FAR_COMPORT_MAX])
{
	const uint8_t bytes[] = { (uint8_t)command, (uint8_t)(rate >> 24), (uint8_t)(rate >> 16),
				  (uint8_t)(rate >> 8), (uint8_t)rate };

	return far_telnet_sub(FAR_TELNET_COM_PORT, bytes, sizeof(bytes), out);
}

bool far_comport_get_rate(const struct far_telnet *t, uint32_t *rate)
{
	const uint8_t *b = t->sub;

	if (t->len < 5)
		return false;
	*rate = (uint32_t)b[1] << 24 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 8 | b[4];
	return true;
}
