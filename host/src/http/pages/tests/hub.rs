//! The hub's pages: sign-in, consent, account. What they say, and that they hold nothing inline.

use super::super::*;
use super::frame;
use crate::http::locale::Locale;
use askama::Template;
use yizhan_auth::account::{ConsentStanding, ConsentView};
use yizhan_domain::authorization::GrantedUse;
use yizhan_domain::{AppId, ClientId, ConsentId, PersonId, Timestamp, VersionDigest};
use yizhan_store::records::{AccessOutcome, AccessRecord, ConsentRecord, Recipient};

const NOW: Timestamp = Timestamp(1_795_462_200_000);
const APP: &str = "cn.gov.example.social-security";

fn asker() -> Asker {
    Asker {
        name: "社保查询".to_owned(),
        owner_unit: "示例市人力资源和社会保障局".to_owned(),
        filing: Some("示备 2026-0012".to_owned()),
        icon: Some("/icons/social-security".to_owned()),
    }
}

fn granted(claim: &str, purpose: &str, retention_days: u32) -> GrantedUse {
    GrantedUse { claim: claim.parse().expect("claim"), purpose: purpose.to_owned(), retention_days }
}

fn form() -> FlowForm<'static> {
    FlowForm { csrf: "token-1", handle: "handle-1", to: "" }
}

fn consent(locale: Locale, recipient: Recipient, elder_mode: bool) -> String {
    let one =
        |claim, purpose, days, reason, optional| UseAsk::of(&granted(claim, purpose, days), reason, optional, locale);
    let page = ConsentPage {
        frame: frame(locale, elder_mode),
        asker: asker(),
        form: form(),
        acting_for: None,
        uses: vec![
            one("name", "query-insurance", 0, "核对参保人姓名", false),
            one("mobile-masked", "remind", 365, "缴费提醒", true),
        ],
        acts: vec![ActAsk { label: booking_label(Locale::ZhCn).to_owned(), reason: "替您预约".to_owned() }],
        kept: vec![granted("birth-date", "query-insurance", 0)],
        lasts_days: 180,
        recipient,
        offline: recipient == Recipient::Backend,
        joins: true,
    };
    page.render().expect("page")
}

fn sign_in(locale: Locale, way: Way) -> String {
    let page = SignInPage {
        login: "",
        frame: frame(locale, false).in_development(true),
        asker: Some(asker()),
        form: form(),
        way,
        message: Some(Message::Refused),
        needs: None,
        personas: Vec::new(),
        sends_codes: true,
        kept_code: None,
        upstream: vec![("/sign-in/elsewhere/province".to_owned(), "省统一身份认证".to_owned())],
    };
    page.render().expect("page")
}

fn record(client: &str) -> ConsentView {
    let record = ConsentRecord {
        id: ConsentId("0f".repeat(16)),
        person: PersonId("zhang".to_owned()),
        acting_for: None,
        app: AppId::new(APP).expect("app"),
        client: ClientId(client.to_owned()),
        version: VersionDigest([9; 32]),
        unit: "示例市人力资源和社会保障局".to_owned(),
        uses: vec![granted("name", "query-insurance", 0)],
        refused: vec![granted("mobile-masked", "remind", 365)],
        at: NOW,
        expires: NOW.plus_ms(86_400_000),
        locale: "zh-CN".to_owned(),
        withdrawn: None,
        receipt: String::new(),
    };
    ConsentView { record, app_name: "社保查询".to_owned(), standing: ConsentStanding::Live }
}

fn access(recipient: Recipient, outcome: AccessOutcome) -> AccessRecord {
    AccessRecord {
        at: NOW,
        request: "0123456789abcdef0123456789abcdef".to_owned(),
        person: PersonId("zhang".to_owned()),
        unit: "示例市人力资源和社会保障局".to_owned(),
        app: AppId::new(APP).expect("app"),
        app_name: "社保查询".to_owned(),
        version: Some(VersionDigest([9; 32])),
        client: ClientId(APP.to_owned()),
        grant: None,
        recipient,
        purpose: "query-insurance".to_owned(),
        claims: vec!["name".to_owned()],
        outcome,
        hidden_until: None,
    }
}

fn log(locale: Locale) -> String {
    let rows = [
        access(Recipient::Sandbox, AccessOutcome::Opened),
        access(Recipient::Backend, AccessOutcome::Delivered),
        access(Recipient::Sandbox, AccessOutcome::Refused("claim-not-granted".to_owned())),
    ];
    let page = AccessLogPage {
        frame: frame(locale, false).with_tab(Tab::Me),
        rows: AccessRow::list(&rows, None, NOW, locale),
        older: Some("/me/access-log?cursor=a".to_owned()),
        is_later: false,
    };
    page.render().expect("page")
}

