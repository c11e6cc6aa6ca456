//! The floor: a server that copies each message to the other sockets of its room, and does nothing else. The room is
//! the path. Who can't keep up loses messages.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast;
use tokio::task::JoinSet;
use tokio_tungstenite::accept_hdr_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};

/// Messages that may wait for one socket.
const WAITING_MAX: usize = 1_024;

/// A message and who sent it.
type Copied = (usize, Message);
type Rooms = Arc<Mutex<BTreeMap<String, broadcast::Sender<Copied>>>>;

/// Serves until the process is killed; says where on standard output.
pub(crate) async fn serve(listen: SocketAddr) -> Result<()> {
    let listener = TcpListener::bind(listen).await?;
    println!("{}", listener.local_addr()?);
    let (rooms, mut sockets) = (Rooms::default(), JoinSet::new());
    for number in 0.. {
        let (stream, _) = listener.accept().await?;
        // a socket that breaks ends alone
        sockets.spawn(socket(number, stream, Arc::clone(&rooms)));
        while sockets.try_join_next().is_some() {}
    }
    Ok(())
}

async fn socket(number: usize, stream: TcpStream, rooms: Rooms) -> Result<()> {
    stream.set_nodelay(true)?;
    let mut room = String::new();
    #[expect(clippy::result_large_err, reason = "the library's own signature")]
    let path = |request: &Request, response: Response| -> Result<Response, ErrorResponse> {
        request.uri().path().clone_into(&mut room);
        Ok(response)
    };
    let (mut send, mut receive) = accept_hdr_async(stream, path).await?.split();
    let room = {
        let mut rooms = rooms.lock().unwrap_or_else(PoisonError::into_inner);
        rooms.entry(room).or_insert_with(|| broadcast::channel(WAITING_MAX).0).clone()
    };
    let mut others = room.subscribe();
    loop {
        tokio::select! {
            message = receive.next() => match message {
                Some(Ok(message @ Message::Binary(_))) => drop(room.send((number, message))),
                Some(Ok(Message::Close(_)) | Err(_)) | None => return Ok(()),
                Some(Ok(_)) => {}
            },
            copied = others.recv() => match copied {
                Ok((from, message)) if from != number => send.send(message).await?,
                Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => {}
                Err(broadcast::error::RecvError::Closed) => return Ok(()),
            },
        }
    }
}
