//! A file that came as a descriptor: its options are looked up already.

use std::collections::HashMap;

use prost_reflect::{DynamicMessage, EnumDescriptor, FileDescriptor, MessageDescriptor};

use super::source::Options;
use super::{File, Opt, options, source};

pub(super) fn file(file: &FileDescriptor) -> File {
    let mut found = Found::default();
    found.add(&[], &file.options());
    let mut pending: Vec<MessageDescriptor> = file.messages().collect();
    while let Some(message) = pending.pop() {
        found.message(&message);
        pending.extend(message.child_messages());
    }
    for item in file.enums() {
        found.enumeration(&item);
    }
    for extension in file.extensions() {
        found.add(extension.path(), &extension.options());
    }
    for service in file.services() {
        found.add(service.path(), &service.options());
        for method in service.methods() {
            found.add(method.path(), &method.options());
        }
    }
    source::file(file.file_descriptor_proto(), &Options::ByPath(found.options))
}

#[derive(Default)]
struct Found {
    options: HashMap<Vec<i32>, Vec<Opt>>,
}

impl Found {
    fn add(&mut self, path: &[i32], options: &DynamicMessage) {
        let list = options::interpreted(options);
        if !list.is_empty() {
            self.options.insert(path.to_vec(), list);
        }
    }

    fn message(&mut self, message: &MessageDescriptor) {
        self.add(message.path(), &message.options());
        for field in message.fields() {
            self.add(field.path(), &field.options());
        }
        for oneof in message.oneofs() {
            self.add(oneof.path(), &oneof.options());
        }
        for item in message.child_enums() {
            self.enumeration(&item);
        }
        for extension in message.child_extensions() {
            self.add(extension.path(), &extension.options());
        }
    }

    fn enumeration(&mut self, item: &EnumDescriptor) {
        self.add(item.path(), &item.options());
        for value in item.values() {
            self.add(value.path(), &value.options());
        }
    }
}
