//! The order of a module's functions: each stands behind the one that it has most in common with, so that a compressor
//! finds what they share nearby.

use anyhow::{Context, Result};
use wasm_encoder::{NameMap, NameSection, Section};
use wasmparser::{Parser, Payload, TypeRef};

/// Bytes of a piece of code that two functions may share. Measured on the whole engine: 4 is 1 KB of brotli better than 6.
const PIECE_BYTES: usize = 4;
/// A piece that stands in more functions than this says nothing about which are alike, and would cost time.
const PIECE_FUNCTIONS_MAX: usize = 200;
/// Pieces added to those that a comparison counts, so that two tiny functions with one piece in common are not "alike".
const COMPARED_PIECES_EXTRA: usize = 20;
/// Per mille of the pieces that have to be shared; otherwise the smallest function that is left comes next.
const SHARED_PER_MILLE_MIN: usize = 20;

/// Appends a name for each function, such that sorting the functions by their names puts like beside like.
///
/// # Errors
/// When the bytes are not a WASM module.
pub(super) fn name_by_likeness(module: &mut Vec<u8>) -> Result<()> {
    let (imported, bodies) = functions(module)?;
    let mut names: Vec<(usize, String)> = order(&bodies)
        .into_iter()
        .enumerate()
        .map(|(place, function)| (function, format!("{place:08}")))
        .collect();
    names.sort();
    let mut map = NameMap::new();
    for (function, name) in names {
        let index = u32::try_from(function).ok().and_then(|index| imported.checked_add(index));
        map.append(index.context("more functions than WASM can number")?, &name);
    }
    let mut section = NameSection::new();
    section.functions(&map);
    section.append_to(module);
    Ok(())
}

/// How many functions are imported, and the code of all others.
pub(super) fn functions(module: &[u8]) -> Result<(u32, Vec<&[u8]>)> {
    let (mut imported, mut bodies) = (0, Vec::new());
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload?;
        if let Payload::ImportSection(imports) = payload {
            for import in imports.into_imports() {
                if matches!(import?.ty, TypeRef::Func(_)) {
                    imported += 1;
                }
            }
        } else if let Payload::CodeSectionEntry(body) = payload {
            bodies.push(module.get(body.range()).context("a function goes on after the end")?);
        }
    }
    Ok((imported, bodies))
}

/// The functions, each followed by the one among those left that shares most with it.
#[expect(clippy::indexing_slicing, reason = "functions are numbered by their place in the list")]
fn order(bodies: &[&[u8]]) -> Vec<usize> {
    let pieces: Vec<Vec<u32>> = bodies.iter().map(|body| pieces(body)).collect();
    let telling = Telling::of(&pieces);
    let mut by_size: Vec<usize> = (0..bodies.len()).collect();
    by_size.sort_by_key(|&function| (bodies[function].len(), bodies[function]));
    let mut smallest = by_size.into_iter();
    let mut is_left = vec![true; bodies.len()];
    let mut shared = vec![0; bodies.len()];
    let mut order = Vec::with_capacity(bodies.len());
    while let Some(mut function) = smallest.find(|&function| is_left[function]) {
        loop {
            is_left[function] = false;
            order.push(function);
            match telling.most_alike(function, &pieces, &is_left, &mut shared) {
                Some(next) => function = next,
                None => break,
            }
        }
    }
    order
}

/// Every piece of a function, sorted, each once.
fn pieces(body: &[u8]) -> Vec<u32> {
    let windows = body.windows(PIECE_BYTES);
    let mut pieces: Vec<u32> = windows
        .map(|bytes| bytes.iter().fold(0, |all, byte| all << 8 | u32::from(*byte)))
        .collect();
    pieces.sort_unstable();
    pieces.dedup();
    pieces
}

/// The pieces that stand in several functions, but not in too many, with those functions.
struct Telling(Vec<(u32, Vec<usize>)>);

