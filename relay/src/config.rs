//! What the relay is told on the command line and by its environment, and what it refuses to be told.

use std::ffi::OsString;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use clap::parser::ValueSource;
use clap::{ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::error::ConfigError;
use crate::limits::{DRAIN_WITHIN, DRAIN_WITHIN_MAX};
use crate::operator::{self, OperatorCommand};
use crate::telemetry::LogFormat;

/// War Room: boards that several people edit at once, offline too.
#[derive(Debug, Parser)]
#[command(name = "warroom", version, about)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

impl Arguments {
    /// Reads a command line, the program's name first, and the environment.
    ///
    /// # Errors
    /// What to print instead: help, or what is wrong in a sentence.
    pub fn read(
        line: impl IntoIterator<Item = impl Into<OsString> + Clone>,
    ) -> Result<Self, clap::Error> {
        let matches = Self::command().try_get_matches_from(serve_unless_told(line))?;
        let mut arguments = Self::from_arg_matches(&matches)?;
        if let Some((_, matches)) = matches.subcommand() {
            match &mut arguments.command {
                Command::Serve(serve) => serve.let_flags_win(matches),
                Command::Operate(command) => command.place_mut().let_flags_win(matches),
                Command::Worker => {}
            }
        }
        Ok(arguments)
    }
}

/// A command line that names no command and asks for no help is one that serves.
fn serve_unless_told(
    line: impl IntoIterator<Item = impl Into<OsString> + Clone>,
) -> impl Iterator<Item = OsString> {
    let mut line = line.into_iter().map(Into::into).peekable();
    let program = line.next();
    let is_told = line.peek().is_some_and(|first| {
        let is_flag = first.as_encoded_bytes().starts_with(b"-");
        !is_flag || ["-h", "--help", "-V", "--version"].iter().any(|told| first == told)
    });
    let serve = (!is_told).then(|| OsString::from("serve"));
    program.into_iter().chain(serve).chain(line)
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the boards: sync, storage and web app on one port. What is done where no command is named.
    Serve(ServeArguments),
    /// What an operator does to a store.
    #[command(flatten)]
    Operate(OperatorCommand),
    /// Compact one document, from standard input to standard output: what `serve` starts by itself.
    #[command(hide = true)]
    Worker,
}

/// Where the store is. A flag wins over its variable.
#[derive(Debug, Clone, Args)]
pub struct Place {
    /// Folder for the database; made when it does not exist.
    #[arg(long, env = "WARROOM_DATA", default_value = "data")]
    pub data: PathBuf,

    /// The database file, instead of warroom.redb in the data folder.
    #[arg(long, env = "DATABASE_PATH")]
    pub database: Option<PathBuf>,
}

impl Place {
    /// The database file.
    pub fn database(&self) -> PathBuf {
        self.database.clone().unwrap_or_else(|| self.data.join("warroom.redb"))
    }

    /// Forgets `DATABASE_PATH` beside `--data`: it would be another database than the operator named.
    pub(crate) fn let_flags_win(&mut self, matches: &ArgMatches) {
        if is_overruled(matches, "data", "database") {
            self.database = None;
        }
    }
}

/// Whether a flag says what the environment says in another way.
fn is_overruled(matches: &ArgMatches, flag: &str, variable: &str) -> bool {
    matches.value_source(flag) == Some(ValueSource::CommandLine)
        && matches.value_source(variable) == Some(ValueSource::EnvVariable)
}

/// How to serve. Every flag can come from the environment instead; a flag wins.
#[derive(Debug, Args)]
pub struct ServeArguments {
    /// Address and port to listen on. Port 0 takes any free one.
    #[arg(long, env = "WARROOM_LISTEN", default_value = "127.0.0.1:8080", value_parser = address)]
    pub listen: SocketAddr,

    /// Port to listen on, instead of the one in --listen.
    #[arg(long, env = "PORT")]
    pub port: Option<u16>,

    /// Address and port for /metrics, /api/health and /api/ready alone. Without it /metrics is on --listen.
    #[arg(long, env = "WARROOM_METRICS_LISTEN", value_parser = address)]
    pub metrics_listen: Option<SocketAddr>,

    /// Where the store is.
    #[command(flatten)]
    pub place: Place,

    /// Seconds that a drain may take: on SIGTERM or SIGINT what was accepted is saved and every connection is closed;
    /// what is left then is cut off. A second signal ends at once.
    #[arg(
        long,
        env = "WARROOM_DRAIN_WITHIN",
        value_name = "SECONDS",
        default_value_t = DRAIN_WITHIN.as_secs(),
        value_parser = clap::value_parser!(u64).range(..=DRAIN_WITHIN_MAX.as_secs()),
    )]
    pub drain_within: u64,

    /// Who reads the log on standard error. The variable `RUST_LOG` says how much of it there is; without it, info and up.
    #[arg(long, alias = "log", env = "WARROOM_LOG_FORMAT", value_enum, default_value_t)]
    pub log_format: LogFormat,

    /// A name under which people reach the relay (board.example.org), for the check against forged pages. May be
    /// given several times, or separated by commas.
    #[arg(long, env = "WARROOM_HOST", value_delimiter = ',')]
    pub host: Vec<String>,

    /// Listen on an address that others can reach although everyone who reaches it may read and write everything.
    #[arg(long, env = "WARROOM_INSECURE_OPEN")]
    pub insecure_open: bool,
}

