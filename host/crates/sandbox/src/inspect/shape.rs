//! The shape of a component: one walk over its sections counts modules, instances, memories and tables, and collects
//! names and producers. Nothing is compiled or run.

use super::producers::Producers;
use wasmparser::{
    ComponentAlias, ComponentExternalKind, ComponentInstance, ComponentOuterAliasKind, ComponentTypeRef, Encoding,
    Instance, Parser, Payload, TypeBounds,
};

/// What one instance of a component (or core module) takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Needs {
    pub(super) core_instances: u64,
    pub(super) memories: u64,
    pub(super) memory_bytes: u64,
    pub(super) tables: u64,
    pub(super) table_elements_max: u64,
}

impl Needs {
    fn add(&mut self, other: Self) {
        self.core_instances = self.core_instances.saturating_add(other.core_instances);
        self.memories = self.memories.saturating_add(other.memories);
        self.memory_bytes = self.memory_bytes.saturating_add(other.memory_bytes);
        self.tables = self.tables.saturating_add(other.tables);
        self.table_elements_max = self.table_elements_max.max(other.table_elements_max);
    }
}

/// What the walk found.
#[derive(Debug, Default)]
pub(super) struct Shape {
    pub(super) needs: Needs,
    pub(super) core_modules: u32,
    pub(super) imports: Vec<String>,
    pub(super) exports: Vec<String>,
    pub(super) producers: Producers,
}

/// One component: its index spaces, as far as they hold modules and components, and what an instance of it takes.
/// An entry is none when it comes from outside and is not known here.
#[derive(Default)]
struct Scope {
    modules: Vec<Option<Needs>>,
    components: Vec<Option<Needs>>,
    needs: Needs,
}

enum Frame {
    Module { needs: Needs, bytes: u64 },
    Component(Scope),
}

/// Walks a component. On a malformed one it keeps what it saw before the mistake.
pub(super) fn walk(wasm: &[u8]) -> Shape {
    let mut walker = Walker::default();
    for payload in Parser::new(0).parse_all(wasm) {
        let Ok(payload) = payload else { break };
        if walker.step(&payload).is_err() {
            break;
        }
    }
    walker.shape
}

#[derive(Default)]
struct Walker {
    frames: Vec<Frame>,
    module_bytes: u64,
    shape: Shape,
}

impl Walker {
    fn step(&mut self, payload: &Payload<'_>) -> wasmparser::Result<()> {
        match payload {
            Payload::ModuleSection { unchecked_range, .. } => {
                self.module_bytes = unchecked_range.len().try_into().unwrap_or(u64::MAX);
            }
            Payload::Version { encoding, .. } => self.begin(*encoding),
            Payload::End(_) => self.end(),
            Payload::CustomSection(section) => {
                let bytes = if let Some(Frame::Module { bytes, .. }) = self.frames.last() { *bytes } else { 0 };
                self.shape.producers.read(section, bytes);
            }
            other => match self.frames.last_mut() {
                Some(Frame::Module { needs, .. }) => module_section(needs, other)?,
                Some(Frame::Component(_)) => self.component_section(other)?,
                None => {}
            },
        }
        Ok(())
    }

    fn begin(&mut self, encoding: Encoding) {
        self.frames.push(match encoding {
            Encoding::Module => {
                self.shape.core_modules += 1;
                Frame::Module { needs: Needs { core_instances: 1, ..Needs::default() }, bytes: self.module_bytes }
            }
            Encoding::Component => Frame::Component(Scope::default()),
        });
    }

    fn end(&mut self) {
        let Some(ended) = self.frames.pop() else { return };
        match (ended, self.frames.last_mut()) {
            (Frame::Module { needs, .. }, Some(Frame::Component(parent))) => parent.modules.push(Some(needs)),
            (Frame::Component(scope), Some(Frame::Component(parent))) => parent.components.push(Some(scope.needs)),
            (Frame::Module { needs, .. } | Frame::Component(Scope { needs, .. }), _) => self.shape.needs = needs,
        }
    }

