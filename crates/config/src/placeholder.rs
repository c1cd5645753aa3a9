//! References to values that are kept elsewhere: `${provider:key}` and `${provider:path:key}`.
//!
//! Kafka's rule (`ConfigTransformer`): the path ends at the second colon, the key may contain more colons, no `}`
//! anywhere, no nesting, and what a provider answers is not looked at again.

/// One reference.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Placeholder {
    /// The provider's name.
    pub provider: String,
    /// Where to look; empty when the reference has none.
    pub path: String,
    /// What to look for.
    pub key: String,
}

/// The references in a text, in order.
pub fn find(text: &str) -> Vec<Placeholder> {
    split(text).filter_map(|piece| piece.err()).map(|(_, placeholder)| placeholder).collect()
}

/// Whether the text holds a reference.
pub fn is_reference(text: &str) -> bool {
    split(text).any(|piece| piece.is_err())
}

/// Whether the text is one reference and nothing else: it holds nothing that is worth hiding.
pub fn is_one_reference(text: &str) -> bool {
    let mut pieces = split(text.trim());
    matches!(pieces.next(), Some(Err(_))) && pieces.next().is_none()
}

/// The text with each reference replaced; one that `look_up` does not know stays as it is.
pub fn substitute(text: &str, mut look_up: impl FnMut(&Placeholder) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    for piece in split(text) {
        match piece {
            Ok(plain) => out.push_str(plain),
            Err((original, placeholder)) => match look_up(&placeholder) {
                Some(value) => out.push_str(&value),
                None => out.push_str(original),
            },
        }
    }
    out
}

// Plain pieces as `Ok`, references as `Err` with their original text.
fn split(text: &str) -> impl Iterator<Item = Result<&str, (&str, Placeholder)>> {
    let mut rest = text;
    let mut pending = None;
    std::iter::from_fn(move || {
        if let Some(reference) = pending.take() {
            return Some(Err(reference));
        }
        if rest.is_empty() {
            return None;
        }
        let mut from = 0;
        while let Some(start) = rest[from..].find("${").map(|at| at + from) {
            let Some(end) = rest[start..].find('}').map(|at| at + start) else { break };
            if let Some(placeholder) = parse(&rest[start + 2..end]) {
                let (plain, original) = (&rest[..start], &rest[start..=end]);
                rest = &rest[end + 1..];
                if plain.is_empty() {
                    return Some(Err((original, placeholder)));
                }
                pending = Some((original, placeholder));
                return Some(Ok(plain));
            }
            from = start + 2;
        }
        Some(Ok(std::mem::take(&mut rest)))
    })
}

fn parse(inside: &str) -> Option<Placeholder> {
    let (provider, rest) = inside.split_once(':')?;
    let (path, key) = rest.split_once(':').unwrap_or(("", rest));
    Some(Placeholder { provider: provider.to_owned(), path: path.to_owned(), key: key.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let found = substitute(text, |p| {
            (p.provider != "unknown").then(|| format!("<{}|{}|{}>", p.provider, p.path, p.key))
        });
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn references_are_kafkas() {
        check("plain", "plain");
        check("${env:HOME}", "<env||HOME>");
        check("a${file:/x/y:k}b${env:V}", "a<file|/x/y|k>b<env||V>");
        check("${file:/x:a:b}", "<file|/x|a:b>");
        check("${no}", "${no}");
        check("${unknown:a:b}", "${unknown:a:b}");
        check("${open", "${open");
        check("${a}${env:V}", "${a}<env||V>");
    }

    #[test]
    fn one_reference_has_nothing_beside_it() {
        for one in ["${env:HOME}", " ${file:/x:k}\n"] {
            assert!(is_one_reference(one), "{one}");
        }
        for other in ["", "x", "${no}", "${env:A}b", "a${env:A}", "${env:A}${env:B}", "${a}${env:V}"] {
            assert!(!is_one_reference(other), "{other}");
        }
    }
}
