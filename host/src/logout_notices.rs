//! Carries the hub's logout notices to back ends (OpenID Connect Back-Channel Logout 1.0, section 2.5), through the one checked
//! connector. A notice that does not arrive is tried again twice; back ends must introspect besides.

use crate::origins::Origins;
use crate::outbound::{Outbound, target_of};
use bytes::Bytes;
use http::{Request, header};
use http_body_util::Full;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use yizhan_auth::flow::revoke::LogoutNotice;

/// How often a notice is tried, with a pause before each try but the first.
const PAUSES: [Duration; 3] = [Duration::ZERO, Duration::from_secs(2), Duration::from_secs(20)];
/// How long a back end may take to answer, milliseconds.
const ANSWER_MS_MAX: u64 = 5_000;

/// Sends notices, each in a task of its own.
pub(crate) fn sender(handle: Handle, outbound: Outbound, origins: Origins) -> Box<dyn Fn(LogoutNotice) + Send + Sync> {
    let shared = Arc::new((outbound, origins));
    Box::new(move |notice| {
        let shared = Arc::clone(&shared);
        handle.spawn(async move {
            for pause in PAUSES {
                tokio::time::sleep(pause).await;
                match send(&notice, &shared.0, &shared.1).await {
                    Ok(()) => return,
                    Err(error) => tracing::warn!(
                        client = %notice.client, error = format!("{error:#}"), "a logout notice did not arrive"
                    ),
                }
            }
        });
    })
}

async fn send(notice: &LogoutNotice, outbound: &Outbound, origins: &Origins) -> anyhow::Result<()> {
    let widened;
    let mut way = outbound;
    // The operator named where this hub's runtime serves its apps: those exact origins may be reached wherever they are.
    if origins.is_runtime_logout(&notice.uri) {
        widened = outbound.reaching(&[target_of(&notice.uri)?])?;
        way = &widened;
    }
    let body = format!("logout_token={}", yizhan_domain::path::encode(&notice.token));
    let request = Request::post(&notice.uri)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Full::new(Bytes::from(body)))?;
    let (status, _) = way.send(request, ANSWER_MS_MAX).await?;
    anyhow::ensure!(status.is_success(), "{} answered {status}", notice.uri);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve_options::{ServeMode, ServeOptions};
    use std::net::{Ipv4Addr, SocketAddr};
    use std::sync::Mutex;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;
    use yizhan_domain::ClientId;
    use yizhan_hub::Shelf;

    fn origins(port: u16) -> Origins {
        let addr = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let mut options = ServeOptions::new(addr, Arc::new(Shelf::local()), ServeMode::Demo);
        options.apps_at = Some(format!("http://localhost:{port}"));
        Origins::of(&options, 8080).expect("origins")
    }

    fn notice(uri: String) -> LogoutNotice {
        LogoutNotice { client: ClientId("a:backend".to_owned()), uri, token: "token".to_owned() }
    }

    #[tokio::test]
    async fn a_notice_reaches_a_back_end_on_this_machine_only_where_the_operator_allows_it() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("port");
        let port = listener.local_addr().expect("address").port();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let hears = Arc::clone(&heard);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut head = [0; 2048];
                let read = stream.read(&mut head).await.unwrap_or_default();
                hears.lock().expect("heard").push(String::from_utf8_lossy(&head[..read]).into_owned());
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").await;
            }
        });
        let back_end = notice(format!("http://127.0.0.1:{port}/logout"));
        let strict = Outbound::new(Handle::current(), Vec::new(), &[]).expect("connector");
        let why = send(&back_end, &strict, &origins(1)).await.expect_err("refused");
        assert!(format!("{why:#}").contains("may not be reached"), "{why:#}");
        assert!(heard.lock().expect("heard").is_empty());
        let target = format!("http://127.0.0.1:{port}").parse().expect("target");
        let open = Outbound::new(Handle::current(), vec![target], &[]).expect("connector");
        send(&back_end, &open, &origins(1)).await.expect("sent");
        let runtime = notice(format!("http://records.localhost:{port}/.yizhan/backchannel-logout"));
        send(&runtime, &strict, &origins(port)).await.expect("the runtime that the operator named");
        let heard = heard.lock().expect("heard");
        assert_eq!(heard.len(), 2);
        assert!(heard.iter().all(|text| text.contains("logout_token=token")), "{heard:?}");
    }
}
