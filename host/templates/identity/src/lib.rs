//! {{name}}: greets the signed-in person with what they granted.

use yizhan_sdk::{App, Html, Request, Result, html, identity, serve, visitor};

/// The purpose that `manifest.json` declares for every claim.
const PURPOSE: &str = "show-profile";

/// The routes.
pub fn app() -> App {
    App::new().get("/", home)
}
serve!(app);

/// `GET /`
fn home(_: &Request) -> Result<Html> {
    let authorization =
        identity::current()?.filter(|authorization| authorization.grants(PURPOSE, "name"));
    let Some(authorization) = authorization else {
        let url = identity::request_url(PURPOSE, &["name", "mobile-masked"], "/")?;
        return Ok(page(html!(include_str!("templates/welcome.html"), url)));
    };
    // Only what was granted may be opened; the mobile number is optional.
    let mut wanted = vec!["name"];
    if authorization.grants(PURPOSE, "mobile-masked") {
        wanted.push("mobile-masked");
    }
    let claims = authorization.open(PURPOSE, &wanted)?;
    Ok(page(html!(
        include_str!("templates/profile.html"),
        person = claims.get("name"),
        mobile = claims.get("mobile-masked").unwrap_or("未提供"),
    )))
}

fn page(body: Html) -> Html {
    let wishes = visitor::preferences();
    html!(
        include_str!("templates/page.html"),
        lang = wishes.locale,
        class = if wishes.elder_mode { "elder" } else { "" },
        title = "{{name}}",
        body,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use yizhan_sdk::testing::{FakeHost, Persona};

    fn persona() -> Persona {
        Persona::new("subject-1")
            .claim("name", "示例甲")
            .claim("mobile", "13800000000")
    }

    fn home_page() -> String {
        app().handle(Request::get("/")).text()
    }

    #[test]
    fn signed_out_there_is_a_link_to_sign_in() {
        let host = FakeHost::new().install();
        assert!(home_page().contains("purpose=show-profile"));
        assert!(host.opened().is_empty());
    }

    #[test]
    fn signed_in_what_was_granted_is_shown() {
        let _host = FakeHost::new()
            .persona(persona())
            .grant(PURPOSE, &["name", "mobile-masked"])
            .install();
        let page = home_page();
        assert!(page.contains("示例甲") && page.contains("138****0000"));
    }

    #[test]
    fn the_optional_claim_may_be_refused() {
        let _host = FakeHost::new()
            .persona(persona())
            .grant(PURPOSE, &["name"])
            .install();
        let page = home_page();
        assert!(page.contains("示例甲") && page.contains("未提供"));
    }
}
