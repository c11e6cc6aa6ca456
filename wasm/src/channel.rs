//! The tabs of one browser that have one room open, over a `BroadcastChannel`: each keeps a connection with each other.
//!
//! A message is an array: kind, sender, and for some a receiver and bytes. `hello` asks who is there, `here` answers one,
//! `bye` leaves, `frame` carries bytes. Other versions of this code may speak too, so what is not understood is ignored.

use std::fmt;

use bytes::Bytes;
use js_sys::{Array, Uint8Array};
use warroom_protocol::{DocumentId, PeerId};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{BroadcastChannel, Event, MessageEvent};

/// What another tab says to this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TabEvent {
    /// It is new here.
    Hello(PeerId),
    /// It was here before us.
    Here(PeerId),
    /// It goes.
    Bye(PeerId),
    /// A frame for us.
    Received(PeerId, Bytes),
}

/// The channel of a room. Dropping it leaves.
pub(crate) struct Channel {
    door: BroadcastChannel,
    me: PeerId,
    _handler: Closure<dyn FnMut(Event)>,
}

impl Channel {
    /// Joins the room's channel and says hello.
    ///
    /// # Errors
    /// What the browser throws: it has no such channels, or this page may not use them.
    pub(crate) fn join(
        board: &DocumentId,
        me: &PeerId,
        tell: impl Fn(TabEvent) + 'static,
    ) -> Result<Self, JsValue> {
        let channel = BroadcastChannel::new(&format!("warroom:{board}"))?;
        let own = me.clone();
        let handler = Closure::<dyn FnMut(Event)>::new(move |event: Event| {
            let data = event.unchecked_ref::<MessageEvent>().data();
            if let Some(event) = data.dyn_ref().and_then(|message| read(message, &own)) {
                tell(event);
            }
        });
        channel.set_onmessage(Some(handler.as_ref().unchecked_ref()));
        let joined = Self { door: channel, me: me.clone(), _handler: handler };
        joined.post("hello", None, None);
        Ok(joined)
    }

    /// Answers a hello.
    pub(crate) fn answer(&self, to: &PeerId) {
        self.post("here", Some(to), None);
    }

    /// Sends a frame to one tab.
    pub(crate) fn send(&self, to: &PeerId, frame: &[u8]) {
        self.post("frame", Some(to), Some(frame));
    }

    fn post(&self, kind: &str, to: Option<&PeerId>, frame: Option<&[u8]>) {
        let message = Array::of2(&kind.into(), &self.me.as_str().into());
        if let Some(to) = to {
            message.push(&to.as_str().into());
        }
        if let Some(frame) = frame {
            message.push(&Uint8Array::from(frame));
        }
        // a channel that is closed reaches nobody, as if there were no tab
        let _closed = self.door.post_message(&message);
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        self.post("bye", None, None);
        self.door.set_onmessage(None);
        self.door.close();
    }
}

impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Channel").field("me", &self.me).finish_non_exhaustive()
    }
}

/// A message, if it is one and for us.
fn read(message: &Array, me: &PeerId) -> Option<TabEvent> {
    let text = |index| message.get(index).as_string();
    let from = PeerId::new(&text(1)?).ok()?;
    let is_mine = || text(2).is_some_and(|to| to == me.as_str());
    match text(0)?.as_str() {
        "hello" => Some(TabEvent::Hello(from)),
        "here" if is_mine() => Some(TabEvent::Here(from)),
        "bye" => Some(TabEvent::Bye(from)),
        "frame" if is_mine() => {
            let bytes = message.get(3);
            let bytes = bytes.dyn_ref::<Uint8Array>()?.to_vec();
            Some(TabEvent::Received(from, bytes.into()))
        }
        _ => None,
    }
}
