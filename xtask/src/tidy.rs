//! The laws of the house that a compiler does not check, each a function that lists what breaks it.

mod documents;
mod house;

use anyhow::{Result, bail};

use crate::shell;

/// Checks formatting and every law.
///
/// # Errors
/// Lists everything that is not tidy.
pub(crate) fn tidy() -> Result<()> {
    shell::run("cargo", &["fmt", "--all", "--check"])?;
    let laws = [house::broken()?, documents::broken()?].concat();
    for broken in &laws {
        println!("  {broken}");
    }
    if laws.is_empty() { Ok(()) } else { bail!("{} places break a law of the house", laws.len()) }
}
