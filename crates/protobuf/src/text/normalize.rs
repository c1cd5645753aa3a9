//! A file with everything sorted whose order says nothing.

use prost_reflect::FileDescriptor;
use prost_types::{DescriptorProto, FileDescriptorProto};

use super::source::type_name;
use super::{Enum, Extend, Field, FieldKind, File, Group, Message, Opt, OptValue, Reserved};

/// Messages, enums, services and methods keep their order: messages are known by it.
pub(crate) fn normalize(file: &File, linked: &FileDescriptor) -> File {
    let mut file = file.clone();
    let proto: &FileDescriptorProto = linked.file_descriptor_proto();
    // What is not said is proto2.
    file.syntax = file.syntax.filter(|syntax| syntax != "proto2");
    for imports in [&mut file.imports, &mut file.public_imports] {
        imports.sort();
        imports.dedup();
    }
    options(&mut file.options);
    let zero_first = file.syntax.is_some();
    messages(&mut file.messages, &proto.message_type, zero_first);
    file.enums.iter_mut().for_each(|item| enumeration(item, zero_first));
    extends(&mut file.extends);
    for (service, linked) in file.services.iter_mut().zip(&proto.service) {
        options(&mut service.options);
        for (method, linked) in service.methods.iter_mut().zip(&linked.method) {
            method.input = linked.input_type().to_owned();
            method.output = linked.output_type().to_owned();
            options(&mut method.options);
        }
    }
    file
}

fn messages(list: &mut [Message], linked: &[DescriptorProto], zero_first: bool) {
    for message in list {
        if let Some(linked) = linked.iter().find(|linked| linked.name() == message.name) {
            self::message(message, linked, zero_first);
        }
    }
}

fn message(message: &mut Message, linked: &DescriptorProto, zero_first: bool) {
    reserved(&mut message.reserved);
    options(&mut message.options);
    fields(&mut message.fields, linked);
    for oneof in &mut message.oneofs {
        options(&mut oneof.options);
        fields(&mut oneof.fields, linked);
        groups(&mut oneof.groups, linked, zero_first);
    }
    message.oneofs.sort_by_key(|oneof| {
        let first = oneof.fields.first().map_or(i32::MAX, |field| field.number);
        first.min(oneof.groups.first().map_or(i32::MAX, |group| group.number))
    });
    groups(&mut message.groups, linked, zero_first);
    message.extensions.iter_mut().for_each(|ranges| ranges.sort_unstable());
    messages(&mut message.messages, &linked.nested_type, zero_first);
    message.enums.iter_mut().for_each(|item| enumeration(item, zero_first));
    extends(&mut message.extends);
}

fn groups(groups: &mut [Group], linked: &DescriptorProto, zero_first: bool) {
    for group in groups.iter_mut() {
        if let Some(linked) = linked.nested_type.iter().find(|linked| linked.name() == group.body.name) {
            message(&mut group.body, linked, zero_first);
        }
    }
    groups.sort_by_key(|group| group.number);
}

fn fields(fields: &mut [Field], linked: &DescriptorProto) {
    for field in fields.iter_mut() {
        options(&mut field.options);
        let Some(linked_field) = linked.field.get(field.position) else { continue };
        match &mut field.kind {
            FieldKind::Name(name) => *name = type_name(linked_field),
            FieldKind::Map(_, value) => {
                let short = linked_field.type_name().rsplit('.').next().unwrap_or_default();
                let entry = linked.nested_type.iter().find(|nested| nested.name() == short);
                if let Some(entry_value) = entry.and_then(|entry| entry.field.get(1)) {
                    *value = type_name(entry_value);
                }
            }
        }
    }
    fields.sort_by_key(|field| field.number);
}

fn enumeration(item: &mut Enum, zero_first: bool) {
    reserved(&mut item.reserved);
    options(&mut item.options);
    item.constants.iter_mut().for_each(|constant| options(&mut constant.options));
    item.constants.sort_by(|a, b| (a.number, &a.name).cmp(&(b.number, &b.name)));
    // The first is what a missing value means, and in proto3 it must be 0: there Java's order, with negative numbers
    // first, is not a valid file any more.
    if zero_first {
        item.constants.sort_by_key(|constant| constant.number != 0);
    }
}

fn extends(extends: &mut [Extend]) {
    for extend in extends.iter_mut() {
        extend.fields.iter_mut().for_each(|field| options(&mut field.options));
        extend.fields.sort_by_key(|field| field.number);
    }
}

// Numbers first, then names, each in a statement of its own.
fn reserved(list: &mut Vec<Reserved>) {
    let (mut ranges, mut names) = (Vec::new(), Vec::new());
    for item in list.drain(..) {
        match item {
            Reserved::Ranges(more) => ranges.extend(more),
            Reserved::Names(more) => names.extend(more),
        }
    }
    ranges.sort_unstable();
    names.sort();
    list.extend(ranges.into_iter().map(|range| Reserved::Ranges(vec![range])));
    list.extend(names.into_iter().map(|name| Reserved::Names(vec![name])));
}

fn options(options: &mut [Opt]) {
    options.iter_mut().for_each(|option| value(&mut option.value));
    options.sort_by_cached_key(|option| option.name.replace(['(', ')'], ""));
}

fn value(option: &mut OptValue) {
    match option {
        OptValue::Word(_) | OptValue::Text(_) => {}
        OptValue::List(items) => items.iter_mut().for_each(value),
        OptValue::Map(members) => {
            members.iter_mut().for_each(|(_, member)| value(member));
            members.sort_by(|(a, _), (b, _)| a.cmp(b));
        }
    }
}
