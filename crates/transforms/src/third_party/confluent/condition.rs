//! Conditions in JSON Path's filters.

use api::data::Value;
use regex::Regex;

use super::json_path::JsonPath;
use crate::java_regex::{self, Flags};
use crate::third_party::comparison::{Numeric, Sign, compare, numeric};
use crate::third_party::scanner::{Number, Scanner, SyntaxError};

/// What a filter asks.
#[derive(Debug, Clone)]
pub(super) enum Condition {
    And(Vec<Condition>),
    Or(Vec<Condition>),
    Not(Box<Condition>),
    /// The path leads somewhere, be it to null.
    Exists(Operand),
    Compare(Operand, Sign, Operand),
    Matches(Operand, Regex),
    In {
        operand: Operand,
        list: Vec<Literal>,
        negated: bool,
    },
}

#[derive(Debug, Clone)]
pub(super) enum Operand {
    /// From the element (`@`) or, with `true`, from the whole value (`$`).
    Path(JsonPath, bool),
    Literal(Literal),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Literal {
    Null,
    Boolean(bool),
    Number(Numeric),
    Text(String),
}

// So many comparisons make a condition.
const TERMS_MAX: usize = 200;

/// Reads a condition up to the parenthesis that closes it.
pub(super) fn parse_condition(scanner: &mut Scanner<'_>) -> Result<Condition, SyntaxError> {
    or(scanner)
}

fn or(scanner: &mut Scanner<'_>) -> Result<Condition, SyntaxError> {
    scanner.enter()?;
    let terms = separated(scanner, "||", and)?;
    scanner.leave();
    Ok(one_or(terms, Condition::Or))
}

fn and(scanner: &mut Scanner<'_>) -> Result<Condition, SyntaxError> {
    Ok(one_or(separated(scanner, "&&", term)?, Condition::And))
}

fn one_or(mut terms: Vec<Condition>, all: fn(Vec<Condition>) -> Condition) -> Condition {
    match terms.len() {
        1 => terms.remove(0),
        _ => all(terms),
    }
}

fn separated(
    scanner: &mut Scanner<'_>,
    separator: &str,
    term: fn(&mut Scanner<'_>) -> Result<Condition, SyntaxError>,
) -> Result<Vec<Condition>, SyntaxError> {
    let mut terms = vec![term(scanner)?];
    while scanner.eat(separator) {
        if terms.len() >= TERMS_MAX {
            return Err(scanner.error(format!("more than {TERMS_MAX} conditions")));
        }
        terms.push(term(scanner)?);
    }
    Ok(terms)
}

fn term(scanner: &mut Scanner<'_>) -> Result<Condition, SyntaxError> {
    if scanner.eat("(") {
        let inner = or(scanner)?;
        scanner.expect(")")?;
        return Ok(inner);
    }
    scanner.skip_blanks();
    if scanner.rest().starts_with('!') && !scanner.rest().starts_with("!=") {
        scanner.eat("!");
        scanner.enter()?;
        let inner = term(scanner)?;
        scanner.leave();
        return Ok(Condition::Not(Box::new(inner)));
    }
    let left = operand(scanner)?;
    if scanner.eat("=~") {
        scanner.skip_blanks();
        let at = scanner.clone();
        let (pattern, flags) = scanner.pattern()?;
        let regex = regex(&pattern, &flags).map_err(|why| at.error(why))?;
        return Ok(Condition::Matches(left, regex));
    }
    scanner.skip_blanks();
    if ["===", "!=="].iter().any(|sign| scanner.rest().starts_with(sign)) {
        return Err(scanner.error("this operator is not supported"));
    }
    if let Some(sign) = Sign::eat(scanner) {
        return Ok(Condition::Compare(left, sign, operand(scanner)?));
    }
    for (word, negated) in [("in", false), ("nin", true), ("IN", false), ("NIN", true)] {
        if scanner.eat_word(word) {
            return Ok(Condition::In { operand: left, list: list(scanner)?, negated });
        }
    }
    match left {
        Operand::Path(..) => Ok(Condition::Exists(left)),
        Operand::Literal(_) => Err(scanner.unexpected("an operator")),
    }
}

// The whole text must match, as in the library that the original uses.
fn regex(pattern: &str, flags: &str) -> Result<Regex, String> {
    if let Some(flag) = flags.chars().find(|flag| !"imsux".contains(*flag)) {
        return Err(format!("the flag {flag} is not supported"));
    }
    let has = |flag| flags.contains(flag);
    java_regex::compile(pattern).map_err(|why| format!("Invalid regex: {why}"))?;
    let flags = Flags {
        ignore_case: has('i'),
        unicode_case: has('u'),
        multi_line: has('m'),
        dot_all: has('s'),
        comments: has('x'),
    };
    java_regex::compile_with(&format!("\\A(?:{pattern})\\z"), flags)
        .map_err(|why| format!("Invalid regex: {why}"))
}

fn operand(scanner: &mut Scanner<'_>) -> Result<Operand, SyntaxError> {
    for (start, root) in [("@", false), ("$", true)] {
        if scanner.eat(start) {
            let at = scanner.clone();
            let path = JsonPath::steps(scanner)?;
            return match path.is_definite() {
                true => Ok(Operand::Path(path, root)),
                false => Err(at.error("a path in a condition may not have filters or *")),
            };
        }
    }
    Ok(Operand::Literal(literal(scanner)?))
}

fn literal(scanner: &mut Scanner<'_>) -> Result<Literal, SyntaxError> {
    if let Some(text) = scanner.quoted()? {
        return Ok(Literal::Text(text));
    }
    match scanner.number()? {
        Some(Number::Integer(n)) => return Ok(Literal::Number(Numeric::Integer(n))),
        Some(Number::Float(n)) => return Ok(Literal::Number(Numeric::Float(n))),
        None => {}
    }
    for (word, literal) in
        [("true", Literal::Boolean(true)), ("false", Literal::Boolean(false)), ("null", Literal::Null)]
    {
        if scanner.eat_word(word) {
            return Ok(literal);
        }
    }
    Err(scanner.unexpected("a path (@.name) or a literal"))
}

fn list(scanner: &mut Scanner<'_>) -> Result<Vec<Literal>, SyntaxError> {
    scanner.expect("[")?;
    let mut items = Vec::new();
    if scanner.eat("]") {
        return Ok(items);
    }
    loop {
        items.push(literal(scanner)?);
        if !scanner.eat(",") {
            scanner.expect("]")?;
            return Ok(items);
        }
    }
}

/// A side of a comparison for an element.
enum Side<'a> {
    Null,
    Boolean(bool),
    Number(Numeric),
    Text(&'a str),
    Other(&'a Value),
}

impl Condition {
    /// Whether it holds for an element. A field that the element lacks makes a comparison false, whatever its sign.
    pub fn holds(&self, element: &Value, root: &Value) -> bool {
        match self {
            Condition::And(all) => all.iter().all(|condition| condition.holds(element, root)),
            Condition::Or(all) => all.iter().any(|condition| condition.holds(element, root)),
            Condition::Not(inner) => !inner.holds(element, root),
            Condition::Exists(operand) => operand.side(element, root).is_some(),
            Condition::Compare(left, sign, right) => {
                match (left.side(element, root), right.side(element, root)) {
                    (Some(left), Some(right)) => compared(&left, *sign, &right),
                    _ => false,
                }
            }
            Condition::Matches(operand, regex) => match operand.side(element, root) {
                Some(Side::Text(text)) => regex.is_match(text),
                _ => false,
            },
            Condition::In { operand, list, negated } => match operand.side(element, root) {
                Some(side) => list.iter().any(|item| compared(&side, Sign::Equal, &item.side())) != *negated,
                None => false,
            },
        }
    }
}

impl Operand {
    fn side<'a>(&'a self, element: &'a Value, root: &'a Value) -> Option<Side<'a>> {
        match self {
            Operand::Literal(literal) => Some(literal.side()),
            Operand::Path(path, from_root) => {
                let value = path.value(if *from_root { root } else { element })?;
                Some(match value {
                    Value::Null => Side::Null,
                    Value::Boolean(value) => Side::Boolean(*value),
                    Value::String(text) => Side::Text(text),
                    other => numeric(other).map_or(Side::Other(other), Side::Number),
                })
            }
        }
    }
}

impl Literal {
    fn side(&self) -> Side<'_> {
        match self {
            Literal::Null => Side::Null,
            Literal::Boolean(value) => Side::Boolean(*value),
            Literal::Number(number) => Side::Number(number.clone()),
            Literal::Text(text) => Side::Text(text),
        }
    }
}

