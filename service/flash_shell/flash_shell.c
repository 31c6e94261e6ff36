/* SPDX-License-Identifier: Apache-2.0 */
/* From a line to a command and its arguments; and how failures are told. */
#include "core/bytes.h"
#include "service/flash_shell/internal.h"

#define WORD_BYTES 4u /* of `flash write` */

/* Not terminated: it lies in the line. */
struct word {
	const char *at;
	size_t len;
};

/* A line end counts as a blank, so that callers need not cut it off. */
static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The next word of the line; len 0: there is none. */
static struct word next_word(struct shell_job *j)
{
	struct word w;

	while (j->at < j->end && is_blank(*j->at))
		j->at++;
	w.at = j->at;
	while (j->at < j->end && !is_blank(*j->at))
		j->at++;
	w.len = (size_t)(j->at - w.at);
	return w;
}

/* The whole word, in this case: as in Zephyr, READ is not read. */
static bool is_word(struct word w, const char *name)
{
	size_t i = 0;

	while (i < w.len && name[i] == w.at[i] && name[i] != '\0')
		i++;
	return i == w.len && name[i] == '\0';
}

/* 16: not a hexadecimal digit. */
static uint32_t digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return (uint32_t)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (uint32_t)(c - 'a' + 10);
	if (c >= 'A' && c <= 'F')
		return (uint32_t)(c - 'A' + 10);
	return 16;
}

/*
 * Hexadecimal, with or without 0x, at most 32 bits. Any other end of the word makes it no number.
 */
static bool number(struct word w, uint32_t *value)
{
	size_t i = w.len > 2 && w.at[0] == '0' && (w.at[1] == 'x' || w.at[1] == 'X') ? 2 : 0;

	*value = 0;
	for (; i < w.len; i++) {
		uint32_t digit = digit_of(w.at[i]);
		if (digit > 15 || *value >> 28 != 0)
			return false;
		*value = *value << 4 | digit;
	}
	return w.len > 0;
}

int shell_flush(struct shell_job *j)
{
	size_t len = j->text.len;

	j->text.len = 0;
	return len > 0 ? j->s->print(j->s->ctx, j->line, len) : FAR_OK;
}

int shell_say(struct shell_job *j, const char *line)
{
	far_text_put(&j->text, line);
	far_text_put(&j->text, "\n");
	return shell_flush(j);
}

int shell_between(struct shell_job *j)
{
	return j->s->between ? j->s->between(j->s->ctx) : FAR_OK;
}

static void put_hex(struct shell_job *j, const char *before, uint32_t value)
{
	far_text_put(&j->text, before);
	far_text_hex(&j->text, value, 0);
}

/* "Erase Failed, code -2 (range)": from here on a line is our own. */
static void put_code(struct shell_job *j, const char *head, int err)
{
	far_text_put(&j->text, head);
	far_text_put(&j->text, "code -");
	far_text_decimal(&j->text, (uint32_t)-err);
	far_text_put(&j->text, " (");
	far_text_put(&j->text, far_err_name(err));
	far_text_put(&j->text, ")");
}

/* A user who cannot be told any more does not change what the command came to. */
int shell_wrong(struct shell_job *j, int err)
{
	(void)shell_say(j, "");
	return err;
}

/* What a person can do. What the arguments can be blamed for never comes here. */
static const char *remedy(int err)
{
	switch (err) {
	case FAR_ERR_TIMEOUT:
	case FAR_ERR_IO:
		return "; see whether the other side runs and is connected, and repeat.";
	case FAR_ERR_BUSY:
		return "; it is in use: repeat later.";
	case FAR_ERR_CANCELLED:
		return "; repeat to complete it.";
	case FAR_ERR_REFUSED:
		return "; its owner must allow it first: a grant, or no write protection.";
	case FAR_ERR_NOTSUP:
		return "; this flash cannot do that.";
	default:
		return "; repeat, and if that fails open the flash again.";
	}
}

int shell_fail(struct shell_job *j, const char *head, int err, uint32_t addr, uint32_t done,
	       uint32_t len)
{
	const struct far_flash_fault *fault = &j->s->flash->fault;

	put_code(j, head, err);
	/* A device that records nothing leaves only our own place in the job to tell. */
	put_hex(j, " at 0x", fault->err == err ? fault->addr : addr + done);
	if (err == FAR_ERR_REFUSED)
		put_hex(j, ", its own code 0x", fault->peer_code);
	put_hex(j, ", after 0x", done);
	put_hex(j, " of 0x", len);
	far_text_put(&j->text, " bytes");
	far_text_put(&j->text, remedy(err));
	return shell_wrong(j, err);
}

/* value is an address or a size; Zephyr's own text would be a bare error number. */
static int misaligned(struct shell_job *j, const char *head, const char *what, uint32_t value,
		      uint32_t unit)
{
	put_code(j, head, FAR_ERR_ALIGN);
	put_hex(j, what, value);
	put_hex(j, " is no multiple of 0x", unit);
	put_hex(j, "; the next below is 0x", value - value % unit);
	return shell_wrong(j, FAR_ERR_ALIGN);
}

