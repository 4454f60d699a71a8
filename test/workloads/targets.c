/*
 * A program to probe from outside: functions with arguments, allocations, static markers with and without semaphore, a
 * watched variable. Prints its pid, begins when a line arrives, prints "done N" (how often the gated marker was wanted), and
 * stays until stdin ends.
 * usage: targets COUNT
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define NOINLINE __attribute__((noinline, noclone))

/* A note as the markers' format has it: version 3, address, base, semaphore, provider, name, arguments. */
#define MARKER(name, semaphore, format, ...)                                            \
	__asm__ volatile("990: nop\n"                                                   \
			 ".pushsection .note.stapsdt,\"?\",\"note\"\n"                  \
			 ".balign 4\n"                                                  \
			 ".4byte 992f-991f, 994f-993f, 3\n"                             \
			 "991: .asciz \"stapsdt\"\n"                                    \
			 "992: .balign 4\n"                                             \
			 "993: .8byte 990b, _.stapsdt.base, " semaphore "\n"            \
			 ".asciz \"targets\"\n"                                         \
			 ".asciz \"" name "\"\n"                                        \
			 ".asciz \"" format "\"\n"                                      \
			 "994: .balign 4\n"                                             \
			 ".popsection\n"                                                \
			 ".ifndef _.stapsdt.base\n"                                     \
			 ".pushsection .stapsdt.base,\"aG\",\"progbits\",.stapsdt.base,comdat\n" \
			 ".weak _.stapsdt.base\n"                                       \
			 ".hidden _.stapsdt.base\n"                                     \
			 "_.stapsdt.base: .space 1\n"                                   \
			 ".size _.stapsdt.base, 1\n"                                    \
			 ".popsection\n"                                                \
			 ".endif\n" ::__VA_ARGS__)

struct point {
	int x;
	const char *label;
};

unsigned short gate __attribute__((section(".probes")));
volatile int watched;
volatile long total;

NOINLINE long add(int a, const struct point *point)
{
	total += a + point->x;
	return a + point->x;
}

NOINLINE void *allocate(size_t size)
{
	return malloc(size);
}

NOINLINE void mark(int number, const char *text)
{
	MARKER("plain", "0", "-4@%0 8@%1 -2@$-7", "nor"(number), "nor"(text));
}

NOINLINE void mark_gated(int number)
{
	MARKER("gated", "gate", "-4@%0", "nor"(number));
}

int main(int argc, char **argv)
{
	int count = argc > 1 ? atoi(argv[1]) : 1;
	int wanted = 0;
	struct point point = { 40, "forty" };
	printf("%d\n", getpid());
	fflush(stdout);
	getchar();
	for (int i = 0; i < count; i++) {
		add(2, &point);
		free(allocate(i % 2 ? 100 : 1000));
		mark(i % 3, "text");
		if (gate) {
			wanted++;
			mark_gated(i % 5);
		}
		watched = i;
	}
	printf("done %d\n", wanted);
	fflush(stdout);
	/* No read, which a probe might count. */
	poll(&(struct pollfd){ .fd = 0 }, 1, -1);
	return 0;
}
