//! Pages: what the handlers found, in the visitor's language and size.

use crate::Person;
use crate::records::{Insurance, Kind, Month};
use yizhan_sdk::visitor::{self, Preferences};
use yizhan_sdk::{Error, Html, clock::Local, html};

/// Writes pages for one visitor.
pub(crate) struct View {
    wishes: Preferences,
}

impl View {
    pub(crate) fn new() -> Self {
        Self { wishes: visitor::preferences() }
    }

    fn say(&self, chinese: &'static str, english: &'static str) -> &'static str {
        if self.wishes.english() { english } else { chinese }
    }

    fn page(&self, title: &str, body: Html) -> Html {
        html!(
            include_str!("templates/page.html"),
            lang = self.say("zh-CN", "en"),
            class = if self.wishes.elder_mode { "elder" } else { "" },
            title = format!("{title} - {}", self.say("社保查询", "Social insurance")),
            skip = self.say("跳到正文", "Skip to content"),
            brand = self.say("社保查询", "Social insurance"),
            sample = self.say("示例数据", "Sample data"),
            body,
            foot = self.say(
                "示例应用。所有参保记录均为虚构，与任何真实记录无关。",
                "Sample app. All records are invented and belong to nobody."
            ),
        )
    }

    /// Before signing in: what will be asked, and why.
    pub(crate) fn welcome(&self, url: &str) -> Html {
        let required = self.say("必需", "Required");
        let claims = [
            (self.say("姓名", "Name"), required, self.say("核对参保人", "To find your records")),
            (
                self.say("身份证号（部分隐藏）", "ID number, masked"),
                required,
                self.say("核对身份，看不到完整号码", "To check who you are; the full number is not shown to us"),
            ),
            (
                self.say("手机号（部分隐藏）", "Mobile number, masked"),
                self.say("可不提供", "Optional"),
                self.say("显示接收提醒的号码", "To show where reminders go"),
            ),
        ];
        let line = |(name, need, why): &(&str, &str, &str)| {
            html!(
                "<li><span class=\"line-title\">{name} <span class=\"tag\">{need}</span></span>\
                 <span class=\"line-note\">{why}</span></li>",
                name,
                need,
                why
            )
        };
        let body = html!(
            include_str!("templates/welcome.html"),
            title = self.say("查询我的社保", "My social insurance"),
            lead = self.say("登录后可查看参保状态和近一年缴费记录。", "Sign in to see your insurances and payments."),
            asks = self.say("我们会请您授权", "What we will ask for"),
            claims = claims.iter().map(line).collect::<Html>(),
            note = self.say(
                "信息只用于本次查询，不会保存。您可以随时在“我的授权”中撤回。",
                "Used for this query only and not kept. You can withdraw at any time."
            ),
            url,
            sign_in = self.say("登录并授权", "Sign in"),
        );
        self.page(self.say("查询我的社保", "My social insurance"), body)
    }

    pub(crate) fn overview(&self, person: &Person, list: &[Insurance], until: Local, ask_again: Option<&str>) -> Html {
        let mut facts = vec![
            (self.say("姓名", "Name"), person.name.as_str()),
            (self.say("身份证号", "ID number"), person.id_number.as_str()),
        ];
        facts.extend(person.mobile.as_deref().map(|mobile| (self.say("提醒手机", "Reminders to"), mobile)));
        let fact = |(name, value): &(&str, &str)| html!("<div><dt>{name}</dt><dd>{value}</dd></div>", name, value);
        let optional = ask_again.map(|url| {
            html!(
                "<p class=\"note\">{text} <a class=\"more\" href=\"{url}\">{label}</a></p>",
                text = self.say("您没有提供手机号，不影响查询。", "No mobile number was granted; that is fine."),
                url,
                label = self.say("改为提供", "Grant it"),
            )
        });
        let today = match self.wishes.english() {
            true => format!("Your grant ends on {}.", until.date(true)),
            false => format!("授权有效期至 {}。", until.date(false)),
        };
        let body = html!(
            include_str!("templates/overview.html"),
            greeting = self.say("我的社保", "My social insurance"),
            about = self.say("参保人", "Insured person"),
            facts = facts.iter().map(fact).collect::<Html>(),
            optional,
            title = self.say("参保情况", "Insurances"),
            cards = list.iter().map(|insurance| self.card(insurance)).collect::<Html>(),
            expires = today,
        );
        self.page(self.say("我的社保", "My social insurance"), body)
    }

    fn card(&self, insurance: &Insurance) -> Html {
        let (class, state) = match insurance.active {
            true => ("tag on", self.say("正常参保", "Active")),
            false => ("tag", self.say("暂停缴费", "Paused")),
        };
        html!(
            "<li class=\"card\"><a class=\"card-link\" href=\"/records/{key}\">\
             <span class=\"card-title\">{name}</span><span class=\"tags\"><span class=\"{class}\">{state}</span>\
             <span class=\"far\">{total}</span></span></a></li>",
            key = insurance.kind.key(),
            name = self.name(insurance.kind),
            class,
            state,
            total = self.total(insurance),
        )
    }

    fn total(&self, insurance: &Insurance) -> String {
        match self.wishes.english() {
            true => format!("{} months paid", insurance.months_total),
            false => format!("累计缴费 {} 个月", insurance.months_total),
        }
    }

    pub(crate) fn insurance(&self, insurance: &Insurance) -> Html {
        let row = |month: &Month| {
            html!(
                "<tr><th scope=\"row\">{year}-{month}</th><td class=\"number\">{base}</td><td class=\"number\">{own}</td>\
                 <td class=\"number\">{unit}</td></tr>",
                year = month.year,
                month = format!("{:02}", month.month),
                base = yuan(month.base),
                own = yuan(month.own),
                unit = yuan(month.unit),
            )
        };
        let name = self.name(insurance.kind);
        let body = html!(
            include_str!("templates/insurance.html"),
            crumbs = self.say("位置", "You are here"),
            back = self.say("返回我的社保", "Back"),
            title = name,
            lead = self.total(insurance),
            caption = self.say("近十二个月缴费（元）", "Last twelve months (yuan)"),
            month = self.say("月份", "Month"),
            base = self.say("缴费基数", "Base"),
            own = self.say("个人", "You"),
            unit = self.say("单位", "Employer"),
            rows = insurance.months.iter().map(row).collect::<Html>(),
        );
        self.page(name, body)
    }

    pub(crate) fn error(&self, error: &Error) -> Html {
        let (title, advice) = match error {
            Error::NotFound => (
                self.say("没有找到这个页面", "Page not found"),
                self.say("请返回首页重新进入。", "Start again from the first page."),
            ),
            Error::Denied(_) => (
                self.say("未获得授权", "Not granted"),
                self.say(
                    "您没有同意提供所需信息，可返回首页重新授权。",
                    "What is needed was not granted. You can grant it again.",
                ),
            ),
            _ => (
                self.say("暂时无法查询", "Not available now"),
                self.say("请稍后再试，或拨打 12333 咨询。", "Try again in a moment, or call 12333."),
            ),
        };
        let back = self.say("返回首页", "Back to start");
        let body = html!(
            "<div class=\"card empty\"><h1>{title}</h1><p>{advice}</p><p><a class=\"primary\" href=\"/\">{back}</a></p></div>",
            title,
            advice,
            back
        );
        self.page(title, body)
    }

    fn name(&self, kind: Kind) -> &'static str {
        match kind {
            Kind::Pension => self.say("养老保险", "Pension"),
            Kind::Medical => self.say("医疗保险", "Medical"),
            Kind::Unemployment => self.say("失业保险", "Unemployment"),
            Kind::Injury => self.say("工伤保险", "Work injury"),
        }
    }
}

/// As in `4200.00`.
fn yuan(fen: u32) -> String {
    format!("{}.{:02}", fen / 100, fen % 100)
}
