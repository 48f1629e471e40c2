//! `yizhan:app/catalog`: items, regions, departments and apps.

use super::{page, unsupported};
use crate::bindings::catalog as wit;
use crate::bindings::types::{Error, PageRequest};
use crate::guest::GuestContext;
use yizhan_support::catalog::{Audience, Department, Item, ItemPage, ItemSummary, Material, OnlineDepth, Query};
use yizhan_support::{App, Region};

type Answer<T> = wasmtime::Result<Result<T, Error>>;

impl wit::Host for GuestContext {
    fn search(&mut self, query: wit::Query, wanted: PageRequest) -> Answer<wit::ItemPage> {
        let (text, region, audience) = (query.text, query.region, query.audience.map(audience_in));
        let query = Query { text, region, audience, ..Query::default() };
        let found = self.services.catalog.search(&self.visit.context, &query, &page(wanted));
        let answer = found.map(page_out).map_err(|error| unsupported(&error));
        self.observe(|| format!("catalog.search {:?}", query.text), &answer);
        Ok(answer)
    }

    fn find_item(&mut self, code: String) -> Answer<Option<wit::Item>> {
        let found = self.services.catalog.find_item(&self.visit.context, &code, &*self.services.apps);
        let answer = found.map(|item| item.map(item_out)).map_err(|error| unsupported(&error));
        self.observe(|| format!("catalog.item {code}"), &answer);
        Ok(answer)
    }

    fn implementers(&mut self, basic_code: String, region: String) -> Answer<Vec<wit::ItemSummary>> {
        let found = self.services.catalog.list_implementers(&self.visit.context, &basic_code, &region);
        let answer = found.map(|all| all.into_iter().map(summary_out).collect()).map_err(|error| unsupported(&error));
        self.observe(|| format!("catalog.implementers {basic_code} {region}"), &answer);
        Ok(answer)
    }

    fn find_region(&mut self, code: String) -> Answer<Option<wit::Region>> {
        let found = self.services.catalog.find_region(&self.visit.context, &code);
        Ok(found.map(|region| region.map(region_out)).map_err(|error| unsupported(&error)))
    }

    fn regions(&mut self, parent: Option<String>) -> Answer<Vec<wit::Region>> {
        let found = self.services.catalog.list_regions(&self.visit.context, parent.as_deref());
        Ok(found.map(|all| all.into_iter().map(region_out).collect()).map_err(|error| unsupported(&error)))
    }

    fn departments(&mut self, region: String) -> Answer<Vec<wit::Department>> {
        let found = self.services.catalog.list_departments(&self.visit.context, &region);
        Ok(found.map(|all| all.into_iter().map(department_out).collect()).map_err(|error| unsupported(&error)))
    }

    fn apps(&mut self) -> Answer<Vec<wit::App>> {
        let found = self.services.catalog.list_apps(&self.visit.context, &*self.services.apps);
        Ok(found.map(|all| all.into_iter().map(app_out).collect()).map_err(|error| unsupported(&error)))
    }
}

fn audience_in(audience: wit::Audience) -> Audience {
    match audience {
        wit::Audience::NaturalPerson => Audience::NaturalPerson,
        wit::Audience::LegalPerson => Audience::LegalPerson,
        wit::Audience::All => Audience::All,
    }
}

fn audience_out(audience: Audience) -> wit::Audience {
    match audience {
        Audience::NaturalPerson => wit::Audience::NaturalPerson,
        Audience::LegalPerson => wit::Audience::LegalPerson,
        Audience::All => wit::Audience::All,
    }
}

fn page_out(page: ItemPage) -> wit::ItemPage {
    wit::ItemPage { items: page.items.into_iter().map(summary_out).collect(), next: page.next, total: page.total }
}

fn summary_out(item: ItemSummary) -> wit::ItemSummary {
    wit::ItemSummary {
        code: item.code.into(),
        basic_code: item.basic_code.into(),
        name: item.name,
        unit: item.unit,
        region: item.region.into(),
        audience: audience_out(item.audience),
        online: match item.online {
            OnlineDepth::Information => wit::OnlineDepth::Information,
            OnlineDepth::Partial => wit::OnlineDepth::Partial,
            OnlineDepth::Complete => wit::OnlineDepth::Complete,
        },
    }
}

fn item_out(item: Item) -> wit::Item {
    wit::Item {
        summary: summary_out(item.summary),
        kind: item.kind,
        legal_basis: item.legal_basis,
        conditions: item.conditions,
        materials: item.materials.into_iter().map(material_out).collect(),
        steps: item.steps,
        legal_days: item.legal_days,
        promised_days: item.promised_days,
        has_fee: item.has_fee,
        bookable: item.bookable,
        on_terminals: item.on_terminals,
        outcome: item.outcome,
        contact_phone: item.contact_phone,
        supervision_phone: item.supervision_phone,
        apps: item.apps.into_iter().map(Into::into).collect(),
    }
}

fn material_out(material: Material) -> wit::Material {
    let Material { name, originals, copies, required } = material;
    wit::Material { name, originals, copies, required }
}

fn region_out(region: Region) -> wit::Region {
    wit::Region {
        code: region.code.into(),
        name: region.name,
        parent: region.parent.map(Into::into),
        level: region.level,
    }
}

fn department_out(department: Department) -> wit::Department {
    wit::Department {
        credit_code: department.credit_code.into(),
        name: department.name,
        region: department.region.into(),
    }
}

fn app_out(app: App) -> wit::App {
    wit::App {
        id: app.id.into(),
        name: app.name,
        description: app.description,
        url: app.url,
        identity_required: app.identity_required,
    }
}
