//! Servers under load: started here, or running already; and what they cost.

use std::fmt;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::str::FromStr;

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use crate::Options;

/// Clock ticks a second in which Linux counts processor time: fixed at 100 for programs (`man 5 proc`, `USER_HZ`).
const TICKS_A_SECOND: u64 = 100;

/// What to put under load.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    Warroom,
    Floor,
    /// One that runs already.
    Url(String),
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "warroom" => Ok(Self::Warroom),
            "floor" => Ok(Self::Floor),
            url if url.starts_with("ws://") => Ok(Self::Url(url.to_owned())),
            _ => Err("give warroom, floor or an address that begins with ws://".to_owned()),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Warroom => f.write_str("warroom"),
            Self::Floor => f.write_str("floor"),
            Self::Url(url) => f.write_str(url),
        }
    }
}

/// A server; one that was started here ends with it.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) kind: Kind,
    /// `ws://host:port/path`.
    url: String,
    pid: Option<u32>,
    child: Option<Child>,
    /// Kept open: it writes its log there.
    log: Option<BufReader<ChildStderr>>,
    data: Option<TempDir>,
}

/// Where clients connect.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    url: String,
    /// Whether it only copies messages.
    pub(crate) is_floor: bool,
}

impl Target {
    /// Where a client of `room` connects.
    pub(crate) fn url(&self, room: &str) -> String {
        if self.is_floor { format!("{}/{room}", self.url) } else { self.url.clone() }
    }
}

/// What a server has cost since it started.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Usage {
    pub(crate) processor_ms: u64,
    pub(crate) resident_kb: u64,
}

impl Server {
    /// Starts one, or takes one that runs.
    ///
    /// # Errors
    /// When its program can't be started.
    pub(crate) fn start(kind: &Kind, options: &Options) -> Result<Self> {
        match kind {
            Kind::Url(url) => Ok(Self {
                kind: kind.clone(),
                url: url.clone(),
                pid: options.pid,
                child: None,
                log: None,
                data: None,
            }),
            Kind::Floor => Self::floor(),
            Kind::Warroom => Self::warroom(options.program.as_deref()),
        }
    }

    fn floor() -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        let mut child = command.arg("floor").stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        let said = child.stdout.take().context("its output")?;
        BufReader::new(said).read_line(&mut line)?;
        let address: SocketAddr = line.trim().parse().context("the floor says where it is")?;
        let (pid, url) = (Some(child.id()), format!("ws://{address}"));
        Ok(Self { kind: Kind::Floor, url, pid, child: Some(child), log: None, data: None })
    }

    fn warroom(program: Option<&Path>) -> Result<Self> {
        let beside =
            || Ok::<PathBuf, anyhow::Error>(std::env::current_exe()?.with_file_name("warroom"));
        let program = program.map_or_else(beside, |program| Ok(program.to_owned()))?;
        let data = tempfile::tempdir()?;
        let mut command = Command::new(&program);
        command.args(["serve", "--listen", "127.0.0.1:0", "--log", "json", "--data"]);
        for name in ["PORT", "DATABASE_PATH", "WARROOM_LISTEN", "WARROOM_DATA", "RUST_LOG"] {
            command.env_remove(name);
        }
        // the line of each connection would be work that an operator turns off under such load
        command.env("RUST_LOG", "warn,warroom_relay::serve=info");
        command.arg(data.path()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().with_context(|| {
            format!("{}: `cargo build --release -p warroom-relay` makes it", program.display())
        })?;
        let mut log = BufReader::new(child.stderr.take().context("its log")?);
        let address = address(&mut log)?;
        let (pid, url) = (Some(child.id()), format!("ws://{address}/sync"));
        let data = Some(data);
        Ok(Self { kind: Kind::Warroom, url, pid, child: Some(child), log: Some(log), data })
    }

    /// Where its clients connect.
    pub(crate) fn target(&self) -> Target {
        Target { url: self.url.clone(), is_floor: self.kind == Kind::Floor }
    }

    /// What it has cost; nothing where that is not known (no process given, or no Linux).
    pub(crate) fn usage(&self) -> Option<Usage> {
        let pid = self.pid?;
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // the name in parentheses may hold blanks: fields count from behind it, the first there being the third
        let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
        let mut ticks = || fields.next()?.parse::<u64>().ok();
        let processor_ms = (ticks()? + ticks()?) * 1_000 / TICKS_A_SECOND;
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        let resident_kb = resident.trim().trim_end_matches("kB").trim().parse().ok()?;
        Some(Usage { processor_ms, resident_kb })
    }
}

/// Where our relay says that it listens.
fn address(log: &mut BufReader<ChildStderr>) -> Result<SocketAddr> {
    let mut line = String::new();
    loop {
        line.clear();
        if log.read_line(&mut line)? == 0 {
            bail!("the relay ended before it listened");
        }
        let entry: serde_json::Value = serde_json::from_str(&line).unwrap_or_default();
        if let Some(listen) = entry.get("listen").and_then(serde_json::Value::as_str) {
            return Ok(listen.parse()?);
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            // it may be dead already
            drop(child.kill());
            drop(child.wait());
        }
        self.log = None;
        self.data = None;
    }
}
