//! The columns of a change's operations, cut by their metadata.
//!
//! Metadata (automerge `storage/columns/raw_column.rs`, 0.12): count ‖ (specification, length) for each column that is
//! not empty, ascending. A specification is the column's id, shifted left by four, with a type below; bit 8 would say
//! "deflated", which a change's columns never are.

use super::reader::Reader;
use crate::error::GuardError;
use crate::limits::CHANGE_BYTES_MAX;

/// The bytes of each known column; empty where the change has none.
#[derive(Debug, Default)]
pub(super) struct Columns<'a> {
    pub(super) obj_actor: &'a [u8],
    pub(super) obj_counter: &'a [u8],
    pub(super) key_actor: &'a [u8],
    pub(super) key_counter: &'a [u8],
    pub(super) key_text: &'a [u8],
    pub(super) insert: &'a [u8],
    pub(super) action: &'a [u8],
    pub(super) value_meta: &'a [u8],
    pub(super) value: &'a [u8],
    pub(super) pred_count: &'a [u8],
    pub(super) pred_actor: &'a [u8],
    pub(super) pred_counter: &'a [u8],
    pub(super) expand: &'a [u8],
    pub(super) mark_name: &'a [u8],
}

/// How many columns there are to know.
const COLUMNS_MAX: usize = 14;

impl<'a> Columns<'a> {
    /// Reads the metadata and the columns behind it.
    pub(super) fn read(reader: &mut Reader<'a>) -> Result<Self, GuardError> {
        let count = reader.count("columns of a change", COLUMNS_MAX)?;
        let mut metadata = Vec::with_capacity(count);
        for _ in 0..count {
            let specification = reader.uleb()?;
            let bytes = reader.count("bytes of a column", CHANGE_BYTES_MAX)?;
            if bytes == 0 {
                return Err(reader.malformed("an empty column is listed"));
            }
            metadata.push((specification, bytes));
        }
        if !metadata.is_sorted_by(|one, next| one.0 < next.0) {
            return Err(reader.malformed("its columns are not sorted or repeat"));
        }
        let mut columns = Self::default();
        for (specification, bytes) in metadata {
            let Some(column) = columns.by_specification(specification) else {
                return Err(reader.malformed("a column is unknown or deflated"));
            };
            *column = reader.take(bytes)?;
        }
        Ok(columns)
    }

    fn by_specification(&mut self, specification: u64) -> Option<&mut &'a [u8]> {
        Some(match specification {
            0x01 => &mut self.obj_actor,
            0x02 => &mut self.obj_counter,
            0x11 => &mut self.key_actor,
            0x13 => &mut self.key_counter,
            0x15 => &mut self.key_text,
            0x34 => &mut self.insert,
            0x42 => &mut self.action,
            0x56 => &mut self.value_meta,
            0x57 => &mut self.value,
            0x70 => &mut self.pred_count,
            0x71 => &mut self.pred_actor,
            0x73 => &mut self.pred_counter,
            0x94 => &mut self.expand,
            0xa5 => &mut self.mark_name,
            _ => return None,
        })
    }
}
