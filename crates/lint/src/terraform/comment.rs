//! Comments of an HCL file. The syntax tree keeps them beside its nodes; rules ask for them by line.

use std::ops::Range;

use hcl_edit::Span;
use hcl_edit::expr::Expression;
use hcl_edit::structure::{Body, Structure};

use super::walk;
use crate::place::Lines;

/// A comment, without its marks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Comment {
    pub(crate) text: String,
    /// From 1.
    pub(crate) line: usize,
    pub(crate) column: usize,
    pub(crate) last_line: usize,
    /// Whether nothing else stands before it in its line.
    pub(crate) alone: bool,
}

/// All comments, in order. A mark within a text is none.
pub(crate) fn find(text: &str, body: &Body, lines: &Lines) -> Vec<Comment> {
    let mut quoted = quoted(body);
    quoted.sort_by_key(|span| span.start);
    let mut quoted = quoted.into_iter().peekable();
    let mut comments = Vec::new();
    let mut at = 0;
    while at < text.len() {
        while quoted.next_if(|span| span.end <= at).is_some() {}
        if let Some(span) = quoted.next_if(|span| span.contains(&at)) {
            at = span.end;
            continue;
        }
        let rest = &text[at..];
        let Some((begin, end)) = marks(rest) else {
            at += rest.chars().next().map_or(1, char::len_utf8);
            continue;
        };
        let length = rest[begin.len()..].find(end).unwrap_or(rest.len() - begin.len());
        let inner = &rest[begin.len()..begin.len() + length];
        let (first, last) = (lines.place(text, at), lines.place(text, at + begin.len() + length));
        let line_start = text[..at].rfind('\n').map_or(0, |index| index + 1);
        comments.push(Comment {
            text: inner.trim().to_owned(),
            line: first.line,
            column: first.column,
            last_line: last.line,
            alone: text[line_start..at].trim().is_empty(),
        });
        at += begin.len() + length;
    }
    comments
}

fn marks(rest: &str) -> Option<(&'static str, &'static str)> {
    [("#", "\n"), ("//", "\n"), ("/*", "*/")].into_iter().find(|(begin, _)| rest.starts_with(begin))
}

// Where texts stand, in which a mark means nothing.
fn quoted(body: &Body) -> Vec<Range<usize>> {
    let mut spans: Vec<_> = walk::attributes(body)
        .into_iter()
        .flat_map(|(_, value)| walk::all(value))
        .filter(|inner| {
            matches!(
                inner,
                Expression::String(_) | Expression::StringTemplate(_) | Expression::HeredocTemplate(_)
            )
        })
        .filter_map(Span::span)
        .collect();
    labels(body, &mut spans);
    spans
}

fn labels(body: &Body, spans: &mut Vec<Range<usize>>) {
    for structure in body {
        if let Structure::Block(block) = structure {
            spans.extend(block.labels.iter().filter_map(Span::span));
            labels(&block.body, spans);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<(String, usize, bool)> {
        let body = hcl_edit::parser::parse_body(text).unwrap();
        find(text, &body, &Lines::of(text))
            .into_iter()
            .map(|comment| (comment.text, comment.line, comment.alone))
            .collect()
    }

    #[test]
    fn marks_within_texts_are_none() {
        let text = "a = \"# no\" # yes, ü\n// alone\nb = \"http://x/${ \"#\" }\"\nc = <<E\n# no\nE\n/* two\nlines */\nblock \"#\" {}\n";
        let expected = [("yes, ü", 1, false), ("alone", 2, true), ("two\nlines", 7, true)];
        assert_eq!(texts(text), expected.map(|(text, line, alone)| (text.to_owned(), line, alone)));
    }
}
