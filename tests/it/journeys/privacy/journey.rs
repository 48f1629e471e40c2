//! One journey through everything that handles personal data and secrets: set-up, each way to sign in, consent, openings,
//! a back end, mistakes, sign-out, withdrawal. Gathers the secrets on the way.

use super::back_end::BackEnd;
use super::needle::Needle;
use crate::visitor::{Choice, Visitor, field};
use totp_rs::{Algorithm, Builder, Secret};
use yizhan_domain::{Clock as _, SystemClock};

/// Where hub and app are.
pub(super) struct Origins {
    pub(super) hub: String,
    pub(super) app: String,
}

/// Claims that the app declares and that test person `zhang` has.
pub(super) const CLAIMS: [&str; 9] = [
    "name",
    "name-masked",
    "id-number",
    "id-number-masked",
    "mobile",
    "mobile-masked",
    "birth-date",
    "residence-region",
    "age-over-18",
];
const PASSWORD: &str = "correct horse battery 马";
const WRONG_PASSWORD: &str = "wrong horse battery 驴";
const MOBILE: &str = "01988776651";
/// A value that the person types where it does not belong.
const MISPLACED: &str = "张示例";

/// What the journey leaves behind: all browsers with what they were answered, and every secret.
pub(super) struct Travelled {
    pub(super) visitors: Vec<Visitor>,
    pub(super) secrets: Vec<Needle>,
}

/// The whole journey; `link` is the set-up link.
pub(super) fn travel(at: &Origins, link: &str, mut back_end: BackEnd) -> Travelled {
    let mut travelled = Travelled { visitors: Vec::new(), secrets: Vec::new() };
    administrator(at, link, &mut travelled);
    one_time_code(at, &mut travelled);
    let mut citizen = citizen(at);
    let id_token = with_the_back_end(at, &mut citizen, &mut back_end);
    mistakes(at, &mut citizen, &mut back_end);
    withdraw(at, &mut citizen);
    end_session(at, &mut citizen, &id_token);
    travelled.visitors.push(citizen);
    travelled.visitors.push(back_end.wire);
    travelled.secrets.append(&mut back_end.secrets);
    travelled
}

