//! Names of things on a board.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use warroom_protocol::Dice;

use crate::error::CommandError;
use crate::limits::ID_BYTES_MAX;

/// The alphabet of base64url (RFC 4648 §5): safe in URLs, map keys and in `place` (`<column>/<order>`).
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// 16 random bytes as 22 characters of base64url without padding.
fn random_text(dice: &mut Dice) -> String {
    let bits = u128::from_be_bytes(dice.bytes::<16>());
    (0..22)
        .rev()
        .map(|place| {
            let index = (bits >> (6 * place)) & 63;
            let letter = usize::try_from(index).ok().and_then(|index| ALPHABET.get(index));
            letter.map_or('A', |letter| char::from(*letter))
        })
        .collect()
}

macro_rules! board_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        #[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(type = "string"))]
        pub struct $name(Arc<str>);

        impl $name {
            /// Takes an id that somebody made: 1 to 64 characters of base64url.
            ///
            /// # Errors
            /// [`CommandError::BadId`].
            pub fn new(text: &str) -> Result<Self, CommandError> {
                let known = |byte: u8| ALPHABET.contains(&byte);
                if text.is_empty() || text.len() > ID_BYTES_MAX || !text.bytes().all(known) {
                    return Err(CommandError::BadId);
                }
                Ok(Self(text.into()))
            }

            /// A fresh id of 128 random bits.
            pub fn random(dice: &mut Dice) -> Self {
                Self(random_text(dice).into())
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
                f.write_str(&self.0)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0.to_string()
            }
        }

        impl TryFrom<String> for $name {
            type Error = CommandError;
            fn try_from(text: String) -> Result<Self, CommandError> {
                Self::new(&text)
            }
        }
    };
}

board_id! {
    /// One card. Made by whoever creates the card, so that a caller has it at once.
    CardId
}
board_id! {
    /// One column.
    ColumnId
}
board_id! {
    /// One label.
    LabelId
}
board_id! {
    /// One item of a checklist.
    ItemId
}
board_id! {
    /// One comment.
    CommentId
}
board_id! {
    /// The content of a file: SHA-256 of its bytes as 43 characters of base64url.
    BlobId
}
board_id! {
    /// One person: the principal of an access token, or a random id kept by the device where the relay runs open.
    UserId
}

impl CardId {
    /// What stands for a card that could not be read.
    pub(crate) fn unknown() -> Self {
        Self("unknown".into())
    }
}

impl ColumnId {
    /// What stands for a column that could not be read.
    pub(crate) fn unknown() -> Self {
        Self("unknown".into())
    }
}

impl UserId {
    /// What stands for a person that could not be read.
    pub(crate) fn unknown() -> Self {
        Self("unknown".into())
    }
}

#[cfg(test)]
mod tests {
    use warroom_protocol::Seed;

    use super::*;

    #[test]
    fn a_random_id_is_22_characters_and_a_valid_id() {
        let mut dice = Dice::new(Seed([1; 32]));
        let id = CardId::random(&mut dice);
        assert_eq!(id.as_str().len(), 22);
        assert_eq!(CardId::new(id.as_str()).unwrap(), id);
        assert_ne!(CardId::random(&mut dice), id);
    }

    #[test]
    fn ids_with_other_characters_are_refused() {
        for text in ["", "a/b", "a b", "é", &"a".repeat(65)] {
            assert!(CardId::new(text).is_err(), "{text} was taken");
        }
    }
}
