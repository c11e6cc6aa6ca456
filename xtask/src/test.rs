//! `cargo xtask test`: every check and test, in the order in which they most cheaply fail.

use std::process::Command;

use anyhow::{Result, bail};

use crate::{e2e, node, shell, tidy, types, wasm, web};

type Step = (&'static str, fn() -> Result<()>);

const STEPS: [Step; 9] = [
    ("tidy", tidy::tidy),
    ("lint", lint),
    ("types", types::check),
    ("wasm", wasm::build),
    ("web-check", web_check),
    ("web-test", web_test),
    ("rust-test", rust_test),
    ("docs", docs),
    ("e2e", e2e::run),
];

/// Runs the steps, all of them even when one fails, and says which did.
///
/// # Errors
/// When a step failed.
pub(crate) fn test(only: Option<&str>) -> Result<()> {
    let chosen = STEPS.iter().filter(|(name, _)| only.is_none_or(|only| name.contains(only)));
    let mut passed = 0_usize;
    let mut failed = Vec::new();
    for (name, step) in chosen {
        println!("\n== {name}");
        match step() {
            Ok(()) => passed += 1,
            Err(error) => {
                println!("{name} failed");
                failed.push((*name, error));
            }
        }
    }
    if passed == 0 && failed.is_empty() {
        bail!("no step has that in its name: {}", STEPS.map(|(name, _)| name).join(", "));
    }
    println!("\nsteps: {passed} passed, {} failed", failed.len());
    for (name, error) in &failed {
        println!("\n{name} failed: {error:#}");
    }
    let names: Vec<&str> = failed.iter().map(|(name, _)| *name).collect();
    if names.is_empty() { Ok(()) } else { bail!("failed: {}", names.join(", ")) }
}

/// What a run's random tests roll, unless the environment says otherwise: the same for one commit each time. A plain `cargo test` or
/// `npm test` rolls anew, and so finds what this one does not.
const SEED: &str = "1";

fn seeded(command: &mut Command) -> Result<()> {
    for name in ["PROPTEST_RNG_SEED", "FAST_CHECK_SEED"] {
        command.env(name, std::env::var(name).unwrap_or_else(|_| SEED.to_owned()));
    }
    shell::run_with(command)
}

fn lint() -> Result<()> {
    shell::run("cargo", &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])
}

fn web_check() -> Result<()> {
    node::install()?;
    web::npm(&["run", "check"])?;
    web::npm(&["run", "lint"])
}

fn web_test() -> Result<()> {
    seeded(Command::new("npm").arg("test"))
}

fn rust_test() -> Result<()> {
    node::install()?;
    seeded(Command::new("cargo").args(["test", "--workspace", "--no-fail-fast"]))
}

fn docs() -> Result<()> {
    let mut command = Command::new("cargo");
    command.args(["doc", "--workspace", "--no-deps", "--quiet"]).env("RUSTDOCFLAGS", "-D warnings");
    shell::run_with(&mut command)
}
