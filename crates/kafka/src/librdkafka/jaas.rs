//! The text of `sasl.jaas.config`. Modules are parsed, never loaded: what a JVM would look up by class name (JNDI and
//! LDAP login modules have been used to run foreign code) is refused.

/// The key that holds such a text.
pub(super) const KEY: &str = "sasl.jaas.config";

/// The login modules that only log in, without their common package.
const MODULES: [(&str, Module); 3] = [
    ("plain.PlainLoginModule", Module::Plain),
    ("scram.ScramLoginModule", Module::Scram),
    ("oauthbearer.OAuthBearerLoginModule", Module::OAuthBearer),
];
const PACKAGE: &str = "org.apache.kafka.common.security.";

/// A login module of Kafka's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Module {
    Plain,
    Scram,
    OAuthBearer,
}

impl Module {
    /// Its class, without package.
    pub(super) fn name(self) -> &'static str {
        match self {
            Module::Plain => "PlainLoginModule",
            Module::Scram => "ScramLoginModule",
            Module::OAuthBearer => "OAuthBearerLoginModule",
        }
    }
}

/// A login module and its options. It holds a password: no `Debug`.
pub(super) struct Login {
    pub(super) module: Module,
    pub(super) options: Vec<(String, String)>,
}

impl Login {
    /// The value of an option.
    pub(super) fn option(&self, name: &str) -> Option<&str> {
        self.options.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// `Class flag name=value …;`. Errors hold no value.
pub(super) fn parse(config: &str) -> Result<Login, String> {
    let tokens = tokens(config)?;
    let mut tokens = tokens.into_iter().peekable();
    let form = || "it must have the form `module required name=\"value\" …;`".to_owned();
    let Some(Token::Word(class)) = tokens.next() else { return Err(form()) };
    let relative = class.strip_prefix(PACKAGE);
    let Some((_, module)) = MODULES.iter().find(|(name, _)| relative == Some(name)) else {
        let allowed = MODULES.map(|(name, _)| format!("{PACKAGE}{name}")).join(", ");
        return Err(format!("login module {class} is not allowed; these are: {allowed}"));
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
            (Some(Token::Semicolon), None, None) => return Ok(Login { module: *module, options }),
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

fn tokens(text: &str) -> Result<Vec<Token>, String> {
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
