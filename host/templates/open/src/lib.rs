//! {{name}}: searches the service items of the visitor's region.

use yizhan_sdk::{App, Html, PageRequest, Request, Result, catalog, html, serve, visitor};

/// The routes.
pub fn app() -> App {
    App::new().get("/", home)
}
serve!(app);

/// `GET /?q=WORDS`
fn home(request: &Request) -> Result<Html> {
    let wishes = visitor::preferences();
    let words: String = request
        .query()
        .get("q")
        .unwrap_or_default()
        .chars()
        .take(50)
        .collect();
    let query = catalog::Query::text(&words).region(&wishes.region);
    let found = catalog::search(&query, &PageRequest::first(20))?;
    let card = |item: &catalog::ItemSummary| {
        html!(
            r#"<li class="card"><strong>{name}</strong><br>{unit}</li>"#,
            name = item.name,
            unit = item.unit
        )
    };
    let body = html!(
        include_str!("templates/home.html"),
        words,
        total = found.total,
        cards = found.items.iter().map(card).collect::<Html>(),
    );
    Ok(page(&wishes, body))
}

fn page(wishes: &visitor::Preferences, body: Html) -> Html {
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
    use yizhan_sdk::testing::{FakeHost, item};

    #[test]
    fn search_shows_items_that_match() {
        let _host = FakeHost::new()
            .item(item("社会保障卡补领"))
            .item(item("护照换发"))
            .install();
        let page = app().handle(Request::get("/?q=社会")).text();
        assert!(page.contains("社会保障卡补领") && !page.contains("护照换发"));
    }

    #[test]
    fn elder_mode_makes_the_page_large() {
        let _host = FakeHost::new().elder_mode(true).install();
        assert!(
            app()
                .handle(Request::get("/"))
                .text()
                .contains(r#"class="elder""#)
        );
    }
}
