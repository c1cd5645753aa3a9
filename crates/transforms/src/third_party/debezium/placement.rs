//! Where columns of an outbox table go: `column:header|envelope|partition[:alias]`.

/// Where a column goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Header,
    Envelope,
    Partition,
}

/// A column and where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AdditionalField {
    pub field: String,
    pub place: Place,
    pub alias: String,
}

pub(super) fn parse_all(list: &[String]) -> Result<Vec<AdditionalField>, String> {
    list.iter().filter(|item| !item.is_empty()).map(|item| parse(item)).collect()
}

fn parse(item: &str) -> Result<AdditionalField, String> {
    let parts: Vec<&str> = item.split(':').map(str::trim).collect();
    let (field, place, alias) = match parts[..] {
        [field, place] => (field, place, field),
        [field, place, alias] => (field, place, alias),
        _ => ("", "", ""),
    };
    let place = match place {
        _ if place.eq_ignore_ascii_case("header") => Place::Header,
        _ if place.eq_ignore_ascii_case("envelope") => Place::Envelope,
        _ if place.eq_ignore_ascii_case("partition") => Place::Partition,
        _ => {
            return Err(format!(
                "{item} is not of the form column:header, column:envelope or column:partition, with :alias if wanted"
            ));
        }
    };
    match field.is_empty() || alias.is_empty() {
        true => Err(format!("{item} has an empty column or alias")),
        false => Ok(AdditionalField { field: field.to_owned(), place, alias: alias.to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places() {
        let list: Vec<String> =
            ["type:header:eventType", "a:envelope", "p:partition"].map(String::from).to_vec();
        let parsed = parse_all(&list).unwrap();
        assert_eq!(parsed[0].alias, "eventType");
        assert_eq!((parsed[1].place, parsed[1].alias.as_str()), (Place::Envelope, "a"));
        assert_eq!(parsed[2].place, Place::Partition);
        for wrong in ["a", "a:body", "a:header:b:c", ":header", "a:header:"] {
            assert!(parse_all(&[wrong.to_owned()]).unwrap_err().contains(wrong), "{wrong}");
        }
    }
}