/// One of each, in both languages.
pub(super) fn pages() -> Vec<String> {
    let mut pages = Vec::new();
    for locale in [Locale::ZhCn, Locale::En] {
        let me = || frame(locale, true).with_tab(Tab::Me);
        let card = || ConsentCard::of(&record(APP), locale);
        pages.extend([
            consent(locale, Recipient::Backend, true),
            sign_in(locale, Way::Password),
            sign_in(locale, Way::CodeEnter),
            log(locale),
            WithdrawPage { frame: me(), csrf: "token-1", card: card() }.render().expect("page"),
            ConsentsPage { frame: me(), cards: vec![card()], older: None }.render().expect("page"),
            ErasePage { frame: me(), csrf: "token-1", unsure: true }.render().expect("page"),
            EnrolPage {
                reset: None,
                frame: me(),
                csrf: "token-1",
                picture: QrPicture::of("otpauth://totp/x?secret=ABCD"),
                secret: "ABCD".to_owned(),
                enrolment: "sealed",
                message: None,
            }
            .render()
            .expect("page"),
        ]);
    }
    pages
}

#[test]
fn consent_says_who_what_why_how_long_and_how_to_take_it_back() {
    let page = consent(Locale::ZhCn, Recipient::Sandbox, false);
    for part in [
        "「社保查询」",
        "示例市人力资源和社会保障局",
        "示备 2026-0012",
        "姓名",
        "核对参保人姓名",
        "用途 query-insurance",
        "用完即删，不保存",
        "保存 1 年",
        "180 天",
        "撤回",
        "只在本平台内",
        "能认出您是同一位用户",
        "此前同意提供的继续有效：出生日期",
    ] {
        assert!(page.contains(part), "lacks {part}");
    }
    assert!(!page.contains("不在线"), "no offline access is asked");
    assert_eq!(page.matches("type=\"checkbox\"").count(), 1, "required uses are no choice");
    assert!(!page.contains("checked"), "nothing is ticked for the person");
}

#[test]
fn refusing_is_as_easy_as_agreeing() {
    for elder_mode in [false, true] {
        let page = consent(Locale::En, Recipient::Sandbox, elder_mode);
        assert!(page.contains("<button class=\"button\" name=\"decision\" value=\"refuse\">Refuse</button>"));
        assert!(page.contains("<button class=\"button\" name=\"decision\" value=\"agree\">Agree</button>"));
    }
}

#[test]
fn a_back_end_is_named_as_what_it_is() {
    let page = consent(Locale::ZhCn, Recipient::Backend, false);
    assert!(page.contains("该单位自己的系统接收") && page.contains("您不在线时它也能继续获取"), "{page}");
    let card = ConsentCard::of(&record(&format!("{APP}:backend")), Locale::ZhCn);
    assert_eq!(card.recipient, Recipient::Backend);
    let log = log(Locale::ZhCn);
    assert_eq!(log.matches("接收后的使用在这里看不到").count(), 1);
    assert_eq!(log.matches("/me/access-log/complain?row=").count(), 3, "each row can be complained about");
    assert!(log.contains("claim-not-granted") && log.contains("已拒绝"));
}

#[test]
fn every_form_carries_a_token_and_no_address_a_handle() {
    for page in pages() {
        let own = page.matches("<form").count() - page.matches("action=\"/.yizhan/prefs\"").count();
        assert_eq!(page.matches("name=\"csrf\" value=\"token-1\"").count(), own, "{page}");
        for address in page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(!address.contains("handle-1"), "{address}");
        }
    }
}

#[test]
fn the_banner_of_development_stands_on_every_page_of_it() {
    assert!(sign_in(Locale::ZhCn, Way::Password).contains("<strong>开发模式</strong>"));
    assert!(!consent(Locale::ZhCn, Recipient::Sandbox, false).contains("开发模式"));
}

#[test]
fn what_an_app_may_do_is_asked_on_the_consent_page_and_shown_among_my_authorizations() {
    let page = consent(Locale::ZhCn, Recipient::Sandbox, false);
    assert!(page.contains("它能替您做什么") && page.contains("办事大厅的号") && page.contains("替您预约"), "{page}");
    let mut view = record(APP);
    assert!(ConsentCard::of(&view, Locale::ZhCn).acts.is_empty());
    let payload = base64::Engine::encode(
        &base64::engine::general_purpose::URL_SAFE_NO_PAD,
        r#"{"pii_processing":{"acts":["appointment:book"]}}"#,
    );
    view.record.receipt = format!("header.{payload}.signature");
    assert_eq!(ConsentCard::of(&view, Locale::En).acts, [booking_label(Locale::En)]);
}
