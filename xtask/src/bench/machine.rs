//! What the numbers were measured on: one line for the report.

use std::fs;
use std::process::Command;
use std::thread;

use crate::step;
use crate::workspace::Workspace;

/// The first kernel with the `PAGEMAP_SCAN` ioctl.
const PAGEMAP_SCAN_SINCE: (u32, u32) = (6, 7);

/// Commit, cores, processor, kernel and whether the kernel has `PAGEMAP_SCAN`.
pub(super) fn describe(workspace: &Workspace) -> anyhow::Result<String> {
    let cores = thread::available_parallelism()?;
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_else(|_| "unknown".to_owned());
    let scan = if has_pagemap_scan(&kernel) { "available" } else { "not available" };
    let processor = processor().unwrap_or_else(|| "unknown processor".to_owned());
    let mut git = Command::new("git");
    git.args(["describe", "--always", "--dirty"]).current_dir(workspace.path("."));
    let commit = step::output(&mut git).unwrap_or_else(|_| "no commit".to_owned());
    Ok(format!("commit {}; {cores} cores, {processor}; Linux {}; PAGEMAP_SCAN {scan}", commit.trim(), kernel.trim()))
}

/// The processor's own name.
fn processor() -> Option<String> {
    let text = fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

fn has_pagemap_scan(kernel: &str) -> bool {
    let mut numbers = kernel.split(['.', '-']).map_while(|number| number.trim().parse::<u32>().ok());
    let version = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    version >= PAGEMAP_SCAN_SINCE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pagemap_scan_came_with_linux_6_7() {
        assert!(has_pagemap_scan("6.7.0-1-amd64\n"));
        assert!(has_pagemap_scan("7.0.1"));
        assert!(!has_pagemap_scan("6.1.0-18-amd64"));
        assert!(!has_pagemap_scan("unknown"));
    }
}
