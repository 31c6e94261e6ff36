/* SPDX-License-Identifier: Apache-2.0 */
/* The commands but those that measure. Zephyr's flash shell sets their names and success texts. */
#include "core/bytes.h"
#include "service/flash_shell/internal.h"

/* What is read is of no interest here: for read_test. */
int shell_read(struct shell_job *j, uint32_t addr, uint32_t len)
{
	int err = FAR_OK;

	for (uint32_t done = 0, n; done < len && !err; done += n) {
		n = far_min32(len - done, j->s->buf_len);
		err = far_flash_read(j->s->flash, addr + done, j->s->buf, n);
		if (err)
			return shell_fail(j, SHELL_READ_HEAD, err, addr, done, len);
		err = shell_between(j);
	}
	return err;
}

/* Sector by sector: whoever shares the flash waits for one at most. */
int shell_erase(struct shell_job *j, uint32_t addr, uint32_t len)
{
	uint32_t sector = j->s->flash->info.sector_size;
	int err = FAR_OK;

	for (uint32_t done = 0; done < len && !err; done += sector) {
		err = far_flash_erase(j->s->flash, addr + done, sector);
		if (err)
			return shell_fail(j, SHELL_ERASE_HEAD, err, addr, done, len);
		err = shell_between(j);
	}
	return err;
}

/* A piece starts at a multiple of FAR_FLASH_SHELL_BUF_MIN, so each begins at its own byte. */
static void fill_pattern(struct shell_job *j, uint32_t offset, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++)
		j->s->buf[i] = (uint8_t)(offset + i);
}

/* Pieces keep write_block: buf_len is a multiple of 64, blocks are 32 bytes at most. */
int shell_write_pattern(struct shell_job *j, uint32_t addr, uint32_t len)
{
	int err = FAR_OK;

	for (uint32_t done = 0, n; done < len && !err; done += n) {
		n = far_min32(len - done, j->s->buf_len);
		fill_pattern(j, done, n);
		err = far_flash_write(j->s->flash, addr + done, j->s->buf, n);
		if (err)
			return shell_fail(j, SHELL_WRITE_HEAD, err, addr, done, len);
		err = shell_between(j);
	}
	return err;
}

/* Is there at addr what wanted says? Read in short pieces: buf may be in use for wanted. */
static int verify(struct shell_job *j, uint32_t addr, const uint8_t *wanted, uint32_t len)
{
	uint8_t there[FAR_TEXT_DUMP_BYTES];

	for (uint32_t at = 0, n; at < len; at += n) {
		int err;
		n = far_min32(len - at, sizeof(there));
		err = far_flash_read(j->s->flash, addr + at, there, n);
		if (err)
			return shell_fail(j, "Verification read ERROR! ", err, addr, at, len);
		for (uint32_t i = 0; i < n; i++) {
			if (there[i] == wanted[at + i])
				continue;
			far_text_put(&j->text, SHELL_VERIFY_HEAD "0x");
			far_text_hex(&j->text, there[i], 2);
			far_text_put(&j->text, " instead of 0x");
			far_text_hex(&j->text, wanted[at + i], 2);
			far_text_put(&j->text, " at 0x");
			far_text_hex(&j->text, addr + at + i, 0);
			far_text_put(&j->text, "; erase first: writing only clears bits.");
			return shell_wrong(j, FAR_ERR_VERIFY);
		}
	}
	return FAR_OK;
}

/* The pattern is made again piece by piece, rather than kept: no size is too large for it. */
static int verify_pattern(struct shell_job *j, uint32_t addr, uint32_t len)
{
	int err = FAR_OK;

	for (uint32_t done = 0, n; done < len && !err; done += n) {
		n = far_min32(len - done, j->s->buf_len);
		fill_pattern(j, done, n);
		err = verify(j, addr + done, j->s->buf, n);
		if (!err)
			err = shell_between(j);
	}
	return err;
}

