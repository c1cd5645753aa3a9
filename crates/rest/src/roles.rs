//! Who may do what: for each route and method, what it takes. This is the one place that says so.

use std::fmt;

use axum::http::Method;
use serde::{Deserialize, Serialize};

/// What somebody may do. Each role may do what those before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Read everything but secrets.
    Viewer,
    /// Pause, resume, stop and restart, too, and have configs checked.
    Operator,
    /// Everything: create, change and delete connectors, their offsets, and the levels of loggers.
    Admin,
}

impl Role {
    /// All of them, the least first.
    pub const ALL: [Role; 3] = [Role::Viewer, Role::Operator, Role::Admin];

    /// Its name in configs and logs.
    pub fn name(self) -> &'static str {
        match self {
            Role::Viewer => "viewer",
            Role::Operator => "operator",
            Role::Admin => "admin",
        }
    }

    /// Reads a name.
    ///
    /// # Errors
    /// There is no such role; the text names those that there are.
    pub fn parse(name: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|role| role.name() == name).ok_or_else(|| {
            format!("'{}' is no role; there are viewer, operator and admin", name.escape_debug())
        })
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What it takes to use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Nothing: probes of load balancers and orchestrators ask without credentials, and the answer holds nothing that
    /// needs protection.
    Open,
    /// The signature of another worker of the group, which the route itself verifies before it looks at anything else.
    Peers,
    /// This role or one that may do more.
    Role(Role),
}

const VIEWER: Access = Access::Role(Role::Viewer);
const OPERATOR: Access = Access::Role(Role::Operator);
const ADMIN: Access = Access::Role(Role::Admin);

/// Method, route, and what it takes.
const TABLE: &[(&str, &str, Access)] = &[
    ("GET", "/", Access::Open),
    ("GET", "/health", Access::Open),
    ("GET", "/metrics", VIEWER),
    ("GET", "/connectors", VIEWER),
    ("POST", "/connectors", ADMIN),
    ("GET", "/connectors/{name}", VIEWER),
    ("DELETE", "/connectors/{name}", ADMIN),
    ("GET", "/connectors/{name}/config", VIEWER),
    ("PUT", "/connectors/{name}/config", ADMIN),
    ("PATCH", "/connectors/{name}/config", ADMIN),
    ("GET", "/connectors/{name}/status", VIEWER),
    ("PUT", "/connectors/{name}/fence", Access::Peers),
    ("GET", "/connectors/{name}/tasks", VIEWER),
    ("POST", "/connectors/{name}/tasks", Access::Peers),
    ("GET", "/connectors/{name}/tasks/{task}/status", VIEWER),
    ("POST", "/connectors/{name}/tasks/{task}/restart", OPERATOR),
    ("POST", "/connectors/{name}/restart", OPERATOR),
    ("PUT", "/connectors/{name}/pause", OPERATOR),
    ("PUT", "/connectors/{name}/resume", OPERATOR),
    ("PUT", "/connectors/{name}/stop", OPERATOR),
    ("GET", "/connectors/{name}/topics", VIEWER),
    ("PUT", "/connectors/{name}/topics/reset", OPERATOR),
    ("GET", "/connectors/{name}/offsets", VIEWER),
    ("PATCH", "/connectors/{name}/offsets", ADMIN),
    ("DELETE", "/connectors/{name}/offsets", ADMIN),
    ("GET", "/connector-plugins", VIEWER),
    ("GET", "/connector-plugins/{plugin}/config", VIEWER),
    // It looks secrets up with the worker's rights.
    ("PUT", "/connector-plugins/{plugin}/config/validate", OPERATOR),
    ("GET", "/sluice/v1/workers", VIEWER),
    ("GET", "/sluice/v1/connectors", VIEWER),
    ("GET", "/sluice/v1/connectors/{name}", VIEWER),
    ("GET", "/sluice/v1/connectors/{name}/logs", VIEWER),
    ("GET", "/sluice/v1/connectors/{name}/log-level", VIEWER),
    ("PUT", "/sluice/v1/connectors/{name}/log-level", ADMIN),
    ("GET", "/admin/loggers", VIEWER),
    ("GET", "/admin/loggers/{logger}", VIEWER),
    ("PUT", "/admin/loggers/{logger}", ADMIN),
];

