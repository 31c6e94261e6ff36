/* SPDX-License-Identifier: Apache-2.0 */
/* What the actions of `farflash spiffs` share: the options, and an image that is open. */
#ifndef FARFLASH_CLI_SPIFFS_H
#define FARFLASH_CLI_SPIFFS_H

#include "cli/cli.h"
#include "cli/target.h"
#include "service/spiffs/spiffs.h"

/* What was given on the command line; the defaults are filled in from the start. */
struct cli_spiffs_options {
	const char *offset; /* an address or a partition's name; NULL: not given */
	uint32_t size;      /* 0: not given */
	uint32_t page_size, block_size, name_len, meta_len;
	bool no_magic, no_magic_length, aligned;
};
extern struct cli_spiffs_options cli_spiffs_opt;

/* One action each: argv are its arguments, without the word for it. */
enum cli_exit cli_spiffs_build(struct cli *c, int argc, char **argv);
enum cli_exit cli_spiffs_list(struct cli *c, int argc, char **argv);
enum cli_exit cli_spiffs_extract(struct cli *c, int argc, char **argv);
enum cli_exit cli_spiffs_check(struct cli *c, int argc, char **argv);

/*
 * Where --offset and --size say that an image is in the target's flash; what is not given is the
 * start, and the end of the partition or of the flash. CLI_USAGE: beyond either; or what looking
 * the partition up failed with.
 */
enum cli_exit cli_spiffs_where(struct cli *c, struct cli_target *t, uint32_t *addr, uint32_t *len);

/*
 * The options as parameters, checked for an image of size bytes that is called what. CLI_USAGE says
 * which numbers do not go together.
 */
enum cli_exit cli_spiffs_params(struct cli *c, const char *what, uint32_t size,
				struct far_spiffs_params *params, struct far_spiffs_geometry *g);

/* An image: in a file, which is then read, or in the flash behind --port. */
struct cli_spiffs {
	const char *name; /* for messages */
	bool in_file;
	struct cli_target target; /* the port; with a file only its flash is of use */
	struct far_flash file;    /* the file as a flash */
	uint8_t *memory;          /* what it holds */
	struct far_spiffs fs;
};

/*
 * Open and mount. path NULL: the port. s need not be cleared; close it only after CLI_OK. CLI_FILE
 * for a file that is no image, CLI_MISMATCH for a flash that holds none.
 */
enum cli_exit cli_spiffs_open(struct cli *c, struct cli_spiffs *s, const char *path);
/* code is how the job ended. Returns it. */
enum cli_exit cli_spiffs_close(struct cli *c, struct cli_spiffs *s, enum cli_exit code);

/* A call of service/spiffs failed: what was tried, as in "cannot read /a.txt". */
enum cli_exit cli_spiffs_failed(struct cli *c, struct cli_spiffs *s, int err, const char *what);

/* All files, by name; those of the same name by page. Free list in any case. */
struct cli_spiffs_files {
	struct far_spiffs_entry *list;
	size_t count, room;
};
enum cli_exit cli_spiffs_files(struct cli *c, struct cli_spiffs *s, struct cli_spiffs_files *files);

#define CLI_SPIFFS_NAME (4 * FAR_SPIFFS_NAME_MAX + 1)

/*
 * A name as it may be shown: control characters, backslashes and what is not UTF-8 become \xNN.
 * Returns text.
 */
const char *cli_spiffs_name(const char *name, char text[CLI_SPIFFS_NAME]);

/*
 * Where may a file of this name be put below a folder? Returns the path, which is part of name; or
 * NULL, and *why says what is wrong with it.
 */
const char *cli_spiffs_path(const char *name, const char **why);

#endif
