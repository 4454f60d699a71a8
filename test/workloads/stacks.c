/*
 * Calls getppid() once from each of COUNT different stacks, for each line that arrives on stdin: the bits of a number
 * choose which of two functions calls the next.
 * usage: stacks COUNT
 * Prints its pid first, then a line after each round.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define DEPTH 20

static volatile int returned;

static void descend(unsigned path, int depth);

static __attribute__((noinline)) void even(unsigned path, int depth)
{
	descend(path, depth);
	returned = 1;
}

static __attribute__((noinline)) void odd(unsigned path, int depth)
{
	descend(path, depth);
	returned = 2;
}

static __attribute__((noinline)) void descend(unsigned path, int depth)
{
	if (depth == 0)
		getppid();
	else if (path & 1)
		odd(path >> 1, depth - 1);
	else
		even(path >> 1, depth - 1);
	returned = 3;
}

int main(int argc, char **argv)
{
	unsigned count = argc > 1 ? atol(argv[1]) : 1000;
	unsigned path = 0;
	printf("%d\n", getpid());
	fflush(stdout);
	while (getchar() != EOF) {
		for (unsigned end = path + count; path < end; path++)
			descend(path, DEPTH);
		printf("%u\n", path);
		fflush(stdout);
	}
	return 0;
}
