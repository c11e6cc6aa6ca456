//! One WebSocket to a relay, from dialing to its end.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::http::header::AUTHORIZATION;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};
use warroom_protocol::ConnectionId;
use warroom_protocol::limits::FRAME_BYTES_MAX;

use crate::clock::Clock;
use crate::error::OpenError;
use crate::limits::{CONNECT_WITHIN, PING_AFTER, PINGS_UNANSWERED_MAX, WRITE_WITHIN};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;
type Call = tungstenite::handshake::client::Request;

/// What happened on a connection. After `Failed` or `Closed` nothing more does.
#[derive(Debug)]
pub(crate) enum Event {
    /// It is open.
    Open,
    /// It never opened.
    Failed,
    /// A frame arrived.
    Frame(Bytes),
    /// It ended.
    Closed,
}

/// The events of all connections, in order for each.
pub(crate) type Events = mpsc::Sender<(ConnectionId, Event)>;

/// How to call the relay.
///
/// # Errors
/// [`OpenError::Address`], [`OpenError::Token`].
pub(crate) fn call(relay: &str, token: Option<&str>) -> Result<Call, OpenError> {
    let mut call =
        relay.into_client_request().map_err(|error| OpenError::Address(error.to_string()))?;
    if call.uri().scheme_str() != Some("ws") {
        // TLS to the relay ends at a proxy beside this program, or at none on the same machine
        return Err(OpenError::Address(format!("{relay} does not begin with ws://")));
    }
    if let Some(token) = token {
        let value = HeaderValue::from_str(&format!("Bearer {token}"));
        call.headers_mut().insert(AUTHORIZATION, value.map_err(|_| OpenError::Token)?);
    }
    Ok(call)
}

/// Dials, then carries frames both ways until either end closes. Ends when `frames` does.
pub(crate) async fn run(
    connection: ConnectionId,
    call: Call,
    events: Events,
    mut frames: mpsc::Receiver<Bytes>,
) {
    // nobody is left to tell when sending an event fails, and then there is nothing more to do
    match dial(call).await {
        Ok(socket) => {
            if events.send((connection, Event::Open)).await.is_ok() {
                if let Err(error) = carry(connection, socket, &events, &mut frames).await {
                    tracing::info!(connection_id = connection.0, %error, "the connection ended");
                }
                drop(events.send((connection, Event::Closed)).await);
            }
        }
        Err(error) => {
            tracing::info!(connection_id = connection.0, %error, "the relay was not reached");
            drop(events.send((connection, Event::Failed)).await);
        }
    }
}

async fn dial(call: Call) -> Result<Socket, tungstenite::Error> {
    let config = WebSocketConfig::default()
        .max_message_size(Some(FRAME_BYTES_MAX))
        .max_frame_size(Some(FRAME_BYTES_MAX));
    let dialed = tokio_tungstenite::connect_async_with_config(call, Some(config), true);
    let Some(dialed) = Clock::within(CONNECT_WITHIN, dialed).await else { return Err(late()) };
    Ok(dialed?.0)
}

/// Carries frames until the owner has no more, which closes the socket, or the relay closes it.
async fn carry(
    connection: ConnectionId,
    mut socket: Socket,
    events: &Events,
    frames: &mut mpsc::Receiver<Bytes>,
) -> Result<(), tungstenite::Error> {
    let mut unanswered = 0;
    loop {
        tokio::select! {
            frame = frames.recv() => match frame {
                Some(frame) => write(&mut socket, Message::Binary(frame)).await?,
                None => return within_write(socket.close(None)).await,
            },
            message = Clock::within(PING_AFTER, socket.next()) => match message {
                None if unanswered == PINGS_UNANSWERED_MAX => return Err(late()),
                None => {
                    unanswered += 1;
                    write(&mut socket, Message::Ping(Bytes::new())).await?;
                }
                Some(None | Some(Ok(Message::Close(_)))) => return Ok(()),
                Some(Some(message)) => {
                    unanswered = 0;
                    if let Message::Binary(frame) = message?
                        && events.send((connection, Event::Frame(frame))).await.is_err()
                    {
                        return within_write(socket.close(None)).await;
                    }
                }
            },
        }
    }
}

async fn write(socket: &mut Socket, message: Message) -> Result<(), tungstenite::Error> {
    within_write(socket.send(message)).await
}

async fn within_write(
    work: impl Future<Output = Result<(), tungstenite::Error>>,
) -> Result<(), tungstenite::Error> {
    let limit: Duration = WRITE_WITHIN;
    Clock::within(limit, work).await.unwrap_or_else(|| Err(late()))
}

fn late() -> tungstenite::Error {
    tungstenite::Error::Io(std::io::ErrorKind::TimedOut.into())
}