#[expect(clippy::indexing_slicing, reason = "functions are numbered by their place in the list")]
impl Telling {
    fn of(pieces: &[Vec<u32>]) -> Self {
        let numbered = pieces.iter().enumerate();
        let mut all: Vec<(u32, usize)> =
            numbered.flat_map(|(i, pieces)| pieces.iter().map(move |piece| (*piece, i))).collect();
        all.sort_unstable();
        let groups = all.chunk_by(|a, b| a.0 == b.0);
        let telling = groups.filter(|group| (2..=PIECE_FUNCTIONS_MAX).contains(&group.len()));
        Self(telling.map(|group| (group[0].0, group.iter().map(|(_, i)| *i).collect())).collect())
    }

    fn functions_with(&self, piece: u32) -> &[usize] {
        let found = self.0.binary_search_by_key(&piece, |(piece, _)| *piece);
        found.map_or(&[], |at| &self.0[at].1)
    }

    /// The function among those left that shares the largest part of its pieces and of `function`'s. `shared` is zeros
    /// before and after.
    fn most_alike(
        &self,
        function: usize,
        pieces: &[Vec<u32>],
        is_left: &[bool],
        shared: &mut [usize],
    ) -> Option<usize> {
        let mut others = Vec::new();
        for piece in &pieces[function] {
            for &other in self.functions_with(*piece) {
                if is_left[other] {
                    if shared[other] == 0 {
                        others.push(other);
                    }
                    shared[other] += 1;
                }
            }
        }
        let likeness = |other: usize| {
            let all = pieces[function].len() + pieces[other].len() - shared[other];
            shared[other] * 1_000_000 / (all + COMPARED_PIECES_EXTRA)
        };
        let best = others.iter().map(|&other| (likeness(other), std::cmp::Reverse(other))).max();
        for other in others {
            shared[other] = 0;
        }
        best.filter(|(likeness, _)| *likeness > SHARED_PER_MILLE_MIN * 1_000).map(|best| best.1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn like_functions_stand_together_and_none_is_lost() {
        let a: Vec<u8> = (0..90).collect();
        let b: Vec<u8> = (100..190).collect();
        let (a2, b2) = ([&a[..80], &[7; 9]].concat(), [&b[5..], &[9; 9]].concat());
        let order = order(&[&a, &b, &a2, &b2, &[1, 2]]);
        let place = |function| order.iter().position(|other| *other == function).unwrap();
        assert_eq!(place(0).abs_diff(place(2)), 1, "{order:?}");
        assert_eq!(place(1).abs_diff(place(3)), 1, "{order:?}");
        let mut all = order;
        all.sort_unstable();
        assert_eq!(all, [0, 1, 2, 3, 4]);
    }

    #[test]
    fn names_are_given_to_functions_of_the_module_alone() {
        use wasm_encoder::{
            CodeSection, EntityType, Function, FunctionSection, ImportSection, Module, TypeSection,
        };
        let (mut types, mut imports) = (TypeSection::new(), ImportSection::new());
        types.ty().function([], []);
        imports.import("from", "outside", EntityType::Function(0));
        let (mut functions, mut code) = (FunctionSection::new(), CodeSection::new());
        for constant in [1, 2] {
            let mut function = Function::new([]);
            function.instructions().i32_const(constant).drop().end();
            functions.function(0);
            code.function(&function);
        }
        let mut module = Module::new();
        module.section(&types).section(&imports).section(&functions).section(&code);
        let mut module = module.finish();
        name_by_likeness(&mut module).unwrap();
        let mut named = Vec::new();
        for payload in Parser::new(0).parse_all(&module) {
            if let Payload::CustomSection(section) = payload.unwrap()
                && let wasmparser::KnownCustom::Name(reader) = section.as_known()
            {
                for subsection in reader {
                    if let wasmparser::Name::Function(map) = subsection.unwrap() {
                        named.extend(map.into_iter().map(|naming| naming.unwrap().index));
                    }
                }
            }
        }
        assert_eq!(named, [1, 2]);
        assert!(name_by_likeness(&mut b"no module".to_vec()).is_err());
    }
}
