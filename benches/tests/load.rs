//! The load generator's scenarios in small, against our relay and against the floor: everything that was sent is counted.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests: a failure is the test's failure"
)]

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use serde_json::Value;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use warroom_relay::config::{Arguments, Command as Serve, Config};
use warroom_relay::store::{FileDisk, StoreThread};
use warroom_relay::{dice, serve};

/// A relay in this process; it ends with the runtime.
fn relay(runtime: &Runtime, folder: &Path) -> String {
    let line = ["warroom", "serve", "--listen", "127.0.0.1:0"];
    let Serve::Serve(arguments) = Arguments::read(line).unwrap().command else {
        panic!("it does not serve")
    };
    let config = Config::try_from(arguments).unwrap();
    let fresh = dice::storage_id(&mut dice::from_system());
    let store = StoreThread::open(FileDisk::new(folder.join("warroom.redb")), &fresh).unwrap();
    let listener = runtime.block_on(TcpListener::bind(config.listen)).unwrap();
    let address = listener.local_addr().unwrap();
    drop(runtime.spawn(async move {
        serve(listener, Arc::new(store), &config, std::future::pending()).await.unwrap();
    }));
    format!("ws://{address}/sync")
}

/// Runs a scenario, and gives what it reports.
fn load(scenario: &str, against: &str) -> Vec<Value> {
    let small = ["--rooms", "2", "--clients", "3", "--seconds", "1", "--every", "100"];
    let output = Command::new(env!("CARGO_BIN_EXE_load"))
        .args([scenario, "--against", against, "--changes", "50", "--json"])
        .args(small)
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{scenario}: {}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("| what | server |"), "{said}");
    let lines = said.lines().filter(|line| line.starts_with('{'));
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn what_was_sent_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = Runtime::new().unwrap();
    let relay = relay(&runtime, folder.path());
    // rooms × (clients - 1) × rounds, or one for each client
    let (deliveries, clients) = (2 * 2 * 10, 2 * 3);
    let rows = [
        ("fan-out", deliveries, 1),
        ("presence", deliveries, 1),
        ("cold-joins", clients, 1),
        ("offline-bursts", clients, 1),
        ("idle", clients, 1),
        ("reconnect-storm", clients, 1),
        ("misbehaving", deliveries, 2),
    ];
    for (scenario, expected, runs) in rows {
        let reports = load(scenario, &relay);
        assert_eq!(reports.len(), runs, "{scenario}");
        for report in reports {
            assert_eq!(report["expected"], expected, "{report}");
            assert_eq!(report["counted"], expected, "{report}");
        }
    }
    let report = load("fan-out", "floor");
    assert_eq!(report[0]["counted"], deliveries, "{report:?}");
    assert!(report[0]["server_resident_kb"].as_u64() > Some(0), "{report:?}");
}
