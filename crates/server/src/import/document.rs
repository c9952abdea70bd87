//! The format of an import file. Doc comments here are what the JSON Schema tells a person who writes one.

use jiff::Timestamp;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use super::Located;

/// An import file, understood but not yet checked.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// Users.
    pub users: Vec<Located<UserEntry>>,
    /// Topics with their members.
    pub topics: Vec<Located<TopicEntry>>,
    /// Sessions.
    pub sessions: Vec<Located<SessionEntry>>,
    /// Persons that sessions link to.
    pub persons: Vec<Located<chat_models::Person>>,
    /// Contacts that sessions link to.
    pub contacts: Vec<Located<chat_models::Contact>>,
    /// Projects that sessions link to.
    pub projects: Vec<Located<chat_models::Project>>,
    /// Sales that sessions link to.
    pub sales: Vec<Located<chat_models::Sale>>,
    /// Tickets that sessions link to.
    pub tickets: Vec<Located<chat_models::Ticket>>,
}

/// Import file of chat-server: users, topics with members, sessions and the CRM records that sessions link to.
///
/// All of a file is imported, or nothing. What a file names must be in the file or in the database; what it adds must
/// not be in the database yet.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Import file of chat-server")]
#[expect(
    dead_code,
    reason = "describes the file to people and editors; items are read one by one to report all problems"
)]
pub(super) struct DocumentSchema {
    /// For editors: where this schema is.
    #[serde(rename = "$schema", default)]
    schema: Option<String>,
    /// Employees who sign in and answer chats.
    #[serde(default)]
    users: Vec<UserEntry>,
    /// Queues, with who serves them.
    #[serde(default)]
    topics: Vec<TopicEntry>,
    /// Chat sessions. They get their numbers in this order.
    #[serde(default)]
    sessions: Vec<SessionEntry>,
    /// Snapshots of persons in the CRM; `PersonId` is required.
    #[serde(default)]
    #[schemars(schema_with = "persons_schema")]
    persons: Vec<chat_models::Person>,
    /// Snapshots of companies in the CRM; `ContactId` is required.
    #[serde(default)]
    #[schemars(schema_with = "contacts_schema")]
    contacts: Vec<chat_models::Contact>,
    /// Snapshots of projects in the CRM; `ProjectId` is required.
    #[serde(default)]
    #[schemars(schema_with = "projects_schema")]
    projects: Vec<chat_models::Project>,
    /// Snapshots of sales in the CRM; `SaleId` is required.
    #[serde(default)]
    #[schemars(schema_with = "sales_schema")]
    sales: Vec<chat_models::Sale>,
    /// Snapshots of tickets in the service desk; `TicketId` is required.
    #[serde(default)]
    #[schemars(schema_with = "tickets_schema")]
    tickets: Vec<chat_models::Ticket>,
}

/// Declares the schemas of the sections whose entries have the shape of a carrier. The carriers themselves stand in
/// `openapi.yaml`: repeating them here would make this schema change with every documented property.
macro_rules! carrier_schemas {
    ($($function:ident: $carrier:literal, $id:literal;)+) => {$(
        fn $function(_: &mut SchemaGenerator) -> Schema {
            json_schema!({
                "type": "array",
                "items": {
                    "description": concat!("The carrier `", $carrier, "` as in `openapi.yaml`. Other keys than its own are refused."),
                    "type": "object",
                    "properties": { $id: { "type": "integer", "minimum": 1, "maximum": i32::MAX } },
                    "required": [$id],
                },
            })
        }
    )+};
}

carrier_schemas! {
    persons_schema: "Person", "PersonId";
    contacts_schema: "Contact", "ContactId";
    projects_schema: "Project", "ProjectId";
    sales_schema: "Sale", "SaleId";
    tickets_schema: "Ticket", "TicketId";
}

/// An employee who signs in and answers chats. Give `password` or `password_hash`.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UserEntry {
    /// The name at sign-in. Other entries refer to it.
    pub user: String,
    /// The password in plain text. It is hashed when it is imported.
    pub password: Option<String>,
    /// The argon2 hash of the password in PHC string format, `$argon2id$v=19$m=...`.
    pub password_hash: Option<String>,
    /// First and last name.
    pub full_name: String,
    /// The short name that lists show. Default: `user`.
    pub name: Option<String>,
    /// The name as it stands in a letter. Default: `full_name`.
    pub formal_name: Option<String>,
    /// What a pointer over the name shows. Default: `full_name`.
    pub tooltip: Option<String>,
    /// The kind of associate. Default: `InternalAssociate`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// `AssociateId`. Default: the next free number.
    pub id: Option<i32>,
    /// The person in the CRM.
    pub person_id: Option<i32>,
    /// The user's id in the service desk.
    pub ej_user_id: Option<i32>,
    /// The primary user group.
    pub group: Option<i32>,
    /// The place in lists.
    pub rank: Option<i32>,
    /// Gone: may not sign in any more.
    #[serde(default)]
    pub deleted: bool,
    /// Takes chats from the beginning. A topic in which nobody who can respond is present sends customers away.
    #[serde(default)]
    pub present: bool,
}

impl std::fmt::Debug for UserEntry {
    /// Names the user only: the entry holds a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UserEntry").field("user", &self.user).finish_non_exhaustive()
    }
}

