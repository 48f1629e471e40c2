//! What the bytes are at all, before anything inside them is read: a whole component, or the reason why not.

use wasmparser::{BinaryReader, Parser, Payload};
use yizhan_domain::{Finding, limits::NodeLimits};

const CORE: [u8; 8] = *b"\0asm\x01\0\0\0";
const COMPONENT: [u8; 8] = *b"\0asm\x0d\0\x01\0";
const REBUILD: &str = "build for wasm32-wasip2 (`cargo build --release --target wasm32-wasip2`)";

/// Nothing for a whole component of an allowed size; for everything else the reason.
pub(super) fn check(wasm: &[u8]) -> Option<Finding> {
    let max = NodeLimits::default().component_bytes_max;
    if wasm.len() as u64 > max {
        return Some(
            Finding::error("component.too-large", super::PATH)
                .why(format!("it has {} bytes; at most {max} are allowed", wasm.len()))
                .fix("build in release mode with `opt-level = \"s\"` and `strip = true`, and move data to `public/`"),
        );
    }
    if wasm.starts_with(&COMPONENT) {
        return check_whole(wasm);
    }
    if wasm.starts_with(&CORE) {
        return Some(core_module(wasm));
    }
    if !wasm.is_empty() && COMPONENT.starts_with(wasm) {
        return Some(truncated(wasm.len()));
    }
    Some(if is_text(wasm) { text_format() } else { not_wasm(wasm) })
}

/// Sections of the outermost level must end within the file.
fn check_whole(wasm: &[u8]) -> Option<Finding> {
    let mut reader = BinaryReader::new(&wasm[COMPONENT.len()..], COMPONENT.len());
    while !reader.eof() {
        let (Ok(_), Ok(size)) = (reader.read_u8(), reader.read_var_u32()) else { return Some(truncated(wasm.len())) };
        if reader.read_bytes(size as usize).is_err() {
            return Some(truncated(wasm.len()));
        }
    }
    None
}

fn truncated(len: usize) -> Finding {
    Finding::error("component.truncated", super::PATH)
        .at(format!("offset 0x{len:x}"))
        .why(format!("the file ends after {len} bytes in the middle of a section"))
        .fix("copy or build the file again; it was not written to its end")
}

fn core_module(wasm: &[u8]) -> Finding {
    let from = if imports_preview1(wasm) { ", built for wasm32-wasip1 (wasi_snapshot_preview1)" } else { "" };
    Finding::error("component.core-module", super::PATH)
        .why(format!("it is a core WebAssembly module{from}; a component is needed"))
        .fix(REBUILD)
}

fn imports_preview1(wasm: &[u8]) -> bool {
    Parser::new(0).parse_all(wasm).map_while(Result::ok).any(|payload| match payload {
        Payload::ImportSection(reader) => {
            reader.into_imports().map_while(Result::ok).any(|import| import.module == "wasi_snapshot_preview1")
        }
        _ => false,
    })
}

/// Whether it begins like the text format, after white space and line comments.
fn is_text(bytes: &[u8]) -> bool {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(4_096)]);
    let code = head.lines().map(str::trim_start).find(|line| !line.is_empty() && !line.starts_with(";;"));
    code.is_some_and(|line| line.starts_with("(module") || line.starts_with("(component") || line.starts_with("(;"))
}

fn text_format() -> Finding {
    Finding::error("component.text-format", super::PATH)
        .why("it is WebAssembly text; the binary format is needed")
        .fix("turn it into a binary: `wasm-tools parse app.wat -o app.wasm`")
}

fn not_wasm(bytes: &[u8]) -> Finding {
    let what = match bytes {
        [] => "it is empty".to_owned(),
        [b'P', b'K', 3, 4, ..] => "it is a ZIP archive".to_owned(),
        _ => format!(
            "it begins with {:02x?}; a component begins with 00 61 73 6d 0d 00 01 00",
            &bytes[..bytes.len().min(8)]
        ),
    };
    Finding::error("component.not-wasm", super::PATH).why(format!("it is not WebAssembly: {what}")).fix(REBUILD)
}
