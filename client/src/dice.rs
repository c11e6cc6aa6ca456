//! The door to randomness.

use warroom_protocol::{Dice, Seed};

use crate::error::OpenError;

/// Dice that grow from the system's source, for ids of cards and columns.
///
/// # Errors
/// [`OpenError::NoRandomness`] when the system has none to give.
pub fn fresh_dice() -> Result<Dice, OpenError> {
    Ok(Dice::new(fresh_seed()?))
}

/// A seed that nobody had before.
pub(crate) fn fresh_seed() -> Result<Seed, OpenError> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|error| OpenError::NoRandomness(error.to_string()))?;
    Ok(Seed(seed))
}
