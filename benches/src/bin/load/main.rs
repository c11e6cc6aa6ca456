//! Load on a relay, from the outside: `cargo run --release -p benches --bin load -- <scenario>`.
//!
//! It speaks the plain automerge-repo protocol, version 1, so it can be pointed at any sync server (`--against ws://…`).
//! Without that it starts our relay (`cargo build --release -p warroom-relay` first) on an empty folder, and beside it,
//! where the scenario allows, a server that does nothing but copy each message to the other sockets of its room: the floor
//! of what the machine, the sockets and this program cost. Compare ratios within one run.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::redundant_pub_crate,
    reason = "a program that prints a table"
)]

mod doors;
mod floor;
mod line;
mod report;
mod scenarios;
mod server;
mod writer;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use clap::{Args, Parser, Subcommand};

use report::Report;
use server::{Kind, Server};

#[derive(Debug, Parser)]
#[command(about = "Load on a relay, and what it costs: a table and JSON lines")]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// One writer a room edits; everybody else of the room hears of it
    FanOut(Options),
    /// One person a room moves a pointer; everybody else of the room sees it
    Presence(Options),
    /// Everybody asks for one document with a history at once
    ColdJoins(Options),
    /// Everybody comes back at once with changes made offline, each to a document of their own
    OfflineBursts(Options),
    /// Sockets that joined, opened a document and say nothing more
    Idle(Options),
    /// Everybody comes back at once, with nothing new
    ReconnectStorm(Options),
    /// As fan-out, beside a reader that never reads and a writer that floods
    Misbehaving(Options),
    /// Serve nothing but copies of messages
    #[command(hide = true)]
    Floor {
        /// Where
        #[arg(long, default_value = "127.0.0.1:0")]
        listen: SocketAddr,
    },
}

/// How much of it.
#[derive(Debug, Clone, Args)]
struct Options {
    /// `warroom`, `floor`, or the `ws://` address of a running server; several times: one after another
    #[arg(long)]
    against: Vec<Kind>,
    /// Process of a server that runs already, for its processor time and memory
    #[arg(long)]
    pid: Option<u32>,
    /// Our relay's program, instead of the one beside this one
    #[arg(long)]
    program: Option<PathBuf>,
    /// Rooms
    #[arg(long, default_value_t = 1)]
    rooms: usize,
    /// Clients in each room
    #[arg(long, default_value_t = 10)]
    clients: usize,
    /// Seconds of editing or moving
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Milliseconds from one edit or move to the next
    #[arg(long, default_value_t = 100)]
    every: u64,
    /// Changes of a history, or made offline by each
    #[arg(long, default_value_t = 5_000)]
    changes: usize,
    /// Print a line of JSON for each run before the table
    #[arg(long)]
    json: bool,
}

impl Options {
    fn every(&self) -> Duration {
        Duration::from_millis(self.every.max(1))
    }

    fn rounds(&self) -> u64 {
        self.seconds * 1_000 / self.every.max(1)
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    match Arguments::parse().what {
        What::Floor { listen } => floor::serve(listen).await,
        What::FanOut(options) => run("fan-out", &options, true).await,
        What::Presence(options) => run("presence", &options, true).await,
        What::ColdJoins(options) => run("cold-joins", &options, false).await,
        What::OfflineBursts(options) => run("offline-bursts", &options, false).await,
        What::Idle(options) => run("idle", &options, true).await,
        What::ReconnectStorm(options) => run("reconnect-storm", &options, false).await,
        What::Misbehaving(options) => run("misbehaving", &options, false).await,
    }
}

/// Runs a scenario against each server in turn and prints what it cost.
async fn run(scenario: &'static str, options: &Options, has_floor: bool) -> Result<()> {
    let mut kinds = options.against.clone();
    if kinds.is_empty() {
        kinds = if has_floor { vec![Kind::Floor, Kind::Warroom] } else { vec![Kind::Warroom] };
    }
    let mut reports: Vec<Report> = Vec::new();
    for kind in &kinds {
        eprintln!("{scenario} against {kind}");
        let server = Server::start(kind, options)?;
        let ran = scenarios::run(scenario, &server, options).await?;
        for report in ran {
            if options.json {
                println!("{}", report.to_json());
            }
            reports.push(report);
        }
    }
    println!("{}", report::table(&reports));
    Ok(())
}
