//! Signing in with user name and password: on the page, and with every request (`Basic`).

use std::net::IpAddr;

use chat_api::Secret;
use sha2::{Digest as _, Sha256};

use super::recent::Spot;
use super::throttle::{Attempt, Judged, Source, Standing};
use super::{Authenticator, SignInError};
use crate::passwords::Turn;
use crate::records::{Login, User};

/// Longer passwords are not looked at: hashing one must not cost more than its sender paid for it.
const MAX_PASSWORD_BYTES: usize = 1024;

impl Authenticator {
    /// Signs in with user name and password. `devices` is what the browser shows of earlier sign-ins.
    ///
    /// # Errors
    /// See [`SignInError`].
    pub async fn password(
        &self,
        user: &str,
        password: &Secret,
        peer: Option<IpAddr>,
        devices: &[Secret],
    ) -> Result<User, SignInError> {
        let asked = Asked { user, password, peer, devices, spot: None };
        let result = self.in_turn(asked, Before::Hashing).await;
        self.parts.metrics.sign_in(&result);
        Ok(result?.user())
    }

    /// The same for who sends the password with every request: it is hashed only where it was not found right a moment
    /// ago (`recent.rs` says why that is safe).
    pub(super) async fn basic(&self, user: &str, password: &Secret, peer: Option<IpAddr>) -> Result<User, SignInError> {
        let spot = Spot::of(user, peer);
        let asked = Asked { user, password, peer, devices: &[], spot: Some(spot) };
        let result = match self.recall(spot, asked).await {
            // One of many has it hashed in good time, so that not all of them have to when it is no longer known.
            Ok(Recalled::Right(login)) if self.recent.is_to_be_renewed(spot) => {
                match self.in_turn(asked, Before::Hashing).await {
                    Err(SignInError::Crowded) => Ok(Found::Recalled(login)),
                    hashed => hashed,
                }
            }
            Ok(Recalled::Right(login)) => Ok(Found::Recalled(login)),
            Ok(Recalled::Wrong(attempt)) => self.in_turn(asked, Before::Refusing(attempt)).await,
            Ok(Recalled::Unknown) => self.in_turn(asked, Before::Recalling(spot)).await,
            Err(error) => Err(error),
        };
        match &result {
            Ok(Found::Recalled(_)) => self.parts.metrics.sign_in_recalled(),
            hashed => self.parts.metrics.sign_in(hashed),
        }
        Ok(result?.user())
    }

    /// What is known of a password without hashing it.
    async fn recall(&self, spot: Spot, asked: Asked<'_>) -> Result<Recalled, SignInError> {
        let Asked { user, password, peer, .. } = asked;
        if password.expose().len() > MAX_PASSWORD_BYTES || !self.recent.is_known(spot) {
            return Ok(Recalled::Unknown);
        }
        let Some(login) = self.parts.store.login(user).await? else {
            self.recent.forget(spot);
            return Ok(Recalled::Unknown);
        };
        // Signed in from here minutes ago, whether or not the store could keep that; one guess is judged by it at most.
        let standing = if peer.is_some() { Standing::KnownAddress } else { Standing::Stranger };
        let proof = self.recent.proof(&login, password.expose());
        let judged = self.throttle.judge(Source::new(user, peer, standing), || self.recent.compare(spot, &proof));
        Ok(match judged.map_err(SignInError::TooOften)? {
            Judged::Right => Recalled::Right(login),
            Judged::Wrong(attempt) => Recalled::Wrong(attempt),
            Judged::Unknown => Recalled::Unknown,
        })
    }

