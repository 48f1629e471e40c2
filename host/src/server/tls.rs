//! TLS of the listener: certificate and key from PEM files, TLS 1.2 and 1.3, HTTP/2 and HTTP/1.1 by ALPN.

use crate::serve_options::TlsFiles;
use anyhow::Context as _;
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// Reads the files.
///
/// # Errors
/// When a file cannot be read, holds no PEM of its kind, or the key is not the certificate's; the text names the file.
pub(crate) fn acceptor(files: &TlsFiles) -> anyhow::Result<TlsAcceptor> {
    let certificate = || format!("the TLS certificate {}", files.certificate.display());
    let key = || format!("the TLS key {}", files.key.display());
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(&files.certificate)
        .with_context(certificate)?
        .collect::<Result<_, _>>()
        .with_context(certificate)?;
    let secret = PrivateKeyDer::from_pem_file(&files.key).with_context(key)?;
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, secret)
        .with_context(|| format!("{} and {} do not belong together", certificate(), key()))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
