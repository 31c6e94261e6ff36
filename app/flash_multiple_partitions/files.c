/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host's side: its flash has a partition table at the usual place, one of its partitions is
 * called "spiffs" and holds, in a folder for each kind of target, what goes there. Everything that
 * can be wrong with them is found before the target is touched.
 */
#include "app/flash_multiple_partitions/program.h"
#include "core/bytes.h"

#define SPIFFS_LABEL "spiffs"

/* The end of a line that says what the host's flash is missing. */
static int lacks(struct program *p)
{
	log_end(&p->log);
	return FAR_APP_NO_BOARD;
}

/* ---- the SPIFFS ------------------------------------------------------------------------------ */

/* What is wrong with a table, or with the flash that it was to be read from. */
static int refuse_table(struct program *p, const char *where, int err)
{
	log_begin(&p->log, 'E', TAG);
	far_text_put(&p->log.text, where);
	if (p->table.problem.kind == FAR_PARTITION_FINE) {
		log_put_fault(&p->log, err, FAR_PARTITION_TABLE_ADDR);
	} else {
		far_text_put(&p->log.text, ": ");
		far_partition_table_explain(&p->table, &p->log.text);
	}
	return lacks(p);
}

/* The likeliest causes: nothing was written there, or an image of another size. */
static int refuse_spiffs(struct program *p, int err)
{
	log_begin(&p->log, 'E', TAG);
	far_text_put(&p->log.text, "no SPIFFS in the partition '" SPIFFS_LABEL "'");
	log_put_fault(&p->log, err, p->spiffs_addr);
	far_text_put(&p->log.text, ": write an image there, made for the partition's size");
	return lacks(p);
}

int files_mount(struct program *p)
{
	const struct far_partition_entry *e;
	struct far_spiffs_config config = { .flash = &p->spiffs_window.flash };
	int err;

	log_say(&p->log, 'I', "Initializing SPIFFS");
	far_partition_table_init(&p->table, p->entries, ENTRIES);
	err = far_partition_table_read(&p->table, p->board->flash, FAR_PARTITION_TABLE_ADDR);
	if (err != FAR_OK)
		return refuse_table(p, "the host's partition table", err);
	e = far_partition_table_find(&p->table, SPIFFS_LABEL, sizeof(SPIFFS_LABEL) - 1);
	if (e == NULL) {
		log_begin(&p->log, 'E', TAG);
		far_text_put(&p->log.text, "the host's flash has no partition '" SPIFFS_LABEL
					   "': give its table one, of type data, spiffs");
		return lacks(p);
	}
	p->spiffs_addr = e->addr;
	/* To be read only: a damaged image must not become a damaged partition. */
	err = far_partition_init(&p->spiffs_window, p->board->flash, e->addr, e->size,
				 FAR_PARTITION_READ);
	if (err == FAR_OK)
		err = far_spiffs_mount(&p->spiffs, &config);
	return err == FAR_OK ? FAR_APP_DONE : refuse_spiffs(p, err);
}

/* ---- files ----------------------------------------------------------------------------------- */

static int refuse_file(struct program *p, const struct image *image, int err)
{
	log_begin(&p->log, 'E', TAG);
	far_text_put(&p->log.text, p->name);
	if (err == FAR_ERR_ABSENT) {
		far_text_put(&p->log.text, ": no such file in the SPIFFS: build it with the "
					   "target's folder in it");
	} else if (err == FAR_ERR_RANGE) {
		far_text_put(&p->log.text, " has ");
		far_text_decimal(&p->log.text, image->size);
		far_text_put(&p->log.text, " bytes: its place at 0x");
		far_text_hex(&p->log.text, image->addr, 0);
		far_text_put(&p->log.text, " takes 1 to ");
		far_text_decimal(&p->log.text, image->room);
	} else {
		log_put_fault(&p->log, err, p->spiffs.bad_addr);
		far_text_put(&p->log.text, ": the SPIFFS is damaged, write it again");
	}
	return lacks(p);
}

