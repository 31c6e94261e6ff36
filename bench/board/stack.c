/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Around a program, by the linker's --wrap: afterwards it says how much of its two stacks was ever
 * used. For boards whose RAM cannot be looked at from outside.
 */
#include "core/text.h"
#include "farflash/board.h"
#include "port/baremetal/baremetal.h"

extern const uint32_t far_stack_low[], far_stack_high[];
extern const uint32_t far_handler_stack_low[], far_handler_stack_high[];

int __real_far_app_main(const struct far_board *board);
int __wrap_far_app_main(const struct far_board *board);

int __wrap_far_app_main(const struct far_board *board)
{
	int result = __real_far_app_main(board);
	uint32_t used = far_bare_stack_used(far_stack_low, far_stack_high) +
			far_bare_stack_used(far_handler_stack_low, far_handler_stack_high);
	char line[32];
	struct far_text text = { .at = line, .cap = sizeof(line) };

	far_text_put(&text, "stack used: ");
	far_text_decimal(&text, used);
	far_text_put(&text, "\n");
	(void)board->console->ops->write(board->console, (const uint8_t *)line, text.len);
	(void)board->console->ops->drain(board->console);
	return result;
}
