//! The little that the store reads of a change chunk that already passed the guard: what it depends on.
//!
//! Layout (automerge's binary format): magic (4 bytes) ‖ checksum (4) ‖ type (1) ‖ length (LEB128) ‖ count of
//! dependencies (LEB128) ‖ dependencies (32 bytes each) ‖ …

use warroom_protocol::ChangeHash;

use crate::error::RecordError;

/// Bytes of the magic, the checksum and the type.
const PREFIX_BYTES: usize = 9;

/// What the change in `chunk` depends on.
pub(super) fn deps(chunk: &[u8]) -> Result<Vec<ChangeHash>, RecordError> {
    let rest = chunk.get(PREFIX_BYTES..).ok_or(RecordError::Short)?;
    let (_length, rest) = leb128(rest)?;
    let (count, mut rest) = leb128(rest)?;
    let mut deps = Vec::new();
    for _ in 0..count {
        let (hash, after) = rest.split_first_chunk().ok_or(RecordError::Short)?;
        deps.push(ChangeHash(*hash));
        rest = after;
    }
    Ok(deps)
}

fn leb128(bytes: &[u8]) -> Result<(u64, &[u8]), RecordError> {
    let mut value = 0;
    let mut rest = bytes;
    for shift in (0..u64::BITS).step_by(7) {
        let (byte, after) = rest.split_first().ok_or(RecordError::Short)?;
        rest = after;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok((value, rest));
        }
    }
    Err(RecordError::Short)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dependencies_are_read_and_a_short_chunk_is_refused() {
        let mut chunk = vec![0x85, 0x6f, 0x4a, 0x83, 0, 0, 0, 0, 1, 0xc1, 0x00, 2];
        chunk.extend([1; 32]);
        chunk.extend([2; 32]);
        assert_eq!(deps(&chunk).unwrap(), [ChangeHash([1; 32]), ChangeHash([2; 32])]);
        assert!((0..chunk.len()).all(|end| deps(&chunk[..end]).is_err()));
        // a count that can't be must not be believed
        assert!(deps(&[0, 0, 0, 0, 0, 0, 0, 0, 1, 5, 255, 255, 255, 255, 255, 1]).is_err());
    }
}
