//! Reading expressions of `Filter` and `ContentBasedRouter`.

use super::expression::{Binding, Expression, Language};
use crate::java_regex;
use crate::third_party::comparison::{Numeric, Sign};
use crate::third_party::scanner::{Number, Scanner, SyntaxError};

type Parsed = Result<Expression, SyntaxError>;

/// Reads an expression.
///
/// # Errors
/// Anything that is not of the subset, with its column.
pub(super) fn parse(text: &str, language: Language) -> Parsed {
    let mut parser = Parser { scanner: Scanner::new(text)?, language, operators: 0 };
    let expression = parser.choice()?;
    // A last semicolon changes nothing.
    parser.scanner.eat(";");
    match parser.scanner.at_end() {
        true => Ok(expression),
        false => Err(parser.scanner.unexpected("an operator or the end")),
    }
}

struct Parser<'a> {
    scanner: Scanner<'a>,
    language: Language,
    operators: usize,
}

// Each operator makes the tree deeper, and the tree is walked by recursion.
const OPERATORS_MAX: usize = 200;

fn pair(
    make: fn(Box<Expression>, Box<Expression>) -> Expression,
    left: Expression,
    right: Expression,
) -> Expression {
    make(Box::new(left), Box::new(right))
}

impl Parser<'_> {
    fn choice(&mut self) -> Parsed {
        self.scanner.enter()?;
        let condition = self.or()?;
        let expression = if self.scanner.eat("?") {
            let yes = self.choice()?;
            self.scanner.expect(":")?;
            let no = self.choice()?;
            Expression::Choice(Box::new(condition), Box::new(yes), Box::new(no))
        } else {
            condition
        };
        self.scanner.leave();
        Ok(expression)
    }

    fn count(&mut self) -> Result<(), SyntaxError> {
        self.operators += 1;
        match self.operators > OPERATORS_MAX {
            true => Err(self.scanner.error(format!("more than {OPERATORS_MAX} operators"))),
            false => Ok(()),
        }
    }

    fn or(&mut self) -> Parsed {
        let mut left = self.and()?;
        while self.scanner.eat("||") {
            self.count()?;
            left = pair(Expression::Or, left, self.and()?);
        }
        Ok(left)
    }

    fn and(&mut self) -> Parsed {
        let mut left = self.comparison()?;
        while self.scanner.eat("&&") {
            self.count()?;
            left = pair(Expression::And, left, self.comparison()?);
        }
        Ok(left)
    }

    fn comparison(&mut self) -> Parsed {
        let left = self.sum()?;
        self.scanner.skip_blanks();
        if ["===", "!==", "==~", "<=>", "<<", ">>"].iter().any(|sign| self.scanner.rest().starts_with(sign)) {
            return Err(self.scanner.error("this operator is not supported"));
        }
        let compared = if let Some(sign) = Sign::eat(&mut self.scanner) {
            Expression::Compare(sign, Box::new(left), Box::new(self.sum()?))
        } else if self.language == Language::Groovy && self.scanner.eat_word("in") {
            Expression::In(Box::new(left), self.list()?)
        } else {
            return Ok(left);
        };
        self.scanner.skip_blanks();
        if self.scanner.rest().starts_with(['<', '>', '=']) || self.scanner.rest().starts_with("!=") {
            return Err(self.scanner.error("a comparison of a comparison needs parentheses"));
        }
        Ok(compared)
    }

    fn list(&mut self) -> Result<Vec<Expression>, SyntaxError> {
        self.scanner.expect("[")?;
        let mut items = Vec::new();
        if self.scanner.eat("]") {
            return Ok(items);
        }
        loop {
            items.push(self.choice()?);
            if !self.scanner.eat(",") {
                self.scanner.expect("]")?;
                return Ok(items);
            }
        }
    }

    fn sum(&mut self) -> Parsed {
        let mut left = self.unary()?;
        loop {
            self.scanner.skip_blanks();
            if self.scanner.rest().starts_with("++") || !self.scanner.eat("+") {
                return Ok(left);
            }
            self.count()?;
            left = pair(Expression::Plus, left, self.unary()?);
        }
    }

    fn unary(&mut self) -> Parsed {
        self.scanner.skip_blanks();
        if self.scanner.rest().starts_with('!') && !self.scanner.rest().starts_with("!=") {
            self.scanner.eat("!");
            self.scanner.enter()?;
            let inner = self.unary()?;
            self.scanner.leave();
            return Ok(Expression::Not(Box::new(inner)));
        }
        self.postfix()
    }

    fn postfix(&mut self) -> Parsed {
        let mut expression = self.primary()?;
        let mut steps = 0;
        loop {
            let safe = self.scanner.eat("?.");
            expression = if safe || self.scanner.eat(".") {
                let before = self.scanner.clone();
                let name = match self.scanner.quoted()? {
                    Some(name) => name,
                    None => self.scanner.word().ok_or_else(|| self.scanner.unexpected("a name"))?.to_owned(),
                };
                match self.scanner.eat("(") {
                    true => self.call(expression, &name, safe, before)?,
                    false => member(expression, name, safe, &before)?,
                }
            } else if self.scanner.eat("[") {
                let before = self.scanner.clone();
                let Some(name) = self.scanner.quoted()? else {
                    return Err(self.scanner.unexpected("a name in quotes"));
                };
                self.scanner.expect("]")?;
                member(expression, name, false, &before)?
            } else {
                return Ok(expression);
            };
            steps += 1;
            if steps > crate::third_party::scanner::DEPTH_MAX {
                return Err(self.scanner.error("a path of too many steps"));
            }
        }
    }

    // The parenthesis is open.
    fn call(&mut self, of: Expression, name: &str, safe: bool, before: Scanner<'_>) -> Parsed {
        if safe && name != "get" {
            return Err(before.error(format!("?.{name}(…) is not supported")));
        }
        match name {
            "get" => {
                let at = self.scanner.clone();
                let Some(field) = self.scanner.quoted()? else {
                    return Err(self.scanner.unexpected("a name in quotes"));
                };
                self.scanner.expect(")")?;
                member(of, field, safe, &at)
            }
            "matches" => {
                let at = self.scanner.clone();
                let Some(pattern) = self.scanner.quoted()? else {
                    return Err(self.scanner.unexpected("a pattern in quotes"));
                };
                self.scanner.expect(")")?;
                let regex = java_regex::compile_whole(&pattern)
                    .map_err(|why| at.error(format!("Invalid regex: {why}")))?;
                Ok(Expression::Matches(Box::new(of), regex))
            }
            "startsWith" | "endsWith" | "contains" => {
                let part = self.choice()?;
                self.scanner.expect(")")?;
                Ok(pair(
                    match name {
                        "startsWith" => Expression::StartsWith,
                        "endsWith" => Expression::EndsWith,
                        _ => Expression::Contains,
                    },
                    of,
                    part,
                ))
            }
            _ => Err(before.error(format!(
                "the method {name} is not supported: there are get, startsWith, endsWith, contains and matches"
            ))),
        }
    }

    fn primary(&mut self) -> Parsed {
        if self.scanner.eat("(") {
            let inner = self.choice()?;
            self.scanner.expect(")")?;
            return Ok(inner);
        }
        if let Some(text) = self.scanner.quoted()? {
            return Ok(Expression::Text(text));
        }
        if let Some(number) = self.scanner.number()? {
            return Ok(Expression::Number(match number {
                Number::Integer(n) => Numeric::Integer(n),
                Number::Float(n) => Numeric::Float(n),
            }));
        }
        self.scanner.skip_blanks();
        let before = self.scanner.clone();
        let Some(word) = self.scanner.word() else {
            return Err(self.scanner.unexpected("a value"));
        };
        Ok(match word {
            "true" => Expression::Boolean(true),
            "false" => Expression::Boolean(false),
            "null" => Expression::Null,
            "key" => Expression::Binding(Binding::Key),
            "value" => Expression::Binding(Binding::Value),
            "keySchema" => Expression::Binding(Binding::KeySchema),
            "valueSchema" => Expression::Binding(Binding::ValueSchema),
            "topic" => Expression::Binding(Binding::Topic),
            "header" => Expression::Binding(Binding::Header),
            other => {
                return Err(before.error(format!(
                    "{other} is not supported: a path begins with key, value, keySchema, valueSchema, topic or header"
                )));
            }
        })
    }
}

