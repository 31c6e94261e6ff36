/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where stubs are looked for, and which one it is to be. A stub is code that runs on the chip, so
 * it comes from the user's own places or from beside the program, and by itself never from the
 * current folder.
 *
 * One that was asked for has to work, or the command fails; one that was merely found may be
 * useless, and then the ROM does it, with a warning.
 */
#include "cli/stub.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/report.h"

/* "esp32c6" of "ESP32-C6": what the vendor calls the files. */
static void file_name(enum far_esp_chip chip, uint32_t revision, char name[32])
{
	const char *from = far_esp_chip_name(chip);
	size_t n = 0;
	for (; *from; from++) {
		if (*from != '-')
			name[n++] = (char)tolower((unsigned char)*from);
	}
	snprintf(name + n, 32 - n, "%s.json",
		 chip == FAR_ESP_32P4 && revision < 300 ? "-rev1" : "");
}

/* Is this file named as another chip's stub is? */
static bool is_of_another(const char *path, enum far_esp_chip chip, char whose[16])
{
	const char *base = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	char name[32], old[32];
	for (int i = FAR_ESP_UNKNOWN + 1; i < FAR_ESP_CHIPS; i++) {
		file_name((enum far_esp_chip)i, 300, name);
		file_name((enum far_esp_chip)i, 0, old);
		if (strcmp(base, name) == 0 || strcmp(base, old) == 0) {
			snprintf(whose, 16, "%s", far_esp_chip_name((enum far_esp_chip)i));
			return i != (int)chip;
		}
	}
	return false;
}

/* Leaves the path in s if it is. */
static bool is_there(struct cli_stub *s, const char *folder, const char *name)
{
	int n = snprintf(s->path, sizeof(s->path), "%s/%s", folder, name);
	if (n > 0 && (size_t)n < sizeof(s->path) && access(s->path, F_OK) == 0)
		return true;
	s->path[0] = '\0';
	return false;
}

/* Any of the folders in a list with ':' between them. */
static bool search_list(struct cli_stub *s, const char *list, const char *name)
{
	char folder[PATH_MAX];
	while (*list) {
		size_t len = strcspn(list, ":");
		if (len > 0 && len < sizeof(folder)) {
			memcpy(folder, list, len);
			folder[len] = '\0';
			if (is_there(s, folder, name))
				return true;
		}
		list += len + (list[len] == ':');
	}
	return false;
}

/* As the XDG base directories have it. */
static bool search_home(struct cli_stub *s, const char *name)
{
	const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
	char folder[PATH_MAX];
	if (data && data[0])
		snprintf(folder, sizeof(folder), "%s/farflash/stubs", data);
	else
		snprintf(folder, sizeof(folder), "%s/.local/share/farflash/stubs",
			 home ? home : "");
	return is_there(s, folder, name);
}

/* Beside the program: where it is installed to, and in the source tree that it was built in. */
static bool search_beside(struct cli_stub *s, const char *name)
{
	char self[PATH_MAX], list[3 * PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (n <= 0)
		return false;
	self[n] = '\0';
	char *slash = strrchr(self, '/');
	if (!slash)
		return false;
	*slash = '\0';
	snprintf(list, sizeof(list), "%s/../share/farflash/stubs:%s/../stubs", self, self);
	return search_list(s, list, name);
}

/* The list in the environment, even an empty one, stands for all other places. */
static bool search(struct cli_stub *s, const char *name)
{
	const char *list = getenv("FARFLASH_STUBS");
	if (list)
		return search_list(s, list, name);
	return search_home(s, name) || search_beside(s, name) ||
	       search_list(s, "/usr/local/share/farflash/stubs:/usr/share/farflash/stubs", name);
}

/* --stub: a folder of them, or this one. */
static bool take_given(struct cli_stub *s, const char *name)
{
	const char *given = s->c->set->stub;
	struct stat st;
	if (stat(given, &st) == 0 && S_ISDIR(st.st_mode))
		return is_there(s, given, name);
	snprintf(s->path, sizeof(s->path), "%s", given);
	return true;
}

/* Returns NULL: the ROM, unless s->failed ends the command. */
static const struct far_esp_stub *refuse(struct cli_stub *s, const char *why)
{
	if (s->c->set->stub)
		s->failed = cli_fail(s->c, CLI_FILE, "--stub %s: %s", s->path, why);
	else
		cli_warn(s->c, "the stub %s is of no use (%s): going on with the ROM", s->path,
			 why);
	return NULL;
}

/* device/esp asks once it knows the chip; until then nobody can tell which file it is. */
static const struct far_esp_stub *find(void *ctx, enum far_esp_chip chip, uint32_t revision)
{
	struct cli_stub *s = ctx;
	char name[32], whose[16], why[200];
	if (!s->wanted)
		return NULL;
	file_name(chip, revision, name);
	if (s->c->set->stub && !take_given(s, name)) {
		s->failed = cli_fail(s->c, CLI_FILE, "--stub %s: there is no %s in this folder",
				     s->c->set->stub, name);
		return NULL;
	}
	if (!s->c->set->stub && !search(s, name))
		return NULL;
	if (is_of_another(s->path, chip, whose)) {
		snprintf(why, sizeof(why), "this is the stub of an %s, the chip is an %s", whose,
			 far_esp_chip_name(chip));
		return refuse(s, why);
	}
	return cli_stub_load(s, chip, why) ? &s->stub : refuse(s, why);
}

/*
 * A stub that cannot be read is told before the chip is reset, though which one it is may show only
 * later.
 */
enum cli_exit cli_stub_init(struct cli_stub *s, struct cli *c)
{
	const struct cli_settings *set = c->set;
	s->c = c;
	s->finder.find = find;
	s->finder.ctx = s;
	s->wanted = set->stub || (!set->no_stub && c->command->uses_stub);
	if (set->stub && set->no_stub)
		return cli_fail(c, CLI_USAGE, "--stub and --no-stub: which?");
	if (set->stub && access(set->stub, R_OK) != 0)
		return cli_fail(c, CLI_FILE, "--stub %s: %s", set->stub, strerror(errno));
	return CLI_OK;
}
