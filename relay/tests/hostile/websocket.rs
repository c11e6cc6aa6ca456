//! Goal: the relay takes every WebSocket that RFC 6455 allows and closes what it forbids, with the right code. Method:
//! bytes over TCP, one connection a row, after the cases of the Autobahn test suite that concern a server which takes
//! binary messages and compresses nothing.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use warroom_protocol::PeerId;
use warroom_protocol::wire::{Frame, PeerMetadata};

use crate::relay::{PATIENCE, Relay};

const CONTINUATION: u8 = 0;
const TEXT: u8 = 1;
const BINARY: u8 = 2;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;
const FIN: u8 = 0x80;
const MASKED: u8 = 0x80;
/// The length follows in 2 bytes, or in 8.
const LENGTH_IN_2: u8 = 0x7e;
const LENGTH_IN_8: u8 = 0x7f;
const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// What must come of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Outcome {
    /// The join is answered, after pongs with these payloads.
    Joined(Vec<Vec<u8>>),
    /// A close frame with this code, or with none, and nothing but an error before it.
    Closed(Option<u16>),
}

struct Row {
    name: String,
    bytes: Vec<u8>,
    outcome: Outcome,
}

fn row(name: impl Into<String>, frames: &[Vec<u8>], outcome: Outcome) -> Row {
    Row { name: name.into(), bytes: frames.concat(), outcome }
}

