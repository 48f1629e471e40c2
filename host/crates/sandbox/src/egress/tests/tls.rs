//! TLS with a throw-away authority.

use super::server::{Server, ok};
use super::*;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

struct Authority {
    issuer: Issuer<'static, KeyPair>,
    root: CertificateDer<'static>,
}

impl Authority {
    fn new() -> Self {
        let key = KeyPair::generate().expect("key");
        let mut params = CertificateParams::new(Vec::new()).expect("parameters");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root = params.self_signed(&key).expect("root").der().clone();
        Self { issuer: Issuer::new(params, key), root }
    }

    /// A server that proves `name`.
    async fn serve(&self, name: &str) -> Server {
        let key = KeyPair::generate().expect("key");
        let params = CertificateParams::new(vec![name.to_owned()]).expect("parameters");
        let leaf = params.signed_by(&key, &self.issuer).expect("leaf").der().clone();
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![leaf], PrivateKeyDer::try_from(key.serialize_der()).expect("key"))
            .expect("certificate");
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Server::listen((Ipv4Addr::LOCALHOST, 0), Some(TlsAcceptor::from(Arc::new(config))), |_| ok("secret")).await
    }

    fn world(&self, origin: &str) -> World {
        World::with(
            &[origin],
            |_| vec![IpAddr::V4(Ipv4Addr::LOCALHOST)],
            |config| {
                config.roots.add(self.root.clone()).expect("root");
            },
        )
    }
}

#[tokio::test]
async fn a_server_that_proves_its_name_is_spoken_to_in_http_1_and_kept() {
    let authority = Authority::new();
    let server = authority.serve("api.test").await;
    let origin = format!("https://api.test:{}", server.port);
    let session_world = authority.world(&origin);
    for _ in 0..2 {
        assert_eq!(fetch(&session_world.session(&[&origin]), &origin).await.expect("answer"), "secret");
    }
    assert!(server.request(0).starts_with("GET / HTTP/1.1\r\n"), "{}", server.request(0));
    assert_eq!(server.opened(), 1);
}

#[tokio::test]
async fn a_literal_address_is_proved_as_an_address() {
    let authority = Authority::new();
    let server = authority.serve("127.0.0.1").await;
    let origin = format!("https://127.0.0.1:{}", server.port);
    assert_eq!(fetch(&authority.world(&origin).session(&[&origin]), &origin).await.expect("answer"), "secret");
}

#[tokio::test]
async fn a_certificate_for_another_name_or_of_another_authority_is_refused() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    for (issuer, name) in [(&authority, "other.test"), (&authority, "127.0.0.1"), (&stranger, "api.test")] {
        let server = issuer.serve(name).await;
        let origin = format!("https://api.test:{}", server.port);
        let error = fetch(&authority.world(&origin).session(&[&origin]), &origin).await.expect_err(name);
        assert!(matches!(error, EgressError::Tls { .. }), "{name}: {error:?}");
        assert!(server.requests.lock().expect("requests").is_empty(), "nothing was sent");
    }
}

#[tokio::test]
async fn a_server_without_tls_is_never_spoken_to_in_the_clear() {
    let clear = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("bind");
    let origin = format!("https://api.test:{}", clear.local_addr().expect("address").port());
    let server = tokio::spawn(async move {
        let (mut stream, _) = clear.accept().await.expect("connection");
        let mut first = [0; 1];
        stream.read_exact(&mut first).await.expect("a byte");
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.expect("answer");
        first
    });
    let error = fetch(&Authority::new().world(&origin).session(&[&origin]), &origin).await.expect_err("no TLS");
    assert!(matches!(error, EgressError::Tls { .. }), "{error:?}");
    assert_eq!(server.await.expect("server"), [22], "a TLS handshake record, not a method");
}
