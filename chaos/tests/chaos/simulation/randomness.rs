//! Randomness that follows from the seed, also where nobody passes any in.
//!
//! The order of a `HashMap` and the branch that `tokio::select!` looks at first are random: they begin with bytes of the
//! system's `getrandom`. Here this program has a function of that name, which the linker prefers to the C library's; once
//! [`follow`] was called, its bytes follow from the seed, and a run can be repeated.
#![allow(unsafe_code)] // a function for C

use std::sync::atomic::{AtomicU64, Ordering};

/// The state of the generator; 0 leaves randomness to the system.
static STATE: AtomicU64 = AtomicU64::new(0);

/// From now on all randomness of this process follows from the seed.
pub fn follow(seed: u64) {
    STATE.store(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1, Ordering::SeqCst);
}

// SplitMix64.
fn next() -> u64 {
    let mut mixed = STATE.fetch_add(0x9e37_79b9_7f4a_7c16, Ordering::SeqCst) | 1;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// As the C library's.
///
/// # Safety
/// `buffer` has room for `length` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getrandom(buffer: *mut libc::c_void, length: usize, flags: libc::c_uint) -> isize {
    if STATE.load(Ordering::SeqCst) == 0 {
        // SAFETY: the system's own function of the same arguments.
        return unsafe { libc::syscall(libc::SYS_getrandom, buffer, length, flags) as isize };
    }
    // SAFETY: the caller says that there is room for so many bytes.
    let bytes = unsafe { std::slice::from_raw_parts_mut(buffer.cast::<u8>(), length) };
    for chunk in bytes.chunks_mut(8) {
        chunk.copy_from_slice(&next().to_le_bytes()[..chunk.len()]);
    }
    length as isize
}
