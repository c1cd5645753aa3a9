//! `sasl.*`: who a client is. Modules are parsed, never loaded: what a JVM would look up by class name (JNDI and LDAP
//! login modules have been used to run foreign code) is refused.

use super::java_keys::{Translated, wrong};
use crate::{ClientSettings, Result};

const KEY: &str = "sasl.jaas.config";
const MODULE_PACKAGES: [&str; 2] =
    ["org.apache.kafka.common.security.plain.", "org.apache.kafka.common.security.scram."];

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
    for key in ["sasl.login.callback.handler.class", "sasl.client.callback.handler.class"] {
        if get(key).is_some() {
            return Err(wrong(key, "classes of the JVM cannot be loaded; take it out"));
        }
    }
    let mechanism = get("sasl.mechanism").unwrap_or("GSSAPI");
    match mechanism {
        "PLAIN" | "SCRAM-SHA-256" | "SCRAM-SHA-512" => {}
        "OAUTHBEARER" => {
            let reason = "OAUTHBEARER is not supported yet; use PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512, or a client \
                          certificate";
            return Err(wrong("sasl.mechanism", reason));
        }
        other => {
            let reason = format!("{other} is not supported; use PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512");
            return Err(wrong("sasl.mechanism", reason));
        }
    }
    translated.put("sasl.mechanism", "sasl.mechanism", mechanism);
    let config = get(KEY)
        .ok_or_else(|| wrong(KEY, "it is missing; it names the login module with username and password"))?;
    let login = parse(config).map_err(|reason| wrong(KEY, reason))?;
    let module = if mechanism == "PLAIN" { "PlainLoginModule" } else { "ScramLoginModule" };
    if login.module != module {
        let reason = format!("sasl.mechanism {mechanism} needs {module}, not {}", login.module);
        return Err(wrong(KEY, reason));
    }
    for (option, native) in [("username", "sasl.username"), ("password", "sasl.password")] {
        let value = login.option(option).ok_or_else(|| wrong(KEY, format!("it has no {option}")))?;
        translated.put(KEY, native, value);
    }
    Ok(())
}

/// A login module and its options. It holds a password: no `Debug`.
struct Login {
    module: &'static str,
    options: Vec<(String, String)>,
}

impl Login {
    fn option(&self, name: &str) -> Option<&str> {
        self.options.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// `Class flag name=value …;`. Errors hold no value.
fn parse(config: &str) -> std::result::Result<Login, String> {
    let tokens = tokens(config)?;
    let mut tokens = tokens.into_iter().peekable();
    let form = || "it must have the form `module required name=\"value\" …;`".to_owned();
    let Some(Token::Word(class)) = tokens.next() else { return Err(form()) };
    let simple = MODULE_PACKAGES.iter().find_map(|package| class.strip_prefix(package));
    let module = match simple {
        Some("PlainLoginModule") => "PlainLoginModule",
        Some("ScramLoginModule") => "ScramLoginModule",
        _ => {
            return Err(format!(
                "login module {class} is not allowed; {}PlainLoginModule and {}ScramLoginModule are",
                MODULE_PACKAGES[0], MODULE_PACKAGES[1]
            ));
        }
    };
    match tokens.next() {
        Some(Token::Word(flag))
            if ["required", "requisite", "sufficient", "optional"]
                .contains(&flag.to_ascii_lowercase().as_str()) => {}
        _ => return Err(form()),
    }
    let mut options = Vec::new();
    loop {
        match (tokens.next(), tokens.next(), tokens.next()) {
            (Some(Token::Semicolon), None, None) => return Ok(Login { module, options }),
            (Some(Token::Semicolon), ..) => return Err("it must have one login module".to_owned()),
            (
                Some(Token::Word(name)),
                Some(Token::Equals),
                Some(Token::Word(value) | Token::Quoted(value)),
            ) => {
                options.push((name, value));
            }
            _ => return Err(form()),
        }
    }
}

enum Token {
    Word(String),
    Quoted(String),
    Equals,
    Semicolon,
}

fn tokens(text: &str) -> std::result::Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            _ if letter.is_whitespace() => {}
            '=' => tokens.push(Token::Equals),
            ';' => tokens.push(Token::Semicolon),
            '"' | '\'' => {
                let mut value = String::new();
                loop {
                    match letters.next() {
                        None => return Err("a quotation mark is not closed".to_owned()),
                        Some('\\') => value.push(letters.next().map_or('\\', unescaped)),
                        Some(end) if end == letter => break,
                        Some(other) => value.push(other),
                    }
                }
                tokens.push(Token::Quoted(value));
            }
            _ => {
                let mut word = String::from(letter);
                while let Some(next) =
                    letters.next_if(|next| !next.is_whitespace() && !"=;\"'".contains(*next))
                {
                    word.push(next);
                }
                tokens.push(Token::Word(word));
            }
        }
    }
    Ok(tokens)
}

/// As Java's `StreamTokenizer`.
fn unescaped(letter: char) -> char {
    match letter {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(config: &str, user: &str, password: &str) {
        let login = parse(config).unwrap_or_else(|error| panic!("{config}: {error}"));
        assert_eq!(
            (login.option("username"), login.option("password")),
            (Some(user), Some(password)),
            "{config}"
        );
    }

    fn refused(config: &str) -> String {
        parse(config).err().unwrap_or_else(|| panic!("{config} was taken"))
    }

    #[test]
    fn forms_that_java_takes() {
        let plain = "org.apache.kafka.common.security.plain.PlainLoginModule";
        check(&format!("{plain} required username=\"alice\" password=\"a b;c=d\";"), "alice", "a b;c=d");
        check(&format!("{plain} required\n  username='alice'\n  password=secret ;"), "alice", "secret");
        check(&format!("{plain} REQUIRED username = \"al\\\"ice\" password=\"\\\\\";"), "al\"ice", "\\");
        let scram = "org.apache.kafka.common.security.scram.ScramLoginModule";
        check(&format!("{scram} required username=\"u\" password=\"p\" tokenauth=\"false\";"), "u", "p");
    }

    #[test]
    fn other_modules_are_refused_by_name() {
        let error =
            refused("com.sun.security.auth.module.JndiLoginModule required user.provider.url=\"ldap://x\";");
        assert!(error.contains("JndiLoginModule") && error.contains("not allowed"), "{error}");
        assert!(!error.contains("ldap://x"), "{error}");
        refused("com.sun.security.auth.module.LdapLoginModule required;");
        refused("com.sun.security.auth.module.Krb5LoginModule required;");
        refused("PlainLoginModule required username=a password=b;");
    }

    #[test]
    fn what_is_not_whole_is_refused_without_the_password() {
        let plain = "org.apache.kafka.common.security.plain.PlainLoginModule";
        for config in [
            String::new(),
            plain.to_owned(),
            format!("{plain} required username=\"u\" password=\"canary\""),
            format!("{plain} required username=\"u\" password=\"canary;"),
            format!("{plain} username=\"u\" password=\"canary\";"),
            format!("{plain} required password=\"canary\" =;"),
            format!("{plain} required password=\"canary\"; {plain} required;"),
        ] {
            assert!(!refused(&config).contains("canary"), "{config}");
        }
    }
}
