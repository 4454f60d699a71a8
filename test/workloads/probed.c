/*
 * Does one thing a known number of times, for probes to count. Prints its pid, begins when a line arrives on stdin, prints
 * "done", and stays until stdin ends, so that its addresses can be named.
 * usage: probed reads COUNT            one byte of /dev/zero at a time
 *        probed opens COUNT PATH       opens and closes
 *        probed leak COUNT PATH        opens and keeps, in leaky(); opens and closes as often, in tidy()
 *        probed seeks COUNT DEVICE     writes a page, back and forth between two places 8 MiB apart
 *        probed steps COUNT            calls step_one COUNT times, step_two twice as often
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NOINLINE __attribute__((noinline, noclone))

volatile long total;

NOINLINE int step_one(int by)
{
	total += by;
	return by + 1;
}

NOINLINE int step_two(int by)
{
	total -= by;
	return by + 2;
}

/* The system call itself: the C library's frames would hide this one from those who follow frame pointers. */
NOINLINE int leaky(const char *path)
{
	long fd;
	__asm__ volatile("syscall"
			 : "=a"(fd)
			 : "a"(SYS_open), "D"(path), "S"(O_RDONLY)
			 : "rcx", "r11", "memory");
	total += fd;
	return fd;
}

NOINLINE void tidy(const char *path)
{
	int fd = open(path, O_RDONLY);
	total += fd;
	close(fd);
}

static void seek(int fd, char *page, long i)
{
	if (pwrite(fd, page, 4096, i % 2 ? 8 << 20 : 0) != 4096)
		perror("pwrite");
}

int main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "";
	long count = argc > 2 ? atol(argv[2]) : 1;
	const char *path = argc > 3 ? argv[3] : "/dev/zero";
	int isSeeking = !strcmp(mode, "seeks");
	int fd = open(path, isSeeking ? O_RDWR | O_DIRECT : O_RDONLY);
	char *page = aligned_alloc(4096, 4096);
	memset(page, 0, 4096);
	printf("%d\n", getpid());
	fflush(stdout);
	getchar();
	for (long i = 0; i < count; i++) {
		if (!strcmp(mode, "reads") && read(fd, page, 1) != 1)
			perror("read");
		if (!strcmp(mode, "opens") || !strcmp(mode, "leak"))
			tidy(path);
		if (!strcmp(mode, "leak"))
			leaky(path);
		if (isSeeking)
			seek(fd, page, i);
		if (!strcmp(mode, "steps")) {
			step_one(i);
			step_two(i);
			step_two(i);
		}
	}
	puts("done");
	fflush(stdout);
	/* No read, which a probe might count. */
	poll(&(struct pollfd){ .fd = 0 }, 1, -1);
	return 0;
}
