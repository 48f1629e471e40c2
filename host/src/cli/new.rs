//! `yizhan new`: makes an app that builds, tests and runs in three commands.

use super::{
    failure::{Failure, Outcome},
    template::{SDK_FOLDER, Template, replace_marks, sdk_files, write},
    terminal::{Terminal, Tone},
};
use std::{
    fs,
    path::{Path, PathBuf},
};
use yizhan_domain::AppId;

/// Makes a new app from a template.
#[derive(Debug, clap::Args)]
pub struct NewArgs {
    /// Name of the app and of its folder: a-z, 0-9 and '-', beginning with a letter.
    #[arg(value_parser = parse_name)]
    pub name: String,
    /// Which template.
    #[arg(long, value_enum, default_value_t = Template::Open)]
    pub template: Template,
    /// Reverse-DNS name of the app; cn.gov.example.NAME when not given.
    #[arg(long, value_parser = parse_app_id)]
    pub app_id: Option<AppId>,
    /// Uses the SDK in this folder instead of a copy of its own.
    #[arg(long, value_name = "PATH")]
    pub sdk_path: Option<PathBuf>,
}

fn parse_name(text: &str) -> Result<String, String> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let fine = text.starts_with(|c: char| c.is_ascii_lowercase()) && text.chars().all(allowed);
    if !fine || text.ends_with('-') || text.len() > 40 {
        return Err("a-z, 0-9 and '-' are allowed, beginning with a letter, at most 40 characters".to_owned());
    }
    Ok(text.to_owned())
}

fn parse_app_id(text: &str) -> Result<AppId, String> {
    let id = AppId::new(text).map_err(|error| error.to_string())?;
    id.default_slug().map_err(|error| format!("its last label becomes the origin of the app and {error}"))?;
    Ok(id)
}

/// Runs the command.
pub fn run(args: &NewArgs, terminal: Terminal) -> Outcome {
    let dir = PathBuf::from(&args.name);
    let what = format!("cannot make {}", args.name);
    let app_id = match &args.app_id {
        Some(id) => id.clone(),
        None => parse_app_id(&format!("cn.gov.example.{}", args.name))
            .map_err(|why| Failure::unreadable(&what).why(why).fix("choose another name, or say --app-id"))?,
    };
    let taken = fs::read_dir(&dir).is_ok_and(|mut entries| entries.next().is_some());
    if taken || dir.is_file() {
        return Err(Failure::unreadable(what).at(&dir).why("it is there already").fix("choose another name"));
    }
    let files = app_files(args, &app_id, &what)?;
    for (path, bytes) in &files {
        let path = dir.join(path);
        write(&path, bytes).map_err(|error| Failure::unreadable(&what).at(&path).why(error))?;
    }
    let next = [format!("cd {}", args.name), "yizhan dev".to_owned(), "yizhan pack".to_owned()];
    let json = serde_json::json!({ "path": dir, "app_id": app_id, "files": files.len(), "next": next });
    let done = terminal.paint(Tone::Good, "made");
    terminal.result(json, &format!("{done} {} ({app_id}); next:\n  {}\n", dir.display(), next.join("\n  ")));
    Ok(())
}

/// The files of the new app by path.
fn app_files(args: &NewArgs, app_id: &AppId, what: &str) -> Result<Vec<(PathBuf, Vec<u8>)>, Failure> {
    let sdk = match &args.sdk_path {
        Some(path) => sdk_in(path, what)?,
        None => SDK_FOLDER.to_owned(),
    };
    let marks = [
        ("{{name}}", args.name.as_str()),
        ("{{slug}}", &args.name),
        ("{{app_id}}", app_id.as_str()),
        (SDK_FOLDER, &sdk),
    ];
    let mut files: Vec<_> =
        args.template.files().into_iter().map(|(path, bytes)| (path, replace_marks(bytes, &marks))).collect();
    if args.sdk_path.is_none() && args.template != Template::Static {
        files.extend(sdk_files().into_iter().map(|(path, bytes)| (Path::new(SDK_FOLDER).join(path), bytes.to_vec())));
    }
    Ok(files)
}

fn sdk_in(path: &Path, what: &str) -> Result<String, Failure> {
    let failed = |why: &dyn std::fmt::Display| {
        Failure::unreadable(what).at(path).why(why).fix("--sdk-path names the folder of the SDK, with its Cargo.toml")
    };
    let path = path.canonicalize().map_err(|error| failed(&error))?;
    if !path.join("Cargo.toml").is_file() {
        return Err(failed(&"it has no Cargo.toml"));
    }
    path.to_str().map(str::to_owned).ok_or_else(|| failed(&"the path is not UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_cannot_be_crates_or_origins_are_refused() {
        assert!(parse_name("social-security2").is_ok());
        for name in ["", "2go", "a_b", "社保", "a-", "A", "../a"] {
            assert!(parse_name(name).is_err(), "{name}");
        }
        assert!(parse_app_id("cn.gov.example.hub").is_err(), "reserved slug");
    }
}
