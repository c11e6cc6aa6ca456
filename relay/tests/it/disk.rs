//! Disks that fail: what was not synced can be lost or torn, any call can fail, and one lies.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};

use redb::StorageBackend;
use warroom_protocol::Dice;
use warroom_relay::error::OpenError;
use warroom_relay::store::{Disk, RedbStore};

/// Bytes that a disk writes whole or not at all.
const SECTOR_BYTES: usize = 512;

/// A disk in memory, shared by the store and the test.
#[derive(Debug, Clone, Default)]
pub(crate) struct FaultyDisk(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// What a read gives.
    seen: Vec<u8>,
    /// What a power cut leaves for sure.
    synced: Vec<u8>,
    unsynced: Vec<Write>,
    /// How many writing calls still succeed; `None`: all.
    calls_left: Option<u64>,
    calls: u64,
    is_lying: bool,
    is_panicking: bool,
    is_open: bool,
}

#[derive(Debug, Clone)]
enum Write {
    Bytes { at: usize, bytes: Vec<u8> },
    Length(usize),
}

impl FaultyDisk {
    /// A disk with that on it.
    pub(crate) fn with(image: Vec<u8>) -> Self {
        let state = State { seen: image.clone(), synced: image, ..State::default() };
        Self(Arc::new(Mutex::new(state)))
    }

    /// What is on it now.
    pub(crate) fn image(&self) -> Vec<u8> {
        self.0.lock().unwrap().seen.clone()
    }

    /// After `calls` more writes, syncs or changes of length, each fails.
    pub(crate) fn fail_after(&self, calls: u64) {
        self.0.lock().unwrap().calls_left = Some(calls);
    }

    /// All calls succeed again.
    pub(crate) fn repair(&self) {
        self.0.lock().unwrap().calls_left = None;
    }

    /// Another disk is in its place, with that on it.
    pub(crate) fn replace(&self, image: Vec<u8>) {
        let mut state = self.0.lock().unwrap();
        let is_open = state.is_open;
        *state = State { seen: image.clone(), synced: image, is_open, ..State::default() };
    }

    /// The next write panics, as code does that trusts what it reads.
    pub(crate) fn panic_once(&self) {
        self.0.lock().unwrap().is_panicking = true;
    }

    /// From now on a sync says that it is done and does nothing.
    pub(crate) fn lie(&self) {
        self.0.lock().unwrap().is_lying = true;
    }

    /// How many writes, syncs and changes of length there were.
    pub(crate) fn calls(&self) -> u64 {
        self.0.lock().unwrap().calls
    }

    /// What a power cut leaves now: all that was synced, and of the rest whole writes, single sectors or nothing.
    pub(crate) fn power_cut(&self, dice: &mut Dice) -> Vec<u8> {
        let state = self.0.lock().unwrap();
        let mut image = state.synced.clone();
        for write in &state.unsynced {
            let fate = dice.below(3);
            match write {
                Write::Length(length) if fate > 0 => image.resize(*length, 0),
                Write::Bytes { at, bytes } if fate > 0 => {
                    for (index, sector) in bytes.chunks(SECTOR_BYTES).enumerate() {
                        if fate == 1 || dice.below(2) == 0 {
                            put(&mut image, at + index * SECTOR_BYTES, sector);
                        }
                    }
                }
                Write::Length(_) | Write::Bytes { .. } => {}
            }
        }
        image
    }
}

fn put(image: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    let end = at + bytes.len();
    if image.len() < end {
        image.resize(end, 0);
    }
    image[at..end].copy_from_slice(bytes);
}

impl State {
    fn call(&mut self) -> io::Result<()> {
        self.calls += 1;
        match &mut self.calls_left {
            None => Ok(()),
            Some(0) => Err(io::Error::from(io::ErrorKind::StorageFull)),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
        }
    }
}

impl StorageBackend for FaultyDisk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.0.lock().unwrap().seen.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let state = self.0.lock().unwrap();
        let from = state.seen.get(offset as usize..offset as usize + out.len());
        out.copy_from_slice(from.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        let mut state = self.0.lock().unwrap();
        state.call()?;
        state.seen.resize(length as usize, 0);
        state.unsynced.push(Write::Length(length as usize));
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut state = self.0.lock().unwrap();
        state.call()?;
        if !state.is_lying {
            let State { seen, synced, .. } = &mut *state;
            synced.clone_from(seen);
            state.unsynced.clear();
        }
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut state = self.0.lock().unwrap();
        if std::mem::take(&mut state.is_panicking) {
            state.is_open = false;
            drop(state);
            panic!("as told");
        }
        state.call()?;
        let at = offset as usize;
        put(&mut state.seen, at, data);
        state.unsynced.push(Write::Bytes { at, bytes: data.to_vec() });
        Ok(())
    }

    fn close(&self) -> io::Result<()> {
        self.0.lock().unwrap().is_open = false;
        Ok(())
    }
}

impl Disk for FaultyDisk {
    fn path(&self) -> &Path {
        Path::new("a disk in memory")
    }

    fn probe(&mut self) -> io::Result<()> {
        self.0.lock().unwrap().call()
    }

    fn open(&mut self) -> Result<RedbStore, OpenError> {
        let was_open = std::mem::replace(&mut self.0.lock().unwrap().is_open, true);
        assert!(!was_open, "the old store has let go of its disk");
        RedbStore::open_backend(self.clone())
    }

    fn reopen(&mut self) -> Result<RedbStore, OpenError> {
        self.open()
    }
}
