//! The host's pages: what they say, to whom, and that they hold nothing inline.

mod hub;

use super::*;
use crate::http::{
    locale::{Locale, Preferences},
    problem::Problem,
    return_path::ReturnPath,
};
use yizhan_domain::{Access, RequestId};

const PORTAL: &str = "http://localhost:8080";

fn preferences(locale: Locale, elder_mode: bool) -> Preferences {
    Preferences { locale, region: None, elder_mode }
}

fn frame(locale: Locale, elder_mode: bool) -> Frame<'static> {
    Frame::of(&preferences(locale, elder_mode), "掌上通办", PORTAL)
}

fn card(name: &str, access: Access, icon: Option<&str>) -> AppCard {
    AppCard {
        name: name.to_owned(),
        description: Some("查询养老、医疗保险的参保和缴费情况；只显示您本人的信息。".to_owned()),
        owner_unit: "示例市人力资源和社会保障局".to_owned(),
        icon: icon.map(str::to_owned),
        address: preferences(Locale::ZhCn, true).launch_address("http://social-security.localhost:8080"),
        access,
    }
}

fn citizen() -> Citizen {
    let service = ServiceRow {
        address: "/services/1".to_owned(),
        name: "社会保险参保证明<b>".to_owned(),
        unit: "示例市人力资源和社会保障局".to_owned(),
        region: "示例市".to_owned(),
        online: "全程网上办",
    };
    Citizen {
        region: "示例市".to_owned(),
        choose: "/region?to=%2F".to_owned(),
        services: vec![service; 4],
        places: Vec::new(),
    }
}

/// The home as a citizen sees it.
fn home(locale: Locale) -> String {
    let frame = frame(locale, false).with_settings("/").with_tab(Tab::Home);
    PortalPage { frame, apps: vec![card("办事指南", Access::Open, None)], citizen: Some(citizen()) }
        .render()
        .expect("page")
}

fn portal(locale: Locale, elder_mode: bool) -> String {
    let apps = vec![
        card("社保查询", Access::IdentityRequired, Some("/icons/social-security?v=1")),
        card("办事指南", Access::Open, None),
        card("一张<script>alert(1)</script>传单", Access::Open, None),
    ];
    PortalPage { frame: frame(locale, elder_mode).with_settings("/"), apps, citizen: None }.render().expect("page")
}

fn error(locale: Locale, problem: Problem) -> String {
    ErrorPage::of(frame(locale, false), problem, RequestId(0xfeed), Some("/query?year=2026")).render().expect("page")
}

fn notice() -> String {
    let path = ReturnPath::or_home(Some("/mine"));
    NoticePage::of(frame(Locale::ZhCn, false), Notice::AlreadyDone, "社保查询", path).render().expect("page")
}

fn all_pages() -> Vec<String> {
    let mut pages = vec![notice()];
    for locale in [Locale::ZhCn, Locale::En] {
        pages.extend([home(locale), portal(locale, true), error(locale, Problem::Trap)]);
    }
    pages.extend(hub::pages());
    pages
}

#[test]
fn no_page_holds_anything_inline() {
    for page in all_pages() {
        let lower = page.to_ascii_lowercase();
        assert_eq!(lower.matches("<script").count(), lower.matches("<script src=\"/.yizhan/flow.js").count());
        for inline in ["<style", " style=", " onclick", " onload", "javascript:"] {
            assert!(!lower.contains(inline), "{inline} in {page}");
        }
        assert!(!lower.contains("user-scalable") && !lower.contains("maximum-scale"), "zooming is never switched off");
    }
}

#[test]
fn an_apps_own_words_are_never_markup() {
    assert!(portal(Locale::ZhCn, false).contains("一张&#60;script&#62;"));
}

#[test]
fn the_portal_links_each_app_on_its_own_origin_with_the_visitors_wishes() {
    let page = portal(Locale::ZhCn, true);
    assert!(page.contains("http://social-security.localhost:8080/.yizhan/prefs?locale=zh-CN"));
    assert!(page.contains("referrerpolicy=\"origin\""), "by it the app's origin knows the portal");
    assert!(page.contains("需登录授权") && page.contains("无需登录"));
    assert!(page.contains("示例环境"), "samples are marked");
    let empty = PortalPage { frame: frame(Locale::En, false), apps: Vec::new(), citizen: None }.render().expect("page");
    assert!(empty.contains("yizhan install"));
}

#[test]
fn settings_work_without_javascript() {
    let page = portal(Locale::En, true);
    assert!(page.contains("<html lang=\"en\" class=\"elder\">"));
    assert!(page.contains("<form method=\"post\" action=\"/.yizhan/prefs\">"));
    assert!(page.contains("name=\"elder\" value=\"0\" aria-pressed=\"true\""));
    assert!(page.contains("name=\"locale\" value=\"zh-CN\""));
}

#[test]
fn a_second_try_is_offered_only_where_it_may_help() {
    assert!(error(Locale::ZhCn, Problem::Trap).contains("href=\"/query?year=2026\""));
    assert!(!error(Locale::ZhCn, Problem::NotProvided).contains("href=\"/query?year=2026\""));
    let elsewhere = ErrorPage::of(frame(Locale::En, false), Problem::Trap, RequestId(1), Some("//evil.example"));
    assert!(!elsewhere.render().expect("page").contains("evil"));
}

#[test]
fn the_home_begins_with_search_and_leads_to_every_tab() {
    let home = home(Locale::ZhCn);
    let at = |text: &str| home.find(text).unwrap_or_else(|| panic!("{text} in {home}"));
    assert!(at("action=\"/services\" role=\"search\"") < at("大家常找"));
    assert!(at("大家常找") < at("社会保险参保证明&#60;b&#62;") && at("本地办事") < at("<h2>应用</h2>"));
    for tab in ["/services", "/places", "/me"] {
        assert!(home.contains(&format!("href=\"{PORTAL}{tab}\" aria-current=\"false\"")), "{tab}");
    }
    assert!(home.contains("href=\"/region?to=%2F\"") && home.contains("/services?q=%E7%A4%BE%E4%BF%9D"));
}

#[test]
fn the_home_and_all_that_it_loads_stay_below_150_kilobytes() {
    let (home, files) = (home(Locale::ZhCn), crate::http::host_files::HostFiles::new());
    let mut bytes = home.len();
    let addresses: Vec<&str> =
        home.split('"').filter(|text| text.starts_with("/.yizhan/") && !text.ends_with("/prefs")).collect();
    assert!(addresses.len() >= 3, "mark and two style sheets: {addresses:?}");
    for address in addresses {
        let uri = address.parse().expect("address");
        let file = files.answer(&http::Method::GET, &uri, &http::HeaderMap::new()).expect(address);
        bytes += whole_text(file.into_body()).len();
    }
    assert!(bytes <= 150 << 10, "{bytes} bytes");
}
