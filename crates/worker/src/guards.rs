//! Who may use REST, as the config says.

use api::SystemClock;
use rest::basic::Basic;
use rest::bearer::Bearer;
use rest::{Audit, Authentication};

use crate::Error;

/// Opens what the config says of who may ask, and where it is written down.
///
/// # Errors
/// Every problem of it, by key.
pub(crate) fn guards(
    config: &crate::config::Authentication,
    source: &str,
) -> Result<(Option<Authentication>, Audit), Error> {
    let mut problems = Vec::new();
    let mut wrong = |key: &str, why: String| problems.push(format!("{source}: {key}: {why}"));
    let mut authentication = Authentication::default();
    if let Some(users) = &config.basic {
        let key = match users {
            rest::basic::Place::File(_) => "sluice.rest.basic.file",
            rest::basic::Place::Here(_) => "sluice.rest.basic.users",
        };
        match Basic::open(users.clone(), SystemClock::new()) {
            Ok(basic) => authentication.basic = Some(basic),
            Err(why) => wrong(key, why),
        }
    }
    if let Some(mut settings) = config.bearer.clone() {
        let file = config.bearer_authorities.as_ref();
        let read = file.map(|file| {
            std::fs::read_to_string(file)
                .map_err(|error| format!("{}: cannot read the file: {error}", file.display()))
        });
        match read.transpose() {
            Ok(authorities) => settings.authorities = authorities,
            Err(why) => wrong("sluice.rest.bearer.ca.file", why),
        }
        match Bearer::new(settings, SystemClock::new()) {
            Ok(bearer) => authentication.bearer = Some(bearer),
            Err(why) => wrong("sluice.rest.bearer.issuer", why),
        }
    }
    authentication.mtls = config.mtls.clone();
    let audit = config.audit_file.clone().map_or_else(|| Ok(Audit::default()), Audit::to_file);
    let audit = audit.unwrap_or_else(|why| {
        wrong("sluice.rest.audit.file", why);
        Audit::default()
    });
    if !problems.is_empty() {
        return Err(Error::Wrong(problems));
    }
    Ok((config.is_set().then_some(authentication), audit))
}
