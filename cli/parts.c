/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/parts.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LEN_MAX (256u << 20) /* the largest flash there is behind any port */

/* fstat has told the length; the file may change nevertheless while it is read. */
static enum cli_exit read_all(struct cli *c, struct cli_part *part, int fd)
{
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
	return CLI_OK;
}

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
	int fd = open(part->path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return cli_fail(c, CLI_FILE, "cannot open %s: %s", part->path, strerror(errno));
	enum cli_exit err = load_open(c, part, fd);
	close(fd);
	return err;
}

enum cli_exit cli_parts_load(struct cli *c, struct cli_parts *p, int argc, char **argv)
{
	*p = (struct cli_parts){ .count = (size_t)argc / 2 };
	if (argc % 2 != 0)
		return cli_fail(c, CLI_USAGE, "%s has no file: the arguments are pairs, %s",
				argv[argc - 1], c->command->arguments);
	p->list = calloc(p->count, sizeof(p->list[0]));
	if (!p->list)
		return cli_fail(c, CLI_FILE, "out of memory");

	enum cli_exit err = CLI_OK;
	for (size_t i = 0; i < p->count && !err; i++) {
		struct cli_part *part = &p->list[i];
		part->path = argv[2 * i + 1];
		err = cli_place_parse(c, argv[2 * i], &part->place);
		if (!err)
			err = cli_part_load(c, part);
	}
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

enum cli_exit cli_parts_check(struct cli *c, struct cli_target *t, struct cli_parts *p,
			      uint32_t align)
{
	for (size_t i = 0; i < p->count; i++) {
		struct cli_part *part = &p->list[i];
		enum cli_exit err = cli_place_resolve(c, t, &part->place);
		part->addr = part->place.addr;
		if (!err)
			err = cli_place_check(c, &part->place, part->path, part->len);
		if (!err)
			err = cli_check_range(c, t, part->path, part->addr, part->len, align);
		if (err)
			return err;
	}
	/* Only now is no addr + len beyond 32 bits. Comparing may overlap as it likes. */
	return align > 1 ? check_overlap(c, p, align) : CLI_OK;
}

int cli_part_read(const struct cli_part *part, uint32_t offset, uint8_t *buf, uint32_t len)
{
	if (offset > part->len || len > part->len - offset)
		return FAR_ERR_RANGE;
	memcpy(buf, part->data + offset, len);
	return FAR_OK;
}
