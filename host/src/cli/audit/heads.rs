//! Reads exported heads: `heads.jws` with the public keys beside it or named, checks every signature, and answers the heads of
//! one chain. Called by `audit verify`.

use crate::{
    cli::failure::Failure,
    heads::{KEYS_FILE, TYPE},
};
use std::{
    fs,
    path::{Path, PathBuf},
};
use yizhan_auth::jose::{Expect, JoseError, JwkSet, JwsAlgorithm, verify};
use yizhan_domain::SecretHash;
use yizhan_store::{HeadStatement, records::AuditHead};

const FILE: &str = "heads.jws";
/// Characters of an ES256 signature; a line that a crash cut has fewer.
const SIGNATURE_CHARACTERS: usize = 86;

/// What a file of heads holds for one chain.
pub(super) struct SignedHeads {
    pub(super) heads: Vec<AuditHead>,
    /// Lines that a crash cut.
    pub(super) unfinished_lines: usize,
}

/// Reads and checks the heads of a chain; `at` is the file, or the directory that it was exported to.
pub(super) fn read(at: &Path, keys: Option<&Path>, chain: &str, what: &str) -> Result<SignedHeads, Failure> {
    let file = if at.is_dir() { at.join(FILE) } else { at.to_owned() };
    let keys_file = keys.map_or_else(|| file.with_file_name(KEYS_FILE), PathBuf::from);
    let unreadable = |path: &Path, why: String| {
        let fix = "name what `serve --heads` exported, with its keys.jsonl beside it, or the hub's keys by --head-keys";
        Failure::unreadable(what).at(path).why(why).fix(fix)
    };
    let text = |path: &Path| fs::read_to_string(path).map_err(|error| unreadable(path, error.to_string()));
    let sets = text(&keys_file)?;
    let sets = JwkSet::parse(&sets).map(|set| vec![set]).or_else(|_| sets.lines().map(JwkSet::parse).collect());
    let sets = sets.map_err(|error: JoseError| unreadable(&keys_file, error.to_string()))?;
    let mut found = SignedHeads { heads: Vec::new(), unfinished_lines: 0 };
    for (index, line) in text(&file)?.lines().enumerate() {
        let is_whole = line.split('.').nth(2).is_some_and(|signature| signature.len() == SIGNATURE_CHARACTERS);
        if !is_whole {
            found.unfinished_lines += 1;
            continue;
        }
        let refused = |why: String| {
            let fix =
                "keep the file for the inquiry: somebody other than the hub wrote into it, or the keys are others";
            Failure::refused("the exported heads are not the hub's").at(&file).why(why).fix(fix)
        };
        let statement = statement(line, &sets).map_err(|error| refused(format!("line {}: {error}", index + 1)))?;
        for head in statement.chains.iter().filter(|head| head.chain == chain) {
            let hash =
                SecretHash::try_from(head.hash.clone()).map_err(|_| refused(format!("line {}: no hash", index + 1)))?;
            found.heads.push(AuditHead { sequence: head.sequence, hash: hash.0 });
        }
    }
    match found.heads.is_empty() {
        true => Err(unreadable(&file, format!("it holds no head of this chain, {chain}"))),
        false => Ok(found),
    }
}

fn statement(line: &str, sets: &[JwkSet]) -> Result<HeadStatement, JoseError> {
    let expect = Expect { types: &[TYPE], algorithms: &[JwsAlgorithm::Es256] };
    let mut last = JoseError::UnknownKey;
    for set in sets.iter().rev() {
        match verify(line, set, &expect) {
            Ok(verified) => return verified.claims.to(),
            Err(JoseError::UnknownKey) => {}
            Err(error) => last = error,
        }
    }
    Err(last)
}
