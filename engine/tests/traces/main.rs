//! Recorded editing sessions typed into bodies: they end in exactly the recorded text, on every replica.
//!
//! The recordings are too big for this repository: the folder that holds them is named by `WARROOM_TRACES`, and without
//! it a session of the same kind that is made up here stands in for them.

#[cfg(test)]
mod made_up;
#[cfg(test)]
mod recorded;
#[cfg(test)]
mod replay;
#[cfg(test)]
mod session;
