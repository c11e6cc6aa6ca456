//! The web app: types, bundle, compression.

use std::process::Command;

use anyhow::Result;

use crate::{files, node, shell, wasm};

/// Builds `web/app/dist` from sources that changed since the last time.
///
/// # Errors
/// When a tool fails.
pub(crate) fn build() -> Result<()> {
    node::install()?;
    wasm::build()?;
    let sources = [
        "package-lock.json",
        "web/app",
        "web/sdk/src",
        "web/sdk/package.json",
        "web/sdk/pkg/.warroom",
        "web/sdk/pkg/.formats",
    ];
    let fingerprint = files::fingerprint(&sources)?;
    files::unless_done("web/app/.built", &fingerprint, "web/app/dist/index.html", || {
        shell::say("building the web app");
        npm(&["run", "build"])
    })
}

/// Runs npm in the workspace.
///
/// # Errors
/// When it fails.
pub(crate) fn npm(arguments: &[&str]) -> Result<()> {
    shell::run_with(Command::new("npm").args(arguments).env("CI", "1"))
}
