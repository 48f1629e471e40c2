//! Paths inside a package: relative, `/` between names, the same on every operating system. Archive and manifest ask here.

/// Bytes that a path may have.
pub(crate) const PATH_BYTES_MAX: usize = 512;

/// Folder of the files that browsers get.
pub(crate) const PUBLIC: &str = "public/";

/// Refuses a path that packages cannot have, with the reason as a continuation of "path X …".
pub(crate) fn check(path: &str) -> Result<(), &'static str> {
    if path.is_empty() {
        return Err("is empty");
    }
    if path.len() > PATH_BYTES_MAX {
        return Err("has more than 512 bytes");
    }
    if path.contains('\\') {
        return Err("has a backslash; '/' stands between names");
    }
    if path.contains(':') {
        return Err("has a colon, which is a drive or a stream on some machines");
    }
    if path.chars().any(char::is_control) {
        return Err("has a control character");
    }
    if path.starts_with('/') {
        return Err("is absolute; paths are relative to the app directory");
    }
    path.split('/').try_for_each(|name| match name {
        "" => Err("has an empty name between two '/' or at its end"),
        "." | ".." => Err("has '.' or '..' as a name"),
        _ => Ok(()),
    })
}

/// Whether the path is a sound one under `public/`.
pub(crate) fn is_public(path: &str) -> bool {
    path.starts_with(PUBLIC) && check(path).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_paths_are_taken() {
        for path in ["manifest.json", "public/图标/一.png", "public/a b/c..d", "public/.well-known/x"] {
            assert_eq!(check(path), Ok(()), "{path}");
        }
    }

    #[test]
    fn paths_that_could_leave_the_package_or_mean_two_things_are_refused() {
        let long = "a".repeat(513);
        for path in ["", "/a", "../a", "a/../b", "a/./b", "a//b", "a/", "a\\b", "C:a", "a\nb", "a\0", ".", &long] {
            assert!(check(path).is_err(), "{path:?}");
        }
    }
}
