//! Random secrets, and the hashes that are kept of them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chat_api::Secret;
use sha2::{Digest as _, Sha256};

use crate::entropy::Entropy;

/// The two kinds of secret that are issued to users.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretKind {
    /// `SoTicket 7T:…`.
    Ticket,
    /// `Bearer 8A:…`.
    Token,
}

impl SecretKind {
    /// The word for it, also in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ticket => "ticket",
            Self::Token => "token",
        }
    }

    pub(crate) fn purpose(self) -> Purpose {
        match self {
            Self::Ticket => Purpose::Ticket,
            Self::Token => Purpose::Token,
        }
    }
}

/// What a secret is good for. It goes into the hash: a secret of one purpose is unknown to every other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Ticket,
    Token,
    Session,
    Application,
    /// A browser in which a user signed in. It lets nobody in.
    Device,
}

impl Purpose {
    fn label(self) -> &'static [u8] {
        match self {
            Self::Ticket => b"chat-server ticket",
            Self::Token => b"chat-server token",
            Self::Session => b"chat-server session",
            Self::Application => b"chat-server application",
            Self::Device => b"chat-server device",
        }
    }

    /// How every such secret begins, so that people and scanners for leaked secrets know it when they see it.
    fn prefix(self) -> &'static str {
        match self {
            Self::Ticket => "7T:",
            Self::Token => "8A:",
            Self::Session | Self::Device => "",
            Self::Application => "AT:",
        }
    }

    /// A new secret, 256 random bits behind the prefix, and what is kept of it.
    pub(crate) fn make(self, entropy: &dyn Entropy) -> (Secret, SecretHash) {
        let text = format!("{}{}", self.prefix(), URL_SAFE_NO_PAD.encode(entropy.bits_256()));
        let hash = SecretHash(digest(self.label(), &text));
        (Secret::new(text), hash)
    }

    /// What is kept of a secret; `None` when it does not even look like one of this purpose.
    pub(crate) fn hash(self, secret: &Secret) -> Option<SecretHash> {
        let text = secret.expose();
        let random = text.strip_prefix(self.prefix())?;
        // Exactly the form that `make` gives: 43 characters stand for 256 bits.
        let is_ours = random.len() == 43 && URL_SAFE_NO_PAD.decode(random).is_ok_and(|bits| bits.len() == 32);
        is_ours.then(|| SecretHash(digest(self.label(), text)))
    }
}

/// What is kept of a secret: SHA-256.
///
/// Nothing slower is needed. Slow hashes make up for passwords that can be guessed; nobody guesses 256 random bits,
/// at any speed. For the same reason it may be looked up by an index: the time that takes tells something about a hash,
/// from which no way leads back to a secret.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SecretHash([u8; 32]);

impl SecretHash {
    /// The hash itself.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
impl SecretHash {
    /// Some hash.
    pub(super) fn of_test(number: u8) -> Self {
        Self([number; 32])
    }
}

impl std::fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[hash]")
    }
}

/// A value that only who has the secret can know, and that does not give the secret away.
pub(crate) fn derived(label: &[u8], secret: &Secret) -> Secret {
    Secret::new(URL_SAFE_NO_PAD.encode(digest(label, secret.expose())))
}

/// The label has a fixed length for each purpose and is closed by a zero, so that no two inputs run together.
fn digest(label: &[u8], text: &str) -> [u8; 32] {
    Sha256::new().chain_update(label).chain_update([0]).chain_update(text).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::SystemEntropy;

    const ALL: [Purpose; 5] =
        [Purpose::Ticket, Purpose::Token, Purpose::Session, Purpose::Application, Purpose::Device];

    #[test]
    fn secrets_are_long_differ_and_have_their_prefix() {
        for purpose in ALL {
            let ((one, hash), (other, _)) = (purpose.make(&SystemEntropy), purpose.make(&SystemEntropy));
            assert!(one != other);
            assert_eq!(one.expose().len(), purpose.prefix().len() + 43);
            assert_eq!(purpose.hash(&one), Some(hash));
            assert_ne!(purpose.hash(&other), Some(hash));
        }
    }

    #[test]
    fn secret_of_one_purpose_is_unknown_to_the_others() {
        let (random, _) = Purpose::Session.make(&SystemEntropy);
        let hashes = ALL.map(|purpose| purpose.hash(&Secret::new(format!("{}{}", purpose.prefix(), random.expose()))));
        for (index, hash) in hashes.iter().enumerate() {
            assert!(hash.is_some() && !hashes[..index].contains(hash));
        }
        assert!(Purpose::Token.hash(&Purpose::Ticket.make(&SystemEntropy).0).is_none());
    }

    #[test]
    fn what_was_never_made_is_not_looked_up() {
        let good = Purpose::Ticket.make(&SystemEntropy).0.expose().to_owned();
        let random = good.strip_prefix("7T:").unwrap();
        for text in
            ["", "7T:", random, &format!("7t:{random}"), &format!("{good}="), &good[..good.len() - 1], "7T:7T:é"]
        {
            assert!(Purpose::Ticket.hash(&Secret::new(text)).is_none(), "{text}");
        }
        assert!(Purpose::Ticket.hash(&Secret::new(good)).is_some());
    }
}
