/* SPDX-License-Identifier: Apache-2.0 */
/* Processes of a test: each dies with it, however the test ends, and after 5 minutes anyhow. */
#ifndef FARFLASH_TEST_CHILD_H
#define FARFLASH_TEST_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Fork; the child runs run(arg) and exits with what that returns. No assertions in there: they work
 * only in the process of the test.
 */
pid_t child_start(int (*run)(void *arg), void *arg);

/* Wait for its end: its exit code, or minus the signal that ended it. */
int child_end(pid_t pid);

/* Has it ended? Then *how is as child_end. Never waits. */
bool child_ended(pid_t pid, int *how);

/* SIGKILL, and wait. Asserts that nothing else had ended it before. */
void child_kill(pid_t pid);

#endif
