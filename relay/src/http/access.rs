//! Who may talk to the relay from a browser: the `Host` and `Origin` of a request.
//!
//! A page on another site can open a WebSocket to this machine, and can make its own name resolve to it. Browsers
//! say truthfully in `Origin` which page asks and in `Host` which name it used, so both are compared with the names
//! that the relay goes by. Programs that are not browsers send no `Origin`.

use std::net::{IpAddr, SocketAddr};

use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, Uri};

/// The names that the relay goes by.
#[derive(Debug, Clone)]
pub(crate) struct Names {
    listen: IpAddr,
    hosts: Vec<String>,
}

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AccessRefused {
    /// No `Host`, or one that the relay does not go by.
    Host,
    /// A page of another site.
    Origin,
}

impl AccessRefused {
    /// One sentence for whoever asked.
    pub(crate) fn message(self) -> &'static str {
        match self {
            Self::Host => {
                "this relay does not go by that name: open it by its address, or start it with --host NAME"
            }
            Self::Origin => {
                "this page may not use the relay: open the board from the relay itself, or start it with --host NAME"
            }
        }
    }
}

impl Names {
    /// The names of a relay that listens on `listen` and is reached under `hosts` (lower case, without port).
    pub(crate) fn new(listen: SocketAddr, hosts: Vec<String>) -> Self {
        Self { listen: listen.ip().to_canonical(), hosts }
    }

    /// Checks the name that a request used.
    pub(crate) fn check_host(&self, headers: &HeaderMap) -> Result<(), AccessRefused> {
        let host = single(headers, HOST.as_str()).and_then(host_of_authority);
        match host {
            Some(host) if self.is_own(host) => Ok(()),
            Some(_) | None => Err(AccessRefused::Host),
        }
    }

    /// Checks the page that asks, where a browser named one.
    pub(crate) fn check_origin(&self, headers: &HeaderMap) -> Result<(), AccessRefused> {
        if !headers.contains_key(ORIGIN) {
            return Ok(());
        }
        let origin = single(headers, ORIGIN.as_str()).and_then(|text| text.parse::<Uri>().ok());
        let is_web = origin
            .as_ref()
            .and_then(Uri::scheme_str)
            .is_some_and(|scheme| scheme == "http" || scheme == "https");
        let authority = origin.as_ref().and_then(Uri::authority).filter(|_| is_web);
        let Some(authority) = authority.map(axum::http::uri::Authority::as_str) else {
            return Err(AccessRefused::Origin);
        };
        let is_own_page =
            single(headers, HOST.as_str()).is_some_and(|host| host.eq_ignore_ascii_case(authority));
        let is_allowed = is_own_page
            || host_of_authority(authority)
                .is_some_and(|host| is_this_machine(host) || self.is_named(host));
        if is_allowed { Ok(()) } else { Err(AccessRefused::Origin) }
    }

    fn is_own(&self, host: &str) -> bool {
        is_this_machine(host) || self.is_named(host) || self.is_address(host)
    }

    fn is_named(&self, host: &str) -> bool {
        self.hosts.iter().any(|name| name.eq_ignore_ascii_case(host))
    }

    /// An address can't be made to resolve elsewhere, so any is fine where the relay listens on all of them.
    fn is_address(&self, host: &str) -> bool {
        let host = address(host);
        host.is_some_and(|host| self.listen.is_unspecified() || host == self.listen)
    }
}

/// The value of a header that must occur once.
fn single<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    if values.next().is_some() { None } else { value.to_str().ok() }
}

/// `board.example.org:443` → `board.example.org`, `[::1]:80` → `[::1]`.
fn host_of_authority(authority: &str) -> Option<&str> {
    if authority.contains('@') {
        return None;
    }
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port),
        Some(_) | None => (authority, ""),
    };
    let is_port = port.bytes().all(|byte| byte.is_ascii_digit());
    (is_port && !host.is_empty()).then_some(host)
}

fn address(host: &str) -> Option<IpAddr> {
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    host.parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

fn is_this_machine(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || address(host).is_some_and(|host| host.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(listen: &str) -> Names {
        Names::new(listen.parse().unwrap(), vec!["board.example.org".into()])
    }

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn a_request_must_use_a_name_of_the_relay() {
        for (host, loopback, everywhere) in [
            ("localhost:8080", true, true),
            ("LOCALHOST", true, true),
            ("127.0.0.1:8080", true, true),
            ("[::1]:8080", true, true),
            ("board.example.org", true, true),
            ("Board.Example.Org:443", true, true),
            ("192.0.2.7:8080", false, true),
            ("[2001:db8::1]", false, true),
            ("evil.example", false, false),
            ("localhost.evil.example", false, false),
            ("evil.example@localhost", false, false),
            ("localhost:80:80", false, false),
            ("localhost:x", false, false),
            ("localhost.", false, false),
            (":8080", false, false),
            ("", false, false),
        ] {
            let headers = headers(&[("host", host)]);
            assert_eq!(names("127.0.0.1:8080").check_host(&headers).is_ok(), loopback, "{host}");
            assert_eq!(names("0.0.0.0:8080").check_host(&headers).is_ok(), everywhere, "{host}");
        }
        assert!(names("127.0.0.1:8080").check_host(&HeaderMap::new()).is_err());
    }

    #[test]
    fn a_page_of_another_site_is_refused() {
        for (origin, is_allowed) in [
            ("http://localhost:5173", true),
            ("https://127.0.0.1", true),
            ("http://[::1]:3000", true),
            ("https://board.example.org", true),
            ("http://192.0.2.7:8080", true),
            ("http://192.0.2.7:8081", false),
            ("http://192.0.2.7", false),
            ("https://evil.example", false),
            ("https://board.example.org.evil.example", false),
            ("https://evilboard.example.org", false),
            ("https://sub.board.example.org", false),
            ("http://localhost.evil.example", false),
            ("http://xn--lcalhost-54a", false),
            ("http://localhost@evil.example", false),
            ("http://evil.example@localhost", false),
            ("null", false),
            ("file://", false),
            ("chrome-extension://localhost", false),
            ("", false),
        ] {
            let headers = headers(&[("host", "192.0.2.7:8080"), ("origin", origin)]);
            let checked = names("0.0.0.0:8080").check_origin(&headers);
            assert_eq!(checked.is_ok(), is_allowed, "{origin}");
        }
        assert!(names("127.0.0.1:1").check_origin(&HeaderMap::new()).is_ok());
    }

    #[test]
    fn two_of_a_header_are_refused() {
        let mut twice = headers(&[("host", "localhost"), ("origin", "http://localhost")]);
        twice.append(HOST, "evil.example".parse().unwrap());
        twice.append(ORIGIN, "http://evil.example".parse().unwrap());
        assert!(names("127.0.0.1:1").check_host(&twice).is_err());
        assert!(names("127.0.0.1:1").check_origin(&twice).is_err());
    }
}
