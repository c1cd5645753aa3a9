//! A file to text, in the layout of Confluent's Schema Registry, which compares schemas by this text.

use std::fmt::Write;

use super::{
    Constant, Enum, Extend, Field, FieldKind, File, Group, Message, Method, Oneof, Opt, OptValue, Reserved,
    Service,
};

// Largest field number, which a range prints as `max`.
const MAX_TAG: i32 = 536_870_911;

pub(crate) fn print(file: &File) -> String {
    let mut out = Lines::default();
    if let Some(syntax) = &file.syntax {
        out.line(format_args!("syntax = \"{syntax}\";"));
    }
    if let Some(package) = &file.package {
        out.line(format_args!("package {package};"));
    }
    out.block(!file.imports.is_empty() || !file.public_imports.is_empty());
    for import in &file.imports {
        out.line(format_args!("import {};", quoted(import)));
    }
    for import in &file.public_imports {
        out.line(format_args!("import public {};", quoted(import)));
    }
    out.block(!file.options.is_empty());
    out.options(&file.options);
    out.block(!file.messages.is_empty() || !file.enums.is_empty());
    file.messages.iter().for_each(|message| out.message(message));
    file.enums.iter().for_each(|item| out.enumeration(item));
    out.block(!file.extends.is_empty());
    file.extends.iter().for_each(|extend| out.extend(extend));
    out.block(!file.services.is_empty());
    file.services.iter().for_each(|service| out.service(service));
    out.text
}

/// Text with an indentation, which empty lines of inner bodies have too.
#[derive(Default)]
struct Lines {
    text: String,
    depth: usize,
    /// Whether something was written in the body that is open.
    begun: bool,
}

impl Lines {
    fn indent(&mut self) {
        for _ in 0..self.depth {
            self.text.push_str("  ");
        }
    }

    fn line(&mut self, text: std::fmt::Arguments<'_>) {
        self.indent();
        // Writing to a String does not fail.
        let _ = self.text.write_fmt(text);
        self.text.push('\n');
        self.begun = true;
    }

    // An empty line before what follows, unless it is the first of a body.
    fn block(&mut self, follows: bool) {
        if follows && (self.begun || self.depth == 0) {
            // It belongs to the body, not to what is in it.
            for _ in 1..self.depth {
                self.text.push_str("  ");
            }
            self.text.push('\n');
        }
    }

    fn body(&mut self, head: std::fmt::Arguments<'_>, close: &str, body: impl FnOnce(&mut Self)) {
        self.indent();
        let _ = self.text.write_fmt(head);
        let (length, begun) = (self.text.len(), std::mem::replace(&mut self.begun, false));
        self.text.push_str(" {\n");
        self.depth += 1;
        body(self);
        self.depth -= 1;
        if self.begun {
            self.indent();
            self.text.push_str(close);
        } else {
            self.text.truncate(length);
            self.text.push_str(" {");
            self.text.push_str(close);
        }
        self.text.push('\n');
        self.begun = begun || self.begun || self.depth > 0;
    }

    fn options(&mut self, options: &[Opt]) {
        for option in options {
            let mut text = String::new();
            value(&option.value, self.depth, &mut text);
            self.line(format_args!("option {} = {text};", option.name));
        }
    }

    fn message(&mut self, message: &Message) {
        self.body(format_args!("message {}", message.name), "}", |out| out.members(message));
    }

    fn members(&mut self, message: &Message) {
        message.reserved.iter().for_each(|reserved| self.reserved(reserved));
        self.block(!message.options.is_empty());
        self.options(&message.options);
        self.block(!message.fields.is_empty());
        message.fields.iter().for_each(|field| self.field(field));
        self.block(!message.oneofs.is_empty());
        message.oneofs.iter().for_each(|oneof| self.oneof(oneof));
        self.block(!message.groups.is_empty());
        message.groups.iter().for_each(|group| self.group(group));
        self.block(!message.extensions.is_empty());
        for list in &message.extensions {
            self.line(format_args!("extensions {};", ranges(list, MAX_TAG)));
        }
        self.block(!message.messages.is_empty() || !message.enums.is_empty());
        message.messages.iter().for_each(|message| self.message(message));
        message.enums.iter().for_each(|item| self.enumeration(item));
        self.block(!message.extends.is_empty());
        message.extends.iter().for_each(|extend| self.extend(extend));
    }

    fn reserved(&mut self, reserved: &Reserved) {
        match reserved {
            Reserved::Ranges(list) => self.line(format_args!("reserved {};", ranges(list, MAX_TAG))),
            Reserved::Names(names) => {
                let names: Vec<_> = names.iter().map(|name| quoted(name)).collect();
                self.line(format_args!("reserved {};", names.join(", ")));
            }
        }
    }

    fn field(&mut self, field: &Field) {
        let label = field.label.map(|label| format!("{label} ")).unwrap_or_default();
        let kind = match &field.kind {
            FieldKind::Name(name) => name.clone(),
            FieldKind::Map(key, value) => format!("map<{key}, {value}>"),
        };
        let options = self.in_brackets(&field.options);
        self.line(format_args!("{label}{kind} {} = {}{options};", field.name, field.number));
    }

