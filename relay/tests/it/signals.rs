//! Goal: the program stops as a system that supervises it expects: everything saved and everybody told on the first
//! signal, in bounded time, and at once on the second.

use std::io::{ErrorKind, Write};
use std::net::{SocketAddr, TcpStream};

use crate::peer::{Peer, Replica};
use crate::program::Program;
use crate::relay::get;

/// How many scrapes in a row must find that nobody else was answered.
const SCRAPES: usize = 50;

/// A client that asks for more and more and reads nothing, until the relay holds an answer that it can't get rid of.
fn deaf_client(address: SocketAddr) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_nonblocking(true).unwrap();
    let request = format!("GET /metrics HTTP/1.1\r\nhost: {address}\r\n\r\n");
    let (mut answered, mut alone) = (0, 0);
    while alone < SCRAPES {
        let is_full = match stream.write(request.as_bytes()) {
            Ok(_) => false,
            Err(error) if error.kind() == ErrorKind::WouldBlock => true,
            Err(error) => panic!("{error}"),
        };
        if is_full {
            let before = std::mem::replace(&mut answered, answers(address));
            alone = if answered == before + 1 { alone + 1 } else { 0 };
        }
    }
    stream
}

/// How many requests the relay has answered before this one.
fn answers(address: SocketAddr) -> u64 {
    let answer = get(address, "/metrics", &[]);
    let series = "\nwarroom_http_responses_total{status=\"200\"} ";
    answer.split(series).nth(1).unwrap().lines().next().unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn on_the_first_signal_everything_is_saved_and_everybody_told() {
    for signal in ["TERM", "INT"] {
        let folder = tempfile::tempdir().unwrap();
        let mut program = Program::start(folder.path());
        let (mut anna, mut ben) =
            (Peer::join(program.address, "anna").await, Peer::join(program.address, "ben").await);
        let mut replica = Replica::new("room");
        replica.put("told", 1);
        replica.save(&mut anna).await;
        let (status, log) = {
            program.signal(signal);
            for peer in [&mut anna, &mut ben] {
                let closed = peer.closed().await;
                assert_eq!(closed.code, 1012, "{signal}: {closed:?}");
            }
            program.end()
        };
        assert!(status.success(), "{signal}: {status}");
        let said = |message| log.iter().filter(|entry| entry["message"] == message).count();
        assert_eq!((said("draining"), said("stopped")), (1, 1), "{log:?}");
        let program = Program::start(folder.path());
        let mut anna = Peer::join(program.address, "anna").await;
        let mut reader = Replica::new("room");
        reader.sync_until(&mut anna, |reader| reader.value("told") == Some(1)).await.unwrap();
        program.kill();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drain_takes_no_longer_than_it_may() {
    let folder = tempfile::tempdir().unwrap();
    let mut program = Program::start_with(folder.path(), &["--drain-within", "1"]);
    let deaf = deaf_client(program.address);
    program.signal("TERM");
    let (status, log) = program.end();
    assert!(status.success(), "{status}");
    let cut_off =
        log.iter().find(|entry| entry["message"] == "stopped before everything was closed");
    assert_eq!(cut_off.unwrap()["duration_us"], 1_000_000);
    drop(deaf);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_ends_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut program = Program::start_with(folder.path(), &["--drain-within", "3600"]);
    let mut anna = Peer::join(program.address, "anna").await;
    let deaf = deaf_client(program.address);
    program.signal("TERM");
    // the drain is under way, and waits for a reader that does not read
    assert_eq!(anna.closed().await.code, 1012);
    program.signal("TERM");
    let (status, log) = program.end();
    assert_eq!(status.code(), Some(1));
    assert!(log.iter().all(|entry| entry["message"] != "stopped"), "{log:?}");
    drop(deaf);
}
