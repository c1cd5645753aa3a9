//! Java's regular expressions as librdkafka takes them: POSIX extended ones, for the whole name.

use super::java_keys::wrong;
use crate::Result;

const KEY: &str = "topics.regex";

/// The pattern with `^` and `$` around it, by which librdkafka knows it is one.
///
/// # Errors
/// It uses what POSIX does not have: look-around, back references, class intersections.
pub(super) fn translate(java: &str) -> Result<String> {
    // Whatever this engine takes is well-formed, and only what it cannot do remains to be refused.
    regex::Regex::new(java)
        .map_err(|error| wrong(KEY, format!("{java} is not a pattern that is supported: {error}")))?;
    let refuse = |what: &str| wrong(KEY, format!("{java}: {what} is not supported"));
    let mut posix = String::from("^(");
    let mut letters = java.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '(' if letters.peek() == Some(&'?') => {
                letters.next();
                match letters.next() {
                    Some(':') => posix.push('('),
                    _ => return Err(refuse("a group with flags, a name or look-around")),
                }
            }
            '*' | '+' | '?' | '}' => {
                posix.push(letter);
                letters.next_if(|next| matches!(next, '?' | '+')); // for a whole match, greed makes no difference
            }
            '[' => posix.push_str(&class(&mut letters).ok_or_else(|| refuse("this class of letters"))?),
            '\\' => match letters.next() {
                Some('d') => posix.push_str("[0-9]"),
                Some('D') => posix.push_str("[^0-9]"),
                Some('w') => posix.push_str("[A-Za-z0-9_]"),
                Some('W') => posix.push_str("[^A-Za-z0-9_]"),
                Some('s') => posix.push_str("[[:space:]]"),
                Some('S') => posix.push_str("[^[:space:]]"),
                Some(other) if other.is_ascii_alphanumeric() => return Err(refuse(&format!("\\{other}"))),
                Some(other) => escaped(other, &mut posix),
                None => return Err(refuse("a backslash at the end")),
            },
            other => posix.push(other),
        }
    }
    posix.push_str(")$");
    Ok(posix)
}

fn escaped(letter: char, posix: &mut String) {
    if r".[]{}()*+?^$|\".contains(letter) {
        posix.push('\\');
    }
    posix.push(letter);
}

/// What follows `[`. In POSIX a backslash is a letter, `]` must come first and `-` last.
fn class(letters: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<String> {
    let mut body = String::new();
    let (mut bracket, mut dash, mut caret) = (false, false, false);
    let negated = letters.next_if_eq(&'^').is_some();
    loop {
        match letters.next()? {
            ']' => break,
            '[' => return None,
            '&' if letters.peek() == Some(&'&') => return None,
            '\\' => match letters.next()? {
                'd' => body.push_str("0-9"),
                'w' => body.push_str("A-Za-z0-9_"),
                's' => body.push_str("[:space:]"),
                ']' => bracket = true,
                '-' => dash = true,
                '^' => caret = true,
                other if other.is_ascii_alphanumeric() => return None,
                other => body.push(other),
            },
            '-' if body.is_empty() || letters.peek() == Some(&']') => dash = true,
            '^' => caret = true,
            other => body.push(other),
        }
    }
    let mut class = String::from(if negated { "[^" } else { "[" });
    if bracket {
        class.push(']');
    }
    class.push_str(&body);
    if caret {
        if class == "[" {
            class.push_str("-^"); // neither may stand first alone
            class.push(']');
            return if dash { Some(class) } else { None };
        }
        class.push('^');
    }
    if dash {
        class.push('-');
    }
    class.push(']');
    Some(class)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(java: &str, posix: &str) {
        assert_eq!(translate(java).unwrap_or_else(|error| panic!("{error}")), posix);
    }

    #[test]
    fn patterns_that_both_have() {
        check("orders-.*", "^(orders-.*)$");
        check("a|b", "^(a|b)$");
        check(r"db\.public\.(?:a|b)\d{1,3}", r"^(db\.public\.(a|b)[0-9]{1,3})$");
        check(r"[\w.-]+?", "^([A-Za-z0-9_.-]+)$");
        check(r"[^a\]-]x", "^([^]a-]x)$");
        check(r"\w+\$", r"^([A-Za-z0-9_]+\$)$");
    }

    #[test]
    fn patterns_that_posix_does_not_have() {
        for java in ["(?!a).*", "(?i)a", r"\bx", "[a-z&&[^b]]", r"(a)\1", "(a", r"\p{L}"] {
            assert!(translate(java).is_err(), "{java}");
        }
    }
}