/* p->name becomes the file's whole name. Folder and file were chosen to fit. */
static void name_file(struct program *p, const struct image *image)
{
	struct far_text name = { p->name, sizeof(p->name) - 1, 0 };

	far_text_put(&name, p->kind->folder);
	far_text_put(&name, image->file);
	p->name[name.len] = '\0';
}

static int look_up(struct program *p, struct image *image)
{
	int err;

	name_file(p, image);
	err = far_spiffs_stat(&p->spiffs, p->name, &p->found);
	image->size = p->found.size;
	if (err == FAR_OK && (image->size == 0 || image->size > image->room))
		err = FAR_ERR_RANGE;
	return err == FAR_OK ? FAR_APP_DONE : refuse_file(p, image, err);
}

int files_open(struct program *p, const struct image *image)
{
	int err;

	name_file(p, image);
	err = far_spiffs_open(&p->spiffs, &p->file, p->name, p->cache, sizeof(p->cache));
	return err == FAR_OK ? FAR_APP_DONE : refuse_file(p, image, err);
}

/* The next len bytes, into p->packet. A file that is shorter than its size says is damaged. */
int files_read(struct program *p, uint32_t len)
{
	int32_t n = far_spiffs_read(&p->file, p->packet, len);

	if (n == (int32_t)len)
		return FAR_APP_DONE;
	return refuse_file(p, &p->images[BOOTLOADER], n < 0 ? n : FAR_ERR_VERIFY);
}

/* ---- the plan -------------------------------------------------------------------------------- */

/* What a bootloader starts when nothing else was chosen. */
static const struct far_partition_entry *first_app(const struct far_partition_table *t)
{
	for (uint32_t i = 0; i < t->count; i++) {
		if (t->entries[i].type == FAR_PARTITION_APP)
			return &t->entries[i];
	}
	return NULL;
}

/* Where the program goes says the table that goes with it. */
static int plan_program(struct program *p)
{
	const struct image *table = &p->images[TABLE];
	const struct far_partition_entry *e;
	/* work holds a sector, and a table has no more; look_up has seen to that. */
	int32_t n = far_spiffs_read(&p->file, p->work, table->size);
	int err = FAR_OK;

	if (n != (int32_t)table->size)
		return refuse_file(p, table, n < 0 ? n : FAR_ERR_VERIFY);
	err = far_partition_table_parse(&p->table, p->work, table->size);
	if (err == FAR_OK)
		err = far_partition_table_check(&p->table, NULL);
	if (err != FAR_OK)
		return refuse_table(p, p->name, err);
	e = first_app(&p->table);
	if (e == NULL) {
		log_say(&p->log, 'E', "the target's partition table has no app: give it one");
		return FAR_APP_NO_BOARD;
	}
	p->images[PROGRAM].addr = e->addr;
	/*
	 * Replacing erases whole sectors; a partition that ends within one must not take the next
	 * along.
	 */
	p->images[PROGRAM].room = e->size & ~(FAR_PARTITION_TABLE_SECTOR - 1);
	return FAR_APP_DONE;
}

int files_plan(struct program *p)
{
	static const char *const files[] = { "bootloader.bin", "partition-table.bin",
					     "hello-world.bin" };
	uint32_t boot = far_esp_bootloader_offset(p->kind->chip);
	int result;

	for (uint32_t i = 0; i < IMAGES; i++)
		p->images[i].file = files[i];
	p->images[BOOTLOADER].addr = boot;
	p->images[BOOTLOADER].room = FAR_PARTITION_TABLE_ADDR - boot;
	p->images[TABLE].addr = FAR_PARTITION_TABLE_ADDR;
	p->images[TABLE].room = FAR_PARTITION_TABLE_SECTOR;
	result = look_up(p, &p->images[BOOTLOADER]);
	if (result == FAR_APP_DONE)
		result = look_up(p, &p->images[TABLE]);
	if (result == FAR_APP_DONE)
		result = files_open(p, &p->images[TABLE]);
	if (result == FAR_APP_DONE)
		result = plan_program(p);
	return result == FAR_APP_DONE ? look_up(p, &p->images[PROGRAM]) : result;
}
