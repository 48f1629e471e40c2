//! Functions that a component imports from our own interfaces, against the WIT of the contract: a component built with a
//! newer SDK may ask for one that this host does not have.

use super::name::ImportName;
use super::offered::YIZHAN;
use std::collections::{BTreeMap, BTreeSet};
use wasmparser::component_types::ComponentEntityType;
use wasmparser::types::Types;
use wit_parser::{Resolve, SourceMap};
use yizhan_domain::{Finding, report::ImportReport};

/// The contract's files; the folder in `guest-sdk` is the single source.
const WIT: &[(&str, &str)] = &[
    ("appointment.wit", include_str!("../../../../../guest-sdk/wit/appointment.wit")),
    ("catalog.wit", include_str!("../../../../../guest-sdk/wit/catalog.wit")),
    ("identity.wit", include_str!("../../../../../guest-sdk/wit/identity.wit")),
    ("place.wit", include_str!("../../../../../guest-sdk/wit/place.wit")),
    ("types.wit", include_str!("../../../../../guest-sdk/wit/types.wit")),
    ("visitor.wit", include_str!("../../../../../guest-sdk/wit/visitor.wit")),
    ("worlds.wit", include_str!("../../../../../guest-sdk/wit/worlds.wit")),
];

/// Functions of each interface, by full name without version.
type Contract = BTreeMap<String, BTreeSet<String>>;

/// Functions that the component imports from one interface, sorted.
pub(super) fn imported(types: &Types, interface: &str) -> Vec<String> {
    let item = types.as_ref().component_item_for_import(interface).map(|item| item.ty);
    let Some(ComponentEntityType::Instance(id)) = item else { return Vec::new() };
    let is_function = |ty: &ComponentEntityType| matches!(ty, ComponentEntityType::Func(_));
    let exports = types[id].exports.iter().filter(|(_, item)| is_function(&item.ty));
    exports.map(|(name, _)| name.clone()).collect::<BTreeSet<_>>().into_iter().collect()
}

/// One finding for each imported function of ours that the contract does not have.
pub(super) fn check(imports: &[ImportReport]) -> Vec<Finding> {
    let is_ours = |import: &&ImportReport| import.name.starts_with("yizhan:app/");
    if !imports.iter().any(|import| is_ours(&import)) {
        return Vec::new();
    }
    let contract = read_contract().unwrap_or_default();
    imports.iter().filter(is_ours).flat_map(|import| check_interface(import, &contract)).collect()
}

fn check_interface(import: &ImportReport, contract: &Contract) -> Vec<Finding> {
    let Some(known) = contract.get(&ImportName::parse(&import.name).interface) else { return Vec::new() };
    let strange = import.functions.iter().filter(|function| !known.contains(*function));
    strange.map(|function| unknown(&import.name, function)).collect()
}

fn unknown(interface: &str, function: &str) -> Finding {
    Finding::error("component.unknown-function", super::PATH)
        .at(format!("{interface}#{function}"))
        .why(format!(
            "{interface} of this host has no function {function:?}; the component was built for another contract"
        ))
        .fix(format!("build with the SDK of this host (contract {YIZHAN}), or upgrade the host"))
}

/// Reads the contract; none is a mistake of the build, and a test would have failed.
fn read_contract() -> Option<Contract> {
    let mut sources = SourceMap::default();
    for (name, text) in WIT {
        sources.push_str(name, *text);
    }
    let mut resolve = Resolve::default();
    let package = resolve.push_group(sources.parse().ok()?).ok()?;
    let interfaces = resolve.packages[package].interfaces.iter();
    let functions = |id| resolve.interfaces[id].functions.keys().cloned().collect();
    Some(interfaces.map(|(name, id)| (format!("yizhan:app/{name}"), functions(*id))).collect())
}

#[cfg(test)]
mod tests {
    use super::super::offered::OFFERED;
    use super::*;

    #[test]
    fn the_contract_is_read_and_its_interfaces_are_those_offered() {
        let contract = read_contract().expect("the contract parses");
        assert!(contract["yizhan:app/identity"].contains("[method]authorization.open"), "{contract:?}");
        let offered: BTreeSet<&str> =
            OFFERED.iter().map(|offer| offer.interface).filter(|name| name.starts_with("yizhan:app/")).collect();
        assert_eq!(contract.keys().map(String::as_str).collect::<BTreeSet<_>>(), offered);
    }

    #[test]
    fn every_file_of_the_contract_is_read() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../guest-sdk/wit");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .expect("the folder of the contract")
            .map(|entry| entry.expect("entry").file_name().into_string().expect("UTF-8"))
            .filter(|name| name.ends_with(".wit"))
            .collect();
        files.sort();
        assert_eq!(files, WIT.iter().map(|(name, _)| *name).collect::<Vec<_>>());
    }
}
