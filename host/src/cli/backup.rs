//! `yizhan backup`: copies what a hub that is stopped remembers into a new folder: its records (verified), apps and their data.

pub(super) mod files;

use super::{
    admin::records,
    data_directory,
    failure::{Failure, Outcome},
    terminal::{Terminal, Tone},
};
use std::{
    fs,
    path::{Path, PathBuf},
};
use yizhan_domain::Context;
use yizhan_store::{
    BackupReport,
    records::{AuditRecord, AuditStore as _, Trail},
};

/// Copies what a hub remembers into a new folder, while the hub is stopped. The keys stay where they are.
#[derive(Debug, clap::Args)]
pub struct BackupArgs {
    /// Data directory of the hub.
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// Folder of the backup; it is made, and must not exist.
    #[arg(long, value_name = "BACKUP")]
    pub to: PathBuf,
}

/// Runs the command.
pub fn run(args: &BackupArgs, terminal: Terminal) -> Outcome {
    let what = format!("cannot back up {}", args.data.display());
    let hub = records::open(&args.data, &what)?;
    let context = data_directory::context()?;
    let report = files::into_new_folder(&args.to, &what, |unfinished| {
        let bar = files::bar(terminal, "apps and their data");
        let mut parts = vec!["mode"];
        parts.extend(files::PARTS);
        let copied = files::copy(&args.data, unfinished, &parts, &bar);
        bar.finish_and_clear();
        let bytes = copied.map_err(|error| files::failure(&what, &error))?;
        let report = copy_records(&hub, unfinished, &context, (&what, terminal))?;
        Ok(BackupReport { bytes: report.bytes + bytes, ..report })
    })?;
    let BackupReport { sequence, head, bytes } = report;
    let keys = args.data.join("keys");
    let json = serde_json::json!({
        "backup": args.to, "bytes": bytes, "records": sequence, "audit_entries": head.sequence, "keys_included": false,
    });
    let done = terminal.paint(Tone::Good, "backed up");
    let text = format!("{done} {} ({bytes} bytes, {} audit entries)\n", args.to.display(), head.sequence);
    terminal.result(json, &text);
    terminal.say(&format!(
        "The keys are not in it: keep {} apart from the backup. Without its root key nobody can read the backup.",
        keys.display()
    ));
    Ok(())
}

fn copy_records(
    hub: &records::HubRecords,
    unfinished: &Path,
    context: &Context,
    (what, terminal): (&str, Terminal),
) -> Result<BackupReport, Failure> {
    let failed = |error| records::store_failure(what, unfinished, &error);
    let record = AuditRecord::new(context.id, context.now, "command", "store.backed-up", "ok");
    records::block_on(what, hub.store.append(Trail::of(record)))?.map_err(failed)?;
    let bar = files::bar(terminal, "records");
    let report = hub.store.backup(&records::folder(unfinished), context.now, &mut |progress| {
        bar.set_length(progress.total_bytes);
        bar.set_position(progress.done_bytes);
    });
    bar.finish_and_clear();
    report.map_err(failed)
}

/// Whether a folder is a whole backup.
pub(super) fn is_backup(from: &Path) -> bool {
    fs::exists(from.join("mode")).unwrap_or(false)
        && fs::exists(records::folder(from).join("manifest.json")).unwrap_or(false)
}
