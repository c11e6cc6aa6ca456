//! Fills `corpus/` with what honest peers send: the frames and changes that the tests pin, one a file.

use std::path::Path;
use std::{fs, io};

use bytes::Bytes;
use warroom_protocol::guard::check_change;
use warroom_protocol::limits::FRAME_BYTES_MAX;
use warroom_protocol::sync_message::{Bloom, Have, SyncMessage};
use warroom_protocol::wire::Frame;

const FRAMES: [&str; 2] = [
    include_str!("../../tests/vectors/reference.hex"),
    include_str!("../../tests/vectors/written.hex"),
];
const CHANGES: &str = include_str!("../../tests/vectors/changes.hex");

fn main() -> io::Result<()> {
    for (number, bytes) in FRAMES.iter().flat_map(|lines| vectors(lines)).enumerate() {
        write("decode", number, &bytes)?;
        match Frame::decode(&bytes, FRAME_BYTES_MAX) {
            Ok(Frame::Sync { data, .. }) => write("sync_message", number, &data)?,
            Ok(Frame::Ephemeral(message)) => write("decode", 1_000 + number, &message.data)?,
            Ok(_) | Err(_) => {}
        }
    }
    let changes: Vec<Bytes> = vectors(CHANGES).collect();
    for (number, change) in changes.iter().enumerate() {
        write("change", number, change)?;
    }
    let hashes: Vec<_> =
        changes.iter().filter_map(|change| Some(check_change(change).ok()?.hash)).collect();
    let (heads, need) = (hashes[..1].to_vec(), hashes[1..3].to_vec());
    let have = vec![Have { last_sync: heads.clone(), bloom: Bloom::build(&hashes) }];
    let message = SyncMessage { heads, need, have, changes, ..SyncMessage::default() };
    write("sync_message", 1_000, &message.encode())
}

/// The bytes of each line, which is hex behind a name and a tab.
fn vectors(lines: &str) -> impl Iterator<Item = Bytes> {
    lines.lines().filter_map(|line| line.split_once('\t')).map(|(_, hex)| {
        let digits: Vec<u8> = hex
            .bytes()
            .filter_map(|digit| (digit as char).to_digit(16))
            .map(|digit| digit as u8)
            .collect();
        digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect()
    })
}

fn write(target: &str, number: usize, bytes: &[u8]) -> io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    fs::create_dir_all(&folder)?;
    fs::write(folder.join(format!("seed-{number}")), bytes)
}
