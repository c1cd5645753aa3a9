//! What a stored text is like: its hash in the forms by which texts are compared.
//!
//! Each registration may have to be compared with all versions of its subject. To read each of them anew every time
//! would make a subject's history cost the square of its length.

use std::sync::{Arc, OnceLock};

use sha2::{Digest as _, Sha256};

/// A hash of a text.
pub(crate) type Likeness = [u8; 32];

/// The likeness of one version in one form, once it was asked for. Clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Kept(Arc<OnceLock<Known>>);

#[derive(Debug)]
struct Known {
    /// Of the texts that the schema uses: an import may put others in their place.
    references: Likeness,
    text: Option<Likeness>,
}

// It follows from the schema, and when it was asked for means nothing.
impl PartialEq for Kept {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Kept {
    /// The likeness of the text that `form` gives, which is called once as long as the references stay the same. `None`
    /// if it gives none.
    pub fn get(
        &self,
        references: &[(String, String)],
        form: impl FnOnce() -> Option<String>,
    ) -> Option<Likeness> {
        let of_references =
            likeness(references.iter().flat_map(|(name, text)| [name.as_str(), text.as_str()]));
        if let Some(known) = self.0.get().filter(|known| known.references == of_references) {
            return known.text;
        }
        let text = form().map(|text| of_text(&text));
        // Where another one is kept, this one is not: references hardly ever change.
        let _ = self.0.set(Known { references: of_references, text });
        text
    }
}

/// The likeness of a text.
pub(crate) fn of_text(text: &str) -> Likeness {
    likeness([text])
}

// With lengths, so that no two lists of texts read as one.
fn likeness<'a>(texts: impl IntoIterator<Item = &'a str>) -> Likeness {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update(text.len().to_be_bytes());
        hash.update(text);
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_made_once_for_the_same_references() {
        let kept = Kept::default();
        let references = [("a".to_owned(), "\"int\"".to_owned())];
        let text = || Some("text".to_owned());
        assert_eq!(kept.get(&references, text), Some(of_text("text")));
        assert_eq!(kept.clone().get(&references, || panic!("again")), Some(of_text("text")));
        assert_eq!(kept.get(&[], || Some("other".to_owned())), Some(of_text("other")));
        assert_eq!(Kept::default().get(&[], || None), None);
    }
}
