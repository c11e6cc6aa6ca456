//! Goal: what an operator reads in `docs/OPERATIONS.md` is what the program does.

use std::collections::BTreeSet;

use clap::CommandFactory;
use warroom_protocol::limits::FRAME_BYTES_MAX;
use warroom_relay::config::Arguments;
use warroom_relay::limits::{
    CONNECTION_DOCUMENTS_MAX, DOCUMENT_BYTES_MAX, DOCUMENT_IDLE, EPHEMERAL_BYTES_MAX,
    HEADER_BYTES_MAX, HEADER_WITHIN, SOCKET_STALL_MAX, SOCKETS_MAX, STORE_CACHE_BYTES,
};

const PAGE: &str = include_str!("../../../docs/OPERATIONS.md");

/// The rows of the tables of a section whose first cell is in ticks, cell by cell.
pub(crate) fn rows(section: &str) -> Vec<Vec<&'static str>> {
    let title = format!("{section}\n");
    let section = PAGE.split("\n## ").find(|part| part.starts_with(&title)).unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| row.trim_matches('|').split('|').map(str::trim).collect()).collect()
}

#[test]
fn every_flag_is_in_the_documentation_with_its_variable_and_its_default() {
    let command = Arguments::command();
    let serve = command.find_subcommand("serve").unwrap();
    let told = serve.get_arguments().filter(|argument| argument.get_long() != Some("help"));
    let told: BTreeSet<[String; 3]> = told
        .map(|argument| {
            let ticked = |text: &str| format!("`{text}`");
            let default =
                argument.get_default_values().first().map(|value| value.to_str().unwrap());
            let variable = argument.get_env().unwrap().to_str().unwrap();
            let flag = format!("--{}", argument.get_long().unwrap());
            [ticked(&flag), ticked(variable), default.map_or("–".to_owned(), ticked)]
        })
        .collect();
    let page = rows("Configuration").into_iter();
    let page: BTreeSet<_> = page.map(|row| [row[0], row[1], row[2]].map(str::to_owned)).collect();
    assert_eq!(told, page, "left is what the program takes, right what the page says");
}

#[test]
fn the_limits_in_the_documentation_are_those_of_the_program() {
    let limits = [
        ("sockets_max", SOCKETS_MAX as u64),
        ("header_within_s", HEADER_WITHIN.as_secs()),
        ("header_bytes_max", HEADER_BYTES_MAX as u64),
        ("frame_bytes_max", FRAME_BYTES_MAX as u64),
        ("document_bytes_max", DOCUMENT_BYTES_MAX),
        ("connection_documents_max", CONNECTION_DOCUMENTS_MAX as u64),
        ("ephemeral_bytes_max", EPHEMERAL_BYTES_MAX as u64),
        ("socket_stall_max_s", SOCKET_STALL_MAX.as_secs()),
        ("document_idle_s", DOCUMENT_IDLE.as_secs()),
        ("store_cache_bytes", STORE_CACHE_BYTES as u64),
    ];
    let limits = limits.map(|(name, value)| vec![format!("`{name}`"), value.to_string()]);
    let page: Vec<Vec<&str>> = rows("Limits").into_iter().map(|row| row[..2].to_vec()).collect();
    assert_eq!(limits.to_vec(), page);
}

#[test]
fn every_metric_that_an_alert_names_is_told() {
    let told: BTreeSet<&str> = rows("Metrics").iter().map(|row| row[0].trim_matches('`')).collect();
    let mut named = 0;
    for row in rows("Alerts") {
        let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
        let words = row[0].split(|letter| !is_part(letter));
        for word in
            words.filter(|word| word.starts_with("warroom_") || word.starts_with("process_"))
        {
            named += 1;
            let name = word.strip_suffix("_bucket").unwrap_or(word);
            assert!(told.contains(name), "no metric is called {word}");
        }
    }
    assert!(named >= 10, "{named}");
}
