//! Starting other programs, with a line for each so that people see what happens.

use std::io::{BufRead, BufReader, IsTerminal, Write};
use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context, Result, bail};

use crate::excerpt::Excerpt;

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
/// When it can't be started or ends with a failure; where nobody watches (no terminal), with what it said about that.
pub(crate) fn run_with(command: &mut Command) -> Result<()> {
    let line = line(command);
    say(&line);
    let mut excerpt = Excerpt::default();
    let watched = std::io::stdout().is_terminal();
    let status = if watched { command.status() } else { status_and_excerpt(command, &mut excerpt) };
    let status = status.with_context(|| format!("`{line}` can't be started"))?;
    if !status.success() {
        bail!("`{line}` ended with {status}{excerpt}");
    }
    Ok(())
}

/// Runs a program, passes on what it prints as it comes, and keeps what tells of a failure.
fn status_and_excerpt(command: &mut Command, excerpt: &mut Excerpt) -> std::io::Result<ExitStatus> {
    let (reader, writer) = std::io::pipe()?;
    command.stdout(writer.try_clone()?).stderr(writer);
    let mut child = command.spawn()?;
    // the command holds ends of the pipe, which would never be at its end
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut reader = BufReader::new(reader);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line)? > 0 {
        std::io::stdout().write_all(&line)?;
        excerpt.line(String::from_utf8_lossy(&line).trim_end());
        line.clear();
    }
    child.wait()
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
