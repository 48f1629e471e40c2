//! The host's pages: what they say, to whom, and that they hold nothing inline.

use super::*;
use crate::http::{
    locale::{Locale, Preferences},
    problem::Problem,
    return_path::ReturnPath,
};
use yizhan_domain::{Access, RequestId, person::PersonKind};
use yizhan_package::Manifest;

const PORTAL: &str = "http://localhost:8080";
const MANIFEST: &str = include_str!("tests/manifest.json");

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

fn portal(locale: Locale, elder_mode: bool) -> String {
    let apps = vec![
        card("社保查询", Access::IdentityRequired, Some("/icons/social-security?v=1")),
        card("办事指南", Access::Open, None),
        card("一张<script>alert(1)</script>传单", Access::Open, None),
    ];
    PortalPage { frame: frame(locale, elder_mode).with_settings("/"), apps }.render().expect("page")
}

fn sign_in(locale: Locale, elder_mode: bool) -> String {
    let manifest = Manifest::parse(MANIFEST.as_bytes()).expect("manifest");
    let persona = |id: &str, name: &str, about: &str, kind| PersonaChoice {
        id: id.to_owned(),
        name: name.to_owned(),
        about: about.to_owned(),
        kind,
        chosen: id == "zhang",
    };
    let page = SignInPage {
        frame: frame(locale, elder_mode),
        app: AskingApp {
            name: "社保查询", owner_unit: "示例市人力资源和社会保障局", icon: Some("/icon.svg")
        },
        personas: vec![
            persona("zhang", "张示例", "成年人，实名", PersonKind::NaturalPerson),
            persona("li", "李示例", "85 岁，适老模式", PersonKind::NaturalPerson),
            persona("firm", "赵示例", "示例公司的经办人", PersonKind::LegalPerson),
        ],
        claims: ClaimAsk::list(&manifest, None, locale),
        form: SignInForm {
            csrf: "token-1",
            purpose: Some("query-insurance"),
            claims: "",
            return_path: ReturnPath::or_home(Some("/mine?tab=1")),
            complaint: None,
        },
    };
    page.render().expect("page")
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
        pages.extend([portal(locale, true), sign_in(locale, false), error(locale, Problem::Trap)]);
    }
    pages
}

#[test]
fn no_page_holds_anything_inline() {
    for page in all_pages() {
        let lower = page.to_ascii_lowercase();
        for inline in ["<script", "<style", " style=", " onclick", " onload", "javascript:"] {
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
    let empty = PortalPage { frame: frame(Locale::En, false), apps: Vec::new() }.render().expect("page");
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
fn sign_in_says_what_is_asked_why_and_for_how_long() {
    let page = sign_in(Locale::ZhCn, false);
    for part in [
        "社保查询",
        "示例市人力资源和社会保障局",
        "核对参保人姓名",
        "用完即删，不保存",
        "保存 30 天",
        "180 天",
        "开发环境",
    ] {
        assert!(page.contains(part), "lacks {part}");
    }
    for field in
        ["name=\"csrf\" value=\"token-1\"", "name=\"return\" value=\"/mine?tab=1\"", "name=\"persona\" value=\"li\""]
    {
        assert!(page.contains(field), "lacks {field}");
    }
}

#[test]
fn optional_claims_are_unticked_and_required_ones_no_choice() {
    let page = sign_in(Locale::En, false);
    assert!(page.contains("<input type=\"checkbox\" name=\"grant\" value=\"mobile\">"));
    assert!(!page.contains("value=\"id-number\""));
    assert!(page.matches("type=\"checkbox\"").count() == 1 && !page.contains("checkbox\" checked"));
}

#[test]
fn refusing_needs_no_choice_and_stands_beside_agreeing() {
    let page = sign_in(Locale::ZhCn, false);
    assert!(page.contains("value=\"refuse\" formnovalidate>不同意"));
    assert!(page.contains("value=\"agree\">同意并登录"));
}

#[test]
fn a_claim_asked_for_twice_is_shown_once_with_the_longest_keeping() {
    let manifest = Manifest::parse(MANIFEST.as_bytes()).expect("manifest");
    let asks = ClaimAsk::list(&manifest, None, Locale::En);
    let shown: Vec<_> = asks.iter().map(|ask| (ask.value.as_str(), ask.optional, ask.kept.as_str())).collect();
    assert_eq!(
        shown,
        [
            ("name", false, "Not kept after the request"),
            ("id-number", false, "Kept for 30 days"),
            ("mobile", true, "Kept for 1 year"),
        ]
    );
    assert_eq!(ClaimAsk::list(&manifest, Some("remind"), Locale::En).len(), 1);
    assert!(ClaimAsk::list(&manifest, Some("unknown"), Locale::En).is_empty());
}

#[test]
fn a_second_try_is_offered_only_where_it_may_help() {
    assert!(error(Locale::ZhCn, Problem::Trap).contains("href=\"/query?year=2026\""));
    assert!(!error(Locale::ZhCn, Problem::Removed).contains("href=\"/query?year=2026\""));
    let elsewhere = ErrorPage::of(frame(Locale::En, false), Problem::Trap, RequestId(1), Some("//evil.example"));
    assert!(!elsewhere.render().expect("page").contains("evil"));
}