impl ServeArguments {
    /// Forgets what the environment says where a flag says the same thing in another way: `PORT` beside `--listen` too.
    fn let_flags_win(&mut self, matches: &ArgMatches) {
        if is_overruled(matches, "listen", "port") {
            self.port = None;
        }
        self.place.let_flags_win(matches);
    }
}

/// A configuration that can be served.
///
/// The default listens on any free port of this machine and stores in the current folder.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Where operators ask, if not there.
    pub metrics_listen: Option<SocketAddr>,
    /// The database file.
    pub database: PathBuf,
    /// Where commands of the operator come in, if anywhere.
    pub operator_socket: Option<PathBuf>,
    /// The program that `worker` is a command of, for compaction; without it nothing is compacted.
    pub worker: Option<PathBuf>,
    /// Names under which people reach the relay, besides its addresses.
    pub hosts: Vec<String>,
    /// How long a drain may take.
    pub drain_within: Duration,
    /// Whether the operator accepted that everyone who reaches the relay may do everything.
    pub insecure_open: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
            metrics_listen: None,
            database: "warroom.redb".into(),
            operator_socket: None,
            worker: None,
            hosts: Vec::new(),
            drain_within: DRAIN_WITHIN,
            insecure_open: false,
        }
    }
}

impl TryFrom<ServeArguments> for Config {
    type Error = ConfigError;

    fn try_from(arguments: ServeArguments) -> Result<Self, ConfigError> {
        let ServeArguments {
            mut listen,
            port,
            metrics_listen,
            place,
            drain_within,
            log_format: _,
            host,
            insecure_open,
        } = arguments;
        if let Some(port) = port {
            listen.set_port(port);
        }
        if !is_loopback(listen.ip()) && !insecure_open {
            return Err(ConfigError::OpenToOthers { listen });
        }
        Ok(Self {
            listen,
            metrics_listen,
            operator_socket: Some(operator::beside(&place.database())),
            database: place.database(),
            worker: std::env::current_exe().ok(),
            hosts: host.iter().map(|host| host.trim().to_ascii_lowercase()).collect(),
            drain_within: Duration::from_secs(drain_within),
            insecure_open,
        })
    }
}

/// Whether only this machine reaches the address.
fn is_loopback(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}

/// `127.0.0.1:8080`, `[::1]:8080` or `localhost:8080`.
fn address(text: &str) -> Result<SocketAddr, String> {
    if let Some(port) = text.strip_prefix("localhost:").and_then(|port| port.parse().ok()) {
        return Ok((Ipv4Addr::LOCALHOST, port).into());
    }
    text.parse().map_err(|_| "give an address and a port, as in 127.0.0.1:8080".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(arguments: &[&str]) -> Result<Config, String> {
        let arguments = ["warroom", "serve"].iter().chain(arguments);
        let read = Arguments::read(arguments).map_err(|error| error.to_string())?;
        let Command::Serve(serve) = read.command else { return Err("it does not serve".into()) };
        Config::try_from(serve).map_err(|error| error.to_string())
    }

    #[test]
    fn only_this_machine_is_served_unless_the_operator_insists() {
        for (listen, is_served) in [
            ("127.0.0.1:1", true),
            ("localhost:1", true),
            ("[::1]:1", true),
            ("[::ffff:127.0.0.1]:1", true),
            ("0.0.0.0:1", false),
            ("[::]:1", false),
            ("192.0.2.1:1", false),
        ] {
            assert_eq!(config(&["--listen", listen]).is_ok(), is_served, "{listen}");
            assert!(config(&["--listen", listen, "--insecure-open"]).is_ok(), "{listen}");
        }
    }

    #[test]
    fn the_port_and_the_file_can_be_given_apart() {
        let config = config(&["--listen", "[::1]:1", "--port", "2", "--data", "d"]).unwrap();
        assert_eq!(config.listen.to_string(), "[::1]:2");
        assert_eq!(config.database, PathBuf::from("d/warroom.redb"));
    }

    #[test]
    fn a_wrong_flag_is_told_in_a_sentence() {
        for arguments in [["--listen", "nowhere"], ["--port", "65536"], ["--log-format", "loud"]] {
            assert!(config(&arguments).unwrap_err().contains(arguments[1]), "{arguments:?}");
        }
    }
}
