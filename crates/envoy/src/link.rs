//! Links a policy module with the guest and its data: one module that has both.
//!
//! The policy's types, functions, tables, globals and data come first and keep their numbers, but for functions: those
//! are shifted by the imports, which WebAssembly counts first. The guest's follow.

mod parts;
mod shift;

use trapkey_abi::export;
use wasm_encoder::reencode::Reencode;
use wasm_encoder::{
    CodeSection, ConstExpr, DataCountSection, DataSection, ElementSection, EntityType, ExportKind,
    ExportSection, Function, FunctionSection, GlobalSection, ImportSection, MemorySection,
    MemoryType, Module, TableSection, TypeSection, ValType,
};

use parts::Parts;
use shift::Shift;

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

/// The module whose imports are resolved here; those from `env` are the proxy's.
const OURS: &str = "trapkey";

/// The module of the proxy's calls.
const PROXY: &str = "env";

/// The guest's stack pointer, exported for the linker alone.
const STACK_POINTER: &str = "__stack_pointer";

/// Functions that a filter has for the proxy.
const CALLBACKS: &[&str] = &[
    "proxy_abi_version_0_2_1",
    "proxy_on_configure",
    "proxy_on_context_create",
    "proxy_on_delete",
    "proxy_on_done",
    "proxy_on_downstream_connection_close",
    "proxy_on_downstream_data",
    "proxy_on_log",
    "proxy_on_memory_allocate",
    "proxy_on_new_connection",
    "proxy_on_request_body",
    "proxy_on_request_headers",
    "proxy_on_response_body",
    "proxy_on_tick",
    "proxy_on_vm_start",
];

/// Callbacks for each part of a body: they are for decisions that end.
const BODIES: [&str; 2] = ["proxy_on_request_body", "proxy_on_response_body"];

/// Why a filter is not linked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LinkError {
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
    /// A module lacks an export.
    #[error("{module} does not export `{name}`")]
    Export {
        /// Which module.
        module: &'static str,
        /// The export.
        name: &'static str,
    },
    /// The policies need more memory than lies below the guest.
    #[error("the policies need {0} pages of memory, a filter has {POLICY_PAGES_MAX} for them")]
    PolicyMemory(u64),
    /// Plan and entities do not fit into 32 bits.
    #[error("plan and entities need {bytes} bytes of memory, which 32 bits cannot address")]
    Data {
        /// Bytes up to their end.
        bytes: u64,
    },
}

/// What a filter is made of.
pub(crate) struct Linking<'a> {
    /// The policies.
    pub(crate) policy: &'a [u8],
    /// The asset.
    pub(crate) guest: &'a [u8],
    /// The plan, as the guest reads it.
    pub(crate) plan: &'a [u8],
    /// The image of entities.
    pub(crate) image: &'a [u8],
    /// Whether decisions may end, so that bodies have to be looked at.
    pub(crate) ends: bool,
}

/// Where the linker puts plan and image.
struct Places {
    plan: u32,
    image: u32,
    pages: u64,
}

/// Links the parts.
pub(crate) fn link(linking: &Linking<'_>) -> Result<Vec<u8>, LinkError> {
    let unreadable = |module| move |source| LinkError::Module { module, source };
    let policy = Parts::read(linking.policy).map_err(unreadable("policy module"))?;
    let guest = Parts::read(linking.guest).map_err(unreadable("guest"))?;
    let pages = policy.memory_pages();
    if pages > POLICY_PAGES_MAX {
        return Err(LinkError::PolicyMemory(pages));
    }
    let places = Places::new(linking, &guest)?;
    let joining = Joining::new(linking, (policy, guest), places)?;
    joining.module().map_err(unreadable("guest"))
}

impl Places {
    fn new(linking: &Linking<'_>, guest: &Parts<'_>) -> Result<Self, LinkError> {
        let length = |bytes: &[u8]| u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        // Behind all that the guest has: its allocator may use the end of its own last page.
        let plan = guest.memory_pages() * PAGE_BYTES;
        let image = (plan.saturating_add(length(linking.plan))).next_multiple_of(16);
        let end = image.saturating_add(length(linking.image));
        let pages = end.div_ceil(PAGE_BYTES);
        let too_large = LinkError::Data { bytes: end };
        if pages + HEAP_PAGES > u64::from(u32::MAX) / PAGE_BYTES {
            return Err(too_large);
        }
        match (u32::try_from(plan), u32::try_from(image)) {
            (Ok(plan), Ok(image)) => Ok(Self { plan, image, pages }),
            _ => Err(too_large),
        }
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
        let imports = count(guest.imports.iter().filter(|import| import.module == PROXY));
        let policy_functions = count(policy.functions.iter());
        let own = imports + policy_functions;
        let constants = own + count(guest.functions.iter());
        let decide = policy.exported(export::DECIDE);
        let missing = LinkError::Export { module: "the policy module", name: export::DECIDE };
        let decide = decide.ok_or(missing)? + imports;
        let mut imported = Vec::new();
        let mut next = 0;
        for import in &guest.imports {
            imported.push(match (import.module, import.name) {
                (PROXY, _) => {
                    next += 1;
                    next - 1
                }
                (OURS, "decide") => decide,
                (OURS, name) if CONSTANTS.contains(&name) => {
                    constants + count(CONSTANTS.iter().take_while(|own| **own != name))
                }
                (module, name) => {
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
        for import in self.guest.imports.iter().filter(|import| import.module == PROXY) {
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
        for _ in CONSTANTS {
            section.function(constant);
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
        for name in CALLBACKS {
            if BODIES.contains(name) && !self.linking.ends {
                continue;
            }
            // What is missing is found by the check of the whole.
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
        let Places { plan, image, .. } = self.places;
        for (at, bytes) in [(plan, self.linking.plan), (image, self.linking.image)] {
            section.active(0, &ConstExpr::i32_const(at.cast_signed()), bytes.iter().copied());
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
        let bytes = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let Places { plan, image, .. } = self.places;
        let values = [plan, bytes(self.linking.plan), image, bytes(self.linking.image)];
        for value in values {
            let mut function = Function::new([]);
            function.instructions().i32_const(value.cast_signed()).end();
            section.function(&function);
        }
        Ok(section)
    }

    /// Both modules, the policies first.
    fn both(&mut self) -> [(&Parts<'a>, &mut Shift); 2] {
        [(&self.policy, &mut self.policy_shift), (&self.guest, &mut self.guest_shift)]
    }
}

/// Functions of the linker: each gives a constant, in the order of `Joining::code`.
const CONSTANTS: [&str; 4] = ["plan", "plan_bytes", "image", "image_bytes"];

fn count(items: impl Iterator) -> u32 {
    u32::try_from(items.count()).unwrap_or(u32::MAX)
}
