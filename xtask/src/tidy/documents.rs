//! Laws about documents: what they name exists, and what exists is named.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Result;

use crate::files;

/// What breaks these laws.
///
/// # Errors
/// When a document can't be read.
pub(crate) fn broken() -> Result<Vec<String>> {
    Ok([map_is_true()?, rules_are_tested()?, keys_are_described()?, lock_names_no_host()?].concat())
}

/// Every member stands in ARCHITECTURE.md, and every path in it exists.
fn map_is_true() -> Result<Vec<String>> {
    let map = files::read("docs/ARCHITECTURE.md")?;
    let manifest = files::read("Cargo.toml")?;
    let members = between(&manifest, "members = [", "]").unwrap_or_default();
    let members: Vec<&str> = quoted(members, '"').collect();
    let mut broken: Vec<String> = members
        .iter()
        .filter(|member| !map.contains(&format!("`{member}")))
        .map(|member| format!("docs/ARCHITECTURE.md does not name the member {member}"))
        .collect();
    let folders = [
        "protocol/",
        "engine/",
        "relay/",
        "wasm/",
        "client/",
        "simulator/",
        "xtask/",
        "web/",
        "docs/",
        "benches/",
        "examples/",
    ];
    for path in quoted(&map, '`').filter(|word| folders.iter().any(|f| word.starts_with(f))) {
        let exists =
            path.split_once('{').is_some() || path.contains('*') || Path::new(path).exists();
        if !exists && !path.contains(' ') {
            broken.push(format!("docs/ARCHITECTURE.md names {path}, which does not exist"));
        }
    }
    Ok(broken)
}

/// Every rule `[SY4]` of PROTOCOL.md has a test `fn sy4_…`.
fn rules_are_tested() -> Result<Vec<String>> {
    let rules: BTreeSet<String> = quoted_between(&files::read("docs/PROTOCOL.md")?, '[', ']')
        .filter(|id| is_rule_id(id))
        .map(str::to_lowercase)
        .collect();
    let mut tested = BTreeSet::new();
    for folder in ["protocol", "engine", "relay", "client", "simulator"] {
        for file in files::below(Path::new(folder))? {
            if file.extension().is_some_and(|extension| extension == "rs") {
                let text = files::read(&file)?;
                let names = text.split("fn ").skip(1).filter_map(|rest| rest.split_once('_'));
                tested.extend(names.map(|(id, _)| id.to_owned()));
            }
        }
    }
    let missing = rules.iter().filter(|rule| !tested.contains(*rule));
    Ok(missing.map(|rule| format!("docs/PROTOCOL.md: no test is named fn {rule}_…")).collect())
}

fn is_rule_id(text: &str) -> bool {
    let mut letters = text.chars();
    let two = letters.by_ref().take(2).all(|c| c.is_ascii_uppercase());
    let digits = letters.as_str();
    two && !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit())
}

/// Every key that the schema writes stands in BOARD.md.
fn keys_are_described() -> Result<Vec<String>> {
    let schema = files::read("engine/src/board/schema.rs")?;
    let described = files::read("docs/BOARD.md")?;
    let keys = schema.lines().filter(|line| line.contains(": &str = \""));
    let keys = keys.filter_map(|line| quoted(line, '"').next());
    let missing = keys.filter(|key| !described.contains(&format!("`{key}`")));
    Ok(missing.map(|key| format!("docs/BOARD.md does not describe the key {key}")).collect())
}

/// The npm lock file works behind every mirror.
fn lock_names_no_host() -> Result<Vec<String>> {
    let named = files::read("package-lock.json")?.contains("\"resolved\": \"http");
    let sentence = "package-lock.json records download addresses: npm install --omit-lockfile-registry-resolved";
    Ok(named.then(|| sentence.to_owned()).into_iter().collect())
}

fn between<'a>(text: &'a str, from: &str, to: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(from)?;
    rest.split_once(to).map(|(inside, _)| inside)
}

fn quoted(text: &str, quote: char) -> impl Iterator<Item = &str> {
    text.lines().flat_map(move |line| line.split(quote).skip(1).step_by(2))
}

fn quoted_between(text: &str, open: char, close: char) -> impl Iterator<Item = &str> {
    text.split(open)
        .skip(1)
        .filter_map(move |rest| rest.split_once(close))
        .map(|(inside, _)| inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_id_is_two_capitals_and_a_number() {
        for (text, expected) in [
            ("SY4", true),
            ("WF12", true),
            ("SY", false),
            ("sy4", false),
            ("S14", false),
            ("x", false),
        ] {
            assert_eq!(is_rule_id(text), expected, "{text}");
        }
    }

    #[test]
    fn quoted_words_are_found_line_by_line() {
        let words: Vec<&str> = quoted("a `b` c `d`\ne f `h`", '`').collect();
        assert_eq!(words, ["b", "d", "h"]);
    }
}
