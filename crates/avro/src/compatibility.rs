//! Whether data written by one schema can be read by another: Avro's schema resolution, as its Java library decides it
//! for the registry.
//!
//! Logical types, documentation, order and the values of defaults are not compared. Names match when they are equal
//! without their namespaces, or when the writer's full name is among the reader's aliases.

use std::collections::HashMap;
use std::fmt;
use std::rc::Rc;

use crate::schema::{Enum, Field, Kind, NAMES_MAX_DEPTH, Node, NodeId, Record, Schema};

/// One reason why data cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incompatibility {
    /// What kind of reason.
    pub kind: Mismatch,
    /// Where in the reader's schema, as Avro writes it: `/fields/2/type`; `/` is the whole. A number in the place of a
    /// type is a branch of the writer's union.
    pub location: String,
    /// What does not fit.
    pub text: String,
}

/// Kinds of reasons, with Avro's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mismatch {
    /// Names differ.
    Name,
    /// Sizes of a fixed differ.
    FixedSize,
    /// The reader's enum lacks symbols.
    EnumSymbols,
    /// A field that the writer has not, and that has no default.
    FieldWithoutDefault,
    /// Types differ, and none is promoted to the other.
    Type,
    /// The reader's union has no branch for a type.
    UnionBranch,
    /// The schemas cannot be compared: too deep, too many combinations, or a field that matches two.
    Undecided,
}

impl Mismatch {
    /// The word that registries and their clients use.
    pub fn name(self) -> &'static str {
        match self {
            Mismatch::Name => "NAME_MISMATCH",
            Mismatch::FixedSize => "FIXED_SIZE_MISMATCH",
            Mismatch::EnumSymbols => "MISSING_ENUM_SYMBOLS",
            Mismatch::FieldWithoutDefault => "READER_FIELD_MISSING_DEFAULT_VALUE",
            Mismatch::Type => "TYPE_MISMATCH",
            Mismatch::UnionBranch => "MISSING_UNION_BRANCH",
            Mismatch::Undecided => "UNDECIDED",
        }
    }
}

/// Kind, place and text in the form of a registry's messages.
impl fmt::Display for Incompatibility {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, location, text) = (self.kind.name(), &self.location, &self.text);
        write!(f, "{{errorType:'{kind}', location:'{location}', description:'{text}'}}")
    }
}

/// Why `reader` cannot read data of `writer`; empty when it can.
pub fn reads(reader: &Schema, writer: &Schema) -> Vec<Incompatibility> {
    let mut comparison =
        Comparison { reader, writer, memo: HashMap::new(), location: String::new(), steps: 0 };
    let reasons = comparison.pair(reader.root(), writer.root(), 0);
    reasons.iter().map(|reason| reason.as_ref().clone()).collect()
}

/// Of one pair of types so many reasons are kept.
const REASONS_MAX: usize = 32;
/// Pairs of types that are looked at; unions are compared branch by branch.
const STEPS_MAX: usize = 100_000;

type Reasons = Vec<Rc<Incompatibility>>;

struct Comparison<'a> {
    reader: &'a Schema,
    writer: &'a Schema,
    /// Pairs that were compared, or are being compared: those count as compatible.
    memo: HashMap<(NodeId, NodeId), Reasons>,
    location: String,
    steps: usize,
}

