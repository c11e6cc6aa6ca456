//! The door to randomness: one seed from the browser for each opening.

use warroom_protocol::Seed;

use crate::js;

/// A fresh seed of 256 random bits.
pub(crate) fn seed() -> Seed {
    let mut bytes = [0; 32];
    js::get_random_values(&mut bytes);
    Seed(bytes)
}
