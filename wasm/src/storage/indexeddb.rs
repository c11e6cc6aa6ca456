//! `IndexedDB`: one database of chunks for all rooms, and of what their documents read as, shared by all tabs.
//!
//! A chunk lies under its document and the hash of its bytes, so any tab may write and writing twice is writing once; it is
//! deleted only together with the writing of a snapshot that holds its changes. Browsers
//! close databases on their own (Safari those of tabs in the background, all of them on eviction and upgrades): then it is
//! opened again and the request made once more.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fmt;
use std::rc::{Rc, Weak};

use js_sys::{Array, Uint8Array};
use warroom_engine::StorageState;
use wasm_bindgen::prelude::{Closure, wasm_bindgen};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    DomException, Event, IdbDatabase, IdbFactory, IdbKeyRange, IdbOpenDbRequest, IdbRequest,
    IdbTransaction,
};

use super::{Request, StorageEvent, request};
use crate::js;
use crate::limits::WAITING_REQUESTS_MAX;

const DATABASE: &str = "warroom";
/// Version 1 had no projections; a tab that still runs such code closes its database and can't open it again, which it says.
const VERSION: u32 = 2;
const CHUNKS: &str = "chunks";
const QUARANTINE: &str = "quarantine";
/// What documents read as, under their ids.
const PROJECTIONS: &str = "projections";

#[wasm_bindgen]
extern "C" {
    /// A database whose transactions take a durability, which web-sys counts as unstable; old browsers ignore it.
    #[wasm_bindgen(extends = IdbDatabase)]
    type DurableDatabase;
    #[wasm_bindgen(catch, method, js_name = transaction)]
    fn durable_transaction(
        this: &DurableDatabase,
        stores: &str,
        mode: &str,
        options: &JsValue,
    ) -> Result<IdbTransaction, JsValue>;
}

type Handler = Closure<dyn FnMut(Event)>;

enum Phase {
    /// Being opened; what is asked for waits.
    Opening,
    Open(IdbDatabase),
    /// Closed by the browser; the next request opens it.
    Lost,
    /// There is none, or this page may not use it.
    Missing,
    /// Closed by us.
    Closed,
}

/// What a transaction reads.
enum Reads {
    Nothing,
    Value(IdbRequest),
    /// The keys and the values.
    Records(IdbRequest, IdbRequest),
}

/// A transaction under way, and what it was for.
struct Flight {
    number: u64,
    request: Request,
    retried: bool,
    transaction: IdbTransaction,
    /// What it reads.
    reads: Reads,
    _handlers: [Handler; 2],
}

/// The database.
pub(crate) struct Database {
    myself: Weak<Self>,
    phase: RefCell<Phase>,
    /// Told once.
    opened: Cell<bool>,
    waiting: RefCell<VecDeque<(Request, bool)>>,
    flights: RefCell<Vec<Flight>>,
    next_flight: Cell<u64>,
    opening: RefCell<Vec<Handler>>,
    tell: Box<dyn Fn(StorageEvent)>,
}

impl Database {
    /// A database that is not open yet: see [`Database::open`].
    pub(crate) fn new(tell: impl Fn(StorageEvent) + 'static) -> Rc<Self> {
        Rc::new_cyclic(|myself| Self {
            myself: Weak::clone(myself),
            phase: RefCell::new(Phase::Opening),
            opened: Cell::new(false),
            waiting: RefCell::default(),
            flights: RefCell::default(),
            next_flight: Cell::new(0),
            opening: RefCell::default(),
            tell: Box::new(tell),
        })
    }

    /// Whether nothing is under way or waits.
    pub(crate) fn is_idle(&self) -> bool {
        self.flights.borrow().is_empty() && self.waiting.borrow().is_empty()
    }

    /// Makes a request; what comes of it is told.
    pub(crate) fn request(&self, request: Request) {
        self.run(request, false);
    }

    /// Closes it; what is under way is finished by the browser.
    pub(crate) fn close(&self) {
        if let Phase::Open(database) = self.phase.replace(Phase::Closed) {
            database.close();
        }
    }

