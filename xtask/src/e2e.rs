//! The browser tests: real Chromium, the real relay.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use crate::{shell, web};

const BROWSERS: [&str; 3] =
    ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/// Builds the relay with the web app in it and runs the browser tests.
///
/// # Errors
/// When something can't be built or installed, or a test fails.
pub(crate) fn run() -> Result<()> {
    web::build()?;
    shell::run("cargo", &["build", "-p", "warroom-relay", "--bin", "warroom"])?;
    let chromium = chromium()?;
    shell::run_with(
        Command::new("npm")
            .args(["test", "--workspace", "@warroom/e2e"])
            .env("WARROOM_BIN", crate::files::root().join("target/debug/warroom"))
            .env("WARROOM_CHROMIUM", chromium),
    )
}

/// The path of a Chromium, installed by the system's packages where there is none.
///
/// # Errors
/// When there is none and it can't be installed.
pub(crate) fn chromium() -> Result<String> {
    if let Ok(path) = std::env::var("WARROOM_CHROMIUM") {
        return Ok(path);
    }
    if let Some(path) = find() {
        return Ok(path);
    }
    shell::say("installing Chromium, which the browser tests need");
    let sudo: &[&str] = if shell::works("sudo", &["-n", "true"]) { &["sudo"] } else { &[] };
    let apt = |arguments: &[&str]| {
        let words: Vec<&str> = sudo.iter().chain(&["apt-get"]).chain(arguments).copied().collect();
        let (program, rest) = words.split_first().unwrap_or((&"apt-get", &[]));
        shell::run(program, rest)
    };
    if shell::works("apt-get", &["--version"]) {
        apt(&["update", "-q"])?;
        apt(&["install", "-qy", "chromium"])?;
    }
    match find() {
        Some(path) => Ok(path),
        None => bail!(
            "the browser tests need Chromium: install it and set WARROOM_CHROMIUM to its path"
        ),
    }
}

fn find() -> Option<String> {
    BROWSERS.iter().find(|path| Path::new(path).exists()).map(|path| (*path).to_owned())
}
