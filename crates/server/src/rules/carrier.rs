//! From records to the carriers that travel in the API.

use chat_models::{Associate, ChatMessage, ChatPresence, ChatSessionEntity, ChatTopicAgent, DateTime};
use jiff::Timestamp;
use jiff::tz::Offset;

use super::rights::{self, Access};
use crate::records::{Links, Membership, Message, Permissions, Presence, SessionView, User};

/// A session as its caller may see it, with date-times in UTC: the server layer moves them into the caller's zone.
pub fn session(view: SessionView) -> ChatSessionEntity {
    let access = Access::of(view.permissions);
    session_as(view, access)
}

fn session_as(view: SessionView, access: Access) -> ChatSessionEntity {
    let when = |instant: Option<Timestamp>| instant.map(date_time);
    let links = links(view.links);
    let session = view.session;
    let customer = session.customer;
    ChatSessionEntity {
        chat_session_id: Some(session.id.0),
        topic_id: Some(session.topic.0),
        user: view.user.map(associate),
        person: links.person,
        customer_alias: Some(customer.alias),
        customer_host: Some(customer.host),
        customer_name: Some(customer.name),
        customer_email: Some(customer.email),
        customer_phone: Some(customer.phone),
        customer_consented: Some(customer.consented),
        customer_company_name: Some(customer.company_name),
        status: Some(session.status.as_str().into()),
        first_message: Some(session.first_message),
        last_message: Some(session.last_message),
        when_requested: when(session.when_requested),
        when_started: when(session.when_started),
        when_ended: when(session.when_ended),
        when_idle: when(session.when_idle),
        when_fetched: when(session.when_fetched),
        session_key: access.shows_session_key().then_some(session.key),
        initial_queue_pos: Some(session.initial_queue_pos),
        alert_level: Some(session.alert_level),
        rank: Some(session.rank),
        flags: Some(session.flags.as_str().into()),
        contact: links.contact,
        project: links.project,
        sale: links.sale,
        ticket: links.ticket,
        transfer_to: view.transfer_to.map(associate),
        table_right: Some(access.table_right()),
        field_properties: Some(access.session_fields()),
    }
}

/// A session as its customer sees it: with the key, which is the customer's own, with the full name of who answers, and
/// with nothing else of the users, nor anything of the CRM.
pub fn session_of_customer(view: SessionView) -> ChatSessionEntity {
    let user =
        view.user.as_ref().map(|user| Associate { full_name: Some(user.full_name.clone()), ..Default::default() });
    let seen = SessionView { user: None, transfer_to: None, links: Links::default(), ..view };
    ChatSessionEntity { user, ..session_as(seen, Access::Customer) }
}

/// A message.
pub fn message(message: Message) -> ChatMessage {
    let posted = message.posted;
    ChatMessage {
        chat_message_id: Some(message.id.0),
        chat_session_id: Some(message.session.0),
        r#type: Some(posted.message_type.as_str().into()),
        message: Some(posted.text),
        author: Some(posted.author),
        read_by_customer: Some(message.read_by_customer),
        special_type: Some(posted.special_type.as_str().into()),
        special_param: Some(posted.special_param),
        when_posted: Some(date_time(posted.when_posted)),
    }
}

/// What a user may do on a topic.
pub fn topic_agent(membership: Membership) -> ChatTopicAgent {
    let Permissions { respond, notify, listen, manage } = membership.permissions;
    ChatTopicAgent {
        topic_id: Some(membership.topic.0),
        topic_name: Some(membership.topic_name),
        user: Some(associate(membership.user)),
        can_listen: Some(listen),
        can_respond: Some(respond),
        can_manage: Some(manage),
        can_notify: Some(notify),
    }
}

/// Whether a user takes chats.
pub fn presence(presence: Presence) -> ChatPresence {
    ChatPresence {
        user_id: Some(presence.user.0),
        display_name: Some(presence.full_name),
        ongoing_chats: Some(presence.active_sessions),
        present: Some(presence.present),
        chat_topics: Some(presence.topics.into_iter().map(|topic| topic.0).collect()),
    }
}

fn associate(user: User) -> Associate {
    Associate {
        associate_id: Some(user.id.0),
        name: Some(user.name),
        person_id: user.person_id,
        rank: user.rank,
        tooltip: Some(user.tooltip),
        r#type: Some(user.kind),
        group_idx: user.group_idx,
        full_name: Some(user.full_name),
        formal_name: Some(user.formal_name),
        deleted: Some(user.deleted),
        ej_user_id: user.ej_user_id,
        user_name: Some(user.user_name),
        table_right: Some(rights::associate_right()),
        field_properties: Some(rights::associate_fields()),
    }
}

/// The snapshots are the CRM's; only their date-times move to UTC.
fn links(mut links: Links) -> Links {
    let project = links.project.iter_mut().flat_map(|p| [&mut p.updated, &mut p.publish_to, &mut p.publish_from]);
    let sale = links.sale.iter_mut().flat_map(|s| [&mut s.sale_date, &mut s.next_due_date]);
    let ticket = links.ticket.iter_mut().flat_map(|t| {
        [
            &mut t.created_at,
            &mut t.last_changed,
            &mut t.read_by_owner,
            &mut t.read_by_customer,
            &mut t.first_read_by_user,
            &mut t.activate,
            &mut t.closed_at,
            &mut t.replied_at,
            &mut t.alert_timeout,
            &mut t.deadline,
        ]
    });
    for value in project.chain(sale).chain(ticket).flatten() {
        // A value without offset was never an instant: it is written in the answer as the CRM wrote it, in UTC.
        if let Some(instant) = value.to_timestamp_assuming(Offset::UTC) {
            *value = value.at_offset(Offset::UTC).unwrap_or_else(|| date_time(instant));
        }
    }
    links
}

fn date_time(instant: Timestamp) -> DateTime {
    DateTime::from_timestamp(instant, Offset::UTC)
}