fn member(of: Expression, name: String, safe: bool, at: &Scanner<'_>) -> Parsed {
    let allowed = match &of {
        Expression::Binding(Binding::KeySchema | Binding::ValueSchema) => {
            matches!(&*name, "name" | "version")
        }
        Expression::Member { of, name: before, .. } => match (&**of, before.as_str()) {
            (Expression::Binding(Binding::Header), _) => matches!(&*name, "value" | "schema"),
            (Expression::Member { of, .. }, "schema")
                if matches!(**of, Expression::Binding(Binding::Header)) =>
            {
                matches!(&*name, "name" | "version")
            }
            _ => true,
        },
        Expression::Binding(Binding::Topic) | Expression::Text(_) => false,
        _ => true,
    };
    match allowed {
        true => Ok(Expression::Member { of: Box::new(of), name, safe }),
        false => Err(at.error(format!("the member {name} is not supported here"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_of_the_subset_is_refused_with_its_column() {
        for (text, column, why) in [
            ("value.after.x === 1", 15, "operator"),
            ("foo == 1", 1, "foo is not supported"),
            ("value.op.toLowerCase() == 'c'", 10, "toLowerCase"),
            ("value.op == ", 13, "the end"),
            ("value.op = 'c'", 10, "expected an operator"),
            ("def x = 1", 1, "def is not supported"),
            ("value.op == 'c' ; value", 19, "expected an operator"),
            ("topic.length == 1", 7, "length"),
            ("header.h.key == 1", 10, "key"),
            ("value.matches(\"(?=a)\")", 15, "look-around"),
            ("value.matches(value)", 15, "pattern in quotes"),
            ("'abc", 1, "closing quote"),
            ("value.a == 1 == true", 14, "parentheses"),
            ("value[0]", 7, "name in quotes"),
            ("valueSchema.fields", 13, "fields"),
            ("value.a == 12345678901234567890", 12, "64 bits"),
        ] {
            let error = parse(text, Language::Groovy).unwrap_err();
            assert_eq!(error.column, column, "{text}: {error}");
            assert!(error.why.contains(why), "{text}: {error}");
        }
        assert!(parse("value.a in ['b']", Language::JavaScript).is_err());
        for deep in ["(".repeat(60), "!".repeat(200), "value.a ? ".repeat(60)] {
            let error = parse(&deep, Language::Groovy).unwrap_err();
            assert!(error.why.contains("deeper than 50"), "{error}");
        }
        assert!(parse(&format!("value{}", ".a".repeat(51)), Language::Groovy).is_err());
        assert!(
            parse(&["true"; 202].join("||"), Language::Groovy).unwrap_err().why.contains("200 operators")
        );
        assert!(parse(&" ".repeat(10_001), Language::Groovy).unwrap_err().why.contains("10000"));
    }
}
