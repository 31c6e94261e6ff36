/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of a command, read whole before anything is done: a file that changes, or a disk that
 * fails, in the middle of a job would leave half of one file and half of another in the flash. What
 * is in memory is what is written, compared and digested.
 *
 * An Intel hex file comes apart into ranges, each a part of its own with the address that its
 * records tell. For writing they are made whole sectors, as an erase takes whole ones.
 */
#include "cli/parts.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/intel_hex.h"

#define LEN_MAX (256u << 20) /* the largest flash there is behind any port */

/* fstat has told the length; the file may change nevertheless while it is read. */
static enum cli_exit read_all(struct cli *c, struct cli_part *part, int fd)
{
	uint8_t more;
	for (uint32_t done = 0; done < part->len;) {
		ssize_t n = read(fd, part->data + done, part->len - done);
		if (n < 0)
			return cli_fail(c, CLI_FILE, "cannot read %s: %s", part->path,
					strerror(errno));
		if (n == 0)
			return cli_fail(c, CLI_FILE, "%s became shorter while it was read",
					part->path);
		done += (uint32_t)n;
	}
	/* A linker that is still at work: what is there is the beginning of something. */
	if (read(fd, &more, 1) == 1)
		return cli_fail(c, CLI_FILE, "%s became longer while it was read", part->path);
	return CLI_OK;
}

