//! Checks a [`Document`] against itself and the database, and turns it into a [`Batch`].

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Serialize;

use super::people::{self, Names};
use super::{Batch, Document, Located, NewRecord, Place, Problems, Ref, sessions};
use crate::entropy::Entropy;
use crate::passwords::Passwords;
use crate::store::{Inventory, RecordKind};

/// What an import needs to know and to have.
pub struct Surroundings<'a> {
    /// What the database holds.
    pub inventory: &'a Inventory,
    /// Hashes passwords.
    pub passwords: &'a Passwords,
    /// Makes session keys.
    pub entropy: &'a dyn Entropy,
    /// The time of the import.
    pub now: Timestamp,
}

/// Checks a document and says what to write. Hashes passwords: not for an async thread.
///
/// # Errors
/// Every problem of the document, with its place.
pub fn plan(document: &Document, surroundings: &Surroundings<'_>) -> Result<Batch, Problems> {
    let inventory = surroundings.inventory;
    let mut problems = Problems::default();
    let mut users = Names::new(&inventory.users);
    let mut topics = Names::new(&inventory.topics);
    let mut batch = Batch {
        users: people::users(&document.users, inventory, &mut users, surroundings.passwords, &mut problems),
        now: surroundings.now,
        ..Batch::default()
    };
    let present = document.users.iter().enumerate().filter(|(_, user)| user.value.present);
    batch.present = present.map(|(index, _)| Ref::New(index)).collect();
    batch.topics = super::topics::topics(&document.topics, inventory, &mut topics, &users, &mut problems);

    let mut records = Records { known: inventory.records.clone(), batch: Vec::new(), problems: &mut problems };
    records.add(RecordKind::Person, "PersonId", &document.persons, |person| person.person_id);
    records.add(RecordKind::Contact, "ContactId", &document.contacts, |contact| contact.contact_id);
    records.add(RecordKind::Project, "ProjectId", &document.projects, |project| project.project_id);
    records.add(RecordKind::Sale, "SaleId", &document.sales, |sale| sale.sale_id);
    records.add(RecordKind::Ticket, "TicketId", &document.tickets, |ticket| ticket.ticket_id);
    let Records { known, batch: new_records, .. } = records;
    batch.records = new_records;

    let names = sessions::Known { users: &users, topics: &topics, records: &known };
    sessions::plan(document, surroundings, &names, &mut batch, &mut problems);
    problems.none_or(batch)
}

struct Records<'a> {
    known: BTreeSet<(RecordKind, i32)>,
    batch: Vec<NewRecord>,
    problems: &'a mut Problems,
}

impl Records<'_> {
    fn add<T: Serialize>(
        &mut self,
        kind: RecordKind,
        key: &str,
        entries: &[Located<T>],
        id: impl Fn(&T) -> Option<i32>,
    ) {
        for Located { place, value } in entries {
            match id(value) {
                None => self.problem(place.key(key), "this key is required".to_owned()),
                Some(id) if id < 1 => self.problem(place.key(key), format!("ids start at 1, this is {id}")),
                Some(id) if !self.known.insert((kind, id)) => {
                    self.problem(place.key(key), format!("{} {id} is there already", kind.name()));
                }
                Some(id) => match serde_json::to_string(value) {
                    Ok(snapshot) => self.batch.push(NewRecord { kind, id, snapshot }),
                    Err(error) => self.problem(place.clone(), error.to_string()),
                },
            }
        }
    }

    fn problem(&mut self, place: Place, message: String) {
        self.problems.add(place, message);
    }
}
