//! How fast boards build, edit, merge and open: the workloads, the same for every run.
//!
//! Boards of 100, 1,000 and 10,000 cards in three columns, titles of about 30 characters, one change for each command.
//! `cargo bench` prints the tables; compare ratios, not numbers from two machines.
#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a workload that can't run has to stop the bench"
)]

use bytes::Bytes;
use warroom_engine::{
    BoardDocument, CardId, Chunk, ColumnId, Command, Position, Splice, TextTarget, UserId,
};
use warroom_protocol::guard::{CheckedChange, check_change};
use warroom_protocol::{Dice, DocumentId, Seed, Timestamp};

/// How many cards the boards have.
pub const SIZES: [usize; 3] = [100, 1_000, 10_000];

/// The three columns of a new room.
const COLUMNS: [&str; 3] = ["todo", "doing", "done"];

/// A replica with nothing on its board; its person, actor and dice grow from the number.
pub fn empty(number: u8) -> BoardDocument {
    opened(number, Vec::new())
}

/// A replica opened from what is stored.
pub fn opened(number: u8, chunks: Vec<Chunk>) -> BoardDocument {
    let person = UserId::new(&format!("p{number}")).expect("an id");
    let room = DocumentId::from_room_name("bench");
    let (mut board, report) = BoardDocument::open(room, person, Seed([number; 32]), chunks);
    assert!(report.quarantined.is_empty(), "every chunk was read");
    drop(board.take_deltas());
    board
}

/// The id of card `number`.
pub fn card(number: usize) -> CardId {
    CardId::new(&format!("card-{number}")).expect("an id")
}

fn column(number: usize) -> ColumnId {
    let name = COLUMNS.get(number % COLUMNS.len()).copied().unwrap_or("todo");
    ColumnId::new(name).expect("an id")
}

/// The command that creates card `number` at the end of its column.
pub fn add(number: usize) -> Command {
    let title = format!("Card {number}: find out why it is slow");
    Command::AddCard { id: card(number), column: column(number), title, position: Position::End }
}

/// A move of card `number` to a place that depends on `round`.
pub fn move_card(number: usize, round: usize) -> Command {
    let position = if round.is_multiple_of(2) { Position::Start } else { Position::End };
    Command::MoveCard { id: card(number), column: column(number + round), position }
}

/// Does what must succeed, and takes what a shell would take.
pub fn act(board: &mut BoardDocument, command: Command) {
    board.apply_command(Timestamp(1_800_000_000_000), command).expect("a command that fits");
    drop(board.take_deltas());
}

/// A replica that has created `cards` cards one by one.
pub fn built(number: u8, cards: usize) -> BoardDocument {
    let mut board = empty(number);
    for index in 0..cards {
        act(&mut board, add(index));
    }
    board
}

/// `count` edits of a board of `cards` cards: moves and titles in turn.
pub fn edit_many(board: &mut BoardDocument, cards: usize, count: usize, seed: u8) {
    let mut dice = Dice::new(Seed([seed; 32]));
    let end = u64::try_from(cards).unwrap_or(u64::MAX);
    for round in 0..count {
        let number = usize::try_from(dice.below(end)).unwrap_or(0);
        if round.is_multiple_of(2) {
            act(board, move_card(number, round));
        } else {
            let title = format!("Card {number}, edited in round {round}");
            act(board, Command::SetTitle { id: card(number), title });
        }
    }
}

/// One keystroke at the beginning of an open title, and the pause after it.
pub fn keystroke(board: &mut BoardDocument, number: usize, delete: u32) {
    let text = TextTarget::Title { card: card(number) };
    let insert = if delete == 0 { "x".to_owned() } else { String::new() };
    let splice = Splice { at: 0, delete, insert };
    act(board, Command::EditText { text: text.clone(), seen: 0, splice });
    act(board, Command::FlushText { text });
}

/// A board as one compacted chunk.
pub fn snapshot(board: &BoardDocument) -> Vec<Chunk> {
    vec![Chunk::new(Bytes::from(board.doc().save()))]
}

/// A board as a heap of change chunks, one for each change.
pub fn changes(board: &BoardDocument) -> Vec<Chunk> {
    let changes = board.doc().get_changes(&[]);
    changes.iter().map(|change| Chunk::new(Bytes::copy_from_slice(change.raw_bytes()))).collect()
}

/// What `board` has beyond the heads of `other`, checked as a receiver would.
pub fn beyond(board: &BoardDocument, other: &BoardDocument) -> Vec<CheckedChange> {
    let changes = board.doc().get_changes(&other.heads()).into_iter();
    changes
        .map(|change| check_change(&Bytes::copy_from_slice(change.raw_bytes())).expect("our own"))
        .collect()
}

/// Takes in what others did.
pub fn receive(board: &mut BoardDocument, changes: &[CheckedChange]) {
    board.receive_changes(Timestamp(1_800_000_000_000), changes).expect("our own");
    drop(board.take_deltas());
}
