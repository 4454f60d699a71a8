/*
 * Makes COUNT getppid() calls, pinned to a CPU, and prints what one call took. getppid takes no argument, so a
 * string that is passed along is there for probes to read and costs nothing.
 * usage: syscalls COUNT [CPU [wait]]   with "wait" it starts when a line arrives on stdin.
 * Prints its pid first, then "NANOSECONDS_PER_CALL" when done.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static double now_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1e9 + now.tv_nsec;
}

int main(int argc, char **argv)
{
	long count = argc > 1 ? atol(argv[1]) : 1000000;
	if (argc > 2) {
		cpu_set_t set;
		CPU_ZERO(&set);
		CPU_SET(atoi(argv[2]), &set);
		if (sched_setaffinity(0, sizeof(set), &set))
			perror("sched_setaffinity");
	}
	printf("%d\n", getpid());
	fflush(stdout);
	if (argc > 3)
		getchar();
	double start = now_ns();
	for (long i = 0; i < count; i++)
		syscall(SYS_getppid, "/usr/lib/locale/some-path");
	printf("%.2f\n", (now_ns() - start) / count);
	return 0;
}
