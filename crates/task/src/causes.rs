//! The text of an error with its causes: "the offsets file cannot be written" helps nobody without "no space left".

/// An error's text and those of its causes, on one line. A cause whose text is there already is left out, since many
/// errors print their cause themselves.
pub(crate) fn of(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_chain_is_shown_once() {
        let disk = std::io::Error::other("No space left on device");
        let file = api::Error::retry("cannot write the file").with("path", "/tmp/o").caused_by(disk);
        let store = api::Error::retry("offsets were not stored").caused_by(file);
        let text = "offsets were not stored: cannot write the file (path /tmp/o): No space left on device";
        assert_eq!(of(&store), text);
        let repeated =
            api::Error::fatal("failed: broken pipe").caused_by(std::io::Error::other("broken pipe"));
        assert_eq!(of(&repeated), "failed: broken pipe");
    }
}
