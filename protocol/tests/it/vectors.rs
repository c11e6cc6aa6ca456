//! Bytes that others wrote, and hex for people.
#![expect(clippy::panic, clippy::expect_used, reason = "a broken vector is a broken test")]

use bytes::Bytes;

const REFERENCE: &str = include_str!("../vectors/reference.hex");

/// What we write for the frames of the reference: a change of it is a change of the protocol.
const WRITTEN: &str = include_str!("../vectors/written.hex");

/// The frame called `name` in `vectors/reference.hex`.
pub(crate) fn reference(name: &str) -> Bytes {
    named(REFERENCE, name)
}

/// The frame called `name` in `vectors/written.hex`.
pub(crate) fn written(name: &str) -> Bytes {
    named(WRITTEN, name)
}

fn named(vectors: &str, name: &str) -> Bytes {
    let lines = vectors.lines().filter(|line| !line.starts_with('#'));
    let mut pairs = lines.filter_map(|line| line.split_once('\t'));
    let (_, hex) =
        pairs.find(|(key, _)| *key == name).unwrap_or_else(|| panic!("no vector {name}"));
    from_hex(hex)
}

/// The bytes that `hex` spells; blanks are skipped.
pub(crate) fn from_hex(hex: &str) -> Bytes {
    let digits: Vec<u8> = hex
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()).expect("a hex digit"))
        .collect();
    digits.as_chunks::<2>().0.iter().map(|[high, low]| high * 16 + low).collect()
}

/// How people read bytes.
pub(crate) fn to_hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(u32::from(digit), 16))
        .collect()
}
