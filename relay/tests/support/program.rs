//! The real binary as a process of its own.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};

/// The program, killed when dropped.
pub(crate) struct Program {
    child: Child,
    pub(crate) address: SocketAddr,
    /// Where metrics are, if they have a listener of their own.
    pub(crate) metrics: Option<SocketAddr>,
    /// Kept open: the program writes its log there.
    log: Option<BufReader<ChildStderr>>,
}

/// The program that serves with these arguments, apart from the environment of whoever runs the tests.
pub(crate) fn command(arguments: &[&str]) -> Command {
    program(&[&["serve"], arguments].concat())
}

/// The program with these arguments, apart from the environment of whoever runs the tests.
pub(crate) fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_warroom"));
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null());
    for name in [
        "PORT",
        "DATABASE_PATH",
        "WARROOM_LISTEN",
        "WARROOM_DATA",
        "RUST_LOG",
        "WARROOM_METRICS_LISTEN",
        "WARROOM_LOG_FORMAT",
        "WARROOM_DRAIN_WITHIN",
    ] {
        command.env_remove(name);
    }
    command
}

impl Program {
    /// Serves what is in `data` on any free port.
    pub(crate) fn start(data: &Path) -> Self {
        Self::start_at(data, ([127, 0, 0, 1], 0).into())
    }

    /// Serves what is in `data` at `address`.
    pub(crate) fn start_at(data: &Path, address: SocketAddr) -> Self {
        Self::start_with(data, &["--listen", &address.to_string()])
    }

    /// Serves what is in `data`, with more arguments.
    pub(crate) fn start_with(data: &Path, arguments: &[&str]) -> Self {
        let mut all = vec!["--data", data.to_str().unwrap()];
        for (flag, value) in [("--listen", "127.0.0.1:0"), ("--log-format", "json")] {
            if !arguments.contains(&flag) {
                all.extend([flag, value]);
            }
        }
        all.extend(arguments);
        let child = command(&all).stderr(Stdio::piped()).spawn().unwrap();
        let mut program =
            Self { child, address: ([0, 0, 0, 0], 0).into(), metrics: None, log: None };
        let mut log = BufReader::new(program.child.stderr.take().unwrap());
        let mut line = String::new();
        while program.address.port() == 0 {
            line.clear();
            assert!(log.read_line(&mut line).unwrap() > 0, "the program ended");
            if line.contains("serving") {
                program.address = address_in(&line, "listen").unwrap();
                program.metrics = address_in(&line, "metrics");
            }
        }
        program.log = Some(log);
        program
    }

    /// Sends it a signal, by its name without `SIG`.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &id]).status().unwrap();
        assert!(sent.success(), "kill: {sent}");
    }

    /// Waits until it has ended by itself; how, and what it logged since it serves.
    pub(crate) fn end(&mut self) -> (ExitStatus, Vec<serde_json::Value>) {
        let (status, log) = self.end_with_log();
        let entries = log.lines().filter_map(|line| serde_json::from_str(line).ok());
        (status, entries.collect())
    }

    /// As [`Self::end`], with the log as it was written.
    pub(crate) fn end_with_log(&mut self) -> (ExitStatus, String) {
        let mut log = String::new();
        self.log.take().unwrap().read_to_string(&mut log).unwrap();
        (self.child.wait().unwrap(), log)
    }

    /// As a power cut of the process: no handler runs.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.log = None;
    }
}

/// The address in that field of a line, for machines or for people.
fn address_in(line: &str, field: &str) -> Option<SocketAddr> {
    let value = match serde_json::from_str::<serde_json::Value>(line) {
        Ok(entry) => entry[field].as_str()?.to_owned(),
        Err(_) => line.split(&format!("{field}=")).nth(1)?.split_whitespace().next()?.to_owned(),
    };
    Some(value.parse().unwrap())
}

impl Drop for Program {
    fn drop(&mut self) {
        // it may be dead already
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
