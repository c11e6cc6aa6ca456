//! What happened to a card, and the board an hour ago: `cargo run -p examples --bin history`.
//!
//! Nothing of it was stored: the changes of the document are the history.

use std::error::Error;
use std::io::Write as _;

use warroom_engine::{BoardDocument, Card, CardId, ColumnId, Command, Moment, Position, UserId};
use warroom_protocol::{Dice, DocumentId, Seed, Timestamp};

const MINUTE: u64 = 60_000;
const MORNING: u64 = 1_767_250_800_000;

fn main() -> Result<(), Box<dyn Error>> {
    let mut dice = Dice::new(Seed([7; 32]));
    let room = DocumentId::from_room_name("example");
    let (mut board, _) = BoardDocument::open(room, UserId::new("adam")?, dice.fork(), Vec::new());
    let card = CardId::random(&mut dice);
    let (todo, doing, done) =
        (ColumnId::new("todo")?, ColumnId::new("doing")?, ColumnId::new("done")?);

    let title = |title: &str| Command::SetTitle { id: card.clone(), title: title.to_owned() };
    let to = |column| Command::MoveCard { id: card.clone(), column, position: Position::End };
    let (id, position) = (card.clone(), Position::End);
    let add = Command::AddCard { id, column: todo, title: "Ship it".to_owned(), position };
    let day = [(0, add), (20, to(doing)), (50, title("Ship it on Friday")), (110, to(done))];
    for (minutes, command) in day {
        board.apply_command(Timestamp(MORNING + minutes * MINUTE), command)?;
    }
    let now = Timestamp(MORNING + 120 * MINUTE);

    let mut out = std::io::stdout();
    writeln!(out, "What happened to the card, newest first:")?;
    let mut before = None;
    loop {
        let page = board.card_activity(&card, None, before, 2);
        for entry in &page.entries {
            let minutes = (entry.at.unsigned_abs() - MORNING) / MINUTE;
            writeln!(out, "  minute {minutes:>3}, {}: {:?}", entry.by, entry.what)?;
        }
        before = page.next;
        if before.is_none() {
            break;
        }
    }

    let hour_ago = Moment::Time { at: now.0 - 60 * MINUTE };
    let past = board.board_at(now, &hour_ago).ok_or("a time is always a moment")?;
    let shown = |card: Option<&Card>| card.map(|card| format!("{} in {}", card.title, card.column));
    writeln!(out, "Now: {:?}", shown(board.board().card(&card)))?;
    writeln!(out, "An hour ago: {:?}", shown(past.card(&card)))?;
    let is_right = past.card(&card).is_some_and(|card| card.title == "Ship it on Friday");
    if is_right { Ok(()) } else { Err("the board of an hour ago is another".into()) }
}
