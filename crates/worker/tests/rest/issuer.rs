//! An identity provider on this machine: it publishes its keys and signs tokens.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::{Arc, Condvar, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{self, EcdsaKeyPair, KeyPair as _, RsaKeyPair};
use serde_json::{Value, json};

/// Only tests use it.
const RSA: &[u8] = include_bytes!("keys/issuer-rsa.pk8");

pub struct Issuer {
    pub url: String,
    state: Arc<Mutex<State>>,
    /// Whether answers are kept back.
    held: Arc<(Mutex<bool>, Condvar)>,
}

#[derive(Default)]
struct State {
    keys: Vec<Value>,
    /// In the place of its own documents.
    instead: Option<(u16, String)>,
    /// In the place of where its keys are.
    keys_url: Option<String>,
    /// Paths that were asked for.
    asked: Vec<String>,
}

/// A key pair of the provider.
pub struct Key {
    id: String,
    pair: Pair,
}

enum Pair {
    Ec(Box<EcdsaKeyPair>),
    Rsa(Box<RsaKeyPair>),
}

fn encoded(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl Key {
    pub fn ec(id: &str) -> Self {
        let random = SystemRandom::new();
        let algorithm = &signature::ECDSA_P256_SHA256_FIXED_SIGNING;
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).unwrap();
        Self { id: id.to_owned(), pair: Pair::Ec(Box::new(pair)) }
    }

    pub fn rsa(id: &str) -> Self {
        Self { id: id.to_owned(), pair: Pair::Rsa(Box::new(RsaKeyPair::from_pkcs8(RSA).unwrap())) }
    }

    fn published(&self) -> Value {
        match &self.pair {
            Pair::Ec(pair) => {
                let point = pair.public_key().as_ref();
                let (x, y) = (encoded(&point[1..33]), encoded(&point[33..]));
                json!({"kty": "EC", "crv": "P-256", "kid": self.id, "use": "sig", "x": x, "y": y})
            }
            Pair::Rsa(pair) => {
                let public = ring::rsa::PublicKeyComponents::<Vec<u8>>::from(pair.public());
                let (n, e) = (encoded(public.n), encoded(public.e));
                json!({"kty": "RSA", "kid": self.id, "n": n, "e": e})
            }
        }
    }

    /// A token with this header and these claims.
    pub fn token(&self, algorithm: &str, claims: &Value) -> String {
        let header = json!({"alg": algorithm, "kid": self.id, "typ": "JWT"}).to_string();
        let signed = format!("{}.{}", encoded(header), encoded(claims.to_string()));
        let random = SystemRandom::new();
        let signature = match &self.pair {
            Pair::Ec(pair) => pair.sign(&random, signed.as_bytes()).unwrap().as_ref().to_vec(),
            Pair::Rsa(pair) => {
                let padding: &dyn signature::RsaEncoding = if algorithm == "PS256" {
                    &signature::RSA_PSS_SHA256
                } else {
                    &signature::RSA_PKCS1_SHA256
                };
                let mut bytes = vec![0; pair.public().modulus_len()];
                pair.sign(padding, &random, signed.as_bytes(), &mut bytes).unwrap();
                bytes
            }
        };
        format!("{signed}.{}", encoded(signature))
    }
}

impl Issuer {
    pub fn start(keys: &[&Key]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let issuer = Self { url: url.clone(), state: Arc::default(), held: Arc::default() };
        issuer.publish(keys);
        let (state, held) = (issuer.state.clone(), issuer.held.clone());
        // It ends with the process of the tests.
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { continue };
                let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
                let path = lines.next().and_then(|line| line.split(' ').nth(1).map(str::to_owned));
                while lines.next().is_some_and(|line| !line.is_empty()) {}
                let (status, body) = state.lock().unwrap().answer(&url, path.as_deref().unwrap_or_default());
                drop(held.1.wait_while(held.0.lock().unwrap(), |held| *held).unwrap());
                let length = body.len();
                let _ = write!(
                    stream,
                    "HTTP/1.1 {status} x\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
                );
            }
        });
        issuer
    }

    /// Publishes these keys in the place of all others.
    pub fn publish(&self, keys: &[&Key]) {
        self.state.lock().unwrap().keys = keys.iter().map(|key| key.published()).collect();
    }

    /// Answers so from now on.
    pub fn answer(&self, status: u16, body: &str) {
        self.state.lock().unwrap().instead = Some((status, body.to_owned()));
    }

    /// Says that its keys are elsewhere.
    pub fn keys_are_at(&self, url: &str) {
        self.state.lock().unwrap().keys_url = Some(url.to_owned());
    }

    /// Keeps answers back, or lets them go.
    pub fn hold(&self, held: bool) {
        *self.held.0.lock().unwrap() = held;
        self.held.1.notify_all();
    }

    pub fn asked(&self) -> Vec<String> {
        self.state.lock().unwrap().asked.clone()
    }

    /// Good claims of somebody with these roles, with changes.
    pub fn claims(&self, roles: &[&str], changes: Value) -> Value {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
        let mut claims = json!({
            "iss": self.url, "aud": ["connect"], "sub": "ann", "exp": now + 3600, "nbf": now - 10, "iat": now,
            "groups": roles,
        });
        for (name, value) in changes.as_object().into_iter().flatten() {
            claims[name] = value.clone();
        }
        claims
    }
}

impl State {
    fn answer(&mut self, url: &str, path: &str) -> (u16, String) {
        self.asked.push(path.to_owned());
        if let Some(instead) = &self.instead {
            return instead.clone();
        }
        match path {
            "/.well-known/openid-configuration" => {
                let keys = self.keys_url.clone().unwrap_or_else(|| format!("{url}/keys"));
                (200, json!({"issuer": url, "jwks_uri": keys}).to_string())
            }
            "/keys" => (200, json!({"keys": self.keys}).to_string()),
            _ => (404, String::new()),
        }
    }
}
