//! The table: medians of each library, the ratio of ours to raw Automerge, and what we reach for.

use std::collections::BTreeMap;

use crate::workloads as rows;

/// Libraries in the order of the columns.
pub(crate) const LIBRARIES: [&str; 6] =
    ["ours", "automerge", "yrs", "loro", "automerge (JS)", "yjs (JS)"];

/// What our figure is held against.
#[derive(Debug, Clone, Copy)]
enum Goal {
    /// At most so many times that of raw Automerge.
    Raw(f64),
    /// At most that of raw Automerge and so much more, in the row's unit.
    RawAnd(f64),
    /// At most this, in the row's unit.
    Most(f64),
    /// Not held against anything.
    Nothing,
}

/// The rows in their order, with what is reached for (`docs/BENCHMARKS.md` says why).
const ROWS: [(&str, Goal); 24] = [
    (rows::CREATE, Goal::Raw(0.5)),
    (rows::EDITS, Goal::Raw(1.1)),
    (rows::KEY, Goal::RawAnd(20.0)),
    (rows::KEY_MANY, Goal::Raw(0.5)),
    (rows::MERGE_2, Goal::Raw(1.0)),
    (rows::MERGE_2_READ, Goal::Raw(1.0)),
    (rows::MERGE_8, Goal::Raw(1.0)),
    (rows::SYNC_8, Goal::Most(600.0)),
    (rows::SYNC_8_SEEN, Goal::Nothing),
    (rows::SYNC_8_KB, Goal::Most(2_200.0)),
    (rows::LOAD, Goal::Nothing),
    (rows::OPEN, Goal::Nothing),
    (rows::SCREEN, Goal::Most(8.0)),
    (rows::SCREEN_BODY, Goal::Most(16.0)),
    (rows::PAGE_FIRST, Goal::Nothing),
    (rows::PAGE_NEXT, Goal::Nothing),
    (rows::READ, Goal::Raw(1.0)),
    (rows::STORED, Goal::Raw(1.0)),
    (rows::KEY_BYTES, Goal::Nothing),
    (rows::MOVE_BYTES, Goal::Nothing),
    (rows::TYPED, Goal::Nothing),
    (rows::PEER, Goal::Raw(0.25)),
    (rows::BODY_OPEN, Goal::Most(16.0)),
    (rows::BODY_KB, Goal::Raw(1.1)),
];

/// The rows of our engine as WASM, and how many times the time of `@automerge/automerge` it may take.
const IN_NODE: [(&str, Option<f64>); 4] = [
    (rows::CREATE, None),
    (rows::EDITS, Some(0.15)),
    (rows::KEY, None),
    (rows::KEY_MANY, Some(0.25)),
];

/// Figures of all rounds by row and library.
#[derive(Debug, Default)]
pub(crate) struct Table {
    figures: BTreeMap<(&'static str, &'static str), Vec<f64>>,
}

impl Table {
    /// Adds the figures of one library in one round.
    pub(crate) fn add(&mut self, library: &'static str, figures: Vec<rows::Figure>) {
        for (row, figure) in figures {
            self.figures.entry((row, library)).or_default().push(figure);
        }
    }

    fn median(&self, row: &'static str, library: &'static str) -> Option<f64> {
        self.figures.get(&(row, library)).cloned().map(benches::median)
    }

    /// The table in Markdown.
    pub(crate) fn to_markdown(&self) -> String {
        let head = LIBRARIES.join(" | ");
        let mut lines = vec![
            format!("| what | {head} | ours ÷ automerge | goal | met |"),
            format!("|---|{}---|---|---|", "---|".repeat(LIBRARIES.len())),
        ];
        lines.extend(ROWS.iter().map(|(row, goal)| self.line(row, *goal)));
        lines.join("\n")
    }

    /// The table of what browsers run, in Markdown.
    pub(crate) fn to_markdown_in_node(&self) -> String {
        let head =
            "| what, in Node | ours (WASM) | automerge (JS) | ours ÷ automerge | goal | met |";
        let mut lines = vec![head.to_owned(), "|---|---|---|---|---|---|".to_owned()];
        lines.extend(IN_NODE.map(|(row, times_max)| {
            let (ours, rival) =
                (self.median(row, "ours (WASM)"), self.median(row, "automerge (JS)"));
            let ratio = ours.zip(rival).map(|(ours, rival)| ours / rival);
            let [ours, rival, shown] = [ours, rival, ratio].map(cell);
            let goal = times_max.map_or_else(|| "–".to_owned(), |times| format!("≤ {times}"));
            let met = ratio.zip(times_max).map(|(ratio, times)| ratio <= times);
            format!("| {row} | {ours} | {rival} | {shown} | {goal} | {} |", verdict(met))
        }));
        lines.join("\n")
    }

    fn line(&self, row: &'static str, goal: Goal) -> String {
        let cells = LIBRARIES.map(|library| cell(self.median(row, library)));
        let (ours, raw) = (self.median(row, "ours"), self.median(row, "automerge"));
        let ratio = ours.zip(raw).map(|(ours, raw)| ours / raw);
        let most = match goal {
            Goal::Raw(times) => raw.map(|raw| raw * times),
            Goal::RawAnd(more) => raw.map(|raw| raw + more),
            Goal::Most(most) => Some(most),
            Goal::Nothing => None,
        };
        let goal = match goal {
            Goal::Raw(times) => format!("≤ {times} × automerge"),
            Goal::RawAnd(more) => format!("≤ automerge + {more}"),
            Goal::Most(most) => format!("≤ {most}"),
            Goal::Nothing => "–".to_owned(),
        };
        let met = verdict(ours.zip(most).map(|(ours, most)| ours <= most));
        let ratio = ratio.map_or_else(|| "–".to_owned(), |ratio| format!("{ratio:.2}"));
        format!("| {row} | {} | {ratio} | {goal} | {met} |", cells.join(" | "))
    }
}

fn cell(figure: Option<f64>) -> String {
    figure.map_or_else(|| "–".to_owned(), short)
}

/// Whether a goal was met, where there is one.
fn verdict(met: Option<bool>) -> &'static str {
    match met {
        Some(true) => "yes",
        Some(false) => "no",
        None => "–",
    }
}

/// Three significant figures.
fn short(figure: f64) -> String {
    if figure >= 100.0 {
        format!("{figure:.0}")
    } else if figure >= 10.0 {
        format!("{figure:.1}")
    } else {
        format!("{figure:.2}")
    }
}
