//! Query parameters.

/// Query parameters, each as often as it was given.
pub(crate) struct Parameters<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Parameters<'a> {
    /// Those of a query string; none of them is percent-decoded.
    pub(crate) fn of(query: Option<&'a str>) -> Self {
        let pairs = query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
        Self(pairs.map(|pair| pair.split_once('=').unwrap_or((pair, ""))).collect())
    }

    /// Whether it was given.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(key, _)| *key == name)
    }

    /// Whether it was given with this value, in any case.
    pub(crate) fn is(&self, name: &str, value: &str) -> bool {
        self.0.iter().any(|(key, given)| *key == name && given.eq_ignore_ascii_case(value))
    }

    /// Its first value.
    pub(crate) fn get(&self, name: &str) -> Option<&'a str> {
        self.0.iter().find(|(key, _)| *key == name).map(|(_, value)| *value)
    }
}
