//! `sasl.*`: who a client is.

use std::sync::Arc;

use super::jaas::{self, Login, Module};
use super::java_keys::{Translated, wrong};
use super::login::LoginSettings;
use crate::{ClientSettings, Result};

const LOGIN_HANDLER: &str = "sasl.login.callback.handler.class";
/// Java's class that fetches tokens, and the name that it had before Kafka 4.
const TOKEN_HANDLERS: [&str; 2] = [
    "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginCallbackHandler",
    "org.apache.kafka.common.security.oauthbearer.secured.OAuthBearerLoginCallbackHandler",
];

pub(super) fn translate(settings: &ClientSettings, translated: &mut Translated) -> Result<()> {
    let get = |key| settings.0.get(key).map(str::trim).filter(|value| !value.is_empty());
    let protocol = get("security.protocol").unwrap_or("PLAINTEXT").to_ascii_lowercase();
    if !["plaintext", "ssl", "sasl_plaintext", "sasl_ssl"].contains(&protocol.as_str()) {
        let reason = format!("{protocol} is none of PLAINTEXT, SSL, SASL_PLAINTEXT and SASL_SSL");
        return Err(wrong("security.protocol", reason));
    }
    let sasl = protocol.starts_with("sasl_");
    translated.put("security.protocol", "security.protocol", protocol);
    if !sasl {
        return Ok(());
    }
    let mechanism = get("sasl.mechanism").unwrap_or("GSSAPI");
    let module = match mechanism {
        "PLAIN" => Module::Plain,
        "SCRAM-SHA-256" | "SCRAM-SHA-512" => Module::Scram,
        "OAUTHBEARER" => Module::OAuthBearer,
        other => {
            let reason =
                format!("{other} is not supported; use PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER");
            return Err(wrong("sasl.mechanism", reason));
        }
    };
    callback_handlers(settings, module)?;
    translated.put("sasl.mechanism", "sasl.mechanism", mechanism);
    let login = match get(jaas::KEY) {
        Some(config) => Some(module_of(config, mechanism, module)?),
        None => None,
    };
    if module == Module::OAuthBearer {
        translated.login = Some(Arc::new(LoginSettings::read(settings, login.as_ref())?));
        return Ok(());
    }
    let login = login.ok_or_else(|| {
        wrong(jaas::KEY, "it is missing; it names the login module with username and password")
    })?;
    for (option, native) in [("username", "sasl.username"), ("password", "sasl.password")] {
        let value = login.option(option).ok_or_else(|| wrong(jaas::KEY, format!("it has no {option}")))?;
        translated.put(jaas::KEY, native, value);
    }
    Ok(())
}

fn module_of(config: &str, mechanism: &str, module: Module) -> Result<Login> {
    let login = jaas::parse(config).map_err(|reason| wrong(jaas::KEY, reason))?;
    if login.module != module {
        let reason =
            format!("sasl.mechanism {mechanism} needs {}, not {}", module.name(), login.module.name());
        return Err(wrong(jaas::KEY, reason));
    }
    Ok(login)
}

/// The classes that a JVM would load: only the one whose work is done here.
fn callback_handlers(settings: &ClientSettings, module: Module) -> Result<()> {
    for key in [LOGIN_HANDLER, "sasl.client.callback.handler.class"] {
        let Some(class) = settings.0.get(key).map(str::trim).filter(|class| !class.is_empty()) else {
            continue;
        };
        if key == LOGIN_HANDLER && module == Module::OAuthBearer {
            if TOKEN_HANDLERS.contains(&class) {
                continue;
            }
            let reason = format!(
                "{class} cannot be loaded, it is a class of the JVM; {} is done here: the client credentials \
                 grant at sasl.oauthbearer.token.endpoint.url",
                TOKEN_HANDLERS[0]
            );
            return Err(wrong(key, reason));
        }
        return Err(wrong(key, "classes of the JVM cannot be loaded; take it out"));
    }
    Ok(())
}
