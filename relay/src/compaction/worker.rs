//! The worker: a process of its own that applies the changes of one document. What goes wrong in it ends it, and nothing
//! else.
//!
//! It reads one job from its standard input, the length of what follows (8 bytes, big endian) and then change chunks, each
//! after all that it depends on; it writes one [`Verdict`] to its standard output, and ends. A verdict that is torn means
//! that it died.

use std::any::Any;
use std::collections::BTreeSet;
use std::io::{self, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook};

use automerge::{Automerge, Change};
use bytes::Bytes;
use rustix::process::{Resource, Rlimit, setrlimit};
use warroom_protocol::ChangeHash;
use warroom_protocol::guard;

use crate::limits::{
    WORKER_CPU_SECONDS_MAX, WORKER_INPUT_BYTES_MAX, WORKER_MEMORY_BYTES_MAX,
    WORKER_REASON_BYTES_MAX, WORKER_STACK_BYTES,
};
use crate::spawn;

/// What a worker found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Automerge can live with all changes: a document chunk that holds them, which was loaded again, with the same heads and
    /// the same changes.
    Compacted(Bytes),
    /// Automerge panics, refuses or writes what it can't read again from this change on, and not before it.
    Harmful {
        /// Which.
        change: ChangeHash,
        /// What automerge says.
        why: String,
    },
    /// No such chunk could be made.
    Failed(String),
}

const COMPACTED: u8 = 1;
const HARMFUL: u8 = 2;
const FAILED: u8 = 3;

impl Verdict {
    /// `kind (1 byte) ‖ hash (32, only of a harmful change) ‖ length (8, big endian) ‖ chunk or reason`.
    fn encode(&self) -> Vec<u8> {
        let (kind, hash, rest) = match self {
            Self::Compacted(chunk) => (COMPACTED, &[][..], &chunk[..]),
            Self::Harmful { change, why } => (HARMFUL, &change.0[..], cut(why)),
            Self::Failed(why) => (FAILED, &[][..], cut(why)),
        };
        let length = u64::try_from(rest.len()).unwrap_or(u64::MAX);
        [&[kind], hash, &length.to_be_bytes(), rest].concat()
    }

    /// Reads all that a worker wrote; none where that is no verdict.
    pub(crate) fn decode(answer: &Bytes) -> Option<Self> {
        let (&kind, rest) = answer.split_first()?;
        let (change, rest) = match kind {
            HARMFUL => rest.split_first_chunk().map(|(hash, rest)| (ChangeHash(*hash), rest))?,
            _ => (ChangeHash([0; 32]), rest),
        };
        let (length, rest) = rest.split_first_chunk()?;
        if u64::try_from(rest.len()).ok()? != u64::from_be_bytes(*length) {
            return None;
        }
        let why = || String::from_utf8_lossy(rest).into_owned();
        match kind {
            COMPACTED => Some(Self::Compacted(answer.slice_ref(rest))),
            HARMFUL => Some(Self::Harmful { change, why: why() }),
            FAILED => Some(Self::Failed(why())),
            _ => None,
        }
    }
}

fn cut(why: &str) -> &[u8] {
    let end = why.floor_char_boundary(WORKER_REASON_BYTES_MAX);
    why.as_bytes().get(..end).unwrap_or_default()
}

/// Does one job, under limits on memory and processor time that the process can't take back.
///
/// # Errors
/// The limits can't be set, or whoever gave the job left.
pub fn work() -> io::Result<()> {
    limit(Resource::As, WORKER_MEMORY_BYTES_MAX)?;
    limit(Resource::Cpu, WORKER_CPU_SECONDS_MAX)?;
    // what a panic says is in the verdict
    set_hook(Box::new(|_| {}));
    let job = read(&mut io::stdin().lock())?;
    // nested objects cost stack (finding F5 of `docs/SECURITY.md`)
    let verdict = spawn::deep("compaction", WORKER_STACK_BYTES, move || judge(&job))?;
    let mut output = io::stdout().lock();
    output.write_all(&verdict.encode())?;
    output.flush()
}

fn limit(resource: Resource, value: u64) -> io::Result<()> {
    setrlimit(resource, Rlimit { current: Some(value), maximum: Some(value) }).map_err(Into::into)
}

