//! Finding, reading and fingerprinting the project's files.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

/// The folder that holds the workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}

/// Folders that hold what builds leave behind.
const BUILT: [&str; 7] = ["target", "node_modules", "dist", "pkg", ".git", "data", "screenshots"];

/// Every file below `folder`, sorted, without what builds leave behind.
///
/// # Errors
/// When a folder can't be read.
pub(crate) fn below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).with_context(|| format!("{}", folder.display()))? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() {
                if !BUILT.contains(&name.as_str()) {
                    folders.push(path);
                }
            } else {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

/// The text of a file, with its path in the error.
///
/// # Errors
/// When it can't be read or is not UTF-8.
pub(crate) fn read(path: impl AsRef<Path>) -> Result<String> {
    let path = path.as_ref();
    fs::read_to_string(path).with_context(|| format!("{} can't be read", path.display()))
}

/// SHA-256 over names and contents of files and folders, in hex; what is missing counts as empty.
///
/// # Errors
/// When something that exists can't be read.
pub(crate) fn fingerprint(paths: &[&str]) -> Result<String> {
    let mut hasher = Sha256::new();
    for path in paths {
        let path = Path::new(path);
        let files = if path.is_dir() { below(path)? } else { vec![path.to_path_buf()] };
        for file in files.iter().filter(|file| file.is_file()) {
            let bytes = fs::read(file).with_context(|| format!("{}", file.display()))?;
            hasher.update(file.to_string_lossy().as_bytes());
            hasher.update([0]);
            hasher.update(bytes.len().to_le_bytes());
            hasher.update(bytes);
        }
    }
    Ok(hasher.finalize().iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}")))
}

/// Does `work` unless the stamp file says that it was done for this fingerprint.
///
/// # Errors
/// What `work` says, or that the stamp can't be written.
pub(crate) fn unless_done(
    stamp: &str,
    fingerprint: &str,
    work: impl FnOnce() -> Result<()>,
) -> Result<()> {
    if fs::read_to_string(stamp).is_ok_and(|done| done == fingerprint) {
        return Ok(());
    }
    work()?;
    fs::write(stamp, fingerprint).with_context(|| format!("{stamp} can't be written"))
}
