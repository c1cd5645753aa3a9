//! Who asks, told by one worker of a group to another.
//!
//! The worker that is asked finds out who it is. When it forwards the request it vouches for them: name, role and time,
//! signed together with the request by the group's session key, which only workers of the group know. A header of this
//! kind that anybody else sends is not signed, and counts as none. A new key is not known to all workers at the same time: for a
//! while both sides take the one before it, too.

use std::collections::HashMap;

use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use herder::{NotSigned, SessionKeys, Signature};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use crate::identity::{By, Identity};

/// Who it is, and when that was said.
const WHO: HeaderName = HeaderName::from_static("x-sluice-identity");
/// The algorithm and the code of the signature.
const SIGNATURE: HeaderName = HeaderName::from_static("x-sluice-identity-signature");
/// The same by the key before the present one, for a worker that has not learned this yet.
const SIGNATURE_BEFORE: HeaderName = HeaderName::from_static("x-sluice-identity-signature-before");
/// What the code is for.
const PURPOSE: &str = "sluice: who sent a forwarded request";
/// So far apart clocks of workers may be, with the time on the way, in milliseconds.
const APART_MS: i64 = 120_000;

#[derive(Serialize, Deserialize)]
struct Said {
    identity: Identity,
    at_ms: i64,
    // No two requests have the same, so that none can be sent again by who saw it.
    once: String,
}

/// Adds headers that vouch for who sent a request. Whoever is not known is not vouched for.
///
/// # Errors
/// There is no key to sign with yet.
pub(crate) fn vouch(
    keys: &SessionKeys,
    identity: &Identity,
    now_ms: i64,
    request: Signed<'_>,
    headers: &mut HeaderMap,
) -> Result<(), NotSigned> {
    if identity.by == By::None {
        return Ok(());
    }
    let said = Said { identity: identity.clone(), at_ms: now_ms, once: uuid::Uuid::new_v4().to_string() };
    let said = serde_json::to_vec(&said).map_err(|_| NotSigned::Encoding)?;
    let said = URL_SAFE_NO_PAD.encode(said);
    let parts = request.parts(&said);
    let signature = keys.sign_for(PURPOSE, &parts).ok_or(NotSigned::NoKey)?;
    let before = keys.sign_as_before(PURPOSE, &parts, now_ms);
    let header = |text: String| HeaderValue::try_from(text).map_err(|_| NotSigned::Encoding);
    let signatures = [(SIGNATURE, Some(signature)), (SIGNATURE_BEFORE, before)];
    for (name, signature) in signatures {
        let Some(Signature { algorithm, code }) = signature else { continue };
        let mut code = header(format!("{algorithm} {code}"))?;
        code.set_sensitive(true);
        headers.insert(name, code);
    }
    headers.insert(WHO, header(said)?);
    Ok(())
}

/// What is signed beside who it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Signed<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    pub(crate) body: &'a [u8],
}

impl<'a> Signed<'a> {
    fn parts(self, said: &'a str) -> [&'a [u8]; 5] {
        let Self { method, path, query, body } = self;
        [said.as_bytes(), method.as_bytes(), path.as_bytes(), query.as_bytes(), body]
    }
}

/// Whether a request claims that another worker vouches for who sent it.
pub(crate) fn is_claimed(headers: &HeaderMap) -> bool {
    headers.contains_key(WHO)
}

/// What was vouched for lately, so that nothing is taken twice.
#[derive(Debug, Default)]
pub(crate) struct Taken(Mutex<HashMap<String, i64>>);

