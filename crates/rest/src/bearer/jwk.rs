//! Keys as a provider publishes them (RFC 7517), and signatures by them (RFC 7518).
//!
//! Signatures are checked with `ring`, which is in the program anyway: of the libraries for tokens the one version that is built
//! on it takes a text for a date (CVE-2026-25537), and later ones want another provider of cryptography.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, RsaPublicKeyComponents,
    UnparsedPublicKey,
};
use serde::Deserialize;
use serde_json::Value;

/// How a token may be signed: by a private key. Never `none`, and never by a secret that both sides know, for which a
/// public key could be passed off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) enum Algorithm {
    RS256,
    PS256,
    ES256,
}

impl Algorithm {
    pub(super) fn parse(name: &str) -> Option<Self> {
        match name {
            "RS256" => Some(Self::RS256),
            "PS256" => Some(Self::PS256),
            "ES256" => Some(Self::ES256),
            _ => None,
        }
    }
}

/// A public key of a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) id: Option<String>,
    algorithm: Option<String>,
    material: Material,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Material {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    P256(Vec<u8>),
}

#[derive(Deserialize)]
struct Published {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    n: Option<String>,
    e: Option<String>,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl Key {
    /// The keys of a set that can be used here; others are passed over, as providers publish keys for other uses, too.
    ///
    /// # Errors
    /// It is no set of keys.
    pub(super) fn set(text: &[u8]) -> Result<Vec<Key>, String> {
        #[derive(Deserialize)]
        struct Set {
            keys: Vec<Value>,
        }
        let set: Set =
            serde_json::from_slice(text).map_err(|error| format!("that is no set of keys: {error}"))?;
        let published = set.keys.into_iter().filter_map(|key| serde_json::from_value(key).ok());
        Ok(published.filter_map(Key::of).collect())
    }

    fn of(published: Published) -> Option<Key> {
        let Published { kty, kid, alg, usage, n, e, crv, x, y } = published;
        if usage.is_some_and(|usage| usage != "sig") {
            return None;
        }
        let number = |text: Option<String>| URL_SAFE_NO_PAD.decode(text?.trim_end_matches('=')).ok();
        let material = match (kty.as_str(), crv.as_deref()) {
            ("RSA", _) => {
                let trimmed = |bytes: Vec<u8>| bytes.into_iter().skip_while(|byte| *byte == 0).collect();
                Material::Rsa { n: trimmed(number(n)?), e: trimmed(number(e)?) }
            }
            ("EC", Some("P-256")) => {
                let (x, y) = (number(x)?, number(y)?);
                if (x.len(), y.len()) != (32, 32) {
                    return None;
                }
                Material::P256([&[4][..], &x, &y].concat()) // a point that is not compressed
            }
            _ => return None,
        };
        Some(Key { id: kid, algorithm: alg, material })
    }

    /// Whether it is for this algorithm.
    pub(super) fn is_for(&self, algorithm: Algorithm) -> bool {
        let named = self.algorithm.as_deref().map(Algorithm::parse);
        let kind = match (&self.material, algorithm) {
            (Material::Rsa { .. }, Algorithm::RS256 | Algorithm::PS256) => true,
            (Material::P256(_), Algorithm::ES256) => true,
            (Material::Rsa { .. } | Material::P256(_), _) => false,
        };
        kind && named.is_none_or(|named| named == Some(algorithm))
    }

    /// Whether it has signed this text.
    pub(super) fn has_signed(&self, algorithm: Algorithm, text: &[u8], signature: &[u8]) -> bool {
        if !self.is_for(algorithm) {
            return false;
        }
        let verified = match &self.material {
            Material::P256(point) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(text, signature)
            }
            Material::Rsa { n, e } => {
                let by = match algorithm {
                    Algorithm::PS256 => &RSA_PSS_2048_8192_SHA256,
                    Algorithm::RS256 | Algorithm::ES256 => &RSA_PKCS1_2048_8192_SHA256,
                };
                RsaPublicKeyComponents { n, e }.verify(by, text, signature)
            }
        };
        verified.is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SET: &str = r#"{"keys": [
        {"kty": "oct", "k": "AAAA"},
        {"kty": "EC", "crv": "P-384", "x": "AA", "y": "AA"},
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
        {"kty": "RSA", "use": "enc", "n": "AQAB", "e": "AQAB"},
        {"kty": "RSA", "kid": "rsa", "e": "AQAB",
         "n": "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"},
        {"kty": "EC", "crv": "P-256", "kid": "ec", "use": "sig", "alg": "ES256",
         "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}
    ]}"#;

    // The examples of RFC 7515, appendices A.2 and A.3.
    const CLAIMS: &str =
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    const RSA: &str = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
    const EC: &str = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

    #[test]
    fn signatures_of_the_standards_examples_fit() {
        let keys = Key::set(SET.as_bytes()).unwrap();
        let [rsa, ec] = &keys[..] else { panic!("two can be used: {keys:?}") };
        let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
        let of_rsa = format!("eyJhbGciOiJSUzI1NiJ9.{CLAIMS}");
        let of_ec = format!("eyJhbGciOiJFUzI1NiJ9.{CLAIMS}");
        assert!(rsa.has_signed(Algorithm::RS256, of_rsa.as_bytes(), &bytes(RSA)));
        assert!(ec.has_signed(Algorithm::ES256, of_ec.as_bytes(), &bytes(EC)));
        for (key, algorithm, text, signature) in [
            (rsa, Algorithm::PS256, &of_rsa, RSA),
            (rsa, Algorithm::ES256, &of_rsa, RSA),
            (rsa, Algorithm::RS256, &of_ec, RSA),
            (ec, Algorithm::RS256, &of_rsa, RSA),
            (ec, Algorithm::ES256, &of_ec, RSA),
            (ec, Algorithm::ES256, &of_ec, ""),
        ] {
            assert!(!key.has_signed(algorithm, text.as_bytes(), &bytes(signature)), "{algorithm:?} {text}");
        }
        assert!(Key::set(b"[]").is_err() && Key::set(b"").is_err());
    }
}