/// The first administrator: set-up link, password, second factor with its recovery codes, a second sign-in with both.
fn administrator(at: &Origins, link: &str, travelled: &mut Travelled) {
    let mut first = Visitor::default();
    let key = link.split("key=").nth(1).expect("a key");
    let csrf = field(&first.get(link).text(), "csrf");
    let fields = [("csrf", csrf.as_str()), ("key", key), ("login", "guanli"), ("name", "管示例")];
    let unit = [("unit", "示例平台"), ("uscc", "91350100M000100Y43"), ("password", PASSWORD), ("repeated", PASSWORD)];
    let made = first.post(&format!("{}/set-up", at.hub), &[&fields[..], &unit[..]].concat());
    assert_eq!(made.status, 303, "{}", made.text());
    let (page, url) = first.follow(made, &format!("{}/set-up", at.hub));
    let refused = sign_in_by_password(&mut first, (&page.text(), &url), WRONG_PASSWORD);
    assert_eq!(refused.status, 422, "{}", refused.text());
    let signed_in = sign_in_by_password(&mut first, (&refused.text(), &url), PASSWORD);
    let (page, url) = first.follow(signed_in, &url);
    let text = page.text();
    let secret: String = between(&text, "<code class=\"secret\">", "<").split_whitespace().collect();
    let code = totp(&secret, -1);
    let fields = [("csrf", field(&text, "csrf")), ("enrolment", field(&text, "enrolment")), ("code", code.clone())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let enrolled = first.post(url.split('?').next().unwrap_or(&url), &fields);
    assert_eq!(enrolled.status, 200, "{}", enrolled.text());
    let codes = enrolled.text();
    for code in codes.split("<li><code>").skip(1).filter_map(|rest| rest.split('<').next()) {
        travelled.secrets.push(Needle::new("recovery code", code));
    }
    let enrolment = field(&text, "enrolment");
    travelled.secrets.extend([
        Needle::new("password", PASSWORD),
        Needle::new("password that was wrong", WRONG_PASSWORD),
        Needle::new("set-up key", key),
        Needle::new("TOTP secret", &secret),
        Needle::new("TOTP secret, bytes", decoded(&secret)),
        Needle::new("TOTP code", code),
        Needle::new("enrolment", enrolment),
    ]);
    let mut second = Visitor::default();
    let url = format!("{}/sign-in?to=/me", at.hub);
    let page = second.get(&url).text();
    let asked = sign_in_by_password(&mut second, (&page, &url), PASSWORD);
    let (page, url) = second.follow(asked, &url);
    let wrong = second_factor(&mut second, (&page.text(), &url), "000000");
    assert_eq!(wrong.status, 422, "{}", wrong.text());
    let code = totp(&secret, 0);
    let done = second_factor(&mut second, (&wrong.text(), &url), &code);
    assert_eq!(second.follow(done, &url).0.status, 200);
    travelled.secrets.push(Needle::new("second TOTP code", code));
    travelled.visitors.extend([first, second]);
}

fn sign_in_by_password(visitor: &mut Visitor, (page, url): (&str, &str), password: &str) -> crate::serving::Answer {
    let (csrf, to) = (field(page, "csrf"), field(page, "to"));
    let form = format!("{}/sign-in", crate::visitor::origin_of(url));
    let fields = [("csrf", csrf.as_str()), ("handle", ""), ("to", &to), ("login", "guanli"), ("password", password)];
    visitor.post(&form, &fields)
}

fn second_factor(visitor: &mut Visitor, (page, url): (&str, &str), code: &str) -> crate::serving::Answer {
    let (csrf, to) = (field(page, "csrf"), field(page, "to"));
    let form = format!("{}/sign-in/second-factor", crate::visitor::origin_of(url));
    visitor.post(&form, &[("csrf", &csrf), ("handle", ""), ("to", &to), ("code", code)])
}

/// The code of the present step, or of one beside it.
fn totp(secret: &str, steps: i64) -> String {
    let now = SystemClock.now().0 / 1000;
    let totp = Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_skew(1)
        .with_step_duration(30)
        .with_secret(Secret::new(decoded(secret).into()))
        .build()
        .expect("TOTP");
    totp.generate(now.saturating_add_signed(30 * steps)).to_string()
}

/// Bytes of base32 (RFC 4648) without padding.
fn decoded(secret: &str) -> Vec<u8> {
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0u32, 0u64);
    for letter in secret.bytes() {
        let value = if letter.is_ascii_digit() { letter - b'2' + 26 } else { letter.to_ascii_uppercase() - b'A' };
        held = held << 5 | u64::from(value);
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits & 0xff) as u8);
        }
    }
    bytes
}

/// Sign-in by a code to a number, after a wrong number and a wrong code.
fn one_time_code(at: &Origins, travelled: &mut Travelled) {
    let mut visitor = Visitor::default();
    let url = format!("{}/sign-in?way=code&to=/me", at.hub);
    let page = visitor.get(&url).text();
    let csrf = field(&page, "csrf");
    let send = format!("{}/sign-in/code", at.hub);
    let fields = |number: &'static str| [("csrf", csrf.clone()), ("to", "/me".into()), ("number", number.to_owned())];
    let post = |visitor: &mut Visitor, url: &str, fields: &[(&str, String)]| {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        visitor.post(url, &fields)
    };
    assert_eq!(post(&mut visitor, &send, &fields(MISPLACED)).status, 422, "no number");
    let sent = post(&mut visitor, &send, &fields(MOBILE));
    let (page, _) = visitor.follow(sent, &send);
    let text = page.text();
    let code = between(&text, "<p class=\"hint\">", "</p>");
    let code = between(code, "<code>", "<").to_owned();
    assert_eq!(code.len(), 6, "{text}");
    let check = format!("{}/sign-in/code/check", at.hub);
    let csrf = field(&text, "csrf");
    let wrong = if code == "111111" { "222222" } else { "111111" };
    for (tried, status) in [(wrong, 422), (code.as_str(), 303)] {
        let fields = [("csrf", csrf.clone()), ("to", "/me".into()), ("code", tried.to_owned())];
        assert_eq!(post(&mut visitor, &check, &fields).status, status);
    }
    assert_eq!(visitor.get(&format!("{}/me", at.hub)).status, 200);
    travelled.secrets.push(Needle::new("one-time code", code));
    travelled.visitors.push(visitor);
}

