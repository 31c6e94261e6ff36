/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What answers at which address, and words that read as something: per chip, from the vendor's
 * technical reference manuals. Accesses outside of the ranges raise an exception, which the ROMs do
 * not survive. The fuse words make each part one that exists: a usual revision, no special package.
 */
#include "sim/esp/chip.h"

const struct esp_range esp_ranges_esp8266[] = {
	{ 0x3FF00000, 0x3FF20000, SPACE_IO },  /* system registers, eFuse */
	{ 0x3FFE8000, 0x40000000, SPACE_RAM }, /* DRAM */
	{ 0x40000000, 0x40010000, SPACE_ROM },
	{ 0x40100000, 0x40110000, SPACE_RAM }, /* IRAM */
	{ 0x60000000, 0x60002000, SPACE_IO },  /* peripherals */
	{ 0, 0, SPACE_IO },
};
const struct esp_range esp_ranges_esp32[] = {
	{ 0x3FF00000, 0x3FF80000, SPACE_IO },  /* peripherals, eFuse */
	{ 0x3FF80000, 0x3FF82000, SPACE_RAM }, /* RTC fast memory */
	{ 0x3FF90000, 0x3FFA0000, SPACE_ROM }, /* data ROM */
	{ 0x3FFAE000, 0x40000000, SPACE_RAM }, /* DRAM */
	{ 0x40000000, 0x40070000, SPACE_ROM },
	{ 0x40070000, 0x400C2000, SPACE_RAM }, /* cache memory, IRAM, RTC fast memory */
	{ 0x50000000, 0x50002000, SPACE_RAM }, /* RTC slow memory */
	{ 0x60000000, 0x60040000, SPACE_IO },  /* peripherals by their other address */
	{ 0, 0, SPACE_IO },
};
const struct esp_range esp_ranges_esp32s2[] = {
	{ 0x3F400000, 0x3F500000, SPACE_IO },  /* peripherals, eFuse */
	{ 0x3F500000, 0x3FF80000, SPACE_IO },  /* external RAM by the cache: nothing behind it */
	{ 0x3FF90000, 0x3FF9E000, SPACE_ROM }, /* data ROM */
	{ 0x3FF9E000, 0x40000000, SPACE_RAM }, /* RTC fast memory, DRAM */
	{ 0x40000000, 0x40020000, SPACE_ROM },
	{ 0x40020000, 0x40072000, SPACE_RAM }, /* IRAM, RTC fast memory */
	{ 0x50000000, 0x50002000, SPACE_RAM }, /* RTC slow memory */
	{ 0x60000000, 0x600D0000, SPACE_IO },  /* peripherals by their other address */
	{ 0, 0, SPACE_IO },
};
/* esptool-js reads eFuses where an ESP32 has them from every S3, and goes on. */
const struct esp_range esp_ranges_esp32s3[] = {
	{ 0x3FC88000, 0x3FD00000, SPACE_RAM }, /* DRAM */
	{ 0x3FF00000, 0x3FF20000, SPACE_ROM }, /* data ROM */
	{ 0x3FF50000, 0x3FF70000, SPACE_IO },  /* answers, as that tool's users show */
	{ 0x40000000, 0x40060000, SPACE_ROM },
	{ 0x40370000, 0x403E0000, SPACE_RAM }, /* IRAM */
	{ 0x50000000, 0x50002000, SPACE_RAM }, /* RTC slow memory */
	{ 0x60000000, 0x600D1000, SPACE_IO },  /* peripherals */
	{ 0x600FE000, 0x60100000, SPACE_RAM }, /* RTC fast memory */
	{ 0, 0, SPACE_IO },
};
const struct esp_range esp_ranges_esp32c3[] = {
	{ 0x3FC80000, 0x3FCE0000, SPACE_RAM }, /* DRAM */
	{ 0x3FF00000, 0x3FF20000, SPACE_ROM }, /* data ROM */
	{ 0x40000000, 0x40060000, SPACE_ROM },
	{ 0x4037C000, 0x403E0000, SPACE_RAM }, /* IRAM */
	{ 0x50000000, 0x50002000, SPACE_RAM }, /* RTC memory */
	{ 0x60000000, 0x600D1000, SPACE_IO },  /* peripherals */
	{ 0, 0, SPACE_IO },
};
const struct esp_range esp_ranges_esp32c2[] = {
	{ 0x3FCA0000, 0x3FCE0000, SPACE_RAM }, /* DRAM */
	{ 0x3FF00000, 0x3FF50000, SPACE_ROM }, /* data ROM */
	{ 0x40000000, 0x40090000, SPACE_ROM },
	{ 0x4037C000, 0x403C0000, SPACE_RAM }, /* IRAM */
	{ 0x60000000, 0x600D1000, SPACE_IO },  /* peripherals */
	{ 0, 0, SPACE_IO },
};
/* From the C6 on code and data share one RAM. */
const struct esp_range esp_ranges_esp32c6[] = {
	{ 0x40000000, 0x40050000, SPACE_ROM },
	{ 0x40800000, 0x40880000, SPACE_RAM },
	{ 0x50000000, 0x50004000, SPACE_RAM }, /* low-power memory */
	{ 0x60000000, 0x600D1000, SPACE_IO },  /* peripherals */
	{ 0, 0, SPACE_IO },
};
/* esptool-js reads 3FCEF14C, an S3's variable, on every H2 before it does anything else. */
const struct esp_range esp_ranges_esp32h2[] = {
	{ 0x3FCEF000, 0x3FCF0000, SPACE_IO }, /* answers, as that tool's users show */
	{ 0x40000000, 0x40020000, SPACE_ROM },
	{ 0x40800000, 0x40850000, SPACE_RAM },
	{ 0x50000000, 0x50001000, SPACE_RAM }, /* low-power memory */
	{ 0x60000000, 0x600D1000, SPACE_IO },  /* peripherals */
	{ 0, 0, SPACE_IO },
};
const struct esp_range esp_ranges_esp32c5[] = {
	{ 0x40000000, 0x40050000, SPACE_ROM },
	{ 0x40800000, 0x40860000, SPACE_RAM },
	{ 0x50000000, 0x50004000, SPACE_RAM }, /* low-power memory */
	{ 0x60000000, 0x600D1000, SPACE_IO },  /* peripherals */
	{ 0, 0, SPACE_IO },
};
const struct esp_range esp_ranges_esp32c61[] = {
	{ 0x40000000, 0x40050000, SPACE_ROM },
	{ 0x40800000, 0x40850000, SPACE_RAM },
	{ 0x60000000, 0x600D1000, SPACE_IO }, /* peripherals */
	{ 0, 0, SPACE_IO },
};
const struct esp_range esp_ranges_esp32p4[] = {
	{ 0x30100000, 0x30102000, SPACE_RAM }, /* tightly coupled memory */
	{ 0x40000000, 0x40010000, SPACE_ROM }, /* flash by a cache that is off */
	{ 0x4FC00000, 0x4FC20000, SPACE_ROM },
	{ 0x4FF00000, 0x4FFC0000, SPACE_RAM },
	{ 0x50000000, 0x50108000, SPACE_IO },  /* peripherals */
	{ 0x50108000, 0x50110000, SPACE_RAM }, /* low-power memory */
	{ 0x50110000, 0x50130000, SPACE_IO },  /* low-power peripherals, eFuse */
	{ 0, 0, SPACE_IO },
};