impl Comparison<'_> {
    fn pair(&mut self, reader: NodeId, writer: NodeId, depth: usize) -> Reasons {
        if let Some(known) = self.memo.get(&(reader, writer)) {
            return known.clone();
        }
        self.steps += 1;
        if depth > NAMES_MAX_DEPTH {
            return self.because(
                Mismatch::Undecided,
                format!("types lie in each other deeper than {NAMES_MAX_DEPTH} levels"),
            );
        }
        if self.is_spent() {
            return self.because(
                Mismatch::Undecided,
                format!("more than {STEPS_MAX} pairs of types would have to be compared"),
            );
        }
        self.memo.insert((reader, writer), Reasons::new());
        let reasons = self.compare(reader, writer, depth);
        self.memo.insert((reader, writer), reasons.clone());
        reasons
    }

    /// Whether it has taken too long already; then the reason is there.
    fn is_spent(&self) -> bool {
        self.steps > STEPS_MAX
    }

    fn at(&mut self, step: &str, reader: NodeId, writer: NodeId, depth: usize) -> Reasons {
        let length = self.location.len();
        self.location.push('/');
        self.location.push_str(step);
        let reasons = self.pair(reader, writer, depth + 1);
        self.location.truncate(length);
        reasons
    }

    fn because(&self, kind: Mismatch, text: String) -> Reasons {
        self.because_of("", kind, text)
    }

    fn because_of(&self, member: &str, kind: Mismatch, text: String) -> Reasons {
        let location = match (self.location.as_str(), member) {
            ("", "") => "/".to_owned(),
            (location, "") => location.to_owned(),
            (location, member) => format!("{location}/{member}"),
        };
        vec![Rc::new(Incompatibility { kind, location, text })]
    }

    fn compare(&mut self, reader_id: NodeId, writer_id: NodeId, depth: usize) -> Reasons {
        let (reader_schema, writer_schema) = (self.reader, self.writer);
        let (reader, writer) = (reader_schema.node(reader_id), writer_schema.node(writer_id));
        match (&reader.kind, &writer.kind) {
            (_, Kind::Union(branches)) => {
                let mut reasons = Reasons::new();
                for (index, branch) in branches.iter().enumerate() {
                    let of_branch = self.at(&index.to_string(), reader_id, *branch, depth);
                    merge(&mut reasons, of_branch);
                    if self.is_spent() {
                        break;
                    }
                }
                reasons
            }
            (Kind::Union(branches), _) => {
                for branch in branches {
                    // Places inside of a branch count from there, as Java has them when the same two types meet again.
                    let location = std::mem::take(&mut self.location);
                    let of_branch = self.pair(*branch, writer_id, depth + 1);
                    self.location = location;
                    // What cannot be decided of one branch is not decided by another.
                    let undecided = of_branch.iter().find(|reason| reason.kind == Mismatch::Undecided);
                    if let Some(undecided) = undecided {
                        return vec![Rc::clone(undecided)];
                    }
                    if of_branch.is_empty() || self.is_spent() {
                        return of_branch;
                    }
                }
                let text =
                    format!("the reader's union has no branch for the writer's type {}", called(writer));
                self.because(Mismatch::UnionBranch, text)
            }
            (Kind::Array(reader), Kind::Array(writer)) => self.at("items", *reader, *writer, depth),
            (Kind::Map(reader), Kind::Map(writer)) => self.at("values", *reader, *writer, depth),
            (Kind::Fixed(r), Kind::Fixed(w)) => {
                let mut reasons = self.names(reader, writer);
                if r.size != w.size {
                    let text = format!("a fixed of {} bytes is read where {} were written", r.size, w.size);
                    merge(&mut reasons, self.because_of("size", Mismatch::FixedSize, text));
                }
                reasons
            }
            (Kind::Enum(r), Kind::Enum(w)) => {
                let mut reasons = self.names(reader, writer);
                merge(&mut reasons, self.symbols(r, w));
                reasons
            }
            (Kind::Record(r), Kind::Record(w)) => {
                let mut reasons = self.names(reader, writer);
                merge(&mut reasons, self.fields(r, w, depth));
                reasons
            }
            (reader_kind, writer_kind) if is_read_as(writer_kind, reader_kind) => Reasons::new(),
            _ => {
                let text = format!("data of type {} cannot be read as {}", called(writer), called(reader));
                self.because(Mismatch::Type, text)
            }
        }
    }

    fn names(&self, reader: &Node, writer: &Node) -> Reasons {
        let (Some(read), Some(written)) = (reader.name(), writer.name()) else { return Reasons::new() };
        match read.simple() == written.simple() || reader.aliases().contains(written) {
            true => Reasons::new(),
            false => {
                let text = format!(
                    "{} is read where {} was written, and has no such alias",
                    read.full(),
                    written.full()
                );
                self.because_of("name", Mismatch::Name, text)
            }
        }
    }

    fn symbols(&self, reader: &Enum, writer: &Enum) -> Reasons {
        let known: std::collections::HashSet<&str> = reader.symbols.iter().map(String::as_str).collect();
        let missing: Vec<&str> =
            writer.symbols.iter().map(String::as_str).filter(|symbol| !known.contains(symbol)).collect();
        let has_default = reader.default.as_ref().is_some_and(|default| known.contains(default.as_str()));
        if missing.is_empty() || has_default {
            return Reasons::new();
        }
        let text =
            format!("the reader's enum lacks the symbols {}", crate::error::shown(&missing.join(", ")));
        self.because_of("symbols", Mismatch::EnumSymbols, text)
    }

    fn has_default(&self, reader: NodeId) -> bool {
        matches!(&self.reader.node(reader).kind, Kind::Enum(symbols) if symbols.default.is_some())
    }

    fn fields(&mut self, reader: &Record, writer: &Record, depth: usize) -> Reasons {
        let written: HashMap<&str, &Field> =
            writer.fields.iter().map(|field| (field.name.as_str(), field)).collect();
        let mut reasons = Reasons::new();
        for (index, field) in reader.fields.iter().enumerate() {
            let names = std::iter::once(&field.name).chain(&field.aliases);
            let mut found = names.filter_map(|name| written.get(name.as_str()).copied());
            let of_field = match (found.next(), found.next()) {
                (Some(one), None) => {
                    let length = self.location.len();
                    self.location.push_str(&format!("/fields/{index}"));
                    let of_field = self.at("type", field.schema, one.schema, depth);
                    self.location.truncate(length);
                    of_field
                }
                (None, _) if field.default.is_some() => continue,
                // An enum's own default is none of the field: Java compares the enum with the writer's record.
                (None, _) if self.has_default(field.schema) => {
                    let text = format!("the field {} was not written, and has no default", field.name);
                    self.because_of(&format!("fields/{index}/type"), Mismatch::Type, text)
                }
                (None, _) => {
                    let text = format!("the field {} was not written, and has no default", field.name);
                    self.because_of(&format!("fields/{index}"), Mismatch::FieldWithoutDefault, text)
                }
                (Some(one), Some(other)) => {
                    let text = format!(
                        "the reader's field {} matches two of the writer's, {} and {}",
                        field.name, one.name, other.name
                    );
                    self.because_of(&format!("fields/{index}"), Mismatch::Undecided, text)
                }
            };
            merge(&mut reasons, of_field);
            if self.is_spent() {
                break;
            }
        }
        reasons
    }
}

fn merge(reasons: &mut Reasons, more: Reasons) {
    let room = REASONS_MAX.saturating_sub(reasons.len());
    for reason in more.into_iter().take(room) {
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
}

/// Whether data of one primitive type is read as another.
pub(crate) fn is_read_as(writer: &Kind, reader: &Kind) -> bool {
    use Kind::{Boolean, Bytes, Double, Float, Int, Long, Null, String};
    matches!(
        (writer, reader),
        (Null, Null)
            | (Boolean, Boolean)
            | (Int, Int | Long | Float | Double)
            | (Long, Long | Float | Double)
            | (Float, Float | Double)
            | (Double, Double)
            | (String | Bytes, String | Bytes)
    )
}

fn called(node: &Node) -> String {
    match node.name() {
        Some(name) => format!("{} {}", node.kind.type_name(), name.full()),
        None => node.kind.type_name().to_owned(),
    }
}
