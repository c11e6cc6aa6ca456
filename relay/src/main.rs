//! Arguments → configuration → serve.

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;

use tokio::signal::unix::{SignalKind, signal};
use warroom_relay::config::{Arguments, Command, Config};
use warroom_relay::error::ServeError;
use warroom_relay::store::{FileDisk, StoreThread};
use warroom_relay::{bind, dice, serve, telemetry};

fn main() -> ExitCode {
    let arguments = Arguments::read(std::env::args_os()).unwrap_or_else(|error| error.exit());
    let Command::Serve(arguments) = arguments.command;
    telemetry::start(arguments.log);
    match Config::try_from(arguments).map_err(ServeError::from).and_then(|config| run(&config)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // nobody may listen any more
            writeln!(io::stderr(), "error: {error}").unwrap_or(());
            ExitCode::FAILURE
        }
    }
}

fn run(config: &Config) -> Result<(), ServeError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let served = runtime.block_on(async {
        let listener = bind(config.listen, "--listen").await?;
        let fresh = dice::storage_id(&mut dice::from_system());
        let store = StoreThread::open(FileDisk::new(&config.database), &fresh)?;
        // the one line for people; nobody may read it
        writeln!(io::stdout(), "War Room is at http://{}", listener.local_addr()?).unwrap_or(());
        serve(listener, Arc::new(store), config, stop_signal()?).await
    });
    // whatever did not stop in time is not waited for
    runtime.shutdown_background();
    served
}

/// Completes when the system or a person asks the relay to stop.
fn stop_signal() -> Result<impl Future<Output = ()> + Send, ServeError> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