    /// Opens the database (again); [`StorageEvent::Opened`] is the first thing told, at once where there is none.
    pub(crate) fn open(&self) {
        *self.phase.borrow_mut() = Phase::Opening;
        let request = js::global::<IdbFactory>("indexedDB")
            .and_then(|factory| factory.open_with_u32(DATABASE, VERSION).ok());
        let Some(request) = request else {
            self.handle_missing();
            return;
        };
        let upgrading = request.clone();
        let on_upgrade = Handler::new(move |_| create_stores(&upgrading));
        let (me, succeeded) = (Weak::clone(&self.myself), request.clone());
        let on_success = Handler::new(move |_| {
            if let Some(me) = me.upgrade() {
                match succeeded.result() {
                    Ok(database) => me.handle_open(database.unchecked_into()),
                    Err(_) => me.handle_missing(),
                }
            }
        });
        let me = Weak::clone(&self.myself);
        let on_error = Handler::new(move |event: Event| {
            // without this, Firefox reports the error as one of the page
            event.prevent_default();
            if let Some(me) = me.upgrade() {
                me.handle_missing();
            }
        });
        request.set_onupgradeneeded(Some(on_upgrade.as_ref().unchecked_ref()));
        request.set_onsuccess(Some(on_success.as_ref().unchecked_ref()));
        request.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        let _earlier = self.opening.replace(vec![on_upgrade, on_success, on_error]);
    }

    fn handle_open(&self, database: IdbDatabase) {
        if matches!(*self.phase.borrow(), Phase::Closed) {
            database.close();
            return;
        }
        let me = Weak::clone(&self.myself);
        let on_lost = Handler::new(move |_| {
            if let Some(me) = me.upgrade() {
                me.handle_lost();
            }
        });
        database.set_onclose(Some(on_lost.as_ref().unchecked_ref()));
        // another tab wants to upgrade or delete it: don't stand in the way
        database.set_onversionchange(Some(on_lost.as_ref().unchecked_ref()));
        self.opening.borrow_mut().push(on_lost);
        *self.phase.borrow_mut() = Phase::Open(database);
        if !self.opened.replace(true) {
            (self.tell)(StorageEvent::Opened(StorageState::Durable));
        }
        self.run_waiting();
    }

    /// It does not open. Where it was open before, the next request tries again; what waits has failed.
    fn handle_missing(&self) {
        if self.opened.replace(true) {
            *self.phase.borrow_mut() = Phase::Lost;
            for (request, _) in self.waiting.take() {
                self.tell_failed(request, StorageState::Failed);
            }
        } else {
            *self.phase.borrow_mut() = Phase::Missing;
            (self.tell)(StorageEvent::Opened(StorageState::MemoryOnly));
            self.run_waiting();
        }
    }

    fn handle_lost(&self) {
        let mut phase = self.phase.borrow_mut();
        if let Phase::Open(database) = &*phase {
            database.close();
            *phase = Phase::Lost;
        }
    }

    fn run_waiting(&self) {
        let waiting = self.waiting.take();
        for (request, retried) in waiting {
            self.run(request, retried);
        }
    }

    fn run(&self, request: Request, retried: bool) {
        let phase = self.phase.borrow();
        match &*phase {
            Phase::Open(database) => {
                let started = self.start(database, request, retried);
                drop(phase);
                if let Err((request, error)) = started {
                    self.handle_failed(request, retried, error_name(&error).as_deref());
                }
            }
            Phase::Opening => {
                drop(phase);
                self.wait(request, retried);
            }
            Phase::Lost => {
                drop(phase);
                self.wait(request, retried);
                self.open();
            }
            Phase::Missing | Phase::Closed => {
                drop(phase);
                self.tell_failed(request, StorageState::MemoryOnly);
            }
        }
    }

    fn wait(&self, request: Request, retried: bool) {
        if self.waiting.borrow().len() >= WAITING_REQUESTS_MAX {
            self.tell_failed(request, StorageState::Failed);
        } else {
            self.waiting.borrow_mut().push_back((request, retried));
        }
    }