    /// Has a password hashed when its turn comes, unless it is known by then.
    async fn in_turn(&self, asked: Asked<'_>, before: Before) -> Result<Found, SignInError> {
        let Asked { user, password, peer, devices, spot } = asked;
        let source = Source::new(user, peer, self.standing(user, peer, devices).await?);
        if !matches!(before, Before::Refusing(_)) {
            self.throttle.check(source).map_err(SignInError::TooOften)?;
        }
        // One user's attempts from one place go one by one, and all users' a few at a time. Whoever sends a thousand
        // guesses at once finds the gate closed here, when the first few have failed.
        let place = self.throttle.line_up(source).ok_or(SignInError::Crowded)?;
        let front = place.front().await;
        let counted = match before {
            Before::Hashing => None,
            Before::Refusing(attempt) => Some(attempt),
            // Who stood before has mostly had the same password hashed, for all who wait.
            Before::Recalling(spot) => match self.recall(spot, asked).await? {
                Recalled::Right(login) => return Ok(Found::Recalled(login)),
                Recalled::Wrong(attempt) => Some(attempt),
                Recalled::Unknown => None,
            },
        };
        let turn = self.parts.passwords.turn().await?;
        let was_compared = counted.is_some();
        let attempt = match counted {
            Some(attempt) => attempt,
            None => self.throttle.begin(source).map_err(SignInError::TooOften)?,
        };
        let looked_at = self.look_at(turn, user, password, peer).await;
        match looked_at {
            Ok(ref login) => {
                self.throttle.succeeded(attempt);
                // A hash of another cost is replaced below: the next request brings that of today's.
                if let Some(spot) = spot.filter(|_| self.parts.passwords.is_current(&login.password_hash)) {
                    self.recent.remember(spot, self.recent.proof(login, password.expose()));
                }
            }
            // Stays counted, as does one whose caller hangs up before it is looked at. And who is right next stands in
            // line again: a password that is known begins the count anew without waiting.
            Err(SignInError::Wrong) => self.recent.forget(Spot::of(user, peer)),
            // Nobody compares for nothing, even while the database fails.
            Err(_) if was_compared => {}
            Err(_) => self.throttle.take_back(attempt),
        }
        drop((front, place));
        let found = looked_at?;
        self.remember_address(&found.user, peer).await;
        self.renew_hash(&found, password).await;
        Ok(Found::Hashed(found))
    }

    /// The user with this password.
    async fn look_at(
        &self,
        turn: Turn,
        user: &str,
        password: &Secret,
        peer: Option<IpAddr>,
    ) -> Result<Login, SignInError> {
        let mut known = None;
        let found = if password.expose().len() > MAX_PASSWORD_BYTES {
            None
        } else {
            let login = self.parts.store.login(user).await?;
            // Asked for also where it is not needed: an unknown user must not take longer.
            let decoy = self.parts.store.decoy_hash(seed(user)).await?;
            known = login.as_ref().map(|login| login.user.id.0);
            let stored = login.as_ref().map(|login| login.password_hash.clone()).or(decoy);
            self.parts.metrics.password_hashed();
            let is_right = self.parts.passwords.verify(turn, password.expose().to_owned(), stored).await?;
            login.filter(|_| is_right)
        };
        found.ok_or_else(|| {
            // Not the name itself: people type their password in its place, and anybody can send a long one.
            tracing::info!(known_user = known, peer = peer.map(tracing::field::display), "a password was refused");
            SignInError::Wrong
        })
    }

    /// Hashes a password anew that was hashed at another cost than today's. Whoever signs in is let in even when it
    /// fails.
    async fn renew_hash(&self, login: &Login, password: &Secret) {
        let (user, old) = (login.user.id, &login.password_hash);
        if self.parts.passwords.is_current(old) {
            return;
        }
        let renewed = match self.parts.passwords.rehash(password.expose().to_owned()).await {
            Ok(new) => self.parts.store.replace_hash(user, old, &new).await.map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        if let Err(error) = renewed {
            tracing::warn!(user = user.0, error, "cannot renew the hash of a password");
        }
    }
}

/// Who wants to sign in.
#[derive(Clone, Copy)]
struct Asked<'a> {
    user: &'a str,
    password: &'a Secret,
    peer: Option<IpAddr>,
    /// What the browser shows of earlier sign-ins.
    devices: &'a [Secret],
    /// Where the password is known once it was right; nowhere for the page, where people sign in now and then.
    spot: Option<Spot>,
}

/// What comes before a password is hashed.
enum Before {
    /// Nothing.
    Hashing,
    /// A look at what is known at its turn.
    Recalling(Spot),
    /// It was found wrong and is counted already: it waits and is hashed all the same, so that it takes as long as any.
    Refusing(Attempt),
}

/// A password that is right.
enum Found {
    Hashed(Login),
    Recalled(Login),
}

impl Found {
    fn user(self) -> User {
        match self {
            Self::Hashed(login) | Self::Recalled(login) => login.user,
        }
    }
}

/// What is known of a password without hashing it.
enum Recalled {
    /// It is this user's.
    Right(Login),
    /// It is wrong, and counted.
    Wrong(Attempt),
    /// Nothing.
    Unknown,
}

/// Which user's hash stands in for an unknown user's: always the same, as a real one's would be.
fn seed(user: &str) -> u32 {
    let digest: [u8; 32] = Sha256::digest(user).into();
    u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]])
}
