// Prints its pid, sells a hundred times when a line arrives, prints "done", stays.
use std::io::{self, BufRead, Write};

mod shop {
    #[inline(never)]
    pub fn sell(amount: u64) -> u64 {
        std::hint::black_box(amount + 1)
    }
}

fn main() {
    println!("{}", std::process::id());
    io::stdout().flush().unwrap();
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line).unwrap();
    let mut sum = 0;
    for i in 0..100 {
        sum += shop::sell(i);
    }
    println!("done {}", sum);
    io::stdout().flush().unwrap();
    io::stdin().lock().read_line(&mut line).unwrap();
}
