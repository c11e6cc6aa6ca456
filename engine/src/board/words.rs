//! Enumerations that documents hold as words.

/// Gives an enumeration its words: the same in documents and in JSON (a test compares).
macro_rules! words {
    ($name:ident { $($variant:ident = $word:literal),* $(,)? }) => {
        impl $name {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// How it is written.
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),*
                }
            }

            /// What is written so. A later version may know more words.
            pub fn of_word(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }
    };
}

pub(crate) use words;

#[cfg(test)]
mod tests {
    use crate::board::{AttachmentKind, Colour, ColumnRole, Priority};

    macro_rules! check {
        ($($name:ident),*) => {$(
            for value in $name::ALL.iter().copied() {
                assert_eq!(serde_json::to_value(value).unwrap(), value.word());
                assert_eq!($name::of_word(value.word()), Some(value));
            }
            assert_eq!($name::of_word("other"), None);
        )*};
    }

    #[test]
    fn words_are_the_same_in_documents_and_in_json() {
        check!(AttachmentKind, Colour, ColumnRole, Priority);
    }
}
