//! Requests to the HTTP API as bytes on loopback, and their answers.

use std::fmt::Write as _;
use std::net::SocketAddr;

use serde_json::Value;

use crate::relay::{Relay, send};

/// What came back.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answered {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.filter(|(key, _)| *key == name).map(|(_, value)| value).next()
    }

    pub(crate) fn tag(&self) -> &str {
        self.header("etag").unwrap()
    }
}

/// Sends one request and reads its answer. A body is JSON unless a header says otherwise.
pub(crate) fn ask(
    address: SocketAddr,
    line: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Answered {
    let mut request = format!("{line} HTTP/1.1\r\nconnection: close\r\n");
    write!(request, "content-length: {}\r\n", body.len()).unwrap();
    let preset = [("host", address.to_string()), ("content-type", "application/json".to_owned())];
    let named = |name: &str| headers.iter().any(|(other, _)| *other == name);
    for (name, value) in preset.iter().filter(|(name, _)| !named(name)) {
        write!(request, "{name}: {value}\r\n").unwrap();
    }
    for (name, value) in headers.iter().filter(|(_, value)| !value.is_empty()) {
        write!(request, "{name}: {value}\r\n").unwrap();
    }
    request += "\r\n";
    let answer = send(address, &[request.as_bytes(), body].concat());
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{line}: {answer}"));
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answered { status, head: head.to_owned(), body: body.to_owned() }
}

pub(crate) fn get(relay: &Relay, path: &str) -> Answered {
    ask(relay.address, &format!("GET {path}"), &[], &[])
}

pub(crate) fn put(relay: &Relay, line: &str, body: &Value) -> Answered {
    ask(relay.address, line, &[], body.to_string().as_bytes())
}

/// A relay of which nobody asked anything yet.
pub(crate) async fn relay() -> (tempfile::TempDir, Relay) {
    let folder = tempfile::tempdir().unwrap();
    let relay = Relay::start(&folder).await;
    (folder, relay)
}
