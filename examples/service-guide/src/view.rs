//! Pages: what the handlers found, in the visitor's language and size.

use crate::places;
use yizhan_sdk::catalog::{Audience, ItemPage, ItemSummary, OnlineDepth, Query};
use yizhan_sdk::place::Place;
use yizhan_sdk::visitor::{self, Preferences};
use yizhan_sdk::{Error, Fields, Html, html};

/// Writes pages for one visitor.
pub(crate) struct View {
    pub(crate) wishes: Preferences,
}

impl View {
    pub(crate) fn new() -> Self {
        Self { wishes: visitor::preferences() }
    }

    pub(crate) fn region(&self) -> &str {
        &self.wishes.region
    }

    /// The words in the visitor's language.
    pub(crate) fn say(&self, chinese: &'static str, english: &'static str) -> &'static str {
        if self.wishes.english() { english } else { chinese }
    }

    pub(crate) fn page(&self, title: &str, body: Html) -> Html {
        html!(
            include_str!("templates/page.html"),
            lang = self.say("zh-CN", "en"),
            class = if self.wishes.elder_mode { "elder" } else { "" },
            title = format!("{title} - {}", self.say("办事指南", "Service guide")),
            skip = self.say("跳到正文", "Skip to content"),
            nav = self.say("主导航", "Main"),
            brand = self.say("办事指南", "Service guide"),
            halls = self.say("附近大厅", "Halls"),
            body,
            foot = self.say(
                "示例应用。事项与大厅均为示例数据，不能用于办理。",
                "Sample app. Items and halls are invented and cannot be used."
            ),
        )
    }

    pub(crate) fn search(&self, query: &Query, region: Option<&str>, found: &ItemPage) -> Html {
        let region = region.unwrap_or(self.region());
        let body = html!(
            include_str!("templates/home.html"),
            title = self.say("想办什么事？", "What do you need?"),
            lead = match self.wishes.english() {
                true => format!("Services for {region}"),
                false => format!("{region}可办理的政务服务"),
            },
            label = self.say("搜索事项", "Search services"),
            hint = self.say("如：身份证、社保卡、营业执照", "e.g. 身份证 (ID card)"),
            q = query.text,
            audience = audience_key(query.audience),
            search = self.say("搜索", "Search"),
            filter = self.say("服务对象", "Audience"),
            chips = self.chips(query),
            results = self.results(query, found),
        );
        self.page(self.say("搜索", "Search"), body)
    }

    fn chips(&self, query: &Query) -> Html {
        let choices = [
            (None, self.say("全部", "All")),
            (Some(Audience::NaturalPerson), self.say("个人", "People")),
            (Some(Audience::LegalPerson), self.say("企业", "Companies")),
        ];
        let chip = |(audience, label): (Option<Audience>, &str)| {
            let href = format!("/?{}", Fields::encode(&[("q", &query.text), ("for", audience_key(audience))]));
            match audience == query.audience {
                true => html!("<a class=\"chip\" aria-current=\"true\" href=\"{href}\">{label}</a>", href, label),
                false => html!("<a class=\"chip\" href=\"{href}\">{label}</a>", href, label),
            }
        };
        choices.into_iter().map(chip).collect()
    }

    fn results(&self, query: &Query, found: &ItemPage) -> Html {
        if found.items.is_empty() {
            return html!(
                "<div class=\"card empty\"><h2>{title}</h2><p>{advice}</p></div>",
                title = self.say("没有找到相关事项", "Nothing found"),
                advice = self.say("换个说法试试，或拨打 12345 咨询。", "Try other words, or call 12345."),
            );
        }
        let count = match self.wishes.english() {
            true => format!("{} found", found.total),
            false => format!("共 {} 项", found.total),
        };
        let more = found.next.as_deref().map(|next| {
            let fields = [("q", query.text.as_str()), ("for", audience_key(query.audience)), ("after", next)];
            let href = format!("/?{}", Fields::encode(&fields));
            html!("<p><a class=\"more\" href=\"{href}\">{label}</a></p>", href, label = self.say("下一页", "Next page"))
        });
        let cards: Html = found.items.iter().map(|item| self.card(item)).collect();
        html!("<p class=\"count\">{count}</p><ul class=\"cards\">{cards}</ul>{more}", count, cards, more)
    }

    fn card(&self, item: &ItemSummary) -> Html {
        html!(
            "<li class=\"card\"><a class=\"card-link\" href=\"/items/{code}\"><span class=\"card-title\">{name}</span>\
             <span class=\"card-note\">{unit}</span>\
             <span class=\"tags\"><span class=\"tag\">{online}</span><span class=\"tag\">{audience}</span></span></a></li>",
            code = item.code,
            name = item.name,
            unit = item.unit,
            online = self.online(item.online),
            audience = self.audience(item.audience),
        )
    }

    pub(crate) fn halls(&self, halls: &[Place], nearby: bool) -> Html {
        let body = html!(
            include_str!("templates/halls.html"),
            crumbs = self.say("位置", "You are here"),
            home = self.say("返回搜索", "Back to search"),
            title = self.say("服务大厅与自助终端", "Halls and terminals"),
            lead =
                if nearby { self.say("由近到远", "Nearest first") } else { self.say("本地区", "Your region") },
            locate = self.say("按我的位置排序", "Sort by my position"),
            waiting = self.say("正在定位…", "Finding your position…"),
            failed =
                self.say("无法获取位置，请在浏览器设置中允许。", "No position. Allow it in the browser's settings."),
            places = places::cards(self, halls, "h2"),
        );
        self.page(self.say("附近大厅", "Halls"), body)
    }

    pub(crate) fn error(&self, error: &Error) -> Html {
        let (title, advice) = match error {
            Error::NotFound => (
                self.say("没有找到这个页面", "Page not found"),
                self.say("事项可能已调整，请重新搜索。", "The item may have changed. Search again."),
            ),
            Error::Invalid(_) => (
                self.say("地址有误", "Wrong address"),
                self.say("请返回首页重新进入。", "Start again from the first page."),
            ),
            _ => (
                self.say("暂时无法查询", "Not available now"),
                self.say("请稍后再试，或拨打 12345 咨询。", "Try again in a moment, or call 12345."),
            ),
        };
        let back = self.say("返回搜索", "Back to search");
        let body = html!(
            "<div class=\"card empty\"><h1>{title}</h1><p>{advice}</p><p><a class=\"primary\" href=\"/\">{back}</a></p></div>",
            title,
            advice,
            back
        );
        self.page(title, body)
    }

    pub(crate) fn online(&self, depth: OnlineDepth) -> &'static str {
        match depth {
            OnlineDepth::Information => self.say("线下办理", "At a hall"),
            OnlineDepth::Partial => self.say("网上申请", "Apply online"),
            OnlineDepth::Complete => self.say("全程网办", "Fully online"),
        }
    }

    pub(crate) fn audience(&self, audience: Audience) -> &'static str {
        match audience {
            Audience::NaturalPerson => self.say("个人", "People"),
            Audience::LegalPerson => self.say("企业", "Companies"),
            Audience::All => self.say("个人和企业", "Everyone"),
        }
    }
}

fn audience_key(audience: Option<Audience>) -> &'static str {
    match audience {
        Some(Audience::NaturalPerson) => "person",
        Some(Audience::LegalPerson) => "company",
        _ => "",
    }
}
