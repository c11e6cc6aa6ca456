//! What happens in one run: everything follows from the seed.

use warroom_protocol::{Dice, Seed};

/// A bug put in on purpose, to show that the checkers find it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Plant {
    /// The relay's shell says "saved" before the commit.
    TellBeforeCommit,
    /// The disk says "synced" and has not.
    SyncIsALie,
    /// A frame of a live connection gets lost.
    LoseFrame,
    /// The relay leaves a document out when it names what changed in a room.
    ForgetDocument,
    /// A client's storage deletes chunks before it has what replaces them.
    DeleteFirst,
}

/// How one run goes.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The run's number.
    pub seed: u64,
    /// People, each with one device: 2 to 5.
    pub clients: usize,
    /// Simulated milliseconds of work before the network is healed.
    pub work_ms: u64,
    /// Mean simulated milliseconds between two acts of one person.
    pub act_every_ms: u64,
    /// Mean simulated milliseconds between two broken connections; `None` never.
    pub disconnect_every_ms: Option<u64>,
    /// Mean simulated milliseconds between two crashes of the relay; `None` never.
    pub relay_crash_every_ms: Option<u64>,
    /// Mean simulated milliseconds between two crashes of a client; `None` never.
    pub client_crash_every_ms: Option<u64>,
    /// Longest one-way delay of a frame, milliseconds.
    pub delay_ms_max: u64,
    /// Longest time of a commit of the relay, milliseconds.
    pub commit_ms_max: u64,
    /// The bug put in on purpose.
    pub plant: Option<Plant>,
}

impl Plan {
    /// The plan of a seed: calm runs, broken networks, crashes and all of it together take turns.
    pub fn of(seed: u64) -> Self {
        let mut dice = Self::dice(seed);
        let weather = dice.below(5);
        let rough = |dice: &mut Dice, bad: bool, low: u64, spread: u64| {
            bad.then(|| low + dice.below(spread))
        };
        Self {
            seed,
            clients: usize::try_from(2 + dice.below(4)).unwrap_or(2),
            work_ms: 3_000 + dice.below(5_000),
            act_every_ms: 100 + dice.below(700),
            disconnect_every_ms: rough(&mut dice, weather >= 1, 300, 3_000),
            relay_crash_every_ms: rough(&mut dice, weather == 2 || weather == 4, 500, 3_000),
            client_crash_every_ms: rough(&mut dice, weather >= 3, 500, 3_000),
            delay_ms_max: 1 + dice.below(400),
            commit_ms_max: 1 + dice.below(60),
            plant: None,
        }
    }

    /// The dice of a run.
    pub(crate) fn dice(seed: u64) -> Dice {
        let mut bytes = [0; 32];
        for (to, from) in bytes.iter_mut().zip(seed.to_le_bytes()) {
            *to = from;
        }
        Dice::new(Seed(bytes))
    }
}
