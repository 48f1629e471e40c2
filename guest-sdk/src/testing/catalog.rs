//! `catalog` of the fake host: plain search by substring.

use super::with;
use crate::catalog::{AppSummary, Audience, Department, Item, ItemPage, ItemSummary, Query, Region};
use crate::{Error, PageRequest, Result};

pub(crate) fn search(query: &Query, page: &PageRequest) -> Result<ItemPage> {
    if query.text.len() > 200 {
        return Err(Error::Invalid(format!("text has {} bytes; 200 are allowed", query.text.len())));
    }
    let prefix = query.region.as_deref().map(region_prefix).transpose()?;
    let fits = |item: &ItemSummary| {
        let audience = query.audience.is_none_or(|wanted| item.audience == wanted || item.audience == Audience::All);
        let region = prefix.is_none_or(|prefix| {
            let own = item.region.trim_end_matches('0');
            own.starts_with(prefix) || prefix.starts_with(own)
        });
        audience && region && query.text.split_whitespace().all(|word| item.name.contains(word))
    };
    let found: Vec<ItemSummary> =
        with(|host| host.items.iter().map(|item| item.summary.clone()).filter(fits).collect());
    let total = u32::try_from(found.len()).unwrap_or(u32::MAX);
    let (items, next) = cut(found, page)?;
    Ok(ItemPage { items, next, total })
}

pub(crate) fn find_item(code: &str) -> Result<Option<Item>> {
    check_code(code)?;
    Ok(with(|host| host.items.iter().find(|item| item.summary.code == code).cloned()))
}

pub(crate) fn implementers(basic_code: &str, region: &str) -> Result<Vec<ItemSummary>> {
    let all: Vec<ItemSummary> = with(|host| host.items.iter().map(|item| item.summary.clone()).collect());
    let mut prefix = region_prefix(region)?;
    loop {
        let here = |item: &&ItemSummary| item.basic_code == basic_code && item.region.trim_end_matches('0') == prefix;
        let found: Vec<ItemSummary> = all.iter().filter(here).cloned().collect();
        if !found.is_empty() || prefix.is_empty() {
            return Ok(found);
        }
        prefix = &prefix[..prefix.len() - 1];
    }
}

pub(crate) fn find_region(code: &str) -> Result<Option<Region>> {
    region_prefix(code)?;
    Ok(with(|host| host.regions.iter().find(|region| region.code == code).cloned()))
}

pub(crate) fn regions(parent: Option<&str>) -> Result<Vec<Region>> {
    let below = |region: &&Region| match parent {
        Some(parent) => region.parent.as_deref() == Some(parent),
        None => region.level == 1,
    };
    Ok(with(|host| host.regions.iter().filter(below).cloned().collect()))
}

pub(crate) fn departments(region: &str) -> Result<Vec<Department>> {
    region_prefix(region)?;
    Ok(with(|host| host.departments.iter().filter(|department| department.region == region).cloned().collect()))
}

pub(crate) fn apps() -> Result<Vec<AppSummary>> {
    Ok(with(|host| host.apps.clone()))
}

/// A region code without the zeros at its end.
pub(crate) fn region_prefix(region: &str) -> Result<&str> {
    if region.len() == 12 && region.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(region.trim_end_matches('0'));
    }
    Err(Error::Invalid(format!("region {region:?} is not 12 digits")))
}

pub(crate) fn check_code(code: &str) -> Result<()> {
    if code.chars().count() == 31 {
        return Ok(());
    }
    Err(Error::Invalid(format!("implementing code {code:?} does not have 31 characters")))
}

/// The page of a list that a request asks for; the cursor is an index.
pub(crate) fn cut<T>(mut list: Vec<T>, page: &PageRequest) -> Result<(Vec<T>, Option<String>)> {
    if !(1..=100).contains(&page.limit) {
        return Err(Error::Invalid(format!("limit is {}; 1 to 100 is allowed", page.limit)));
    }
    let start = page.cursor.as_deref().map_or(Ok(0), str::parse::<usize>);
    let start = start.map_err(|_| Error::Invalid("cursor was not made by the host".to_owned()))?.min(list.len());
    let mut part = list.split_off(start);
    let limit = page.limit as usize;
    let next = (part.len() > limit).then(|| (start + limit).to_string());
    part.truncate(limit);
    Ok((part, next))
}
