//! `@automerge/automerge-repo` with its WebSocket adapter, at both ends.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use crate::program::Program;
use crate::socket;

/// A Node process that runs `driver.mjs`; killed when dropped.
pub(crate) struct JavaScript {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl JavaScript {
    /// Starts the client and connects it.
    pub(crate) fn connect(url: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop");
        let mut child = Command::new("node")
            .arg("driver.mjs")
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node starts: `cargo xtask test` installs the packages");
        let input = child.stdin.take().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let mut client = Self { child, input, output };
        client.ask(&json!({ "op": "connect", "url": url }));
        client
    }

    /// Does one thing and returns the answer.
    pub(crate) fn ask(&mut self, command: &Value) -> Value {
        writeln!(self.input, "{command}").unwrap();
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        let answer: Value =
            serde_json::from_str(&line).unwrap_or_else(|_| panic!("{command}: no answer ({line})"));
        assert!(answer.get("error").is_none(), "{command}: {answer}");
        answer
    }

    /// Creates a document and returns its address.
    pub(crate) fn create(&mut self, value: &Value) -> String {
        let answer = self.ask(&json!({ "op": "create", "value": value }));
        answer.get("url").and_then(Value::as_str).unwrap().to_owned()
    }

    /// Sets a key of a document.
    pub(crate) fn change(&mut self, url: &str, key: &str, value: &str) {
        self.ask(&json!({ "op": "change", "url": url, "key": key, "value": value }));
    }

    /// Waits until a document's key has a value.
    pub(crate) fn wait(&mut self, url: &str, key: &str, value: &str) {
        self.ask(&json!({ "op": "wait", "url": url, "key": key, "value": value }));
    }

    /// Finds a document, or learns that nobody has it.
    pub(crate) fn find(&mut self, url: &str) -> bool {
        let answer = self.ask(&json!({ "op": "find", "url": url }));
        answer.get("unavailable").is_none()
    }
}

impl Drop for JavaScript {
    fn drop(&mut self) {
        let gone = self.child.kill().and_then(|()| self.child.wait());
        drop(gone);
    }
}

#[test]
fn two_clients_create_find_and_edit_one_document() {
    let data = tempfile::tempdir().unwrap();
    let relay = Program::start(data.path());
    let (mut ann, mut ben) =
        (JavaScript::connect(&socket(&relay)), JavaScript::connect(&socket(&relay)));
    let url = ann.create(&json!({ "title": "plan" }));
    // the client throttles what it uploads; the relay has the document when a request for it is answered
    while !ben.find(&url) {
        ben = JavaScript::connect(&socket(&relay));
    }
    ben.wait(&url, "title", "plan");
    ben.change(&url, "title", "better plan");
    ann.wait(&url, "title", "better plan");
    ann.change(&url, "owner", "ann");
    ben.wait(&url, "owner", "ann");
}

#[test]
fn an_unknown_document_is_unavailable_and_comes_when_somebody_brings_it() {
    let data = tempfile::tempdir().unwrap();
    let relay = Program::start(data.path());
    // a document that was made where the relay never was
    let elsewhere_data = tempfile::tempdir().unwrap();
    let elsewhere = Program::start(elsewhere_data.path());
    let mut ann = JavaScript::connect(&socket(&elsewhere));
    let url = ann.create(&json!({ "title": "late" }));
    let mut ben = JavaScript::connect(&socket(&relay));
    assert!(!ben.find(&url), "the relay cannot know {url}");
    ann.ask(&json!({ "op": "connectAlso", "url": socket(&relay) }));
    ben.ask(&json!({ "op": "findLater", "url": url }));
    ben.wait(&url, "title", "late");
}

#[test]
fn ephemeral_messages_reach_the_other_client_and_a_lost_socket_says_goodbye() {
    let data = tempfile::tempdir().unwrap();
    let relay = Program::start(data.path());
    let mut ann = JavaScript::connect(&socket(&relay));
    let url = ann.create(&json!({ "title": "presence" }));
    let mut ben = JavaScript::connect(&socket(&relay));
    while !ben.find(&url) {
        ben = JavaScript::connect(&socket(&relay));
    }
    ben.ask(&json!({ "op": "broadcast", "url": url, "message": { "hello": "from ben" } }));
    ann.ask(&json!({ "op": "waitEphemeral", "url": url, "text": "from ben" }));
    ann.ask(&json!({ "op": "broadcast", "url": url, "message": { "hello": "from ann" } }));
    ben.ask(&json!({ "op": "waitEphemeral", "url": url, "text": "from ann" }));
    drop(ben);
    ann.ask(&json!({ "op": "waitEphemeral", "url": url, "text": "goodbye" }));
}

#[test]
fn a_killed_relay_comes_back_with_everything_it_acknowledged() {
    let data = tempfile::tempdir().unwrap();
    let relay = Program::start(data.path());
    let address = relay.address;
    let mut ann = JavaScript::connect(&socket(&relay));
    let url = ann.create(&json!({ "title": "before" }));
    ann.ask(&json!({ "op": "acknowledged", "url": url }));
    relay.kill();
    ann.change(&url, "title", "while away");
    let relay = Program::start_at(data.path(), address);
    ann.ask(&json!({ "op": "acknowledged", "url": url }));
    drop(ann);
    let mut ben = JavaScript::connect(&socket(&relay));
    assert!(ben.find(&url), "{url} was acknowledged");
    ben.wait(&url, "title", "while away");
}
