//! What a person waits for in front of a screen: the board and a body from their projections, and a page of the activity.

use bytes::Bytes;
use warroom_engine::{
    ActivityPage, Answer, Board, Chunk, Command, Cursor, Delta, Output, Person, Question, Replica,
    RoomOptions, StorageState, TextTarget, body_id, talk_id,
};
use warroom_protocol::{DocumentId, Seed};

use crate::board::{card, person, room, time};
use crate::clock::timed;

/// Entries of a page of the activity: a screenful.
const PAGE: u32 = 50;

/// Milliseconds until each of these is there.
#[derive(Debug, Clone, Copy)]
pub struct Shown {
    /// The board as plain values, from the bytes of its projection.
    pub board_ms: f64,
    /// The body of a card, from the bytes of its projection.
    pub body_ms: f64,
    /// The first page of the activity of a board that was just opened, and the next one.
    pub pages_ms: (f64, f64),
}

fn open() -> Replica {
    let person = Person { id: person(1), name: "P1".to_owned(), colour: 0 };
    let storage = StorageState::Durable;
    let options = RoomOptions { board: room(), person, storage, breakdowns: Vec::new() };
    Replica::open(time(0), Seed([1; 32]), options)
}

fn outputs(replica: &mut Replica) -> Vec<Output> {
    std::iter::from_fn(|| replica.poll_output()).collect()
}

/// Opens a room in which nothing was said, whose board has these chunks, and the body of one of its cards.
fn opened(board: &[Chunk], number: usize) -> Replica {
    let mut replica = opened_room(board);
    open_body(&mut replica, number);
    replica
}

fn open_body(replica: &mut Replica, number: usize) {
    let text = TextTarget::Body { card: card(number) };
    replica.handle_command(time(0), Command::OpenText { text }).expect("a card that is there");
}

fn projection(outputs: &[Output], of: &DocumentId) -> Bytes {
    let found = outputs.iter().find_map(|output| {
        let Output::StoreProjection { document, bytes } = output else { return None };
        (document == of).then(|| bytes.clone())
    });
    found.expect("a projection")
}

/// Opens a room from what is stored of its board and of the body of one of its cards, as often as it takes.
///
/// # Panics
/// When something does not show.
pub fn shown(board: &[Chunk], (number, body): (usize, &Chunk)) -> Shown {
    let id = body_id(&room(), &card(number));
    let mut before = opened(board, number);
    before.handle_loaded(time(0), &id, vec![body.clone()]);
    before.handle_hidden(time(0));
    let kept = outputs(&mut before);
    let (kept_board, kept_body) = (projection(&kept, &room()), projection(&kept, &id));

    let mut replica = open();
    let (board_ms, view) = timed(|| {
        replica.handle_projection(time(0), &room(), Some(&kept_board));
        let json = outputs(&mut replica).into_iter().find_map(|output| {
            let Output::Projected { json } = output else { return None };
            Some(json)
        });
        let mut view = Board::default();
        view.apply(&json.as_deref().and_then(Delta::of_json).expect("a board"));
        view
    });
    assert!(Some(&view) == before.board(), "the projection is the board");

    let mut replica = opened(board, number);
    drop(outputs(&mut replica));
    let (body_ms, told) = timed(|| {
        replica.handle_projection(time(0), &id, Some(&kept_body));
        outputs(&mut replica)
    });
    let is_text = |output: &Output| {
        matches!(output, Output::Deltas(deltas)
            if matches!(deltas.as_slice(), [Delta::TextProjected { .. }]))
    };
    assert!(told.iter().any(is_text), "the body shows");
    let (first_ms, first) = timed(|| page(&mut before, None));
    let (next_ms, _) = timed(|| page(&mut before, first.next));
    Shown { board_ms, body_ms, pages_ms: (first_ms, next_ms) }
}

/// A room in which nothing was said, opened from what is stored of its board.
///
/// # Panics
/// When it can't be opened.
pub fn opened_room(board: &[Chunk]) -> Replica {
    let mut replica = open();
    replica.handle_loaded(time(0), &room(), board.to_vec());
    replica.handle_loaded(time(0), &talk_id(&room()), Vec::new());
    drop(outputs(&mut replica));
    replica
}

/// A screenful of the activity, from the newest entry or from where the page before ended.
///
/// # Panics
/// When no answer comes.
pub fn page(replica: &mut Replica, before: Option<Cursor>) -> ActivityPage {
    let asked = Question::Activity { card: None, before, limit: PAGE };
    replica.handle_question(time(0), 1, asked);
    let answer = outputs(replica).into_iter().find_map(|output| {
        let Output::Answer { answer: Ok(Answer::Activity { page }), .. } = output else {
            return None;
        };
        Some(page)
    });
    answer.expect("a page")
}
