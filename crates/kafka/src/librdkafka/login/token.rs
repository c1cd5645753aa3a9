//! What a token endpoint answers (RFC 6749 section 5), and what is read in a token.

use std::ffi::CString;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use tokio::time::Instant;

/// A token to log in with. No `Debug`: who has it is let in.
pub(crate) struct Token {
    /// As it is sent.
    pub(crate) text: CString,
    /// Whom it is for, for logs.
    pub(super) principal: String,
    /// By this machine's monotonic clock.
    pub(super) expires: Instant,
}

impl Token {
    /// Whether it is of no more use.
    pub(super) fn is_expired(&self) -> bool {
        self.expires <= Instant::now()
    }

    /// Reads the answer to a request that was sent at `asked`.
    ///
    /// A token's life is `expires_in` of the answer, which does not depend on clocks that agree, else the claim `exp`.
    ///
    /// # Errors
    /// It holds no usable token. The text holds nothing of the answer.
    pub(super) fn read(
        answer: &[u8],
        subject_claim: &str,
        client_id: &str,
        asked: Instant,
    ) -> Result<Self, String> {
        let answer: Value = serde_json::from_slice(answer)
            .map_err(|_| "the answer is not JSON, so not an OAuth token".to_owned())?;
        let member = |name: &str| answer[name].as_str().map(str::trim).filter(|text| !text.is_empty());
        let text = member("access_token")
            .or_else(|| member("id_token")) // as in Java
            .ok_or_else(|| "the answer holds no access_token".to_owned())?;
        let printable = text.bytes().all(|byte| matches!(byte, b'!'..=b'~'));
        let text = CString::new(text).ok().filter(|_| printable);
        let text = text.ok_or_else(|| "the token holds characters that no token may have".to_owned())?;
        let claims = claims(&text);
        let principal = match &claims {
            Some(claims) => claims[subject_claim].as_str().ok_or_else(|| {
                format!(
                    "the token has no claim {subject_claim}; sasl.oauthbearer.sub.claim.name names another"
                )
            })?,
            None => client_id, // an opaque token: only the brokers can read it
        };
        let expiry = claims.as_ref().and_then(|claims| claims["exp"].as_f64());
        let lifetime = match (seconds(&answer["expires_in"]), expiry) {
            (Some(lifetime), _) => lifetime,
            (None, Some(expiry)) => expiry - unix_time().as_secs_f64(),
            (None, None) => return Err("neither the answer nor the token says when it expires".to_owned()),
        };
        // A life beyond a year is cut, so that no clock overflows.
        let lifetime = Duration::try_from_secs_f64(lifetime.min(366.0 * 86_400.0)).unwrap_or_default();
        if lifetime.is_zero() {
            return Err(
                "the token has expired already; compare this machine's clock with the identity provider's"
                    .to_owned(),
            );
        }
        Ok(Self { text, principal: principal.to_owned(), expires: asked + lifetime })
    }
}

/// The time since 1970.
pub(super) fn unix_time() -> Duration {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default()
}

/// Some providers write numbers as text.
fn seconds(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// The claims of a JSON Web Token (RFC 7519), unverified: that is the brokers' part.
fn claims(token: &CString) -> Option<Value> {
    let text = token.to_str().ok()?;
    let mut parts = text.split('.');
    let (_header, payload, _signature) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let payload = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    serde_json::from_slice(&payload).ok().filter(Value::is_object)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn jwt(claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}.c2ln", part(&json!({"alg": "RS256"})), part(claims))
    }

    fn read(answer: &Value) -> Result<(String, u64), String> {
        let asked = Instant::now();
        let token = Token::read(answer.to_string().as_bytes(), "sub", "the-client", asked)?;
        Ok((token.principal, (token.expires - asked).as_secs_f64().round() as u64))
    }

    #[test]
    fn life_and_principal() {
        let exp = unix_time().as_secs() + 600;
        let token = jwt(&json!({"sub": "alice", "exp": exp}));
        let check = |answer: Value, principal: &str, lifetime_s: u64| {
            let (shown, lifetime) = read(&answer).unwrap_or_else(|error| panic!("{answer}: {error}"));
            assert_eq!(shown, principal, "{answer}");
            assert!(lifetime.abs_diff(lifetime_s) <= 5, "{answer}: {lifetime}");
        };
        check(json!({"access_token": token, "expires_in": 300}), "alice", 300);
        check(json!({"access_token": token, "expires_in": "300"}), "alice", 300);
        check(json!({"access_token": token}), "alice", 600);
        check(json!({"id_token": token}), "alice", 600);
        check(json!({"access_token": "opaque", "expires_in": 60}), "the-client", 60);
        check(json!({"access_token": "opaque", "expires_in": 1e300}), "the-client", 366 * 86_400);
    }

    #[test]
    fn what_is_of_no_use_is_refused_without_showing_it() {
        let no_subject = jwt(&json!({"client": "canary", "exp": unix_time().as_secs() + 600}));
        let expired = jwt(&json!({"sub": "canary", "exp": 1}));
        for (answer, says) in [
            (json!({"access_token": no_subject}), "sub.claim.name"),
            (json!({"access_token": expired}), "expired already"),
            (json!({"access_token": "canary", "expires_in": -1}), "expired already"),
            (json!({"access_token": "canary"}), "when it expires"),
            (json!({"access_token": "canary\u{1}", "expires_in": 5}), "characters"),
            (json!({"access_token": "", "secret": "canary"}), "no access_token"),
            (json!(["canary"]), "no access_token"),
        ] {
            let error = read(&answer).unwrap_err();
            assert!(error.contains(says) && !error.contains("canary"), "{answer}: {error}");
        }
        let html = Token::read(b"<html>canary", "sub", "c", Instant::now()).err().unwrap();
        assert!(html.contains("not JSON") && !html.contains("canary"), "{html}");
    }
}
