//! A schema: a `.proto` file with the files that it imports.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use base64::Engine;
use prost::Message;
use prost_reflect::{DescriptorPool, FileDescriptor, MessageDescriptor};
use prost_types::{DescriptorProto, FileDescriptorProto};

use crate::{ParseError, builtin, shape, text};

/// Longest text of a schema and its references together, in bytes.
pub const MAX_BYTES: usize = 16 << 20;
/// Largest number of references.
pub const MAX_FILES: usize = 1_000;
/// Deepest nesting of braces, brackets and angle brackets.
pub const MAX_NESTING: usize = 64;
/// Largest number of messages and enums in a schema and its references.
pub const MAX_TYPES: usize = 20_000;

// The file's own name, which no import can have.
const SELF: &str = "default";

/// A Protobuf schema, with the files that it imports.
#[derive(Debug, Clone)]
pub struct Schema {
    text: text::File,
    file: FileDescriptor,
}

impl Schema {
    /// Parses a schema: the text of a `.proto` file, or base64 of its `FileDescriptorProto`. `references` are
    /// `(import path, text)`.
    ///
    /// # Errors
    /// The text is not a `.proto` file, a type or an import is missing, or a limit is passed.
    pub fn parse(text: &str, references: &[(String, String)]) -> Result<Self, ParseError> {
        let bytes = text.len() + references.iter().map(|(_, text)| text.len()).sum::<usize>();
        if bytes > MAX_BYTES {
            return Err(ParseError::TooLong { bytes });
        }
        if references.len() > MAX_FILES {
            return Err(ParseError::TooManyFiles);
        }
        let (mut main, is_text) = read(SELF, text)?;
        let printable = is_text.then(|| text::of_source(&main));
        main.name = Some(SELF.to_owned());
        main.source_code_info = None;
        let mut files = HashMap::new();
        let mut types = count(&main);
        for (name, text) in references {
            let (mut file, _) = read(name, text)?;
            file.name = Some(name.clone());
            file.source_code_info = None;
            types += count(&file);
            // Of two with the same name the first counts.
            files.entry(name.clone()).or_insert(file);
        }
        if types > MAX_TYPES {
            return Err(ParseError::TooManyTypes);
        }
        let file = match link(main.clone(), files.clone()) {
            Ok(file) => file,
            // Confluent's Java converter writes its options without the import, and its registry knows them.
            Err(why) if is_text && text.contains(OPTIONS) => {
                import_options(&mut main);
                files.values_mut().for_each(import_options);
                link(main, files).map_err(|_| why)?
            }
            Err(why) => return Err(why),
        };
        let text = printable.unwrap_or_else(|| text::of_descriptor(&file));
        Ok(Self { text, file })
    }

    /// The file, printed the same way whatever it looked like: what a registry stores and answers. Comments are not
    /// kept.
    pub fn canonical(&self) -> String {
        text::print(&self.text)
    }

    /// The file with everything sorted whose order says nothing, and type names in full.
    pub fn normalized(&self) -> String {
        text::print(&text::normalize(&self.text, &self.file))
    }

    /// The file's descriptor, linked with those of its imports.
    pub fn file(&self) -> &FileDescriptor {
        &self.file
    }

    /// Full name of the first message: what the schema is named by.
    pub fn name(&self) -> Option<String> {
        self.file.messages().next().map(|message| message.full_name().to_owned())
    }

    /// The message of this path of positions, outermost first; the path `[0]` is the first message.
    pub fn message_at(&self, indexes: &[usize]) -> Option<MessageDescriptor> {
        let (first, nested) = indexes.split_first()?;
        let mut message = self.file.messages().nth(*first)?;
        for index in nested {
            let next = message.child_messages().nth(*index);
            message = next?;
        }
        Some(message)
    }

    /// The path of positions of a message of this file.
    pub fn indexes_of(&self, full_name: &str) -> Option<Vec<usize>> {
        let message = self.file.parent_pool().get_message_by_name(full_name)?;
        if message.parent_file() != self.file {
            return None;
        }
        // Tag 4 and 3 stand before the positions of messages in files and messages.
        Some(message.path().iter().skip(1).step_by(2).map(|index| *index as usize).collect())
    }
}

/// How the options of `confluent/meta.proto` begin: `confluent.field_meta`, `confluent.message_meta`, …
const OPTIONS: &str = "(confluent.";
/// Where they are declared.
const OPTIONS_FILE: &str = "confluent/meta.proto";

