//! The door to randomness.

use warroom_protocol::{Dice, Seed, StorageId};

/// Dice that grow from the system's source.
///
/// # Panics
/// When the system has no randomness to give: ids could collide, so the relay must not start.
#[expect(clippy::expect_used, reason = "a relay that can't make ids must not start")]
pub fn from_system() -> Dice {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).expect("the system gives random bytes");
    Dice::new(Seed(seed))
}

/// A name for a new store.
///
/// # Panics
/// Never: 32 digits are a valid id.
#[expect(clippy::expect_used, reason = "32 digits are within the 1 to 512 bytes of an id")]
pub fn storage_id(dice: &mut Dice) -> StorageId {
    StorageId::new(&name("", dice)).expect("32 digits are a valid id")
}

/// `prefix` followed by 32 random hexadecimal digits.
pub(crate) fn name(prefix: &str, dice: &mut Dice) -> String {
    let number = u128::from_be_bytes(dice.bytes());
    format!("{prefix}{number:032x}")
}