fn compared(left: &Side<'_>, sign: Sign, right: &Side<'_>) -> bool {
    let order = match (left, right) {
        (Side::Number(left), Side::Number(right)) => compare(left, right),
        (Side::Text(left), Side::Text(right)) => Some(left.encode_utf16().cmp(right.encode_utf16())),
        (Side::Null, Side::Null) if sign.is_equality() => Some(std::cmp::Ordering::Equal),
        (Side::Boolean(left), Side::Boolean(right)) if sign.is_equality() => Some(left.cmp(right)),
        (Side::Other(left), Side::Other(right)) if sign.is_equality() => {
            return (left == right) == (sign == Sign::Equal);
        }
        _ => None,
    };
    order.map_or(sign == Sign::NotEqual, |order| sign.holds(order))
}

#[cfg(test)]
mod tests {
    use super::super::json_path::Found;
    use super::*;
    use crate::third_party::infer::read_json;

    fn check(path: &str, document: &str) -> Option<usize> {
        let value = read_json(document).unwrap();
        match JsonPath::parse(path).unwrap().find(&value, &value) {
            Found::Values(values) => Some(values.len()),
            Found::Nothing => None,
        }
    }

    #[test]
    fn paths_find_values() {
        let document = r#"{"a":"x","b":{"c":[1,2,{"d":"y"}],"e":null},"f-g":true,"n":1.5,"u":"Ä"}"#;
        for (path, found) in [
            ("$.a", Some(1)),
            ("$", Some(1)),
            ("$['a']", Some(1)),
            ("$.b.c[2].d", Some(1)),
            ("$.b.c[-1].d", Some(1)),
            ("$.b.c[*]", Some(3)),
            ("$.b.c[?(@.d == \"y\")]", Some(1)),
            ("$.b.c[9]", None),
            ("$.b.e", None),
            ("$.x.y", None),
            ("$.f-g", Some(1)),
            ("$[?(@.a == 'x' && @.b.e == null)]", Some(1)),
            ("$.[?(@.a)]", Some(1)),
            ("$[?(@.z)]", Some(0)),
            ("$[?(!(@.z) && @.n > 1)]", Some(1)),
            ("$[?(@.z != 'x')]", Some(0)),
            ("$[?(@.a != 1)]", Some(1)),
            ("$[?(@.a =~ /X/i)]", Some(1)),
            ("$[?(@.u =~ /ä/i)]", Some(0)),
            ("$[?(@.u =~ /ä/iu)]", Some(1)),
            ("$[?(@.a =~ /x|y/ || @.a == 'no')]", Some(1)),
            ("$[?(@.a =~ /.*x\\/.*/)]", Some(0)),
            ("$[?(@.a in ['y', 'x'])]", Some(1)),
            ("$[?(@.a nin ['y'])]", Some(1)),
            ("$[?(@.a == $.a)]", Some(1)),
            ("$[?('x' == @.a)]", Some(1)),
            ("$[?(@.n <= 1.5)]", Some(1)),
            ("$.x[?(@.a)]", None),
        ] {
            assert_eq!(check(path, document), found, "{path}");
        }
    }

