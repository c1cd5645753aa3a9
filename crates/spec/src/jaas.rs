//! `sasl.jaas.config` of clients: which login modules it names.

/// The login modules that only log in. Any other may run code of an attacker's choice (CVE-2023-25194,
/// CVE-2025-27818), so it is refused under every policy.
pub const LOGIN_MODULES: [&str; 3] = [
    "org.apache.kafka.common.security.plain.PlainLoginModule",
    "org.apache.kafka.common.security.scram.ScramLoginModule",
    "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule",
];

/// Checks the modules of a JAAS text. The text holds a password, so no part of it but a module's name is shown.
///
/// # Errors
/// A module that is not one of [`LOGIN_MODULES`], or a text that is not JAAS.
pub fn check(text: &str) -> Result<(), String> {
    let entries = entries(text)?;
    if entries.is_empty() {
        return Err("no login module is named; write MODULE required KEY=\"VALUE\";".to_owned());
    }
    for entry in entries {
        let mut words = entry.split_whitespace();
        let module = words.next().unwrap_or_default();
        if !LOGIN_MODULES.contains(&module) {
            // A wrong text may begin with anything, so only what looks like a class is shown.
            let class =
                module.chars().all(|char| char.is_ascii_alphanumeric() || matches!(char, '.' | '_' | '$'));
            let module = if class && module.contains('.') { module } else { "given" };
            return Err(format!(
                "the login module {module} is not allowed; use {}",
                LOGIN_MODULES.join(", ")
            ));
        }
        let flag = words.next().unwrap_or_default().to_ascii_lowercase();
        if !["required", "requisite", "sufficient", "optional"].contains(&flag.as_str()) {
            return Err("the login module must be followed by `required`".to_owned());
        }
    }
    Ok(())
}

// The entries between semicolons; a semicolon inside quotes is part of a value.
fn entries(text: &str) -> Result<Vec<&str>, String> {
    let mut entries = Vec::new();
    let (mut start, mut quoted, mut escaped) = (0, false, false);
    for (at, char) in text.char_indices() {
        match char {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ';' if !quoted => {
                entries.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    if quoted {
        return Err("a quote is not closed".to_owned());
    }
    if !text[start..].trim().is_empty() {
        return Err("the entry must end with a semicolon".to_owned());
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_modules_pass() {
        for module in LOGIN_MODULES {
            check(&format!("{module} required username=\"u;\\\"x\" password=\"p\";")).unwrap();
        }
    }

    #[test]
    fn cve_2023_25194_cve_2025_27818_other_modules_are_refused_and_no_password_is_shown() {
        let jndi =
            "com.sun.security.auth.module.JndiLoginModule required user.provider.url=\"ldap://canary\";";
        assert!(check(jndi).unwrap_err().contains("com.sun.security.auth.module.JndiLoginModule"));
        let second = format!("{} required; {jndi}", LOGIN_MODULES[0]);
        assert!(check(&second).is_err());
        for text in ["canary", "canary required;", "", "\"canary", "canary;"] {
            let error = check(text).unwrap_err();
            assert!(!error.contains("canary"), "{error}");
        }
    }
}
