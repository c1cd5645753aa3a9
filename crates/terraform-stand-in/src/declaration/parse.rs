//! Reads a declaration file. Depth is shown by two spaces:
//!
//! ```text
//! resource confluent_example version=1     # or: data NAME, provider NAME
//!   size: number optional default=1        # NAME: TYPE flags
//!   environment: ref 1..1 force-new        # a block with only `id`
//!   options: block 0..1 computed           # a nested block; its content is one level deeper
//!     kind: string required values=A|B
//!   timeouts: timeouts create delete       # the durations of Terraform's `timeouts` block
//!   exactly-one-of size options
//! ```

use anyhow::{Context, bail, ensure};

use super::{Block, Declaration, Declarations, Rule, line};

struct Line<'a> {
    number: usize,
    depth: usize,
    text: &'a str,
}

/// Adds the declarations of a file.
pub(super) fn file(text: &str, all: &mut Declarations) -> anyhow::Result<()> {
    let lines: Vec<Line> = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty() && !line.trim_start().starts_with('#'))
        .map(|(index, line)| {
            let text = line.trim_start();
            Line { number: index + 1, depth: (line.len() - text.len()) / 2, text: text.trim_end() }
        })
        .collect();
    let mut rest = lines.as_slice();
    while let Some((head, content)) = rest.split_first() {
        ensure!(head.depth == 0, "line {}: content before the first head", head.number);
        let end = content.iter().position(|line| line.depth == 0).unwrap_or(content.len());
        let block = block(&content[..end], 1)?;
        declare(head, block, all).with_context(|| format!("line {}", head.number))?;
        rest = &content[end..];
    }
    Ok(())
}

fn declare(head: &Line, block: Block, all: &mut Declarations) -> anyhow::Result<()> {
    let mut words = head.text.split(' ');
    let (Some(kind), Some(name)) = (words.next(), words.next()) else { bail!("a head is KIND NAME") };
    let version = match words.next() {
        None => 0,
        Some(word) => word.strip_prefix("version=").context("only version=… may follow")?.parse()?,
    };
    let declaration = Declaration { version, block };
    let before = match kind {
        "provider" => {
            all.provider = declaration;
            None
        }
        "resource" => all.resources.insert(name.to_owned(), declaration),
        "data" => all.data_sources.insert(name.to_owned(), declaration),
        _ => bail!("{kind} is neither provider nor resource nor data"),
    };
    ensure!(before.is_none(), "{kind} {name} is declared twice");
    Ok(())
}

fn block(lines: &[Line], depth: usize) -> anyhow::Result<Block> {
    let mut block = Block::default();
    let mut rest = lines;
    while let Some((line, after)) = rest.split_first() {
        let end = after.iter().position(|line| line.depth <= depth).unwrap_or(after.len());
        let (content, next) = after.split_at(end);
        ensure!(line.depth == depth, "line {}: indented too deep", line.number);
        rule_or_item(line.text, content, depth, &mut block)
            .with_context(|| format!("line {}", line.number))?;
        rest = next;
    }
    Ok(block)
}

fn rule_or_item(text: &str, content: &[Line], depth: usize, into: &mut Block) -> anyhow::Result<()> {
    let Some((name, rest)) = text.split_once(": ") else {
        let mut words = text.split(' ').map(str::to_owned);
        let word = words.next().unwrap_or_default();
        let names: Vec<String> = words.collect();
        ensure!(names.len() > 1, "a rule names two or more");
        into.rules.push(match word.as_str() {
            "exactly-one-of" => Rule::ExactlyOneOf(names),
            "at-most-one-of" => Rule::AtMostOneOf(names),
            "at-least-one-of" => Rule::AtLeastOneOf(names),
            _ => bail!("the rule {word} is unknown"),
        });
        return Ok(());
    };
    if let Some(mut nested) = line::nested_block(name, rest)? {
        if !content.is_empty() {
            nested.block = block(content, depth + 1)?;
        }
        into.blocks.push(nested);
    } else {
        ensure!(content.is_empty(), "an attribute has no content");
        into.attributes.push(line::attribute(name, rest)?);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, problem: &str) {
        let error = file(text, &mut Declarations::default()).unwrap_err();
        assert!(format!("{error:#}").contains(problem), "{error:#}");
    }

    #[test]
    fn mistakes_are_reported_with_their_line() {
        check("  a: string", "line 1: content before the first head");
        check("resource r\n  a: text", "line 2: the type \"text\" is unknown");
        check("resource r\n  a: string often", "line 2: the flag often is unknown");
        check("resource r\nresource r", "line 2: resource r is declared twice");
        check("resource r\n  exactly-one-of a", "line 2: a rule names two or more");
        check("resource r\n    a: string", "line 2: indented too deep");
    }

    #[test]
    fn the_files_of_the_program_are_well_formed() {
        let all = Declarations::load().unwrap();
        assert_eq!((all.resources.len(), all.data_sources.len()), (64, 63));
    }
}
