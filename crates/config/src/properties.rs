//! Java `.properties` text: worker files, connector files, and files behind `${file:…}`.
//!
//! Source of the rules: `java.util.Properties.load`. Lines that begin with `#` or `!` are comments; a key ends at
//! `=`, `:` or a blank; a backslash escapes, continues a line, or begins `\uXXXX`.

use crate::RawConfig;

/// Reads properties. Every text is readable; a bad `\u` escape is an error that names its line.
///
/// # Errors
/// The line and what is wrong with it.
pub fn parse(text: &str) -> Result<RawConfig, String> {
    let mut config = RawConfig::new();
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        let mut logical = line.trim_start_matches([' ', '\t', '\u{c}']).to_owned();
        if logical.is_empty() || logical.starts_with(['#', '!']) {
            continue;
        }
        while ends_in_continuation(&logical) {
            logical.pop();
            match lines.next() {
                Some((_, next)) => logical.push_str(next.trim_start_matches([' ', '\t', '\u{c}'])),
                None => break,
            }
        }
        let (key, value) = split(&logical);
        let unescape = |text| unescape(text).map_err(|why| format!("line {}: {why}", number + 1));
        config.set(unescape(key)?, unescape(value)?);
    }
    Ok(config)
}

fn ends_in_continuation(line: &str) -> bool {
    line.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1
}

fn split(line: &str) -> (&str, &str) {
    let mut escaped = false;
    for (at, char) in line.char_indices() {
        if escaped {
            escaped = false;
        } else if char == '\\' {
            escaped = true;
        } else if matches!(char, '=' | ':' | ' ' | '\t' | '\u{c}') {
            let blank = [' ', '\t', '\u{c}'];
            let rest = line[at..].trim_start_matches(blank);
            let rest = rest.strip_prefix(['=', ':']).unwrap_or(rest);
            return (&line[..at], rest.trim_start_matches(blank));
        }
    }
    (line, "")
}

fn unescape(text: &str) -> Result<String, String> {
    if !text.contains('\\') {
        return Ok(text.to_owned());
    }
    let mut units: Vec<u16> = Vec::with_capacity(text.len());
    let mut chars = text.chars();
    let mut buffer = [0; 2];
    while let Some(char) = chars.next() {
        let plain = match char {
            '\\' => match chars.next() {
                Some('t') => '\t',
                Some('n') => '\n',
                Some('r') => '\r',
                Some('f') => '\u{c}',
                Some('u') => {
                    let digits: String = chars.by_ref().take(4).collect();
                    let unit = (digits.len() == 4).then(|| u16::from_str_radix(&digits, 16).ok()).flatten();
                    units.push(unit.ok_or(format!("\\u{digits} is not four hexadecimal digits"))?);
                    continue;
                }
                Some(other) => other,
                None => break,
            },
            other => other,
        };
        units.extend_from_slice(plain.encode_utf16(&mut buffer));
    }
    Ok(String::from_utf16_lossy(&units))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_as_java() {
        let text = "# c\n! c\na=1\nb : 2\nc 3\n d\\ e = f \nlong=one,\\\n   two\nu=\\u00e9\\uD83D\\uDE00\nempty\npath=C\\:\\\\x\n";
        let expected: RawConfig = [
            ("a", "1"),
            ("b", "2"),
            ("c", "3"),
            ("d e", "f "),
            ("long", "one,two"),
            ("u", "é😀"),
            ("empty", ""),
            ("path", "C:\\x"),
        ]
        .into_iter()
        .collect();
        assert_eq!(parse(text).unwrap().iter().collect::<Vec<_>>(), expected.iter().collect::<Vec<_>>());
        assert!(parse("a=\\u12").unwrap_err().contains("line 1"));
    }
}
