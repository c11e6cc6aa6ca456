//! Every limit of the protocol, each with its unit and its reason. Nothing else holds one.

/// Bytes of the shortest document id: a UUID, as automerge-repo makes them.
pub const DOCUMENT_ID_BYTES_MIN: usize = 16;
/// Bytes of the longest document id; Keyhive's are 32, and 64 leaves room for a tagged one.
pub const DOCUMENT_ID_BYTES_MAX: usize = 64;
/// Bytes of the longest peer, storage or session id. Real ones are below 50.
pub const PEER_ID_BYTES_MAX: usize = 512;
