//! Hashing and checking passwords with argon2id, never on the threads that serve requests.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How much work a password hash takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordCost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Default for PasswordCost {
    /// What OWASP's Password Storage Cheat Sheet asks for: 19 MiB, two passes, one lane.
    fn default() -> Self {
        Self { memory_kib: 19 * 1024, passes: 2, lanes: 1 }
    }
}

impl PasswordCost {
    /// Next to no work: for tests, which sign in all the time.
    pub const CHEAP: Self = Self { memory_kib: 8, passes: 1, lanes: 1 };
}

/// A password that could not be hashed or checked.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// An empty password protects nothing.
    #[error("the password is empty")]
    Empty,
    /// The cost is outside what argon2 can do.
    #[error("these argon2 costs cannot be used: {0}")]
    Cost(argon2::Error),
    /// Argon2 failed, for example for want of memory.
    #[error("argon2 failed: {0}")]
    Hash(argon2::password_hash::Error),
    /// The task that hashes was cancelled or panicked.
    #[error("checking a password did not come to an end")]
    Interrupted,
}

/// Hashes and checks passwords.
#[derive(Clone)]
pub struct Passwords {
    argon2: Argon2<'static>,
    /// Checked in place of the hash of a user that does not exist, so that both take as long.
    dummy: Arc<str>,
    /// As many at a time as there are processors: more would only cost memory.
    permits: Arc<Semaphore>,
}

impl Passwords {
    /// Hashes at `cost`; checks what was hashed at any cost.
    ///
    /// # Errors
    /// Argon2 cannot work at this cost.
    pub fn new(cost: PasswordCost) -> Result<Self, PasswordError> {
        let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, None).map_err(PasswordError::Cost)?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let dummy = hash(&argon2, "nobody's password")?.into();
        let permits = std::thread::available_parallelism().map_or(2, usize::from);
        Ok(Self { argon2, dummy, permits: Arc::new(Semaphore::new(permits)) })
    }

    /// Hashes a password with a new random salt. Takes long: not for an async thread.
    ///
    /// # Errors
    /// The password is empty, or argon2 fails.
    pub fn hash(&self, password: &str) -> Result<String, PasswordError> {
        if password.is_empty() {
            return Err(PasswordError::Empty);
        }
        hash(&self.argon2, password)
    }

    /// Says why `hash` is not the hash of a password.
    ///
    /// # Errors
    /// It is no argon2 hash in PHC string format.
    pub fn check_hash(hash: &str) -> Result<(), String> {
        let parsed = PasswordHash::new(hash)
            .map_err(|_| "expected an argon2 hash in PHC string format, `$argon2id$v=19$…`".to_owned())?;
        if Algorithm::try_from(parsed.algorithm.as_str()).is_err() || Params::try_from(&parsed).is_err() {
            return Err("expected a hash made with argon2id, argon2i or argon2d".to_owned());
        }
        if parsed.salt.is_none() || parsed.hash.is_none() {
            return Err("the hash lacks its salt or its output".to_owned());
        }
        Ok(())
    }

    /// Waits until a password may be checked. Take a turn, see whether the check is still wanted, check.
    ///
    /// # Errors
    /// None while the service runs.
    pub async fn turn(&self) -> Result<Turn, PasswordError> {
        Arc::clone(&self.permits).acquire_owned().await.map(Turn).map_err(|_| PasswordError::Interrupted)
    }

    /// Checks a password against a stored hash, with `None` against one that nobody's password has.
    ///
    /// # Errors
    /// The check was interrupted, or the stored hash cannot be read.
    pub async fn verify(&self, turn: Turn, password: String, stored: Option<String>) -> Result<bool, PasswordError> {
        let argon2 = self.argon2.clone();
        let (known, stored) = match stored {
            Some(stored) => (true, stored),
            None => (false, self.dummy.to_string()),
        };
        let verified = tokio::task::spawn_blocking(move || {
            // Kept until the work ends, also when the request that asked for it has gone.
            let _turn = turn;
            PasswordVerifier::<str>::verify_password(&argon2, password.as_bytes(), &stored)
        })
        .await
        .map_err(|_| PasswordError::Interrupted)?;
        match verified {
            Ok(()) => Ok(known),
            Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
            Err(error) => Err(PasswordError::Hash(error)),
        }
    }

    /// Whether a hash was made at the cost that is set now.
    pub fn is_current(&self, stored: &str) -> bool {
        let params = PasswordHash::new(stored).ok().and_then(|hash| Params::try_from(&hash).ok());
        let current = self.argon2.params();
        params.is_some_and(|params| {
            (params.m_cost(), params.t_cost(), params.p_cost())
                == (current.m_cost(), current.t_cost(), current.p_cost())
        })
    }

    /// [`hash`](Self::hash) away from the threads that serve requests.
    ///
    /// # Errors
    /// As there, or the work was interrupted.
    pub async fn rehash(&self, password: String) -> Result<String, PasswordError> {
        let (turn, passwords) = (self.turn().await?, self.clone());
        let hashed = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            passwords.hash(&password)
        });
        hashed.await.map_err(|_| PasswordError::Interrupted)?
    }
}

