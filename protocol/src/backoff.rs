//! When to try again: exponential, with full jitter.

use std::time::Duration;

use crate::dice::Dice;
use crate::limits::{BACKOFF_BASE, BACKOFF_CAP};

/// How many times in a row something failed, and from that how long to wait.
///
/// Full jitter (M. Brooker, "Exponential Backoff and Jitter", AWS 2015): a wait is drawn evenly between nothing and
/// a ceiling that doubles, so that clients who lost one relay at the same moment do not return at the same moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Backoff {
    failures: u32,
}

impl Backoff {
    /// Nothing failed yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// It failed once more: how long to wait, below [`BACKOFF_BASE`] the first time and never above [`BACKOFF_CAP`].
    pub fn handle_failed(&mut self, dice: &mut Dice) -> Duration {
        let ceiling = self.ceiling();
        self.failures = self.failures.saturating_add(1);
        let millis = u64::try_from(ceiling.as_millis()).unwrap_or(u64::MAX);
        Duration::from_millis(dice.below(millis))
    }

    /// It worked: the next failure counts as the first. A connection works when it was joined, not when it opened:
    /// a relay that accepts sockets and drops them must not be called at full speed.
    pub fn handle_succeeded(&mut self) {
        self.failures = 0;
    }

    /// How many failures in a row.
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// What the next wait stays below.
    fn ceiling(self) -> Duration {
        let factor = 2_u32.saturating_pow(self.failures);
        BACKOFF_BASE.saturating_mul(factor).min(BACKOFF_CAP)
    }
}
