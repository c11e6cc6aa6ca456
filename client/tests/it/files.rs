//! Goal: files go in and out of the native client as they do in the browser, and several commands are one edit. Method: clients and
//! the relay as they are; every wait is for a state.
#![expect(clippy::unwrap_used, reason = "helpers of tests: a failure is the test's failure")]

use bytes::Bytes;
use warroom_client::{Client, ClientError, Store};
use warroom_engine::{
    Board, CardId, ColumnId, Command, CommandError, CommentId, ImportError, ImportFormat, Phase,
    Position, TalkCommand, TextFormat,
};

use crate::relay::{Relay, add_column, open};

/// A card with everything that the formats have in common.
const CSV: &str = "title,column,body,labels,due\n\"Ship it\",Later,\"Two\nlines\",red,2026-12-24\n";

const TRELLO: &str = r#"{"name":"Old","lists":[{"id":"5f0000000000000000000001","name":"Later","closed":false,"pos":1}],
    "cards":[{"id":"5f0000000000000000000002","idList":"5f0000000000000000000001","name":"Ship it","desc":"Two\nlines","closed":false,"pos":1}]}"#;

fn card(id: &str) -> CardId {
    CardId::new(id).unwrap()
}

fn add_card(id: &str, column: &str) -> Command {
    let (id, title, column) = (card(id), id.to_owned(), ColumnId::new(column).unwrap());
    Command::AddCard { id, column, title, position: Position::End }
}

fn say(id: &str, about: &str) -> Command {
    let (id, card, text) = (CommentId::new(id).unwrap(), card(about), "hello".to_owned());
    Command::Talk { command: TalkCommand::AddComment { id, card, text } }
}

fn titles(board: &Board) -> Vec<String> {
    board.cards().map(|card| card.title.clone()).collect()
}

/// A client by itself.
fn alone(user: &str) -> Client {
    open(None, user, Store::Memory)
}

#[tokio::test]
async fn what_is_exported_is_imported_again_in_every_format() {
    let adam = alone("adam");
    assert_eq!(adam.import(ImportFormat::Csv, CSV.to_owned()).await.unwrap().cards, 1);
    let formats = [
        (TextFormat::Json, ImportFormat::Json),
        (TextFormat::Markdown, ImportFormat::Markdown),
        (TextFormat::Csv, ImportFormat::Csv),
    ];
    for (out, into) in formats {
        let text = adam.export(out).await.unwrap();
        assert!(text.contains("Ship it") && text.contains("lines"), "{text}");
        let bea = alone("bea");
        assert_eq!(bea.import(into, text.clone()).await.unwrap().cards, 1, "{text}");
        assert_eq!(titles(&bea.board().await.unwrap()), ["Ship it"]);
        let csv = bea.export(TextFormat::Csv).await.unwrap();
        assert!(csv.contains("\nShip it,Later,\"Two\nlines\",red,,2026-12-24,"), "{csv}");
        bea.close().await;
    }
    let nick = alone("nick");
    assert_eq!(nick.import(ImportFormat::Trello, TRELLO.to_owned()).await.unwrap().cards, 1);
    assert!(nick.export(TextFormat::Markdown).await.unwrap().contains("lines"));
    nick.close().await;
    adam.close().await;
}

#[tokio::test]
async fn a_file_with_comments_is_imported_at_once_and_by_halves_never() {
    let adam = alone("adam");
    adam.transact(vec![add_card("x", "todo"), say("q", "x")]).await.unwrap();
    let json = adam.export(TextFormat::Json).await.unwrap();
    adam.close().await;
    // nothing was waited for before: the talk is read when the file is
    let bea = alone("bea");
    let imported = bea.import(ImportFormat::Json, json.clone()).await.unwrap();
    assert_eq!((imported.cards, imported.comments), (1, 1));
    let board = bea.board().await.unwrap();
    let torn = json.trim_end().trim_end_matches('}').to_owned();
    let refused = bea.import(ImportFormat::Json, torn).await.unwrap_err();
    assert!(matches!(refused, ClientError::Import(ImportError::File { .. })), "{refused}");
    assert_eq!(bea.board().await.unwrap(), board);
    bea.close().await;
}

#[tokio::test]
async fn the_file_of_a_room_brings_its_history_to_a_device_and_on_to_the_relay() {
    let folder = tempfile::tempdir().unwrap();
    let adam = alone("adam");
    adam.command(add_column("ideas")).await.unwrap();
    adam.transact(vec![add_card("x", "ideas"), say("q", "x")]).await.unwrap();
    let file = adam.export_room().await.unwrap();
    let relay = Relay::start(folder.path()).await;
    let bea = relay.open("bea", Store::Memory);
    assert_eq!(bea.import_room(file.clone()).await.unwrap().cards, 1);
    let board = adam.board().await.unwrap();
    assert_eq!(bea.board().await.unwrap(), board);
    assert_eq!(bea.import_room(file.clone()).await.unwrap().cards, 0, "nothing comes twice");
    bea.status_when(|status| status.phase == Phase::Saved && status.waiting == 0).await.unwrap();
    bea.close().await;
    let nick = relay.open("nick", Store::Memory);
    assert_eq!(nick.board_when(|here| *here == board).await.unwrap(), board);
    // the talk came along
    nick.status_when(|status| status.phase == Phase::Saved).await.unwrap();
    assert_eq!(nick.command(say("q", "x")).await, Err(CommandError::IdTaken.into()));
    let torn = file.slice(..file.len() - 3);
    for bad in [torn, Bytes::from_static(b"no room"), Bytes::new()] {
        let refused = nick.import_room(bad).await.unwrap_err();
        assert!(matches!(refused, ClientError::Import(ImportError::File { .. })), "{refused}");
    }
    assert_eq!(nick.board().await.unwrap(), board);
    nick.close().await;
    adam.close().await;
    relay.stop().await;
}

#[tokio::test]
async fn several_commands_are_one_edit_or_none() {
    let folder = tempfile::tempdir().unwrap();
    let relay = Relay::start(folder.path()).await;
    let (adam, bea) = (relay.open("adam", Store::Memory), relay.open("bea", Store::Memory));
    let done = ColumnId::new("done").unwrap();
    let to_done = |id: &str| {
        let (id, column) = (card(id), done.clone());
        Command::MoveCard { id, column, position: Position::Start }
    };
    let edit = adam.transact(vec![add_card("x", "todo"), to_done("x")]).await.unwrap();
    adam.saved(edit).await.unwrap();
    let has_come = |board: &Board| board.card(&card("x")).is_some();
    let board = bea.board_when(has_come).await.unwrap();
    assert_eq!(board.card(&card("x")).unwrap().column, done, "all of it came at once");
    let reason = Box::new(CommandError::UnknownCard);
    let refused = CommandError::InTransaction { number: 2, reason };
    let done = adam.transact(vec![add_card("y", "todo"), to_done("z")]).await;
    assert_eq!(done, Err(ClientError::Command(refused)));
    assert!(adam.board().await.unwrap().card(&card("y")).is_none());
    adam.close().await;
    bea.close().await;
    relay.stop().await;
}
