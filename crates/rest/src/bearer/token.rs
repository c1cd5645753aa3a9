//! A JSON web token (RFC 7519) in its compact form: `HEADER.CLAIMS.SIGNATURE`, each in base64url.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::jwk::{Algorithm, Key};

/// So far apart the clocks of provider and worker may be, in seconds.
const APART_S: f64 = 60.0;

/// A token that is not verified yet: only its header may be looked at.
pub(super) struct Token<'a> {
    pub(super) header: Header,
    signed: &'a str,
    claims: &'a str,
    signature: Vec<u8>,
}

/// By which key it says that it was signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) algorithm: Algorithm,
    pub(super) key_id: Option<String>,
}

impl<'a> Token<'a> {
    pub(super) fn read(text: &'a str) -> Result<Self, &'static str> {
        #[derive(Deserialize)]
        struct Said {
            alg: String,
            kid: Option<String>,
            crit: Option<Value>,
        }
        let none = "that is no JSON web token";
        let (signed, signature) = text.rsplit_once('.').ok_or(none)?;
        let (header, claims) = signed.split_once('.').ok_or(none)?;
        if claims.contains('.') {
            return Err(none);
        }
        let header = URL_SAFE_NO_PAD.decode(header).map_err(|_| none)?;
        let Said { alg, kid, crit } = serde_json::from_slice(&header).map_err(|_| none)?;
        if crit.is_some() {
            return Err("the token wants something to be understood that is not: its header has 'crit'");
        }
        let algorithm = Algorithm::parse(&alg).ok_or("the token is not signed by RS256, PS256 or ES256")?;
        let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| none)?;
        Ok(Self { header: Header { algorithm, key_id: kid }, signed, claims, signature })
    }

    /// The claims, if this key has signed them.
    pub(super) fn verify(&self, key: &Key) -> Result<Map<String, Value>, &'static str> {
        if !key.has_signed(self.header.algorithm, self.signed.as_bytes(), &self.signature) {
            return Err("the token is not signed with a key of the issuer");
        }
        let none = "the token's claims are no JSON object";
        let claims = URL_SAFE_NO_PAD.decode(self.claims).map_err(|_| none)?;
        serde_json::from_slice(&claims).map_err(|_| none)
    }
}

/// Whether the token is for this worker, and for now. A claim of the wrong type is as bad as a wrong one.
pub(super) fn check(
    claims: &Map<String, Value>,
    issuer: &str,
    audience: &[String],
    now_ms: i64,
) -> Result<(), &'static str> {
    if claims.get("iss").and_then(Value::as_str) != Some(issuer) {
        return Err("the token is of another issuer");
    }
    let is_for =
        |value: &Value| value.as_str().is_some_and(|text| audience.iter().any(|known| known == text));
    let meant = match claims.get("aud") {
        Some(Value::Array(items)) => items.iter().any(is_for),
        Some(value) => is_for(value),
        None => false,
    };
    if !meant {
        return Err("the token is for somebody else: its audience is another one");
    }
    let now_s = now_ms as f64 / 1000.0;
    match claims.get("exp").map(Value::as_f64) {
        Some(Some(end)) if now_s < end + APART_S => {}
        Some(Some(_)) => return Err("the token has expired"),
        Some(None) | None => return Err("the token does not say when it expires"),
    }
    match claims.get("nbf").map(Value::as_f64) {
        None => Ok(()),
        Some(Some(begin)) if now_s >= begin - APART_S => Ok(()),
        Some(Some(_)) => Err("the token is not valid yet"),
        Some(None) => Err("the token does not say from when on it is valid: 'nbf' is no number"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn claims_must_be_for_this_worker_and_for_now() {
        let check = |change: Value| {
            let mut claims = json!({"iss": "https://i", "aud": ["x", "connect"], "exp": 1000, "nbf": 500});
            for (name, value) in change.as_object().unwrap() {
                match value {
                    Value::Null => _ = claims.as_object_mut().unwrap().remove(name),
                    value => claims[name] = value.clone(),
                }
            }
            check(claims.as_object().unwrap(), "https://i", &["connect".to_owned()], 800_000)
        };
        for good in [
            json!({}),
            json!({"aud": "connect"}),
            json!({"nbf": null}),
            json!({"exp": 740.5}),
            json!({"nbf": 860}),
        ] {
            assert_eq!(check(good.clone()), Ok(()), "{good}");
        }
        for bad in [
            json!({"iss": "https://i/"}),
            json!({"iss": ["https://i"]}),
            json!({"iss": null}),
            json!({"aud": "other"}),
            json!({"aud": []}),
            json!({"aud": {"x": "connect"}}),
            json!({"aud": null}),
            json!({"exp": 740}),
            json!({"exp": "9999999999"}),
            json!({"exp": null}),
            json!({"nbf": 861}),
            json!({"nbf": "0"}),
            json!({"nbf": true}),
        ] {
            assert!(check(bad.clone()).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_header_that_hides_something_is_refused() {
        let token = |header: &str| format!("{}.e30.AA", URL_SAFE_NO_PAD.encode(header));
        let read = |text: &str| Token::read(text).map(|token| token.header).map_err(str::to_owned);
        let good = read(&token(r#"{"alg":"ES256","kid":"1","typ":"at+jwt"}"#)).unwrap();
        assert_eq!((good.algorithm, good.key_id.as_deref()), (Algorithm::ES256, Some("1")));
        for bad in [
            r#"{"alg":"none"}"#,
            r#"{"alg":"None"}"#,
            r#"{"alg":"HS256"}"#,
            r#"{"alg":"RS512"}"#,
            r#"{"alg":"rs256"}"#,
            r#"{"alg":"RS256","crit":["x"]}"#,
            r#"{"alg":1}"#,
            "{}",
            "[]",
            "",
        ] {
            assert!(read(&token(bad)).is_err(), "{bad}");
        }
        for bad in ["", ".", "..", "a.b", "e30.e30.", "a.b.c.d", "e30.e30.AA.", "ä.ö.ü"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
