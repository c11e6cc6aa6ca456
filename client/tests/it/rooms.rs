//! Goal: what a program does in a room reaches the others, this device and the relay's disk. Method: clients and the
//! relay as they are; every wait is for a state, never for a time.
#![expect(clippy::unwrap_used, reason = "helpers of tests: a failure is the test's failure")]

use warroom_client::{Client, ClientError, Store};
use warroom_engine::{
    Answer, Board, CardId, ColumnId, Command, CommandError, Delta, ImportFormat, Phase, Position,
    Presence, Question, QuestionError, Splice, StorageState, TextFormat, TextTarget, TypingPlace,
};
use warroom_protocol::DocumentId;

use crate::relay::{Relay, add_column, open};

fn has_column(board: &Board, id: &str) -> bool {
    board.column(&ColumnId::new(id).unwrap()).is_some()
}

fn card(id: &str) -> CardId {
    CardId::new(id).unwrap()
}

fn add_card(id: &str, column: &str) -> Command {
    Command::AddCard {
        id: card(id),
        column: ColumnId::new(column).unwrap(),
        title: id.to_owned(),
        position: Position::End,
    }
}

#[tokio::test]
async fn what_one_client_does_the_other_sees_and_the_relay_keeps() {
    let folder = tempfile::tempdir().unwrap();
    let relay = Relay::start(folder.path()).await;
    let (adam, bea) = (relay.open("adam", Store::Memory), relay.open("bea", Store::Memory));
    let edit = adam.command(add_column("ideas")).await.unwrap();
    adam.saved(edit).await.unwrap();
    bea.board_when(|board| has_column(board, "ideas")).await.unwrap();
    adam.close().await;
    bea.close().await;
    let address = relay.address;
    relay.stop().await;
    let relay = Relay::start_at(folder.path(), address).await;
    let nick = relay.open("nick", Store::Memory);
    nick.board_when(|board| has_column(board, "ideas")).await.unwrap();
    nick.close().await;
    relay.stop().await;
}

#[tokio::test]
async fn a_question_is_answered_from_what_is_here() {
    let folder = tempfile::tempdir().unwrap();
    let relay = Relay::start(folder.path()).await;
    let adam = relay.open("adam", Store::Memory);
    adam.command(add_column("ideas")).await.unwrap();
    adam.command(add_card("needle", "ideas")).await.unwrap();
    let question = |text: &str| Question::Search { text: text.to_owned() };
    let answer = adam.ask(question("NEEDLE")).await.unwrap();
    let Answer::Found { hits, more: false } = answer else { panic!("{answer:?}") };
    assert_eq!(hits[0].card, card("needle"));
    let imported = adam.import(ImportFormat::Csv, "title,body\na,b".to_owned()).await.unwrap();
    assert_eq!(imported.cards, 1);
    let answer = adam.ask(Question::Export { format: TextFormat::Csv }).await.unwrap();
    let Answer::Exported { text } = answer else { panic!("{answer:?}") };
    assert!(text.contains("\r\na,To do,b,"), "{text}");
    let refused = adam.ask(question(&"x".repeat(1_000))).await.unwrap_err();
    assert!(matches!(refused, ClientError::Question(QuestionError::TooLong { .. })), "{refused}");
    adam.close().await;
    relay.stop().await;
}

#[tokio::test]
async fn a_relay_that_comes_back_gets_what_was_done_without_it() {
    let folder = tempfile::tempdir().unwrap();
    let relay = Relay::start(folder.path()).await;
    let address = relay.address;
    let adam = relay.open("adam", Store::Memory);
    adam.status_when(|status| status.phase == Phase::Saved).await.unwrap();
    relay.stop().await;
    adam.status_when(|status| status.phase != Phase::Saved).await.unwrap();
    let edit = adam.command(add_column("offline")).await.unwrap();
    assert!(adam.status().waiting > 0);
    let relay = Relay::start_at(folder.path(), address).await;
    adam.retry().await.unwrap();
    adam.saved(edit).await.unwrap();
    assert_eq!(adam.status().waiting, 0);
    adam.close().await;
    relay.stop().await;
}

#[tokio::test]
async fn a_device_without_a_relay_keeps_its_board() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::Directory(folder.path().to_owned());
    let adam = open(None, "adam", store.clone());
    let edit = adam.command(add_column("ideas")).await.unwrap();
    adam.stored(edit).await.unwrap();
    adam.close().await;
    let again = open(None, "adam", store);
    assert!(has_column(&again.board().await.unwrap(), "ideas"));
    assert!(again.status().waiting > 0, "the relay has never seen it");
    again.close().await;
}

#[tokio::test]
async fn a_client_that_cannot_read_what_is_stored_says_so_and_works() {
    let name =
        |bytes: &[u8]| bytes.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    let document = name(DocumentId::from_room_name("ops").as_bytes());
    let chunk = format!("{document}/{}.chunk", "0".repeat(64));
    for (unreadable, is_folder) in [(document, false), (chunk, true)] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(&unreadable);
        if is_folder {
            std::fs::create_dir_all(path).unwrap();
        } else {
            std::fs::write(path, "no folder").unwrap();
        }
        let adam = open(None, "adam", Store::Directory(folder.path().to_owned()));
        adam.status_when(|status| status.storage == StorageState::Failed).await.unwrap();
        adam.command(add_column("ideas")).await.unwrap();
        assert!(has_column(&adam.board().await.unwrap(), "ideas"), "{unreadable}");
        adam.close().await;
    }
}

