//! Limits that must hold before a text goes to a parser that is recursive.

use prost_types::{DescriptorProto, FileDescriptorProto};

use crate::schema::MAX_NESTING;

/// Counts braces, brackets and angle brackets outside texts and comments.
pub(crate) fn check_nesting(text: &str) -> Result<(), ()> {
    let bytes = text.as_bytes();
    let mut depth = 0usize;
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            quote @ (b'"' | b'\'') => {
                at += 1;
                while at < bytes.len() && bytes[at] != quote && bytes[at] != b'\n' {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
            }
            b'/' if bytes.get(at + 1) == Some(&b'/') => {
                at = line_end(bytes, at);
            }
            b'#' => at = line_end(bytes, at),
            b'/' if bytes.get(at + 1) == Some(&b'*') => {
                at = text
                    .get(at + 2..)
                    .and_then(|rest| rest.find("*/"))
                    .map_or(bytes.len(), |end| at + 3 + end);
            }
            b'{' | b'[' | b'<' | b'(' => {
                depth += 1;
                if depth > MAX_NESTING {
                    return Err(());
                }
            }
            b'}' | b']' | b'>' | b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += 1;
    }
    Ok(())
}

fn line_end(bytes: &[u8], at: usize) -> usize {
    bytes[at..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |end| at + end)
}

/// Whether a descriptor that came as bytes says what a parser would have made sure of.
pub(crate) fn check_descriptor(file: &FileDescriptorProto) -> Result<(), ()> {
    let in_range = |list: &[i32]| {
        list.iter().all(|index| usize::try_from(*index).is_ok_and(|index| index < file.dependency.len()))
    };
    if !in_range(&file.public_dependency) || !in_range(&file.weak_dependency) {
        return Err(());
    }
    let mut pending: Vec<(&DescriptorProto, usize)> = file.message_type.iter().map(|m| (m, 1)).collect();
    while let Some((message, depth)) = pending.pop() {
        let oneofs = message.oneof_decl.len();
        let fits = |index: Option<i32>| {
            index.is_none_or(|index| usize::try_from(index).is_ok_and(|index| index < oneofs))
        };
        let is_entry = message.options.as_ref().is_some_and(|options| options.map_entry());
        let entry =
            !is_entry || (message.field.len() == 2 && message.field.iter().map(|f| f.number()).eq([1, 2]));
        if depth > MAX_NESTING || !entry || !message.field.iter().all(|field| fits(field.oneof_index)) {
            return Err(());
        }
        pending.extend(message.nested_type.iter().map(|nested| (nested, depth + 1)));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check_nesting;

    #[test]
    fn nesting_is_counted_outside_texts_and_comments() {
        assert!(check_nesting(&"{".repeat(64)).is_ok());
        assert!(check_nesting(&"{".repeat(65)).is_err());
        assert!(check_nesting(&format!("\"{}\"", "{".repeat(65))).is_ok());
        assert!(check_nesting(&format!("// {}\n{{", "{".repeat(65))).is_ok());
        assert!(check_nesting(&format!("/* {} */", "{".repeat(65))).is_ok());
        assert!(check_nesting(&format!("/* */ {}", "[".repeat(65))).is_err());
        assert!(check_nesting("\"\\").is_ok());
        assert!(check_nesting("/*ü").is_ok());
    }
}
