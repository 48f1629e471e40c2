//! Language and toolchain, as toolchains write them down in `producers` custom sections.

use wasmparser::{CustomSectionReader, KnownCustom};

/// What all `producers` sections of a component say together.
#[derive(Debug, Default)]
pub(super) struct Producers {
    languages: Vec<Language>,
    tools: Vec<String>,
}

#[derive(Debug)]
struct Language {
    name: String,
    module_bytes: u64,
}

/// Tools that give the language away: their output also holds C or Rust of an interpreter.
const TELLING_TOOLS: &[(&str, &str)] = &[
    ("componentize-py", "Python"),
    ("componentizejs", "JavaScript"),
    ("componentize-js", "JavaScript"),
    ("starlingmonkey", "JavaScript"),
    ("quickjs", "JavaScript"),
    ("jco", "JavaScript"),
    ("javy", "JavaScript"),
    ("tinygo", "Go"),
    ("go cmd/compile", "Go"),
    ("assemblyscript", "AssemblyScript"),
    ("moonbit", "MoonBit"),
    ("moonc", "MoonBit"),
    ("dotnet", "C#"),
];

/// Tools that tell the language of a component whose own note was stripped, surest first.
const BINDING_TOOLS: &[(&str, &str)] = &[
    ("rustc", "Rust"),
    ("wit-bindgen-rust", "Rust"),
    ("wit-bindgen-go", "Go"),
    ("clang", "C"),
    ("wit-bindgen-c", "C"),
];

impl Producers {
    /// Reads one custom section; `module_bytes` is the size of the core module that it stands in, 0 outside of one.
    pub(super) fn read(&mut self, section: &CustomSectionReader<'_>, module_bytes: u64) {
        let KnownCustom::Producers(fields) = section.as_known() else { return };
        for field in fields.into_iter().map_while(Result::ok) {
            for value in field.values.into_iter().map_while(Result::ok) {
                if field.name == "language" {
                    self.languages.push(Language { name: value.name.to_owned(), module_bytes });
                } else {
                    self.add_tool(value.name, value.version);
                }
            }
        }
    }

    fn add_tool(&mut self, name: &str, version: &str) {
        let tool = if version.is_empty() { name.to_owned() } else { format!("{name} {version}") };
        if !self.tools.contains(&tool) {
            self.tools.push(tool);
        }
    }

    /// Source language: told by a tool, else that of the largest module that names one, else told by the bindings, else
    /// `unknown`.
    pub(super) fn language(&self) -> String {
        // With equal sizes the first one stands.
        let largest = self.languages.iter().rev().max_by_key(|language| language.module_bytes);
        self.told_by(TELLING_TOOLS)
            .or_else(|| largest.map(|language| plain_name(&language.name)))
            .or_else(|| self.told_by(BINDING_TOOLS))
            .unwrap_or_else(|| "unknown".to_owned())
    }

    fn told_by(&self, tools: &[(&str, &str)]) -> Option<String> {
        let told = tools.iter().find(|(tool, _)| self.tools.iter().any(|found| starts_with(found, tool)));
        told.map(|(_, language)| (*language).to_owned())
    }

    /// Tools with their versions, in the order in which they were written down.
    pub(super) fn into_tools(self) -> Vec<String> {
        self.tools
    }
}

fn starts_with(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

/// `C_plus_plus_14` and `C11` are the names that LLVM writes.
fn plain_name(name: &str) -> String {
    if name.starts_with("C_plus_plus") {
        return "C++".to_owned();
    }
    let is_c = name == "C" || name.strip_prefix('C').is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit()));
    if is_c { "C".to_owned() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn producers(languages: &[(&str, u64)], tools: &[(&str, &str)]) -> Producers {
        let mut producers = Producers::default();
        for (name, module_bytes) in languages {
            producers.languages.push(Language { name: (*name).to_owned(), module_bytes: *module_bytes });
        }
        for (name, version) in tools {
            producers.add_tool(name, version);
        }
        producers
    }

    #[test]
    fn an_interpreter_is_named_by_its_tool_and_not_by_its_own_language() {
        let python = producers(&[("C11", 9_000), ("Rust", 10)], &[("componentize-py", "0.17.0")]);
        assert_eq!(python.language(), "Python");
        assert_eq!(producers(&[("Rust", 10)], &[("StarlingMonkey", "1")]).language(), "JavaScript");
    }

    #[test]
    fn the_largest_module_names_the_language_and_tools_are_told_once() {
        let mixed = producers(&[("Rust", 10), ("C_plus_plus_14", 900)], &[("clang", "19"), ("clang", "19")]);
        assert_eq!(mixed.language(), "C++");
        assert_eq!(mixed.into_tools(), ["clang 19"]);
        assert_eq!(producers(&[("C11", 1)], &[]).language(), "C");
        let stripped = producers(&[], &[("wit-bindgen-c", "0.51.0"), ("wit-bindgen-rust", "0.63.0")]);
        assert_eq!(stripped.language(), "Rust");
        assert_eq!(Producers::default().language(), "unknown");
    }
}
