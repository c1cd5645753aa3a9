//! Headers that every answer has (`response.http.headers.config`).

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use chrono::{TimeDelta, Utc};

/// How many rules there may be.
const RULES_MAX: usize = 100;
const ACTIONS: [&str; 4] = ["set", "add", "setDate", "addDate"];

/// Rules for headers, in order.
#[derive(Debug, Clone, Default)]
pub struct HeaderRules(Vec<Rule>);

#[derive(Debug, Clone)]
struct Rule {
    replaces: bool,
    name: HeaderName,
    value: Value,
}

#[derive(Debug, Clone)]
enum Value {
    Text(HeaderValue),
    /// A time so long after the answer.
    After(TimeDelta),
}

impl HeaderRules {
    /// Reads rules `ACTION NAME:VALUE`, separated by commas; a rule with a comma stands in double quotes. The value of
    /// `setDate` and `addDate` is in milliseconds from now.
    ///
    /// # Errors
    /// What is wrong with the first rule that is not one, in Kafka Connect's words.
    pub fn parse(text: &str) -> Result<Self, String> {
        let rules = split(text).iter().map(|rule| Rule::parse(rule)).collect::<Result<Vec<_>, _>>()?;
        match rules.len() > RULES_MAX {
            true => Err(format!("there are {} rules; there may be {RULES_MAX}", rules.len())),
            false => Ok(Self(rules)),
        }
    }

    pub(crate) fn apply(&self, headers: &mut HeaderMap) {
        for rule in &self.0 {
            let value = match &rule.value {
                Value::Text(value) => value.clone(),
                Value::After(time) => {
                    let time = Utc::now().checked_add_signed(*time).unwrap_or_else(Utc::now);
                    let text = time.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
                    let Ok(value) = HeaderValue::from_str(&text) else { continue };
                    value
                }
            };
            match rule.replaces {
                true => _ = headers.insert(rule.name.clone(), value),
                false => _ = headers.append(rule.name.clone(), value),
            }
        }
    }
}

// At commas outside of double quotes, which are taken away.
fn split(text: &str) -> Vec<String> {
    let (mut rules, mut rule, mut quoted) = (Vec::new(), String::new(), false);
    for char in text.chars() {
        match char {
            '"' => quoted = !quoted,
            ',' if !quoted => rules.push(std::mem::take(&mut rule)),
            char => rule.push(char),
        }
    }
    rules.push(rule);
    rules.into_iter().map(|rule| rule.trim().to_owned()).filter(|rule| !rule.is_empty()).collect()
}

impl Rule {
    fn parse(rule: &str) -> Result<Self, String> {
        let (action, pair) = rule.split_once(char::is_whitespace).ok_or_else(|| {
            format!(
                "Invalid format of header config '{rule}'. Expected: '[action] [header name]:[header value]'"
            )
        })?;
        let Some(known) = ACTIONS.iter().find(|known| known.eq_ignore_ascii_case(action)) else {
            let known = ACTIONS.join(", ");
            return Err(format!("Invalid header config action: '{action}'. Expected one of [{known}]"));
        };
        let pair = pair.trim();
        let (name, value) = pair.split_once(':').ok_or_else(|| {
            format!(
                "Invalid format of header name and header value pair '{pair}'. Expected: '[header name]:[header value]'"
            )
        })?;
        let (name, value) = (name.trim(), value.trim());
        if name.contains(char::is_whitespace) {
            return Err(format!(
                "Invalid header name '{name}'. The '[header name]' cannot contain whitespace"
            ));
        }
        let name: HeaderName = name.parse().map_err(|_| format!("Invalid header config '{rule}'."))?;
        let value = match known.ends_with("Date") {
            false => Value::Text(value.parse().map_err(|_| format!("Invalid header config '{rule}'."))?),
            true => {
                let millis = value.parse().ok().and_then(TimeDelta::try_milliseconds);
                Value::After(millis.ok_or_else(|| {
                    format!("Invalid header config '{rule}'. '{value}' is not a number of milliseconds")
                })?)
            }
        };
        Ok(Self { replaces: known.starts_with("set"), name, value })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_set_and_add() {
        let rules = HeaderRules::parse(
            r#"add Cache-Control: no-cache, "add Cache-Control: no-store, private", set X-Frame-Options:DENY, setDate Expires: 0"#,
        );
        let mut headers = HeaderMap::from_iter([(
            HeaderName::from_static("x-frame-options"),
            HeaderValue::from_static("SAMEORIGIN"),
        )]);
        rules.unwrap().apply(&mut headers);
        let of = |name: &str| headers.get_all(name).iter().map(|v| v.to_str().unwrap()).collect::<Vec<_>>();
        assert_eq!(of("cache-control"), ["no-cache", "no-store, private"]);
        assert_eq!(of("x-frame-options"), ["DENY"]);
        assert!(of("expires")[0].ends_with(" GMT"), "{headers:?}");
        assert!(HeaderRules::parse("").unwrap().0.is_empty());
    }

    #[test]
    fn what_is_no_rule_is_refused_in_kafkas_words() {
        for (rule, expected) in [
            ("set", "Invalid format of header config 'set'."),
            ("put X: y", "Invalid header config action: 'put'. Expected one of [set, add, setDate, addDate]"),
            ("set X y", "Invalid format of header name and header value pair 'X y'."),
            ("set X Y:z", "Invalid header name 'X Y'."),
            ("set é:z", "Invalid header config 'set é:z'."),
            ("setDate Expires:soon", "'soon' is not a number of milliseconds"),
        ] {
            let error = HeaderRules::parse(rule).unwrap_err();
            assert!(error.contains(expected), "{rule}: {error}");
        }
    }
}
