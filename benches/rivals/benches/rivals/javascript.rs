//! `@automerge/automerge`, `yjs` and our engine as WASM, all in Node, where they are present.

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

/// What runs in Node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Runner {
    /// `@automerge/automerge`.
    Automerge,
    /// yjs.
    Yjs,
    /// Our engine as browsers have it. Nothing is stored, so there are no rows about that.
    Ours,
}

impl Runner {
    /// Column of the table.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Automerge => "automerge (JS)",
            Self::Yjs => "yjs (JS)",
            Self::Ours => "ours (WASM)",
        }
    }

    /// The words after `node`.
    fn words(self) -> &'static [&'static str] {
        match self {
            Self::Automerge => &["bench.mjs", "automerge"],
            Self::Yjs => &["bench.mjs", "yjs"],
            // Node 20 has WebSockets only when it is asked for them
            Self::Ours => &["--experimental-websocket", "--no-warnings", "warroom.mjs"],
        }
    }

    /// What has to be there, from the script's folder, and what makes it.
    fn needs(self) -> (&'static str, &'static str) {
        match self {
            Self::Automerge | Self::Yjs => {
                ("node_modules", "run `npm ci` in benches/rivals/javascript")
            }
            Self::Ours => (
                "../../../web/sdk/dist/inline.js",
                "run `cargo xtask wasm` and `npm run build --workspace @warroom/sdk`",
            ),
        }
    }
}

/// The figures of one of them, or a sentence that says why there are none.
pub(crate) fn run(runner: Runner, trace: Option<&Trace>) -> Result<Vec<Figure>, String> {
    let library = runner.name();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("javascript");
    let (needed, how) = runner.needs();
    if !folder.join(needed).exists() {
        return Err(format!("{library} was left out: {how}"));
    }
    let work_file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("rivals-work.json");
    std::fs::write(&work_file, work(trace).to_string()).map_err(|error| error.to_string())?;
    let mut node = Command::new("node");
    node.args(runner.words()).arg(&work_file).current_dir(folder);
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
