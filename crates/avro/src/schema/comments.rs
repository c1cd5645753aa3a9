//! Comments in schema text: Avro's own parser takes `//` and `/* */`, JSON does not.

use std::borrow::Cow;

/// The text with each comment replaced by blanks. An open comment is left as it is: then the text is no JSON.
pub(super) fn blank(text: &str) -> Cow<'_, str> {
    if !text.contains("//") && !text.contains("/*") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['"', '/']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = match rest.as_bytes() {
            [b'/', b'/', ..] => Some((rest.find('\n').unwrap_or(rest.len()), true)),
            [b'/', b'*', ..] => rest[2..].find("*/").map(|end| (end + 4, true)),
            [b'/', ..] => Some((1, false)),
            _ => Some((string_end(rest), false)),
        };
        let Some((end, is_comment)) = end else { break };
        match is_comment {
            true => out.push(' '),
            false => out.push_str(&rest[..end]),
        }
        rest = &rest[end..];
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Where a quoted text ends.
fn string_end(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    #[test]
    fn only_comments_go() {
        for (text, expected) in [
            (r#"{"a":"//x","b":"/*"}"#, r#"{"a":"//x","b":"/*"}"#),
            ("1 // one\n2", "1  \n2"),
            ("/* é */\"a\\\"//\"/**/", " \"a\\\"//\" "),
            ("1 /* open", "1 /* open"),
            ("1 / 2 //", "1 / 2  "),
            ("\"open //", "\"open //"),
        ] {
            assert_eq!(super::blank(text), expected);
        }
    }
}
