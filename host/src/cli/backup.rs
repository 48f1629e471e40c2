//! `yizhan backup`: copies what a hub remembers into a new folder, while it runs or not: its records (verified), apps, their
//! data, its sealed keys.

pub(super) mod files;

use super::{
    admin::records,
    data_directory,
    failure::{Failure, Outcome},
    terminal::{Terminal, Tone},
};
use crate::data_stores::{kv_folder, kv_settings};
use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};
use yizhan_domain::Context;
use yizhan_hub::{Shelf, control::export_data};
use yizhan_store::{
    BackupReport, SledStore, backup, check_kv,
    records::{AuditRecord, AuditStore as _, Trail},
};

/// Copies what a hub remembers into a new folder, while the hub runs or not. The root key stays where it is.
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
    let shelf = Shelf::open(&args.data).map_err(|error| Failure::hub(&what, &args.data, error))?;
    drop(shelf);
    let context = data_directory::context()?;
    let report = files::into_new_folder(&args.to, &what, |unfinished| {
        let kv = copy_app_data(args, unfinished, &context, &what)?;
        let bar = files::bar(terminal, "apps");
        let copied = files::copy_apps(&args.data, unfinished, &bar);
        bar.finish_and_clear();
        let bytes = copied.map_err(|error| files::failure(&what, &error))?;
        let report = copy_records(args, unfinished, &context, (&what, terminal))?;
        Ok(BackupReport { bytes: report.bytes + bytes + kv, ..report })
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
        "The root key is not in it: keep {} apart from the backup. Without it nobody can read the backup.",
        keys.join("root.key").display()
    ));
    Ok(())
}

/// The data of apps: from the hub that serves the directory, or from its store when none does. Either notes the backup in
/// the audit first, so that the records which are copied next tell of it. Answers the bytes.
fn copy_app_data(args: &BackupArgs, unfinished: &Path, context: &Context, what: &str) -> Result<u64, Failure> {
    let path = unfinished.join(files::APP_DATA);
    let unwritten = |error: io::Error| Failure::unreadable(what).at(&path).why(error).fix("see that there is room");
    let mut file = File::create_new(&path).map_err(unwritten)?;
    let served = export_data(&args.data, &mut file).map_err(|error| Failure::hub(what, &args.data, error))?;
    if !served {
        let hub = records::open(&args.data, what)?;
        let failed = |error| records::store_failure(what, &args.data, &error);
        let record = AuditRecord::new(context.id, context.now, "command", "store.backed-up", "ok");
        records::block_on(what, hub.store.append(Trail::of(record)))?.map_err(failed)?;
        let kv = SledStore::open(&kv_folder(&args.data), &kv_settings(&hub.keys.root)).map_err(failed)?;
        kv.dump(&mut file).map_err(failed)?;
    }
    file.sync_all().map_err(unwritten)?;
    let mut written = File::open(&path).map_err(unwritten)?;
    check_kv(&mut io::BufReader::new(&mut written)).map_err(|error| records::store_failure(what, &path, &error))?;
    Ok(written.metadata().map_err(unwritten)?.len())
}

/// The records, from outside: nothing of them is opened or locked.
fn copy_records(
    args: &BackupArgs,
    unfinished: &Path,
    context: &Context,
    (what, terminal): (&str, Terminal),
) -> Result<BackupReport, Failure> {
    let bar = files::bar(terminal, "records");
    let (from, to) = (records::folder(&args.data), records::folder(unfinished));
    let report = backup(&from, &to, context.now, &mut |progress| {
        bar.set_length(progress.total_bytes);
        bar.set_position(progress.done_bytes);
    });
    bar.finish_and_clear();
    report.map_err(|error| records::store_failure(what, &args.data, &error))
}

/// Whether a folder is a whole backup.
pub(super) fn is_backup(from: &Path) -> bool {
    let exists = |name: &str| fs::exists(from.join(name)).unwrap_or(false);
    exists("mode")
        && (exists(files::APP_DATA) || exists("store"))
        && fs::exists(records::folder(from).join("manifest.json")).unwrap_or(false)
}
