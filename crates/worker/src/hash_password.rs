//! `sluice worker --hash-password`: from a password on standard input to a hash for the file of users.

use std::io::{IsTerminal as _, Read as _};

use crate::Error;

/// The longest password, in bytes.
const BYTES_MAX: u64 = 4096;

/// Reads a password from standard input, up to its end without the line's, and makes its hash.
///
/// # Errors
/// There is no password, or standard input is a terminal, which would show it.
pub fn hash_password() -> Result<String, Error> {
    let input = std::io::stdin();
    if input.is_terminal() {
        return Err(Error::Wrong(vec![
            "the password comes from standard input, and a terminal would show it; send it: read -rs PASSWORD && printf \
             %s \"$PASSWORD\" | sluice worker --hash-password"
                .to_owned(),
        ]));
    }
    let mut text = String::new();
    let read = input.lock().take(BYTES_MAX + 1).read_to_string(&mut text);
    read.map_err(|error| Error::Failed(format!("cannot read the password from standard input: {error}")))?;
    let password = text.strip_suffix('\n').map_or(&*text, |line| line.strip_suffix('\r').unwrap_or(line));
    let wrong = |why: String| Error::Wrong(vec![format!("standard input: {why}")]);
    if text.len() as u64 > BYTES_MAX {
        return Err(wrong(format!("the password is longer than {BYTES_MAX} bytes")));
    }
    if password.contains(['\n', '\r']) {
        return Err(wrong("the password has more than one line".to_owned()));
    }
    rest::basic::hash(password).map_err(wrong)
}