/// The right to check one password now: as many exist as there are processors.
pub struct Turn(#[expect(dead_code, reason = "held, not used")] OwnedSemaphorePermit);

fn hash(argon2: &Argon2<'_>, password: &str) -> Result<String, PasswordError> {
    let hash: PasswordHash = argon2.hash_password(password.as_bytes()).map_err(PasswordError::Hash)?;
    Ok(hash.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_of_a_known_user_passes() {
        let passwords = Passwords::new(PasswordCost::CHEAP).expect("cost");
        let hash = passwords.hash("Tje0").expect("hash");
        for (password, stored, expected) in [
            ("Tje0", Some(&hash), true),
            ("tje0", Some(&hash), false),
            ("", Some(&hash), false),
            ("nobody's password", None, false),
        ] {
            let turn = passwords.turn().await.expect("a turn");
            let verified = passwords.verify(turn, password.to_owned(), stored.cloned()).await.expect("verify");
            assert_eq!(verified, expected, "{password}");
        }
        assert_ne!(passwords.hash("Tje0").expect("hash"), hash, "salts differ");
        assert!(passwords.hash("").is_err());
    }

    /// Who is not known must take as long as who is: no name can be told from the time of a refusal.
    #[tokio::test]
    async fn nobody_s_password_is_hashed_at_the_same_cost() {
        let passwords = Passwords::new(PasswordCost { passes: 2, ..PasswordCost::CHEAP }).expect("cost");
        assert!(passwords.is_current(&passwords.dummy));
        // That it is looked at: a hash that cannot be read would fail.
        let broken = Passwords { dummy: "no hash".into(), ..passwords };
        let turn = broken.turn().await.expect("a turn");
        assert!(matches!(broken.verify(turn, "x".to_owned(), None).await, Err(PasswordError::Hash(_))));
    }

    #[tokio::test]
    async fn hashes_of_another_cost_are_told_apart() {
        let cheap = Passwords::new(PasswordCost::CHEAP).expect("cost");
        let dearer = Passwords::new(PasswordCost { passes: 2, ..PasswordCost::CHEAP }).expect("cost");
        let hash = cheap.hash("x").expect("hash");
        assert!(cheap.is_current(&hash) && !dearer.is_current(&hash));
        assert!(dearer.is_current(&dearer.rehash("x".to_owned()).await.expect("hash")));
    }

    #[test]
    fn hashes_of_files_are_looked_at() {
        let passwords = Passwords::new(PasswordCost::CHEAP).expect("cost");
        assert_eq!(Passwords::check_hash(&passwords.hash("x").expect("hash")), Ok(()));
        for wrong in
            ["", "Tje0", "$2b$12$abc", "$argon2id$v=19$m=8,t=1,p=1", "$scrypt$ln=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNo"]
        {
            assert!(Passwords::check_hash(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn default_cost_is_what_owasp_asks_for() {
        let hash = Passwords::new(PasswordCost::default()).and_then(|p| p.hash("x")).expect("hash");
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
    }
}
