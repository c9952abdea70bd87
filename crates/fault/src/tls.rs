//! The servers speak plain http, on this machine: no certificates need to be read.

use std::sync::Arc;

use anyhow::Context;

/// Settings for clients that never meet TLS.
pub(crate) fn no_tls() -> anyhow::Result<rustls::ClientConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.context("cannot set up TLS")?;
    Ok(builder.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth())
}