fn import_options(file: &mut FileDescriptorProto) {
    if !file.dependency.iter().any(|name| name == OPTIONS_FILE) {
        file.dependency.push(OPTIONS_FILE.to_owned());
    }
}

fn label(name: &str) -> String {
    if name == SELF { "the schema".to_owned() } else { format!("reference {name:?}") }
}

fn read(name: &str, text: &str) -> Result<(FileDescriptorProto, bool), ParseError> {
    if let Some(file) = decode(text) {
        return Ok((file, false));
    }
    shape::check_nesting(text).map_err(|()| ParseError::TooDeep { file: label(name) })?;
    let file = protox_parse::parse("schema.proto", text)
        .map_err(|error| ParseError::Syntax { file: label(name), why: explain(&error, text) })?;
    Ok((file, true))
}

fn explain(error: &protox_parse::ParseError, text: &str) -> String {
    match error.span().and_then(|span| text.get(..span.start)) {
        Some(before) => {
            let line = before.matches('\n').count() + 1;
            let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
            format!("{error} (line {line}, column {column})")
        }
        None => error.to_string(),
    }
}

// A text that is base64 is a descriptor: no `.proto` file is, as it has spaces or punctuation.
fn decode(text: &str) -> Option<FileDescriptorProto> {
    let bytes = base64::engine::general_purpose::STANDARD.decode(text.trim()).ok()?;
    if bytes.is_empty() {
        return None;
    }
    let file = FileDescriptorProto::decode(bytes.as_slice()).ok()?;
    shape::check_descriptor(&file).ok()?;
    Some(file)
}

fn count(file: &FileDescriptorProto) -> usize {
    let mut pending: Vec<&DescriptorProto> = file.message_type.iter().collect();
    let mut types = file.enum_type.len();
    while let Some(message) = pending.pop() {
        types += 1 + message.enum_type.len();
        pending.extend(&message.nested_type);
    }
    types
}

// prost-reflect 0.16 looks for the file of some errors in a list that does not have it yet, and panics. It happens only
// with descriptors that no parser made; the pool is not used after it.
fn link_one(pool: &mut DescriptorPool, file: FileDescriptorProto) -> Result<(), String> {
    let linked = catch_unwind(AssertUnwindSafe(|| pool.add_file_descriptor_proto(file)));
    match linked {
        Ok(added) => added.map_err(|error| error.to_string()),
        Err(_) => Err("its parts contradict each other".to_owned()),
    }
}

fn link(
    main: FileDescriptorProto,
    mut files: HashMap<String, FileDescriptorProto>,
) -> Result<FileDescriptor, ParseError> {
    let mut pool = DescriptorPool::new();
    // Depth first without recursion: a chain of imports may be long. `None` marks where a file's imports are done.
    let mut stack = vec![(main, false)];
    let mut open: Vec<String> = Vec::new();
    while let Some((file, imported)) = stack.pop() {
        let name = file.name.clone().unwrap_or_default();
        if imported {
            open.retain(|known| *known != name);
            let of = label(&name);
            link_one(&mut pool, file).map_err(|why| ParseError::Link { file: of, why })?;
            continue;
        }
        let imports = file.dependency.clone();
        open.push(name.clone());
        stack.push((file, true));
        for import in imports {
            if pool.get_file_by_name(&import).is_some() {
                continue;
            }
            match files.remove(&import).or_else(|| builtin::file(&import)) {
                Some(next) if open.len() <= MAX_FILES + 50 => stack.push((next, false)),
                _ if open.contains(&import) => return Err(ParseError::Circle { import }),
                // Taken already, by a file whose turn comes before this one's.
                _ if stack.iter().any(|(known, _)| known.name.as_deref() == Some(&import)) => {
                    move_up(&mut stack, &import);
                }
                _ => return Err(ParseError::Import { file: label(&name), import }),
            }
        }
    }
    pool.get_file_by_name(SELF)
        .ok_or_else(|| ParseError::Link { file: label(SELF), why: "the file is empty".to_owned() })
}

// A file that waits is needed sooner than was thought.
fn move_up(stack: &mut Vec<(FileDescriptorProto, bool)>, name: &str) {
    let waits =
        |(file, imported): &(FileDescriptorProto, bool)| !imported && file.name.as_deref() == Some(name);
    if let Some(position) = stack.iter().position(waits) {
        let entry = stack.remove(position);
        stack.push(entry);
    }
}
