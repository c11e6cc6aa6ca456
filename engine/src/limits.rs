//! Every limit of the engine, each with its unit and its reason.

/// Bytes of the longest id on a board. Ours have 22; the rest leaves room for importers.
pub const ID_BYTES_MAX: usize = 64;
/// UTF-16 units of the longest card title that a command may make. A title is read at a glance; longer text belongs in the body.
pub const TITLE_UNITS_MAX: usize = 1_000;
/// UTF-16 units of the longest body that a command may make: far beyond any description, below what slows a phone's editor.
pub const BODY_UNITS_MAX: usize = 500_000;
/// UTF-16 units of the longest name of a column, a room or a person.
pub const NAME_UNITS_MAX: usize = 200;
