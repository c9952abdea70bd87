//! Where random bits come from: injected, so that tests can foresee them.

use std::fmt::Write;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Gives random bits that nobody can guess.
pub trait Entropy: Send + Sync + 'static {
    /// 256 random bits.
    fn bits_256(&self) -> [u8; 32];
}

/// The operating system's generator.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn bits_256(&self) -> [u8; 32] {
        let mut bits = [0; 32];
        getrandom::fill(&mut bits).expect("the operating system gives random bits");
        bits
    }
}

/// A new session key: 256 random bits in base64url.
pub fn session_key(entropy: &dyn Entropy) -> String {
    URL_SAFE_NO_PAD.encode(entropy.bits_256())
}

/// A new request id: 128 random bits in hexadecimal.
pub fn request_id(entropy: &dyn Entropy) -> String {
    hex(&entropy.bits_256()[..16])
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a String takes any text");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_long_and_differ() {
        let key = session_key(&SystemEntropy);
        assert!(URL_SAFE_NO_PAD.decode(&key).unwrap().len() == 32);
        assert_ne!(key, session_key(&SystemEntropy));
        assert_eq!(request_id(&SystemEntropy).len(), 32);
    }
}
