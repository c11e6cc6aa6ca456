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
use crate::limits::{CLOSE_WITHIN, CONNECT_WITHIN, PING_AFTER, PINGS_UNANSWERED_MAX, WRITE_WITHIN};

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
    clock: Clock,
    events: Events,
    mut frames: mpsc::Receiver<Bytes>,
) {
    // nobody is left to tell when sending an event fails, and then there is nothing more to do
    match dial(call).await {
        Ok(socket) => {
            if events.send((connection, Event::Open)).await.is_ok() {
                if let Err(error) = carry(connection, socket, clock, &events, &mut frames).await {
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

/// Carries frames until the owner has no more, which closes the socket, or the relay closes it. What the owner handed
/// over is written first, also when it listens no longer.
async fn carry(
    connection: ConnectionId,
    mut socket: Socket,
    clock: Clock,
    events: &Events,
    frames: &mut mpsc::Receiver<Bytes>,
) -> Result<(), tungstenite::Error> {
    let mut unanswered = 0;
    // only what arrives puts it off: what is written to a line that is dead looks sent for a quarter of an hour
    let mut silent_at = clock.now() + PING_AFTER;
    loop {
        tokio::select! {
            frame = frames.recv() => match frame {
                Some(frame) => write(&mut socket, Message::Binary(frame)).await?,
                None => return part(&mut socket).await,
            },
            message = socket.next() => match message {
                None | Some(Ok(Message::Close(_))) => return Ok(()),
                Some(message) => {
                    if let Message::Binary(frame) = message? {
                        // an owner that is closing listens no more
                        drop(events.send((connection, Event::Frame(frame))).await);
                    }
                    unanswered = 0;
                    silent_at = clock.now() + PING_AFTER;
                }
            },
            () = clock.sleep_until(Some(silent_at)) => {
                if unanswered == PINGS_UNANSWERED_MAX {
                    return Err(late());
                }
                unanswered += 1;
                silent_at = clock.now() + PING_AFTER;
                write(&mut socket, Message::Ping(Bytes::new())).await?;
            }
        }
    }
}

/// Says that this is the end, and reads until the relay has said so too: it says so when it has read everything. A
/// socket that is given up with bytes unread takes along what it has still to send.
async fn part(socket: &mut Socket) -> Result<(), tungstenite::Error> {
    let parting = async {
        socket.close(None).await?;
        while let Some(message) = socket.next().await {
            drop(message?);
        }
        Ok(())
    };
    Clock::within(CLOSE_WITHIN, parting).await.unwrap_or_else(|| Err(late()))
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

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;
    use tokio_tungstenite::accept_async;

    use super::*;

    const FRAMES: usize = 64;
    const FRAME_BYTES: usize = 256 * 1024;

    /// A relay that goes on talking once the first frame has arrived. Returns how many frames arrived, and whether the
    /// close did.
    async fn talkative_relay(listener: TcpListener) -> (usize, bool) {
        let (stream, _) = listener.accept().await.unwrap();
        let mut socket = accept_async(stream).await.unwrap();
        socket.send(Message::binary(vec![0; 8])).await.unwrap();
        let mut received = 0;
        while let Some(message) = socket.next().await {
            match message {
                Ok(Message::Binary(_)) => received += 1,
                Ok(Message::Close(_)) => return (received, true),
                Ok(_) => {}
                Err(_) => break,
            }
            if received == 1 {
                for _ in 0..256 {
                    socket.send(Message::binary(vec![0; 256])).await.unwrap();
                }
            }
        }
        (received, false)
    }

    /// Hands frames over, then has no more; goes on listening or not.
    async fn owner(
        frames: mpsc::Sender<Bytes>,
        mut heard: mpsc::Receiver<(ConnectionId, Event)>,
        listens: bool,
    ) {
        assert!(matches!(heard.recv().await, Some((_, Event::Open))));
        assert!(matches!(heard.recv().await, Some((_, Event::Frame(_)))));
        for _ in 0..FRAMES {
            frames.try_send(vec![0; FRAME_BYTES].into()).unwrap();
        }
        drop(frames);
        while listens && !matches!(heard.recv().await, Some((_, Event::Closed))) {}
    }

    #[tokio::test]
    async fn what_was_handed_over_arrives_though_the_relay_goes_on_talking() {
        for listens in [true, false] {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = format!("ws://{}/sync", listener.local_addr().unwrap());
            let (events, heard) = mpsc::channel(1);
            let (frames, waiting) = mpsc::channel(FRAMES);
            let run = run(
                ConnectionId(1),
                call(&address, None).unwrap(),
                Clock::start(),
                events,
                waiting,
            );
            let ((), (), arrived) =
                tokio::join!(run, owner(frames, heard, listens), talkative_relay(listener));
            assert_eq!(arrived, (FRAMES, true), "listens: {listens}");
        }
    }

    #[tokio::test]
    async fn a_relay_that_says_nothing_is_given_up_however_much_it_is_told() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("ws://{}/sync", listener.local_addr().unwrap());
        let clock = Clock::start();
        let (events, mut heard) = mpsc::channel(1);
        let (frames, waiting) = mpsc::channel(1);
        let run = run(ConnectionId(1), call(&address, None).unwrap(), clock, events, waiting);
        let silent_relay = async {
            let (stream, _) = listener.accept().await.unwrap();
            accept_async(stream).await.unwrap()
        };
        let owner = async {
            assert!(matches!(heard.recv().await, Some((_, Event::Open))));
            tokio::time::pause();
            let patience = PING_AFTER * (PINGS_UNANSWERED_MAX + 2);
            let until = clock.now() + patience;
            while clock.now() < until {
                let frame = Bytes::from_static(b"a heartbeat");
                if frames.send(frame).await.is_err() {
                    return;
                }
                clock.sleep_until(Some(clock.now() + PING_AFTER / 2)).await;
            }
            panic!("the connection lives after {patience:?} of silence");
        };
        let (_silent, (), ()) = tokio::join!(silent_relay, run, owner);
        assert!(matches!(heard.recv().await, Some((_, Event::Closed))));
    }
}
