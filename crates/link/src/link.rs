//! The linker.

use trapkey_abi::export;
use wasm_encoder::reencode::Reencode;
use wasm_encoder::{
    CodeSection, ConstExpr, DataCountSection, DataSection, ElementSection, EntityType, ExportKind,
    ExportSection, Function, FunctionSection, GlobalSection, ImportSection, MemorySection,
    MemoryType, Module, TableSection, TypeSection, ValType,
};

use crate::parts::Parts;
use crate::shift::Shift;

/// Bytes of a page of memory.
const PAGE_BYTES: u64 = 65_536;

/// Where the guest's data begins: it is linked for this address. What the policies have lies below.
const GUEST_BASE: u64 = 32 * 1024 * 1024;

/// Bytes below the guest's data that are its stack.
const STACK_BYTES: u64 = 1024 * 1024;

/// Pages that the policies of a filter may have: what lies below the stack, and a page between.
pub const POLICY_PAGES_MAX: u64 = (GUEST_BASE - STACK_BYTES) / PAGE_BYTES - 1;

/// Pages that the guest may add to the memory.
const HEAP_PAGES: u64 = 4_096;

/// Bytes of a guest's data at most: a quarter of what 32 bits address.
pub const DATA_BYTES_MAX: u64 = 1024 * 1024 * 1024;

/// The module whose imports are resolved here.
const OURS: &str = "trapkey";

/// The guest's stack pointer, exported for the linker alone.
const STACK_POINTER: &str = "__stack_pointer";

/// Why modules are not linked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LinkError {
    /// A module cannot be read.
    #[error("unreadable {module}")]
    Module {
        /// Which.
        module: &'static str,
        /// Why.
        source: wasm_encoder::reencode::Error,
    },
    /// The guest imports what no proxy and no linker gives.
    #[error("the guest imports `{module}` `{name}`, which nobody gives")]
    Import {
        /// The module of the import.
        module: String,
        /// Its name.
        name: String,
    },
    /// The policy module has what no module of policies has: it is not one that engines take.
    #[error("the policy module has {found}")]
    Policy {
        /// What it has.
        found: &'static str,
    },
    /// A module lacks an export.
    #[error("{module} does not export `{name}`")]
    Export {
        /// Which module.
        module: &'static str,
        /// The export.
        name: &'static str,
    },
    /// The policies need more memory than lies below the guest.
    #[error(
        "the policies need {pages} pages of memory, beside a guest they have {POLICY_PAGES_MAX}"
    )]
    PolicyMemory {
        /// Pages they need.
        pages: u64,
    },
    /// There is too much data for a memory.
    #[error("the guest's data is {bytes} bytes, at most {DATA_BYTES_MAX} are linked")]
    Data {
        /// Its bytes.
        bytes: u64,
    },
}

/// Bytes that the guest finds in memory.
#[derive(Clone, Copy, Debug)]
pub struct Blob<'a> {
    /// The guest imports functions from `trapkey` that give its offset, by this name, and its length, by this name and
    /// `_bytes`.
    pub name: &'a str,
    /// The bytes.
    pub bytes: &'a [u8],
}

/// What a module is made of.
#[derive(Clone, Copy, Debug)]
pub struct Linking<'a> {
    /// The policies. The guest's import `trapkey` `decide` is their function.
    pub policy: &'a [u8],
    /// The guest, compiled for memory from 32 MiB on, with its stack pointer exported as `__stack_pointer`.
    pub guest: &'a [u8],
    /// The guest's data, in this order; each sixteen-byte aligned.
    pub data: &'a [Blob<'a>],
    /// The module whose functions the guest may go on importing.
    pub host: Option<&'a str>,
    /// The guest's functions that are exported, with the memory.
    pub exports: &'a [&'a str],
}

/// Where the linker puts the data.
struct Places {
    offsets: Vec<u32>,
    pages: u64,
}

/// Links the parts. What is exported and the guest does not have is left out.
///
/// # Errors
///
/// [`LinkError`]
pub fn link(linking: &Linking<'_>) -> Result<Vec<u8>, LinkError> {
    let unreadable = |module| move |source| LinkError::Module { module, source };
    let policy = Parts::read(linking.policy).map_err(unreadable("policy module"))?;
    let guest = Parts::read(linking.guest).map_err(unreadable("guest"))?;
    if !policy.imports.is_empty() {
        return Err(LinkError::Policy { found: "imports" });
    }
    if policy.has_start {
        return Err(LinkError::Policy { found: "a start function" });
    }
    let pages = policy.memory_pages();
    if pages > POLICY_PAGES_MAX {
        return Err(LinkError::PolicyMemory { pages });
    }
    let places = Places::new(linking, &guest)?;
    let joining = Joining::new(linking, (policy, guest), places)?;
    joining.module().map_err(unreadable("guest"))
}

