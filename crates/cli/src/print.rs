//! Printing that cannot panic. Whoever reads may have gone (`sluice … | head`): that ends the output, not the program.
//! A full disk is an error: it is said once, and [`failed`] tells the exit code.

use std::fmt::Arguments;
use std::io::{self, ErrorKind, Write};
use std::sync::atomic::{AtomicBool, Ordering};

static CLOSED: AtomicBool = AtomicBool::new(false);
static FAILED: AtomicBool = AtomicBool::new(false);

/// Writes to standard output.
pub fn out(text: Arguments<'_>) {
    if CLOSED.load(Ordering::Relaxed) {
        return;
    }
    let mut stdout = io::stdout().lock();
    let Err(error) = stdout.write_fmt(text).and_then(|()| stdout.flush()) else { return };
    CLOSED.store(true, Ordering::Relaxed);
    if error.kind() != ErrorKind::BrokenPipe {
        FAILED.store(true, Ordering::Relaxed);
        err(format_args!(
            "error: standard output cannot be written: {error}\n  the answer is not complete\n"
        ));
    }
}

/// Writes to standard error; what cannot be said there cannot be said.
pub fn err(text: Arguments<'_>) {
    let _ = io::stderr().lock().write_fmt(text);
}

/// Whether the answer could not be written.
pub fn failed() -> bool {
    FAILED.load(Ordering::Relaxed)
}

/// As `println!`, without its panic.
macro_rules! outln {
    () => { $crate::print::out(format_args!("\n")) };
    ($($text:tt)*) => { $crate::print::out(format_args!("{}\n", format_args!($($text)*))) };
}

/// As `print!`, without its panic.
macro_rules! out {
    ($($text:tt)*) => { $crate::print::out(format_args!($($text)*)) };
}

/// As `eprintln!`, without its panic.
macro_rules! errln {
    ($($text:tt)*) => { $crate::print::err(format_args!("{}\n", format_args!($($text)*))) };
}
