//! What may be skipped or replaced: anything on a developer's machine, with `CI=true` only what
//! .ci/allowed-fallbacks names.

const ALLOWED: &str = ".ci/allowed-fallbacks";

/// Whether a skip or a fallback of this name does not fail the run.
pub fn may(name: &str) -> bool {
    let ci = std::env::var("CI").is_ok_and(|value| value == "true");
    !ci || is_named(&std::fs::read_to_string(ALLOWED).unwrap_or_default(), name)
}

/// What a run that took others says.
pub fn refusal(names: &[String]) -> String {
    format!("skipped, but not named in {ALLOWED}: {}", names.join(", "))
}

fn is_named(text: &str, name: &str) -> bool {
    text.lines().any(|line| line.split('#').next().unwrap_or_default().trim() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_line_without_its_comment() {
        let text = "# names\naws-provider # not packaged everywhere\nother\n";
        assert!(is_named(text, "aws-provider"));
        assert!(is_named(text, "other"));
        assert!(!is_named(text, "aws"));
        assert!(!is_named(text, "names"));
    }
}