    #[test]
    fn what_is_not_served_is_refused_with_its_column() {
        for (path, column, why) in [
            ("a", 1, "expected $"),
            ("$..a", 2, "deep scans"),
            ("$.a[0,1]", 7, "unions"),
            ("$.a[0:1]", 7, "unions"),
            ("$.a.length()", 11, "function length"),
            ("$[?(@.a size 1)]", 9, "expected )"),
            ("$[?(@.a == )]", 12, "a path"),
            ("$[?(@.a =~ /(?=x)/)]", 12, "look-around"),
            ("$[?(@.a =~ /x/U)]", 12, "flag U"),
            ("$[?(@.a[*] == 1)]", 6, "may not have filters"),
            ("$[?('a')]", 8, "an operator"),
            ("$[?(@.a == 'x]", 12, "closing quote"),
            ("$.a b", 5, "a step"),
            ("$[?(@.a === 1)]", 9, "operator"),
        ] {
            let error = JsonPath::parse(path).unwrap_err();
            assert!(error.why.contains(why), "{path}: {error}");
            assert_eq!(error.column, column, "{path}: {error}");
        }
        let deep = format!("$[?({}@.a{})]", "(".repeat(60), ")".repeat(60));
        assert!(JsonPath::parse(&deep).unwrap_err().why.contains("deeper"));
        let long = format!("$[?({})]", ["@.a"; 202].join("||"));
        assert!(JsonPath::parse(&long).unwrap_err().why.contains("200 conditions"));
    }
}