int shell_check(struct shell_job *j, const char *head, uint32_t addr, uint32_t len, uint32_t unit)
{
	uint32_t size = j->s->flash->info.size;

	if (len == 0) {
		put_code(j, head, FAR_ERR_ARG);
		far_text_put(&j->text, ": size 0 is nothing to do; give 1 or more.");
		return shell_wrong(j, FAR_ERR_ARG);
	}
	if (addr >= size || len > size - addr) {
		put_code(j, head, FAR_ERR_RANGE);
		put_hex(j, ": 0x", len);
		put_hex(j, " bytes at 0x", addr);
		put_hex(j, " reach beyond the end of the flash; give less, up to 0x", size);
		return shell_wrong(j, FAR_ERR_RANGE);
	}
	if (addr % unit != 0)
		return misaligned(j, head, ": address 0x", addr, unit);
	if (len % unit != 0)
		return misaligned(j, head, ": size 0x", len, unit);
	return FAR_OK;
}

int shell_check_repeat(struct shell_job *j, uint32_t repeat)
{
	if (repeat >= 1 && repeat <= FAR_FLASH_SHELL_REPEAT_MAX)
		return FAR_OK;
	put_hex(j, "repeat count ", repeat);
	put_hex(j, " is impossible; give 1 to ", FAR_FLASH_SHELL_REPEAT_MAX);
	return shell_wrong(j, FAR_ERR_ARG);
}

/* All words behind the address of `flash write` are called the same. */
static int bad_number(struct shell_job *j, const struct shell_command *c, struct word w)
{
	far_text_put(&j->text, c->arg[c->words && j->count > 0 ? 1 : j->count]);
	far_text_put(&j->text, " '");
	far_text_foreign(&j->text, w.at, w.len);
	far_text_put(&j->text,
		     "' is no hexadecimal number up to ffffffff: write 3b0000 or 0x3b0000.");
	return shell_wrong(j, FAR_ERR_ARG);
}

/* Too few or too many, with what the command takes. */
static int bad_count(struct shell_job *j, const struct shell_command *c, const char *what,
		     const char *which)
{
	far_text_put(&j->text, what);
	far_text_put(&j->text, which);
	far_text_put(&j->text, ": flash ");
	far_text_put(&j->text, c->name);
	far_text_put(&j->text, c->usage);
	return shell_wrong(j, FAR_ERR_ARG);
}

/* The words of a write are bounded by the buffer that they are kept in, all others by name. */
static uint32_t most_arguments(const struct shell_job *j, const struct shell_command *c)
{
	uint32_t named = 0;

	while (named < SHELL_ARGS && c->arg[named])
		named++;
	return c->words ? 1 + j->s->buf_len / WORD_BYTES : named;
}

/* The rest of the line into arg, and the words of `flash write` into buf, lowest byte first. */
static int parse(struct shell_job *j, const struct shell_command *c)
{
	uint32_t value, most = most_arguments(j, c);

	for (struct word w = next_word(j); w.len > 0; w = next_word(j)) {
		if (j->count == most)
			return bad_count(j, c, "too many arguments",
					 c->words ? " for one line" : "");
		if (!number(w, &value))
			return bad_number(j, c, w);
		if (c->words && j->count > 0)
			far_put_le32(j->s->buf + (j->count - 1) * WORD_BYTES, value);
		else
			j->arg[j->count] = value;
		j->count++;
	}
	if (j->count < c->required)
		return bad_count(j, c, "missing ", c->arg[j->count]);
	return FAR_OK;
}

static int help(struct shell_job *j)
{
	int err = FAR_OK;

	for (const struct shell_command *c = shell_commands; c->name && !err; c++) {
		far_text_put(&j->text, "flash ");
		far_text_put(&j->text, c->name);
		far_text_put(&j->text, c->usage);
		far_text_put(&j->text, ": ");
		err = shell_say(j, c->help);
	}
	return err ? err : shell_say(j, "All numbers are hexadecimal, with or without 0x.");
}

/* after is the remedy. What was typed may be anything and is shown tamed. */
static int unknown(struct shell_job *j, const char *before, struct word w, const char *after)
{
	far_text_put(&j->text, before);
	far_text_foreign(&j->text, w.at, w.len);
	far_text_put(&j->text, after);
	return shell_wrong(j, FAR_ERR_ARG);
}

/* The arguments are complete and well-formed before the command sees them. */
static int run_flash(struct shell_job *j)
{
	struct word name = next_word(j);

	if (name.len == 0 || is_word(name, "help"))
		return help(j);
	for (const struct shell_command *c = shell_commands; c->name; c++) {
		if (is_word(name, c->name)) {
			int err = parse(j, c);
			return err ? err : c->run(j);
		}
	}
	return unknown(j, "flash:unknown parameter: ", name, "; help lists what there is.");
}

int far_flash_shell_run(const struct far_flash_shell *s, const char *line, size_t len)
{
	struct shell_job j;
	struct word first;

	j.s = s;
	j.at = line;
	j.end = line + len;
	j.count = 0;
	j.text.at = j.line;
	j.text.cap = sizeof(j.line);
	j.text.len = 0;
	first = next_word(&j);
	if (first.len == 0)
		return FAR_OK;
	if (is_word(first, "flash"))
		return run_flash(&j);
	if (is_word(first, "help"))
		return help(&j);
	return unknown(&j, "", first, ": command not found; help lists what there is.");
}
