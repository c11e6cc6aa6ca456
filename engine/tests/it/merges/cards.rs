//! Pairs about where cards are, what they are called, and whether they are there.

use warroom_engine::{Command, Day, Position, Priority};

use super::{Row, is_deleted, is_in_one_column, row, shown, todo};
use crate::world::{add, card, column, delete, move_card, title};

const MOVES: &str = "move ‖ move";
const SAME_GAP: &str = "moves or additions to the same gap";
const DELETED: &str = "delete ‖ edit or move";

pub(super) fn rows() -> Vec<Row> {
    let end = || Position::End;
    let start = |id| move_card(id, "todo", Position::Start);
    let after_a = move_card("c", "todo", Position::After { id: card("a") });
    let archive = || Command::ArchiveCard { id: card("a") };
    vec![
        row(
            &[MOVES, "A card · place"],
            "move and move: one place, whole",
            (move_card("a", "doing", end()), move_card("a", "done", end())),
            |peer| is_in_one_column(peer) && todo(peer) == ["b", "c"],
        ),
        row(
            &[MOVES],
            "move and reorder: one place, whole",
            (move_card("a", "doing", end()), move_card("a", "todo", end())),
            |p| is_in_one_column(p) && (todo(p) == ["b", "c"] || todo(p) == ["b", "c", "a"]),
        ),
        row(
            &[SAME_GAP],
            "moves of two cards to one gap: both there, in one order",
            (start("b"), start("c")),
            |peer| todo(peer).len() == 3 && todo(peer)[2] == "a",
        ),
        row(
            &[SAME_GAP],
            "two new cards at one place: both there",
            (add("x", "todo", "X"), add("y", "todo", "Y")),
            |peer| todo(peer).len() == 5 && todo(peer)[..3] == ["a", "b", "c"],
        ),
        row(
            &[SAME_GAP],
            "move and new neighbour: both",
            (after_a, add("x", "todo", "X")),
            |peer| todo(peer) == ["a", "c", "b", "x"],
        ),
        row(
            &[DELETED],
            "delete and title: deleted, with the new title",
            (delete("a"), title("a", "New A")),
            |peer| is_deleted(peer) && peer.title_of("a") == "New A",
        ),
        row(
            &[DELETED],
            "delete and move: deleted, in its new place",
            (delete("a"), move_card("a", "done", end())),
            |peer| is_deleted(peer) && shown(peer).column == column("done"),
        ),
        row(&["archive ‖ delete"], "archive and delete: both", (archive(), delete("a")), |peer| {
            is_deleted(peer) && shown(peer).archived.is_some()
        }),
        row(
            &["typing ‖ typing in a title or body", "A card · title"],
            "titles at two ends: both",
            (title("a", "The A"), title("a", "A!")),
            |peer| peer.title_of("a") == "The A!",
        ),
        row(
            &["card moved into done work ‖ moved elsewhere", "A card · done"],
            "completed and moved elsewhere: one place, and completed if that is a column of done work",
            (move_card("a", "done", end()), move_card("a", "doing", end())),
            |p| is_in_one_column(p) && (p.cards_in("done").is_empty() || shown(p).done.is_some()),
        ),
    ]
}

pub(super) fn key_rows() -> Vec<Row> {
    let due = |day: &str| Command::SetDue { id: card("a"), due: Some(Day::new(day).unwrap()) };
    let priority = |priority| Command::SetPriority { id: card("a"), priority };
    let archive = || Command::ArchiveCard { id: card("a") };
    vec![
        row(
            &["due day ‖ due day, priority ‖ priority, item's text ‖ item's text", "A card · due"],
            "two due days: one of them",
            (due("2026-01-01"), due("2026-02-02")),
            |p| {
                let day = shown(p).due.map(|day| day.to_string());
                [Some("2026-01-01"), Some("2026-02-02")].contains(&day.as_deref())
            },
        ),
        row(
            &[
                "due day ‖ due day, priority ‖ priority, item's text ‖ item's text",
                "A card · priority",
            ],
            "two priorities: one of them",
            (priority(Priority::Low), priority(Priority::Urgent)),
            |p| matches!(shown(p).priority, Priority::Low | Priority::Urgent),
        ),
        row(&[DELETED], "delete and due day: both", (delete("a"), due("2026-01-01")), |p| {
            is_deleted(p) && shown(p).due.is_some()
        }),
        row(
            &["A card · deleted"],
            "delete and delete: deleted",
            (delete("a"), delete("a")),
            is_deleted,
        ),
        row(
            &["A card · archived"],
            "archive and archive: archived",
            (archive(), archive()),
            |peer| shown(peer).archived.is_some() && todo(peer) == ["b", "c"],
        ),
        row(
            &["A card · created"],
            "edits of all kinds: created as before",
            (delete("a"), move_card("a", "done", Position::End)),
            |peer| {
                let [a, b] = ["a", "b"].map(|id| &peer.board().card(&card(id)).unwrap().created);
                a.at + 1 == b.at && a.by == b.by
            },
        ),
    ]
}
