//! Node and its packages.

use anyhow::{Result, bail};

use crate::files;
use crate::shell;

/// The oldest Node that the web tools run on (Vite 8 asks for 20.19).
const NODE_MIN: (u32, u32) = (20, 19);

/// Checks Node and installs the npm packages of the lock file, unless they are there.
///
/// # Errors
/// When Node is missing or too old (the sentence says what to install), or the packages can't be installed.
pub(crate) fn install() -> Result<()> {
    check_version()?;
    let fingerprint = files::fingerprint(&["package-lock.json", "package.json"])?;
    files::unless_done("node_modules/.warroom-stamp", &fingerprint, "node_modules/.bin", || {
        shell::say("installing npm packages");
        shell::run("npm", &["ci", "--no-audit", "--no-fund"])
    })
}

fn check_version() -> Result<()> {
    let (major, minor) = NODE_MIN;
    let how = format!(
        "Node {major}.{minor} or newer is needed to build the web app: install it from https://nodejs.org or your \
         system's packages, and start this command again"
    );
    let Ok(version) = shell::output("node", &["--version"]) else { bail!("{how}") };
    let numbers = version.trim().trim_start_matches('v').split('.');
    let mut numbers = numbers.map(|number| number.parse::<u32>().unwrap_or(0));
    let found = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    if found < NODE_MIN {
        bail!("{how} (found {})", version.trim());
    }
    Ok(())
}
