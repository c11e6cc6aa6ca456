//! One WebSocket to the relay.

use std::cell::Cell;
use std::fmt;
use std::rc::Rc;

use bytes::Bytes;
use js_sys::{ArrayBuffer, Uint8Array};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{BinaryType, Event, MessageEvent, WebSocket};

use crate::limits::CONNECT_TIMEOUT;
use crate::timer::Timer;

/// What a socket tells, in order: nothing follows `Failed` or `Closed`.
#[derive(Debug)]
pub(crate) enum SocketEvent {
    /// It is open.
    Opened,
    /// A frame.
    Received(Bytes),
    /// It did not open.
    Failed,
    /// It was open and is closed.
    Closed,
}

/// A socket that is being opened or is open. Dropping it closes it, and nothing is told any more.
pub(crate) struct Socket {
    inner: WebSocket,
    _handlers: [Closure<dyn FnMut(Event)>; 3],
    _timeout: Timer,
}

/// What its handlers share.
struct Ears {
    opened: Cell<bool>,
    done: Cell<bool>,
    tell: Box<dyn Fn(SocketEvent)>,
}

impl Ears {
    fn end(&self) {
        if !self.done.replace(true) {
            let opened = self.opened.get();
            (self.tell)(if opened { SocketEvent::Closed } else { SocketEvent::Failed });
        }
    }
}

impl Socket {
    /// Starts to connect.
    ///
    /// # Errors
    /// What the browser throws at once: an address that is none, or one that this page may not use.
    pub(crate) fn dial(
        address: &str,
        tell: impl Fn(SocketEvent) + 'static,
    ) -> Result<Self, JsValue> {
        let socket = WebSocket::new(address)?;
        socket.set_binary_type(BinaryType::Arraybuffer);
        let ears = Rc::new(Ears {
            opened: Cell::new(false),
            done: Cell::new(false),
            tell: Box::new(tell),
        });

        let ear = Rc::clone(&ears);
        let on_open = Closure::<dyn FnMut(Event)>::new(move |_| {
            if !ear.done.get() {
                ear.opened.set(true);
                (ear.tell)(SocketEvent::Opened);
            }
        });
        let ear = Rc::clone(&ears);
        let on_message = Closure::<dyn FnMut(Event)>::new(move |event: Event| {
            // text frames are not of this protocol; the relay sends none
            let data = event.unchecked_ref::<MessageEvent>().data();
            if let (false, Some(buffer)) = (ear.done.get(), data.dyn_ref::<ArrayBuffer>()) {
                (ear.tell)(SocketEvent::Received(Uint8Array::new(buffer).to_vec().into()));
            }
        });
        let ear = Rc::clone(&ears);
        let on_close = Closure::<dyn FnMut(Event)>::new(move |_| ear.end());
        socket.set_onopen(Some(on_open.as_ref().unchecked_ref()));
        socket.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        socket.set_onclose(Some(on_close.as_ref().unchecked_ref()));

        let late = socket.clone();
        let timeout = Timer::new(move || {
            if !ears.opened.get() {
                let _closing = late.close();
                ears.end();
            }
        });
        timeout.set(CONNECT_TIMEOUT);
        Ok(Self { inner: socket, _handlers: [on_open, on_message, on_close], _timeout: timeout })
    }

    /// Whether it has opened, and is not known to be closed.
    pub(crate) fn is_open(&self) -> bool {
        self.inner.ready_state() == WebSocket::OPEN
    }

    /// Sends a frame; one that can't be sent is lost with the socket, which tells `Closed`.
    pub(crate) fn send(&self, frame: &[u8]) {
        let _closed = self.inner.send_with_u8_array(frame);
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.inner.set_onopen(None);
        self.inner.set_onmessage(None);
        self.inner.set_onclose(None);
        let _closing = self.inner.close();
    }
}

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Socket").field("state", &self.inner.ready_state()).finish_non_exhaustive()
    }
}
