//! Two people work on one board without any network, then meet: `cargo run -p examples --bin two_replicas`.
//!
//! The engine's `Replica` does no I/O. Here nothing stores, nothing dials, and "meeting" means handing the frames of one
//! to the other, as two tabs of a browser do.

use std::error::Error;
use std::io::Write as _;

use warroom_engine::{
    CardId, ColumnId, Command, ConnectionKind, Output, Person, Position, Replica, RoomOptions,
    StorageState, UserId,
};
use warroom_protocol::{ConnectionId, Dice, DocumentId, Seed, Timestamp};

/// The only connection of each.
const EACH_OTHER: ConnectionId = ConnectionId(1);
const NOW: Timestamp = Timestamp(1_767_225_600_000);

fn main() -> Result<(), Box<dyn Error>> {
    let mut dice = Dice::new(Seed([7; 32]));
    // every new board has these two columns
    let (todo, done) = (ColumnId::new("todo")?, ColumnId::new("done")?);
    let card = CardId::random(&mut dice);
    let (mut adam, mut bea) = (open(&mut dice, "adam")?, open(&mut dice, "bea")?);

    let (id, title, position) = (card.clone(), "Ship it".to_owned(), Position::End);
    adam.handle_command(NOW, Command::AddCard { id, column: todo, title, position })?;
    meet(&mut adam, &mut bea);

    // apart: one moves the card while the other renames it
    let (id, position) = (card.clone(), Position::Start);
    adam.handle_command(NOW, Command::MoveCard { id, column: done, position })?;
    let title = "Ship it on Friday".to_owned();
    bea.handle_command(NOW, Command::SetTitle { id: card, title })?;
    meet(&mut adam, &mut bea);

    let mut out = std::io::stdout();
    for (name, replica) in [("Adam", &adam), ("Bea", &bea)] {
        let board = replica.board().ok_or("the board was opened")?;
        for column in board.columns() {
            let titles: Vec<_> = board.cards_in(&column.id).map(|card| &card.title).collect();
            writeln!(out, "{name} sees {}: {titles:?}", column.title)?;
        }
    }
    if adam.board() == bea.board() { Ok(()) } else { Err("they see different boards".into()) }
}

/// A replica that has nothing stored.
fn open(dice: &mut Dice, user: &str) -> Result<Replica, Box<dyn Error>> {
    let board = DocumentId::from_room_name("example");
    let person = Person { id: UserId::new(user)?, name: user.to_owned(), colour: 0 };
    let options = RoomOptions {
        board: board.clone(),
        person,
        storage: StorageState::MemoryOnly,
        breakdowns: Vec::new(),
    };
    let mut replica = Replica::open(NOW, dice.fork(), options);
    replica.handle_loaded(NOW, &board, Vec::new());
    Ok(replica)
}

/// Connects two replicas, carries frames until both are silent, and parts them again.
fn meet(a: &mut Replica, b: &mut Replica) {
    let (to_a, to_b) = (a.peer_id().clone(), b.peer_id().clone());
    a.handle_connected(NOW, EACH_OTHER, ConnectionKind::Tab { peer: to_b });
    b.handle_connected(NOW, EACH_OTHER, ConnectionKind::Tab { peer: to_a });
    while carry(a, b) | carry(b, a) {}
    a.handle_disconnected(NOW, EACH_OTHER);
    b.handle_disconnected(NOW, EACH_OTHER);
}

/// Carries what one has to say to the other. False when it has nothing to say.
fn carry(from: &mut Replica, to: &mut Replica) -> bool {
    let mut has_said = false;
    while let Some(output) = from.poll_output() {
        if let Output::Send { connection: _, frame } = output {
            to.handle_received(NOW, EACH_OTHER, &frame);
            has_said = true;
        }
    }
    has_said
}
