// Prints its pid, sells a hundred times when a line arrives, prints "done", stays.
package main

import (
	"bufio"
	"fmt"
	"os"
)

type stall struct{ sold int }

//go:noinline
func (s *stall) sell(amount int) int {
	s.sold += amount
	return s.sold
}

//go:noinline
func count(amount int) int { return amount + 1 }

func main() {
	fmt.Println(os.Getpid())
	in := bufio.NewReader(os.Stdin)
	in.ReadString('\n')
	s := stall{}
	for i := 0; i < 100; i++ {
		s.sell(count(i))
	}
	fmt.Println("done", s.sold)
	in.ReadString('\n')
}
