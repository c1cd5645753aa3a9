//! Case that is ignored in ASCII only, as Java does without `UNICODE_CASE`.

use std::convert::Infallible;

use regex_syntax::ast::{
    Ast, ClassSetItem, Flag, Flags, FlagsItemKind, GroupKind, Span, Visitor, parse, visit,
};

/// The pattern with each letter of ASCII in both cases, in the engine's syntax.
///
/// # Errors
/// It is no pattern, or switches case on or off inside.
pub(super) fn widen(pattern: &str, comments: bool) -> Result<String, String> {
    let mut parser = parse::ParserBuilder::new().ignore_whitespace(comments).build();
    let ast = parser.parse(pattern).map_err(|error| super::one_line(&error.to_string()))?;
    let Ok(found) = visit(&ast, Letters::default());
    if found.switches {
        return Err("the flag i is not supported inside a pattern whose case is ignored".to_owned());
    }
    let mut out = String::with_capacity(pattern.len() * 2);
    let mut end = 0;
    for (span, text) in found.replacements {
        out.push_str(&pattern[end..span.start.offset]);
        out.push_str(&text);
        end = span.end.offset;
    }
    out.push_str(&pattern[end..]);
    Ok(out)
}

/// Where the pattern's letters stand, in order, and what takes their place.
#[derive(Default)]
struct Letters {
    replacements: Vec<(Span, String)>,
    switches: bool,
}

impl Letters {
    fn look_at(&mut self, flags: &Flags) {
        let is_case = |kind: &FlagsItemKind| matches!(kind, FlagsItemKind::Flag(Flag::CaseInsensitive));
        self.switches |= flags.items.iter().any(|item| is_case(&item.kind));
    }
}

fn other_case(letter: char) -> Option<char> {
    match letter {
        'a'..='z' => Some(letter.to_ascii_uppercase()),
        'A'..='Z' => Some(letter.to_ascii_lowercase()),
        _ => None,
    }
}

impl Visitor for Letters {
    type Output = Self;
    type Err = Infallible;

    fn finish(self) -> Result<Self, Infallible> {
        Ok(self)
    }

    fn visit_pre(&mut self, ast: &Ast) -> Result<(), Infallible> {
        match ast {
            Ast::Literal(literal) => {
                if let Some(other) = other_case(literal.c) {
                    self.replacements.push((literal.span, format!("[{}{other}]", literal.c)));
                }
            }
            Ast::Flags(set) => self.look_at(&set.flags),
            Ast::Group(group) => {
                if let GroupKind::NonCapturing(flags) = &group.kind {
                    self.look_at(flags);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn visit_class_set_item_pre(&mut self, item: &ClassSetItem) -> Result<(), Infallible> {
        match item {
            ClassSetItem::Literal(literal) => {
                if let Some(other) = other_case(literal.c) {
                    self.replacements.push((literal.span, format!("{}{other}", literal.c)));
                }
            }
            ClassSetItem::Range(range) => {
                let (start, end) = (u32::from(range.start.c), u32::from(range.end.c));
                let mut text = format!("\\x{{{start:x}}}-\\x{{{end:x}}}");
                for (first, last) in [('a', 'z'), ('A', 'Z')] {
                    // The part of the range that is of this case, in the other.
                    let (from, to) = (range.start.c.max(first), range.end.c.min(last));
                    if let (true, Some(from), Some(to)) = (from <= to, other_case(from), other_case(to)) {
                        text.push_str(&format!("{from}-{to}"));
                    }
                }
                self.replacements.push((range.span, text));
            }
            _ => {}
        }
        Ok(())
    }
}
