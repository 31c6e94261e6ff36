/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text that others wrote (names in an image, what a USB device calls itself, names of files):
 * whether it is UTF-8, and how it is shown so that a terminal obeys nothing in it.
 */
#ifndef FARFLASH_CLI_FOREIGN_H
#define FARFLASH_CLI_FOREIGN_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Bytes of the UTF-8 character (RFC 3629) at text, 1 to 4; 0: there is none. text ends with a NUL.
 */
size_t cli_utf8(const char *text);

/*
 * Does a control character begin here? C0, DEL; and C1 (U+0080 to U+009F), which terminals obey,
 * too.
 */
bool cli_is_control(const char *text);

/*
 * text with control characters, backslashes and what is not UTF-8 as \xNN, into out, which has cap
 * bytes (> 0); cut off before a character that has no room. Returns out.
 */
const char *cli_foreign(const char *text, char *out, size_t cap);

#endif
