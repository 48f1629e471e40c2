//! Where hub and apps are reached: the public origins of this installation, and which host name means what here. Every
//! absolute address is built from them, never from a request.

use crate::serve_options::{ServeMode, ServeOptions, ServeRole};
use anyhow::{Context as _, bail};

/// Host name of the hub where `localhost` is the only app's own.
const LOCAL_HUB: &str = "hub.localhost";

/// The public origins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Origins {
    /// The hub's, without a trailing slash: the issuer.
    pub(crate) hub: String,
    /// Scheme of apps' origins.
    pub(crate) apps_scheme: String,
    /// What follows an app's slug and a dot: host and port.
    pub(crate) apps_authority: String,
    serves_hub: bool,
    serves_apps: bool,
    /// A local run also serves its app at the root of its address.
    root_is_app: bool,
}

/// Which part of the process a host name belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Host {
    /// Portal and hub.
    Hub,
    /// The app with this slug.
    App(String),
    /// The only app of a local run.
    OnlyApp,
    /// Nobody here has this name.
    Unknown,
}

impl Origins {
    /// The origins of a process that listens at this port.
    ///
    /// # Errors
    /// When an origin on the command line is none.
    pub(crate) fn of(options: &ServeOptions, port: u16) -> anyhow::Result<Self> {
        let scheme = options.scheme();
        let root_is_app = matches!(options.mode, ServeMode::Run | ServeMode::Dev);
        let local_hub = if root_is_app { LOCAL_HUB } else { "localhost" };
        let hub = match &options.hub_at {
            Some(origin) => origin.trim_end_matches('/').to_owned(),
            None => format!("{scheme}://{local_hub}:{port}"),
        };
        let apps = options.apps_at.clone().unwrap_or_else(|| format!("{scheme}://localhost:{port}"));
        let (apps_scheme, apps_authority) = split(&apps)?;
        split(&hub)?;
        Ok(Self {
            apps_scheme: apps_scheme.to_owned(),
            apps_authority: apps_authority.to_owned(),
            hub,
            serves_hub: options.role != ServeRole::Runtime,
            serves_apps: options.role != ServeRole::Hub,
            root_is_app,
        })
    }

    /// The origin of an app.
    pub(crate) fn app(&self, slug: &str) -> String {
        format!("{}://{slug}.{}", self.apps_scheme, self.apps_authority)
    }

    /// Whether an address is that of the logout notices of an app on the runtime of this hub.
    pub(crate) fn is_runtime_logout(&self, url: &str) -> bool {
        let slug = url
            .strip_prefix(&self.apps_scheme)
            .and_then(|rest| rest.strip_prefix("://"))
            .and_then(|rest| rest.strip_suffix("/.yizhan/backchannel-logout"))
            .and_then(|authority| authority.strip_suffix(&self.apps_authority))
            .and_then(|front| front.strip_suffix('.'));
        slug.is_some_and(|slug| {
            !slug.is_empty()
                && slug.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        })
    }

    /// Whose a host name is; lower case, without port.
    pub(crate) fn host(&self, host: &str) -> Host {
        let hub = self.hub.split_once("://").map_or("", |(_, authority)| name_of(authority));
        if self.serves_hub && host == hub {
            return Host::Hub;
        }
        let slug = host.strip_suffix(name_of(&self.apps_authority)).and_then(|front| front.strip_suffix('.'));
        match slug {
            Some(slug) if self.serves_apps && !slug.is_empty() => Host::App(slug.to_owned()),
            None if self.root_is_app && matches!(host, "localhost" | "127.0.0.1" | "::1") => Host::OnlyApp,
            _ => Host::Unknown,
        }
    }
}

/// Scheme and authority of an origin.
fn split(origin: &str) -> anyhow::Result<(&str, &str)> {
    let (scheme, authority) = origin.trim_end_matches('/').split_once("://").context("an origin is scheme://host")?;
    let plain = |byte: u8| byte.is_ascii_graphic() && !b"/?#@*'\",;".contains(&byte);
    if !matches!(scheme, "http" | "https") || authority.is_empty() || !authority.bytes().all(plain) {
        bail!("{origin:?} is not an origin, as in https://hub.example.gov.cn");
    }
    Ok((scheme, authority))
}

/// The host name of an authority.
fn name_of(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => authority,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use yizhan_hub::Shelf;

    fn origins(mode: ServeMode, role: ServeRole, hub: Option<&str>, apps: Option<&str>) -> Origins {
        let addr = "127.0.0.1:8080".parse().expect("an address");
        let options = ServeOptions {
            role,
            hub_at: hub.map(str::to_owned),
            apps_at: apps.map(str::to_owned),
            ..ServeOptions::new(addr, Arc::new(Shelf::local()), mode)
        };
        Origins::of(&options, 8080).expect("origins")
    }

    #[test]
    fn hub_and_apps_are_told_apart_by_their_configured_names() {
        let (hub, apps) = (Some("https://hub.example.gov.cn"), Some("https://apps.example.cn:8443"));
        let both = origins(ServeMode::Serve, ServeRole::Both, hub, apps);
        assert_eq!(both.app("social-security"), "https://social-security.apps.example.cn:8443");
        assert_eq!(both.host("hub.example.gov.cn"), Host::Hub);
        assert_eq!(both.host("social-security.apps.example.cn"), Host::App("social-security".into()));
        for unknown in ["apps.example.cn", ".apps.example.cn", "localhost", "evil-apps.example.cn", ""] {
            assert_eq!(both.host(unknown), Host::Unknown, "{unknown}");
        }
    }

    #[test]
    fn a_process_answers_for_its_own_half_alone() {
        let hub = origins(ServeMode::Demo, ServeRole::Hub, None, Some("http://localhost:8081"));
        assert_eq!((hub.host("localhost"), hub.host("a.localhost")), (Host::Hub, Host::Unknown));
        assert_eq!(hub.app("a"), "http://a.localhost:8081");
        let runtime = origins(ServeMode::Demo, ServeRole::Runtime, Some("http://localhost:8080/"), None);
        assert_eq!((runtime.host("localhost"), runtime.host("a.localhost")), (Host::Unknown, Host::App("a".into())));
        assert_eq!(runtime.hub, "http://localhost:8080");
    }

    #[test]
    fn a_local_run_serves_its_app_at_the_root_and_its_hub_beside_it() {
        let run = origins(ServeMode::Run, ServeRole::Both, None, None);
        assert_eq!(run.hub, "http://hub.localhost:8080");
        assert_eq!((run.host("hub.localhost"), run.host("127.0.0.1")), (Host::Hub, Host::OnlyApp));
        assert_eq!(run.host("echo.localhost"), Host::App("echo".into()));
    }

    #[test]
    fn what_is_no_origin_is_refused() {
        for text in ["hub.example", "ftp://a", "https://", "https://a/b", "https://u@a", "https://*.a"] {
            assert!(split(text).is_err(), "{text}");
        }
    }
}
