//! Which parts of the key become which fields of the value.

/// A part of the key and the field it becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Copy {
    /// The key's field; `None`: the whole key.
    pub from: Option<String>,
    pub to: String,
}

/// The copies that two lists describe, by position.
pub(super) fn copies(key_fields: &[String], value_fields: &[String]) -> Result<Vec<Copy>, String> {
    let mut copies: Vec<Copy> = Vec::with_capacity(key_fields.len());
    for (index, from) in key_fields.iter().enumerate() {
        let given = value_fields.get(index).map(String::as_str).filter(|name| !name.is_empty());
        // `*` is no name but stands for the default.
        let given = given.map(|name| if name == "*" { "_key" } else { name });
        let whole = from == "*";
        let to = given.unwrap_or(if whole { "_key" } else { from }).to_owned();
        if copies.iter().any(|copy| copy.to == to) {
            return Err(format!("two fields of the key become the value's field {to}"));
        }
        copies.push(Copy { from: (!whole).then(|| from.clone()), to });
    }
    match value_fields.len() > key_fields.len() {
        true => Err("there are more value.fields than key.fields".to_owned()),
        false => Ok(copies),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(items: &[&str]) -> Vec<String> {
        items.iter().map(|item| (*item).to_owned()).collect()
    }

    #[test]
    fn by_position_with_names_of_their_own() {
        let found = copies(&list(&["a", "*", "b"]), &list(&["x"])).unwrap();
        assert_eq!(found.iter().map(|copy| copy.to.as_str()).collect::<Vec<_>>(), ["x", "_key", "b"]);
        assert_eq!(found[1].from, None);
        assert!(copies(&list(&["a", "b"]), &list(&["b"])).unwrap_err().contains("field b"));
        assert!(copies(&list(&["a"]), &list(&["x", "y"])).is_err());
    }
}
