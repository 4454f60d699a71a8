// Overloads and methods, for names to be told apart. Prints its pid, begins when a line arrives, prints "done", stays.
#include <cstdio>
#include <unistd.h>

namespace shapes {
struct Square {
	int side;
	__attribute__((noinline)) int area(int factor) const;
};
int Square::area(int factor) const { asm volatile(""); return side * side * factor; }
__attribute__((noinline)) int twice(int x) { asm volatile(""); return 2 * x; }
__attribute__((noinline)) int twice(long x) { asm volatile(""); return 3 * (int)x; }
}

int main() {
	printf("%d\n", getpid());
	fflush(stdout);
	getchar();
	volatile int sum = 0;
	shapes::Square square{3};
	for (int i = 0; i < 100; i++) {
		sum += square.area(i) + shapes::twice(i) + shapes::twice((long)i);
		// A marker of the C++ library.
		try { throw i; } catch (int) { }
	}
	printf("done\n");
	fflush(stdout);
	getchar();
}
