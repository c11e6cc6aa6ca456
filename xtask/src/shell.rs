//! Starting other programs, with a line for each so that people see what happens.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// Says what is being done.
pub(crate) fn say(what: &str) {
    println!("\u{25b8} {what}");
}

/// Runs a program to its end.
///
/// # Errors
/// When it can't be started or ends with a failure.
pub(crate) fn run(program: &str, arguments: &[&str]) -> Result<()> {
    run_with(Command::new(program).args(arguments))
}

/// Runs a prepared program to its end.
///
/// # Errors
/// When it can't be started or ends with a failure.
pub(crate) fn run_with(command: &mut Command) -> Result<()> {
    let line = line(command);
    say(&line);
    let status = command.status().with_context(|| format!("`{line}` can't be started"))?;
    if !status.success() {
        bail!("`{line}` ended with {status}");
    }
    Ok(())
}

/// Runs a program and returns what it printed.
///
/// # Errors
/// When it can't be started, fails, or prints something other than UTF-8.
pub(crate) fn output(program: &str, arguments: &[&str]) -> Result<String> {
    let output = Command::new(program)
        .args(arguments)
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("`{program}` can't be started"))?;
    if !output.status.success() {
        bail!("`{program} {}` ended with {}", arguments.join(" "), output.status);
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// Whether a program can be started and likes its arguments.
pub(crate) fn works(program: &str, arguments: &[&str]) -> bool {
    let quiet =
        Command::new(program).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status();
    quiet.is_ok_and(|status| status.success())
}

fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}