const struct esp_const esp_words_esp8266[] = {
	{ 0x60000078, 0x00062000u }, /* UART date */
	{ 0, 0 },
};
/*
 * ESP32-D0WD-V3, revision 3.1, 240 MHz, Bluetooth. RTCCALICFG1 and eFuse word 4 make the ROM
 * believe in a crystal of 760 * 15625 * 136 / 40 = 40.375 MHz.
 */
const struct esp_const esp_words_esp32[] = {
	{ 0x3FF5A00C, 1u << 15 | 1u << 13 | 1u << 9 }, /* eFuse 3: revision, rated, package */
	{ 0x3FF5A010, 136u | 16u << 8 },               /* eFuse 4: 8 MHz clock, ADC reference */
	{ 0x3FF5A014, 1u << 24 | 1u << 20 },           /* eFuse 5: minor revision, revision */
	{ 0x3FF6607C, 1u << 31 | 0x16042000u },        /* APB_CTL_DATE: revision */
	{ 0x3FF5F06C, 760u << 7 },                     /* RTCCALICFG1 */
	{ 0x60000078, 0x15122500u },                   /* UART date */
	{ 0, 0 },
};
const struct esp_const esp_words_esp32s2[] = {
	{ 0x3F41A050, 1u << 18 },    /* BLOCK1 word 3: major revision 1 */
	{ 0x3F41A054, 0 },           /* BLOCK1 word 4: package, minor revision */
	{ 0x60000078, 0x19072600u }, /* UART date */
	{ 0, 0 },
};
const struct esp_const esp_words_esp32s3[] = {
	{ 0x60007050, 2u << 18 },    /* BLOCK1 word 3: minor revision 2 */
	{ 0x60000080, 0x02008270u }, /* UART date */
	{ 0, 0 },
};
const struct esp_const esp_words_esp32c3[] = {
	{ 0x60008850, 4u << 18 },    /* BLOCK1 word 3: minor revision 4 */
	{ 0x6000007C, 0x02008270u }, /* UART date */
	{ 0, 0 },
};
/* Revision 0 of the C2 takes no stub. */
const struct esp_const esp_words_esp32c2[] = {
	{ 0x60008844, 1u << 20 },    /* BLOCK2 word 1, above the address: major revision 1 */
	{ 0x6000007C, 0x02108050u }, /* UART date */
	{ 0, 0 },
};
/* MAC_EXT stands above the address in parts with 802.15.4: FF FE makes an EUI-64 of it. */
const struct esp_const esp_words_esp32c6[] = {
	{ 0x600B0848, 0xFFFE0000u }, /* BLOCK1 word 1: MAC_EXT */
	{ 0x600B0850, 1u << 18 },    /* BLOCK1 word 3: minor revision 1 */
	{ 0x6000007C, 0x02206060u }, /* UART date */
	{ 0, 0 },
};
const struct esp_const esp_words_esp32h2[] = {
	{ 0x600B0848, 0xFFFE0000u }, /* BLOCK1 word 1: MAC_EXT */
	{ 0x600B0850, 1u << 18 },    /* BLOCK1 word 3: minor revision 1 */
	{ 0x6000007C, 0x02201270u }, /* UART date */
	{ 0, 0 },
};
const struct esp_const esp_words_esp32c5[] = {
	{ 0x600B4848, 0xFFFE0000u }, /* BLOCK1 word 1: MAC_EXT, as on the C6 */
	{ 0x600B484C, 1u << 4 },     /* BLOCK1 word 2: major revision 1 */
	{ 0x6000007C, 0x02308210u }, /* UART date */
	{ 0, 0 },
};
const struct esp_const esp_words_esp32c61[] = {
	{ 0x600B484C, 1u << 4 },     /* BLOCK1 word 2: major revision 1 */
	{ 0x6000007C, 0x02308210u }, /* UART date */
	{ 0, 0 },
};
const struct esp_const esp_words_esp32p4[] = {
	{ 0x5012D04C, 3u << 4 },     /* BLOCK1 word 2: major revision 3 */
	{ 0x500CA08C, 0x02301110u }, /* UART date */
	{ 0, 0 },
};
const struct esp_const esp_words_esp32p4_rev1[] = {
	{ 0x5012D04C, 1u << 4 | 3u }, /* BLOCK1 word 2: revision 1.3 */
	{ 0x500CA08C, 0x02301110u },  /* UART date */
	{ 0, 0 },
};
