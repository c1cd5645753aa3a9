//! Reads an issuer's keys: where its discovery document says (OpenID Connect Discovery 1.0, section 4), or where the config
//! says.

use std::time::Duration;

use oauth::Purpose;
use reqwest::{Certificate, Client, redirect};
use serde::Deserialize;
use url::Url;

use super::BearerSettings;
use super::jwk::Key;

/// The largest answer, in bytes.
const ANSWER_BYTES_MAX: usize = 256 << 10;
/// The longest that an answer may take.
const LIMIT: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub(super) struct Fetch {
    client: Client,
    issuer: String,
    from: From,
}

#[derive(Debug)]
enum From {
    Keys(Url),
    Discovery { document: Url, hosts: Vec<String> },
}

/// Checks where an issuer or its keys may be.
///
/// # Errors
/// Why that place is not asked.
pub fn check_place(text: &str) -> Result<Url, String> {
    oauth::check(text, Purpose::Keys)
}

impl Fetch {
    pub(super) fn new(settings: &BearerSettings) -> Result<Self, String> {
        let issuer = check_place(&settings.issuer)?;
        let from = match &settings.keys_url {
            Some(text) => From::Keys(check_place(text)?),
            None => {
                let document =
                    format!("{}/.well-known/openid-configuration", settings.issuer.trim_end_matches('/'));
                let own = issuer.host_str().map(str::to_owned);
                let hosts = settings.keys_hosts.iter().cloned().chain(own).collect();
                From::Discovery { document: check_place(&document)?, hosts }
            }
        };
        let _ = rustls::crypto::ring::default_provider().install_default(); // it may be there already
        let mut builder = Client::builder()
            .redirect(redirect::Policy::none()) // keys come from the places that were checked
            .connect_timeout(LIMIT)
            .timeout(LIMIT);
        if issuer.scheme() == "http" {
            builder = builder.no_proxy(); // it is on this machine
        }
        if let Some(pem) = &settings.authorities {
            let certificates = Certificate::from_pem_bundle(pem.as_bytes()).unwrap_or_default();
            if certificates.is_empty() {
                return Err("the file of authorities holds no PEM certificate".to_owned());
            }
            builder = builder.tls_certs_only(certificates);
        }
        let client = builder.build().map_err(|error| format!("cannot make a client: {error}"))?;
        Ok(Self { client, issuer: settings.issuer.clone(), from })
    }

    /// The issuer's keys.
    ///
    /// # Errors
    /// Where it was asked, and why there are none.
    pub(super) async fn keys(&self) -> Result<Vec<Key>, String> {
        let url = match &self.from {
            From::Keys(url) => url.clone(),
            From::Discovery { document, hosts } => self.discover(document, hosts).await?,
        };
        let keys = Key::set(&self.get(&url).await?).map_err(|why| format!("{url}: {why}"))?;
        match keys.is_empty() {
            true => Err(format!("{url}: there is no key for RS256, PS256 or ES256")),
            false => Ok(keys),
        }
    }

    async fn discover(&self, document: &Url, hosts: &[String]) -> Result<Url, String> {
        #[derive(Deserialize)]
        struct Discovered {
            issuer: String,
            jwks_uri: String,
        }
        let said: Discovered = serde_json::from_slice(&self.get(document).await?)
            .map_err(|error| format!("{document}: that is no discovery document: {error}"))?;
        if said.issuer != self.issuer {
            return Err(format!(
                "{document}: it is of the issuer {}; write exactly that in sluice.rest.bearer.issuer, if it is meant",
                said.issuer.escape_debug()
            ));
        }
        let url = check_place(&said.jwks_uri).map_err(|why| format!("{document}: its jwks_uri: {why}"))?;
        match url.host_str().is_some_and(|host| hosts.iter().any(|known| known.eq_ignore_ascii_case(host))) {
            true => Ok(url),
            false => Err(format!(
                "{document}: its keys are on {}, another host than the issuer's; name it in \
                 sluice.rest.bearer.jwks.hosts, if that is right",
                url.host_str().unwrap_or_default()
            )),
        }
    }

    async fn get(&self, url: &Url) -> Result<Vec<u8>, String> {
        let failed = |error: reqwest::Error| {
            let mut text = format!("{url}: {}", error.without_url());
            // Why is in what an error of the client is made of; the loop ends with its last cause.
            text.truncate(1000);
            text
        };
        let request = self.client.get(url.clone()).header(reqwest::header::ACCEPT, "application/json");
        let mut answer = request.send().await.map_err(failed)?;
        if !answer.status().is_success() {
            return Err(format!("{url}: HTTP {}", answer.status().as_u16()));
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(failed)? {
            if body.len() + chunk.len() > ANSWER_BYTES_MAX {
                return Err(format!("{url}: the answer is larger than {ANSWER_BYTES_MAX} bytes"));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}
