//! Randomness as an argument: a machine is given a seed and never asks the system.

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};

/// What dice grow from: 32 bytes, from the system's source in a shell, from the run's number in a simulation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Seed(pub [u8; 32]);

impl std::fmt::Debug for Seed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seed(..)")
    }
}

/// A stream of random numbers (`ChaCha8`: the same seed gives the same stream on every target).
#[derive(Debug, Clone)]
pub struct Dice(ChaCha8Rng);

impl Dice {
    /// Dice that roll what `seed` says.
    pub fn new(seed: Seed) -> Self {
        Self(ChaCha8Rng::from_seed(seed.0))
    }

    /// A seed for other dice, so that two machines never share a stream.
    pub fn fork(&mut self) -> Seed {
        Seed(self.bytes())
    }

    /// `N` random bytes.
    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.fill_bytes(&mut bytes);
        bytes
    }

    /// A number below `end`; 0 when `end` is 0. The bias of the multiplication is below 2⁻³² for the ends used here.
    pub fn below(&mut self, end: u64) -> u64 {
        let product = u128::from(self.0.next_u64()) * u128::from(end);
        u64::try_from(product >> 64).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_rolls_the_same() {
        let (mut a, mut b) = (Dice::new(Seed([7; 32])), Dice::new(Seed([7; 32])));
        assert_eq!(a.bytes::<16>(), b.bytes::<16>());
        assert!((0..1_000).all(|_| a.below(6) < 6));
        assert_eq!(a.below(0), 0);
    }
}
