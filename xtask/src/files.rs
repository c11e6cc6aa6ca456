//! Finding, reading and fingerprinting the project's files.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};

/// The folder that holds the workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}

/// Folders and files that are what builds leave behind.
const BUILT: [&str; 8] =
    ["target", "node_modules", "dist", "pkg", ".git", "data", "screenshots", ".built"];

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
            if BUILT.contains(&name.as_str()) {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
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

/// Does `work`, which makes the file `made`, unless the stamp file says that it was done for this fingerprint. Work that
/// fails or is interrupted may have broken what was made before, so the old stamp goes first.
///
/// # Errors
/// What `work` says, that it made nothing, or that the stamp can't be written.
pub(crate) fn unless_done(
    stamp: &str,
    fingerprint: &str,
    made: &str,
    work: impl FnOnce() -> Result<()>,
) -> Result<()> {
    let is_made = || Path::new(made).exists();
    if is_made() && fs::read_to_string(stamp).is_ok_and(|done| done == fingerprint) {
        return Ok(());
    }
    if Path::new(stamp).exists() {
        fs::remove_file(stamp).with_context(|| format!("{stamp} can't be removed"))?;
    }
    work()?;
    ensure!(is_made(), "{made} is missing: the tool that makes it ended well and did not");
    fs::write(stamp, fingerprint).with_context(|| format!("{stamp} can't be written"))
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::*;

    /// A folder with one source, as the paths that builds are given.
    struct Build {
        folder: tempfile::TempDir,
    }

    impl Build {
        fn new() -> Self {
            let build = Self { folder: tempfile::tempdir().unwrap() };
            build.write("source", "A");
            build
        }

        fn path(&self, name: &str) -> String {
            self.folder.path().join(name).to_string_lossy().into_owned()
        }

        fn write(&self, name: &str, text: &str) {
            fs::write(self.path(name), text).unwrap();
        }

        /// Builds the folder by `work`; whether it was called.
        fn build(&self, work: impl FnOnce() -> Result<()>) -> (bool, Result<()>) {
            let mut was_called = false;
            let fingerprint = fingerprint(&[&self.path("")]).unwrap();
            let (stamp, made) = (self.path(".built"), self.path("dist"));
            let result = unless_done(&stamp, &fingerprint, &made, || {
                was_called = true;
                work()
            });
            (was_called, result)
        }

        #[expect(clippy::unnecessary_wraps, reason = "it stands for a build, which can fail")]
        fn make(&self) -> Result<()> {
            self.write("dist", "output");
            Ok(())
        }
    }

    #[test]
    fn what_was_built_is_not_built_again_until_a_source_changes() {
        let build = Build::new();
        for expected in [true, false] {
            let (was_called, result) = build.build(|| build.make());
            result.unwrap();
            assert_eq!(was_called, expected);
        }
        build.write("source", "B");
        assert!(build.build(|| build.make()).0);
    }

    #[test]
    fn after_a_build_that_failed_the_old_sources_are_built_again() {
        let build = Build::new();
        build.build(|| build.make()).1.unwrap();
        build.write("source", "B");
        let fail = || {
            build.write("dist", "half");
            bail!("the tool failed")
        };
        build.build(fail).1.unwrap_err();
        build.write("source", "A");
        assert!(build.build(|| build.make()).0);
    }

    #[test]
    fn output_that_is_missing_is_made_again_and_missed() {
        let build = Build::new();
        build.build(|| build.make()).1.unwrap();
        fs::remove_file(build.path("dist")).unwrap();
        let (was_called, result) = build.build(|| Ok(()));
        assert!(was_called);
        assert!(result.unwrap_err().to_string().contains("dist is missing"));
    }
}
