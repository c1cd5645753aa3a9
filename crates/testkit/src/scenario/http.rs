//! A client that sends what a step says, byte for byte, each request on a connection of its own.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::file::Request;

/// How long a worker may be silent.
const SILENCE_MAX: Duration = Duration::from_secs(60);

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its headers, with names in small letters.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: String,
}

impl Answer {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Sends a request to a worker at `host:port` and reads the answer.
///
/// # Errors
/// There is none, or it is no HTTP.
pub fn request(authority: &str, request: &Request) -> Result<Answer, String> {
    let mut head =
        format!("{} {} HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\n", request.method, request.path);
    for (name, value) in &request.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if !request.body.is_empty() || matches!(request.method.as_str(), "POST" | "PUT" | "PATCH") {
        head.push_str(&format!("content-length: {}\r\n", request.body.len()));
    }
    head.push_str("\r\n");
    let failed = |what: &str, error: std::io::Error| format!("{what} {authority}: {error}");
    let mut stream = TcpStream::connect(authority).map_err(|error| failed("connecting to", error))?;
    stream.set_read_timeout(Some(SILENCE_MAX)).map_err(|error| failed("connecting to", error))?;
    stream.write_all(head.as_bytes()).map_err(|error| failed("writing to", error))?;
    // A server may answer before it has read all, and close.
    let _ = stream.write_all(&request.body);
    let mut bytes = Vec::new();
    let ended = stream.read_to_end(&mut bytes);
    if bytes.is_empty() {
        return Err(ended
            .map_or_else(|error| failed("reading from", error), |_| format!("{authority} gave no answer")));
    }
    parse(&bytes, &request.method)
        .ok_or_else(|| format!("this is no answer: {}", String::from_utf8_lossy(&bytes)))
}

fn parse(bytes: &[u8], method: &str) -> Option<Answer> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let (head, body) = (std::str::from_utf8(&bytes[..end]).ok()?, &bytes[end + 4..]);
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers = lines.map(|line| {
        let (name, value) = line.split_once(':')?;
        Some((name.to_ascii_lowercase(), value.trim().to_owned()))
    });
    let mut answer = Answer { status, headers: headers.collect::<Option<_>>()?, body: String::new() };
    let body = match answer.header("transfer-encoding") {
        Some("chunked") if method != "HEAD" => unchunked(body)?,
        _ => body.to_vec(),
    };
    answer.body = String::from_utf8_lossy(&body).into_owned();
    Some(answer)
}

fn unchunked(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|two| two == b"\r\n")?;
        let size = std::str::from_utf8(&rest[..end]).ok()?;
        let size = usize::from_str_radix(size.split(';').next()?.trim(), 16).ok()?;
        rest = &rest[end + 2..];
        if size == 0 {
            return Some(body);
        }
        body.extend_from_slice(rest.get(..size)?);
        rest = rest.get(size.checked_add(2)?..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_whole_or_in_chunks() {
        let whole = parse(b"HTTP/1.1 200 OK\r\nContent-Type: a/b\r\n\r\n{}", "GET").unwrap();
        assert_eq!(
            (whole.status, whole.header("content-type"), whole.body.as_str()),
            (200, Some("a/b"), "{}")
        );
        let chunked =
            b"HTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n";
        assert_eq!(parse(chunked, "GET").unwrap().body, "abcde");
        for broken in [
            &b"HTTP/1.1 200 OK\r\n"[..],
            b"x\r\n\r\n",
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\na",
        ] {
            assert!(parse(broken, "GET").is_none(), "{broken:?}");
        }
    }
}
