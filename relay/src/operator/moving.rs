//! Documents from one store to another, and to files and back: by their changes, so that what is there already comes to nothing.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::{Method, StatusCode};
use warroom_protocol::DocumentId;

use super::asking::{Relay, Use};
use super::commands::{Outcome, blocking, say};
use super::lines::{Line, Lines, Listed};
use super::router::UNREADABLE;
use crate::error::OperateError;
use crate::limits::OPERATOR_BODY_BYTES_MAX;
use crate::store::NewFile;

type Output<'a> = &'a mut (dyn Write + Send);

/// Brings what one store has and another lacks to that one.
pub(super) async fn restore(
    from: &mut Relay,
    to: &mut Relay,
    output: Output<'_>,
) -> Result<Outcome, OperateError> {
    let there = to.documents().await?.into_iter();
    let there: BTreeMap<_, _> = there.map(|listed| (listed.document.clone(), listed)).collect();
    let documents = from.documents().await?;
    let count = documents.len();
    let (mut brought, mut touched, mut refused) = (0_u64, 0_u64, 0_u64);
    for listed in documents {
        let known = there.get(&listed.document);
        let is_known = |known: &Listed| known.heads == listed.heads && known.room == listed.room;
        if known.is_some_and(is_known) {
            continue;
        }
        match carry(from, to, &listed, output).await {
            Ok(changes) => {
                brought = brought.saturating_add(changes);
                touched += u64::from(changes > 0);
            }
            Err(OperateError::Failed(sentence)) => {
                refused += 1;
                say(output, format_args!("{}: {sentence}", listed.document))?;
            }
            Err(error) => return Err(error),
        }
    }
    say(output, format_args!("{brought} changes in {touched} documents are back, of {count}"))?;
    if refused == 0 {
        return Ok(Outcome::Done);
    }
    say(output, format_args!("{refused} documents could not be brought back"))?;
    Ok(Outcome::Wrong)
}

/// Writes a document into a file.
pub(super) async fn export(
    relay: &mut Relay,
    document: &DocumentId,
    file: &Path,
    output: Output<'_>,
) -> Result<Outcome, OperateError> {
    let new = begin(file).await?;
    let (changes, unreadable) = changes(relay, &document.to_string()).await?;
    let bytes = changes.len();
    blocking(move || {
        let write = || {
            let mut file = File::create_new(new.making())?;
            file.write_all(&changes)?;
            file.sync_all()
        };
        write().map_err(|error| new.failed(error))?;
        new.name()
    })
    .await??;
    say(output, format_args!("{} has {document} ({bytes} bytes)", file.display()))?;
    told_unreadable(&document.to_string(), unreadable, output)
}

/// Writes a document and all that count to its room into a file, as a store of its own.
pub(super) async fn export_room(
    relay: &mut Relay,
    root: &DocumentId,
    file: &Path,
    output: Output<'_>,
) -> Result<Outcome, OperateError> {
    let new = begin(file).await?;
    let root = root.to_string();
    let mut documents = relay.documents().await?;
    documents.retain(|listed| listed.document == root || listed.room.as_ref() == Some(&root));
    if documents.is_empty() {
        return Err(OperateError::Nothing { document: root });
    }
    let mut store = Relay::open(new.making(), Use::Write).await?;
    let mut carried = Ok(());
    for listed in &documents {
        carried = carry(relay, &mut store, listed, output).await.map(drop);
        if carried.is_err() {
            break;
        }
    }
    store.close().await;
    carried?;
    blocking(move || new.name()).await??;
    let count = documents.len();
    say(output, format_args!("{} has the room {root}: {count} documents", file.display()))?;
    Ok(Outcome::Done)
}

/// What is in a file.
pub(super) async fn read(file: &Path) -> Result<Bytes, OperateError> {
    let path = file.to_path_buf();
    let read = blocking({
        let path = path.clone();
        move || fs::read(path)
    });
    let bytes = read.await?.map_err(|source| OperateError::File { path, source })?;
    Ok(bytes.into())
}

/// Brings changes to a document; how many of them are new.
pub(super) async fn bring(
    relay: &mut Relay,
    document: &DocumentId,
    root: Option<&DocumentId>,
    changes: Bytes,
) -> Result<u64, OperateError> {
    let root = root.map(ToString::to_string);
    post(relay, &document.to_string(), root.as_deref(), changes).await
}

/// Brings a document from one store to another; how many of its changes were new there.
async fn carry(
    from: &mut Relay,
    to: &mut Relay,
    listed: &Listed,
    output: Output<'_>,
) -> Result<u64, OperateError> {
    let (changes, unreadable) = changes(from, &listed.document).await?;
    told_unreadable(&listed.document, unreadable, output)?;
    post(to, &listed.document, listed.room.as_deref(), changes).await
}

async fn post(
    relay: &mut Relay,
    document: &str,
    root: Option<&str>,
    changes: Bytes,
) -> Result<u64, OperateError> {
    // ids are letters and digits
    let of = root.map_or_else(String::new, |root| format!("/of/{root}"));
    let path = format!("/1/documents/{document}{of}");
    let answer = relay.ask(Method::POST, &path, Body::from(changes)).await?;
    match Lines::of(answer.into_body()).next().await? {
        Line::Brought(count) => Ok(count),
        Line::Document(_) | Line::Finding(_) | Line::Verified(_) | Line::End | Line::Failed(_) => {
            Err(OperateError::Version)
        }
    }
}

/// The changes of a document that can be read, and how many records can't.
async fn changes(relay: &mut Relay, document: &str) -> Result<(Bytes, u64), OperateError> {
    let path = format!("/1/documents/{document}");
    let answer = relay.ask(Method::GET, &path, Body::empty()).await?;
    if answer.status() == StatusCode::NO_CONTENT {
        return Err(OperateError::Nothing { document: document.to_owned() });
    }
    let unreadable = answer.headers().get(UNREADABLE).and_then(|value| value.to_str().ok());
    let unreadable = unreadable.and_then(|text| text.parse().ok()).unwrap_or(0);
    let changes = to_bytes(answer.into_body(), OPERATOR_BODY_BYTES_MAX).await;
    Ok((changes.map_err(|_| OperateError::Left)?, unreadable))
}

fn told_unreadable(
    document: &str,
    unreadable: u64,
    output: Output<'_>,
) -> Result<Outcome, OperateError> {
    if unreadable == 0 {
        return Ok(Outcome::Done);
    }
    say(output, format_args!("{document}: {unreadable} records can't be read and are left out"))?;
    Ok(Outcome::Wrong)
}

async fn begin(file: &Path) -> Result<NewFile, OperateError> {
    let path = file.to_path_buf();
    Ok(blocking(move || NewFile::begin(&path)).await??)
}