    /// Starts the transaction, or gives the request back with what was thrown.
    fn start(
        &self,
        database: &IdbDatabase,
        request: Request,
        retried: bool,
    ) -> Result<(), (Request, JsValue)> {
        let (transaction, reads) = match begin(database, &request) {
            Ok(begun) => begun,
            Err(error) => return Err((request, error)),
        };
        let number = self.next_flight.get();
        self.next_flight.set(number + 1);
        let me = Weak::clone(&self.myself);
        let on_complete = Handler::new(move |_| {
            if let Some(me) = me.upgrade() {
                me.handle_complete(number);
            }
        });
        let me = Weak::clone(&self.myself);
        let on_abort = Handler::new(move |_| {
            if let Some(me) = me.upgrade() {
                me.handle_abort(number);
            }
        });
        transaction.set_oncomplete(Some(on_complete.as_ref().unchecked_ref()));
        transaction.set_onabort(Some(on_abort.as_ref().unchecked_ref()));
        let handlers = [on_complete, on_abort];
        let flight = Flight { number, request, retried, transaction, reads, _handlers: handlers };
        self.flights.borrow_mut().push(flight);
        Ok(())
    }

    fn land(&self, number: u64) -> Option<Flight> {
        let mut flights = self.flights.borrow_mut();
        let index = flights.iter().position(|flight| flight.number == number)?;
        Some(flights.remove(index))
    }

    fn handle_complete(&self, number: u64) {
        let Some(flight) = self.land(number) else { return };
        match flight.request {
            Request::Store { saves, strict: _ } => {
                let saves = saves.into_iter().map(|save| save.id).collect();
                (self.tell)(StorageEvent::Stored(saves));
            }
            Request::Load(document) => {
                let chunks = match &flight.reads {
                    Reads::Records(keys, values) => read(keys, values),
                    Reads::Value(_) | Reads::Nothing => Vec::new(),
                };
                (self.tell)(StorageEvent::Loaded { document, chunks });
            }
            Request::LoadProjection(document) => {
                let bytes = match &flight.reads {
                    Reads::Value(value) => value.result().ok().as_ref().and_then(request::bytes),
                    Reads::Records(_, _) | Reads::Nothing => None,
                };
                (self.tell)(StorageEvent::Projected { document, bytes });
            }
            Request::Compact { document, chunks: _, replaced: _ } => {
                (self.tell)(StorageEvent::Compacted { document, is_done: true });
            }
            Request::StoreProjection { document: _, bytes: _ }
            | Request::Quarantine { document: _, chunk: _ } => {}
        }
    }

    fn handle_abort(&self, number: u64) {
        let Some(flight) = self.land(number) else { return };
        let name = flight.transaction.error().map(|error: DomException| error.name());
        self.handle_failed(flight.request, flight.retried, name.as_deref());
    }

    /// A transaction did not start or was aborted: once more on a fresh database, unless the disk is full.
    fn handle_failed(&self, request: Request, retried: bool, name: Option<&str>) {
        if name == Some("QuotaExceededError") {
            self.tell_failed(request, StorageState::Full);
        } else if retried {
            self.tell_failed(request, StorageState::Failed);
        } else {
            self.handle_lost();
            self.run(request, true);
        }
    }

    fn tell_failed(&self, request: Request, state: StorageState) {
        match request {
            Request::Store { saves, strict: _ } => {
                let saves = saves.into_iter().map(|save| save.id).collect();
                (self.tell)(StorageEvent::Failed { saves, state });
            }
            // without any storage there is nothing to read
            Request::Load(document) if state == StorageState::MemoryOnly => {
                (self.tell)(StorageEvent::Loaded { document, chunks: Vec::new() });
            }
            Request::Load(document) => (self.tell)(StorageEvent::LoadFailed(document)),
            Request::LoadProjection(document) => {
                (self.tell)(StorageEvent::Projected { document, bytes: None });
            }
            Request::Compact { document, chunks: _, replaced: _ } => {
                (self.tell)(StorageEvent::Compacted { document, is_done: false });
            }
            Request::StoreProjection { document: _, bytes: _ }
            | Request::Quarantine { document: _, chunk: _ } => {}
        }
    }
}

fn create_stores(request: &IdbOpenDbRequest) {
    let Ok(database) = request.result() else { return };
    let database: IdbDatabase = database.unchecked_into();
    for store in [CHUNKS, QUARANTINE, PROJECTIONS] {
        if !database.object_store_names().contains(store) {
            // a store that is not made is noticed by the first transaction, which throws
            let _store = database.create_object_store(store);
        }
    }
}

