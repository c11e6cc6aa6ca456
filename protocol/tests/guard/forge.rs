//! Makes change chunks that automerge would never write, with a checksum that fits: what any writer can send.

use automerge::Change;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use sha2::{Digest as _, Sha256};
use std::io::Write as _;

pub(crate) fn uleb(out: &mut Vec<u8>, mut value: u64) {
    while value > 0x7f {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

pub(crate) fn leb(out: &mut Vec<u8>, mut value: i64) {
    loop {
        let byte = (value & 0x7f) as u8;
        value >>= 7;
        if (value == 0 && byte & 0x40 == 0) || (value == -1 && byte & 0x40 != 0) {
            out.push(byte);
            return;
        }
        out.push(byte | 0x80);
    }
}

fn envelope(checksum: &[u8], kind: u8, content: &[u8]) -> Bytes {
    let mut chunk = vec![0x85, 0x6f, 0x4a, 0x83];
    chunk.extend_from_slice(checksum);
    chunk.push(kind);
    uleb(&mut chunk, content.len() as u64);
    chunk.extend_from_slice(content);
    chunk.into()
}

fn checksum(kind: u8, content: &[u8]) -> Vec<u8> {
    let unhashed = envelope(&[0; 4], kind, content);
    Sha256::digest(&unhashed[8..])[..4].to_vec()
}

/// A chunk of type 1.
pub(crate) fn chunk(content: &[u8]) -> Bytes {
    envelope(&checksum(1, content), 1, content)
}

/// A chunk of type 2 that inflates to `content`.
pub(crate) fn deflated(content: &[u8]) -> Bytes {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content).unwrap();
    envelope(&checksum(1, content), 2, &encoder.finish().unwrap())
}

/// The same chunk with a checksum that fits what it holds now; of type 1.
pub(crate) fn with_checksum(chunk: &[u8]) -> Bytes {
    let mut chunk = chunk.to_vec();
    if chunk.len() > 8 {
        let digest = Sha256::digest(&chunk[8..]);
        chunk[4..8].copy_from_slice(&digest[..4]);
    }
    chunk.into()
}

/// The content of a change, taken apart.
#[derive(Debug, Clone)]
pub(crate) struct Parts {
    pub(crate) deps: Vec<[u8; 32]>,
    pub(crate) actor: Vec<u8>,
    pub(crate) seq: u64,
    pub(crate) start_op: u64,
    pub(crate) time: i64,
    pub(crate) message: Vec<u8>,
    pub(crate) others: Vec<Vec<u8>>,
    pub(crate) columns: Vec<(u64, Vec<u8>)>,
    pub(crate) extra: Vec<u8>,
}

impl Parts {
    pub(crate) fn of(change: &Change) -> Self {
        let mut parts = Self {
            deps: change.deps().iter().map(|dep| dep.0).collect(),
            actor: change.actor_id().to_bytes().to_vec(),
            seq: change.seq(),
            start_op: change.start_op().get(),
            time: change.timestamp(),
            message: change.message().unwrap_or_default().as_bytes().to_vec(),
            others: change.other_actor_ids().iter().map(|id| id.to_bytes().to_vec()).collect(),
            columns: Vec::new(),
            extra: change.extra_bytes().to_vec(),
        };
        let header = parts.header();
        let raw = change.raw_bytes();
        let at = raw.windows(header.len()).position(|window| window == header).unwrap();
        let mut rest = &raw[at + header.len()..];
        let count = read_uleb(&mut rest);
        let metadata: Vec<_> =
            (0..count).map(|_| (read_uleb(&mut rest), read_uleb(&mut rest) as usize)).collect();
        for (specification, bytes) in metadata {
            let (column, behind) = rest.split_at(bytes);
            parts.columns.push((specification, column.to_vec()));
            rest = behind;
        }
        assert_eq!(&chunk(&parts.content())[..], raw);
        parts
    }

    fn header(&self) -> Vec<u8> {
        let mut out = Vec::new();
        uleb(&mut out, self.deps.len() as u64);
        out.extend(self.deps.concat());
        prefixed(&mut out, &self.actor);
        uleb(&mut out, self.seq);
        uleb(&mut out, self.start_op);
        leb(&mut out, self.time);
        prefixed(&mut out, &self.message);
        uleb(&mut out, self.others.len() as u64);
        for actor in &self.others {
            prefixed(&mut out, actor);
        }
        out
    }

    pub(crate) fn content(&self) -> Vec<u8> {
        let mut out = self.header();
        uleb(&mut out, self.columns.len() as u64);
        for (specification, column) in &self.columns {
            uleb(&mut out, *specification);
            uleb(&mut out, column.len() as u64);
        }
        out.extend(self.columns.iter().flat_map(|(_, column)| column));
        out.extend(&self.extra);
        out
    }

    pub(crate) fn chunk(&self) -> Bytes {
        chunk(&self.content())
    }

    /// The same with one column replaced, inserted at its place, or left out.
    pub(crate) fn with_column(mut self, specification: u64, column: Option<&[u8]>) -> Self {
        self.columns.retain(|(other, _)| *other != specification);
        if let Some(column) = column {
            self.columns.push((specification, column.to_vec()));
            self.columns.sort();
        }
        self
    }
}

fn prefixed(out: &mut Vec<u8>, bytes: &[u8]) {
    uleb(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

fn read_uleb(bytes: &mut &[u8]) -> u64 {
    let mut value = 0;
    for shift in (0..).step_by(7) {
        let (first, rest) = bytes.split_first().unwrap();
        *bytes = rest;
        value |= u64::from(first & 0x7f) << shift;
        if first & 0x80 == 0 {
            break;
        }
    }
    value
}
