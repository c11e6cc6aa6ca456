//! The header, the columns and the footer of one change.
//!
//! Layout (automerge `storage/change.rs`, 0.12): count ‖ deps ‖ actor ‖ seq ‖ `start_op` ‖ time (signed) ‖ message ‖
//! count ‖ other actors ‖ column metadata ‖ columns ‖ extra bytes. Actors and the message are length-prefixed.

use bytes::Bytes;

use super::chunk::PlainChange;
use super::columns::Columns;
use super::reader::Reader;
use super::rows::{self, Frame};
use super::{ActorBytes, CheckedChange};
use crate::error::GuardError;
use crate::limits::{
    ACTOR_BYTES_MAX, ACTOR_BYTES_MIN, CHANGE_ACTORS_MAX, CHANGE_AUTHOR_BYTES_MAX, CHANGE_DEPS_MAX,
    CHANGE_MESSAGE_BYTES_MAX, CHANGE_SEQ_MAX, CHANGE_TIME_MAX, OP_COUNTER_MAX,
};

/// The only kind of footer that automerge 0.12 writes: who the actor is.
const FOOTER_AUTHOR: u64 = 1;

pub(super) fn check(plain: PlainChange, ops_max: u64) -> Result<CheckedChange, GuardError> {
    let mut reader = Reader::new("change", &plain.content);
    let deps = reader.hashes("deps of a change", CHANGE_DEPS_MAX)?;
    if !deps.is_sorted_by(|one, next| one < next) {
        return Err(reader.malformed("its deps are not sorted or repeat"));
    }
    let author = read_actor(&mut reader)?;
    let seq = read_limited(&mut reader, "seq of a change", CHANGE_SEQ_MAX)?;
    let start_op = read_limited(&mut reader, "start_op of a change", OP_COUNTER_MAX)?;
    let time = reader.leb()?;
    if time.unsigned_abs() > CHANGE_TIME_MAX.unsigned_abs() {
        return Err(reader.malformed("its time is beyond what a clock can show"));
    }
    let message = reader.prefixed("bytes of a change's message", CHANGE_MESSAGE_BYTES_MAX)?;
    if std::str::from_utf8(message).is_err() {
        return Err(reader.malformed("its message is not UTF-8"));
    }
    let actors = read_actors(&mut reader, author)?;
    let columns = Columns::read(&mut reader)?;
    check_footer(reader, seq)?;
    let frame = Frame { start_op, actors: &actors, ops_max };
    let summary = rows::check(&columns, frame)?;
    let mut named = actors.iter().zip(&summary.counter_max_by_actor);
    let own_named = named.next().map_or(0, |(_, counter_max)| *counter_max);
    Ok(CheckedChange {
        hash: plain.hash,
        deps,
        actor: actor_bytes(author),
        seq,
        start_op,
        ops: summary.ops,
        time_s: time,
        own_named,
        others: named.map(|(actor, counter_max)| (actor_bytes(actor), *counter_max)).collect(),
        chunk: plain.chunk,
    })
}

/// Copied: a slice would keep the whole message in memory for as long as the history remembers the actor.
fn actor_bytes(actor: &[u8]) -> ActorBytes {
    ActorBytes(Bytes::copy_from_slice(actor))
}

fn read_actor<'a>(reader: &mut Reader<'a>) -> Result<&'a [u8], GuardError> {
    let actor = reader.prefixed("bytes of an actor", ACTOR_BYTES_MAX)?;
    if actor.len() < ACTOR_BYTES_MIN {
        return Err(reader.malformed("an actor is shorter than 16 bytes"));
    }
    Ok(actor)
}

/// The author first, then the others: sorted, without repeats and without the author.
fn read_actors<'a>(reader: &mut Reader<'a>, author: &'a [u8]) -> Result<Vec<&'a [u8]>, GuardError> {
    let count = reader.count("other actors of a change", CHANGE_ACTORS_MAX)?;
    let mut actors = vec![author];
    for _ in 0..count {
        actors.push(read_actor(reader)?);
    }
    let others = actors.get(1..).unwrap_or_default();
    if others.contains(&author) || !others.is_sorted_by(|one, next| one < next) {
        return Err(reader.malformed("its actors are not sorted or repeat"));
    }
    Ok(actors)
}

fn read_limited(reader: &mut Reader<'_>, what: &'static str, max: u64) -> Result<u64, GuardError> {
    match reader.uleb()? {
        0 => Err(reader.malformed("seq and start_op count from 1")),
        count if count > max => Err(GuardError::TooMany { what, count, max }),
        number => Ok(number),
    }
}

/// The extra bytes: none, or who the actor is, in its first change only (automerge asserts that, F3).
fn check_footer(mut reader: Reader<'_>, seq: u64) -> Result<(), GuardError> {
    if reader.is_empty() {
        return Ok(());
    }
    if seq != 1 {
        return Err(reader.malformed("only an actor's first change has a footer"));
    }
    if reader.uleb()? != FOOTER_AUTHOR {
        return Err(reader.malformed("its footer is unknown"));
    }
    reader.prefixed("bytes of an author", CHANGE_AUTHOR_BYTES_MAX)?;
    if reader.is_empty() { Ok(()) } else { Err(reader.malformed("it goes on after its footer")) }
}
