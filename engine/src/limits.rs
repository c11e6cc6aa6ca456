//! Every limit of the engine, each with its unit and its reason.

use std::time::Duration;

/// Bytes of the longest id on a board. Ours have 22; the rest leaves room for importers.
pub const ID_BYTES_MAX: usize = 64;
/// UTF-16 units of the longest card title that a command may make. A title is read at a glance; longer text belongs in the body.
pub const TITLE_UNITS_MAX: usize = 1_000;
/// UTF-16 units of the longest body that a command may make: far beyond any description, below what slows a phone's editor.
pub const BODY_UNITS_MAX: usize = 500_000;
/// UTF-16 units of the longest name of a column, a room or a person.
pub const NAME_UNITS_MAX: usize = 200;
/// Cards in one claim: a screenful, whose ids (22 bytes each) leave room in a presence message of 2 KiB.
pub const CLAIM_CARDS_MAX: usize = 32;
/// A claim and typing are renewed after this long, well within [`FLEETING_EXPIRES`].
pub const FLEETING_BEAT: Duration = Duration::from_millis(900);
/// A claim or typing that was not told again for this long has ended: its maker's tab died.
pub const FLEETING_EXPIRES: Duration = Duration::from_secs(4);
/// Typing ends this long after the last key.
pub const TYPING_STOPS: Duration = Duration::from_secs(1);
/// A claim ends by itself this long after the last move, so that nobody blocks a card from a lunch table.
pub const CLAIM_STILL: Duration = Duration::from_secs(60);
/// Bytes of the longest order key that is made; at this length neighbours are re-keyed. 10⁵ random moves stay below half.
pub const ORDER_BYTES_MAX: usize = 64;
/// Colours of the presence palette; a person's is an index below.
pub const PALETTE_COLOURS: u8 = 12;
