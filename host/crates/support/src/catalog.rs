//! The catalog of government service items, regions, departments and apps. Needs no permission.

mod data;
mod item;
mod search;

pub use item::{Audience, Department, Item, ItemPage, ItemSummary, Material, OnlineDepth, Query, TEXT_BYTES_MAX};

use crate::{
    app::{APPS_MAX, App, AppDirectory},
    error::{SupportError, parse_code},
    page::PageRequest,
    region::{Region, Regions, upwards},
};
use item::Entry;
use std::collections::HashMap;
use yizhan_domain::{
    Context,
    code::{BasicCode, CreditCode, ImplementingCode, RegionCode},
};

/// Items, regions and departments in memory, read once.
#[derive(Debug)]
pub struct Catalog {
    regions: Regions,
    departments: Vec<Department>,
    entries: Vec<Entry>,
    by_code: HashMap<ImplementingCode, usize>,
}

impl Catalog {
    /// The data that ships with the product: real regions, sample units and items. [`SupportError::Data`] if the embedded
    /// files are broken.
    pub fn sample() -> Result<Self, SupportError> {
        data::sample()
    }

    /// Items that match, best first.
    pub fn search(&self, _cx: &Context, query: &Query, page: &PageRequest) -> Result<ItemPage, SupportError> {
        search::search(&self.entries, query, page)
    }

    /// The item with this 31-character implementing code, with the apps of the hub that handle it.
    pub fn find_item(&self, _cx: &Context, code: &str, apps: &dyn AppDirectory) -> Result<Option<Item>, SupportError> {
        let code: ImplementingCode = parse_code("item code", code)?;
        let Some(entry) = self.by_code.get(&code).and_then(|index| self.entries.get(*index)) else { return Ok(None) };
        Ok(Some(Item { apps: apps.list_handlers(&code)?, ..entry.item.clone() }))
    }

    /// Who carries out the service with this 12-character basic code for people of this region: the region's own units,
    /// else those of the nearest region above; empty if nobody does.
    pub fn list_implementers(
        &self,
        _cx: &Context,
        basic_code: &str,
        region: &str,
    ) -> Result<Vec<ItemSummary>, SupportError> {
        let basic: BasicCode = parse_code("basic code", basic_code)?;
        let region: RegionCode = parse_code("region", region)?;
        let same: Vec<&ItemSummary> =
            self.entries.iter().map(|entry| &entry.item.summary).filter(|item| item.basic_code == basic).collect();
        let nearest = upwards(&region).find(|above| same.iter().any(|item| item.region == *above));
        Ok(same.into_iter().filter(|item| Some(&item.region) == nearest.as_ref()).cloned().collect())
    }

    /// The region with this code.
    pub fn find_region(&self, _cx: &Context, code: &str) -> Result<Option<Region>, SupportError> {
        let code: RegionCode = parse_code("region", code)?;
        Ok(self.regions.find(&code).cloned())
    }

    /// Regions directly below, by code; without a parent the provinces.
    pub fn list_regions(&self, _cx: &Context, parent: Option<&str>) -> Result<Vec<Region>, SupportError> {
        let parent: RegionCode = parse_code("parent", parent.unwrap_or(COUNTRY))?;
        Ok(self.regions.list_below(&parent))
    }

    /// Departments of exactly this region, by credit code.
    pub fn list_departments(&self, _cx: &Context, region: &str) -> Result<Vec<Department>, SupportError> {
        let region: RegionCode = parse_code("region", region)?;
        Ok(self.departments.iter().filter(|unit| unit.region == region).cloned().collect())
    }

    /// The department with this credit code.
    pub fn find_department(&self, _cx: &Context, credit_code: &str) -> Result<Option<Department>, SupportError> {
        let code: CreditCode = parse_code("credit code", credit_code)?;
        Ok(self.departments.iter().find(|unit| unit.credit_code == code).cloned())
    }

    /// Apps that the hub offers, at most 100.
    pub fn list_apps(&self, _cx: &Context, apps: &dyn AppDirectory) -> Result<Vec<App>, SupportError> {
        let mut apps = apps.list_apps()?;
        apps.truncate(APPS_MAX);
        Ok(apps)
    }
}

const COUNTRY: &str = "000000000000";

#[cfg(test)]
mod tests;
