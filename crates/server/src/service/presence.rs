//! Who takes chats.

use std::collections::{BTreeMap, BTreeSet};

use chat_api::{ApiError, ChatPresence, RequestContext, TextValue};
use chat_models as models;

use super::{Service, failed};
use crate::auth::Caller;
use crate::records::AssociateId;
use crate::rules::carrier;
use crate::store::StoreError;

impl ChatPresence for Service {
    async fn get_all_chat_presence(
        &self,
        context: RequestContext<Caller>,
    ) -> Result<Vec<models::ChatPresence>, ApiError> {
        context.caller.user()?;
        let presences = self.store.presences().await.map_err(failed)?;
        Ok(presences.into_iter().map(carrier::presence).collect())
    }

    async fn save_chat_presence(
        &self,
        context: RequestContext<Caller>,
        body: Vec<models::ChatPresence>,
    ) -> Result<(), ApiError> {
        let caller = context.caller.user()?.id;
        let wanted = wanted(&body)?;
        if wanted.keys().any(|user| *user != caller) {
            let managed = self.managed_by(caller).await?;
            let mut others = wanted.keys().filter(|user| **user != caller);
            if let Some(&user) = others.find(|user| !managed.contains(user)) {
                return Err(self.not_managed(user).await);
            }
        }
        let presences: Vec<(AssociateId, bool)> = wanted.into_iter().collect();
        match self.store.set_presences(&presences, self.clock.now()).await {
            Ok(()) => {
                for (user, present) in presences {
                    tracing::info!(user = user.0, by = caller.0, present, "presence");
                }
                Ok(())
            }
            Err(error @ StoreError::UnknownUser(_)) => {
                Err(ApiError::not_found(error.to_string()).with_reference("SR_ERROR_NO_SESSION_OR_USER", []))
            }
            Err(error) => Err(failed(error)),
        }
    }
}

impl Service {
    /// Everybody who is a member of a topic that the user manages.
    async fn managed_by(&self, manager: AssociateId) -> Result<BTreeSet<AssociateId>, ApiError> {
        let memberships = self.store.memberships_of(manager).await.map_err(failed)?;
        let mut managed = BTreeSet::new();
        for membership in memberships.iter().filter(|membership| membership.permissions.manage) {
            let members = self.store.members_of(membership.topic).await.map_err(failed)?;
            managed.extend(members.into_iter().map(|member| member.user.id));
        }
        Ok(managed)
    }

    /// Why the caller may not say whether somebody is present.
    async fn not_managed(&self, user: AssociateId) -> ApiError {
        let name = TextValue::Text(user.to_string());
        match self.store.user(user).await {
            Err(error) => failed(error),
            Ok(None) => ApiError::not_found(format!("there is no user {user}"))
                .with_reference("SR_ERROR_NO_USER", [("user", name)]),
            Ok(Some(_)) => ApiError::forbidden(format!(
                "only managers of a topic that user {user} is a member of may set that user's presence"
            ))
            .with_reference("SR_ERROR_PRESENCE_OF_OTHERS", [("user", name)]),
        }
    }
}

/// Who is to be present and who not.
fn wanted(body: &[models::ChatPresence]) -> Result<BTreeMap<AssociateId, bool>, ApiError> {
    let missing = |what: &'static str| {
        ApiError::bad_request(format!("`{what}` is missing"))
            .with_reference("SR_ERROR_MISSING", [("what", what.into())])
    };
    let mut wanted = BTreeMap::new();
    for presence in body {
        let user = AssociateId(presence.user_id.ok_or_else(|| missing("UserId"))?);
        let present = presence.present.ok_or_else(|| missing("Present"))?;
        if wanted.insert(user, present).is_some() {
            let error = ApiError::bad_request(format!("`UserId` {user} is there more than once"));
            return Err(error.with_reference("SR_ERROR_TWICE", [("what", TextValue::Text(format!("UserId {user}")))]));
        }
    }
    Ok(wanted)
}
