//! `yizhan:app/catalog`.

use super::bindings::yizhan::app::catalog as wit;
use crate::catalog::{
    AppSummary, Audience, Department, Item, ItemPage, ItemSummary, Material, OnlineDepth, Query, Region,
};
use crate::{PageRequest, Result};

pub(crate) fn search(query: &Query, page: &PageRequest) -> Result<ItemPage> {
    let query = wit::Query {
        text: query.text.clone(),
        region: query.region.clone(),
        audience: query.audience.map(|audience| match audience {
            Audience::NaturalPerson => wit::Audience::NaturalPerson,
            Audience::LegalPerson => wit::Audience::LegalPerson,
            Audience::All => wit::Audience::All,
        }),
    };
    let wit::ItemPage { items, next, total } = wit::search(&query, &super::page(page))?;
    Ok(ItemPage { items: super::list(items), next, total })
}

pub(crate) fn find_item(code: &str) -> Result<Option<Item>> {
    Ok(wit::find_item(code)?.map(Item::from))
}

pub(crate) fn implementers(basic_code: &str, region: &str) -> Result<Vec<ItemSummary>> {
    Ok(super::list(wit::implementers(basic_code, region)?))
}

pub(crate) fn find_region(code: &str) -> Result<Option<Region>> {
    Ok(wit::find_region(code)?.map(Region::from))
}

pub(crate) fn regions(parent: Option<&str>) -> Result<Vec<Region>> {
    Ok(super::list(wit::regions(parent)?))
}

pub(crate) fn departments(region: &str) -> Result<Vec<Department>> {
    Ok(super::list(wit::departments(region)?))
}

pub(crate) fn apps() -> Result<Vec<AppSummary>> {
    Ok(super::list(wit::apps()?))
}

impl From<wit::ItemSummary> for ItemSummary {
    fn from(item: wit::ItemSummary) -> Self {
        Self {
            code: item.code,
            basic_code: item.basic_code,
            name: item.name,
            unit: item.unit,
            region: item.region,
            audience: match item.audience {
                wit::Audience::NaturalPerson => Audience::NaturalPerson,
                wit::Audience::LegalPerson => Audience::LegalPerson,
                wit::Audience::All => Audience::All,
            },
            online: match item.online {
                wit::OnlineDepth::Information => OnlineDepth::Information,
                wit::OnlineDepth::Partial => OnlineDepth::Partial,
                wit::OnlineDepth::Complete => OnlineDepth::Complete,
            },
        }
    }
}

impl From<wit::Item> for Item {
    fn from(item: wit::Item) -> Self {
        Self {
            summary: item.summary.into(),
            kind: item.kind,
            legal_basis: item.legal_basis,
            conditions: item.conditions,
            materials: super::list(item.materials),
            steps: item.steps,
            legal_days: item.legal_days,
            promised_days: item.promised_days,
            has_fee: item.has_fee,
            bookable: item.bookable,
            on_terminals: item.on_terminals,
            outcome: item.outcome,
            contact_phone: item.contact_phone,
            supervision_phone: item.supervision_phone,
            apps: item.apps,
        }
    }
}

impl From<wit::Material> for Material {
    fn from(wit::Material { name, originals, copies, required }: wit::Material) -> Self {
        Self { name, originals, copies, required }
    }
}

impl From<wit::Region> for Region {
    fn from(wit::Region { code, name, parent, level }: wit::Region) -> Self {
        Self { code, name, parent, level }
    }
}

impl From<wit::Department> for Department {
    fn from(wit::Department { credit_code, name, region }: wit::Department) -> Self {
        Self { credit_code, name, region }
    }
}

impl From<wit::App> for AppSummary {
    fn from(wit::App { id, name, description, url, identity_required }: wit::App) -> Self {
        Self { id, name, description, url, identity_required }
    }
}
