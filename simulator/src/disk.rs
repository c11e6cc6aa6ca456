//! The relay's disk: what was not synced when the power went may be lost, whole or by the sector.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use redb::StorageBackend;
use warroom_protocol::Dice;

/// Bytes that a disk writes whole or not at all.
const SECTOR_BYTES: usize = 512;

#[derive(Debug, Clone)]
enum Write {
    Bytes { offset: usize, bytes: Vec<u8> },
    Length(usize),
}

#[derive(Debug, Default)]
struct State {
    /// What a power cut keeps.
    durable: Vec<u8>,
    /// What the process sees.
    seen: Vec<u8>,
    /// What it wrote since the last sync.
    unsynced: Vec<Write>,
    /// Rises at each power cut; handles of an older life fail.
    life: u64,
    sync_lies: bool,
}

/// A disk that outlives the processes that write to it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Disk(Arc<Mutex<State>>);

impl Disk {
    /// A disk whose syncs do nothing when `sync_lies`.
    pub(crate) fn new(sync_lies: bool) -> Self {
        let disk = Self::default();
        disk.state().sync_lies = sync_lies;
        disk
    }

    /// A handle for the process that starts now.
    pub(crate) fn handle(&self) -> DiskHandle {
        DiskHandle { disk: self.clone(), life: self.state().life }
    }

    /// Everything written so far survives, as after a clean first start.
    pub(crate) fn settle(&self) {
        let mut state = self.state();
        let State { durable, seen, unsynced, life: _, sync_lies: _ } = &mut *state;
        durable.clone_from(seen);
        unsynced.clear();
    }

    /// The power goes: of what was not synced, each write is kept, lost, or torn at a sector.
    pub(crate) fn cut_power(&self, dice: &mut Dice) {
        let mut state = self.state();
        let unsynced = std::mem::take(&mut state.unsynced);
        for write in unsynced {
            match (dice.below(3), write) {
                (0, _) => {}
                (1, write) => apply(&mut state.durable, &write, usize::MAX),
                (_, write) => {
                    let sectors = usize::try_from(dice.below(16)).unwrap_or(0);
                    apply(&mut state.durable, &write, sectors * SECTOR_BYTES);
                }
            }
        }
        let State { durable, seen, unsynced: _, life, sync_lies: _ } = &mut *state;
        seen.clone_from(durable);
        *life += 1;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Puts the first `bytes_max` bytes of a write where they belong.
fn apply(image: &mut Vec<u8>, write: &Write, bytes_max: usize) {
    match write {
        Write::Bytes { offset, bytes } => {
            let bytes = bytes.get(..bytes_max.min(bytes.len())).unwrap_or(bytes);
            let end = offset + bytes.len();
            if image.len() < end {
                image.resize(end, 0);
            }
            if let Some(place) = image.get_mut(*offset..end) {
                place.copy_from_slice(bytes);
            }
        }
        Write::Length(length) => image.resize(*length, 0),
    }
}

/// One process's view of the disk.
#[derive(Debug)]
pub(crate) struct DiskHandle {
    disk: Disk,
    life: u64,
}

impl DiskHandle {
    fn state(&self) -> Result<MutexGuard<'_, State>, io::Error> {
        let state = self.disk.state();
        if state.life == self.life { Ok(state) } else { Err(io::Error::other("the power went")) }
    }
}

impl StorageBackend for DiskHandle {
    fn len(&self) -> Result<u64, io::Error> {
        Ok(u64::try_from(self.state()?.seen.len()).unwrap_or(u64::MAX))
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), io::Error> {
        let state = self.state()?;
        let offset = usize::try_from(offset).unwrap_or(usize::MAX);
        let bytes = state.seen.get(offset..offset.saturating_add(out.len()));
        let bytes = bytes.ok_or_else(|| io::Error::other("read past the end"))?;
        out.copy_from_slice(bytes);
        Ok(())
    }

    fn set_len(&self, len: u64) -> Result<(), io::Error> {
        self.write_down(Write::Length(usize::try_from(len).unwrap_or(usize::MAX)))
    }

    fn sync_data(&self) -> Result<(), io::Error> {
        let mut state = self.state()?;
        if !state.sync_lies {
            let unsynced = std::mem::take(&mut state.unsynced);
            for write in &unsynced {
                apply(&mut state.durable, write, usize::MAX);
            }
        }
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<(), io::Error> {
        let offset = usize::try_from(offset).unwrap_or(usize::MAX);
        self.write_down(Write::Bytes { offset, bytes: data.to_vec() })
    }
}

impl DiskHandle {
    fn write_down(&self, write: Write) -> Result<(), io::Error> {
        let mut state = self.state()?;
        apply(&mut state.seen, &write, usize::MAX);
        state.unsynced.push(write);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use warroom_protocol::Seed;

    use super::*;

    #[test]
    fn synced_bytes_survive_and_a_handle_of_an_older_life_fails() {
        let disk = Disk::default();
        let handle = disk.handle();
        handle.write(0, b"kept").unwrap();
        handle.sync_data().unwrap();
        handle.write(4, &[1; 4096]).unwrap();
        disk.cut_power(&mut Dice::new(Seed([3; 32])));
        assert!(handle.len().is_err(), "the old process is gone");
        let mut kept = [0; 4];
        disk.handle().read(0, &mut kept).unwrap();
        assert_eq!(&kept, b"kept");
    }
}
