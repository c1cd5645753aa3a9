//! One line of a declaration: an attribute or the head of a nested block.

use anyhow::{Context, bail};

use super::{Attribute, Block, Form, NestedBlock, Nesting, Type};
use crate::value::Value;

/// `TYPE flags`. A type may hold spaces only inside braces.
pub(super) fn attribute(name: &str, text: &str) -> anyhow::Result<Attribute> {
    let end = end_of_type(text);
    let mut attribute = Attribute {
        name: name.to_owned(),
        r#type: Type::parse(&text[..end])?,
        required: false,
        optional: false,
        computed: false,
        sensitive: false,
        deprecated: false,
        force_new: false,
        values: Vec::new(),
        default: None,
        form: None,
    };
    for flag in text[end..].split_whitespace() {
        match flag.split_once('=') {
            None => match flag {
                "required" => attribute.required = true,
                "optional" => attribute.optional = true,
                "computed" => attribute.computed = true,
                "sensitive" => attribute.sensitive = true,
                "deprecated" => attribute.deprecated = true,
                "force-new" => attribute.force_new = true,
                _ => bail!("the flag {flag} is unknown"),
            },
            Some(("values", values)) => attribute.values = values.split('|').map(str::to_owned).collect(),
            Some(("default", value)) => attribute.default = Some(default(&attribute.r#type, value)?),
            Some(("prefix" | "pattern" | "at-least", _)) => attribute.form = Some(form(flag)?),
            Some((flag, _)) => bail!("the flag {flag}= is unknown"),
        }
    }
    Ok(attribute)
}

/// The first space outside of braces.
fn end_of_type(text: &str) -> usize {
    let mut depth = 0;
    for (place, letter) in text.char_indices() {
        match letter {
            '{' | '(' => depth += 1,
            '}' | ')' => depth -= 1,
            ' ' if depth == 0 => return place,
            _ => {}
        }
    }
    text.len()
}

fn form(flag: &str) -> anyhow::Result<Form> {
    match flag.split_once('=') {
        Some(("prefix", prefixes)) => Ok(Form::Prefix(prefixes.split('|').map(str::to_owned).collect())),
        Some(("pattern", pattern)) => Ok(Form::Pattern(pattern.to_owned())),
        Some(("at-least", least)) => Ok(Form::AtLeast(least.parse()?)),
        _ => bail!("{flag} is no form"),
    }
}

fn default(of: &Type, text: &str) -> anyhow::Result<Value> {
    Ok(match of {
        Type::Bool => Value::Bool(text.parse()?),
        Type::Number => Value::Number(text.parse::<i64>()?.into()),
        _ => Value::from(text),
    })
}

/// `block|set-block|ref MIN..MAX flags`, `credentials` or `timeouts …`; none when the line is an attribute.
pub(super) fn nested_block(name: &str, text: &str) -> anyhow::Result<Option<NestedBlock>> {
    let mut words = text.split(' ');
    let kind = words.next().unwrap_or_default();
    let nesting = match kind {
        "block" | "ref" | "credentials" => Nesting::List,
        "set-block" => Nesting::Set,
        "timeouts" => Nesting::Single,
        _ => return Ok(None),
    };
    let mut nested = NestedBlock {
        name: name.to_owned(),
        nesting,
        min: 0,
        max: (kind == "credentials").then_some(1),
        computed: false,
        force_new: false,
        block: Block::default(),
    };
    match kind {
        "timeouts" => nested.block.attributes = attributes(words.map(|word| (word, "string optional")))?,
        "credentials" => {
            let secret = "string required sensitive";
            nested.block.attributes = attributes([("key", secret), ("secret", secret)].into_iter())?;
        }
        _ => {
            let (min, max) =
                words.next().and_then(|range| range.split_once("..")).context("MIN..MAX is missing")?;
            nested.min = min.parse()?;
            nested.max = if max == "*" { None } else { Some(max.parse()?) };
            let mut id = String::from("string required");
            for flag in words {
                match flag {
                    "computed" => nested.computed = true,
                    "force-new" => nested.force_new = true,
                    "id-force-new" => {}
                    // The form is that of the id.
                    _ if kind == "ref" && flag.contains('=') => id = format!("{id} {flag}"),
                    _ => bail!("the flag {flag} is unknown on a block"),
                }
                if flag.ends_with("force-new") {
                    id.push_str(" force-new");
                }
            }
            if kind == "ref" {
                nested.block.attributes = attributes([("id", id.as_str())].into_iter())?;
            }
        }
    }
    Ok(Some(nested))
}

fn attributes<'a>(named: impl Iterator<Item = (&'a str, &'a str)>) -> anyhow::Result<Vec<Attribute>> {
    named.map(|(name, text)| attribute(name, text)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_follow_the_type_even_when_it_holds_spaces() {
        let attribute = attribute("zones", "list({a, b}) optional default=x values=A|B").unwrap();
        assert!(attribute.optional && !attribute.required);
        let account = super::attribute("account", r"string required pattern=^\d{12}$").unwrap();
        assert_eq!(account.form, Some(Form::Pattern(r"^\d{12}$".to_owned())));
        assert_eq!(attribute.values, ["A", "B"]);
        assert_eq!(attribute.default, Some(Value::from("x")));
    }

    #[test]
    fn a_reference_passes_its_replacement_on_to_the_id() {
        for (text, block, id) in [
            ("ref 1..1 force-new", true, true),
            ("ref 0..1 id-force-new", false, true),
            ("ref 0..*", false, false),
        ] {
            let nested = nested_block("network", text).unwrap().unwrap();
            assert_eq!((nested.force_new, nested.block.attributes[0].force_new), (block, id), "{text}");
        }
    }
}
