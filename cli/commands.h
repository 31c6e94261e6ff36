/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The commands, one per file. A new one is its file, a line here, its row in main.c and its name in
 * CMakeLists.txt; help, the manual page and the completions come from the row.
 */
#ifndef FARFLASH_CLI_COMMANDS_H
#define FARFLASH_CLI_COMMANDS_H

#include "cli/cli.h"

extern const struct cli_command cli_write_flash;
extern const struct cli_command cli_read_flash;
extern const struct cli_command cli_verify_flash;
extern const struct cli_command cli_erase_region;
extern const struct cli_command cli_erase_flash;
extern const struct cli_command cli_flash_id;
extern const struct cli_command cli_read_mac;
extern const struct cli_command cli_chip_id;
extern const struct cli_command cli_get_security_info;
extern const struct cli_command cli_run;
extern const struct cli_command cli_partition_table;
extern const struct cli_command cli_image_info;
extern const struct cli_command cli_elf2image;
extern const struct cli_command cli_merge_bin;
extern const struct cli_command cli_list_ports;
extern const struct cli_command cli_emulate;
extern const struct cli_command cli_serve;
extern const struct cli_command cli_shell;
extern const struct cli_command cli_spiffs;
extern const struct cli_command cli_read_mem;
extern const struct cli_command cli_write_mem;
extern const struct cli_command cli_dump_mem;
extern const struct cli_command cli_load_ram;
extern const struct cli_command cli_read_flash_status;
extern const struct cli_command cli_write_flash_status;
extern const struct cli_command cli_monitor;
extern const struct cli_command cli_version;
extern const struct cli_command cli_help;

#endif
