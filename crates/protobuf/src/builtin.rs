//! Files that may be imported without being given.

use std::sync::LazyLock;

use prost_reflect::DescriptorPool;
use prost_types::FileDescriptorProto;

// The public interface only: names, numbers and types. After those that they import.
const TEXTS: &[(&str, &str)] = &[
    ("confluent/meta.proto", include_str!("builtin/meta.proto")),
    ("confluent/type/decimal.proto", include_str!("builtin/decimal.proto")),
    ("google/type/calendar_period.proto", include_str!("builtin/calendar_period.proto")),
    ("google/type/color.proto", include_str!("builtin/color.proto")),
    ("google/type/date.proto", include_str!("builtin/date.proto")),
    ("google/type/datetime.proto", include_str!("builtin/datetime.proto")),
    ("google/type/dayofweek.proto", include_str!("builtin/dayofweek.proto")),
    ("google/type/decimal.proto", include_str!("builtin/google_decimal.proto")),
    ("google/type/expr.proto", include_str!("builtin/expr.proto")),
    ("google/type/fraction.proto", include_str!("builtin/fraction.proto")),
    ("google/type/interval.proto", include_str!("builtin/interval.proto")),
    ("google/type/latlng.proto", include_str!("builtin/latlng.proto")),
    ("google/type/localized_text.proto", include_str!("builtin/localized_text.proto")),
    ("google/type/money.proto", include_str!("builtin/money.proto")),
    ("google/type/month.proto", include_str!("builtin/month.proto")),
    ("google/type/phone_number.proto", include_str!("builtin/phone_number.proto")),
    ("google/type/postal_address.proto", include_str!("builtin/postal_address.proto")),
    ("google/type/quaternion.proto", include_str!("builtin/quaternion.proto")),
    ("google/type/timeofday.proto", include_str!("builtin/timeofday.proto")),
];

/// Google's own files and those above, linked. A file that cannot be read is not there: a test reads them all.
static POOL: LazyLock<DescriptorPool> = LazyLock::new(|| {
    let mut pool = DescriptorPool::global();
    for (name, text) in TEXTS {
        if let Ok(file) = protox_parse::parse(name, text) {
            let file = FileDescriptorProto { source_code_info: None, ..file };
            let _known_by_its_absence = pool.add_file_descriptor_proto(file);
        }
    }
    pool
});

/// Whether a file may be imported without being given: `google/protobuf/*`, `google/type/*`, `confluent/meta.proto`
/// and `confluent/type/decimal.proto`.
pub fn is_builtin(name: &str) -> bool {
    POOL.get_file_by_name(name).is_some()
}

/// A built-in file.
pub(crate) fn file(name: &str) -> Option<FileDescriptorProto> {
    POOL.get_file_by_name(name).map(|file| file.file_descriptor_proto().clone())
}

/// A built-in file, linked.
pub(crate) fn linked(name: &str) -> Option<prost_reflect::FileDescriptor> {
    POOL.get_file_by_name(name)
}

#[cfg(test)]
mod tests {
    #[test]
    fn all_are_there() {
        for (name, text) in super::TEXTS {
            assert!(super::is_builtin(name), "{name}: {:?}", protox_parse::parse(name, text));
        }
        for name in [
            "any",
            "api",
            "descriptor",
            "duration",
            "empty",
            "field_mask",
            "source_context",
            "struct",
            "timestamp",
            "type",
            "wrappers",
        ] {
            assert!(super::is_builtin(&format!("google/protobuf/{name}.proto")), "{name}");
        }
        assert!(!super::is_builtin("a.proto"));
    }
}
