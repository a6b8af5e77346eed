//! What a component is made of, bounded before it is compiled: compiling has neither fuel nor a deadline.

use wasmparser::{
    BinaryReader, ComponentAlias, ComponentExternalKind, ComponentImport, ComponentInstance,
    ComponentOuterAliasKind, ComponentType, ComponentTypeRef, FunctionBody, Instance,
    InstanceTypeDeclaration, Operator, Parser, Payload,
};

use crate::LoadError;

/// Components and modules in each other, the outermost included; also types of components and instances in each other, which
/// are read by recursion.
const DEPTH_MAX: u64 = 8;

/// Components and modules, the outermost included.
const PARTS_MAX: u64 = 128;

/// Instances of components and modules, once each instantiation is written out.
const INSTANCES_MAX: u64 = 1_024;

/// Imports, exports, aliases, types, arguments and the like, once each instantiation is written out.
const ITEMS_MAX: u64 = 20_000;

/// Functions of all modules.
const FUNCTIONS_MAX: u64 = 20_000;

/// Bytes of a function.
const BODY_BYTES_MAX: u64 = 1 << 20;

/// Locals of a function, its parameters not counted.
const LOCALS_MAX: u64 = 5_000;

/// Blocks of a function in each other.
const BLOCKS_MAX: u64 = 1_000;

/// Targets of a function's `br_table` together.
const TARGETS_MAX: u64 = 65_536;

/// Locals times branches, summed over all functions: the compiler may follow each local through each branch. One with
/// QuickJS in it has 1,100,000.
const PATHS_MAX: u64 = 4_000_000;

const NESTED: &str = "components in each other";
const PARTS: &str = "components and modules";
const INSTANCES: &str = "instances";
const ITEMS: &str = "items";
const HANDED: &str = "instances of components that are not defined in it";

/// Reads all of the component, and compiles nothing.
pub(crate) fn check(bytes: &[u8]) -> Result<(), LoadError> {
    let mut structure = Structure { levels: vec![Level::component()], ..Structure::default() };
    bound(PARTS, &mut structure.parts, 1, PARTS_MAX)?;
    for payload in Parser::new(0).parse_all(bytes) {
        structure.payload(bytes, payload.map_err(unreadable)?)?;
    }
    Ok(())
}

fn unreadable(error: wasmparser::Error) -> LoadError {
    LoadError::Unreadable(wasmtime::Error::from(error).into())
}

/// Adds to a number that has a limit.
fn bound(what: &'static str, number: &mut u64, more: u64, max: u64) -> Result<(), LoadError> {
    *number = number.saturating_add(more);
    if *number > max {
        return Err(LoadError::Structure { what, found: *number, max });
    }
    Ok(())
}

fn len<T>(items: &[T]) -> u64 {
    u64::try_from(items.len()).unwrap_or(u64::MAX)
}

/// What one instance of a component comes to, with all that it instantiates in turn.
#[derive(Clone, Copy, Default)]
struct Cost {
    instances: u64,
    items: u64,
}

impl Cost {
    const ITEM: Self = Self { instances: 0, items: 1 };

    fn items(items: u64) -> Self {
        Self { instances: 0, items }
    }
}

/// A component or module that is being read.
#[derive(Default)]
struct Level {
    is_component: bool,
    /// The components that it can name, by index; nothing for those that it is handed, whose cost is not known.
    components: Vec<Option<Cost>>,
    cost: Cost,
}

impl Level {
    fn component() -> Self {
        Self { is_component: true, ..Self::default() }
    }

    fn add(&mut self, more: Cost) -> Result<(), LoadError> {
        bound(INSTANCES, &mut self.cost.instances, more.instances, INSTANCES_MAX)?;
        bound(ITEMS, &mut self.cost.items, more.items, ITEMS_MAX)
    }

    fn named(&self, index: u32) -> Option<Cost> {
        let index = usize::try_from(index).ok()?;
        self.components.get(index).copied().flatten()
    }
}

#[derive(Default)]
struct Structure {
    /// The outermost first.
    levels: Vec<Level>,
    parts: u64,
    functions: u64,
    paths: u64,
}

