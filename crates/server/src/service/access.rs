//! Who may read a session: its customer by the key, users by what the session or its topic is to them.

use chat_api::ApiError;

use super::change::{no_such_session, refused};
use super::{Service, failed};
use crate::auth::{Caller, CallingCustomer, wrong_session_key};
use crate::records::{AssociateId, SessionId, SessionView, Status};
use crate::rules::life::Reader;

impl Service {
    /// A session whose messages the caller may read, as the caller sees it; a customer with no permissions.
    pub(super) async fn reader(&self, caller: &Caller, session: SessionId) -> Result<SessionView, ApiError> {
        match caller {
            Caller::Customer(customer) => self.session_of_customer(customer, session).await,
            Caller::User(user) => {
                let view = self.session_for(user.id, session).await?;
                Reader::of(user.id, &view).may_read().map_err(refused)?;
                Ok(view)
            }
        }
    }

    /// A session as a user sees it, who may know that it is there.
    pub(super) async fn session_for(&self, user: AssociateId, session: SessionId) -> Result<SessionView, ApiError> {
        let view = self.store.session(Some(user), session).await.map_err(failed)?.ok_or_else(no_such_session)?;
        shown_to(user, &view)?;
        Ok(view)
    }

    /// The session of a customer; that there is none is told like a wrong key.
    async fn session_of_customer(
        &self,
        customer: &CallingCustomer,
        session: SessionId,
    ) -> Result<SessionView, ApiError> {
        let view = self.store.session(None, session).await.map_err(failed)?;
        let view = view.filter(|view| is_there(view.session.status) && customer.is_of(&view.session.key));
        let mut view = view.ok_or_else(wrong_session_key)?;
        view.permissions = Default::default();
        Ok(view)
    }
}

/// Whether a session, as a user sees it, is shown to that user at all.
///
/// # Errors
/// 404 where there is nothing to see, 403 where it is none of the user's business.
pub(super) fn shown_to(user: AssociateId, view: &SessionView) -> Result<(), ApiError> {
    if !is_there(view.session.status) {
        return Err(no_such_session());
    }
    Reader::of(user, view).may_look().map_err(refused)
}

/// Whether there is anything to see: what is `Invalid` or `Deleted` is shown to nobody.
pub(super) fn is_there(status: Status) -> bool {
    !matches!(status, Status::Invalid | Status::Deleted)
}
