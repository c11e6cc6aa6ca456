//! One tool for people and CI: builds, runs, tests and tidies the whole project, and installs what that needs.
#![expect(clippy::print_stdout, reason = "a command-line tool talks to the person who started it")]

mod e2e;
mod excerpt;
mod files;
mod node;
mod run;
mod shell;
mod test;
mod tidy;
mod types;
mod wasm;
mod web;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// War Room's one tool.
#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Build the WASM and the web app, and start the relay on <http://localhost:8080>
    Run {
        /// Passed on to `warroom serve` (see `cargo xtask run -- --help`)
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        serve: Vec<String>,
    },
    /// Build the WASM, the web app and the relay with the app in it: `target/release/warroom`
    Build,
    /// Run every check and test there is, and install what they need
    Test {
        /// Only the steps whose names contain this
        #[arg(long)]
        only: Option<String>,
    },
    /// Check the laws of the house: formatting, file sizes, who may know whom, documents that tell the truth
    Tidy,
    /// Build the WASM package into `web/sdk/pkg` and check its size
    Wasm {
        /// Print what it is made of instead, by crate and by module of the engine
        #[arg(long, conflicts_with = "named")]
        parts: bool,
        /// Build it with the names of its functions into `target/named` instead, for profilers
        #[arg(long)]
        named: bool,
    },
    /// Write the TypeScript types of the engine into `web/sdk/src/generated.ts`
    Types,
    /// Run the browser tests against a freshly built relay
    E2e,
}

fn main() -> ExitCode {
    // without the stack of the tool itself, which hides what failed
    let Err(error) = done() else { return ExitCode::SUCCESS };
    println!("Error: {error:#}");
    ExitCode::FAILURE
}

fn done() -> Result<()> {
    std::env::set_current_dir(files::root())?;
    match Arguments::parse().task {
        Task::Run { serve } => run::run(&serve),
        Task::Build => run::build(),
        Task::Test { only } => test::test(only.as_deref()),
        Task::Tidy => tidy::tidy(),
        Task::Wasm { named: true, .. } => wasm::named(),
        Task::Wasm { parts: true, .. } => wasm::parts(),
        Task::Wasm { parts: false, named: false } => wasm::build(),
        Task::Types => types::write(),
        Task::E2e => e2e::run(),
    }
}
