//! The native shell around the engine: a room of War Room for programs, bots, load tests and tools.
//!
//! [`Client::open`] starts one task that owns the engine's `Replica` and drives it: it reads and writes a [`Store`],
//! keeps a WebSocket to a relay and calls the machine when its time comes. A [`Client`] is a handle to that task;
//! clones share it. Commands are answered at once, whether or not there is a relay; [`Client::saved`] waits until the
//! relay has an edit on its disk.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use warroom_client::{Client, ClientOptions, Store};
//! use warroom_engine::{ColumnId, Command, Person, Position, UserId};
//! use warroom_protocol::DocumentId;
//!
//! let client = Client::open(ClientOptions {
//!     relay: Some("ws://127.0.0.1:8080/sync".to_owned()),
//!     token: None,
//!     board: DocumentId::from_room_name("ops"),
//!     person: Person { id: UserId::new("robot")?, name: "Robot".to_owned(), colour: 4 },
//!     store: Store::Directory("ops-data".into()),
//! })?;
//! let edit = client
//!     .command(Command::AddColumn {
//!         id: ColumnId::new("ideas")?,
//!         title: "Ideas".to_owned(),
//!         role: None,
//!         position: Position::End,
//!     })
//!     .await?;
//! client.saved(edit).await?;
//! client.close().await;
//! # Ok(())
//! # }
//! ```

mod client;
mod clock;
mod connection;
mod dice;
mod driver;
mod error;
pub mod limits;
mod spawn;
mod store;

pub use client::{Client, ClientOptions, EditNumber};
pub use dice::fresh_dice;
pub use error::{ClientError, OpenError};
pub use store::Store;
