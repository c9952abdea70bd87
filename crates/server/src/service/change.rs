//! Hands a wanted change to the store, and makes an answer of what comes of it.

use std::sync::Arc;

use chat_api::{ApiError, TextValue};
use chat_models::ChatSessionEntity;
use jiff::Timestamp;

use super::access::{is_there, shown_to};
use super::idempotency::Call;
use super::{Service, failed};
use crate::auth::{Caller, wrong_session_key};
use crate::records::{AssociateId, Message, SessionId, SessionView};
use crate::rules::carrier;
use crate::rules::life::{Change, Obstacle, Refusal, Reserved, Situation, Unfit};
use crate::store::{Outcome, Rule, SessionChange, StoreError};

/// A change that a caller wants of a session.
pub(super) struct Wanted {
    /// The word for it in the log, and in keys of repeated calls.
    pub(super) step: &'static str,
    pub(super) session: SessionId,
    /// The user whom it is to go to.
    pub(super) target: Option<AssociateId>,
    /// `Idempotency-Key`, and what else is sent.
    pub(super) call: Call,
}

/// What came of it.
pub(super) struct Done {
    pub(super) view: Box<SessionView>,
    pub(super) messages: Vec<Message>,
    repeated: bool,
}

impl Wanted {
    /// A change without anything besides.
    pub(super) fn new(step: &'static str, session: i32) -> Self {
        Self { step, session: SessionId(session), target: None, call: Call::default() }
    }
}

impl Service {
    /// Changes a session for the caller. Whether a customer's key is the right one is seen in the same transaction.
    pub(super) async fn change(
        &self,
        caller: &Caller,
        wanted: Wanted,
        rule: impl Fn(&Situation, Timestamp) -> Result<Change, Refusal> + Send + Sync + 'static,
    ) -> Result<Done, ApiError> {
        let Wanted { step, session, target, call } = wanted;
        let now = self.clock.now();
        let idempotency = call.of_session(caller, step, session)?;
        let (actor, rule): (_, Rule) = match caller {
            Caller::User(user) => (Some(user.id), Arc::new(move |situation: &Situation| rule(situation, now))),
            Caller::Customer(customer) => {
                let customer = customer.clone();
                let is_of = move |situation: &Situation| {
                    is_there(situation.session.status) && customer.is_of(&situation.session.key)
                };
                let rule = move |situation: &Situation| match is_of(situation) {
                    true => rule(situation, now),
                    false => Err(Refusal::WrongKey),
                };
                (None, Arc::new(rule))
            }
        };
        let change = SessionChange { session, actor, target, now, idempotency, rule };
        let outcome = self.store.change_session(change).await;
        let missing = match (caller, target) {
            (Caller::Customer(_), _) => wrong_session_key,
            (Caller::User(_), None) => no_such_session,
            (Caller::User(_), Some(_)) => no_such_session_or_user,
        };
        self.done(step, actor, outcome, missing)?.while_shown_to(caller)
    }

    /// What a store did, or the error that says why it did not.
    pub(super) fn done(
        &self,
        step: &'static str,
        actor: Option<AssociateId>,
        outcome: Result<Outcome, StoreError>,
        missing: fn() -> ApiError,
    ) -> Result<Done, ApiError> {
        match outcome.map_err(failed)? {
            Outcome::Done { view, messages, repeated } => {
                let (session, topic) = (view.session.id.0, view.session.topic.0);
                self.streams.announce(view.session.id);
                tracing::info!(session, topic, user = actor.map(|user| user.0), repeated, "{step}");
                Ok(Done { view, messages, repeated })
            }
            Outcome::Refused(refusal) => Err(refused(refusal)),
            Outcome::Missing => Err(missing()),
            Outcome::KeyInUse => Err(ApiError::conflict("the `Idempotency-Key` was used for another call")
                .with_reference("SR_ERROR_IDEMPOTENCY_KEY", [])),
        }
    }
}

impl Done {
    /// The same, unless it was done long ago and the session is none of the caller's business any more: a repeated call is
    /// answered with the session as it is now.
    ///
    /// # Errors
    /// Those of reading the session.
    pub(super) fn while_shown_to(self, caller: &Caller) -> Result<Self, ApiError> {
        if self.repeated {
            match caller {
                Caller::User(user) => shown_to(user.id, &self.view)?,
                Caller::Customer(_) if is_there(self.view.session.status) => {}
                Caller::Customer(_) => return Err(wrong_session_key()),
            }
        }
        Ok(self)
    }

    /// The session as the caller sees it.
    pub(super) fn session(self, caller: &Caller) -> ChatSessionEntity {
        match caller {
            Caller::User(_) => carrier::session(*self.view),
            Caller::Customer(_) => carrier::session_of_customer(*self.view),
        }
    }
}

pub(super) fn no_such_session() -> ApiError {
    ApiError::not_found("there is no such session").with_reference("SR_ERROR_NO_SESSION", [])
}

fn no_such_session_or_user() -> ApiError {
    ApiError::not_found("there is no such session, or no such user").with_reference("SR_ERROR_NO_SESSION_OR_USER", [])
}

pub(super) fn no_such_topic() -> ApiError {
    ApiError::not_found("there is no such topic").with_reference("SR_ERROR_NO_TOPIC", [])
}

/// The error that says why a rule refused.
pub(super) fn refused(refusal: Refusal) -> ApiError {
    let message = refusal.to_string();
    match refusal {
        Refusal::WrongKey => wrong_session_key(),
        Refusal::Forbidden(reserved) => ApiError::forbidden(message).with_reference(
            match reserved {
                Reserved::Handlers => "SR_ERROR_ONLY_HANDLERS",
                Reserved::HandlersAndManagers => "SR_ERROR_ONLY_HANDLERS_AND_MANAGERS",
                Reserved::Respondents => "SR_ERROR_ONLY_RESPONDENTS",
                Reserved::TransferTargets => "SR_ERROR_ONLY_TRANSFER_TARGETS",
                Reserved::Members => "SR_ERROR_ONLY_MEMBERS",
                Reserved::Readers => "SR_ERROR_ONLY_READERS",
            },
            [],
        ),
        Refusal::Conflict(conflict) => ApiError::conflict(message).with_reference(
            match conflict.obstacle {
                Obstacle::Status => "SR_ERROR_STATE",
                Obstacle::NoTransfer => "SR_ERROR_NO_TRANSFER",
                Obstacle::HandledAlready => "SR_ERROR_HANDLED_ALREADY",
                Obstacle::NotIdle => "SR_ERROR_NOT_IDLE",
            },
            [("status", conflict.status.as_str().into())],
        ),
        Refusal::Invalid(Unfit::Target(user)) => ApiError::bad_request(message)
            .with_reference("SR_ERROR_TRANSFER_TARGET", [("user", TextValue::Text(user.to_string()))]),
        Refusal::Invalid(Unfit::Text) => {
            ApiError::bad_request(message).with_reference("SR_ERROR_NOT_VALID", [("what", "U+0000".into())])
        }
    }
}
