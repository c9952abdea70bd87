//! TLS for the client's own connections.

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;

/// rustls with ring, trusting what the system trusts.
///
/// The provider is the client's own: what the program has installed for itself, if anything, is neither
/// needed nor changed.
pub(crate) fn config() -> ClientConfig {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = || {
        ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .expect("ring supports the versions that rustls has by default")
    };
    let mut config = match builder().with_platform_verifier() {
        Ok(builder) => builder.with_no_client_auth(),
        // A system without certificates can still reach servers over http; https fails with
        // an error about the server's certificate.
        Err(_) => builder().with_root_certificates(RootCertStore::empty()).with_no_client_auth(),
    };
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    config
}
