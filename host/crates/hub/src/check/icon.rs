//! Icons: each must be a PNG of a declared size, or an SVG drawing declared for `any` size.

use super::contents::Contents;
use yizhan_domain::Finding;
use yizhan_package::{Icon, MANIFEST_PATH, Manifest};

const PNG_SIGNATURE: &[u8; 8] = b"\x89PNG\r\n\x1a\n";

/// One finding for each icon that is not what the manifest says.
pub(super) fn check(manifest: &Manifest, contents: &Contents<'_>) -> Vec<Finding> {
    let icons = manifest.icons.iter().enumerate();
    icons.filter_map(|(index, icon)| check_icon(index, icon, contents.file(&icon.src)?)).collect()
}

fn check_icon(index: usize, icon: &Icon, content: &[u8]) -> Option<Finding> {
    let scales = icon.sizes.split(' ').any(|size| size == "any");
    if icon.src.to_ascii_lowercase().ends_with(".svg") {
        return svg(index, icon, scales, content);
    }
    let Some((width, height)) = png_size(content) else {
        return Some(
            Finding::error("icon.not-png", MANIFEST_PATH)
                .at(format!("/icons/{index}/src"))
                .why(format!("{} is not a PNG picture; its first bytes are not those of one", icon.src))
                .fix("save it as PNG, or as SVG with `sizes` \"any\""),
        );
    };
    let found = format!("{width}x{height}");
    (!scales && !icon.sizes.split(' ').any(|size| size == found)).then(|| {
        Finding::error("icon.size", MANIFEST_PATH)
            .at(format!("/icons/{index}/sizes"))
            .why(format!("{} is {found} pixels; declared is {}", icon.src, icon.sizes))
            .fix(format!("set `sizes` to \"{found}\", or draw the icon again"))
    })
}

fn svg(index: usize, icon: &Icon, scales: bool, content: &[u8]) -> Option<Finding> {
    if !content.windows(4).any(|window| window == b"<svg") {
        return Some(
            Finding::error("icon.not-png", MANIFEST_PATH)
                .at(format!("/icons/{index}/src"))
                .why(format!("{} is named .svg but holds no <svg> drawing", icon.src))
                .fix("save the drawing as SVG, or use a PNG picture"),
        );
    }
    (!scales).then(|| {
        Finding::error("icon.size", MANIFEST_PATH)
            .at(format!("/icons/{index}/sizes"))
            .why(format!("{} is a drawing that scales; declared is {}", icon.src, icon.sizes))
            .fix("set `sizes` to \"any\"")
    })
}

/// Width and height from the header chunk, the first of every PNG (ISO/IEC 15948, 11.2.1).
fn png_size(content: &[u8]) -> Option<(u32, u32)> {
    let header = content.strip_prefix(PNG_SIGNATURE)?.get(4..16)?;
    let number = |bytes: &[u8]| bytes.try_into().ok().map(u32::from_be_bytes);
    let size = (number(&header[4..8])?, number(&header[8..12])?);
    (&header[..4] == b"IHDR" && size.0 > 0 && size.1 > 0).then_some(size)
}
