//! Keys by which a server tells a repetition from another call (`Idempotency-Key`).

use std::fmt::Write as _;

/// A fresh key of so many hexadecimal digits: 32 of them are 128 random bits. Nothing where the system gives no randomness.
pub(super) fn fresh(digits: usize) -> Option<String> {
    let mut bytes = vec![0; digits.div_ceil(2)];
    getrandom::fill(&mut bytes).ok()?;
    let mut text = hexadecimal(&bytes);
    text.truncate(digits);
    Some(text)
}

/// A fresh key in the form of a random UUID (RFC 9562, section 5.4), for contracts that ask for one.
pub(super) fn fresh_uuid() -> Option<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).ok()?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let parts = [&bytes[..4], &bytes[4..6], &bytes[6..8], &bytes[8..10], &bytes[10..]];
    Some(parts.map(hexadecimal).join("-"))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn keys_have_their_form_and_differ() {
        for digits in [32, 33, 7] {
            let keys: BTreeSet<String> = (0..50).filter_map(|_| fresh(digits)).collect();
            assert_eq!(keys.len(), 50);
            assert!(keys.iter().all(|key| key.len() == digits && key.bytes().all(|byte| byte.is_ascii_hexdigit())));
        }
        let keys: BTreeSet<String> = (0..50).filter_map(|_| fresh_uuid()).collect();
        assert_eq!(keys.len(), 50);
        for key in keys {
            let lengths: Vec<usize> = key.split('-').map(str::len).collect();
            assert_eq!(lengths, [8, 4, 4, 4, 12], "{key}");
            assert!(key[14..].starts_with('4') && key[19..].starts_with(['8', '9', 'a', 'b']), "{key}");
        }
    }
}
