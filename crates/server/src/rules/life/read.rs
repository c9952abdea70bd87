//! Who sees a session, and who reads what is said in it.

use super::{Refusal, Reserved};
use crate::records::{AssociateId, Permissions, SessionView};

/// A user who looks at a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reader {
    permissions: Permissions,
    /// Handles the session, or is asked to.
    is_concerned: bool,
}

impl Reader {
    /// What `user` is to a session; `view` is as that user sees it.
    pub fn of(user: AssociateId, view: &SessionView) -> Self {
        let session = &view.session;
        Self {
            permissions: view.permissions,
            is_concerned: session.user == Some(user) || session.transfer_to == Some(user),
        }
    }

    /// May see that the session is there, and how it stands.
    ///
    /// # Errors
    /// Neither the session nor its topic concerns the user.
    pub fn may_look(self) -> Result<(), Refusal> {
        self.only(self.permissions.any(), Reserved::Members)
    }

    /// May read what is said in it.
    ///
    /// # Errors
    /// The user does not handle it, is not asked to, and can neither respond in, listen to nor manage its topic.
    pub fn may_read(self) -> Result<(), Refusal> {
        let Permissions { respond, listen, manage, .. } = self.permissions;
        self.only(respond || listen || manage, Reserved::Readers)
    }

    fn only(self, may: bool, reserved: Reserved) -> Result<(), Refusal> {
        if may || self.is_concerned { Ok(()) } else { Err(Refusal::Forbidden(reserved)) }
    }
}
