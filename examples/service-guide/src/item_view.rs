//! The page of one item: what to bring, how it goes, whom to ask, where to go.

use crate::places;
use crate::view::View;
use yizhan_sdk::catalog::{Item, Material};
use yizhan_sdk::place::Place;
use yizhan_sdk::{Html, html};

impl View {
    pub(crate) fn item(&self, item: &Item, halls: &[Place]) -> Html {
        let body = html!(
            include_str!("templates/item.html"),
            crumbs = self.say("位置", "You are here"),
            home = self.say("返回搜索", "Back to search"),
            name = item.summary.name,
            unit = item.summary.unit,
            facts = self.facts(item),
            conditions = self.list("ul", self.say("办理条件", "Conditions"), &item.conditions),
            materials = self.materials(&item.materials),
            steps = self.list("ol", self.say("办理流程", "Steps"), &item.steps),
            contact = self.contact(item),
            halls = self.nearest(halls),
            basis = self.list("ul", self.say("设定依据", "Legal basis"), &item.legal_basis),
            code_label = self.say("实施编码", "Implementing code"),
            code = item.summary.code,
        );
        self.page(&item.summary.name, body)
    }

    fn facts(&self, item: &Item) -> Html {
        let promised = match item.promised_days {
            0 => self.say("当场办结", "On the spot").to_owned(),
            days => self.days(days),
        };
        let legal = item.legal_days.map_or(self.say("未规定", "Not set").to_owned(), |days| self.days(days));
        let fee = if item.has_fee { self.say("收费", "Fee due") } else { self.say("不收费", "Free") };
        let facts = [
            (self.say("承诺时限", "Promised"), promised),
            (self.say("法定时限", "Legal limit"), legal),
            (self.say("费用", "Fee"), fee.to_owned()),
            (self.say("办理方式", "How"), self.online(item.summary.online).to_owned()),
            (self.say("服务对象", "For"), self.audience(item.summary.audience).to_owned()),
            (self.say("办理结果", "You get"), item.outcome.clone()),
        ];
        facts.iter().map(|(name, value)| html!("<div><dt>{name}</dt><dd>{value}</dd></div>", name, value)).collect()
    }

    fn days(&self, days: u32) -> String {
        if self.wishes.english() { format!("{days} working days") } else { format!("{days} 个工作日") }
    }

    fn list(&self, tag: &str, title: &str, entries: &[String]) -> Option<Html> {
        let lines: Html = entries.iter().map(|entry| html!("<li>{entry}</li>", entry)).collect();
        let section =
            html!("<section class=\"card\"><h2>{title}</h2><{tag}>{lines}</{tag}></section>", title, tag, lines);
        (!entries.is_empty()).then_some(section)
    }

    fn materials(&self, materials: &[Material]) -> Option<Html> {
        let line = |material: &Material| {
            let copies = self.copies(material);
            let need = if material.required {
                self.say("必需", "Required")
            } else {
                self.say("视情况提供", "In some cases")
            };
            html!(
                "<li><span class=\"line-title\">{name}</span><span class=\"line-note\">{copies} · {need}</span></li>",
                name = material.name,
                copies,
                need
            )
        };
        let lines: Html = materials.iter().map(line).collect();
        let title = self.say("所需材料", "What to bring");
        let section = html!("<section class=\"card\"><h2>{title}</h2><ul>{lines}</ul></section>", title, lines);
        (!materials.is_empty()).then_some(section)
    }

    /// As in `原件 1 份，复印件 2 份`.
    fn copies(&self, material: &Material) -> String {
        let parts =
            [(material.originals, self.say("原件", "originals")), (material.copies, self.say("复印件", "copies"))];
        let part = |(count, what): &(u32, &str)| match self.wishes.english() {
            true => format!("{what}: {count}"),
            false => format!("{what} {count} 份"),
        };
        let parts: Vec<String> = parts.iter().filter(|(count, _)| *count > 0).map(part).collect();
        parts.join(self.say("，", ", "))
    }

    fn contact(&self, item: &Item) -> Html {
        html!(
            "<section class=\"card\"><h2>{title}</h2><p>{ask} <a class=\"phone\" href=\"tel:{phone}\">{phone}</a></p>\
             <p>{complain} <a class=\"phone\" href=\"tel:{watch}\">{watch}</a></p></section>",
            title = self.say("咨询与监督", "Contact"),
            ask = self.say("咨询电话", "Questions"),
            phone = item.contact_phone,
            complain = self.say("监督电话", "Complaints"),
            watch = item.supervision_phone,
        )
    }

    fn nearest(&self, halls: &[Place]) -> Option<Html> {
        let section = html!(
            "<section><h2 class=\"above\">{title}</h2>{cards}<p><a class=\"more\" href=\"/halls\">{all}</a></p></section>",
            title = self.say("可以去这里办", "Where to go"),
            cards = places::cards(self, halls, "h3"),
            all = self.say("查看全部大厅", "All halls"),
        );
        (!halls.is_empty()).then_some(section)
    }
}
