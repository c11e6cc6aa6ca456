//! What a board promises, through its public face.

#[cfg(test)]
mod activity;
#[cfg(test)]
mod away;
#[cfg(test)]
mod commands;
#[cfg(test)]
mod conflicts;
#[cfg(test)]
mod damaged;
#[cfg(test)]
mod deltas;
#[cfg(test)]
mod face;
#[cfg(test)]
mod formats;
#[cfg(test)]
mod merges;
#[cfg(test)]
mod oracle;
#[cfg(test)]
mod order;
#[cfg(test)]
mod restore;
#[cfg(test)]
mod talk;
#[cfg(test)]
mod texts;
#[cfg(test)]
mod time_travel;
#[cfg(test)]
mod touched;
#[cfg(test)]
mod transact;
#[cfg(test)]
mod undo;
#[cfg(test)]
mod world;
