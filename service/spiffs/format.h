/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where things stand in a SPIFFS image: docs/SPEC-spiffs.md. Everything is little-endian, and
 * unaligned. For the files of this folder.
 */
#ifndef FARFLASH_SERVICE_SPIFFS_FORMAT_H
#define FARFLASH_SERVICE_SPIFFS_FORMAT_H

/* Look-up: 16 bits for each page of the block behind it. */
#define FAR_SPIFFS_ID_DELETED 0x0000u
#define FAR_SPIFFS_ID_INDEX   0x8000u /* or-ed to the file's id: an index page */
#define FAR_SPIFFS_ID_FREE    0xFFFFu

/* Every page begins with a header: id, span, flags. */
#define FAR_SPIFFS_AT_ID    0u
#define FAR_SPIFFS_AT_SPAN  2u /* number of the page in its file; index pages have their own */
#define FAR_SPIFFS_AT_FLAGS 4u
#define FAR_SPIFFS_HEADER   5u /* its length; in a data page the data follow */

/* Flags: all mean what they say when they are 0. */
#define FAR_SPIFFS_USED     0x01u
#define FAR_SPIFFS_FINAL    0x02u /* all of the page is written */
#define FAR_SPIFFS_INDEX    0x04u
#define FAR_SPIFFS_DELETING 0x40u /* in a head: the file is being deleted */
#define FAR_SPIFFS_DELETED  0x80u

/* An index page has 3 bytes of padding, then its table: 16 bits for each data page, its number. */
#define FAR_SPIFFS_TABLE      8u
#define FAR_SPIFFS_ENTRY_NONE 0xFFFFu

/* But a head, the index page with span 0, has this before its table. */
#define FAR_SPIFFS_AT_SIZE 8u
#define FAR_SPIFFS_AT_TYPE 12u
#define FAR_SPIFFS_AT_NAME 13u /* then the meta data, then the table */

#define FAR_SPIFFS_SIZE_UNKNOWN 0xFFFFFFFFu /* while the file is being written */
#define FAR_SPIFFS_TYPE_FILE    1u

#endif
