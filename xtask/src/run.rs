//! `cargo xtask run`: everything from a fresh clone to a relay that answers.

use std::process::Command;

use anyhow::Result;

use crate::{shell, web};

/// Builds what changed.
///
/// # Errors
/// When a step fails.
pub(crate) fn build() -> Result<()> {
    web::build()?;
    shell::run("cargo", &["build", "--release", "-p", "warroom-relay", "--bin", "warroom"])
}

/// Builds what changed and starts the relay; returns when it stops.
///
/// # Errors
/// When a step fails.
pub(crate) fn run(serve: &[String]) -> Result<()> {
    build()?;
    shell::run_with(Command::new("target/release/warroom").arg("serve").args(serve))
}
