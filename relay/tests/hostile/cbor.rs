//! Frames as nobody honest writes them.

use bytes::Bytes;

/// A value of a hand-made frame.
pub(crate) enum Item {
    Text(String),
    Bytes(Vec<u8>),
    Raw(Vec<u8>),
}

/// A text value.
pub(crate) fn text(value: impl Into<String>) -> Item {
    Item::Text(value.into())
}

/// A map with these fields in this order.
pub(crate) fn map(fields: &[(&str, Item)]) -> Bytes {
    let mut out = vec![0xa0 | fields.len() as u8];
    for (key, value) in fields {
        head(&mut out, 3, key.len());
        out.extend_from_slice(key.as_bytes());
        match value {
            Item::Text(text) => {
                head(&mut out, 3, text.len());
                out.extend_from_slice(text.as_bytes());
            }
            Item::Bytes(bytes) => {
                head(&mut out, 2, bytes.len());
                out.extend_from_slice(bytes);
            }
            Item::Raw(raw) => out.extend_from_slice(raw),
        }
    }
    out.into()
}

fn head(out: &mut Vec<u8>, major: u8, length: usize) {
    out.push((major << 5) | 0x1a);
    out.extend_from_slice(&(length as u32).to_be_bytes());
}