impl Structure {
    fn payload(&mut self, bytes: &[u8], payload: Payload<'_>) -> Result<(), LoadError> {
        match payload {
            Payload::ModuleSection { .. } => return self.enter(Level::default()),
            Payload::ComponentSection { .. } => return self.enter(Level::component()),
            Payload::End(_) => return self.leave(),
            Payload::CodeSectionStart { count, .. } => {
                return bound("functions", &mut self.functions, u64::from(count), FUNCTIONS_MAX);
            }
            Payload::CodeSectionEntry(body) => return self.function(&body),
            Payload::ComponentTypeSection(section) => {
                check_types(bytes.get(section.range()).unwrap_or_default())?;
                return self.add(Cost::items(u64::from(section.count())));
            }
            Payload::CoreTypeSection(section) => {
                return self.add(Cost::items(u64::from(section.count())));
            }
            Payload::ComponentCanonicalSection(section) => {
                return self.add(Cost::items(u64::from(section.count())));
            }
            Payload::ComponentStartSection { start, .. } => {
                return self.add(Cost::items(len(&start.arguments).saturating_add(1)));
            }
            _ => {}
        }
        self.names(payload)
    }

    /// The sections of a component that name others.
    fn names(&mut self, payload: Payload<'_>) -> Result<(), LoadError> {
        match payload {
            Payload::InstanceSection(section) => {
                for instance in section {
                    let cost = match instance.map_err(unreadable)? {
                        Instance::Instantiate { args, .. } => {
                            Cost { instances: 1, items: len(&args) }
                        }
                        Instance::FromExports(exports) => Cost::items(len(&exports)),
                    };
                    self.add(cost)?;
                    self.add(Cost::ITEM)?;
                }
            }
            Payload::ComponentInstanceSection(section) => {
                for instance in section {
                    self.instance(&instance.map_err(unreadable)?)?;
                }
            }
            Payload::ComponentAliasSection(section) => {
                for alias in section {
                    self.alias(&alias.map_err(unreadable)?)?;
                }
            }
            Payload::ComponentImportSection(section) => {
                for import in section {
                    self.add(Cost::ITEM)?;
                    if let ComponentTypeRef::Component(_) = import.map_err(unreadable)?.ty {
                        self.name(None);
                    }
                }
            }
            Payload::ComponentExportSection(section) => {
                for export in section {
                    self.add(Cost::ITEM)?;
                    let export = export.map_err(unreadable)?;
                    if export.kind == ComponentExternalKind::Component {
                        // What is exported has a further index.
                        self.name(self.levels.last().and_then(|level| level.named(export.index)));
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn enter(&mut self, level: Level) -> Result<(), LoadError> {
        bound(PARTS, &mut self.parts, 1, PARTS_MAX)?;
        bound(NESTED, &mut len(&self.levels), 1, DEPTH_MAX)?;
        self.levels.push(level);
        Ok(())
    }

    fn leave(&mut self) -> Result<(), LoadError> {
        let Some(level) = self.levels.pop() else { return Ok(()) };
        if level.is_component {
            self.name(Some(level.cost));
        }
        // A component is carried through those around it, also where it is not instantiated.
        if self.levels.is_empty() { Ok(()) } else { self.add(Cost::items(level.cost.items)) }
    }

    fn add(&mut self, more: Cost) -> Result<(), LoadError> {
        self.levels.last_mut().map_or(Ok(()), |level| level.add(more))
    }

    fn name(&mut self, cost: Option<Cost>) {
        if let Some(level) = self.levels.last_mut() {
            level.components.push(cost);
        }
    }

    fn instance(&mut self, instance: &ComponentInstance<'_>) -> Result<(), LoadError> {
        self.add(Cost::ITEM)?;
        match instance {
            ComponentInstance::Instantiate { component_index, args } => {
                self.add(Cost { instances: 1, items: len(args) })?;
                let named = self.levels.last().and_then(|level| level.named(*component_index));
                let handed = LoadError::Structure { what: HANDED, found: 1, max: 0 };
                self.add(named.ok_or(handed)?)
            }
            ComponentInstance::FromExports(exports) => self.add(Cost::items(len(exports))),
        }
    }

    fn alias(&mut self, alias: &ComponentAlias<'_>) -> Result<(), LoadError> {
        self.add(Cost::ITEM)?;
        match alias {
            ComponentAlias::InstanceExport { kind: ComponentExternalKind::Component, .. } => {
                self.name(None);
            }
            ComponentAlias::Outer { kind: ComponentOuterAliasKind::Component, count, index } => {
                let count = usize::try_from(*count).unwrap_or(usize::MAX);
                let level = self.levels.iter().rev().nth(count);
                self.name(level.and_then(|level| level.named(*index)));
            }
            ComponentAlias::InstanceExport { .. }
            | ComponentAlias::CoreInstanceExport { .. }
            | ComponentAlias::Outer { .. } => {}
        }
        Ok(())
    }

    fn function(&mut self, body: &FunctionBody<'_>) -> Result<(), LoadError> {
        bound("bytes of a function", &mut 0, len(body.as_bytes()), BODY_BYTES_MAX)?;
        let mut locals = 0;
        for declared in body.get_locals_reader().map_err(unreadable)? {
            let (count, _) = declared.map_err(unreadable)?;
            bound("locals of a function", &mut locals, u64::from(count), LOCALS_MAX)?;
        }
        let mut flow = Flow::default();
        let mut operators = body.get_operators_reader().map_err(unreadable)?;
        while !operators.eof() {
            flow.operator(&operators.read().map_err(unreadable)?)?;
        }
        let paths = flow.locals.saturating_mul(flow.branches);
        bound("locals times branches", &mut self.paths, paths, PATHS_MAX)
    }
}

/// How control and locals go through a function.
#[derive(Default)]
struct Flow {
    depth: u64,
    targets: u64,
    branches: u64,
    /// One more than the highest that is used, parameters included.
    locals: u64,
}

impl Flow {
    fn operator(&mut self, operator: &Operator<'_>) -> Result<(), LoadError> {
        let mut branches = 0;
        match operator {
            Operator::Block { .. }
            | Operator::Loop { .. }
            | Operator::If { .. }
            | Operator::Try { .. }
            | Operator::TryTable { .. } => {
                branches = 1;
                bound("blocks in each other", &mut self.depth, 1, BLOCKS_MAX)?;
            }
            Operator::End | Operator::Delegate { .. } => self.depth = self.depth.saturating_sub(1),
            Operator::BrTable { targets } => {
                branches = u64::from(targets.len()).saturating_add(1);
                bound("targets of `br_table`", &mut self.targets, branches, TARGETS_MAX)?;
            }
            Operator::Else
            | Operator::BrIf { .. }
            | Operator::BrOnNull { .. }
            | Operator::BrOnNonNull { .. }
            | Operator::BrOnCast { .. }
            | Operator::BrOnCastFail { .. } => branches = 1,
            Operator::LocalGet { local_index }
            | Operator::LocalSet { local_index }
            | Operator::LocalTee { local_index } => {
                self.locals = self.locals.max(u64::from(*local_index).saturating_add(1));
            }
            _ => {}
        }
        self.branches = self.branches.saturating_add(branches);
        Ok(())
    }
}

/// Types within types. The reader of types goes into them by recursion, and so does the compiler.
fn check_types(section: &[u8]) -> Result<(), LoadError> {
    let mut reader = BinaryReader::new(section, 0);
    let mut left = vec![reader.read_var_u32().map_err(unreadable)?];
    while let Some(top) = left.last_mut() {
        let Some(fewer) = top.checked_sub(1) else {
            left.pop();
            continue;
        };
        *top = fewer;
        if left.len() > 1 && !is_type(&mut reader).map_err(unreadable)? {
            continue;
        }
        match reader.clone().read_u8().map_err(unreadable)? {
            // The type of a component or of an instance, made of declarations.
            0x41 | 0x42 => {
                reader.read_u8().map_err(unreadable)?;
                bound("types in each other", &mut len(&left), 0, DEPTH_MAX)?;
                left.push(reader.read_var_u32().map_err(unreadable)?);
            }
            _ => {
                reader.read::<ComponentType<'_>>().map_err(unreadable)?;
            }
        }
    }
    Ok(())
}

/// Whether the next declaration is a type, which is then next; any other is read.
fn is_type(reader: &mut BinaryReader<'_>) -> wasmparser::Result<bool> {
    match reader.clone().read_u8()? {
        0x01 => {
            reader.read_u8()?;
            return Ok(true);
        }
        0x03 => {
            reader.read_u8()?;
            reader.read::<ComponentImport<'_>>()?;
        }
        _ => {
            reader.read::<InstanceTypeDeclaration<'_>>()?;
        }
    }
    Ok(false)
}
