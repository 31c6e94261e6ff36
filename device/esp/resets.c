/* SPDX-License-Identifier: Apache-2.0 */
#include "device/esp/resets.h"

enum { BOTH = FAR_LINE_DTR | FAR_LINE_RTS, LAST = FAR_ESP_STEP_LAST };

const struct far_esp_step far_esp_classic_to_loader[] = {
	{ FAR_LINE_RTS, 10 },
	{ BOTH, 0 },
	{ FAR_LINE_DTR, 5 },
	{ LAST, 0 },
};

/* The unit acts on the order in which the lines change: DTR, then RTS, then DTR off. */
const struct far_esp_step far_esp_usb_jtag_to_loader[] = {
	{ 0, 10 }, { FAR_LINE_DTR, 10 }, { BOTH, 0 }, { FAR_LINE_RTS, 10 }, { LAST, 0 },
};

const struct far_esp_step far_esp_usb_jtag_to_run[] = { { FAR_LINE_RTS, 20 }, { LAST, 20 } };

const struct far_esp_step far_esp_hold[] = { { FAR_LINE_RTS | LAST, 0 } };
