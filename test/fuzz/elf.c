/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any file as ELF program, by sections or, if the first byte is odd, by segments: what is taken has
 * all its bytes, and what is not has an explanation. libelf is the system's own.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "cli/elf_file.h"
#include "cli/report.h"
#include "test/fuzz/input.h"

static int file(void)
{
	static int fd = -1;

	if (fd < 0)
		fd = memfd_create("elf", 0);
	FUZZ_ASSERT(fd >= 0);
	return fd;
}

/* All the bytes are there to be read, no more of them than the file has. */
static void check(const struct cli_elf *e, size_t len)
{
	static volatile uint8_t sum; /* so that the bytes are read */

	FUZZ_ASSERT(e->count > 0);
	for (size_t i = 0; i < e->count; i++) {
		FUZZ_ASSERT(e->pieces[i].len > 0 && e->pieces[i].len <= len);
		sum = sum ^ e->pieces[i].data[0] ^ e->pieces[i].data[e->pieces[i].len - 1];
		FUZZ_ASSERT(cli_elf_name(e, e->pieces[i].addr) != NULL);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct cli_settings settings = { .json = true }; /* messages are kept, not printed */
	struct cli cli = { .set = &settings };
	struct cli_elf elf;
	char path[40];
	int fd = file();
	enum cli_exit code;

	if (len == 0)
		return 0;
	FUZZ_ASSERT(ftruncate(fd, 0) == 0 &&
		    pwrite(fd, data + 1, len - 1, 0) == (ssize_t)(len - 1));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	cli_report_begin(&cli);
	code = cli_elf_open(&cli, &elf, path, data[0] & 1);
	FUZZ_ASSERT(code == CLI_OK || code == CLI_FILE);
	FUZZ_ASSERT(cJSON_HasObjectItem(cli.root, "error") == (code != CLI_OK));
	if (code == CLI_OK)
		check(&elf, len - 1);
	cli_elf_close(&elf);
	cJSON_Delete(cli.root);
	return 0;
}
