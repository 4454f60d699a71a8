/*
 * Calls of known depth, main to caller to uprobeFunction1, which makes a system call; then it stays until it is ended, or
 * leaves at once.
 * usage: frames COUNT [leave]
 */
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NOINLINE __attribute__((noinline, noclone))

/* In our own frames: the C library has none, and the kernel walks frame pointers. */
__attribute__((always_inline)) static inline long get_parent(void)
{
	long result;
	__asm__ volatile("syscall" : "=a"(result) : "0"((long)SYS_getppid) : "rcx", "r11", "memory");
	return result;
}

NOINLINE void uprobeFunction1(void)
{
	get_parent();
	__asm__ volatile("");
}

NOINLINE void caller(void)
{
	uprobeFunction1();
	__asm__ volatile("");
}

int main(int argc, char **argv)
{
	for (int count = argc > 1 ? atoi(argv[1]) : 1; count > 0; count--)
		caller();
	if (argc < 3)
		pause();
	return 0;
}
