//! People with the native client: real engines that edit one room and wait until the relay has their edits.

use std::net::SocketAddr;

use warroom_client::{Client, ClientOptions, Store};
use warroom_engine::{Board, ColumnId, Command, Person, Phase, Position, UserId};
use warroom_protocol::DocumentId;

use crate::relay::{promptly, within};

/// Opens `room` as `user`, without a disk.
pub(crate) fn open(address: SocketAddr, room: &str, user: &str) -> Client {
    let options = ClientOptions {
        relay: Some(format!("ws://{address}/sync")),
        token: None,
        board: DocumentId::from_room_name(room),
        person: Person { id: UserId::new(user).unwrap(), name: user.to_owned(), colour: 1 },
        store: Store::Memory,
    };
    Client::open(options).unwrap()
}

fn column(id: &str) -> ColumnId {
    ColumnId::new(id).unwrap()
}

/// A command that adds a column whose title is its id.
pub(crate) fn add_column(id: &str) -> Command {
    Command::AddColumn { id: column(id), title: id.to_owned(), role: None, position: Position::End }
}

/// Whether the column is there and bears this title.
pub(crate) fn is_titled(board: &Board, id: &str, title: &str) -> bool {
    board.column(&column(id)).is_some_and(|column| column.title == title)
}

/// Two people in one room.
pub(crate) struct Pair {
    room: String,
    pub(crate) adam: Client,
    pub(crate) bea: Client,
    turns: u32,
}

impl Pair {
    /// Both are in the room and have seen each other's first edit.
    pub(crate) async fn open(address: SocketAddr, room: &str) -> Self {
        let (adam, bea) = (open(address, room, "adam"), open(address, room, "bea"));
        let edit = adam.command(add_column("talk")).await.unwrap();
        within("the first edit", adam.saved(edit)).await.unwrap();
        let mut pair = Self { room: room.to_owned(), adam, bea, turns: 0 };
        pair.exchange().await;
        pair
    }

    /// Each makes an edit, the relay acknowledges it, the other sees it; all within a few seconds.
    pub(crate) async fn exchange(&mut self) {
        self.turns += 1;
        for (writer, reader, name) in
            [(&self.adam, &self.bea, "adam"), (&self.bea, &self.adam, "bea")]
        {
            let title = format!("{name} {}", self.turns);
            let what = format!("{title} in {}", self.room);
            let command = Command::RenameColumn { id: column("talk"), title: title.clone() };
            let edit = promptly(&what, writer.command(command)).await.unwrap();
            promptly(&what, writer.saved(edit)).await.unwrap();
            promptly(&what, reader.board_when(|board| is_titled(board, "talk", &title)))
                .await
                .unwrap();
        }
    }

    /// How many times they wrote to each other.
    pub(crate) fn turns(&self) -> u32 {
        self.turns
    }

    /// Waits until both show the same and everything is on the relay.
    pub(crate) async fn converge(&self) {
        for person in [&self.adam, &self.bea] {
            promptly("saved", person.status_when(|status| status.phase == Phase::Saved))
                .await
                .unwrap();
        }
        let board = self.adam.board().await.unwrap();
        promptly("one board", self.bea.board_when(|other| *other == board)).await.unwrap();
    }

    /// Both leave.
    pub(crate) async fn close(self) {
        self.adam.close().await;
        self.bea.close().await;
    }
}