impl Places {
    fn new(linking: &Linking<'_>, guest: &Parts<'_>) -> Result<Self, LinkError> {
        let length = |blob: &Blob<'_>| u64::try_from(blob.bytes.len()).unwrap_or(u64::MAX);
        let bytes = linking.data.iter().map(length).fold(0, u64::saturating_add);
        if bytes > DATA_BYTES_MAX {
            return Err(LinkError::Data { bytes });
        }
        // Behind all that the guest has: its allocator may use the end of its own last page.
        let mut end = guest.memory_pages() * PAGE_BYTES;
        let mut offsets = Vec::new();
        for blob in linking.data {
            end = end.next_multiple_of(16);
            offsets.push(u32::try_from(end).map_err(|_| LinkError::Data { bytes })?);
            end += length(blob);
        }
        let pages = end.div_ceil(PAGE_BYTES);
        Ok(Self { offsets, pages })
    }
}

/// Both modules with all numbers that change.
struct Joining<'a> {
    linking: &'a Linking<'a>,
    policy: Parts<'a>,
    guest: Parts<'a>,
    places: Places,
    policy_shift: Shift,
    guest_shift: Shift,
    /// Index of the guest's stack pointer among its globals.
    stack_pointer: u32,
}

type Encoded<T> = Result<T, wasm_encoder::reencode::Error>;

impl<'a> Joining<'a> {
    fn new(
        linking: &'a Linking<'a>,
        (policy, guest): (Parts<'a>, Parts<'a>),
        places: Places,
    ) -> Result<Self, LinkError> {
        let is_host = |module: &str| linking.host == Some(module);
        let imports = count(guest.imports.iter().filter(|import| is_host(import.module)));
        let policy_functions = count(policy.functions.iter());
        let own = imports + policy_functions;
        let constants = own + count(guest.functions.iter());
        let decide = policy.exported(export::DECIDE);
        let missing = LinkError::Export { module: "the policy module", name: export::DECIDE };
        let decide = decide.ok_or(missing)? + imports;
        let mut imported = Vec::new();
        let mut next = 0;
        for import in &guest.imports {
            let constant = constant(linking.data, import.name);
            imported.push(match (import.module, import.name, constant) {
                (module, _, _) if is_host(module) => {
                    next += 1;
                    next - 1
                }
                (OURS, "decide", _) => decide,
                (OURS, _, Some(constant)) => constants + constant,
                (module, name, _) => {
                    let (module, name) = (module.to_owned(), name.to_owned());
                    return Err(LinkError::Import { module, name });
                }
            });
        }
        let stack_pointer = guest.exported(STACK_POINTER);
        let missing = LinkError::Export { module: "the guest", name: STACK_POINTER };
        let policy_shift = Shift { functions: imports, ..Shift::default() };
        let guest_shift = Shift {
            types: count(policy.types.iter()),
            imported,
            functions: own,
            tables: count(policy.tables.iter()),
            globals: count(policy.globals.iter()),
            elements: count(policy.elements.iter()),
            data: count(policy.data.iter()),
        };
        let stack_pointer = stack_pointer.ok_or(missing)?;
        Ok(Self { linking, policy, guest, places, policy_shift, guest_shift, stack_pointer })
    }

    fn module(mut self) -> Encoded<Vec<u8>> {
        let mut module = Module::new();
        let types = self.types()?;
        module.section(&types);
        module.section(&self.imports()?);
        module.section(&self.functions()?);
        module.section(&self.tables()?);
        let (pages, max) = (self.places.pages, self.places.pages + HEAP_PAGES);
        let mut memories = MemorySection::new();
        memories.memory(MemoryType {
            minimum: pages,
            maximum: Some(max),
            memory64: false,
            shared: false,
            page_size_log2: None,
        });
        module.section(&memories);
        module.section(&self.globals()?);
        module.section(&self.exports()?);
        module.section(&self.elements()?);
        let data = self.data()?;
        module.section(&DataCountSection { count: data.len() });
        module.section(&self.code()?);
        module.section(&data);
        Ok(module.finish())
    }

    fn types(&mut self) -> Encoded<TypeSection> {
        let mut section = TypeSection::new();
        for (parts, shift) in self.both() {
            for ty in &parts.types {
                section.ty().func_type(&shift.func_type(ty.clone())?);
            }
        }
        section.ty().function([], [ValType::I32]);
        Ok(section)
    }

