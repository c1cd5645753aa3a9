//! The list of built-in plugins: one line and one feature each.
//!
//! Adding a connector touches its folder, a line here and a feature in `Cargo.toml`.

/// All plugins that this build has.
pub fn registry() -> api::Registry {
    let mut registry = api::Registry::new();
    converters::register(&mut registry);
    schema_registry::register(&mut registry);
    transforms::register(&mut registry);
    #[cfg(feature = "file")]
    file::register(&mut registry);
    #[cfg(feature = "jdbc")]
    jdbc::register(&mut registry);
    #[cfg(feature = "s3")]
    s3::register(&mut registry);
    registry
}