/* What is in buf, as the dump from addr on. */
static int dump(struct shell_job *j, uint32_t addr, uint32_t len)
{
	int err = FAR_OK;

	for (uint32_t at = 0; at < len && !err; at += FAR_TEXT_DUMP_BYTES) {
		far_text_dump(&j->text, addr + at, j->s->buf + at,
			      far_min32(len - at, FAR_TEXT_DUMP_BYTES));
		err = shell_flush(j);
	}
	return err;
}

/* With an empty line at the end, as scripts that cut the dump out expect it. */
static int cmd_read(struct shell_job *j)
{
	uint32_t addr = j->arg[0], len = j->count > 1 ? j->arg[1] : 1;
	int err = shell_check(j, SHELL_READ_HEAD, addr, len, 1);

	for (uint32_t done = 0, n; done < len && !err; done += n) {
		n = far_min32(len - done, j->s->buf_len);
		err = far_flash_read(j->s->flash, addr + done, j->s->buf, n);
		if (err)
			return shell_fail(j, SHELL_READ_HEAD, err, addr, done, len);
		err = dump(j, addr + done, n);
		if (!err)
			err = shell_between(j);
	}
	return err ? err : shell_say(j, "");
}

/* A page unless told: what an address alone most often means. */
static int cmd_erase(struct shell_job *j)
{
	uint32_t sector = j->s->flash->info.sector_size;
	uint32_t len = j->count > 1 ? j->arg[1] : sector;
	int err = shell_check(j, SHELL_ERASE_HEAD, j->arg[0], len, sector);

	if (!err)
		err = shell_erase(j, j->arg[0], len);
	return err ? err : shell_say(j, "Erase success.");
}

/* The words are in buf since the line was read. */
static int cmd_write(struct shell_job *j)
{
	uint32_t addr = j->arg[0], len = 4 * (j->count - 1);
	int err = shell_check(j, SHELL_WRITE_HEAD, addr, len, j->s->flash->info.write_block);

	if (err)
		return err;
	err = far_flash_write(j->s->flash, addr, j->s->buf, len);
	if (err)
		return shell_fail(j, SHELL_WRITE_HEAD, err, addr, 0, len);
	err = shell_say(j, "Write OK.");
	if (!err)
		err = verify(j, addr, j->s->buf, len);
	return err ? err : shell_say(j, "Verified.");
}

/* Zephyr leaves it at that the writing went well; here the pattern must be there, too. */
static int test_once(struct shell_job *j, uint32_t addr, uint32_t len)
{
	int err = shell_erase(j, addr, len);

	if (!err)
		err = shell_say(j, "Erase OK.");
	if (!err)
		err = shell_write_pattern(j, addr, len);
	if (!err)
		err = shell_say(j, "Write OK.");
	if (!err && (j->s->flash->info.caps & FAR_FLASH_CAN_READ))
		err = verify_pattern(j, addr, len);
	return err;
}

/* The first round that fails is the last: the flash stays as it was found. */
static int cmd_test(struct shell_job *j)
{
	uint32_t addr = j->arg[0], len = j->arg[1], repeat = j->arg[2];
	int err = shell_check(j, SHELL_ERASE_HEAD, addr, len, j->s->flash->info.sector_size);

	if (!err)
		err = shell_check_repeat(j, repeat);
	for (uint32_t i = 0; i < repeat && !err; i++)
		err = test_once(j, addr, len);
	return err ? err : shell_say(j, "Erase-Write test done.");
}

/* All pages of our flashes have one size. The flash itself is not asked. */
static int cmd_page_info(struct shell_job *j)
{
	uint32_t addr = j->arg[0], sector = j->s->flash->info.sector_size;
	int err = shell_check(j, "Page info ERROR! ", addr, 1, 1);

	if (err)
		return err;
	far_text_put(&j->text, "Page for address 0x");
	far_text_hex(&j->text, addr, 0);
	far_text_put(&j->text, ":\nstart offset: 0x");
	far_text_hex(&j->text, addr - addr % sector, 0);
	far_text_put(&j->text, "\nsize: ");
	far_text_decimal(&j->text, sector);
	far_text_put(&j->text, "\nindex: ");
	far_text_decimal(&j->text, addr / sector);
	return shell_say(j, "");
}

