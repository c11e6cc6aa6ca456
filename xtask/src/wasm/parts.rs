//! What a module is made of: bytes of code by crate, and by module of the engine. Before the optimiser, which takes a fifth away, and
//! before the names are dropped.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use rustc_demangle::demangle;
use wasmparser::{KnownCustom, Name, Parser, Payload};

/// Crates whose generic code belongs to whoever uses it.
const GENERIC: [&str; 6] = ["core", "alloc", "std", "hashbrown", "serde_core", "itertools"];

/// The crate that is told apart by module.
const ENGINE: &str = "warroom_engine";

/// Shares below this many per mille are not named.
const SHOWN_PER_MILLE_MIN: usize = 2;

/// Parts in Markdown, largest first.
///
/// # Errors
/// When the bytes are not a WASM module with the names of its functions.
pub(super) fn table(module: &[u8]) -> Result<String> {
    let mut bytes_of: BTreeMap<String, usize> = BTreeMap::new();
    let names = names(module)?;
    let (imported, bodies) = super::order::functions(module)?;
    for (index, body) in (imported..).zip(&bodies) {
        let name = names.get(&index).context("a function without a name: build it first")?;
        *bytes_of.entry(part(&format!("{:#}", demangle(name)))).or_default() += body.len();
    }
    let all: usize = bytes_of.values().sum();
    let mut parts: Vec<(String, usize)> = bytes_of.into_iter().collect();
    parts.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
    let mut lines = vec!["| part | code, bytes | per mille |\n|---|---|---|".to_owned()];
    let shown = |bytes: &usize| bytes * 1_000 >= all * SHOWN_PER_MILLE_MIN;
    let rest: usize = parts.iter().map(|(_, bytes)| bytes).filter(|bytes| !shown(bytes)).sum();
    parts.retain(|(_, bytes)| shown(bytes));
    parts.push(("the rest".to_owned(), rest));
    for (name, bytes) in parts {
        lines.push(format!("| {name} | {bytes} | {} |", bytes * 1_000 / all.max(1)));
    }
    Ok(lines.join("\n"))
}

/// Whose a function is: generic code of the standard library is its first named type's or closure's.
fn part(name: &str) -> String {
    let paths = name.split(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | ':'));
    let mut owners = paths.filter_map(|path| {
        let (owner, rest) = path.split_once("::")?;
        let lower = |word: &str| word.starts_with(|c: char| c.is_ascii_lowercase());
        (lower(owner) && !GENERIC.contains(&owner)).then(|| (owner, rest.split("::").next()))
    });
    match owners.next() {
        Some((ENGINE, Some(module))) => format!("{ENGINE}::{module}"),
        Some((owner, _)) => owner.to_owned(),
        None => "std".to_owned(),
    }
}

/// The names of the functions by their index.
fn names(module: &[u8]) -> Result<BTreeMap<u32, &str>> {
    let mut names = BTreeMap::new();
    for payload in Parser::new(0).parse_all(module) {
        let Payload::CustomSection(section) = payload? else { continue };
        let KnownCustom::Name(section) = section.as_known() else { continue };
        for part in section {
            let Name::Function(functions) = part? else { continue };
            for naming in functions {
                let naming = naming?;
                names.insert(naming.index, naming.name);
            }
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::part;

    #[test]
    fn a_function_belongs_to_the_first_crate_that_it_names_besides_std() {
        let rows = [
            ("<warroom_engine::undo::Undo>::take", "warroom_engine::undo"),
            ("<alloc::vec::Vec<automerge::change::Change>>::push", "automerge"),
            ("core::ptr::drop_in_place::<alloc::string::String>", "std"),
            (
                "<core::iter::Map<_, warroom_engine::history::feed::page::{closure#0}>>::next",
                "warroom_engine::history",
            ),
            (
                "<alloc::collections::btree::map::BTreeMap<warroom_protocol::ids::DocumentId, warroom_engine::Body>>::get",
                "warroom_protocol",
            ),
            ("__wbindgen_malloc", "std"),
        ];
        for (name, expected) in rows {
            assert_eq!(part(name), expected, "{name}");
        }
    }
}
