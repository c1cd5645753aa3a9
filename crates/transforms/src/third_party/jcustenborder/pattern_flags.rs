//! Flags of `java.util.regex.Pattern`, by name.

use regex::Regex;

use crate::java_regex::compile_with;

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
    compile_with(pattern, |builder| {
        builder.case_insensitive(has("CASE_INSENSITIVE"));
        builder.multi_line(has("MULTILINE")).dot_matches_new_line(has("DOTALL"));
        builder.ignore_whitespace(has("COMMENTS"));
    })
}
