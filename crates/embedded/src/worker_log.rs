//! What the worker's log says of trouble, for people who look at a console and not at the file.

use std::io::SeekFrom;
use std::path::Path;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};

/// How soon a line is told.
const LOOK_EVERY: Duration = Duration::from_millis(300);
/// What is read at once; of a log that grows faster the rest comes with the next look.
const READ_BYTES_MAX: u64 = 1 << 20;

/// Tells warnings and errors of a log as they are written, each with its causes, until it is dropped. A log that cannot
/// be read tells nothing: it is there for whoever opens it.
pub async fn follow(log: &Path, tell: impl Fn(&str)) {
    let (mut position, mut rest, mut troubles) = (0, Vec::new(), Troubles::default());
    loop {
        if let Ok(read) = read_from(log, position).await {
            position += read.len() as u64;
            rest.extend_from_slice(&read);
            let whole = rest.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
            for line in String::from_utf8_lossy(&rest[..whole]).lines() {
                troubles.line(line, &tell);
            }
            rest.drain(..whole);
            if read.is_empty() {
                troubles.end(&tell);
            }
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

async fn read_from(log: &Path, position: u64) -> std::io::Result<Vec<u8>> {
    let mut file = tokio::fs::File::open(log).await?;
    file.seek(SeekFrom::Start(position)).await?;
    let mut read = Vec::new();
    file.take(READ_BYTES_MAX).read_to_end(&mut read).await?;
    Ok(read)
}

/// Lines that belong together: one of WARN or ERROR, and the causes below it.
#[derive(Default)]
struct Troubles(String);

impl Troubles {
    fn line(&mut self, line: &str, tell: &impl Fn(&str)) {
        let Some(text) = line.strip_prefix('[').and_then(|line| line.split_once("] ")) else {
            if !self.0.is_empty() && line.starts_with("Caused by: ") {
                self.0.push_str("; ");
                self.0.push_str(line.trim());
            }
            return;
        };
        self.end(tell);
        if let Some(text) = ["ERROR ", "WARN "].iter().find_map(|level| text.1.strip_prefix(level)) {
            // Who logged it is for the file.
            let text = text.rsplit_once(" (").map_or(text, |(text, _)| text);
            self.0.push_str(text);
        }
    }

    fn end(&mut self, tell: &impl Fn(&str)) {
        if !self.0.is_empty() {
            tell(&std::mem::take(&mut self.0));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    #[test]
    fn trouble_is_told_with_its_causes_and_nothing_else_is() {
        let told = RefCell::new(Vec::new());
        let tell = |text: &str| told.borrow_mut().push(text.to_owned());
        let mut troubles = Troubles::default();
        for line in [
            "[2026-01-01 00:00:00,000] INFO REST listens on http://127.0.0.1:1 (sluice_worker::start)",
            "[2026-01-01 00:00:00,001] ERROR [orders|task-0] the task failed (sluice_herder::view)",
            "Caused by: no such file (os error 2)",
            "[2026-01-01 00:00:00,002] WARN odd (sluice_task)",
            "Caused by: ",
            "[2026-01-01 00:00:00,003] INFO fine (sluice_task)",
            "Caused by: nothing",
        ] {
            troubles.line(line, &tell);
        }
        troubles.end(&tell);
        let expected =
            ["[orders|task-0] the task failed; Caused by: no such file (os error 2)", "odd; Caused by:"];
        assert_eq!(*told.borrow(), expected);
    }
}
