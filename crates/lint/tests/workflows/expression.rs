//! What stands in `${{ }}` and in `if:`, as far as the blueprint's workflows use it.

/// A value by its path (`inputs.stack`, `secrets.plan_passphrase`), in lower case.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Gives a text with every `${{ }}` replaced.
pub fn fill(text: &str, lookup: Lookup) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${{") {
        let (expression, after) = after.split_once("}}").expect("an expression ends");
        filled += before;
        filled += &evaluate(expression, lookup);
        rest = after;
    }
    filled + rest
}

/// The value of an expression; true and false are texts here.
pub fn evaluate(expression: &str, lookup: Lookup) -> String {
    let mut parser = Parser { text: expression.trim(), lookup };
    let value = parser.any();
    assert!(parser.text.is_empty(), "left of the expression {expression:?}: {:?}", parser.text);
    value
}

/// Whether a value counts as true.
pub fn truth(value: &str) -> bool {
    !value.is_empty() && value != "false" && value != "0"
}

struct Parser<'a> {
    text: &'a str,
    lookup: Lookup<'a>,
}

impl Parser<'_> {
    fn take(&mut self, token: &str) -> bool {
        let found = self.text.strip_prefix(token).map(str::trim_start);
        self.text = found.unwrap_or(self.text);
        found.is_some()
    }

    // Both sides are evaluated: no expression has side effects.
    fn any(&mut self) -> String {
        let mut value = self.all();
        while self.take("||") {
            let next = self.all();
            value = if truth(&value) { value } else { next };
        }
        value
    }

    fn all(&mut self) -> String {
        let mut value = self.comparison();
        while self.take("&&") {
            let next = self.comparison();
            value = if truth(&value) { next } else { value };
        }
        value
    }

    fn comparison(&mut self) -> String {
        let left = self.unary();
        if self.take("==") {
            return (left.eq_ignore_ascii_case(&self.unary())).to_string();
        }
        if self.take("!=") {
            return (!left.eq_ignore_ascii_case(&self.unary())).to_string();
        }
        left
    }

    fn unary(&mut self) -> String {
        if self.take("!") {
            return (!truth(&self.unary())).to_string();
        }
        if self.take("(") {
            let value = self.any();
            assert!(self.take(")"), "a bracket is not closed before {:?}", self.text);
            return value;
        }
        if let Some(rest) = self.text.strip_prefix('\'') {
            let (value, rest) = rest.split_once('\'').expect("a text ends");
            self.text = rest.trim_start();
            return value.to_owned();
        }
        self.path()
    }

    fn path(&mut self) -> String {
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        let end = self.text.find(|c| !is_part(c)).unwrap_or(self.text.len());
        let (name, rest) = self.text.split_at(end);
        let (mut name, rest) = (name.to_ascii_lowercase(), rest.trim_start());
        assert!(!name.is_empty(), "no value at {rest:?}");
        self.text = rest;
        if self.take("(") {
            let mut arguments = Vec::new();
            while !self.take(")") {
                arguments.push(self.any());
                self.take(",");
            }
            return self.call(&name, &arguments);
        }
        if matches!(name.as_str(), "true" | "false") {
            return name;
        }
        while self.take("[") {
            let key = self.any();
            assert!(self.take("]"), "an index is not closed before {:?}", self.text);
            name = format!("{name}.{}", key.to_ascii_lowercase());
        }
        (self.lookup)(&name).unwrap_or_else(|| panic!("the test knows no {name}"))
    }

    fn call(&self, name: &str, arguments: &[String]) -> String {
        match name {
            "format" => {
                let numbered = arguments[1..].iter().enumerate();
                numbered
                    .fold(arguments[0].clone(), |text, (at, value)| text.replace(&format!("{{{at}}}"), value))
            }
            "fromjson" => arguments[0].clone(),
            "always" => "true".to_owned(),
            "failure" | "cancelled" => (self.lookup)(name).expect("the job's state"),
            _ => panic!("the test knows no function {name}"),
        }
    }
}
