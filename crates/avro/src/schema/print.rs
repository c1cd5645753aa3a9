//! Types to the text that a registry stores.

use super::json_text::{write, write_array, write_string};
use super::{Field, Kind, NAMES_MAX_DEPTH, Name, Node, NodeId, Nodes, Order, Properties};

/// The canonical text.
pub(super) fn print(nodes: &Nodes) -> String {
    let mut defined = vec![false; nodes.list.len()];
    for id in &nodes.external {
        defined[id.index()] = true;
    }
    let mut printer = Printer { nodes, defined, depth: 0, out: String::new() };
    if let Some(root) = nodes.root {
        // The outermost type is printed as it is, even where a reference has defined it.
        printer.schema(root, None);
    }
    printer.out
}

struct Printer<'a> {
    nodes: &'a Nodes,
    /// Types that are printed as names from here on.
    defined: Vec<bool>,
    /// How many types lie around this one.
    depth: usize,
    out: String,
}

impl Printer<'_> {
    fn schema(&mut self, id: NodeId, space: Option<&str>) {
        self.depth += 1;
        self.of(id, space);
        self.depth -= 1;
    }

    fn of(&mut self, id: NodeId, space: Option<&str>) {
        let node = &self.nodes[id];
        if let Some(name) = node.name() {
            // A text lies less deep in itself than this. Definitions of references, when they are put in where they are
            // named, may form a longer chain: its end stays a name, as nobody could parse a text of that depth.
            if self.defined[id.index()] || self.depth > NAMES_MAX_DEPTH {
                return write_string(name.written_in(space), &mut self.out);
            }
            self.defined[id.index()] = true;
            return self.definition(node, name, space);
        }
        match &node.kind {
            Kind::Union(branches) => {
                self.out.push('[');
                for (index, branch) in branches.iter().enumerate() {
                    self.comma(index);
                    self.schema(*branch, space);
                }
                self.out.push(']');
            }
            Kind::Array(part) | Kind::Map(part) => {
                let is_array = matches!(node.kind, Kind::Array(_));
                self.out.push_str(if is_array {
                    "{\"type\":\"array\",\"items\":"
                } else {
                    "{\"type\":\"map\",\"values\":"
                });
                self.schema(*part, space);
                self.properties(&node.properties);
                self.out.push('}');
            }
            kind if node.properties.is_empty() => write_string(kind.type_name(), &mut self.out),
            kind => {
                self.out.push_str("{\"type\":");
                write_string(kind.type_name(), &mut self.out);
                self.properties(&node.properties);
                self.out.push('}');
            }
        }
    }

    fn definition(&mut self, node: &Node, name: &Name, space: Option<&str>) {
        let type_name = match &node.kind {
            Kind::Record(record) if record.is_error => "error",
            kind => kind.type_name(),
        };
        self.out.push_str("{\"type\":");
        write_string(type_name, &mut self.out);
        self.text("name", name.simple());
        if name.namespace() != space {
            self.text("namespace", name.namespace().unwrap_or_default());
        }
        match &node.kind {
            Kind::Record(record) => {
                self.optional_text("doc", record.doc.as_deref());
                self.out.push_str(",\"fields\":[");
                for (index, field) in record.fields.iter().enumerate() {
                    self.comma(index);
                    self.field(field, name.namespace());
                }
                self.out.push(']');
            }
            Kind::Enum(symbols) => {
                self.optional_text("doc", symbols.doc.as_deref());
                self.out.push_str(",\"symbols\":");
                write_array(&symbols.symbols, &mut self.out, |symbol, out| write_string(symbol, out));
                self.optional_text("default", symbols.default.as_deref());
            }
            Kind::Fixed(fixed) => {
                self.optional_text("doc", fixed.doc.as_deref());
                self.out.push_str(&format!(",\"size\":{}", fixed.size));
            }
            _ => {}
        }
        self.properties(&node.properties);
        if !node.aliases().is_empty() {
            self.out.push_str(",\"aliases\":");
            let space = name.namespace();
            write_array(node.aliases(), &mut self.out, |alias, out| {
                let simple = alias.namespace().is_none() || alias.namespace() == space;
                write_string(if simple { alias.simple() } else { alias.full() }, out);
            });
        }
        self.out.push('}');
    }

    fn field(&mut self, field: &Field, space: Option<&str>) {
        self.out.push_str("{\"name\":");
        write_string(&field.name, &mut self.out);
        self.out.push_str(",\"type\":");
        self.schema(field.schema, space);
        self.optional_text("doc", field.doc.as_deref());
        if let Some(default) = &field.default {
            self.out.push_str(",\"default\":");
            write(default, &mut self.out);
        }
        match field.order {
            Order::Ascending => {}
            Order::Descending => self.text("order", "descending"),
            Order::Ignore => self.text("order", "ignore"),
        }
        if !field.aliases.is_empty() {
            self.out.push_str(",\"aliases\":");
            write_array(&field.aliases, &mut self.out, |alias, out| write_string(alias, out));
        }
        self.properties(&field.properties);
        self.out.push('}');
    }

    fn comma(&mut self, index: usize) {
        if index > 0 {
            self.out.push(',');
        }
    }

    fn text(&mut self, key: &str, text: &str) {
        self.out.push(',');
        write_string(key, &mut self.out);
        self.out.push(':');
        write_string(text, &mut self.out);
    }

    fn optional_text(&mut self, key: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.text(key, text);
        }
    }

    fn properties(&mut self, properties: &Properties) {
        for (key, value) in properties {
            self.out.push(',');
            write_string(key, &mut self.out);
            self.out.push(':');
            write(value, &mut self.out);
        }
    }
}
