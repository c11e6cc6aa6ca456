//! Goal: a room's file holds everything with its history, merges into the same room on any device, and what is not it or not whole
//! changes nothing. Method: devices around a hub.

use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use warroom_engine::{Answer, Command, ImportError, Imported, Question, body_id};
use warroom_protocol::sync_message::SyncMessage;

use crate::poison::MESSAGES;
use crate::world::{World, add, body, card, room, say};

impl World {
    fn room_file(&mut self, device: usize) -> Vec<u8> {
        match self.ask(device, Question::ExportRoom) {
            Ok(Answer::ExportedRoom { file }) => file.to_vec(),
            other => panic!("{other:?}"),
        }
    }

    fn import_room(&mut self, device: usize, file: &[u8]) -> Result<Imported, ImportError> {
        let now = self.now;
        let file = Bytes::copy_from_slice(file);
        let result = self.devices[device].replica.handle_room_import(now, &file);
        self.settle();
        result
    }

    fn write(&mut self, device: usize, id: &str, text: &str) {
        self.read(device, &body(id));
        self.type_in(device, &body(id), text);
        self.command(device, Command::CloseText { text: body(id) }).unwrap();
    }
}

#[test]
fn in_json_the_file_is_base64() {
    let answer = Answer::ExportedRoom { file: Bytes::from_static(b"\xfb\xff\xfeo") };
    let json = serde_json::to_string(&answer).unwrap();
    assert_eq!(json, r#"{"type":"exportedRoom","base64":"+//+bw=="}"#);
}

/// A device with twelve cards with bodies, which has let most of them go, and another without a network.
fn rooms() -> World {
    let mut world = World::new(&["adam", "bea"]);
    world.unplug(1);
    for number in 0..12 {
        let id = format!("c{number}");
        world.command(0, add(&id)).unwrap();
        world.write(0, &id, &format!("Body {number}"));
    }
    world.wait(60_000);
    world
}

#[test]
fn a_file_brings_everything_with_its_history_to_a_device_without_a_network() {
    let mut world = rooms();
    let file = world.room_file(0);
    world.command(1, add("own")).unwrap();
    world.write(1, "own", "mine");
    let imported = world.import_room(1, &file).unwrap();
    assert_eq!(imported.cards, 12);
    assert_eq!(world.board(1).cards().count(), 13);
    for number in 0..12 {
        assert_eq!(world.read(1, &body(&format!("c{number}"))), format!("Body {number}"));
    }
    assert_eq!(world.import_room(1, &file).unwrap().cards, 0, "nothing comes twice");
    world.restart_offline(1);
    assert_eq!(world.board(1).cards().count(), 13);
    assert_eq!(world.read(1, &body("c7")), "Body 7");
    world.plug(1);
    world.wait(60_000);
    assert_eq!(world.board(0), world.board(1));
    assert_eq!(world.read(0, &body("own")), "mine");
}

#[test]
fn what_both_wrote_in_a_body_is_merged() {
    let mut world = rooms();
    let file = world.room_file(0);
    world.import_room(1, &file).unwrap();
    world.write(1, "c0", "more ");
    world.write(0, "c0", "again ");
    let file = world.room_file(1);
    world.import_room(0, &file).unwrap();
    let text = world.read(0, &body("c0"));
    assert!(["more again Body 0", "again more Body 0"].contains(&text.as_str()), "{text}");
    assert_eq!(world.board(0).card(&card("c0")), world.board(1).card(&card("c0")));
}

#[test]
fn files_that_are_not_it_or_not_whole_change_nothing() {
    let mut world = rooms();
    let file = world.room_file(0);
    let mut other = file.clone();
    other[15] ^= 1;
    let mut later = file.clone();
    later[8] = 2;
    let rows: [(&[u8], &str); 6] = [
        (b"", "byte 0: this is not the file of a room"),
        (b"{}", "byte 0: this is not the file of a room"),
        (&file[..9], "byte 0: the checksum does not fit"),
        (&file[..file.len() - 1], &format!("byte {}: the checksum does not fit", file.len() - 33)),
        (&later, "byte 8: a later version wrote this: update the app"),
        (&other, &format!("byte {}: the checksum does not fit", file.len() - 32)),
    ];
    let before = world.board(1).clone();
    for (bytes, said) in rows {
        let error = world.import_room(1, bytes).unwrap_err();
        assert!(error.to_string().starts_with(said), "{error}, not {said}");
    }
    assert_eq!(world.board(1), &before);
}

#[test]
fn what_people_said_is_in_the_file() {
    let mut world = rooms();
    world.command(0, say("q", "c0")).unwrap();
    world.wait(60_000);
    let file = world.room_file(0);
    world.command(1, add("own")).unwrap();
    world.command(1, say("mine", "own")).unwrap();
    for _ in 0..2 {
        world.import_room(1, &file).unwrap();
        assert_eq!(world.talk(1).comment_count(&card("c0")), 1);
        assert_eq!(world.talk(1).comment_count(&card("own")), 1, "what was said here stays");
    }
    world.restart_offline(1);
    assert_eq!(world.talk(1).comment_count(&card("c0")), 1, "it is on the disk");
    world.plug(1);
    world.wait(60_000);
    assert_eq!(world.talk(0), world.talk(1));
}

#[test]
fn a_body_of_no_card_is_passed_over() {
    let mut world = rooms();
    let mut file = world.room_file(0);
    let end = file.len() - 32;
    let name = [&[2, 2, 0], b"c0".as_slice()].concat();
    let at = file.windows(name.len()).position(|bytes| bytes == name).unwrap();
    file[at + 3..at + 5].copy_from_slice(b"zz");
    let checksum = Sha256::digest(&file[..end]);
    file[end..].copy_from_slice(&checksum);
    world.import_room(1, &file).unwrap();
    let stored = |id| world.devices[1].disk.contains_key(&body_id(&room(), &card(id)));
    assert_eq!((stored("zz"), stored("c0"), stored("c1")), (false, false, true));
}

/// Goal: what comes with a change that automerge can't live with does not come without it. Method: a file with an honest board,
/// on which there is a card, and such a change after it.
#[test]
fn a_file_with_a_harmful_change_changes_nothing() {
    for message in MESSAGES {
        let mut world = World::new(&["adam"]);
        world.command(0, add("own")).unwrap();
        let changes = SyncMessage::decode(&Bytes::from_static(message)).unwrap().changes.concat();
        let length = u32::try_from(changes.len()).unwrap().to_le_bytes();
        let mut file = b"\x89ROOM\r\n\x1a\x01\x01\x10\x00".to_vec();
        file.extend([room().as_bytes(), &length[..], &changes, &[0]].concat());
        let checksum = Sha256::digest(&file);
        file.extend(checksum);
        let before = world.board(0).clone();
        assert_eq!(world.import_room(0, &file).unwrap_err().code(), "badFile");
        assert_eq!(world.board(0), &before);
        assert_eq!(world.status(0).left_out, 0);
    }
}

/// Goal: the checksum is no protection from who can make one. Method: bytes are changed and the checksum is made again.
#[test]
fn a_file_that_was_tampered_with_is_refused_or_harmless() {
    let mut world = rooms();
    let file = world.room_file(0);
    let end = file.len() - 32;
    let step = (end / 150).max(1);
    let mut refused = 0;
    for at in (9..end - 1).step_by(step) {
        let mut bytes = file.clone();
        bytes[at] ^= 0x55;
        let checksum = Sha256::digest(&bytes[..end]);
        bytes[end..].copy_from_slice(&checksum);
        let before = world.board(1).clone();
        if let Err(error) = world.import_room(1, &bytes) {
            assert_eq!(error.code(), "badFile");
            assert_eq!(world.board(1), &before, "byte {at}");
            refused += 1;
        }
    }
    assert!(refused > 100, "only {refused} were refused");
    world.import_room(1, &file).unwrap();
}