    fn in_brackets(&self, options: &[Opt]) -> String {
        let mut text = String::new();
        match options {
            [] => {}
            [option] => {
                let _ = write!(text, " [{} = ", option.name);
                value(&option.value, self.depth, &mut text);
                text.push(']');
            }
            options => {
                text.push_str(" [\n");
                for (index, option) in options.iter().enumerate() {
                    let _ = write!(text, "{}{} = ", "  ".repeat(self.depth + 1), option.name);
                    value(&option.value, self.depth + 1, &mut text);
                    text.push_str(if index + 1 < options.len() { ",\n" } else { "\n" });
                }
                text.push_str(&"  ".repeat(self.depth));
                text.push(']');
            }
        }
        text
    }

    fn oneof(&mut self, oneof: &Oneof) {
        self.body(format_args!("oneof {}", oneof.name), "}", |out| {
            out.options(&oneof.options);
            out.block(!oneof.fields.is_empty());
            oneof.fields.iter().for_each(|field| out.field(field));
            out.block(!oneof.groups.is_empty());
            oneof.groups.iter().for_each(|group| out.group(group));
        });
    }

    fn group(&mut self, group: &Group) {
        let label = group.label.map(|label| format!("{label} ")).unwrap_or_default();
        let head = format!("{label}group {} = {}", group.body.name, group.number);
        self.body(format_args!("{head}"), "}", |out| out.members(&group.body));
    }

    fn enumeration(&mut self, item: &Enum) {
        self.body(format_args!("enum {}", item.name), "}", |out| {
            for reserved in &item.reserved {
                match reserved {
                    Reserved::Ranges(list) => out.line(format_args!("reserved {};", ranges(list, i32::MAX))),
                    names @ Reserved::Names(_) => out.reserved(names),
                }
            }
            out.options(&item.options);
            for Constant { name, number, options } in &item.constants {
                let options = out.in_brackets(options);
                out.line(format_args!("{name} = {number}{options};"));
            }
        });
    }

    fn extend(&mut self, extend: &Extend) {
        self.body(format_args!("extend {}", extend.extendee), "}", |out| {
            extend.fields.iter().for_each(|field| out.field(field));
        });
    }

    fn service(&mut self, service: &Service) {
        self.body(format_args!("service {}", service.name), "}", |out| {
            out.options(&service.options);
            out.block(!service.methods.is_empty());
            service.methods.iter().for_each(|method| out.method(method));
        });
    }

    fn method(&mut self, method: &Method) {
        let stream = |streams: bool| if streams { "stream " } else { "" };
        let Method { name, input, output, .. } = method;
        let (streams_input, streams_output) = (stream(method.streams_input), stream(method.streams_output));
        let head = format!("rpc {name} ({streams_input}{input}) returns ({streams_output}{output})");
        match method.options.is_empty() {
            true => self.line(format_args!("{head};")),
            false => self.body(format_args!("{head}"), "};", |out| out.options(&method.options)),
        }
    }
}

fn ranges(list: &[(i32, i32)], max: i32) -> String {
    let range = |(start, end): &(i32, i32)| match (start, end) {
        (start, end) if start == end => start.to_string(),
        (start, end) if *end == max => format!("{start} to max"),
        (start, end) => format!("{start} to {end}"),
    };
    list.iter().map(range).collect::<Vec<_>>().join(", ")
}

fn value(option: &OptValue, depth: usize, out: &mut String) {
    match option {
        OptValue::Word(word) => out.push_str(word),
        OptValue::Text(text) => out.push_str(&quoted(text)),
        OptValue::Map(members) => {
            lines(members, ('{', '}'), depth, out, |(name, member), out| {
                let _ = write!(out, "{name}: ");
                value(member, depth + 1, out);
            });
        }
        OptValue::List(items) => {
            lines(items, ('[', ']'), depth, out, |item, out| value(item, depth + 1, out))
        }
    }
}

fn lines<T>(
    items: &[T],
    (open, close): (char, char),
    depth: usize,
    out: &mut String,
    each: impl Fn(&T, &mut String),
) {
    out.push(open);
    out.push('\n');
    for (index, item) in items.iter().enumerate() {
        out.push_str(&"  ".repeat(depth + 1));
        each(item, out);
        out.push_str(if index + 1 < items.len() { ",\n" } else { "\n" });
    }
    out.push_str(&"  ".repeat(depth));
    out.push(close);
}

/// A text in quotes.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '\x07' => out.push_str("\\a"),
            '\x08' => out.push_str("\\b"),
            '\x0c' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\x0b' => out.push_str("\\v"),
            '\\' => out.push_str("\\\\"),
            '\'' => out.push_str("\\'"),
            '"' => out.push_str("\\\""),
            c if c.is_ascii_control() => {
                let _ = write!(out, "\\{:03o}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
