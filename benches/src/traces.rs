//! Recorded editing sessions, from the folder that the environment variable `WARROOM_TRACES` names.

use std::io::Read as _;
use std::path::PathBuf;

use serde_json::Value;

/// What to print where no folder is named.
pub const NO_TRACES: &str = "the recorded editing sessions were left out: put the files of \
     https://github.com/josephg/editing-traces (and automerge-paper, from automerge-perf) \
     into a folder and name it in WARROOM_TRACES";

/// Milliseconds between keystrokes where a recording has no times of its own: a quick typist's.
const KEY_MS: u64 = 150;
/// Keystrokes after which such a typist pauses.
const BURST_KEYS: u64 = 30;
/// For how long.
const PAUSE_MS: u64 = 1_000;
/// More transactions than this in the average second of a recording were not typed by a person: its times are those of a
/// replay.
const TYPED_PER_SECOND_MAX: usize = 50;

/// One keystroke, or a paste: replacements one after the other, as (position, units deleted, text inserted).
pub type Patches = Vec<(u32, u32, String)>;

/// A text as it was typed.
#[derive(Debug, Clone)]
pub struct Trace {
    /// What was typed, and when: milliseconds since the first.
    pub transactions: Vec<(u64, Patches)>,
    /// What it ends in.
    pub end: String,
}

/// Reads the sequential recording of this name; none where no folder is named.
///
/// # Panics
/// When the file is not there or is no recording.
pub fn trace(name: &str) -> Option<Trace> {
    let folder = std::env::var_os("WARROOM_TRACES")?;
    let path = PathBuf::from(folder).join(format!("{name}.json.gz"));
    let file = std::fs::File::open(&path)
        .unwrap_or_else(|error| panic!("{} can't be read: {error}", path.display()));
    let mut text = String::new();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).expect("a gzipped file");
    let whole: Value = serde_json::from_str(&text).expect("a JSON file");
    let listed = whole.get("txns").and_then(Value::as_array).expect("a list of transactions");
    let patches: Vec<Patches> = listed.iter().map(patches).collect();
    let times = times(listed);
    let end = whole.get("endContent").and_then(Value::as_str).expect("the text at the end");
    Some(Trace { transactions: times.into_iter().zip(patches).collect(), end: end.to_owned() })
}

fn patches(transaction: &Value) -> Patches {
    let listed = transaction.get("patches").and_then(Value::as_array).expect("a list of patches");
    let read = |patch: &Value| {
        let number = |index: usize| {
            let value = patch.get(index).and_then(Value::as_u64).expect("a position or a length");
            u32::try_from(value).expect("a position or a length")
        };
        let insert = patch.get(2).and_then(Value::as_str).expect("a text");
        (number(0), number(1), insert.to_owned())
    };
    listed.iter().map(read).collect()
}

/// When each transaction was made. Recordings count whole seconds: what came in one second is spread over it.
fn times(transactions: &[Value]) -> Vec<u64> {
    let seconds: Option<Vec<u64>> = transactions.iter().map(second).collect();
    let Some(seconds) = seconds.filter(|seconds| is_typed(seconds)) else {
        let count = u64::try_from(transactions.len()).unwrap_or(0);
        return (0..count).map(|key| key * KEY_MS + key / BURST_KEYS * PAUSE_MS).collect();
    };
    let mut times = Vec::with_capacity(seconds.len());
    let mut start = 0;
    // the first transaction of some recordings is at the beginning of time
    for run in seconds.chunk_by(|one, other| one == other) {
        let count = u64::try_from(run.len()).unwrap_or(1);
        let gap = 1_000 / count.max(1);
        times.extend((0..count).map(|key| start + key * gap));
        let next = seconds.get(times.len()).copied().unwrap_or_default();
        let here = run.first().copied().unwrap_or_default();
        start += 1_000 * next.saturating_sub(here).clamp(1, 3_600);
    }
    times
}

fn is_typed(seconds: &[u64]) -> bool {
    let runs = seconds.chunk_by(|one, other| one == other).count();
    seconds.len() <= runs * TYPED_PER_SECOND_MAX
}

/// The second of a time such as `2020-10-18T07:27:11.000Z`, from some fixed moment on, months taken as 31 days: only
/// differences of a few seconds count.
fn second(transaction: &Value) -> Option<u64> {
    let text = transaction.get("time")?.as_str()?;
    let mut parts = text.split(|character: char| !character.is_ascii_digit());
    let mut part = || parts.next()?.parse::<u64>().ok();
    let (year, month, day) = (part()?, part()?, part()?);
    let days = (year * 12 + month) * 31 + day;
    let (hours, minutes, seconds) = (part()?, part()?, part()?);
    Some(((days * 24 + hours) * 60 + minutes) * 60 + seconds)
}
