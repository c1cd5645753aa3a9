//! Flags of `java.util.regex.Pattern`, by name.

use regex::Regex;

use crate::java_regex::{Flags, compile_with};

const FLAGS: [&str; 6] = ["CASE_INSENSITIVE", "MULTILINE", "DOTALL", "COMMENTS", "LITERAL", "UNICODE_CASE"];

/// The expression of a pattern with flags.
pub(super) fn compile(pattern: &str, flags: &[String]) -> Result<Regex, String> {
    let known = |flag: &str| FLAGS.iter().any(|known| known.eq_ignore_ascii_case(flag));
    if let Some(flag) = flags.iter().find(|flag| !known(flag)) {
        return Err(format!("the flag {flag} is not supported; there are {}", FLAGS.join(", ")));
    }
    let has = |name: &str| flags.iter().any(|flag| flag.eq_ignore_ascii_case(name));
    let literal = regex::escape(pattern);
    let pattern = if has("LITERAL") { &literal } else { pattern };
    let flags = Flags {
        ignore_case: has("CASE_INSENSITIVE"),
        unicode_case: has("UNICODE_CASE"),
        multi_line: has("MULTILINE"),
        dot_all: has("DOTALL"),
        // In a literal pattern a blank is a blank.
        comments: has("COMMENTS") && !has("LITERAL"),
    };
    compile_with(pattern, flags)
}
