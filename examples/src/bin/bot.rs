//! A colleague without a screen: moves the first card of a column to the next, every few seconds, for all to see.
//!
//! `cargo run -p examples --bin bot -- ws://127.0.0.1:8080/sync ops 10` works ten times in the room `ops`.

use std::env;
use std::error::Error;
use std::io::Write as _;
use std::time::Duration;

use warroom_client::{Client, ClientOptions, Store, fresh_dice};
use warroom_engine::{
    Board, CardId, ColumnId, Command, Hover, Person, Phase, Position, Presence, UserId,
};
use warroom_protocol::DocumentId;

const USAGE: &str = "usage: bot RELAY ROOM [TIMES], as in: bot ws://127.0.0.1:8080/sync ops 10";
/// How long the bot holds a card, so that people see it move.
const HOLDS: Duration = Duration::from_secs(2);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let (relay, room) = (arguments.next().ok_or(USAGE)?, arguments.next().ok_or(USAGE)?);
    let times: u32 = arguments.next().map_or(Ok(10), |times| times.parse())?;
    let client = Client::open(ClientOptions {
        relay: Some(relay),
        token: None,
        board: DocumentId::from_room_name(&room),
        person: Person { id: UserId::new("bot")?, name: "Bot".to_owned(), colour: 7 },
        store: Store::Memory,
    })?;
    client.status_when(|status| status.phase == Phase::Saved).await?;
    furnish(&client).await?;
    for _ in 0..times {
        work(&client).await?;
    }
    client.close().await;
    Ok(())
}

/// Makes a card where the board has none to move.
async fn furnish(client: &Client) -> Result<(), Box<dyn Error>> {
    let board = client.board().await?;
    if next_move(&board).is_some() {
        return Ok(());
    }
    let column = board.columns().next().ok_or("the board has no columns")?.id.clone();
    let id = CardId::random(&mut fresh_dice()?);
    let (title, position) = ("Carried by a bot".to_owned(), Position::End);
    let edit = client.command(Command::AddCard { id, column, title, position }).await?;
    Ok(client.saved(edit).await?)
}

/// Carries one card to the next column, and waits until the relay has that on its disk.
async fn work(client: &Client) -> Result<(), Box<dyn Error>> {
    let Some((id, column)) = next_move(&client.board().await?) else { return Ok(()) };
    client.presence(Presence::Grab { cards: vec![id.clone()] }).await?;
    let hover = Some(Hover { column: column.clone(), before: None });
    client.presence(Presence::Carry { hover }).await?;
    tokio::time::sleep(HOLDS).await;
    let command = Command::MoveCard { id: id.clone(), column, position: Position::End };
    let edit = client.command(command).await?;
    client.presence(Presence::Release).await?;
    client.saved(edit).await?;
    writeln!(std::io::stdout(), "moved card {id}; the relay has it")?;
    Ok(())
}

/// The first card of the first column that has one, and the column after it, round and round.
fn next_move(board: &Board) -> Option<(CardId, ColumnId)> {
    let columns: Vec<_> = board.columns().collect();
    let at = columns.iter().position(|column| board.cards_in(&column.id).next().is_some())?;
    let card = board.cards_in(&columns.get(at)?.id).next()?;
    let target = columns.get(at + 1).or(columns.first())?;
    Some((card.id.clone(), target.id.clone()))
}
