//! Clients that are shared by whoever asks with equal settings.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Weak};

use parking_lot::Mutex;

use crate::Result;

/// Settings as sorted pairs. They may hold secrets, so nothing here prints them.
pub(crate) type SharingKey = Vec<(String, String)>;

/// Holds clients weakly: one lives as long as somebody uses it.
pub(crate) struct Pool<T>(Mutex<HashMap<SharingKey, Weak<T>>>);

impl<T> Default for Pool<T> {
    fn default() -> Self {
        Self(Mutex::new(HashMap::new()))
    }
}

impl<T> fmt::Debug for Pool<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("clients", &self.0.lock().len()).finish()
    }
}

impl<T> Pool<T> {
    /// The client with these settings, if there is one and it is usable; else a new one takes its place. Whoever
    /// still holds the old one keeps it.
    pub(crate) fn get(
        &self,
        key: SharingKey,
        usable: impl Fn(&T) -> bool,
        make: impl FnOnce() -> Result<T>,
    ) -> Result<Arc<T>> {
        let mut clients = self.0.lock();
        if let Some(client) = clients.get(&key).and_then(Weak::upgrade).filter(|client| usable(client)) {
            return Ok(client);
        }
        clients.retain(|_, client| client.strong_count() > 0);
        let client = Arc::new(make()?);
        clients.insert(key, Arc::downgrade(&client));
        Ok(client)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    fn key(value: &str) -> SharingKey {
        vec![("bootstrap.servers".to_owned(), value.to_owned())]
    }

    #[test]
    fn equal_settings_share_until_the_client_is_of_no_use() {
        let pool = Pool::<AtomicBool>::default();
        let get = |value| {
            pool.get(key(value), |broken| !broken.load(Ordering::SeqCst), || Ok(AtomicBool::new(false)))
                .unwrap()
        };
        let (first, second, other) = (get("a"), get("a"), get("b"));
        assert!(Arc::ptr_eq(&first, &second));
        assert!(!Arc::ptr_eq(&first, &other));
        first.store(true, Ordering::SeqCst);
        let third = get("a");
        assert!(!Arc::ptr_eq(&first, &third), "a broken client is replaced");
        assert!(Arc::ptr_eq(&third, &get("a")));
    }

    #[test]
    fn a_client_that_nobody_uses_goes() {
        let pool = Pool::<()>::default();
        drop(pool.get(key("a"), |_| true, || Ok(())).unwrap());
        drop(pool.get(key("b"), |_| true, || Ok(())).unwrap());
        assert_eq!(pool.0.lock().len(), 1);
        assert!(!format!("{pool:?}").contains("bootstrap"));
    }
}