#[tokio::test]
async fn what_is_typed_is_stored_when_the_client_closes() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::Directory(folder.path().to_owned());
    let adam = open(None, "adam", store.clone());
    adam.command(add_column("ideas")).await.unwrap();
    adam.command(add_card("x", "ideas")).await.unwrap();
    let text = TextTarget::Body { card: card("x") };
    type_in(&adam, &text, "Hello").await;
    adam.close().await;
    let again = open(None, "adam", store);
    assert_eq!(read(&again, &text).await, "Hello");
    again.close().await;
}

#[tokio::test]
async fn a_body_that_two_first_write_offline_holds_both_lines() {
    let (adams, beas, relays) =
        (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let relay = Relay::start(relays.path()).await;
    let stores = [&adams, &beas].map(|folder| Store::Directory(folder.path().to_owned()));
    let adam = relay.open("adam", stores[0].clone());
    adam.command(add_column("ideas")).await.unwrap();
    let edit = adam.command(add_card("x", "ideas")).await.unwrap();
    adam.saved(edit).await.unwrap();
    let bea = relay.open("bea", stores[1].clone());
    bea.board_when(|board| board.card(&card("x")).is_some()).await.unwrap();
    bea.status_when(|status| status.phase == Phase::Saved).await.unwrap();
    adam.close().await;
    bea.close().await;
    let text = TextTarget::Body { card: card("x") };
    for (user, store, line) in
        [("adam", &stores[0], "from Adam\n"), ("bea", &stores[1], "from Bea\n")]
    {
        let client = open(None, user, store.clone());
        type_in(&client, &text, line).await;
        client.close().await;
    }
    let adam = relay.open("adam", stores[0].clone());
    adam.status_when(|status| status.phase == Phase::Saved).await.unwrap();
    let bea = relay.open("bea", stores[1].clone());
    bea.status_when(|status| status.phase == Phase::Saved).await.unwrap();
    let both = read(&bea, &text).await;
    assert!(both.contains("from Adam\n") && both.contains("from Bea\n"), "{both}");
    adam.close().await;
    bea.close().await;
    relay.stop().await;
}

#[tokio::test]
async fn who_types_is_shown_and_is_gone_when_its_socket_closes() {
    let folder = tempfile::tempdir().unwrap();
    let relay = Relay::start(folder.path()).await;
    let (adam, bea) = (relay.open("adam", Store::Memory), relay.open("bea", Store::Memory));
    let mut changes = bea.presence_deltas();
    let place = Some(TypingPlace::Card { card: card("x") });
    adam.presence(Presence::Typing { place: place.clone() }).await.unwrap();
    while bea.peers().await.unwrap().first().is_none_or(|peer| peer.typing != place) {
        // presence of both finds the other only once both are connected: Adam goes on typing meanwhile
        adam.presence(Presence::Typing { place: place.clone() }).await.unwrap();
        tokio::task::yield_now().await;
    }
    assert_eq!(bea.peers().await.unwrap()[0].name, "ADAM");
    adam.close().await;
    while !bea.peers().await.unwrap().is_empty() {
        changes.recv().await.unwrap();
    }
    bea.close().await;
    relay.stop().await;
}

#[tokio::test]
async fn a_refused_command_says_why_and_a_closed_client_too() {
    let adam = open(None, "adam", Store::Memory);
    let refused = adam.command(Command::DeleteCard { id: card("none") }).await;
    assert_eq!(refused, Err(ClientError::Command(CommandError::UnknownCard)));
    let other = adam.clone();
    adam.close().await;
    assert_eq!(other.board().await.map(drop), Err(ClientError::Closed));
}

#[tokio::test]
async fn who_waits_for_a_board_is_told_when_the_client_closes() {
    let adam = open(None, "adam", Store::Memory);
    let other = adam.clone();
    other.board().await.unwrap();
    let (mut deltas, mut presence) = (other.deltas(), other.presence_deltas());
    let mut looks = 0;
    let waiting = other.board_when(|_| {
        looks += 1;
        false
    });
    let (waited, ()) = tokio::join!(waiting, adam.close());
    assert_eq!(waited.map(drop), Err(ClientError::Closed));
    assert!(looks > 0, "it did wait");
    while deltas.recv().await.is_ok() {}
    assert!(presence.recv().await.is_err());
    assert!(other.deltas().recv().await.is_err());
}

/// Opens a text and types at its start.
async fn type_in(client: &Client, text: &TextTarget, insert: &str) {
    drop(read(client, text).await);
    let splice = Splice { at: 0, delete: 0, insert: insert.to_owned() };
    client.command(Command::EditText { text: text.clone(), seen: 0, splice }).await.unwrap();
}

/// Opens a text and gives what it holds.
async fn read(client: &Client, text: &TextTarget) -> String {
    let mut deltas = client.deltas();
    client.command(Command::OpenText { text: text.clone() }).await.unwrap();
    loop {
        for delta in deltas.recv().await.unwrap().iter() {
            if let Delta::TextOpened { text: opened, content } = delta
                && opened == text
            {
                return content.clone();
            }
        }
    }
}
