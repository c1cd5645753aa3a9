//! An identity provider's key: signs tokens (JWS with Ed25519), and shows brokers how to check them.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rcgen::{KeyPair, PKCS_ED25519, PublicKeyData as _, SigningKey as _};
use serde_json::json;

pub struct Signer(KeyPair);

impl Signer {
    pub fn new() -> Self {
        Self(KeyPair::generate_for(&PKCS_ED25519).unwrap())
    }

    /// A token for this principal that expires in so many seconds, or did before.
    pub fn token(&self, principal: &str, expires_in_s: i64) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64;
        let issued = now.min(now + expires_in_s - 1);
        let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let header = part(json!({"alg": "EdDSA", "kid": "canary", "typ": "JWT"}));
        let claims = part(json!({
            "iss": "https://idp.example", "aud": "kafka", "sub": principal, "scope": "kafka",
            "iat": issued, "exp": now + expires_in_s, "jti": next_id().to_string(),
        }));
        let signed = format!("{header}.{claims}");
        let signature = URL_SAFE_NO_PAD.encode(self.0.sign(signed.as_bytes()).unwrap());
        format!("{signed}.{signature}")
    }

    /// The key set that a broker reads (RFC 7517).
    pub fn key_set(&self) -> String {
        let key = URL_SAFE_NO_PAD.encode(self.0.der_bytes());
        let key =
            json!({"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": "canary", "x": key});
        json!({"keys": [key]}).to_string()
    }
}

/// No token is like another.
fn next_id() -> u64 {
    static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    NEXT.fetch_add(1, std::sync::atomic::Ordering::SeqCst)
}