/// What it takes to use a route with a method. `HEAD` is `GET` without a body. `OPTIONS` tells the methods of a path to
/// everybody: browsers ask so without credentials.
pub(crate) fn access(method: &Method, route: &str) -> Access {
    let method = match method.as_str() {
        "OPTIONS" => return Access::Open,
        "HEAD" => "GET",
        method => method,
    };
    // What is not in the table is closed: a method that the route does not have, or a route that somebody forgot.
    stated(method, route).unwrap_or(ADMIN)
}

fn stated(method: &str, route: &str) -> Option<Access> {
    let found = TABLE.iter().find(|(known, path, _)| *known == method && *path == route);
    found.map(|(.., access)| *access)
}

/// Whether somebody changes something by the route with this method, so that it is written down. What workers of a group say
/// to each other is the work of connectors, whoever changed these.
pub(crate) fn changes(method: &Method, route: &str) -> bool {
    !method.is_safe() && !route.ends_with("/validate") && access(method, route) != Access::Peers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routes;

    #[test]
    fn every_route_says_who_may_use_it() {
        let mut routes = Vec::new();
        for (path, methods) in routes::methods() {
            for method in methods.iter().filter(|method| !["HEAD", "OPTIONS"].contains(method)) {
                assert!(stated(method, path).is_some(), "roles.rs does not say who may {method} {path}");
                routes.push((*method, path));
            }
        }
        for (method, path, _) in TABLE {
            let times = TABLE.iter().filter(|(m, p, _)| (m, p) == (method, path)).count();
            assert!(routes.contains(&(*method, *path)) && times == 1, "{method} {path}");
        }
    }

    #[test]
    fn reading_is_for_all_and_changing_is_not() {
        for (method, path, access) in TABLE {
            match *method {
                "GET" => assert!(matches!(access, Access::Open | Access::Role(Role::Viewer)), "{path}"),
                _ => assert!(!matches!(access, Access::Open | Access::Role(Role::Viewer)), "{method} {path}"),
            }
        }
        assert_eq!(access(&Method::HEAD, "/metrics"), VIEWER);
        assert_eq!(access(&Method::OPTIONS, "/connectors"), Access::Open);
        assert_eq!(access(&Method::DELETE, "/metrics"), ADMIN);
        assert_eq!(access(&Method::GET, "/forgotten"), ADMIN);
        assert!(Role::Viewer < Role::Operator && Role::Operator < Role::Admin);
    }

    /// The table of the manual is this one.
    #[test]
    fn the_manual_has_the_table() {
        let manual = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/rest-api.md");
        let text = std::fs::read_to_string(manual).unwrap();
        let (begin, end) = ("<!-- roles: made of crates/rest/src/roles.rs -->\n", "<!-- roles: end -->");
        let at = text.find(begin).unwrap() + begin.len();
        let length = text[at..].find(end).unwrap();
        let mut table =
            "| request | nobody | viewer | operator | admin |\n|---|---|---|---|---|\n".to_owned();
        for (method, path, access) in TABLE {
            let marks = match access {
                Access::Open => "yes | yes | yes | yes",
                Access::Role(Role::Viewer) => "| yes | yes | yes",
                Access::Role(Role::Operator) => "| | yes | yes",
                Access::Role(Role::Admin) => "| | | yes",
                Access::Peers => continue,
            };
            table.push_str(&format!("| `{method} {path}` | {marks} |\n"));
        }
        if std::env::var_os("UPDATE_GENERATED").is_some() {
            std::fs::write(manual, format!("{}{table}{}", &text[..at], &text[at + length..])).unwrap();
        } else {
            assert_eq!(&text[at..at + length], table, "run it with UPDATE_GENERATED=1");
        }
    }
}
