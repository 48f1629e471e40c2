//! What a component takes, against the limits of the node and the ceiling of an app's memory.

use super::shape::Needs;
use yizhan_domain::{
    Finding,
    limits::{AppLimits, NodeLimits},
};

/// One finding for each limit that the component goes beyond.
pub(super) fn check(needs: &Needs) -> Vec<Finding> {
    let limits = NodeLimits::default();
    let rows = [
        ("component.too-many-memories", "memories", needs.memories, limits.memories_max),
        ("component.too-many-tables", "tables", needs.tables, limits.tables_max),
        ("component.too-many-core-instances", "core instances", needs.core_instances, limits.core_instances_max),
        ("component.table-too-large", "elements in a table", needs.table_elements_max, limits.table_elements_max),
    ];
    let counts = rows.into_iter().filter(|(_, _, found, max)| found > max).map(|(code, what, found, max)| {
        Finding::error(code, super::PATH)
            .why(format!("an instance has {found} {what}; at most {max} are allowed"))
            .fix("link fewer modules into the component, or split the app")
    });
    counts.chain(memory(needs.memory_bytes)).collect()
}

fn memory(found: u64) -> Option<Finding> {
    let ceiling = AppLimits::TABLE.iter().find(|limit| limit.name == "memory_bytes_max")?.ceiling;
    (found > ceiling).then(|| {
        Finding::error("component.memory-above-ceiling", super::PATH)
            .why(format!("it starts with {} MiB of memory; no app may have more than {} MiB", mib(found), mib(ceiling)))
            .fix("give the linker a smaller initial memory, and move large data out of the component")
    })
}

fn mib(bytes: u64) -> u64 {
    bytes.div_ceil(1 << 20)
}
