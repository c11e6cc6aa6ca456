//! What each command asks, and what it says.

use std::io::{self, Write};
use std::path::Path;

use axum::body::Body;
use axum::http::Method;
use futures_util::StreamExt;

use super::arguments::OperatorCommand;
use super::asking::{Relay, Use};
use super::lines::{Line, Listed};
use super::moving;
use crate::error::OperateError;
use crate::spawn;
use crate::store::{Copied, Copying, Verified};

/// How a command ended that could be carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Done,
    /// It was done, and something is wrong with what is stored.
    Wrong,
}

/// Carries a command out, and says on `output` what came of it.
///
/// # Errors
/// [`OperateError`]: it could not be carried out.
pub async fn run(
    command: OperatorCommand,
    output: &mut (dyn Write + Send),
) -> Result<Outcome, OperateError> {
    match command {
        OperatorCommand::Backup { place, file } => {
            let mut relay = Relay::reach(&place.database(), Use::Read).await?;
            let outcome = backup(&mut relay, &file, output).await;
            relay.close().await;
            outcome
        }
        OperatorCommand::Verify { place, file } => {
            let mut relay = reach(file.as_deref(), &place.database()).await?;
            let outcome = verify(&mut relay, output).await;
            relay.close().await;
            outcome
        }
        OperatorCommand::List { place, of } => {
            let mut relay = reach(of.as_deref(), &place.database()).await?;
            let outcome = list(&mut relay, output).await;
            relay.close().await;
            outcome
        }
        OperatorCommand::Restore { place, file } => {
            let mut from = Relay::open(&file, Use::Read).await?;
            let mut to = Relay::reach(&place.database(), Use::Write).await?;
            let outcome = moving::restore(&mut from, &mut to, output).await;
            to.close().await;
            from.close().await;
            outcome
        }
        OperatorCommand::Export { place, document, file, room, of } => {
            let mut relay = reach(of.as_deref(), &place.database()).await?;
            let outcome = if room {
                moving::export_room(&mut relay, &document, &file, output).await
            } else {
                moving::export(&mut relay, &document, &file, output).await
            };
            relay.close().await;
            outcome
        }
        OperatorCommand::Import { place, document, file, into } => {
            let changes = moving::read(&file).await?;
            let mut relay = Relay::reach(&place.database(), Use::Write).await?;
            let brought = moving::bring(&mut relay, &document, into.as_ref(), changes).await;
            relay.close().await;
            let count = brought?;
            say(output, format_args!("{count} changes of {document} are new"))?;
            Ok(Outcome::Done)
        }
    }
}

/// The store, or another database that is named.
async fn reach(other: Option<&Path>, database: &Path) -> Result<Relay, OperateError> {
    match other {
        Some(file) => Relay::open(file, Use::Read).await,
        None => Relay::reach(database, Use::Read).await,
    }
}

async fn backup(
    relay: &mut Relay,
    file: &Path,
    output: &mut (dyn Write + Send),
) -> Result<Outcome, OperateError> {
    let path = file.to_path_buf();
    let mut copying = blocking(move || Copying::begin(&path)).await??;
    let rows = relay.ask(Method::GET, "/1/rows", Body::empty()).await?;
    let mut rows = rows.into_body().into_data_stream();
    while let Some(block) = rows.next().await {
        let block = block.map_err(|_| OperateError::Left)?;
        copying = blocking(move || copying.take(&block).map(|()| copying)).await??;
    }
    let copied = blocking(move || copying.finish()).await??;
    let Copied { rows: _, bytes, verified, findings } = copied;
    say(
        output,
        format_args!("{} is a backup of {} ({bytes} bytes)", file.display(), told(&verified)),
    )?;
    for finding in &findings {
        say(output, format_args!("{finding}"))?;
    }
    if findings.is_empty() {
        return Ok(Outcome::Done);
    }
    say(output, format_args!("the copy is exact: so it is in the store, look at warroom verify"))?;
    Ok(Outcome::Wrong)
}

async fn verify(
    relay: &mut Relay,
    output: &mut (dyn Write + Send),
) -> Result<Outcome, OperateError> {
    let mut lines = relay.lines("/1/verify").await?;
    loop {
        match lines.next().await? {
            Line::Finding(finding) => say(output, format_args!("{finding}"))?,
            Line::Verified(verified) => {
                say(output, format_args!("read {}", told(&verified)))?;
                if verified.quarantined > 0 {
                    let aside = verified.quarantined;
                    say(
                        output,
                        format_args!(
                            "{aside} records could not be read before, and were moved aside"
                        ),
                    )?;
                }
                if verified.findings == 0 {
                    return Ok(Outcome::Done);
                }
                say(output, format_args!("{} findings", verified.findings))?;
                return Ok(Outcome::Wrong);
            }
            Line::Document(_) | Line::Brought(_) | Line::End | Line::Failed(_) => {
                return Err(OperateError::Version);
            }
        }
    }
}

async fn list(relay: &mut Relay, output: &mut (dyn Write + Send)) -> Result<Outcome, OperateError> {
    for Listed { document, room, changes, bytes, heads: _, harm } in relay.documents().await? {
        let room = room.unwrap_or_default();
        let harm = if harm.is_empty() { harm } else { format!("\t{harm}") };
        say(output, format_args!("{document}\t{changes}\t{bytes}\t{room}{harm}"))?;
    }
    Ok(Outcome::Done)
}

/// What was read, for people.
fn told(verified: &Verified) -> String {
    let Verified { documents, changes, bytes, quarantined: _, findings: _ } = verified;
    format!("{documents} documents with {changes} changes of {bytes} bytes")
}

pub(super) fn say(
    output: &mut (dyn Write + Send),
    line: std::fmt::Arguments<'_>,
) -> Result<(), OperateError> {
    writeln!(output, "{line}").map_err(OperateError::Output)
}

pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, OperateError> {
    spawn::blocking(work).await.map_err(|error: io::Error| OperateError::System(error))
}