impl Taken {
    /// Who sent a request, if another worker of the group vouches for them.
    ///
    /// # Errors
    /// Why it does not: for the log.
    pub(crate) fn take(
        &self,
        keys: &SessionKeys,
        parts: &Parts,
        body: &[u8],
        now_ms: i64,
    ) -> Result<Identity, String> {
        let text = |name| parts.headers.get(&name).and_then(|value| value.to_str().ok());
        let signatures = [text(SIGNATURE), text(SIGNATURE_BEFORE)];
        let signatures: Vec<_> = signatures
            .into_iter()
            .filter_map(|text| text?.split_once(' '))
            .map(|(algorithm, code)| Signature { algorithm: algorithm.to_owned(), code: code.to_owned() })
            .collect();
        let said = text(WHO).filter(|_| !signatures.is_empty()).ok_or("it is not signed")?;
        let request = Signed {
            method: parts.method.as_str(),
            path: parts.uri.path(),
            query: parts.uri.query().unwrap_or_default(),
            body,
        };
        let verify = |signature| keys.verify_for(PURPOSE, signature, &request.parts(said), now_ms);
        let verified: Vec<_> = signatures.iter().map(verify).collect();
        if !verified.contains(&Ok(()))
            && let Some(Err(why)) = verified.first()
        {
            return Err(why.to_string());
        }
        let decoded = URL_SAFE_NO_PAD.decode(said).map_err(|error| error.to_string())?;
        let said: Said = serde_json::from_slice(&decoded).map_err(|error| error.to_string())?;
        if (now_ms - said.at_ms).abs() > APART_MS {
            return Err(format!(
                "it was signed {} s ago; are the clocks of the workers apart?",
                (now_ms - said.at_ms) / 1000
            ));
        }
        let mut taken = self.0.lock();
        taken.retain(|_, at_ms| (now_ms - *at_ms).abs() <= APART_MS);
        match taken.insert(said.once, said.at_ms) {
            None => Ok(said.identity),
            Some(_) => Err("it was sent before".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;
    use crate::Role;

    fn keys() -> SessionKeys {
        let keys = SessionKeys::default();
        keys.learn(keys.rules().new_key(0).unwrap());
        keys
    }

    fn ann() -> Identity {
        Identity::new("ann", Some(Role::Operator), By::Mtls)
    }

    fn parts(method: &str, uri: &str, headers: HeaderMap) -> Parts {
        let (mut parts, ()) = Request::builder().method(method).uri(uri).body(()).unwrap().into_parts();
        parts.headers = headers;
        parts
    }

    fn vouched(keys: &SessionKeys, now_ms: i64) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let signed =
            Signed { method: "PUT", path: "/connectors/x/pause", query: "forward=true", body: b"{}" };
        vouch(keys, &ann(), now_ms, signed, &mut headers).unwrap();
        headers
    }

    const URI: &str = "/connectors/x/pause?forward=true";

    #[test]
    fn a_request_is_vouched_for_once() {
        let (keys, taken) = (keys(), Taken::default());
        let parts = parts("PUT", URI, vouched(&keys, 1000));
        assert_eq!(taken.take(&keys, &parts, b"{}", 2000), Ok(ann()));
        assert_eq!(taken.take(&keys, &parts, b"{}", 2000), Err("it was sent before".to_owned()));
        assert!(!format!("{:?}", parts.headers).contains("HmacSHA256"), "the code is not printed");
    }

    #[test]
    fn nothing_of_it_can_be_changed() {
        let keys = keys();
        let take = |method: &str, uri: &str, headers: HeaderMap, body: &[u8], now_ms: i64| {
            Taken::default().take(&keys, &parts(method, uri, headers), body, now_ms)
        };
        let good = || vouched(&keys, 1000);
        assert_eq!(take("PUT", URI, good(), b"{}", 1000), Ok(ann()));
        let wrong = Err(NotSigned::Wrong.to_string());
        assert_eq!(take("DELETE", URI, good(), b"{}", 1000), wrong);
        assert_eq!(take("PUT", "/connectors/y/pause?forward=true", good(), b"{}", 1000), wrong);
        assert_eq!(take("PUT", "/connectors/x/pause?forward=false", good(), b"{}", 1000), wrong);
        assert_eq!(take("PUT", URI, good(), b"", 1000), wrong);
        let mut other = good();
        let admin = Said {
            identity: Identity { role: Some(Role::Admin), ..ann() },
            at_ms: 1000,
            once: "1".to_owned(),
        };
        let admin = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&admin).unwrap());
        other.insert(WHO, admin.parse().unwrap());
        assert_eq!(take("PUT", URI, other, b"{}", 1000), wrong);
        assert!(take("PUT", URI, good(), b"{}", 1000 + APART_MS + 1).unwrap_err().contains("clocks"));
        assert!(take("PUT", URI, good(), b"{}", 999 - APART_MS).unwrap_err().contains("clocks"));
        assert_eq!(take("PUT", URI, vouched(&self::keys(), 1000), b"{}", 1000), wrong, "another group's key");
        let mut unsigned = good();
        unsigned.remove(SIGNATURE);
        assert_eq!(take("PUT", URI, unsigned, b"{}", 1000), Err("it is not signed".to_owned()));
    }

    // Workers learn a new key one after another, and one that has just started knows no other.
    #[test]
    fn a_new_key_takes_nobodys_name_away() {
        let (ours, theirs) = (keys(), SessionKeys::default());
        let old = {
            let old = ours.rules().new_key(0).unwrap();
            ours.learn(old.clone());
            old
        };
        let new = ours.rules().new_key(5000).unwrap();
        let take = |from: &SessionKeys, by: &SessionKeys, now_ms: i64| {
            Taken::default().take(by, &parts("PUT", URI, vouched(from, now_ms)), b"{}", now_ms)
        };
        theirs.learn(old.clone());
        ours.learn(new.clone());
        assert_eq!(take(&ours, &theirs, 6000), Ok(ann()), "who asks has the new one");
        assert_eq!(take(&theirs, &ours, 6000), Ok(ann()), "who is asked has it");
        let started = SessionKeys::default();
        started.learn(new);
        assert_eq!(take(&ours, &started, 6000), Ok(ann()));
        // Not for ever.
        let late = 5000 + 120_001;
        assert_eq!(take(&theirs, &ours, late), Err(NotSigned::Wrong.to_string()));
        assert_eq!(take(&ours, &theirs, late), Err(NotSigned::Wrong.to_string()));
    }

    #[test]
    fn nobody_is_vouched_for_by_a_worker_that_asks_nobody() {
        let mut headers = HeaderMap::new();
        let signed = Signed { method: "GET", path: "/", query: "", body: b"" };
        vouch(&keys(), &Identity::anybody(), 0, signed, &mut headers).unwrap();
        assert!(headers.is_empty());
        let no_key = vouch(&SessionKeys::default(), &ann(), 0, signed, &mut headers);
        assert_eq!(no_key, Err(NotSigned::NoKey));
    }
}
