//! Where the cloud itself, or what its own provider relies on, is not as described. Each has its reason; anything else
//! that differs fails a test.

/// Operation (end of its name), problem (part of its text), reason.
const ALLOWED: &[(&str, &str, &str)] = &[
    ("connectors", "kafka.api.key is missing", "a connector with a service account has no key"),
    ("connectors", "kafka.api.secret is missing", "a connector with a service account has no key"),
    ("DELETE /config", "must be \"string\"", "the registry answers with the config that was deleted"),
    ("DELETE /mode", "must be \"string\"", "the registry answers with the mode that was deleted"),
    (
        "/schema",
        "must be \"string\"",
        "the registry answers with the schema itself, not with its text as JSON",
    ),
    ("DELETE /subjects/{subject}", "status 422 is not described", "a referenced schema, or read-only"),
];

/// What is left of the problems of an operation.
pub fn remaining(operation: &str, problems: Vec<String>) -> Vec<String> {
    let allowed = |problem: &String| {
        ALLOWED.iter().any(|(place, text, _)| operation.contains(place) && problem.contains(text))
    };
    problems.into_iter().filter(|problem| !allowed(problem)).collect()
}
