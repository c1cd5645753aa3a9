//! Java regular expressions, as far as the `regex` crate takes them.

use regex::Regex;

/// A pattern that must match a whole text, as Java's `Matcher.matches`.
///
/// # Errors
/// Why the pattern is refused: it is wrong, or it is one of Java's that this worker cannot run in bounded time.
pub fn whole(pattern: &str) -> Result<Regex, String> {
    // By itself first: `a)(b` would be right inside the group and mean something else.
    Regex::new(pattern).and_then(|_| Regex::new(&format!("^(?:{pattern})$"))).map_err(
        |error| {
            let java_only = ["(?=", "(?!", "(?<=", "(?<!", "(?>", "*+", "++", "?+", "\\Q", "\\1", "\\2", "\\k<"];
            match java_only.iter().find(|construct| pattern.contains(**construct)) {
                Some(construct) => format!(
                    "Invalid regex: {construct} is not supported here (no look-around, back-references, possessive \
                     or atomic groups, or \\Q…\\E); write the pattern without it"
                ),
                None => format!("Invalid regex: {}", last_line(&error.to_string())),
            }
        },
    )
}

// The error of `regex` draws the pattern over several lines; its last says what is wrong.
fn last_line(text: &str) -> String {
    let line = text.lines().last().unwrap_or(text);
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_text_must_match() {
        let regex = whole("a|bc.*").unwrap();
        assert!(regex.is_match("a") && regex.is_match("bcd"));
        assert!(!regex.is_match("ab") && !regex.is_match("xbc"));
        assert!(!whole("a").unwrap().is_match("a\n"));
    }

    #[test]
    fn what_cannot_be_run_is_named() {
        assert_eq!(whole("a(b").unwrap_err(), "Invalid regex: unclosed group");
        assert!(whole("(?!x)y.*").unwrap_err().contains("(?! is not supported"));
        assert!(whole("(a)\\1").unwrap_err().contains("\\1 is not supported"));
        assert!(whole("a)(b").is_err());
    }
}
