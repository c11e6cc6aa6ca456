//! `@automerge/automerge` and `yjs` in Node, where both are present: `npm ci` in `benches/rivals/javascript`.

use std::path::Path;
use std::process::{Command, Stdio};

use benches::Trace;
use benches::script::{COLUMNS, Edit, LABELS, To, WORD, body, title};
use serde_json::{Value, json};

use crate::workloads::{self as rows, CARDS, Figure, KEYS, MANY_CARDS, REPLICAS};

/// The rows, under the names that the script gives them.
const NAMES: [(&str, &str); 19] = [
    ("create", rows::CREATE),
    ("edits", rows::EDITS),
    ("key", rows::KEY),
    ("keyMany", rows::KEY_MANY),
    ("merge2", rows::MERGE_2),
    ("merge2Read", rows::MERGE_2_READ),
    ("merge8", rows::MERGE_8),
    ("sync8", rows::SYNC_8),
    ("sync8Kb", rows::SYNC_8_KB),
    ("load", rows::LOAD),
    ("open", rows::OPEN),
    ("read", rows::READ),
    ("stored", rows::STORED),
    ("keyBytes", rows::KEY_BYTES),
    ("moveBytes", rows::MOVE_BYTES),
    ("typed", rows::TYPED),
    ("peer", rows::PEER),
    ("bodyOpen", rows::BODY_OPEN),
    ("bodyKb", rows::BODY_KB),
];

/// The figures of one library, or a sentence that says why there are none.
pub(crate) fn run(library: &str, trace: Option<&Trace>) -> Result<Vec<Figure>, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("javascript");
    if !folder.join("node_modules").exists() {
        return Err(format!("{library} was left out: run `npm ci` in benches/rivals/javascript"));
    }
    let work_file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("rivals-work.json");
    std::fs::write(&work_file, work(trace).to_string()).map_err(|error| error.to_string())?;
    let mut node = Command::new("node");
    node.arg("bench.mjs").arg(library).arg(&work_file).current_dir(folder);
    let output = node.stderr(Stdio::inherit()).output();
    let output = output.map_err(|error| format!("{library} was left out: {error}"))?;
    let result: Value = serde_json::from_slice(&output.stdout)
        .map_err(|error| format!("{library} was left out: the script failed ({error})"))?;
    let found = NAMES.iter().filter_map(|(name, row)| Some((*row, result.get(name)?.as_f64()?)));
    Ok(found.collect())
}

/// Everything that the script is to do, in its words.
fn work(trace: Option<&Trace>) -> Value {
    let texts = |make: fn(usize) -> String| (0..MANY_CARDS).map(make).collect::<Vec<_>>();
    let offline: Vec<Value> =
        (1..=REPLICAS).map(|number| edits(&rows::offline(10 + number))).collect();
    let typed = trace.map(|trace| {
        let patches = trace.transactions.iter().flat_map(|(_, patches)| patches);
        json!({ "end": trace.end, "patches": patches.collect::<Vec<_>>() })
    });
    json!({
        "cards": CARDS, "manyCards": MANY_CARDS, "keys": KEYS, "keyCard": rows::card_of_keys(),
        "columns": COLUMNS, "labels": LABELS, "word": WORD,
        "titles": texts(title), "bodies": texts(body),
        "ageing": edits(&rows::ageing()), "offline": offline, "trace": typed,
    })
}

fn edits(edits: &[Edit]) -> Value {
    let one = |edit: &Edit| match *edit {
        Edit::Move { card, column, to } => json!(["move", card, column, to == To::Start]),
        Edit::Title { card, at, insert } => json!(["title", card, at, insert]),
        Edit::Body { card, at } => json!(["body", card, at]),
        Edit::Label { card, label } => json!(["label", card, label]),
        Edit::Create { card, column } => json!(["create", card, column]),
        Edit::Delete { card } => json!(["delete", card]),
    };
    edits.iter().map(one).collect()
}
