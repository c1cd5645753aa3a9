//! Rules `ROLE=WHAT`, separated by semicolons: what stands for a role.

use rest::Role;

/// Reads rules; their order does not matter.
///
/// # Errors
/// The first one that is wrong, and why.
pub(super) fn parse(text: &str) -> Result<Vec<(Role, String)>, String> {
    let rules = text.split(';').map(str::trim).filter(|rule| !rule.is_empty());
    rules
        .map(|rule| {
            let wanted =
                || format!("'{}' is no rule; write ROLE=WHAT, separated by semicolons", rule.escape_debug());
            let (role, what) = rule.split_once('=').ok_or_else(wanted)?;
            match what.trim() {
                "" => Err(wanted()),
                what => Ok((Role::parse(role.trim())?, what.to_owned())),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_roles_and_what_stands_for_them() {
        let rules = parse(" admin = connect-admins;viewer=CN=x,O=y; viewer=z ;").unwrap();
        let expected = [(Role::Admin, "connect-admins"), (Role::Viewer, "CN=x,O=y"), (Role::Viewer, "z")];
        assert_eq!(rules, expected.map(|(role, what)| (role, what.to_owned())));
        assert_eq!(parse(""), Ok(vec![]));
        for bad in ["admin", "admin=", "boss=x", "=x"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
