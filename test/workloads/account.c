/*
 * Runs a command and tells what it took: user and system time in microseconds and peak memory in KB, as the kernel
 * accounts them when the process has ended, on descriptor 3. SIGINT and SIGTERM go on to the command.
 * usage: account COMMAND [ARGUMENT]...
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <fcntl.h>

static pid_t child;

static void forward(int signal)
{
	if (child > 0)
		kill(child, signal);
}

int main(int argc, char **argv)
{
	struct rusage usage;
	int status;

	if (argc < 2)
		return 2;
	fcntl(3, F_SETFD, FD_CLOEXEC);
	signal(SIGINT, forward);
	signal(SIGTERM, forward);
	child = fork();
	if (child == 0) {
		signal(SIGINT, SIG_DFL);
		signal(SIGTERM, SIG_DFL);
		execvp(argv[1], argv + 1);
		_exit(127);
	}
	while (wait4(child, &status, 0, &usage) < 0)
		;
	dprintf(3, "%ld %ld %ld\n", usage.ru_utime.tv_sec * 1000000L + usage.ru_utime.tv_usec,
		usage.ru_stime.tv_sec * 1000000L + usage.ru_stime.tv_usec, usage.ru_maxrss);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
