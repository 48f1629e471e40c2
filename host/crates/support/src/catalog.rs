//! The catalog of government service items, regions, departments and apps. Needs no permission.

pub(crate) mod data;
mod index;
mod item;
mod search;

pub use index::{IndexReport, Progress};
pub use item::{Audience, Department, Item, ItemPage, ItemSummary, Material, OnlineDepth, Query, TEXT_BYTES_MAX};

use crate::{
    app::{APPS_MAX, App, AppDirectory},
    current::Current,
    data_set::DataFolder,
    error::{SupportError, parse_code},
    page::PageRequest,
    region::{Region, Regions, upwards},
};
use index::{Keeper, Snapshot};
use item::Entry;
use std::{collections::HashMap, path::Path, sync::OnceLock};
use yizhan_domain::{
    Context,
    code::{BasicCode, CreditCode, ImplementingCode, RegionCode},
};

/// Items, regions and departments in memory. What an import brings takes the place of what was there as a whole.
#[derive(Debug)]
pub struct Catalog {
    current: Current<Loaded>,
    keeper: Keeper,
}

/// What one reading of the files gave.
#[derive(Debug)]
struct Loaded {
    sample: bool,
    regions: Regions,
    departments: Vec<Department>,
    entries: Vec<Entry>,
    by_code: HashMap<ImplementingCode, usize>,
    /// What is searched; made by the first search unless somebody makes it before.
    index: OnceLock<Snapshot>,
}

impl Catalog {
    /// The data that ships with the product: real regions, sample units and items. [`SupportError::Data`] if the embedded
    /// files are broken.
    pub fn sample() -> Result<Self, SupportError> {
        Self::open(&DataFolder::nowhere())
    }

    /// What was imported into a data directory, else the sample data; the regions are always the real ones.
    pub fn open(folder: &DataFolder) -> Result<Self, SupportError> {
        data::open(folder).map(Self::of)
    }

    /// Reads the data directory again; what was there stays if that fails.
    pub fn reload(&self, folder: &DataFolder) -> Result<(), SupportError> {
        let data = data::open(folder)?;
        if self.current.get().index.get().is_some() {
            self.index_of(&data, &mut |_, _| {})?;
        }
        self.current.set(data);
        Ok(())
    }

    /// Keeps the search index in this directory from now on and brings it up to date: only items that changed are indexed
    /// again. A damaged or foreign index is set aside; where none can be written, the search works in memory. The report
    /// says so. [`SupportError::Unavailable`] if there is no index even in memory.
    pub fn keep_index(&self, directory: &Path, progress: Progress<'_>) -> Result<IndexReport, SupportError> {
        self.keeper.settle(directory);
        let data = self.current.get();
        if data.index.get().is_none() {
            self.index_of(&data, progress)?;
            return Ok(self.keeper.report());
        }
        Err(SupportError::invalid("the search index is kept elsewhere already"))
    }

    /// Where the search index lies and what was done to bring it up to date last.
    #[must_use]
    pub fn index_report(&self) -> IndexReport {
        self.keeper.report()
    }

    fn index_of<'a>(&self, data: &'a Loaded, progress: Progress<'_>) -> Result<&'a Snapshot, SupportError> {
        if let Some(index) = data.index.get() {
            return Ok(index);
        }
        let index = self.keeper.bring_up(&data.entries, &data.regions, progress)?;
        Ok(data.index.get_or_init(|| index))
    }

    /// Whether these are the made-up units and items that ship with the product.
    #[must_use]
    pub fn is_sample(&self) -> bool {
        self.current.get().sample
    }

    fn of(loaded: Loaded) -> Self {
        Self { current: Current::new(loaded), keeper: Keeper::default() }
    }

    /// Items that match, best first.
    pub fn search(&self, _cx: &Context, query: &Query, page: &PageRequest) -> Result<ItemPage, SupportError> {
        let data = self.current.get();
        search::search(self.index_of(&data, &mut |_, _| {})?, &data.entries, query, page)
    }

    /// The item with this 31-character implementing code, with the apps of the hub that handle it.
    pub fn find_item(&self, _cx: &Context, code: &str, apps: &dyn AppDirectory) -> Result<Option<Item>, SupportError> {
        let code: ImplementingCode = parse_code("item code", code)?;
        let data = self.current.get();
        let Some(entry) = data.by_code.get(&code).and_then(|index| data.entries.get(*index)) else { return Ok(None) };
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
        let data = self.current.get();
        let same: Vec<&ItemSummary> =
            data.entries.iter().map(|entry| &entry.item.summary).filter(|item| item.basic_code == basic).collect();
        let nearest = upwards(&region).find(|above| same.iter().any(|item| item.region == *above));
        Ok(same.into_iter().filter(|item| Some(&item.region) == nearest.as_ref()).cloned().collect())
    }

    /// The region with this code.
    pub fn find_region(&self, _cx: &Context, code: &str) -> Result<Option<Region>, SupportError> {
        let code: RegionCode = parse_code("region", code)?;
        Ok(self.current.get().regions.find(&code).cloned())
    }

    /// Regions directly below, by code; without a parent the provinces.
    pub fn list_regions(&self, _cx: &Context, parent: Option<&str>) -> Result<Vec<Region>, SupportError> {
        let parent: RegionCode = parse_code("parent", parent.unwrap_or(COUNTRY))?;
        Ok(self.current.get().regions.list_below(&parent))
    }

    /// Departments of exactly this region, by credit code.
    pub fn list_departments(&self, _cx: &Context, region: &str) -> Result<Vec<Department>, SupportError> {
        let region: RegionCode = parse_code("region", region)?;
        Ok(self.current.get().departments.iter().filter(|unit| unit.region == region).cloned().collect())
    }

    /// The department with this credit code.
    pub fn find_department(&self, _cx: &Context, credit_code: &str) -> Result<Option<Department>, SupportError> {
        let code: CreditCode = parse_code("credit code", credit_code)?;
        Ok(self.current.get().departments.iter().find(|unit| unit.credit_code == code).cloned())
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
