//! `yizhan restore`: makes a data directory of a backup and of the keys that were kept apart from it.

use super::{
    admin::records,
    backup::{self, files},
    data_directory,
    failure::{Failure, Outcome},
    terminal::{Terminal, Tone},
};
use crate::data_stores::kv_folder;
use std::{
    fs,
    path::{Path, PathBuf},
};
use yizhan_auth::keys::RootKey;
use yizhan_hub::DataMode;
use yizhan_store::{RestoreReport, load_kv, restore};

/// What of the folder `keys` is taken over; lock files are not.
const KEYS: [&str; 3] = ["root.key", "hub.keys", "apps.keys"];

/// Makes a new data directory of a backup. Everybody is signed out, and every consent is asked for again.
#[derive(Debug, clap::Args)]
pub struct RestoreArgs {
    /// The backup.
    #[arg(long, value_name = "BACKUP")]
    pub from: PathBuf,
    /// The new data directory; it is made, and must not exist.
    #[arg(long, value_name = "DIR")]
    pub to: PathBuf,
    /// The folder `keys` of the hub that was backed up, with its root key.
    #[arg(long, value_name = "KEYS")]
    pub keys: PathBuf,
}

/// Runs the command.
pub fn run(args: &RestoreArgs, terminal: Terminal) -> Outcome {
    let what = format!("cannot restore {}", args.from.display());
    let (mode, root) = read_inputs(args, &what)?;
    let report = files::into_new_folder(&args.to, &what, |unfinished| {
        data_directory::create_in(unfinished, mode, &what)?;
        let keys = unfinished.join("keys");
        fs::create_dir(&keys).map_err(|error| Failure::unreadable(&what).at(&keys).why(error))?;
        let bar = files::bar(terminal, "keys, apps and their data");
        // Key files that were kept apart are newer, or the same, so they count.
        let copied = files::copy(&args.from.join(files::SEALED), &keys, &files::SEALED_KEYS, &bar)
            .and_then(|_| files::copy(&args.keys, &keys, &KEYS, &bar))
            .and_then(|_| files::copy(&args.from, unfinished, &files::PARTS, &bar));
        bar.finish_and_clear();
        copied.map_err(|error| files::failure(&what, &error))?;
        restore_app_data(args, unfinished, &what)?;
        restore_records(args, unfinished, &crate::app::records_settings(mode, &root), (&what, terminal))
    })?;
    let RestoreReport { made_at, sequence, head, missing_data_keys } = report;
    let json = serde_json::json!({
        "data": args.to, "mode": mode.to_string(), "made_at": made_at, "records": sequence,
        "audit_entries": head.sequence, "missing_data_keys": missing_data_keys,
    });
    let done = terminal.paint(Tone::Good, "restored");
    terminal.result(json, &format!("{done} {} ({mode} store, {sequence} records)\n", args.to.display()));
    if missing_data_keys > 0 {
        terminal.say(&format!(
            "{missing_data_keys} people were erased since, or their keys are lost: their data stays sealed."
        ));
    }
    terminal.say("Sessions, codes and tokens are ended; consents are asked for again.");
    Ok(())
}

/// Nothing is made before backup and root key were read.
fn read_inputs(args: &RestoreArgs, what: &str) -> Result<(DataMode, RootKey), Failure> {
    let no_backup = |why: &str| {
        Failure::unreadable(what).at(&args.from).why(why).fix("name a folder that `yizhan backup` has finished")
    };
    if !backup::is_backup(&args.from) {
        return Err(no_backup("it is no whole backup"));
    }
    let mode = match fs::read_to_string(args.from.join("mode")).as_deref().map(str::trim) {
        Ok("development") => DataMode::Development,
        Ok("production") => DataMode::Production,
        _ => return Err(no_backup("its file `mode` cannot be read")),
    };
    let path = args.keys.join("root.key");
    let root = RootKey::open_file(&path).map_err(|error| {
        let fix = "say --keys with the folder `keys` of the hub that was backed up (its files have mode 600)";
        Failure::unreadable(what).at(&path).why(records::with_source(&error)).fix(fix)
    })?;
    Ok((mode, root))
}

/// The data of apps; an older backup has them as files, which were copied.
fn restore_app_data(args: &RestoreArgs, unfinished: &Path, what: &str) -> Outcome {
    let path = args.from.join(files::APP_DATA);
    if !path.exists() {
        return Ok(());
    }
    let file = fs::File::open(&path).map_err(|error| Failure::unreadable(what).at(&path).why(error))?;
    load_kv(&mut std::io::BufReader::new(file), &kv_folder(unfinished))
        .map(drop)
        .map_err(|error| records::store_failure(what, &path, &error))
}

fn restore_records(
    args: &RestoreArgs,
    unfinished: &Path,
    settings: &yizhan_store::RecordsSettings,
    (what, terminal): (&str, Terminal),
) -> Result<RestoreReport, Failure> {
    let now = data_directory::context()?.now;
    let bar = files::bar(terminal, "records");
    let (from, to) = (records::folder(&args.from), records::folder(unfinished));
    let report = restore(&from, &to, settings, now, &mut |progress| {
        bar.set_length(progress.total_bytes);
        bar.set_position(progress.done_bytes);
    });
    bar.finish_and_clear();
    report.map_err(|error| records::store_failure(what, &args.from, &error))
}