/// A test person signs in to the app, agrees to everything, and the app opens every claim; one that is none is refused.
fn citizen(at: &Origins) -> Visitor {
    let mut visitor = Visitor::default();
    let ticks: Vec<String> = CLAIMS.iter().map(|claim| format!("test/{claim}")).collect();
    let ticks: Vec<&str> = ticks.iter().map(String::as_str).collect();
    let choice = Choice { persona: "zhang", ticks: &ticks, decision: "agree" };
    let (page, url) = visitor.sign_in(&format!("{}/.yizhan/login?purpose=test&return=/current", at.app), choice);
    assert_eq!((page.status, url), (200, format!("{}/current", at.app)), "{}", page.text());
    for claim in CLAIMS {
        let opened = visitor.get(&format!("{}/open?purpose=test&claims={claim}", at.app));
        assert!(opened.json()[claim].is_string(), "{claim}: {}", opened.text());
    }
    let all = visitor.get(&format!("{}/open?purpose=test&claims={}", at.app, CLAIMS.join(",")));
    assert_eq!(all.json()["name"], "张示例", "{}", all.text());
    for wrong in ["claims=org-name", "claims=salary"] {
        assert_eq!(visitor.get(&format!("{}/open?purpose=test&{wrong}", at.app)).status, 403);
    }
    for path in ["/me", "/me/consents", "/me/access-log", "/me/access-log/export", "/me/sessions"] {
        assert_eq!(visitor.get(&format!("{}{path}", at.hub)).status, 200, "{path}");
    }
    visitor
}

/// Code, tokens, UserInfo, introspection, refresh and revocation of a back end; answers its ID token.
fn with_the_back_end(at: &Origins, citizen: &mut Visitor, back_end: &mut BackEnd) -> String {
    let ticks: Vec<String> = CLAIMS.iter().map(|claim| format!("test/{claim}")).collect();
    let ticks: Vec<&str> = ticks.iter().map(String::as_str).collect();
    let choice = Choice { persona: "zhang", ticks: &ticks, decision: "agree" };
    let scope = format!("openid offline_access {}", CLAIMS.join(" "));
    let (page, url) = citizen.sign_in(&back_end.authorize(&scope), choice);
    assert_eq!(page.status, 200, "{url}: {}", page.text());
    assert!(url.starts_with(&at.app), "{url}");
    let code = back_end.code_of(&url);
    let tokens = back_end.exchange(&code);
    let text = |tokens: &serde_json::Value, name: &str| tokens[name].as_str().unwrap_or_default().to_owned();
    let access = text(&tokens, "access_token");
    assert_eq!(back_end.user_info(&access)["name"], "张示例");
    assert_eq!(back_end.call("/oauth/introspect", &[("token", &access)]).json()["active"], true);
    let fresh = back_end.refresh(&text(&tokens, "refresh_token"));
    assert_eq!(back_end.user_info(&text(&fresh, "access_token"))["mobile"], MOBILE);
    assert_eq!(back_end.call("/oauth/revoke", &[("token", &text(&fresh, "refresh_token"))]).status, 200);
    let gone = back_end.call("/oauth/introspect", &[("token", &text(&fresh, "access_token"))]);
    assert_eq!(gone.json()["active"], false, "{}", gone.text());
    // A code that was used ends what it gave.
    let replayed = back_end.call("/oauth/token", &[("grant_type", "authorization_code"), ("code", &code)]);
    assert_eq!(replayed.status, 400, "{}", replayed.text());
    text(&tokens, "id_token")
}

