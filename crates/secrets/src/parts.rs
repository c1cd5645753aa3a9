//! Parts of a looked-up value that errors show without the rest: of a URL its user, password, path and query, of
//! `name=value` texts (JAAS, libpq) what their names call a secret.

use std::borrow::Cow;

use indexmap::IndexSet;
use spec::sensitive::is_sensitive;

// A password counts whatever it is; the others only when they are too long to be a word of every second text.
const SHORTEST_PASSWORD: usize = 4;
const SHORTEST_USER: usize = 6;
const SHORTEST_PATH: usize = 8;
const SHORTEST_QUERY: usize = 12;

// What is inside of a longer value of a pair is not looked at by itself: pairs in pairs in pairs would take a time and a
// memory that grow with the square of a text which anybody sends.
const LONGEST_OUTER: usize = 512;

// Long enough, and yet no secret: scrubbing them would only spoil the text.
const COMMONPLACE: [&str; 8] =
    ["postgres", "postgresql", "database", "localhost", "username", "password", "anonymous", "verify-full"];

/// The parts, percent-decoded too.
pub(crate) fn parts(value: &str) -> Vec<String> {
    let mut parts = Parts::default();
    parts.url(value);
    parts.pairs(value);
    parts.0.into_iter().collect()
}

/// Only what nobody may see: passwords in URLs and in `name=value` texts.
pub(crate) fn passwords(value: &str) -> Vec<String> {
    let mut parts = Parts::default();
    if let Some((_, password)) = authority(value).and_then(userinfo) {
        parts.add(password, SHORTEST_PASSWORD);
    }
    parts.pairs(value);
    parts.0.into_iter().collect()
}

#[derive(Default)]
struct Parts(IndexSet<String>);

impl Parts {
    fn add(&mut self, part: &str, shortest: usize) {
        let decoded = decoded(part);
        for part in [part, decoded.as_ref()] {
            let commonplace =
                shortest != SHORTEST_PASSWORD && COMMONPLACE.contains(&part.trim_start_matches('/'));
            if part.len() >= shortest && !commonplace && !self.0.contains(part) {
                self.0.insert(part.to_owned());
            }
        }
    }

    fn url(&mut self, value: &str) {
        let Some(rest) = after_scheme(value) else { return };
        if let Some((user, password)) = authority(value).and_then(userinfo) {
            self.add(user, SHORTEST_USER);
            self.add(password, SHORTEST_PASSWORD);
        }
        let from = if value.contains("://") { rest.find(['/', '?', ';', '#']) } else { Some(0) };
        let Some(rest) = from.map(|from| &rest[from..]) else { return };
        let (path, query) = rest.split_at(rest.find(['?', ';', '#']).unwrap_or(rest.len()));
        self.add(path, SHORTEST_PATH);
        self.add(path.trim_start_matches('/'), SHORTEST_PATH);
        for (_, value) in query.split(['?', '&', ';', '#']).filter_map(|pair| pair.split_once('=')) {
            self.add(value, SHORTEST_QUERY);
        }
    }

    // Every `name=value` whose name sounds like a secret, the value in quotes or up to the next separator.
    fn pairs(&mut self, value: &str) {
        let mut until = 0;
        for (at, _) in value.match_indices('=') {
            if at < until {
                continue;
            }
            let before = value[..at].trim_end();
            let is_name = |char: char| char.is_ascii_alphanumeric() || matches!(char, '.' | '_' | '-');
            let name = &before[before.trim_end_matches(is_name).len()..];
            if !is_sensitive(name) {
                continue;
            }
            let rest = value[at + 1..].trim_start();
            let end = |rest: &str| rest.find(|char: char| char.is_whitespace() || ";&,".contains(char));
            let found = match rest.chars().next() {
                Some(quote @ ('"' | '\'')) => {
                    let inner = &rest[1..];
                    inner.find(quote).map_or(inner, |end| &inner[..end])
                }
                _ => end(rest).map_or(rest, |end| &rest[..end]),
            };
            if found.len() > LONGEST_OUTER {
                until = at + found.len();
            }
            self.add(found, SHORTEST_PASSWORD);
        }
    }
}

// What follows `scheme:` or `jdbc:scheme:`; `None` when the text is no URL.
fn after_scheme(value: &str) -> Option<&str> {
    let value = value.trim();
    let value = value.strip_prefix("jdbc:").unwrap_or(value);
    let (scheme, rest) = value.split_once(':')?;
    let first = scheme.chars().next()?;
    let is_scheme = first.is_ascii_alphabetic()
        && scheme.chars().all(|char| char.is_ascii_alphanumeric() || matches!(char, '+' | '-' | '.'));
    is_scheme.then(|| rest.strip_prefix("//").unwrap_or(rest))
}

fn authority(value: &str) -> Option<&str> {
    let rest = after_scheme(value).filter(|_| value.contains("://"))?;
    // A password may hold any character as long as an `@` follows before the path.
    let end = rest.find(['/', '?', ';', '#']).unwrap_or(rest.len());
    Some(&rest[..end])
}

fn userinfo(authority: &str) -> Option<(&str, &str)> {
    let (userinfo, _) = authority.rsplit_once('@')?;
    Some(userinfo.split_once(':').unwrap_or((userinfo, "")))
}

fn decoded(text: &str) -> Cow<'_, str> {
    percent_encoding::percent_decode_str(text).decode_utf8().unwrap_or(Cow::Borrowed(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: &str, expected: &[&str]) {
        assert_eq!(parts(value), expected, "{value}");
    }

    #[test]
    fn of_a_url() {
        check(
            "http://canaryuser:p%40ss@h:3/some/path?X-Amz-Date=20260101T0000",
            &["canaryuser", "p%40ss", "p@ss", "/some/path", "some/path", "20260101T0000"],
        );
        check("jdbc:sqlite:/srv/canary.db", &["/srv/canary.db", "srv/canary.db"]);
        check(
            "jdbc:postgresql://db:5432/orders?user=postgres&password=geheim&sslmode=verify-full",
            &["geheim"],
        );
        check("postgres://postgres:postgres@localhost/postgres", &["postgres"]);
    }

    #[test]
    fn of_pairs() {
        check("org.x.PlainLoginModule required username=\"alice\" password=\"ge heim\";", &["ge heim"]);
        check("host=db dbname=orders password = 'geheim' sslmode=require", &["geheim"]);
        check("a plain value", &[]);
        check("=", &[]);
    }

    // A text of a megabyte would be copied a hundred thousand times.
    #[test]
    fn pairs_in_pairs_take_no_more_than_their_text() {
        let nested = "password=".repeat(10_000);
        let found = passwords(&nested);
        assert!(found.iter().map(String::len).sum::<usize>() < 4 * nested.len(), "{} parts", found.len());
        assert!(found.contains(&nested["password=".len()..].to_owned()), "the longest is there");
        check("secret='a password=geheim b'", &["a password=geheim b", "geheim"]);
    }

    #[test]
    fn only_passwords() {
        assert_eq!(passwords("http://canaryuser:geheim@h/some/long/path"), ["geheim"]);
        assert!(passwords("jdbc:sqlite:/srv/canary.db").is_empty());
    }
}
