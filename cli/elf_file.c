/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A linker's output through libelf, which does not believe a file's offsets and lengths more than
 * this does. Two views of the same bytes: sections, as esptool takes them, have names to put into
 * messages and tell code from what only takes room; segments are what a loader would copy.
 */
#include "cli/elf_file.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <inttypes.h>
#include <libelf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/report.h"

#define APP_DESCRIPTION ".flash.appdesc" /* bootloaders look for it in the first segment */

/* All that is wrong with the file itself has one exit code. */
static enum cli_exit bad(struct cli *c, const char *path, const char *why)
{
	return cli_fail(c, CLI_FILE, "%s: %s", path, why);
}

/* names come along, so that failures can say which section they are about. */
static enum cli_exit add(struct cli *c, struct cli_elf *e, const struct far_esp_image_piece *piece,
			 const char *name)
{
	struct far_esp_image_piece *pieces = realloc(e->pieces, (e->count + 1) * sizeof(*pieces));
	if (pieces)
		e->pieces = pieces;
	struct cli_elf_name *names = realloc(e->names, (e->count + 1) * sizeof(*names));
	if (names)
		e->names = names;
	if (!pieces || !names)
		return cli_fail(c, CLI_FILE, "out of memory");
	e->pieces[e->count] = *piece;
	e->names[e->count++] = (struct cli_elf_name){ piece->addr, name };
	return CLI_OK;
}

/* Sections whose bytes the program finds in its memory when it starts. */
static bool is_loaded(const GElf_Shdr *s)
{
	return (s->sh_flags & SHF_ALLOC) && s->sh_addr != 0 && s->sh_size > 0 &&
	       (s->sh_type == SHT_PROGBITS || s->sh_type == SHT_INIT_ARRAY ||
		s->sh_type == SHT_FINI_ARRAY || s->sh_type == SHT_PREINIT_ARRAY);
}

/* Raw data, so that libelf neither converts nor allocates: pieces point into what it holds. */
static enum cli_exit read_sections(struct cli *c, struct cli_elf *e, const char *path)
{
	size_t strings;
	enum cli_exit code = CLI_OK;
	if (elf_getshdrstrndx(e->elf, &strings) != 0)
		return bad(c, path, elf_errmsg(-1));
	for (Elf_Scn *s = NULL; !code && (s = elf_nextscn(e->elf, s));) {
		GElf_Shdr head;
		if (!gelf_getshdr(s, &head))
			return bad(c, path, elf_errmsg(-1));
		if (!is_loaded(&head))
			continue;
		const Elf_Data *data = elf_rawdata(s, NULL);
		const char *name = elf_strptr(e->elf, strings, head.sh_name);
		if (!data || !data->d_buf || data->d_size != head.sh_size)
			return bad(c, path, "the bytes of a section are not in the file");
		struct far_esp_image_piece piece = { (uint32_t)head.sh_addr, (uint32_t)head.sh_size,
						     data->d_buf, 0 };
		piece.first = name && strcmp(name, APP_DESCRIPTION) == 0;
		code = add(c, e, &piece, name ? name : "a section without name");
	}
	return code;
}

/* By physical address: where the bytes are put. The virtual one is where they are seen later. */
static enum cli_exit read_segments(struct cli *c, struct cli_elf *e, const char *path)
{
	size_t count, size;
	const char *file = elf_rawfile(e->elf, &size);
	enum cli_exit code = CLI_OK;
	if (!file || elf_getphdrnum(e->elf, &count) != 0)
		return bad(c, path, elf_errmsg(-1));
	for (size_t i = 0; i < count && !code; i++) {
		GElf_Phdr p;
		if (!gelf_getphdr(e->elf, (int)i, &p))
			return bad(c, path, elf_errmsg(-1));
		if (p.p_type != PT_LOAD || p.p_filesz == 0 || p.p_paddr == 0)
			continue;
		if (p.p_offset > size || p.p_filesz > size - p.p_offset)
			return bad(c, path, "the bytes of a segment are not in the file");
		struct far_esp_image_piece piece = { (uint32_t)p.p_paddr, (uint32_t)p.p_filesz,
						     (const uint8_t *)file + p.p_offset, 0 };
		code = add(c, e, &piece, "a segment");
	}
	return code;
}

/* Only what runs on these chips: 32 bits, little-endian, linked. */
static enum cli_exit check_kind(struct cli *c, struct cli_elf *e, const char *path)
{
	GElf_Ehdr head;
	if (elf_kind(e->elf) != ELF_K_ELF || !gelf_getehdr(e->elf, &head))
		return bad(c, path, "this is not an ELF file");
	if (head.e_ident[EI_CLASS] != ELFCLASS32 || head.e_ident[EI_DATA] != ELFDATA2LSB)
		return bad(c, path, "the chips' programs are 32-bit little-endian ELF files");
	if (head.e_type != ET_EXEC)
		return bad(c, path, "this is not a linked program: link it to its addresses first");
	e->entry = (uint32_t)head.e_entry;
	return CLI_OK;
}

/* A program of which nothing is loaded makes no image: the likeliest reason is the other view. */
enum cli_exit cli_elf_open(struct cli *c, struct cli_elf *e, const char *path, bool use_segments)
{
	struct stat st;
	/* Nothing but a file is read; a pipe must not keep us waiting before it is refused. */
	*e = (struct cli_elf){ .fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC) };
	if (e->fd < 0 || fstat(e->fd, &st) != 0)
		return cli_fail(c, CLI_FILE, "cannot open %s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return bad(c, path, "it is not a file");
	elf_version(EV_CURRENT);
	e->elf = elf_begin(e->fd, ELF_C_READ, NULL);
	if (!e->elf)
		return bad(c, path, elf_errmsg(-1));
	enum cli_exit code = check_kind(c, e, path);
	if (!code)
		code = use_segments ? read_segments(c, e, path) : read_sections(c, e, path);
	if (!code && e->count == 0)
		code = bad(c, path,
			   use_segments ? "no segment of it is loaded"
					: "no section of it is loaded: try --use-segments");
	return code;
}

/* By address, as far_esp_image_plan sorts the pieces. */
const char *cli_elf_name(const struct cli_elf *e, uint32_t addr)
{
	for (size_t i = 0; i < e->count; i++) {
		if (e->names[i].addr == addr)
			return e->names[i].text;
	}
	return "a segment";
}

/* Also after a failure half-way. The pieces' data go with libelf's memory. */
void cli_elf_close(struct cli_elf *e)
{
	if (e->elf)
		elf_end(e->elf);
	if (e->fd >= 0)
		close(e->fd);
	free(e->pieces);
	free(e->names);
	*e = (struct cli_elf){ .fd = -1 };
}
