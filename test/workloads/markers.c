/*
 * Stands in for programs that are rarely installed with their static markers, or at all: has the markers of Node.js, Python
 * and MySQL by provider, name and arguments, and the function that takes MariaDB's commands. What it does is known by its
 * arguments, so a tool that reads those markers must show just that.
 * usage: markers collect COUNT MILLISECONDS | call FILE FUNCTION COUNT | query TEXT | command TEXT
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NOINLINE __attribute__((noinline, noclone))

/* A note as the markers' format has it: version 3, address, base, no semaphore, provider, name, arguments. */
#define MARKER(provider, name, format, ...)                                             \
	__asm__ volatile("990: nop\n"                                                   \
			 ".pushsection .note.stapsdt,\"?\",\"note\"\n"                  \
			 ".balign 4\n"                                                  \
			 ".4byte 992f-991f, 994f-993f, 3\n"                             \
			 "991: .asciz \"stapsdt\"\n"                                    \
			 "992: .balign 4\n"                                             \
			 "993: .8byte 990b, _.stapsdt.base, 0\n"                        \
			 ".asciz \"" provider "\"\n"                                    \
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

NOINLINE void collect(int milliseconds)
{
	MARKER("node", "gc__start", "-4@%0 -4@%1", "nor"(1), "nor"(0));
	usleep(milliseconds * 1000);
	MARKER("node", "gc__done", "-4@%0 -4@%1", "nor"(1), "nor"(0));
}

NOINLINE void call(const char *file, const char *function)
{
	MARKER("python", "function__entry", "8@%0 8@%1 -4@%2", "nor"(file), "nor"(function), "nor"(1));
}

NOINLINE void query(const char *text)
{
	MARKER("mysql", "query__start", "8@%0 -4@%1", "nor"(text), "nor"(7));
	usleep(1000);
	MARKER("mysql", "query__done", "-4@%0", "nor"(0));
}

/* dispatch_command(enum_server_command, THD*, char*, unsigned, bool), as C++ names it. */
NOINLINE int _Z16dispatch_command19enum_server_commandP3THDPcjb(int command, void *thread, char *text, unsigned length,
								int is_blocking)
{
	usleep(1000);
	__asm__ volatile("" ::"r"(command), "r"(thread), "r"(text), "r"(length), "r"(is_blocking));
	return 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	if (argc > 3 && !strcmp(what, "collect"))
		for (int i = atoi(argv[2]); i > 0; i--)
			collect(atoi(argv[3]));
	else if (argc > 4 && !strcmp(what, "call"))
		for (int i = atoi(argv[4]); i > 0; i--)
			call(argv[2], argv[3]);
	else if (argc > 2 && !strcmp(what, "query"))
		query(argv[2]);
	else if (argc > 2 && !strcmp(what, "command"))
		_Z16dispatch_command19enum_server_commandP3THDPcjb(3, NULL, argv[2], strlen(argv[2]), 1);
	else
		return 2;
	return 0;
}
