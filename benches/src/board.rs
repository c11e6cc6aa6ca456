//! The workloads on a board's document.

use automerge::ChangeHash;
use bytes::Bytes;
use warroom_engine::{
    Board, BoardDocument, CardId, Chunk, ColumnId, Command, LabelId, Position, Splice, TextTarget,
    UserId,
};
use warroom_protocol::guard::{CheckedChange, check_change};
use warroom_protocol::{DocumentId, Seed, Timestamp};

use crate::script::{COLUMNS, Edit, LABELS, Script, To, title};

/// Milliseconds between two edits of a script.
const EDIT_EVERY_MS: u64 = 10_000;

/// A moment for edit `round`: ten seconds after that for the one before.
pub fn time(round: usize) -> Timestamp {
    let round = u64::try_from(round).unwrap_or(0);
    Timestamp(1_800_000_000_000 + round * EDIT_EVERY_MS)
}

/// A replica with nothing on its board; its person, actor and dice grow from the number.
pub fn empty(number: u8) -> BoardDocument {
    opened(number, Vec::new())
}

/// The document of the board.
pub(crate) fn room() -> DocumentId {
    DocumentId::from_room_name("bench")
}

/// The person of replica `number`.
pub(crate) fn person(number: u8) -> UserId {
    UserId::new(&format!("p{number}")).expect("an id")
}

/// A replica opened from what is stored.
pub fn opened(number: u8, chunks: Vec<Chunk>) -> BoardDocument {
    let seed = Seed([number; 32]);
    let (mut board, report) = BoardDocument::open(room(), person(number), seed, chunks);
    assert!(report.quarantined.is_empty(), "every chunk was read");
    drop(board.take_deltas());
    board
}

/// The id of card `number`: 22 characters, as the ids have that people's devices draw.
pub fn card(number: usize) -> CardId {
    CardId::new(&format!("card-{number:017}")).expect("an id")
}

fn column(number: usize) -> ColumnId {
    let name = COLUMNS.get(number % COLUMNS.len()).copied().unwrap_or("todo");
    ColumnId::new(name).expect("an id")
}

fn label(number: usize) -> LabelId {
    let name = LABELS.get(number % LABELS.len()).copied().unwrap_or("bug");
    LabelId::new(name).expect("an id")
}

/// The command that creates card `number` at the end of its column.
pub fn add(number: usize) -> Command {
    let (id, column) = (card(number), column(number));
    Command::AddCard { id, column, title: title(number), position: Position::End }
}

/// A move of card `number` to a place that depends on `round`.
pub fn move_card(number: usize, round: usize) -> Command {
    let position = if round.is_multiple_of(2) { Position::Start } else { Position::End };
    Command::MoveCard { id: card(number), column: column(number + round), position }
}

/// Does what must succeed, and takes what a shell would take.
pub fn act(board: &mut BoardDocument, command: Command) {
    act_at(board, 0, command);
}

fn act_at(board: &mut BoardDocument, round: usize, command: Command) {
    board.apply_command(time(round), command).expect("a command that fits");
    drop(board.take_deltas());
}

/// Makes the labels that scripts put on cards.
pub fn label_all(board: &mut BoardDocument) {
    for (number, name) in LABELS.iter().enumerate() {
        let (id, name) = (label(number), (*name).to_owned());
        act(board, Command::AddLabel { id, name, colour: None });
    }
}

/// A replica that has created `cards` cards one by one.
pub fn built(number: u8, cards: usize) -> BoardDocument {
    let mut board = empty(number);
    for index in 0..cards {
        act(&mut board, add(index));
    }
    board
}

/// A board of `cards` cards with `edits` edits behind it, as one compacted chunk.
pub fn stored_board(cards: usize, edits: usize) -> Vec<Chunk> {
    let mut board = built(1, cards);
    label_all(&mut board);
    edit_many(&mut board, Script::new(cards, 1), edits);
    snapshot(&board)
}

/// `count` edits of a script. Those of bodies leave their mark on the board; their text is in documents of their own.
pub fn edit_many(board: &mut BoardDocument, script: Script, count: usize) {
    for (round, edit) in script.take(count).enumerate() {
        edit_board(board, round, edit);
    }
}

/// One edit of a script.
pub fn edit_board(board: &mut BoardDocument, round: usize, edit: Edit) {
    if let Some(command) = command_of(board.board(), edit) {
        return act_at(board, round, command);
    }
    if let Edit::Body { card: number, at: _ } = edit {
        board.note_body_edit(time(round), &card(number)).expect("a card of the script");
        drop(board.take_deltas());
    }
}

/// The command for an edit; none for that of a body, which is another document.
pub(crate) fn command_of(board: &Board, edit: Edit) -> Option<Command> {
    Some(match edit {
        Edit::Move { card: number, column: to_column, to } => {
            let position = match to {
                To::Start => Position::Start,
                To::End => Position::End,
            };
            Command::MoveCard { id: card(number), column: column(to_column), position }
        }
        Edit::Title { card: number, at, insert } => {
            let id = card(number);
            let before = board.card(&id).map(|card| card.title.as_str());
            let before = before.expect("a card of the script");
            let (head, tail) = before.split_at(at);
            let title = format!("{head}{insert}{}", tail.get(insert.len()..).unwrap_or_default());
            Command::SetTitle { id, title }
        }
        Edit::Body { .. } => return None,
        Edit::Label { card: number, label: index } => {
            Command::AttachLabel { id: card(number), label: label(index) }
        }
        Edit::Create { card: number, column: into } => {
            let (id, column, title) = (card(number), column(into), title(number));
            Command::AddCard { id, column, title, position: Position::End }
        }
        Edit::Delete { card: number } => Command::DeleteCard { id: card(number) },
    })
}

/// One keystroke at the beginning of an open title, and the pause after it.
pub fn keystroke(board: &mut BoardDocument, number: usize) {
    let text = TextTarget::Title { card: card(number) };
    let splice = Splice { at: 0, delete: 0, insert: "x".to_owned() };
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

/// What `board` has beyond `heads`, checked as a receiver would.
pub fn beyond(board: &BoardDocument, heads: &[ChangeHash]) -> Vec<CheckedChange> {
    let changes = board.doc().get_changes(heads).into_iter();
    changes
        .map(|change| check_change(&Bytes::copy_from_slice(change.raw_bytes())).expect("our own"))
        .collect()
}

/// Takes in what others did, and takes what a shell would take: the deltas and the chunk.
pub fn receive(board: &mut BoardDocument, changes: &[CheckedChange]) {
    board.receive_changes(time(0), changes).expect("our own");
    drop(board.take_deltas());
    drop(board.take_new_chunk());
}
