//! What a schema says, apart from how it is written: sub-schemas by number, references resolved.

mod build;

use serde_json::Value;

/// A sub-schema's number in its [`Model`].
pub(crate) type Id = usize;

#[derive(Debug, Clone)]
pub(crate) struct Model {
    nodes: Vec<Node>,
}

#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub kind: Kind,
    pub has_default: bool,
    /// Marked `connect.type` = `bytes`: such schemas may change their form.
    pub is_bytes: bool,
}

#[derive(Debug, Clone)]
pub(crate) enum Kind {
    /// `true`, `{}`, or nothing but annotations.
    Any,
    /// `false`.
    Never,
    Boolean,
    Null,
    String(Text),
    Number(Box<Number>),
    Array(Box<Array>),
    Object(Box<Object>),
    Enum(Vec<Value>),
    Const(Value),
    Combined(Criterion, Vec<Id>),
    Not(Id),
    Reference(Id),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Criterion {
    All,
    Any,
    One,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Text {
    pub min: Option<f64>,
    pub max: Option<f64>,
    pub pattern: Option<String>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Number {
    pub integer: bool,
    pub min: Option<f64>,
    pub max: Option<f64>,
    pub exclusive_min: Option<f64>,
    pub exclusive_max: Option<f64>,
    pub multiple_of: Option<f64>,
}

/// What is said of the members or items that have no schema of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rest {
    Open,
    Closed,
    Schema(Id),
}

#[derive(Debug, Clone)]
pub(crate) struct Array {
    pub tuple: Vec<Id>,
    pub rest: Rest,
    pub contains: Option<Id>,
    pub min: Option<f64>,
    pub max: Option<f64>,
    pub min_contains: Option<f64>,
    pub max_contains: Option<f64>,
    pub unique: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Object {
    pub properties: Vec<(String, Id)>,
    pub patterns: Vec<(String, Option<regex::Regex>, Id)>,
    pub additional: Rest,
    pub unevaluated: Rest,
    pub required: Vec<String>,
    pub names: Option<Id>,
    pub min: Option<f64>,
    pub max: Option<f64>,
    pub dependent_names: Vec<(String, Vec<String>)>,
    pub dependent_schemas: Vec<(String, Id)>,
}

impl Model {
    pub const ROOT: Id = 0;

    /// The sub-schema, references followed; `None` for references that lead in a circle.
    pub fn get(&self, id: Id) -> Option<(Id, &Node)> {
        let mut at = id;
        for _ in 0..self.nodes.len() {
            match &self.nodes[at] {
                Node { kind: Kind::Reference(to), .. } => at = *to,
                node => return Some((at, node)),
            }
        }
        None
    }

    /// Whether a value is given for a property that is not there, at the reference or at what it leads to.
    pub fn has_default(&self, id: Id) -> bool {
        self.nodes[id].has_default || self.get(id).is_some_and(|(_, node)| node.has_default)
    }
}
