//! The plugins of a worker, found by class name or alias.

use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::sync::Arc;

use config::{Catalog, Config, PluginDescription, PluginKind, RawConfig, SourcePromises};

use crate::converter::{BuildConverter, BuildHeaderConverter};
use crate::dynamic::{DynPredicate, DynTransform, SinkClass, SinkClassOf, SourceClass, SourceClassOf};
use crate::{
    Converter, Error, ExactlyOnceSupport, HeaderConverter, Predicate, Result, SinkConnector, SourceConnector,
    Transform, Usage,
};

/// The plugins that were registered. It is the worker's catalog, and makes what the catalog names.
#[derive(Default)]
pub struct Registry {
    plugins: BTreeMap<(PluginKind, &'static str), Plugin>,
}

struct Plugin {
    description: PluginDescription,
    class: Class,
}

#[derive(Clone)]
enum Class {
    Source(Arc<dyn SourceClass>),
    Sink(Arc<dyn SinkClass>),
    Transform(fn(&RawConfig) -> Result<Box<dyn DynTransform>>),
    Predicate(fn(&RawConfig) -> Result<Box<dyn DynPredicate>>),
    Converter(fn(&RawConfig, Usage) -> Result<Box<dyn Converter>>),
    HeaderConverter(fn(&RawConfig) -> Result<Box<dyn HeaderConverter>>),
}

/// A connector's class, source or sink.
#[derive(Clone)]
pub enum ConnectorClass {
    /// Reads another system.
    Source(Arc<dyn SourceClass>),
    /// Writes to another system.
    Sink(Arc<dyn SinkClass>),
}

const FRAMEWORK_VERSION: &str = env!("CARGO_PKG_VERSION");

impl Registry {
    /// No plugins.
    pub fn new() -> Self {
        Self::default()
    }

    fn add<C: Config>(
        &mut self,
        kind: PluginKind,
        class: &'static str,
        version: &'static str,
        plugin: Class,
    ) {
        let description =
            PluginDescription { class, kind, version, definition: C::definition(), validate: C::validate };
        self.plugins.insert((kind, class), Plugin { description, class: plugin });
    }

    /// Registers a source connector.
    pub fn source<C: SourceConnector>(&mut self) {
        let class = Class::Source(Arc::new(SourceClassOf::<C>(PhantomData)));
        self.add::<C::Config>(PluginKind::Source, C::CLASS, C::VERSION, class);
    }

    /// Registers a sink connector.
    pub fn sink<C: SinkConnector>(&mut self) {
        let class = Class::Sink(Arc::new(SinkClassOf::<C>(PhantomData)));
        self.add::<C::Config>(PluginKind::Sink, C::CLASS, C::VERSION, class);
    }

    /// Registers a transform.
    pub fn transform<T: Transform>(&mut self) {
        let class = Class::Transform(|raw| Ok(Box::new(T::build(T::Config::parse(raw)?)?)));
        self.add::<T::Config>(PluginKind::Transformation, T::CLASS, FRAMEWORK_VERSION, class);
    }

    /// Registers a predicate.
    pub fn predicate<P: Predicate>(&mut self) {
        let class = Class::Predicate(|raw| Ok(Box::new(P::build(P::Config::parse(raw)?)?)));
        self.add::<P::Config>(PluginKind::Predicate, P::CLASS, FRAMEWORK_VERSION, class);
    }

    /// Registers a converter of keys and values.
    pub fn converter<C: BuildConverter>(&mut self) {
        let class = Class::Converter(|raw, usage| Ok(Box::new(C::build(C::Config::parse(raw)?, usage)?)));
        self.add::<C::Config>(PluginKind::Converter, C::CLASS, FRAMEWORK_VERSION, class);
    }

    /// Registers a converter of header values.
    pub fn header_converter<H: BuildHeaderConverter>(&mut self) {
        let class = Class::HeaderConverter(|raw| Ok(Box::new(H::build(H::Config::parse(raw)?)?)));
        self.add::<H::Config>(PluginKind::HeaderConverter, H::CLASS, FRAMEWORK_VERSION, class);
    }

    fn class(&self, name: &str, kinds: &[PluginKind]) -> Result<&Class> {
        let found = self.find(name, kinds).and_then(|found| self.plugins.get(&(found.kind, found.class)));
        found.map(|plugin| &plugin.class).ok_or_else(|| {
            let known: Vec<_> = self
                .plugins
                .keys()
                .filter(|(kind, _)| kinds.contains(kind))
                .map(|(_, class)| *class)
                .collect();
            Error::misconfigured(format!("no plugin named {name}"))
                .hint(format!("there are: {}", known.join(", ")))
        })
    }

    /// The connector class of this name.
    ///
    /// # Errors
    /// There is none; the text lists those there are. So for all look-ups below.
    pub fn connector(&self, name: &str) -> Result<ConnectorClass> {
        match self.class(name, &[PluginKind::Source, PluginKind::Sink])? {
            Class::Source(class) => Ok(ConnectorClass::Source(class.clone())),
            Class::Sink(class) => Ok(ConnectorClass::Sink(class.clone())),
            _ => Err(Error::misconfigured(format!("{name} is not a connector"))),
        }
    }

    /// Makes a transform of its config (without prefix).
    ///
    /// # Errors
    /// No such class, or a config that cannot work.
    pub fn build_transform(&self, name: &str, raw: &RawConfig) -> Result<Box<dyn DynTransform>> {
        match self.class(name, &[PluginKind::Transformation])? {
            Class::Transform(build) => build(raw),
            _ => Err(Error::misconfigured(format!("{name} is not a transformation"))),
        }
    }

    /// Makes a predicate of its config (without prefix).
    ///
    /// # Errors
    /// No such class, or a config that cannot work.
    pub fn build_predicate(&self, name: &str, raw: &RawConfig) -> Result<Box<dyn DynPredicate>> {
        match self.class(name, &[PluginKind::Predicate])? {
            Class::Predicate(build) => build(raw),
            _ => Err(Error::misconfigured(format!("{name} is not a predicate"))),
        }
    }

    /// Makes a converter of its config (without prefix).
    ///
    /// # Errors
    /// No such class, or a config that cannot work.
    pub fn build_converter(&self, name: &str, raw: &RawConfig, usage: Usage) -> Result<Box<dyn Converter>> {
        match self.class(name, &[PluginKind::Converter])? {
            Class::Converter(build) => build(raw, usage),
            _ => Err(Error::misconfigured(format!("{name} is not a converter"))),
        }
    }

    /// Makes a header converter of its config (without prefix).
    ///
    /// # Errors
    /// No such class, or a config that cannot work.
    pub fn build_header_converter(&self, name: &str, raw: &RawConfig) -> Result<Box<dyn HeaderConverter>> {
        match self.class(name, &[PluginKind::HeaderConverter])? {
            Class::HeaderConverter(build) => build(raw),
            _ => Err(Error::misconfigured(format!("{name} is not a header converter"))),
        }
    }
}

impl Catalog for Registry {
    fn plugins(&self) -> Vec<&PluginDescription> {
        self.plugins.values().map(|plugin| &plugin.description).collect()
    }

    fn source_promises(&self, class: &str, raw: &RawConfig) -> Option<SourcePromises> {
        let Ok(ConnectorClass::Source(class)) = self.connector(class) else { return None };
        Some(SourcePromises {
            exactly_once: class.exactly_once_support(raw).ok()? == ExactlyOnceSupport::Supported,
            boundaries: class.defines_transaction_boundaries(raw).ok()?,
        })
    }
}
