//! A module that has passed everything: compiled, instantiated, tried.

use std::borrow::Borrow;
use std::num::NonZeroU64;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use trapkey_abi::{EncodeRequest, Handle, Layout, RowRef, Rows, encode_keeping};
use trapkey_bundle::{Bundle, Contents};
use wasmtime::{InstancePre, Linker};

use crate::batch::Batch;
use crate::code::Publication;
use crate::environments::Environments;
use crate::expected::Expected;
use crate::explain::Explaining;
use crate::grants::{Templates, set};
use crate::instance::{Areas, Instance};
use crate::pool::Pool;
use crate::runtime::RuntimeError;
use crate::structure;
use crate::{DecideError, Decision, Generation, Model, Options, PublishError, Reason, Request};

/// Environments that are tried before a module goes live: a bound on the time this takes.
const TRIALS_MAX: usize = 4096;

/// A module that decides.
pub(crate) struct Loaded {
    // INVARIANT: `module` was compiled from the bundle of `contents`, whose structure was checked.
    contents: Arc<Contents>,
    model: Arc<Model>,
    environments: Environments,
    module: InstancePre<()>,
    areas: Areas,
    expected: Expected,
    templates: Templates,
    explain: Explaining,
    pool: Pool,
    options: Arc<Options>,
    _alive: Alive,
}

/// Counts the modules of an engine that are alive.
struct Alive(Arc<AtomicUsize>);

impl Alive {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(count))
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A store without entities.
struct NoRows;

impl Rows for NoRows {
    fn row(&self, _: Handle) -> Option<RowRef<'_>> {
        None
    }
}

/// Refuses a module that states a worst case of an action above the budget.
fn within_budget(bundle: &Bundle, fuel: NonZeroU64) -> Result<(), PublishError> {
    let mut actions = bundle.schema().actions.iter().zip(&bundle.manifest().instructions_max);
    match actions.find(|(_, instructions_max)| **instructions_max > fuel.get()) {
        None => Ok(()),
        Some((action, &instructions_max)) => {
            let action = action.uid.clone();
            Err(PublishError::WorstCase { action, instructions_max, fuel })
        }
    }
}

impl Loaded {
    /// Checks, compiles or loads, instantiates and tries the module of a bundle.
    pub(crate) fn new(
        publication: Publication<'_>,
        model: Arc<Model>,
        runtime: &wasmtime::Engine,
        (options, alive): (&Arc<Options>, &Arc<AtomicUsize>),
    ) -> Result<Self, PublishError> {
        let bundle = publication.bundle();
        structure::check(bundle.module(), bundle.manifest(), &options.limits)
            .map_err(PublishError::Structure)?;
        within_budget(bundle, options.limits.fuel)?;
        let failed = |error| PublishError::Runtime(RuntimeError::from(error));
        let module = publication.module(runtime, options)?;
        let module = Linker::new(runtime).instantiate_pre(&module).map_err(failed)?;
        let too_large = || failed(wasmtime::Error::msg("module exceeds the address space"));
        let areas = Areas::new(&bundle.manifest().memory).ok_or_else(too_large)?;
        // A decision that cannot have an instance only says so: the reason is to be seen here.
        let instance = Instance::new(&module, &areas).map_err(failed)?;
        let environments = Environments::new(bundle.gather());
        let loaded = Self {
            contents: Arc::clone(bundle.contents()),
            model,
            environments: environments.ok_or_else(too_large)?,
            module,
            areas,
            expected: Expected::of(bundle.contents(), &options.honours),
            templates: Templates::of(bundle.contents()),
            explain: Explaining::new(bundle.explain()),
            pool: Pool::new(options.limits.pool_instances_max),
            options: Arc::clone(options),
            _alive: Alive::new(alive),
        };
        loaded.try_environments(instance)?;
        Ok(loaded)
    }

    /// What the bundle holds beside the module.
    pub(crate) fn contents(&self) -> &Arc<Contents> {
        &self.contents
    }

    /// Schema and layout.
    pub(crate) fn model(&self) -> &Arc<Model> {
        &self.model
    }

    /// The number of the environment with these indexes.
    pub(crate) fn environment(
        &self,
        action: u32,
        principal_type: u32,
        resource_type: u32,
    ) -> Option<u32> {
        self.environments.find(action, principal_type, resource_type)
    }

    /// The host's parts of an instance's memory.
    pub(crate) fn areas(&self) -> &Areas {
        &self.areas
    }