/* Only what has a length: neither a folder nor a device nor a pipe. */
static enum cli_exit load_open(struct cli *c, struct cli_part *part, int fd)
{
	struct stat st;
	if (fstat(fd, &st) != 0)
		return cli_fail(c, CLI_FILE, "cannot examine %s: %s", part->path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return cli_fail(c, CLI_FILE, "%s is not a file", part->path);
	if (st.st_size == 0)
		return cli_fail(c, CLI_FILE, "%s is empty: there is nothing to do with it",
				part->path);
	if (st.st_size > LEN_MAX)
		return cli_fail(c, CLI_FILE, "%s has %jd bytes: no flash has more than %u",
				part->path, (intmax_t)st.st_size, LEN_MAX);
	part->len = (uint32_t)st.st_size;
	part->data = malloc(part->len);
	if (!part->data)
		return cli_fail(c, CLI_FILE, "no memory for the %" PRIu32 " bytes of %s", part->len,
				part->path);
	return read_all(c, part, fd);
}

enum cli_exit cli_part_load(struct cli *c, struct cli_part *part)
{
	/* A pipe that nobody writes to would keep us waiting before it can be refused. */
	int fd = open(part->path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return cli_fail(c, CLI_FILE, "cannot open %s: %s", part->path, strerror(errno));
	enum cli_exit err = load_open(c, part, fd);
	close(fd);
	return err;
}

/* One more part, which p owns from now on. */
static enum cli_exit append(struct cli *c, struct cli_parts *p, const struct cli_part *part)
{
	struct cli_part *more = realloc(p->list, (p->count + 1) * sizeof(*more));
	if (!more)
		return cli_fail(c, CLI_FILE, "out of memory");
	p->list = more;
	p->list[p->count++] = *part;
	return CLI_OK;
}

/* The bytes go over to the part, without being copied. */
static enum cli_exit append_range(struct cli *c, struct cli_parts *p, const struct cli_part *file,
				  struct cli_hex_range *range)
{
	struct cli_part part = *file;
	part.addr = range->addr;
	part.len = range->len;
	part.data = range->data;
	part.hex = true;
	enum cli_exit err = append(c, p, &part);
	if (!err)
		range->data = NULL;
	return err;
}

/* A part for each range of addresses. The text is not needed any more. */
static enum cli_exit append_hex(struct cli *c, struct cli_parts *p, const struct cli_part *file)
{
	struct cli_hex hex;
	char error[CLI_HEX_ERROR_MAX];
	enum cli_exit err = CLI_OK;
	if (!cli_hex_parse(&hex, file->data, file->len, error))
		err = cli_fail(c, CLI_FILE, "%s, %s", file->path, error);
	for (size_t i = 0; i < hex.count && !err; i++)
		err = append_range(c, p, file, &hex.ranges[i]);
	cli_hex_free(&hex);
	return err;
}

/* A file as it is, or what its records say. */
static enum cli_exit load(struct cli *c, struct cli_parts *p, struct cli_part *part)
{
	enum cli_exit err = cli_part_load(c, part);
	if (!err && !cli_hex_detect(part->path, part->data, part->len)) {
		err = append(c, p, part);
		if (!err)
			return CLI_OK;
	} else if (!err) {
		err = append_hex(c, p, part);
	}
	free(part->data);
	return err;
}

/* Place and file by turns; a mistake in the last place is told before its file is read. */
enum cli_exit cli_parts_load(struct cli *c, struct cli_parts *p, int argc, char **argv)
{
	*p = (struct cli_parts){ 0 };
	if (argc % 2 != 0)
		return cli_fail(c, CLI_USAGE, "%s has no file: the arguments are pairs, %s",
				argv[argc - 1], c->command->arguments);
	enum cli_exit err = CLI_OK;
	for (int i = 0; i < argc && !err; i += 2) {
		struct cli_part part = { .path = argv[i + 1] };
		err = cli_place_parse(c, argv[i], &part.place);
		if (!err)
			err = load(c, p, &part);
	}
	return err;
}

/* The place is where the records may begin: what is before the first one is room that is used. */
static enum cli_exit resolve_hex(struct cli *c, const struct cli_part *part)
{
	const struct cli_place *place = &part->place;
	uint32_t before = part->addr - place->addr;
	if (part->addr < place->addr)
		return cli_fail(c, CLI_USAGE,
				"%s: its data at 0x%" PRIx32 " are below 0x%" PRIx32
				": the addresses in a hex file count, give 0 to take them all",
				part->path, part->addr, place->addr);
	if (part->len > UINT32_MAX - before)
		before = UINT32_MAX - part->len;
	return cli_place_check(c, place, part->path, before + part->len);
}

/* A named place brings the room up to the end of its partition; an address brings all there is. */
enum cli_exit cli_parts_resolve(struct cli *c, struct cli_target *t, struct cli_parts *p)
{
	enum cli_exit err = CLI_OK;
	for (size_t i = 0; i < p->count && !err; i++) {
		struct cli_part *part = &p->list[i];
		err = cli_place_resolve(c, t, &part->place);
		if (!err && part->hex)
			err = resolve_hex(c, part);
		else if (!err)
			err = cli_place_check(c, &part->place, part->path, part->len);
		if (!err && !part->hex)
			part->addr = part->place.addr;
	}
	return err;
}

/* Blank bytes in front of a part, or up to it from the end of the one before. */
static enum cli_exit widen(struct cli *c, struct cli_part *part, uint32_t front, uint32_t len)
{
	uint8_t *wide = malloc(len);
	if (!wide)
		return cli_fail(c, CLI_FILE, "out of memory");
	memset(wide, 0xFF, len);
	memcpy(wide + front, part->data, part->len);
	free(part->data);
	part->data = wide;
	part->addr -= front;
	part->len = len;
	return CLI_OK;
}

/* The next part of the same hex file begins in the sector in which this one ends. */
static enum cli_exit join(struct cli *c, struct cli_part *to, struct cli_part *from)
{
	uint32_t gap = from->addr - (to->addr + to->len), len = to->len;
	enum cli_exit err = widen(c, to, 0, len + gap + from->len);
	if (!err)
		memcpy(to->data + len + gap, from->data, from->len);
	free(from->data);
	from->data = NULL;
	return err;
}

/*
 * Ranges come in rising order from one file, so only neighbours can share a sector. What is between
 * them is blank, as an erase leaves it. Parts that are not from hex files stay as they are:
 * cli_parts_check tells of those.
 */
enum cli_exit cli_parts_to_sectors(struct cli *c, struct cli_parts *p, uint32_t sector)
{
	enum cli_exit err = CLI_OK;
	size_t kept = 0;
	for (size_t i = 0; i < p->count && !err; i++) {
		struct cli_part *last = kept ? &p->list[kept - 1] : NULL, *part = &p->list[i];
		if (last && last->hex && part->hex && last->path == part->path &&
		    (last->addr + (last->len - 1)) / sector == part->addr / sector) {
			err = join(c, last, part);
			continue;
		}
		if (part->hex && part->addr % sector != 0)
			err = widen(c, part, part->addr % sector, part->addr % sector + part->len);
		struct cli_part moved = *part;
		part->data = NULL;
		p->list[kept++] = moved;
	}
	if (!err)
		p->count = kept;
	return err;
}

void cli_parts_free(struct cli_parts *p)
{
	for (size_t i = 0; p->list && i < p->count; i++)
		free(p->list[i].data);
	free(p->list);
	*p = (struct cli_parts){ 0 };
}

/* Inclusive numbers of the first and last unit of align bytes that the part lies in. */
static bool share_unit(const struct cli_part *a, const struct cli_part *b, uint32_t align)
{
	uint32_t a_last = (a->addr + (a->len - 1)) / align;
	uint32_t b_last = (b->addr + (b->len - 1)) / align;
	return a->addr / align <= b_last && b->addr / align <= a_last;
}

/* The second of two files in one sector would erase what the first has written there. */
static enum cli_exit check_overlap(struct cli *c, const struct cli_parts *p, uint32_t align)
{
	for (size_t i = 0; i < p->count; i++) {
		for (size_t j = 0; j < i; j++) {
			const struct cli_part *a = &p->list[j], *b = &p->list[i];
			if (!share_unit(a, b, align))
				continue;
			return cli_fail(c, CLI_USAGE,
					"%s (0x%" PRIx32 " to 0x%" PRIx32 ") and %s (0x%" PRIx32
					" to 0x%" PRIx32 ") share a sector of 0x%" PRIx32
					" bytes: move one of them",
					a->path, a->addr, a->addr + (a->len - 1), b->path, b->addr,
					b->addr + (b->len - 1), align);
		}
	}
	return CLI_OK;
}

/* All ranges before any pair: a sum that goes round would compare well. */
enum cli_exit cli_parts_check(struct cli *c, const struct cli_target *t, const struct cli_parts *p,
			      uint32_t align)
{
	for (size_t i = 0; i < p->count; i++) {
		const struct cli_part *part = &p->list[i];
		enum cli_exit err = cli_check_range(c, t, part->path, part->addr, part->len, align);
		if (err)
			return err;
	}
	/* Only now is no addr + len beyond 32 bits. Comparing may overlap as it likes. */
	return align > 1 ? check_overlap(c, p, align) : CLI_OK;
}

/* Asked in any order, and for the same bytes again. */
int cli_part_read(const struct cli_part *part, uint32_t offset, uint8_t *buf, uint32_t len)
{
	if (offset > part->len || len > part->len - offset)
		return FAR_ERR_RANGE;
	memcpy(buf, part->data + offset, len);
	return FAR_OK;
}

/* Files first: a job that lacks one does not even reset the chip. */
enum cli_exit cli_parts_run(struct cli *c, int argc, char **argv, cli_parts_job *what)
{
	struct cli_parts parts;
	struct cli_target t;
	enum cli_exit code = cli_parts_load(c, &parts, argc, argv);
	if (!code)
		code = cli_target_open(c, &t);
	if (!code)
		code = cli_target_close(c, &t, what(c, &t, &parts));
	cli_parts_free(&parts);
	return code;
}