fn read(input: &mut impl Read) -> io::Result<Bytes> {
    let mut length = [0; 8];
    input.read_exact(&mut length)?;
    let length = u64::from_be_bytes(length);
    if length > WORKER_INPUT_BYTES_MAX {
        return Err(io::Error::other("the job is longer than any document"));
    }
    let mut job = Vec::new();
    input.take(length).read_to_end(&mut job)?;
    if u64::try_from(job.len()).ok() != Some(length) {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(job.into())
}

/// What automerge makes of these changes.
fn judge(job: &Bytes) -> Verdict {
    let mut changes = Vec::new();
    for chunk in guard::chunks(job) {
        let read = chunk.map_err(|error| error.to_string());
        let read = read.and_then(|chunk| {
            caught(|| Change::from_bytes(chunk.bytes.to_vec()).map_err(|error| error.to_string()))
        });
        match read {
            Ok(change) => changes.push(change),
            Err(why) => return Verdict::Failed(format!("a change can't be read: {why}")),
        }
    }
    match compacted(&changes) {
        Ok(chunk) => Verdict::Compacted(chunk.into()),
        Err(why) => first_harmful(&changes, why),
    }
}

/// Finds the change without which what is before it can be compacted.
fn first_harmful(changes: &[Change], mut why: String) -> Verdict {
    let (mut good, mut bad) = (0, changes.len());
    while bad.saturating_sub(good) > 1 {
        let middle = good.midpoint(bad);
        match compacted(changes.get(..middle).unwrap_or_default()) {
            Ok(_) => good = middle,
            Err(error) => (bad, why) = (middle, error),
        }
    }
    match changes.get(good) {
        Some(change) => Verdict::Harmful { change: ChangeHash(change.hash().0), why },
        None => Verdict::Failed(why),
    }
}

/// One document chunk of all these changes, which was loaded again and compared.
#[expect(
    clippy::disallowed_methods,
    reason = "nothing is written by this actor, and no text is counted"
)]
fn compacted(changes: &[Change]) -> Result<Vec<u8>, String> {
    caught(|| {
        let mut document = Automerge::new();
        document.apply_changes(changes.to_vec()).map_err(|error| error.to_string())?;
        let chunk = document.save();
        let again = Automerge::load(&chunk).map_err(|error| error.to_string())?;
        if again.get_heads() != document.get_heads() {
            return Err("what is saved loads with other heads".to_owned());
        }
        let given: BTreeSet<_> = changes.iter().map(Change::hash).collect();
        let held: BTreeSet<_> =
            again.get_changes_meta(&[]).iter().map(|change| change.hash).collect();
        if held != given {
            return Err("what is saved loads with other changes".to_owned());
        }
        Ok(chunk)
    })
}

/// What `work` gives; a panic is an error too.
fn caught<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(said(panic.as_ref())))
}

fn said(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    format!("automerge panics: {}", text.unwrap_or("it does not say why"))
}

#[cfg(test)]
mod tests {
    use warroom_protocol::sync_message::SyncMessage;

    use super::*;

    /// The chunks of a board, the last of which harms it.
    fn poisoned(fixture: &'static [u8]) -> Vec<Bytes> {
        SyncMessage::decode(&Bytes::from_static(fixture)).unwrap().changes
    }

    fn job(chunks: &[Bytes]) -> Bytes {
        chunks.concat().into()
    }

    const PANICS: &[u8] = include_bytes!("../../../web/e2e/fixtures/poison/panics.bin");
    const BRICKS: &[u8] = include_bytes!("../../../web/e2e/fixtures/poison/bricks.bin");

    #[test]
    fn honest_changes_become_one_document_that_holds_them() {
        let chunks = poisoned(PANICS);
        let honest = &chunks[..chunks.len() - 1];
        let Verdict::Compacted(document) = judge(&job(honest)) else { panic!("they are honest") };
        let mut kinds = guard::chunks(&document).map(|chunk| chunk.unwrap());
        let first = kinds.next().unwrap();
        assert!(first.kind == guard::ChunkKind::Document && first.is_intact());
        assert!(kinds.next().is_none());
    }

    #[test]
    fn a_harmful_change_is_named_wherever_it_is() {
        for fixture in [PANICS, BRICKS] {
            let mut chunks = poisoned(fixture);
            let poison = chunks.pop().unwrap();
            let harmful = guard::check_change(&poison).unwrap();
            for at in 0..=chunks.len() {
                let known: Vec<_> = chunks[..at]
                    .iter()
                    .map(|chunk| guard::check_change(chunk).unwrap().hash)
                    .collect();
                if !harmful.deps.iter().all(|dep| known.contains(dep)) {
                    continue;
                }
                let mut chunks = chunks.clone();
                chunks.insert(at, poison.clone());
                let Verdict::Harmful { change, why } = judge(&job(&chunks)) else {
                    panic!("automerge became better: make the fixture anew")
                };
                assert_eq!(change, harmful.hash, "{why}");
            }
        }
    }

    #[test]
    fn what_is_no_change_fails_with_a_sentence() {
        let Verdict::Failed(why) = judge(&Bytes::from_static(b"no chunk")) else {
            panic!("it is nothing")
        };
        assert!(why.starts_with("a change can't be read"), "{why}");
    }

    #[test]
    fn a_verdict_reads_as_it_was_written_and_a_torn_one_is_none() {
        let why = "why".to_owned();
        for verdict in [
            Verdict::Compacted(Bytes::from_static(b"chunk")),
            Verdict::Harmful { change: ChangeHash([7; 32]), why: why.clone() },
            Verdict::Failed(why),
        ] {
            let written = Bytes::from(verdict.encode());
            assert!((0..written.len()).all(|end| Verdict::decode(&written.slice(..end)).is_none()));
            assert_eq!(Verdict::decode(&written), Some(verdict));
        }
        assert_eq!(Verdict::decode(&Bytes::from_static(&[9, 0, 0, 0, 0, 0, 0, 0, 0])), None);
    }

    #[test]
    fn a_job_is_read_whole_or_refused() {
        let given = |length: u64, bytes: &[u8]| {
            read(&mut [&length.to_be_bytes(), bytes].concat().as_slice())
        };
        assert_eq!(given(3, b"job").unwrap(), Bytes::from_static(b"job"));
        assert_eq!(given(4, b"job").unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        assert!(given(WORKER_INPUT_BYTES_MAX + 1, b"job").is_err());
        assert!(read(&mut &b"short"[..]).is_err());
    }
}
