//! `yizhan audit`: recomputes the audit chain, or lists its newest records.

mod heads;

use super::{
    admin::records,
    failure::{Failure, Outcome},
    terminal::{Terminal, Tone},
};
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
};
use yizhan_store::{
    StoreError, VerifyReport, chain_name,
    records::{AuditHead, AuditRecord, AuditStore as _, PAGE_MAX},
    verify,
};

/// Recomputes the audit chain, or lists its newest records.
#[derive(Debug, clap::Args)]
pub struct AuditArgs {
    /// What to do.
    #[command(subcommand)]
    pub job: AuditJob,
}

/// The jobs of `yizhan audit`.
#[derive(Debug, clap::Subcommand)]
pub enum AuditJob {
    /// Recomputes the chain of a data directory or a backup, without any key, while the hub runs or not.
    Verify(VerifyArgs),
    /// Lists the newest records, the newest first; while the hub is stopped.
    List(ListArgs),
}

/// `verify`.
#[derive(Debug, clap::Args)]
pub struct VerifyArgs {
    /// Data directory of the hub, or a backup.
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// What `audit verify --json` printed before: the chain must hold that head still.
    #[arg(long, value_name = "FILE")]
    pub head: Option<PathBuf>,
    /// Signed heads that `serve --heads` exported, the file or its folder: every signature must be right, and the chain must
    /// hold every head still.
    #[arg(long, value_name = "FILE|DIR")]
    pub heads: Option<PathBuf>,
    /// The hub's public keys, JSON (RFC 7517), kept since before; without it keys.jsonl beside the heads counts.
    #[arg(long, value_name = "FILE", requires = "heads")]
    pub head_keys: Option<PathBuf>,
}

/// `list`.
#[derive(Debug, clap::Args)]
pub struct ListArgs {
    /// Data directory of the hub.
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// How many records.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub limit: u32,
}

/// Runs the command.
pub fn run(args: &AuditArgs, terminal: Terminal) -> Outcome {
    match &args.job {
        AuditJob::Verify(args) => run_verify(args, terminal),
        AuditJob::List(args) => run_list(args, terminal),
    }
}

fn run_verify(args: &VerifyArgs, terminal: Terminal) -> Outcome {
    let what = "cannot verify the audit chain";
    let mut heads: Vec<AuditHead> =
        args.head.as_deref().map(|path| read_head(path, what)).transpose()?.into_iter().collect();
    let folder = if args.data.join("journal").is_dir() { args.data.clone() } else { records::folder(&args.data) };
    let no_chain = |error: StoreError| {
        let fix = "name the data directory of a hub that was started before, or a backup";
        Failure::unreadable(what).at(&folder).why(records::with_source(&error)).fix(fix)
    };
    let mut signed = None;
    if let Some(exported) = &args.heads {
        let chain = chain_name(&folder).map_err(no_chain)?;
        let read = heads::read(exported, args.head_keys.as_deref(), &chain, what)?;
        heads.extend(read.heads.iter().cloned());
        signed = Some(read);
    }
    let bar = terminal.progress("recomputing the chain");
    let report = verify(&folder, &heads).map_err(no_chain)?;
    bar.finish_and_clear();
    refuse_broken(&report, &folder)?;
    let head = hex(&report.head.hash);
    let mut json = json!({
        "entries": report.entries, "frames": report.frames, "unfinished_bytes": report.unfinished_bytes,
        "head": { "sequence": report.head.sequence, "hash": head },
    });
    let whole = terminal.paint(Tone::Good, "whole");
    let mut text = format!(
        "{whole}: {} entries in {} records\nhead {} {head}\n",
        report.entries, report.frames, report.head.sequence
    );
    if report.unfinished_bytes > 0 {
        let note =
            "bytes at the end belong to a write under way, or one that a crash cut; they were never acknowledged";
        text.push_str(&format!("{} {note}\n", report.unfinished_bytes));
    }
    if let Some(signed) = signed {
        let (count, unfinished) = (signed.heads.len(), signed.unfinished_lines);
        json["signed_heads"] = count.into();
        json["unfinished_heads"] = unfinished.into();
        text.push_str(&format!("{count} signed heads are in it; {unfinished} lines were cut by a crash\n"));
    }
    terminal.result(json, &text);
    Ok(())
}

fn refuse_broken(report: &VerifyReport, folder: &Path) -> Result<(), Failure> {
    let refused = |why: String| {
        let fix = "stop the hub, keep this folder as it is for the inquiry, and restore the newest backup elsewhere";
        Failure::refused("the audit chain is broken").why(why).fix(fix)
    };
    if let Some(broken) = &report.first_broken {
        let file = folder.join("journal").join(format!("{:08}.log", broken.segment));
        return Err(refused(broken.to_string()).at(file));
    }
    match report.missing_heads.first() {
        Some(head) => {
            Err(refused(format!("it does not hold the head {} any more: it was cut or written anew", head.sequence))
                .at(folder))
        }
        None => Ok(()),
    }
}

/// Reads `{"sequence":N,"hash":"…"}`, alone or as the member `head`.
fn read_head(path: &Path, what: &str) -> Result<AuditHead, Failure> {
    let refuse = |why: String| {
        Failure::unreadable(what).at(path).why(why).fix("name a file that `yizhan audit verify --json` printed")
    };
    let text = fs::read_to_string(path).map_err(|error| refuse(error.to_string()))?;
    let json: Value = serde_json::from_str(&text).map_err(|error| refuse(error.to_string()))?;
    let head = json.get("head").unwrap_or(&json);
    let sequence = head.get("sequence").and_then(Value::as_u64);
    let hash = head.get("hash").and_then(Value::as_str).and_then(unhex);
    match (sequence, hash) {
        (Some(sequence), Some(hash)) => Ok(AuditHead { sequence, hash }),
        _ => Err(refuse("it has no head with `sequence` and `hash`".to_owned())),
    }
}

fn run_list(args: &ListArgs, terminal: Terminal) -> Outcome {
    let what = "cannot list the audit";
    let hub = records::open(&args.data, what)?;
    let limit = usize::try_from(args.limit).unwrap_or(usize::MAX);
    let listed = async {
        let (mut found, mut cursor) = (Vec::new(), None::<String>);
        while found.len() < limit {
            let page = hub.store.list_audit(cursor.as_deref(), (limit - found.len()).min(PAGE_MAX)).await?;
            found.extend(page.entries);
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        Ok(found)
    };
    let failed = |error: StoreError| records::store_failure(what, &args.data, &error);
    let found: Vec<AuditRecord> = records::block_on(what, listed)?.map_err(failed)?;
    let text: String = found.iter().map(line).collect();
    terminal.result(json!({ "records": found }), &text);
    Ok(())
}

/// One record: ms since the epoch, who, what, how it ended, everything else.
fn line(record: &AuditRecord) -> String {
    let details = record.details.iter().map(|(name, value)| format!(" {name}={}", value.escape_default()));
    let (at, actor) = (record.at.0, record.actor.escape_default());
    format!("{at} {actor} {} {}{}\n", record.action, record.outcome, details.collect::<String>())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    yizhan_domain::SecretHash::try_from(text.to_owned()).ok().map(|hash| hash.0)
}