    /// The templates that grants can bring in.
    pub(crate) fn templates(&self) -> &Templates {
        &self.templates
    }

    /// The module that explains this one.
    pub(crate) fn explaining(&self) -> &Explaining {
        &self.explain
    }

    /// How modules are run.
    pub(crate) fn options(&self) -> &Arc<Options> {
        &self.options
    }

    /// What responses may say.
    pub(crate) fn expected(&self) -> &Expected {
        &self.expected
    }

    /// Whether grants can matter to decisions.
    pub(crate) fn has_templates(&self) -> bool {
        !self.templates.is_empty()
    }

    /// The budget of one decision.
    pub(crate) fn fuel(&self) -> NonZeroU64 {
        self.options.limits.fuel
    }

    /// Whether memory that is to be written is filled first.
    pub(crate) fn poisons_frames(&self) -> bool {
        self.options.poison_frames
    }

    /// Decides all requests of a batch with an instance of the pool.
    pub(crate) fn decide_batch<R: Borrow<Request>>(
        &self,
        batch: &mut Batch<'_, R>,
    ) -> Result<(), DecideError> {
        self.pool.with(
            || self.instance(),
            // Any error that does not leave the instance will do: all decisions are ended.
            |instance| if batch.decide(instance) { Ok(()) } else { Err(DecideError::Instance) },
        )
    }

    /// A new instance.
    pub(crate) fn instance(&self) -> Result<Instance, DecideError> {
        Instance::new(&self.module, &self.areas).map_err(|_| DecideError::Instance)
    }

    /// An instance that nobody uses, or a new one.
    pub(crate) fn take(&self) -> Result<Instance, DecideError> {
        self.pool.take().map_or_else(|| self.instance(), Ok)
    }

    /// Keeps an instance that nobody uses any more, if there is room.
    pub(crate) fn give_back(&self, instance: Instance) {
        self.pool.put(instance);
    }

    /// Encodes, calls and decodes, with an instance of the pool.
    ///
    /// # Errors
    ///
    /// [`DecideError`]; the decision is then to be failed with it.
    pub(crate) fn decide<R: Rows>(
        &self,
        request: &EncodeRequest<'_>,
        rows: &R,
        decision: &mut Decision,
    ) -> Result<(), DecideError> {
        self.pool.with(
            || self.instance(),
            |instance| self.decide_with(instance, request, rows, decision),
        )
    }

    /// Encodes, calls and decodes, with this instance of the module.
    ///
    /// # Errors
    ///
    /// [`DecideError`]; the decision is then to be failed with it, and the instance discarded if
    /// the error does not leave it.
    pub(crate) fn decide_with<R: Rows>(
        &self,
        instance: &mut Instance,
        request: &EncodeRequest<'_>,
        rows: &R,
        decision: &mut Decision,
    ) -> Result<(), DecideError> {
        if self.options.poison_frames {
            instance.poison(&self.areas)?;
        }
        let gather = self.contents.gather();
        let fuel = self.options.limits.fuel;
        let response = instance.decide(&self.areas, fuel, |area, kept| {
            encode_keeping(gather, request, rows, area, kept)
        })?;
        decision.read(response, &self.expected, request.grants)
    }

    /// Decides a request without facts in each environment, with all templates; any verdict will do.
    fn try_environments(&self, mut instance: Instance) -> Result<(), PublishError> {
        let layout: &Layout = self.model.layout();
        let mut decision = Decision::new();
        let trials = (0..).zip(&self.contents.gather().environments);
        for (number, environment) in trials.take(TRIALS_MAX) {
            let action = usize::try_from(environment.action).ok();
            let row = action.and_then(|action| layout.contexts.get(action));
            let size = row.and_then(|row| usize::try_from(row.size).ok()).unwrap_or(0);
            let mut templates = Vec::new();
            for ordinal in &environment.templates {
                set(&mut templates, *ordinal);
            }
            let request = EncodeRequest {
                environment: number,
                principal: Handle::NONE,
                resource: Handle::NONE,
                context: &vec![0; size],
                now: None,
                grants: &templates,
            };
            decision.start(Generation::NONE, Some(&self.contents), None);
            self.decide_with(&mut instance, &request, &NoRows, &mut decision)
                .map_err(|source| PublishError::Trial { environment: number, source })?;
            debug_assert!(!matches!(decision.reason(), Reason::Failed(_)));
        }
        Ok(())
    }
}
