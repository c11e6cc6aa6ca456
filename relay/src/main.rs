//! Arguments → configuration → serve.

use std::io::{self, Write};
use std::pin::pin;
use std::process::ExitCode;
use std::sync::Arc;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::Notify;
use warroom_relay::config::{Arguments, Command, Config};
use warroom_relay::error::{OperateError, ServeError};
use warroom_relay::operator::{self, OperatorCommand, Outcome};
use warroom_relay::store::{FileDisk, Store, StoreThread};
use warroom_relay::{bind, dice, open_and_serve, telemetry, work};

/// How a command ends that found something wrong with what is stored.
const FOUND_WRONG: u8 = 3;

fn main() -> ExitCode {
    let arguments = Arguments::read(std::env::args_os()).unwrap_or_else(|error| error.exit());
    let ended = match arguments.command {
        Command::Serve(arguments) => {
            telemetry::start(arguments.log_format);
            let served = Config::try_from(arguments).map_err(ServeError::from);
            let served = served.and_then(|config| run(&config));
            served.map(|()| ExitCode::SUCCESS).map_err(|error| error.to_string())
        }
        Command::Operate(command) => operate(command).map_err(|error| error.to_string()),
        Command::Worker => {
            let worked = work().map(|()| ExitCode::SUCCESS);
            worked.map_err(|error| error.to_string())
        }
    };
    ended.unwrap_or_else(|error| {
        // nobody may listen any more
        writeln!(io::stderr(), "error: {error}").unwrap_or(());
        ExitCode::FAILURE
    })
}

fn operate(command: OperatorCommand) -> Result<ExitCode, OperateError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(OperateError::System)?;
    match runtime.block_on(operator::run(command, &mut io::stdout()))? {
        Outcome::Done => Ok(ExitCode::SUCCESS),
        Outcome::Wrong => Ok(FOUND_WRONG.into()),
    }
}

fn run(config: &Config) -> Result<(), ServeError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let served = runtime.block_on(serve_until_signal(config));
    // whatever did not stop in time is not waited for
    runtime.shutdown_background();
    served
}

/// Serves until the system or a person asks the relay to stop, and once more to stop at once.
async fn serve_until_signal(config: &Config) -> Result<(), ServeError> {
    let mut signals = Signals::listen()?;
    let listener = bind(config.listen, "--listen").await?;
    let address = listener.local_addr()?;
    let disk = FileDisk::new(&config.database);
    let open = move || {
        let fresh = dice::storage_id(&mut dice::from_system());
        let store = StoreThread::open(disk, &fresh)?;
        // the one line for people; nobody may read it
        writeln!(io::stdout(), "War Room is at http://{address}").unwrap_or(());
        let store: Arc<dyn Store> = Arc::new(store);
        Ok(store)
    };
    let stop = Notify::new();
    let mut serving = pin!(open_and_serve(listener, open, config, stop.notified()));
    tokio::select! {
        served = serving.as_mut() => return served,
        () = signals.next() => stop.notify_one(),
    }
    tokio::select! {
        served = serving => served,
        () = signals.next() => Err(ServeError::Interrupted),
    }
}

/// What asks the relay to stop.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> io::Result<Self> {
        let terminate = signal(SignalKind::terminate())?;
        Ok(Self { terminate, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
