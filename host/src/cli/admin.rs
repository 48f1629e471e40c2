//! `yizhan admin`: what an operator does at the machine of a hub: clients, the set-up link and units while it is stopped;
//! import and export of units, items, places and holidays while it runs or not.

mod client_file;
mod clients;
mod data_sets;
mod lost_factor;
pub(super) mod records;
mod units;

use super::{failure::Outcome, terminal::Terminal};
use std::path::PathBuf;
use yizhan_domain::AppId;

/// Imports and exports units, items, places and holidays; while the hub is stopped also registers clients, makes the set-up
/// link, lists units.
#[derive(Debug, clap::Args)]
pub struct AdminArgs {
    /// What to do.
    #[command(subcommand)]
    pub job: AdminJob,
}

/// The jobs of `yizhan admin`.
#[derive(Debug, clap::Subcommand)]
pub enum AdminJob {
    /// Registers a back end's client of an installed app, or replaces its registration.
    RegisterClient(RegisterClientArgs),
    /// Lists the clients of all apps.
    ListClients(ListClientsArgs),
    /// Removes a back end's client.
    RemoveClient(RemoveClientArgs),
    /// Makes the one-time link of the first administrator; a link before counts no more.
    SetUpLink(SetUpLinkArgs),
    /// Resets the second factor of a person who lost it and has no recovery code; two operators do it together.
    ResetSecondFactor(ResetSecondFactorArgs),
    /// Lists the owner units.
    Units(UnitsArgs),
    /// Lists the members of the owner units, with their roles.
    Members(MembersArgs),
    /// Checks a list of units, items, places or holidays and takes it over as a whole, or nothing of it; a running hub uses it
    /// at once.
    Import(ImportArgs),
    /// Gives a list out as `import` takes it.
    Export(ExportArgs),
}

/// A list of the hub.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub enum SetName {
    /// Units that carry out services.
    Units,
    /// Service items.
    Items,
    /// Halls and terminals.
    Places,
    /// Public holidays and moved working days, year by year.
    Holidays,
}

/// How a file is written.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub enum FormatName {
    /// Comma-separated, UTF-8, with a header line.
    Csv,
    /// JSON.
    Json,
}

/// `import`.
#[derive(Debug, clap::Args)]
pub struct ImportArgs {
    /// Which list it is.
    #[arg(value_name = "SET")]
    pub set: SetName,
    /// The whole list; docs/how-to/import-and-export.md shows the columns.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Data directory of the hub.
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// How the file is written; by the end of its name when not given.
    #[arg(long)]
    pub format: Option<FormatName>,
    /// Checks the file and says what would change; changes nothing.
    #[arg(long)]
    pub dry_run: bool,
}

/// `export`.
#[derive(Debug, clap::Args)]
pub struct ExportArgs {
    /// Which list.
    #[arg(value_name = "SET")]
    pub set: SetName,
    /// Data directory of the hub.
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// How the file is written; by the end of its name when not given, else csv.
    #[arg(long)]
    pub format: Option<FormatName>,
    /// File to write; standard output when not given.
    #[arg(long, value_name = "FILE")]
    pub to: Option<PathBuf>,
}

/// `register-client`.
#[derive(Debug, clap::Args)]
pub struct RegisterClientArgs {
    /// The registration, JSON; docs/how-to/command-line.md describes it.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Data directory of the hub.
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
}

/// `list-clients`.
#[derive(Debug, clap::Args)]
pub struct ListClientsArgs {
    /// Data directory of the hub.
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// Only those of this app.
    #[arg(long, value_name = "APP_ID", value_parser = parse_app)]
    pub app: Option<AppId>,
}

/// `remove-client`.
#[derive(Debug, clap::Args)]
pub struct RemoveClientArgs {
    /// Id of the client, as in cn.gov.example.tax:backend.
    #[arg(value_name = "CLIENT_ID")]
    pub id: String,
    /// Data directory of the hub.
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
}

/// `set-up-link`.
#[derive(Debug, clap::Args)]
pub struct SetUpLinkArgs {
    /// Data directory of the hub.
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// Public origin of the hub: scheme, host and perhaps a port.
    #[arg(long, value_name = "ORIGIN", default_value = "http://localhost:8080", value_parser = units::parse_origin)]
    pub origin: String,
}

/// `reset-second-factor`.
#[derive(Debug, clap::Args)]
pub struct ResetSecondFactorArgs {
    /// Login name, mobile number or identity number of the person who lost it.
    #[arg(value_name = "ACCOUNT")]
    pub account: String,
    /// Login name of the operator who does it.
    #[arg(long, value_name = "LOGIN")]
    pub operator: String,
    /// A code that this operator's authenticator shows now; it is used up.
    #[arg(long, value_name = "CODE")]
    pub operator_code: String,
    /// Login name of another operator, who approves it.
    #[arg(long, value_name = "LOGIN")]
    pub approved_by: String,
    /// A code that the other operator's authenticator shows now; it is used up.
    #[arg(long, value_name = "CODE")]
    pub approver_code: String,
    /// Data directory of the hub.
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
}

/// `units`.
#[derive(Debug, clap::Args)]
pub struct UnitsArgs {
    /// Data directory of the hub.
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
}

/// `members`.
#[derive(Debug, clap::Args)]
pub struct MembersArgs {
    /// Data directory of the hub.
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
}

fn parse_app(text: &str) -> Result<AppId, String> {
    AppId::new(text).map_err(|error| error.to_string())
}

/// Runs the command.
pub fn run(args: &AdminArgs, terminal: Terminal) -> Outcome {
    match &args.job {
        AdminJob::RegisterClient(args) => clients::register(args, terminal),
        AdminJob::ListClients(args) => clients::list(args, terminal),
        AdminJob::RemoveClient(args) => clients::remove(args, terminal),
        AdminJob::SetUpLink(args) => units::set_up_link(args, terminal),
        AdminJob::ResetSecondFactor(args) => lost_factor::reset(args, terminal),
        AdminJob::Units(args) => units::units(args, terminal),
        AdminJob::Members(args) => units::members(args, terminal),
        AdminJob::Import(args) => data_sets::import_file(args, terminal),
        AdminJob::Export(args) => data_sets::export_file(args, terminal),
    }
}