/* An overlap would have the copy read what it has written. */
static int check_copy(struct shell_job *j, uint32_t from, uint32_t to, uint32_t len)
{
	int err = shell_check(j, SHELL_READ_HEAD, from, len, 1);

	if (!err)
		err = shell_check(j, SHELL_WRITE_HEAD, to, len, j->s->flash->info.write_block);
	if (err || (from < to ? to - from : from - to) >= len)
		return err;
	far_text_put(&j->text, "source 0x");
	far_text_hex(&j->text, from, 0);
	far_text_put(&j->text, " and destination 0x");
	far_text_hex(&j->text, to, 0);
	far_text_put(&j->text, " overlap; they must be apart by the size, 0x");
	far_text_hex(&j->text, len, 0);
	return shell_wrong(j, FAR_ERR_ARG);
}

/* Each piece is proved before the next, so a copy that fails is right up to where it says. */
static int copy_piece(struct shell_job *j, uint32_t done, uint32_t n)
{
	uint32_t from = j->arg[0], to = j->arg[1], len = j->arg[2];
	int err = far_flash_read(j->s->flash, from + done, j->s->buf, n);

	if (err)
		return shell_fail(j, SHELL_READ_HEAD, err, from, done, len);
	err = far_flash_write(j->s->flash, to + done, j->s->buf, n);
	if (err)
		return shell_fail(j, SHELL_WRITE_HEAD, err, to, done, len);
	err = verify(j, to + done, j->s->buf, n);
	return err ? err : shell_between(j);
}

/* Does not erase: what is to be there besides the copy is the user's to say. */
static int cmd_copy(struct shell_job *j)
{
	uint32_t len = j->arg[2];
	int err = check_copy(j, j->arg[0], j->arg[1], len);

	for (uint32_t done = 0, n; done < len && !err; done += n) {
		n = far_min32(len - done, j->s->buf_len);
		err = copy_piece(j, done, n);
	}
	if (!err)
		err = shell_say(j, "Copy OK.");
	return err ? err : shell_say(j, "Verified.");
}

/* A row is all that a command needs: parsing, help and messages are made from it. */
const struct shell_command shell_commands[] = {
	{ "read",
	  " <address> [<size>]",
	  "a hex dump; 1 byte unless told",
	  { "address", "size" },
	  1,
	  0,
	  cmd_read },
	{ "erase",
	  " <page address> [<size>]",
	  "whole pages; one unless told",
	  { "page address", "size" },
	  1,
	  0,
	  cmd_erase },
	{ "write",
	  " <address> <word> [<word>...]",
	  "32-bit words, lowest byte first, and verify",
	  { "address", "word" },
	  2,
	  1,
	  cmd_write },
	{ "test",
	  " <address> <size> <repeat count>",
	  "erase, write 00 01 02 ..., and verify",
	  { "address", "size", "repeat count" },
	  3,
	  0,
	  cmd_test },
	{ "page_info", " <address>", "the page there", { "address" }, 1, 0, cmd_page_info },
	{ "read_test",
	  " <address> <size> <repeat count>",
	  "how fast it reads",
	  { "address", "size", "repeat count" },
	  3,
	  0,
	  shell_read_test },
	{ "erase_test",
	  " <address> <size> <repeat count>",
	  "how fast it erases",
	  { "address", "size", "repeat count" },
	  3,
	  0,
	  shell_erase_test },
	{ "write_test",
	  " <address> <size> <repeat count>",
	  "how fast it writes; erase first",
	  { "address", "size", "repeat count" },
	  3,
	  0,
	  shell_write_test },
	{ "copy",
	  " <source> <destination> <size>",
	  "to erased pages, and verify",
	  { "source", "destination", "size" },
	  3,
	  0,
	  cmd_copy },
	{ 0 },
};