type Begun = (IdbTransaction, Reads);

fn begin(database: &IdbDatabase, request: &Request) -> Result<Begun, JsValue> {
    match request {
        Request::Store { saves, strict } => {
            let transaction = writing(database, CHUNKS, *strict)?;
            let store = transaction.object_store(CHUNKS)?;
            for save in saves {
                let key = request::key(&save.document, &save.chunk.hash);
                store.put_with_key(&Uint8Array::from(&*save.chunk.bytes), &key)?;
            }
            Ok((transaction, Reads::Nothing))
        }
        Request::Load(document) => {
            let transaction = database.transaction_with_str(CHUNKS)?;
            let store = transaction.object_store(CHUNKS)?;
            let (first, last) = request::bounds(document);
            let range = IdbKeyRange::bound(&first, &last)?;
            let keys = store.get_all_keys_with_key(&range)?;
            let values = store.get_all_with_key(&range)?;
            Ok((transaction, Reads::Records(keys, values)))
        }
        Request::LoadProjection(document) => {
            let transaction = database.transaction_with_str(PROJECTIONS)?;
            let store = transaction.object_store(PROJECTIONS)?;
            let value = store.get(&request::projection_key(document))?;
            Ok((transaction, Reads::Value(value)))
        }
        Request::StoreProjection { document, bytes } => {
            let transaction = writing(database, PROJECTIONS, false)?;
            let store = transaction.object_store(PROJECTIONS)?;
            let key = request::projection_key(document);
            store.put_with_key(&Uint8Array::from(&**bytes), &key)?;
            Ok((transaction, Reads::Nothing))
        }
        Request::Compact { document, chunks, replaced } => {
            let transaction = writing(database, CHUNKS, true)?;
            let store = transaction.object_store(CHUNKS)?;
            for chunk in chunks {
                let key = request::key(document, &chunk.hash);
                store.put_with_key(&Uint8Array::from(&*chunk.bytes), &key)?;
            }
            for hash in replaced {
                store.delete(&request::key(document, hash))?;
            }
            Ok((transaction, Reads::Nothing))
        }
        Request::Quarantine { document, chunk } => {
            let transaction = writing(database, QUARANTINE, true)?;
            let key = request::key(document, &chunk.hash);
            let bytes = Uint8Array::from(&*chunk.bytes);
            transaction.object_store(QUARANTINE)?.put_with_key(&bytes, &key)?;
            Ok((transaction, Reads::Nothing))
        }
    }
}

/// A writing transaction. `strict` waits for the disk itself; otherwise "complete" means that the browser has it, which a
/// power cut may take, and which the relay's copy covers.
fn writing(database: &IdbDatabase, store: &str, strict: bool) -> Result<IdbTransaction, JsValue> {
    let options = js_sys::Object::new();
    let durability = if strict { "strict" } else { "relaxed" };
    js_sys::Reflect::set(&options, &"durability".into(), &durability.into())?;
    let database: &DurableDatabase = database.unchecked_ref();
    database.durable_transaction(store, "readwrite", &options)
}

/// Both reads are of one transaction, so keys and values are in step.
fn read(keys: &IdbRequest, values: &IdbRequest) -> Vec<warroom_engine::Chunk> {
    let array = |request: &IdbRequest| {
        request.result().map(|found| Array::from(&found)).unwrap_or_default()
    };
    let (keys, values) = (array(keys), array(values));
    keys.iter().zip(values.iter()).map(|(key, value)| request::chunk(&key, &value)).collect()
}

fn error_name(error: &JsValue) -> Option<String> {
    error.dyn_ref::<DomException>().map(DomException::name)
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let phase = match &*self.phase.borrow() {
            Phase::Opening => "opening",
            Phase::Open(_) => "open",
            Phase::Lost => "lost",
            Phase::Missing => "missing",
            Phase::Closed => "closed",
        };
        let flights = self.flights.borrow().len();
        f.debug_struct("Database")
            .field("phase", &phase)
            .field("flights", &flights)
            .finish_non_exhaustive()
    }
}
