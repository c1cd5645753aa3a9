//! The numbers of a message's fields.

use std::collections::HashSet;

use data::Schema;

use super::{Error, TAG, join, union_name};

/// The numbers of a message's fields: those that the schemas name, and for others the next free one.
pub(super) struct Tags {
    named: HashSet<i32>,
    last: i32,
}

impl Tags {
    pub fn of(schema: &Schema, path: &str) -> Result<Self, Error> {
        let mut named = HashSet::new();
        let fields = schema.fields().map(|fields| fields.iter()).into_iter().flatten();
        for field in fields {
            let members = match union_name(&field.schema) {
                Some(_) => field.schema.fields().map(|fields| fields.iter().collect()).unwrap_or_default(),
                None => vec![field],
            };
            for field in members {
                if let Some(tag) = tag(&field.schema)
                    && !named.insert(tag)
                {
                    let path = join(path, &field.name);
                    return Err(Error::schema(
                        &path,
                        format!("the number {tag} ({TAG}) is another field's too"),
                    ));
                }
            }
        }
        Ok(Self { named, last: 0 })
    }

    /// A oneof has no number of its own, and Java counts one for it all the same.
    pub fn pass(&mut self) {
        self.last += 1;
    }

    pub fn next(&mut self, schema: &Schema) -> i32 {
        if let Some(tag) = tag(schema) {
            return tag;
        }
        self.last += 1;
        // 19000 to 19999 are Protobuf's own.
        while self.named.contains(&self.last) || (19_000..20_000).contains(&self.last) {
            self.last += 1;
        }
        self.last
    }
}

fn tag(schema: &Schema) -> Option<i32> {
    let tag = schema.parameters().get(TAG)?.parse().ok()?;
    ((1..=536_870_911).contains(&tag) && !(19_000..20_000).contains(&tag)).then_some(tag)
}