/// A queue with a name, a language, a welcome message and members.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TopicEntry {
    /// The name. Sessions refer to it.
    pub name: String,
    /// `TopicId`. Default: the next free number.
    pub id: Option<i32>,
    /// The language of its texts, such as `en`.
    #[serde(default)]
    pub language: String,
    /// What the customer is told when a user answers. `{cque}` becomes the place in the queue, `{cavw}` the average
    /// waiting time as hh:mm.
    #[serde(default)]
    pub welcome_message: String,
    /// The time zone of its hours, a name of the tz database such as `Europe/Oslo`. Default: UTC.
    pub time_zone: Option<String>,
    /// When it is open. Default: always.
    #[serde(default)]
    pub hours: Vec<HoursEntry>,
    /// After how many seconds without an answer, in the queue or in a conversation, members with `notify` are warned.
    /// Default: never.
    pub warn_after_s: Option<i32>,
    /// After how many seconds without an answer members with `manage` are warned, not before the others. Default: never.
    pub warn_managers_after_s: Option<i32>,
    /// Whether a form follows the conversation: a session ends as `Finished` while it is open, and as `Closed` later.
    #[serde(default)]
    pub post_chat_form: bool,
    /// Who serves it.
    #[serde(default)]
    pub members: Vec<MemberEntry>,
}

/// When a topic is open. Several of them may name the same day, as long as they do not overlap.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HoursEntry {
    /// The days, one or more.
    pub days: Vec<Day>,
    /// The time of day at which it opens, such as `08:00`.
    pub opens: String,
    /// The time of day at which it closes, after `opens`, at most `24:00`.
    pub closes: String,
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Day {
    /// Monday.
    Mon,
    /// Tuesday.
    Tue,
    /// Wednesday.
    Wed,
    /// Thursday.
    Thu,
    /// Friday.
    Fri,
    /// Saturday.
    Sat,
    /// Sunday.
    Sun,
}

/// A user with at least one permission on a topic.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MemberEntry {
    /// The user's name at sign-in.
    pub user: String,
    /// What the user may do: one or more.
    pub permissions: Vec<Permission>,
}

/// What a member may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Permission {
    /// May answer sessions.
    Respond,
    /// Is warned when nobody answers.
    Notify,
    /// May watch another agent's session.
    Listen,
    /// May take over or transfer any session of the topic.
    Manage,
}

/// A chat session.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SessionEntry {
    /// The name of the topic.
    pub topic: String,
    /// One of `Invalid`, `PreChatForm`, `Faq`, `OfflineForm`, `InQueue`, `CustomerLast`, `UserLast`, `Finished`,
    /// `Deleted`, `Closed`, `RequestPosted`, `ClosedFromQueue`. An active one (`CustomerLast`, `UserLast`) needs `user`
    /// and `started`.
    pub status: String,
    /// `ChatSessionId`. Default: the next free number.
    pub id: Option<i32>,
    /// The name of the user who handles it.
    pub user: Option<String>,
    /// The name of the user who is asked to take it over.
    pub transfer_to: Option<String>,
    /// The person on the other side.
    #[serde(default)]
    pub customer: CustomerEntry,
    /// When the customer asked for it.
    pub requested: Option<Moment>,
    /// When a user accepted it.
    pub started: Option<Moment>,
    /// When it ended.
    pub ended: Option<Moment>,
    /// When the customer's page last asked for news.
    pub fetched: Option<Moment>,
    /// The customer's session key. Default: 256 random bits.
    pub key: Option<String>,
    /// Sessions that were pending when it was requested, plus one. Default: counted among the waiting ones of the file.
    pub initial_queue_pos: Option<i32>,
    /// How loud the warning is that nobody answers.
    #[serde(default)]
    pub alert_level: i32,
    /// `CustomerIsTyping`, `UserIsTyping`.
    #[serde(default)]
    pub flags: Vec<String>,
    /// `PersonId` of the customer.
    pub person: Option<i32>,
    /// `ContactId` of the company.
    pub contact: Option<i32>,
    /// `ProjectId` of the project.
    pub project: Option<i32>,
    /// `SaleId` of the sale.
    pub sale: Option<i32>,
    /// `TicketId` of the ticket.
    pub ticket: Option<i32>,
    /// What was said, in order.
    #[serde(default)]
    pub messages: Vec<MessageEntry>,
}

impl std::fmt::Debug for SessionEntry {
    /// Names topic and status only: the entry holds a session key and personal data.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut out = f.debug_struct("SessionEntry");
        out.field("topic", &self.topic).field("status", &self.status).finish_non_exhaustive()
    }
}

/// What is known of the customer, who is not signed in.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CustomerEntry {
    /// The name that the chat shows, at most 64 characters. Default: `name`.
    pub alias: Option<String>,
    /// Host name or address, at most 255 characters.
    pub host: String,
    /// The name, at most 255 characters.
    pub name: String,
    /// The e-mail address, at most 255 characters.
    pub email: String,
    /// The telephone number, at most 32 characters.
    pub phone: String,
    /// The company's name, at most 255 characters.
    pub company: String,
    /// Consented to being stored.
    pub consented: bool,
}

/// A message of a session.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MessageEntry {
    /// Who wrote it.
    pub from: Writer,
    /// The text.
    pub text: String,
    /// When.
    pub posted: Moment,
}

/// Who wrote a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Writer {
    /// The customer.
    Customer,
    /// The user of the session.
    Agent,
}

/// An instant: a date-time with offset such as `2026-03-02T09:00:00+01:00`, or `{ minutes_ago = 12 }` counted back from
/// the import.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "expected a date-time with offset such as 2026-03-02T09:00:00Z, or { minutes_ago = 12 }")]
pub enum Moment {
    /// A date-time with offset.
    At(#[schemars(with = "String", extend("format" = "date-time"))] Timestamp),
    /// Before the import.
    Ago(Ago),
}

/// A distance back from the import.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ago {
    /// Whole minutes.
    pub minutes_ago: u32,
}
