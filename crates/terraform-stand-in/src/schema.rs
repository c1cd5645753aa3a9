//! Declarations as the protocol's schema messages.

use crate::declaration::{Block, Declaration, Declarations, Nesting};
use crate::protocol as wire;

/// Answer of `GetSchema`.
#[must_use]
pub fn answer(all: &Declarations) -> wire::ProviderSchema {
    wire::ProviderSchema {
        provider: Some(schema(&all.provider)),
        resource_schemas: all.resources.iter().map(|(name, it)| (name.clone(), schema(it))).collect(),
        data_source_schemas: all.data_sources.iter().map(|(name, it)| (name.clone(), schema(it))).collect(),
        diagnostics: Vec::new(),
    }
}

fn schema(declaration: &Declaration) -> wire::Schema {
    wire::Schema { version: declaration.version, block: Some(block(&declaration.block)) }
}

fn block(declared: &Block) -> wire::SchemaBlock {
    let attributes = declared.attributes.iter().map(|attribute| wire::SchemaAttribute {
        name: attribute.name.clone(),
        r#type: attribute.r#type.to_json().to_string().into_bytes(),
        required: attribute.required,
        optional: attribute.optional,
        computed: attribute.computed,
        sensitive: attribute.sensitive,
        deprecated: attribute.deprecated,
    });
    let block_types = declared.blocks.iter().map(|nested| wire::SchemaNestedBlock {
        type_name: nested.name.clone(),
        block: Some(block(&nested.block)),
        nesting: match nested.nesting {
            Nesting::Single => wire::NestingMode::Single,
            Nesting::List => wire::NestingMode::List,
            Nesting::Set => wire::NestingMode::Set,
        } as i32,
        min_items: i64::try_from(nested.min).unwrap_or(i64::MAX),
        // The protocol's "any number" is 0.
        max_items: nested.max.map_or(0, |max| i64::try_from(max).unwrap_or(i64::MAX)),
    });
    wire::SchemaBlock { version: 0, attributes: attributes.collect(), block_types: block_types.collect() }
}
