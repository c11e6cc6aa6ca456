//! Hashes as JavaScript holds them: 64 digits of hexadecimal, in keys of the database and in what a breakdown tells.

use warroom_engine::Hash;
use warroom_protocol::ChangeHash;

/// The digits, small letters.
pub(crate) fn to_text(hash: &Hash) -> String {
    // a change hash is written so too
    ChangeHash(*hash).to_string()
}

/// The hash of these digits; none for anything else.
pub(crate) fn of_text(text: &str) -> Option<Hash> {
    let mut hash: Hash = [0; 32];
    if text.len() != 2 * hash.len() {
        return None;
    }
    let mut digits = text.chars().map(|digit| digit.to_digit(16));
    for byte in &mut hash {
        let (high, low) = (digits.next()??, digits.next()??);
        *byte = u8::try_from(high * 16 + low).ok()?;
    }
    Some(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_reads_back_and_anything_else_does_not() {
        let hash: Hash = std::array::from_fn(|index| u8::try_from(index * 8).unwrap());
        let text = to_text(&hash);
        assert_eq!((text.len(), of_text(&text)), (64, Some(hash)));
        for other in
            ["", "00", &"0g".repeat(32), &"é".repeat(32), &"00".repeat(33), &format!("{text}0")]
        {
            assert_eq!(of_text(other), None, "{other}");
        }
    }
}