/// Mistakes with personal data where it does not belong: nothing of it may be written down or said back.
fn mistakes(at: &Origins, citizen: &mut Visitor, back_end: &mut BackEnd) {
    let bad_code = [("grant_type", "authorization_code"), ("code", MISPLACED), ("code_verifier", MISPLACED)];
    assert_eq!(back_end.call("/oauth/token", &bad_code).status, 400);
    assert_eq!(back_end.call("/oauth/token", &[("grant_type", MISPLACED)]).status, 400);
    assert_eq!(back_end.call("/oauth/introspect", &[("token", MOBILE)]).json()["active"], false);
    let body = format!("{{\"name\":\"{MISPLACED}\",\"mobile\":\"{MOBILE}\"");
    for (path, kind) in [("/oauth/token", "application/json"), ("/oauth/par", "application/x-www-form-urlencoded")] {
        let head = format!("Content-Type: {kind}\r\n");
        let answer = back_end.wire.send("POST", &format!("{}{path}", at.hub), &head, &body);
        assert!((400..500).contains(&answer.status), "{path}: {}", answer.status);
    }
    let head = format!("Authorization: Bearer {MOBILE}\r\n");
    assert_eq!(back_end.wire.send("GET", &format!("{}/oauth/userinfo", at.hub), &head, "").status, 401);
    let forged = [("csrf", MISPLACED), ("login", MOBILE), ("password", MISPLACED)];
    assert_eq!(citizen.post(&format!("{}/sign-in", at.hub), &forged).status, 403);
    let notice = citizen.post(&format!("{}/.yizhan/backchannel-logout", at.app), &[("logout_token", MOBILE)]);
    assert_eq!(notice.status, 400);
    let unknown =
        citizen.post(&format!("{}/oauth/authorize", at.hub), &[("client_id", MISPLACED), ("login_hint", MOBILE)]);
    assert!((400..500).contains(&unknown.status), "{}", unknown.status);
}

/// The person takes every consent back; the app opens nothing more.
fn withdraw(at: &Origins, citizen: &mut Visitor) {
    let listed = citizen.get(&format!("{}/me/consents", at.hub)).text();
    let paths: std::collections::BTreeSet<&str> = listed
        .split("href=\"")
        .filter_map(|rest| rest.split('"').next())
        .filter(|path| path.starts_with("/me/consents/"))
        .collect();
    assert!(!paths.is_empty(), "{listed}");
    for path in paths {
        assert_eq!(citizen.get(&format!("{}{path}/receipt", at.hub)).status, 200);
        let withdraw = format!("{}{path}/withdraw", at.hub);
        let csrf = field(&citizen.get(&withdraw).text(), "csrf");
        let gone = citizen.post(&withdraw, &[("csrf", &csrf)]);
        assert!(gone.status == 303 || gone.status == 200, "{}", gone.text());
    }
    let open = citizen.get(&format!("{}/open?purpose=test&claims=name", at.app));
    // Apart, the confirmation of a moment ago may still count for the call, but the hub gives no envelope.
    let error = open.json()["error"].clone();
    assert!(error == "not-found" || error == "denied:identity", "{}", open.text());
}

/// Sign-out that the back end asks for.
fn end_session(at: &Origins, citizen: &mut Visitor, id_token: &str) {
    let asked = citizen.get(&format!("{}/oauth/end_session?id_token_hint={id_token}", at.hub));
    assert_eq!(asked.status, 200, "{}", asked.text());
    let csrf = field(&asked.text(), "csrf");
    let fields = [("csrf", csrf.as_str()), ("id_token_hint", id_token)];
    let done = citizen.post(&format!("{}/oauth/end_session/confirm", at.hub), &fields);
    assert_eq!(done.status, 303, "{}", done.text());
}

/// What stands between two marks.
fn between<'t>(text: &'t str, start: &str, end: &str) -> &'t str {
    let rest = text.split(start).nth(1).unwrap_or_else(|| panic!("{start} is missing: {text}"));
    rest.split(end).next().unwrap_or_default()
}
