//! What commands print: the answer on standard output, everything else on standard error.

use std::io::IsTerminal;

use serde_json::{Value, json};

/// The one object that `-o json` prints: the same members for every command.
pub fn envelope(command: &str, ok: bool, summary: &str, result: Value, error: Option<&str>) -> Value {
    targeted(command, None, ok, summary, result, error)
}

/// As [`envelope`], by a command that has a target: a cluster, the embedded stack.
pub fn targeted(
    command: &str,
    target: Option<&str>,
    ok: bool,
    summary: &str,
    result: Value,
    error: Option<&str>,
) -> Value {
    json!({
        "schema": format!("sluice/{}/v1", command.replace(' ', "-")),
        "command": command,
        "ok": ok,
        "env": null,
        "target": target,
        "summary": summary,
        "findings": [],
        "result": result,
        "error": error.map(|message| json!({ "message": message })),
    })
}

/// Something that is wrong while the command goes on.
pub fn notice(message: &str) {
    errln!("warning: {message}");
}

/// An error, as every command prints it.
pub fn error(message: &str) {
    let mut lines = message.lines();
    errln!("error: {}", lines.next().unwrap_or_default());
    for line in lines {
        errln!("  {line}");
    }
}

/// A sign for what holds, in ASCII when standard output is no terminal.
pub fn check_mark() -> &'static str {
    if std::io::stdout().is_terminal() { "✓" } else { "[ok]" }
}

/// A sign for what does not hold.
pub fn cross() -> &'static str {
    if std::io::stdout().is_terminal() { "✗" } else { "[fail]" }
}

/// A number with separators: 1234567 is `1,234,567`.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A table: upper-case headers, two blanks between columns, no borders.
pub fn table(headers: &[&str], rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([headers[column].chars().count()]).max().unwrap_or(0)
    };
    let widths: Vec<_> = (0..headers.len()).map(width).collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let padded: Vec<_> = cells.zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        format!("{}\n", padded.join("  ").trim_end())
    };
    let mut text = line(&mut headers.iter().copied());
    for row in rows {
        text.push_str(&line(&mut row.iter().map(String::as_str)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_separated() {
        assert_eq!([0, 999, 1000, 1_234_567].map(thousands), ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn tables_are_aligned() {
        let rows = [vec!["a".to_owned(), "1".to_owned()], vec!["long".to_owned(), "2".to_owned()]];
        assert_eq!(table(&["NAME", "N"], &rows), "NAME  N\na     1\nlong  2\n");
    }
}