    fn component_section(&mut self, payload: &Payload<'_>) -> wasmparser::Result<()> {
        match payload {
            Payload::InstanceSection(reader) => {
                for instance in reader.clone() {
                    if let Instance::Instantiate { module_index, .. } = instance? {
                        self.instantiate(module_index, |scope| &scope.modules);
                    }
                }
            }
            Payload::ComponentInstanceSection(reader) => {
                for instance in reader.clone() {
                    if let ComponentInstance::Instantiate { component_index, .. } = instance? {
                        self.instantiate(component_index, |scope| &scope.components);
                    }
                }
            }
            Payload::ComponentAliasSection(reader) => {
                for alias in reader.clone() {
                    self.alias(&alias?);
                }
            }
            Payload::ComponentImportSection(reader) => {
                for import in reader.clone() {
                    let import = import?;
                    self.import(import.name.name, import.ty);
                }
            }
            Payload::ComponentExportSection(reader) => {
                for export in reader.clone() {
                    let export = export?;
                    self.export(export.name.name, export.kind, export.index);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Adds what the instantiated thing takes; an unknown module is at least one instance.
    fn instantiate(&mut self, index: u32, space: impl Fn(&Scope) -> &Vec<Option<Needs>>) {
        let Some(Frame::Component(scope)) = self.frames.last_mut() else { return };
        let known = space(scope).get(index as usize).copied().flatten();
        scope.needs.add(known.unwrap_or(Needs { core_instances: 1, ..Needs::default() }));
    }

    fn alias(&mut self, alias: &ComponentAlias<'_>) {
        let (kind, known) = match alias {
            ComponentAlias::InstanceExport { kind, .. } => (*kind, None),
            ComponentAlias::CoreInstanceExport { .. } => return,
            ComponentAlias::Outer { kind, count, index } => {
                let kind = match kind {
                    ComponentOuterAliasKind::CoreModule => ComponentExternalKind::Module,
                    ComponentOuterAliasKind::Component => ComponentExternalKind::Component,
                    ComponentOuterAliasKind::CoreType | ComponentOuterAliasKind::Type => return,
                };
                (kind, self.outer(kind, *count, *index))
            }
        };
        self.push(kind, known);
    }

    fn outer(&self, kind: ComponentExternalKind, count: u32, index: u32) -> Option<Needs> {
        let level = self.frames.len().checked_sub(1)?.checked_sub(count as usize)?;
        let Frame::Component(scope) = self.frames.get(level)? else { return None };
        let space = if kind == ComponentExternalKind::Module { &scope.modules } else { &scope.components };
        space.get(index as usize).copied().flatten()
    }

    fn push(&mut self, kind: ComponentExternalKind, known: Option<Needs>) {
        if let Some(Frame::Component(scope)) = self.frames.last_mut() {
            match kind {
                ComponentExternalKind::Module => scope.modules.push(known),
                ComponentExternalKind::Component => scope.components.push(known),
                _ => {}
            }
        }
    }

    fn import(&mut self, name: &str, ty: ComponentTypeRef) {
        self.push(ty.kind(), None);
        // A type that equals a known one asks nothing of the host.
        let asks_host = !matches!(ty, ComponentTypeRef::Type(TypeBounds::Eq(_)));
        if self.frames.len() == 1 && asks_host {
            self.shape.imports.push(name.to_owned());
        }
    }

    fn export(&mut self, name: &str, kind: ComponentExternalKind, index: u32) {
        let known = self.outer(kind, 0, index);
        self.push(kind, known);
        if self.frames.len() == 1 {
            self.shape.exports.push(name.to_owned());
        }
    }
}

fn module_section(needs: &mut Needs, payload: &Payload<'_>) -> wasmparser::Result<()> {
    match payload {
        Payload::MemorySection(reader) => {
            for memory in reader.clone() {
                let memory = memory?;
                let page_bytes = 1_u64.checked_shl(memory.page_size_log2.unwrap_or(16)).unwrap_or(u64::MAX);
                needs.memories += 1;
                needs.memory_bytes = needs.memory_bytes.saturating_add(memory.initial.saturating_mul(page_bytes));
            }
        }
        Payload::TableSection(reader) => {
            for table in reader.clone() {
                needs.tables += 1;
                needs.table_elements_max = needs.table_elements_max.max(table?.ty.initial);
            }
        }
        _ => {}
    }
    Ok(())
}
