//! The fenced blocks of a page.

/// A command that a page shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Line of the fence, from 1.
    pub line: usize,
    /// The commands.
    pub script: String,
    /// What is done with it.
    pub mode: Mode,
    /// The output that the page shows after it.
    pub shown: Option<String>,
}

/// What is done with a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mode {
    /// Run; must succeed.
    Run,
    /// Run; must fail.
    Fails,
    /// Start; must stay up until the end of the page.
    Background,
    /// Nothing, for this reason.
    NotRun(String),
}

/// The `sh` blocks in order, each with the `text` block that follows it before the next `sh` block.
pub fn parse(text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut fence: Option<(usize, String, Vec<&str>)> = None;
    for (number, line) in text.lines().enumerate() {
        match (&mut fence, line.trim_start().strip_prefix("```")) {
            (None, Some(info)) => fence = Some((number + 1, info.trim().to_owned(), Vec::new())),
            (Some(_), Some("")) => {
                if let Some((line, info, lines)) = fence.take() {
                    close(&mut blocks, line, &info, &lines.join("\n"));
                }
            }
            (Some((_, _, lines)), _) => lines.push(line),
            (None, None) => {}
        }
    }
    blocks
}

fn close(blocks: &mut Vec<Block>, line: usize, info: &str, text: &str) {
    let (language, rest) = info.split_once(' ').unwrap_or((info, ""));
    match language {
        "sh" => {
            let mode = match rest.split_once(' ').unwrap_or((rest, "")) {
                ("norun", why) => Mode::NotRun(why.to_owned()),
                ("background", _) => Mode::Background,
                ("fails", _) => Mode::Fails,
                _ => Mode::Run,
            };
            blocks.push(Block { line, script: text.to_owned(), mode, shown: None });
        }
        "text" => {
            if let Some(last) = blocks.last_mut()
                && last.shown.is_none()
            {
                last.shown = Some(text.to_owned());
            }
        }
        _ => {}
    }
}

/// Whether the output shows these lines, in order; `…` stands for anything within a line, and a line of `…` for any
/// lines.
///
/// # Errors
/// The first line that is not there.
pub fn matches(shown: &str, output: &str) -> Result<(), String> {
    let mut lines = output.lines();
    for expected in shown.lines().filter(|line| !line.trim().is_empty() && line.trim() != "…") {
        if !lines.any(|line| line_matches(expected.trim(), line.trim())) {
            return Err(expected.to_owned());
        }
    }
    Ok(())
}

fn line_matches(expected: &str, line: &str) -> bool {
    let squeeze = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let (expected, line) = (squeeze(expected), squeeze(line));
    let mut parts = expected.split('…');
    let Some(mut rest) = line.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        let last = parts.peek().is_none();
        match (last, rest.find(part), rest.rfind(part)) {
            (true, _, Some(at)) => return rest[at + part.len()..].is_empty(),
            (false, Some(at), _) => rest = &rest[at + part.len()..],
            _ => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_have_their_output() {
        let page = "a\n```sh\nls\n```\n\n```text\nx\n```\n```sh norun a cloud\nb\n```\n```json\n{}\n```\n";
        let blocks = parse(page);
        assert_eq!(blocks.len(), 2);
        assert_eq!((blocks[0].line, blocks[0].shown.as_deref()), (2, Some("x")));
        assert_eq!(blocks[1].mode, Mode::NotRun("a cloud".to_owned()));
    }

    #[test]
    fn dots_stand_for_anything() {
        assert_eq!(matches("a … c\n…\ne", "a b c\nx\ne"), Ok(()));
        assert_eq!(matches("rows …", "rows 12"), Ok(()));
        assert_eq!(matches("a\nb", "b\na"), Err("b".to_owned()));
        assert_eq!(matches("a", "ab"), Err("a".to_owned()));
    }
}