/// A masked frame; `head` is its first byte.
fn frame(head: u8, payload: &[u8]) -> Vec<u8> {
    let mut out = vec![head];
    match payload.len() {
        length @ 0..126 => out.push(MASKED | length as u8),
        length @ 126..0x1_0000 => {
            out.push(MASKED | LENGTH_IN_2);
            out.extend_from_slice(&(length as u16).to_be_bytes());
        }
        length => {
            out.push(MASKED | LENGTH_IN_8);
            out.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    out.extend_from_slice(&KEY);
    out.extend(payload.iter().zip(KEY.iter().cycle()).map(|(byte, key)| byte ^ key));
    out
}

fn close(code: u16, reason: &[u8]) -> Vec<u8> {
    frame(FIN | CLOSE, &[&code.to_be_bytes(), reason].concat())
}

fn join() -> Vec<u8> {
    let metadata = PeerMetadata { is_ephemeral: true, ..PeerMetadata::default() };
    let (sender_id, protocol_versions) = (PeerId::new("raw").unwrap(), vec!["1".to_owned()]);
    Frame::Join { sender_id, metadata, protocol_versions }.encode().to_vec()
}

/// The join in pieces of this many bytes, each followed by `between`.
fn pieces(bytes: usize, between: &[u8]) -> Vec<u8> {
    let join = join();
    let count = join.chunks(bytes).count();
    let piece = |(index, piece): (usize, &[u8])| {
        let code = if index == 0 { BINARY } else { CONTINUATION };
        let fin = if index + 1 == count { FIN } else { 0 };
        let between = if index + 1 == count { &[] } else { between };
        [frame(fin | code, piece), between.to_vec()].concat()
    };
    join.chunks(bytes).enumerate().flat_map(piece).collect()
}

fn allowed() -> Vec<Row> {
    let whole = frame(FIN | BINARY, &join());
    let ping = |payload: &[u8]| frame(FIN | PING, payload);
    let joined = || Outcome::Joined(Vec::new());
    let pongs = |pongs: &[&[u8]]| Outcome::Joined(pongs.iter().map(|pong| pong.to_vec()).collect());
    let halves = join().len().div_ceil(2);
    vec![
        row("one frame", std::slice::from_ref(&whole), joined()),
        row("a piece for each byte", &[pieces(1, &[])], joined()),
        row("empty pieces", &[pieces(halves, &frame(CONTINUATION, &[]))], joined()),
        row("a ping between the pieces", &[pieces(halves, &ping(b"?"))], pongs(&[b"?"])),
        row("an empty ping", &[ping(&[]), whole.clone()], pongs(&[&[]])),
        row("a ping of bytes", &[ping(&[0, 255, 254]), whole.clone()], pongs(&[&[0, 255, 254]])),
        row("the longest ping", &[ping(&[7; 125]), whole.clone()], pongs(&[&[7; 125]])),
        row("a pong that nobody asked for", &[frame(FIN | PONG, b"!"), whole.clone()], joined()),
        row("pongs between the pieces", &[pieces(9, &frame(FIN | PONG, &[]))], joined()),
    ]
}

fn forbidden() -> Vec<Row> {
    let refused = || Outcome::Closed(Some(1002));
    let whole = |head: u8, payload: &[u8]| frame(FIN | head, payload);
    let mut unmasked = vec![FIN | BINARY, join().len() as u8];
    unmasked.extend(join());
    let mut endless = frame(FIN | BINARY, &[]);
    endless.splice(1..2, [0xff].into_iter().chain([0xff; 8]));
    let mut rows = vec![
        row("no mask", &[unmasked], refused()),
        row("a ping of 126 bytes", &[whole(PING, &[0; 126])], refused()),
        row("a pong of 126 bytes", &[whole(PONG, &[0; 126])], refused()),
        row("a close of 126 bytes", &[close(1000, &[b'a'; 124])], refused()),
        row("a ping in pieces", &[frame(PING, b"a"), frame(FIN | CONTINUATION, b"b")], refused()),
        row("a continuation of nothing", &[whole(CONTINUATION, b"a")], refused()),
        row("a message within a message", &[frame(BINARY, b"a"), whole(BINARY, b"b")], refused()),
        row("2^64 - 1 bytes", &[endless], Outcome::Closed(Some(1009))),
    ];
    for bit in [0x40, 0x20, 0x10, 0x70] {
        rows.push(row(
            format!("reserved bits {bit:#x}"),
            &[whole(bit | BINARY, &join())],
            refused(),
        ));
        rows.push(row(format!("a ping with {bit:#x}"), &[whole(bit | PING, b"a")], refused()));
    }
    for code in (3..8).chain(11..16) {
        rows.push(row(format!("opcode {code}"), &[whole(code, b"a")], refused()));
    }
    let text = || Outcome::Closed(Some(1003));
    for (name, bytes) in [
        ("a text", "ä€🦀".as_bytes()),
        ("an overlong text", b"\xc0\xaf"),
        ("a surrogate", b"\xed\xa0\x80"),
        ("half a character", b"\xf0\x9f\xa6"),
    ] {
        rows.push(row(name, &[whole(TEXT, bytes)], text()));
    }
    let (one, two) = "€".as_bytes().split_at(1);
    let split = [frame(TEXT, one), frame(FIN | CONTINUATION, two)];
    rows.push(row("a character in two pieces", &split, text()));
    rows
}

fn closes() -> Vec<Row> {
    let closed = |code: u16| Outcome::Closed(Some(code));
    let mut rows = vec![
        row("no code", &[frame(FIN | CLOSE, &[])], Outcome::Closed(None)),
        row("half a code", &[frame(FIN | CLOSE, &[3])], closed(1002)),
        row("a reason", &[close(1000, "tschüß".as_bytes())], closed(1000)),
        row("a reason of 123 bytes", &[close(1000, &[b'a'; 123])], closed(1000)),
        row("twice", &[close(1001, b""), close(1000, b"")], closed(1001)),
        row("and a join", &[close(1000, b""), frame(FIN | BINARY, &join())], closed(1000)),
        row("within a message", &[frame(BINARY, b"a"), close(1000, b"")], closed(1000)),
    ];
    for code in [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999] {
        rows.push(row(format!("code {code}"), &[close(code, b"")], closed(code)));
    }
    for code in [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535] {
        rows.push(row(format!("code {code}"), &[close(code, b"")], closed(1002)));
    }
    rows
}

/// Sends the row and says what came of it.
fn play(address: SocketAddr, bytes: &[u8], bytes_a_time: usize) -> Outcome {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_nodelay(true).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let request = format!(
        "GET /sync HTTP/1.1\r\nhost: {address}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut header = Vec::new();
    while !header.ends_with(b"\r\n\r\n") {
        header.extend(take::<1>(&mut stream));
    }
    assert!(header.starts_with(b"HTTP/1.1 101"));
    for piece in bytes.chunks(bytes_a_time) {
        // a relay may refuse before it has read everything
        drop(stream.write_all(piece));
    }
    let mut pongs = Vec::new();
    loop {
        let (opcode, payload) = receive(&mut stream);
        match opcode {
            PONG => pongs.push(payload),
            CLOSE => {
                return Outcome::Closed(
                    payload.first_chunk().map(|code| u16::from_be_bytes(*code)),
                );
            }
            BINARY => {
                let frame = Frame::decode(&payload.into(), 1 << 16).unwrap();
                if matches!(frame, Frame::Peer { .. }) {
                    return Outcome::Joined(pongs);
                }
                assert!(matches!(frame, Frame::Error { .. }), "{frame:?}");
            }
            other => panic!("a frame with opcode {other}"),
        }
    }
}

fn take<const BYTES: usize>(stream: &mut TcpStream) -> [u8; BYTES] {
    let mut bytes = [0; BYTES];
    stream.read_exact(&mut bytes).unwrap_or_else(|error| panic!("cut off: {error}"));
    bytes
}

/// The next frame of the relay, which masks nothing and cuts nothing.
fn receive(stream: &mut TcpStream) -> (u8, Vec<u8>) {
    let [head, length] = take(stream);
    assert!(head & 0xf0 == FIN && length & MASKED == 0, "{head:#x} {length:#x}");
    let length = match length {
        LENGTH_IN_2 => u16::from_be_bytes(take(stream)).into(),
        LENGTH_IN_8 => u64::from_be_bytes(take(stream)),
        short => short.into(),
    };
    let mut payload = vec![0; length as usize];
    stream.read_exact(&mut payload).unwrap();
    (head & 0x0f, payload)
}

async fn check(rows: Vec<Row>) {
    let folder = tempfile::tempdir().unwrap();
    let relay = Relay::start(&folder).await;
    for Row { name, bytes, outcome } in rows {
        // at once, and as a bad network delivers it
        for bytes_a_time in [usize::MAX, 1] {
            assert_eq!(
                play(relay.address, &bytes, bytes_a_time),
                outcome,
                "{name}, {bytes_a_time}"
            );
        }
    }
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_rfc_6455_allows_is_taken() {
    check(allowed()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_rfc_6455_forbids_closes_the_socket() {
    check(forbidden()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_close_is_answered_with_its_code_if_it_may_be_sent() {
    check(closes()).await;
}
