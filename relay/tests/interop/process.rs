//! The relay as an operator starts it, to be killed and started again.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A running relay; killed (`SIGKILL`) when dropped.
pub(crate) struct RelayProcess {
    child: Child,
    address: String,
}

impl RelayProcess {
    /// Starts a relay on a free port, or on `port` again.
    pub(crate) fn start(data: &Path, port: u16) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_warroom"))
            .args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--data"])
            .arg(data)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the relay starts");
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| line.split("http://").nth(1).map(first_word))
            .expect("the relay says where it listens");
        std::thread::Builder::new()
            .name("relay output".to_owned())
            .spawn(move || lines.map_while(Result::ok).for_each(drop))
            .expect("a thread drains what the relay prints");
        Self { child, address }
    }

    /// Where web sockets go.
    pub(crate) fn url(&self) -> String {
        format!("ws://{}", self.address)
    }

    /// The port, to start again on.
    pub(crate) fn port(&self) -> u16 {
        self.address.rsplit(':').next().unwrap().parse().unwrap()
    }

    /// `kill -9`, and waits until it is gone.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for RelayProcess {
    fn drop(&mut self) {
        let gone = self.child.kill().and_then(|()| self.child.wait());
        drop(gone);
    }
}

fn first_word(text: &str) -> String {
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == ':'));
    text.get(..end.unwrap_or(text.len())).unwrap_or_default().to_owned()
}
