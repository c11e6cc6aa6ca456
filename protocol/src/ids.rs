//! The names of things on the wire. Each is a newtype, so that one can't be passed for another.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::dice::Dice;
use crate::error::IdError;
use crate::limits::{DOCUMENT_ID_BYTES_MAX, DOCUMENT_ID_BYTES_MIN, PEER_ID_BYTES_MAX};

/// Which Automerge document: 16 to 64 opaque bytes, written as base58 with a four-byte check, as
/// automerge-repo does (`1Bhh3pUZD358hwFbvigTAY5qky`).
///
/// Ordering is that of the bytes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DocumentId(Arc<[u8]>);

impl DocumentId {
    /// Takes the raw bytes of an id.
    ///
    /// # Errors
    /// [`IdError::Length`] outside 16 to 64 bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, IdError> {
        if (DOCUMENT_ID_BYTES_MIN..=DOCUMENT_ID_BYTES_MAX).contains(&bytes.len()) {
            Ok(Self(bytes.into()))
        } else {
            Err(IdError::Length { bytes: bytes.len() })
        }
    }

    /// The board that everyone meets in who opens the room called `name` (`/r/<name>`): the first
    /// 16 bytes of SHA-256("warroom room" ‖ 0 ‖ name).
    pub fn from_room_name(name: &str) -> Self {
        Self::digest(&[b"warroom room", &[0], name.as_bytes()])
    }

    /// The document that belongs to `root` under `label` (`talk`, `body/<card id>`): the first 16
    /// bytes of SHA-256(root ‖ 0 ‖ label). Both ends compute it, so nothing is looked up, and two
    /// people who first write a body offline write into the same document.
    pub fn derived(root: &Self, label: &str) -> Self {
        Self::digest(&[&root.0, &[0], label.as_bytes()])
    }

    /// The raw bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    fn digest(parts: &[&[u8]]) -> Self {
        let mut hasher = Sha256::new();
        for part in parts {
            hasher.update(part);
        }
        Self(hasher.finalize().iter().copied().take(DOCUMENT_ID_BYTES_MIN).collect())
    }
}

/// The first four bytes of the double SHA-256 of `payload`: what base58check appends.
fn check_bytes(payload: &[u8]) -> [u8; 4] {
    let digest = Sha256::digest(Sha256::digest(payload));
    let mut check = [0; 4];
    for (to, from) in check.iter_mut().zip(digest) {
        *to = from;
    }
    check
}

/// Base58 of `payload` followed by its check, as automerge-repo writes ids and heads.
pub(crate) fn to_base58_check(payload: &[u8]) -> String {
    let mut bytes = payload.to_vec();
    bytes.extend_from_slice(&check_bytes(payload));
    bs58::encode(bytes).into_string()
}

/// The payload of a base58check text.
pub(crate) fn from_base58_check(text: &str) -> Result<Vec<u8>, IdError> {
    // base58 spends at most 1.38 characters a byte
    if text.len() > (DOCUMENT_ID_BYTES_MAX + 4) * 2 {
        return Err(IdError::Length { bytes: text.len() });
    }
    let mut bytes = bs58::decode(text).into_vec().map_err(|_| IdError::Base58)?;
    let at = bytes.len().checked_sub(4).ok_or(IdError::Check)?;
    let check = bytes.split_off(at);
    if check == check_bytes(&bytes) { Ok(bytes) } else { Err(IdError::Check) }
}

impl fmt::Display for DocumentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&to_base58_check(&self.0))
    }
}

impl fmt::Debug for DocumentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for DocumentId {
    type Err = IdError;

    /// Reads an id with or without the `automerge:` in front and `#heads` behind.
    fn from_str(text: &str) -> Result<Self, IdError> {
        let text = text.strip_prefix("automerge:").unwrap_or(text);
        let text = text.split_once('#').map_or(text, |(id, _)| id);
        Self::from_bytes(&from_base58_check(text)?)
    }
}

/// The hash of one change: SHA-256 of its uncompressed chunk. Ordering is that of the bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChangeHash(pub [u8; 32]);

impl fmt::Display for ChangeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ChangeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Takes the text of an id.
            ///
            /// # Errors
            /// [`IdError::Length`] when it is empty or longer than 512 bytes.
            pub fn new(text: &str) -> Result<Self, IdError> {
                if text.is_empty() || text.len() > PEER_ID_BYTES_MAX {
                    return Err(IdError::Length { bytes: text.len() });
                }
                Ok(Self(text.into()))
            }

            /// One that nobody has: 128 random bits as 32 hexadecimal digits.
            pub fn random(dice: &mut Dice) -> Self {
                let bits: [u8; 16] = dice.bytes();
                Self(format!("{:032x}", u128::from_be_bytes(bits)).into())
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", &*self.0)
            }
        }
    };
}

text_id! {
    /// One end of a connection: a tab, a program, a relay. 1 to 512 bytes of UTF-8; fresh for each tab.
    PeerId
}
text_id! {
    /// One storage that several peers may share (the tabs of a browser, the starts of a relay).
    StorageId
}
text_id! {
    /// How far somebody was told what changed in a room, in words of the one who told it.
    Cursor
}
text_id! {
    /// One run of a peer's ephemeral messages; their counts rise within it.
    SessionId
}

/// One socket or channel, numbered by the shell that holds it; never reused in a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u64);

/// One request to a disk, numbered by the machine that made it, rising from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SaveId(pub u64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_id_reads_and_writes_as_the_javascript_reference() {
        let bytes = [0, 1, 2, 3, 4, 5, 0x46, 7, 0x88, 9, 10, 11, 12, 13, 14, 15];
        let id = DocumentId::from_bytes(&bytes).unwrap();
        assert_eq!(id.to_string(), "1Bhh3pUZD358hwFbvigTAY5qky");
        assert_eq!("automerge:1Bhh3pUZD358hwFbvigTAY5qky#x".parse::<DocumentId>().unwrap(), id);
    }

    #[test]
    fn a_wrong_id_is_refused() {
        for text in ["", "1", "1Bhh3pUZD358hwFbvigTAY5qkz", "0OIl", "automerge:", &"1".repeat(500)]
        {
            assert!(text.parse::<DocumentId>().is_err(), "{text} was taken");
        }
    }

    #[test]
    fn a_derived_id_depends_on_root_and_label() {
        let root = DocumentId::from_room_name("ops");
        assert_ne!(DocumentId::derived(&root, "talk"), DocumentId::derived(&root, "body/x"));
        assert_ne!(root, DocumentId::from_room_name("Ops"));
        assert_eq!(DocumentId::derived(&root, "talk"), DocumentId::derived(&root, "talk"));
    }
}