    fn imports(&mut self) -> Encoded<ImportSection> {
        let mut section = ImportSection::new();
        let host = self.linking.host;
        for import in self.guest.imports.iter().filter(|import| host == Some(import.module)) {
            let ty = EntityType::Function(self.guest_shift.type_index(import.ty)?);
            section.import(import.module, import.name, ty);
        }
        Ok(section)
    }

    fn functions(&mut self) -> Encoded<FunctionSection> {
        let mut section = FunctionSection::new();
        for (parts, shift) in self.both() {
            for ty in &parts.functions {
                section.function(shift.type_index(*ty)?);
            }
        }
        let constant = count(self.policy.types.iter()) + count(self.guest.types.iter());
        for _ in self.linking.data {
            section.function(constant).function(constant);
        }
        Ok(section)
    }

    fn tables(&mut self) -> Encoded<TableSection> {
        let mut section = TableSection::new();
        for (parts, shift) in self.both() {
            for table in &parts.tables {
                shift.parse_table(&mut section, table.clone())?;
            }
        }
        Ok(section)
    }

    fn globals(&mut self) -> Encoded<GlobalSection> {
        let mut section = GlobalSection::new();
        let stack_pointer = self.stack_pointer;
        for global in &self.policy.globals {
            self.policy_shift.parse_global(&mut section, global.clone())?;
        }
        for (index, global) in (0..).zip(&self.guest.globals) {
            if index == stack_pointer {
                let ty = self.guest_shift.global_type(global.ty)?;
                // The stack grows down from where the guest's data begins.
                let top = i32::try_from(GUEST_BASE).unwrap_or(i32::MAX);
                section.global(ty, &ConstExpr::i32_const(top));
            } else {
                self.guest_shift.parse_global(&mut section, global.clone())?;
            }
        }
        Ok(section)
    }

    fn exports(&mut self) -> Encoded<ExportSection> {
        let mut section = ExportSection::new();
        section.export(export::MEMORY, ExportKind::Memory, 0);
        for name in self.linking.exports {
            if let Some(function) = self.guest.exported(name) {
                let index = self.guest_shift.function_index(function)?;
                section.export(name, ExportKind::Func, index);
            }
        }
        Ok(section)
    }

    fn elements(&mut self) -> Encoded<ElementSection> {
        let mut section = ElementSection::new();
        for (parts, shift) in self.both() {
            for element in &parts.elements {
                shift.parse_element(&mut section, element.clone())?;
            }
        }
        Ok(section)
    }

    fn data(&mut self) -> Encoded<DataSection> {
        let mut section = DataSection::new();
        for (parts, shift) in self.both() {
            for data in &parts.data {
                shift.parse_data(&mut section, data.clone())?;
            }
        }
        for (at, blob) in self.places.offsets.iter().zip(self.linking.data) {
            let at = ConstExpr::i32_const(at.cast_signed());
            section.active(0, &at, blob.bytes.iter().copied());
        }
        Ok(section)
    }

    fn code(&mut self) -> Encoded<CodeSection> {
        let mut section = CodeSection::new();
        for (parts, shift) in self.both() {
            for body in &parts.bodies {
                shift.parse_function_body(&mut section, body.clone())?;
            }
        }
        for (at, blob) in self.places.offsets.iter().zip(self.linking.data) {
            let length = u32::try_from(blob.bytes.len()).unwrap_or(u32::MAX);
            for value in [*at, length] {
                let mut function = Function::new([]);
                function.instructions().i32_const(value.cast_signed()).end();
                section.function(&function);
            }
        }
        Ok(section)
    }

    /// Both modules, the policies first.
    fn both(&mut self) -> [(&Parts<'a>, &mut Shift); 2] {
        [(&self.policy, &mut self.policy_shift), (&self.guest, &mut self.guest_shift)]
    }
}

/// Which of the linker's functions has this name: two for each blob, offset and length.
fn constant(data: &[Blob<'_>], name: &str) -> Option<u32> {
    let mut names = (0..).zip(data).flat_map(|(index, blob)| {
        let length = name.strip_suffix("_bytes").is_some_and(|name| name == blob.name);
        [(2 * index, name == blob.name), (2 * index + 1, length)]
    });
    names.find_map(|(index, is_it)| is_it.then_some(index))
}

fn count(items: impl Iterator) -> u32 {
    u32::try_from(items.count()).unwrap_or(u32::MAX)
}
