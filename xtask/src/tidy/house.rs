//! Laws about source files: their sizes, names, and who may know whom.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::files;

/// Lines at which a source file has become two.
const LINES_MAX: usize = 600;

const SOURCES: [&str; 6] = ["rs", "ts", "svelte", "css", "mjs", "js"];

/// "Only files below `allowed` may contain `word`", among files below `where_`.
struct Arrow {
    law: &'static str,
    below: &'static str,
    word: &'static str,
    allowed: &'static [&'static str],
}

const ARROWS: [Arrow; 9] = [
    Arrow {
        law: "protocol knows no board",
        below: "protocol/src",
        word: "warroom_engine",
        allowed: &[],
    },
    Arrow {
        law: "the protocol's library has no automerge",
        below: "protocol/src",
        word: "automerge::",
        allowed: &[],
    },
    Arrow {
        law: "the relay knows no board, but for the part that answers about tasks",
        below: "relay/src",
        word: "warroom_engine",
        allowed: &["relay/src/tasks"],
    },
    Arrow {
        law: "the relay holds no op set: automerge's Change in history.rs, and more in the process of its worker only",
        below: "relay/src",
        word: "automerge::",
        allowed: &["relay/src/core/history.rs", "relay/src/compaction/worker.rs"],
    },
    Arrow {
        law: "CBOR lives in the protocol",
        below: "engine/src",
        word: "minicbor",
        allowed: &["engine/src/presence"],
    },
    Arrow { law: "CBOR lives in the protocol", below: "relay/src", word: "minicbor", allowed: &[] },
    Arrow {
        law: "tables live in the store",
        below: "relay/src",
        word: "redb::",
        allowed: &["relay/src/store"],
    },
    Arrow {
        law: "only wasm knows JsValue",
        below: "engine/src",
        word: "wasm_bindgen",
        allowed: &[],
    },
    Arrow {
        law: "the app talks to the engine through the SDK only",
        below: "web/app/src",
        word: "sdk/pkg",
        allowed: &[],
    },
];

/// What breaks these laws.
///
/// # Errors
/// When a file can't be read.
pub(crate) fn broken() -> Result<Vec<String>> {
    let mut broken = Vec::new();
    for path in sources()? {
        let text = files::read(&path)?;
        let name = name(&path);
        let lines = text.lines().count();
        if lines > LINES_MAX && !name.ends_with("generated.ts") {
            broken.push(format!("{name} has {lines} lines: split it (at most {LINES_MAX})"));
        }
        if name.ends_with("/mod.rs") {
            broken.push(format!("{name}: name it after its folder, beside the folder"));
        }
        let is_rust = path.extension().is_some_and(|extension| extension == "rs");
        if is_rust && name.contains("/src/") && !text.trim_start().starts_with("//!") {
            broken.push(format!(
                "{name}: a module starts with a sentence that says what it is (`//!`)"
            ));
        }
        for arrow in &ARROWS {
            let knows =
                name.starts_with(arrow.below) && code(&text).any(|line| line.contains(arrow.word));
            if knows && !arrow.allowed.iter().any(|allowed| name.starts_with(allowed)) {
                broken.push(format!("{name} mentions {}: {}", arrow.word, arrow.law));
            }
        }
        if name.starts_with("wasm/src")
            && text.contains("#[wasm_bindgen")
            && text.contains("pub fn")
        {
            let exclusive =
                code(&text).any(|line| line.contains("pub fn") && line.contains("&mut self"));
            if exclusive {
                broken.push(format!("{name}: methods that JavaScript calls take &self, or it is poisoned by re-entrance"));
            }
        }
    }
    Ok(broken)
}

/// Lines that are not comments.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.trim_start().starts_with("//"))
}

fn sources() -> Result<Vec<PathBuf>> {
    let is_source = |path: &PathBuf| {
        path.extension().and_then(|e| e.to_str()).is_some_and(|e| SOURCES.contains(&e))
    };
    let all = files::below(Path::new("."))?;
    Ok(all.into_iter().filter(is_source).collect())
}

fn name(path: &Path) -> String {
    path.strip_prefix(".").unwrap_or(path).to_string_lossy().replace('\\', "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_there_is_excepted_from_a_law() {
        for arrow in ARROWS {
            for allowed in arrow.allowed {
                let path = files::root().join(allowed);
                assert!(path.exists(), "{}: {allowed} does not exist", arrow.law);
            }
        }
    }
}
