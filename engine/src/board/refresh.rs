//! Keeping the view and the typists of open titles equal to the document: what may have changed is read again.

use automerge::{ObjId, Patch, ROOT, ReadDoc};
use warroom_protocol::Timestamp;

use super::document::BoardDocument;
use super::hints::Hints;
use super::read;
use super::schema::{CARDS, COLUMNS, LABELS, PEOPLE, TITLE};
use super::source::Source;
use super::view::Board;
use crate::command::TextTarget;
use crate::delta::{Delta, Origin};
use crate::ids::CardId;

impl BoardDocument {
    /// Changes the view and tells so.
    pub(super) fn tell(&mut self, delta: Delta) {
        self.view.apply(&delta);
        self.deltas.push(delta);
    }

    /// Reads again what may have changed, and tells what did.
    pub(super) fn refresh(&mut self, hints: &Hints, patches: &[Patch]) {
        self.refresh_texts(hints, patches);
        self.refresh_view(hints);
    }

    /// The same for what is shown alone.
    pub(super) fn refresh_view(&mut self, hints: &Hints) {
        if hints.all {
            let view = build(self.doc().into());
            if view != self.view {
                self.tell(view.to_reset());
            }
            return;
        }
        if hints.room {
            let title = read::room_title(self.doc().into());
            if title != self.view.title() {
                self.tell(Delta::RoomRenamed { title });
            }
        }
        for delta in read_again(self.document.doc().into(), &self.view, hints) {
            self.tell(delta);
        }
    }

    /// Tells the typists of open titles what others changed in them.
    fn refresh_texts(&mut self, hints: &Hints, patches: &[Patch]) {
        let open = self.texts.keys().filter(|card| hints.all || hints.cards.contains(*card));
        let open: Vec<CardId> = open.cloned().collect();
        for card in open {
            let obj = self.card_obj(&card).ok();
            let obj = obj.and_then(|obj| read::text_at(self.doc().into(), &obj, TITLE));
            let now = obj.as_ref().and_then(|obj| self.doc().text(obj).ok());
            let Some(text) = self.texts.get_mut(&card) else { continue };
            if text.has_unwritten() {
                continue;
            }
            match (obj, now) {
                (Some(obj), Some(now)) if obj == *text.obj() && !text.is_left_behind() => {
                    for splice in text.change(&now, patches) {
                        let text = TextTarget::Title { card: card.clone() };
                        let origin = Origin::Remote;
                        self.deltas.push(Delta::TextSpliced { text, origin, splice });
                    }
                }
                (_, _) => self.open_anew(&card),
            }
        }
    }

    /// Opens an open title anew: the typist starts from what the document has.
    pub(super) fn open_anew(&mut self, card: &CardId) {
        self.texts.remove(card);
        if self.open_title(Timestamp::default(), card).is_err() {
            let text = TextTarget::Title { card: card.clone() };
            self.deltas.push(Delta::TextOpened { text, content: String::new() });
        }
        for delta in read_again(self.document.doc().into(), &self.view, &Hints::of_card(card)) {
            self.tell(delta);
        }
    }
}

/// Everything in a container, by `read_one`.
fn read_all<Id: TryFrom<String>, T>(
    doc: Source<'_>,
    container: &str,
    read_one: impl Fn(Source<'_>, &Id, &ObjId) -> T,
) -> Vec<T> {
    let container = read::map_at(doc, &ROOT, container);
    let maps = container.map(|obj| read::maps_by_id(doc, &obj)).unwrap_or_default();
    maps.iter().map(|(id, obj)| read_one(doc, id, obj)).collect()
}

/// The whole view of a document.
pub(crate) fn build(doc: Source<'_>) -> Board {
    let mut board = Board::default();
    board.apply(&Delta::Reset {
        title: read::room_title(doc),
        columns: read_all(doc, COLUMNS, read::column),
        cards: read_all(doc, CARDS, read::card),
        labels: read_all(doc, LABELS, read::label),
        people: read_all(doc, PEOPLE, read::person),
        read_only: read::is_newer(doc),
    });
    board
}

/// Reads the columns, cards and people of the hints again; gives what differs from the view. Something that is gone was
/// deleted by a foreign program, ours never delete a key: then everything is told anew.
fn read_again(doc: Source<'_>, view: &Board, hints: &Hints) -> Vec<Delta> {
    let mut deltas = Vec::new();
    let mut gone = false;
    let obj = |container: Option<&ObjId>, id: &str| read::map_at(doc, container?, id);
    let container = |key, wanted: bool| wanted.then(|| read::map_at(doc, &ROOT, key)).flatten();

    let columns = container(COLUMNS, !hints.columns.is_empty());
    for id in hints.columns.iter() {
        let (now, shown) = (obj(columns.as_ref(), id.as_str()), view.column(id));
        gone |= now.is_none() && shown.is_some();
        let column = now.map(|obj| read::column(doc, id, &obj));
        let changed = column.filter(|column| shown != Some(column));
        deltas.extend(changed.map(|column| Delta::ColumnPut { column }));
    }
    let cards = container(CARDS, !hints.cards.is_empty());
    for id in hints.cards.iter() {
        let (now, shown) = (obj(cards.as_ref(), id.as_str()), view.card(id));
        gone |= now.is_none() && shown.is_some();
        let card = now.map(|obj| match (shown, hints.only.get(id)) {
            (Some(shown), Some(keys)) => read::card_again(doc, shown, &obj, keys),
            (_, _) => read::card(doc, id, &obj),
        });
        let changed = card.filter(|card| shown != Some(card));
        deltas.extend(changed.map(|card| Delta::CardPut { card }));
    }
    let labels = container(LABELS, !hints.labels.is_empty());
    for id in hints.labels.iter() {
        let (now, shown) = (obj(labels.as_ref(), id.as_str()), view.label(id));
        gone |= now.is_none() && shown.is_some();
        let label = now.map(|obj| read::label(doc, id, &obj));
        let changed = label.filter(|label| shown != Some(label));
        deltas.extend(changed.map(|label| Delta::LabelPut { label }));
    }
    let people = container(PEOPLE, !hints.people.is_empty());
    for id in hints.people.iter() {
        let (now, shown) = (obj(people.as_ref(), id.as_str()), view.person(id));
        gone |= now.is_none() && shown.is_some();
        let person = now.map(|obj| read::person(doc, id, &obj));
        let changed = person.filter(|person| shown != Some(person));
        deltas.extend(changed.map(|person| Delta::PersonPut { person }));
    }
    if gone { vec![build(doc).to_reset()] } else { deltas }
}
