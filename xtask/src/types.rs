//! The TypeScript types of the engine's values, generated from the Rust types.

use std::fs;

use anyhow::{Result, bail};

use crate::{files, shell};

const GENERATED: &str = "web/sdk/src/generated.ts";

/// Writes the types.
///
/// # Errors
/// When the engine can't be built or the file can't be written.
pub(crate) fn write() -> Result<()> {
    fs::write(GENERATED, generate()?)?;
    Ok(())
}

/// Checks that the committed types are those of the engine.
///
/// # Errors
/// When they differ.
pub(crate) fn check() -> Result<()> {
    if files::read(GENERATED)? != generate()? {
        bail!(
            "{GENERATED} is not what the engine's types say: run `cargo xtask types` and commit it"
        );
    }
    Ok(())
}

fn generate() -> Result<String> {
    let feature = ["--features", "typescript"];
    let mut arguments = vec!["run", "--quiet", "-p", "warroom-engine", "--bin", "types"];
    arguments.extend(feature);
    shell::output("cargo", &arguments)
}
