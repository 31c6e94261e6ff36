/* SPDX-License-Identifier: Apache-2.0 */
#include "test/common/child.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define LIFE_S 300 /* should everything else fail */
#define ORPHAN 99

/* By cmocka, which would go on with the next test, in the child. */
static const int caught[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGSYS };

pid_t child_start(int (*run)(void *arg), void *arg)
{
	pid_t parent = getpid(), pid = fork();

	assert_true(pid >= 0);
	if (pid > 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	alarm(LIFE_S);
	for (size_t i = 0; i < sizeof(caught) / sizeof(caught[0]); i++)
		signal(caught[i], SIG_DFL);
	_exit(getppid() == parent ? run(arg) : ORPHAN);
}

static int meaning(int status)
{
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

int child_end(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return meaning(status);
}

bool child_ended(pid_t pid, int *how)
{
	int status;
	pid_t got = waitpid(pid, &status, WNOHANG);

	assert_true(got == 0 || got == pid);
	if (got == 0)
		return false;
	*how = meaning(status);
	return true;
}

void child_kill(pid_t pid)
{
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(child_end(pid), -SIGKILL);
}
