//! What the provider declares: resources and data sources with their arguments, in the text files of `declarations/`.
//! Names and rules are those of the provider that this one stands in for; they are facts, checked by a test against
//! its published schema where that is at hand.

mod complete;
mod line;
mod parse;
mod types;

use std::collections::BTreeMap;

use anyhow::Context;

use crate::value::Value;
pub use types::Type;

/// The files, by area.
const FILES: [(&str, &str); 7] = [
    ("provider.txt", include_str!("../../declarations/provider.txt")),
    ("organization.txt", include_str!("../../declarations/organization.txt")),
    ("network.txt", include_str!("../../declarations/network.txt")),
    ("kafka.txt", include_str!("../../declarations/kafka.txt")),
    ("governance.txt", include_str!("../../declarations/governance.txt")),
    ("connect.txt", include_str!("../../declarations/connect.txt")),
    ("processing.txt", include_str!("../../declarations/processing.txt")),
];

/// Everything that is declared, by type name.
#[derive(Debug, Default)]
pub struct Declarations {
    /// The provider block.
    pub provider: Declaration,
    /// Resources.
    pub resources: BTreeMap<String, Declaration>,
    /// Data sources.
    pub data_sources: BTreeMap<String, Declaration>,
}

impl Declarations {
    /// Reads the files that are part of the program.
    ///
    /// # Errors
    /// The file and line of the first mistake.
    pub fn load() -> anyhow::Result<Self> {
        let mut all = Self::default();
        for (name, text) in FILES {
            parse::file(text, &mut all).with_context(|| format!("declarations/{name}"))?;
        }
        Ok(all)
    }
}

/// One resource, one data source or the provider block.
#[derive(Debug, Default)]
pub struct Declaration {
    /// Version of the state's shape.
    pub version: i64,
    /// Its content.
    pub block: Block,
}

/// Attributes, nested blocks and rules of one level.
#[derive(Debug, Default)]
pub struct Block {
    /// Arguments and attributes.
    pub attributes: Vec<Attribute>,
    /// Nested blocks.
    pub blocks: Vec<NestedBlock>,
    /// Which of them exclude each other.
    pub rules: Vec<Rule>,
}

/// One argument or attribute.
#[derive(Debug)]
pub struct Attribute {
    /// Its name.
    pub name: String,
    /// Its type.
    pub r#type: Type,
    /// Must be given.
    pub required: bool,
    /// May be given.
    pub optional: bool,
    /// Is filled in by the provider, when not given.
    pub computed: bool,
    /// Hidden by Terraform.
    pub sensitive: bool,
    /// Shown as deprecated.
    pub deprecated: bool,
    /// A change replaces the object.
    pub force_new: bool,
    /// Allowed values of the text, or of each text in the list; empty allows all.
    pub values: Vec<String>,
    /// Value when not given.
    pub default: Option<Value>,
    /// Form that the value must have.
    pub form: Option<Form>,
}

/// A form of a value that can be checked before anything is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// Starts with one of these.
    Prefix(Vec<String>),
    /// Matches this regular expression.
    Pattern(String),
    /// Is this number or larger.
    AtLeast(i64),
}

/// How the instances of a block form one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nesting {
    /// An object.
    Single,
    /// A list of objects.
    List,
    /// A set of objects.
    Set,
}

/// A nested block.
#[derive(Debug)]
pub struct NestedBlock {
    /// Its name.
    pub name: String,
    /// Form of its value.
    pub nesting: Nesting,
    /// Instances at least.
    pub min: usize,
    /// Instances at most; none means any number.
    pub max: Option<usize>,
    /// Is filled in by the provider, when not given.
    pub computed: bool,
    /// A change of the number of instances replaces the object.
    pub force_new: bool,
    /// Its content.
    pub block: Block,
}

/// A rule over several names of one block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// One of these must be given, and only one.
    ExactlyOneOf(Vec<String>),
    /// At most one of these may be given.
    AtMostOneOf(Vec<String>),
    /// One or more of these must be given.
    AtLeastOneOf(Vec<String>),
}
