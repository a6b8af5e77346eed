//! Modules that were compiled ahead of time, on another machine, for an engine that does not compile.
//!
//! An artefact holds machine code. What binds it to its bundle, to this version of the engine and to its target keeps
//! mistakes out, not attackers: whoever can write an artefact can run code in the process that loads it. It
//! belongs to what the host trusts as its own program, such as a signed firmware image, and is never part of a bundle.

mod error;
mod head;
#[cfg(feature = "cranelift")]
mod make;
mod target;

use trapkey_bundle::Bundle;
use wasmtime::Module;

use crate::Options;
use crate::runtime::RuntimeError;

pub use error::PrecompiledError;
pub use head::{PRECOMPILED_BYTES_MAX, PrecompiledHead};
#[cfg(feature = "cranelift")]
pub use make::{PrecompileError, precompile};
pub use target::Target;
pub(crate) use target::interprets;

/// The version that artefacts are bound to.
const ENGINE: &str = env!("CARGO_PKG_VERSION");

/// A bundle with the artefact of its module, which somebody has vouched for.
#[derive(Clone, Copy, Debug)]
pub struct Precompiled<'a> {
    // INVARIANT: `payload` was made by `precompile` from the module of `bundle`, by this version of the engine, with
    // the options that `head` states: the caller of `trusted` has vouched for it.
    bundle: &'a Bundle,
    head: PrecompiledHead<'a>,
    payload: &'a [u8],
}

impl<'a> Precompiled<'a> {
    /// Takes `artefact` for the compiled module of `bundle`. It is digested once and copied when it is published.
    ///
    /// # Errors
    ///
    /// [`PrecompiledError`]: in this order the size, the header, its lengths, the digest of the artefact, the version of
    /// the engine and the digest of the bundle. Whether it fits an engine's target and options is seen when it is
    /// published.
    ///
    /// # Safety
    ///
    /// `artefact` is what `precompile` returned, unchanged, or is refused here. Its digest finds damage, not forgery: an
    /// artefact that was made to do harm passes all checks and runs as native code of the host. So it comes from where the
    /// host's own program comes from, and nobody else can write there.
    #[expect(unsafe_code, reason = "an artefact is native code, so only its source can be trusted")]
    pub unsafe fn trusted(
        bundle: &'a Bundle,
        artefact: &'a [u8],
    ) -> Result<Self, PrecompiledError> {
        let (head, payload) = head::split(artefact)?;
        if head.engine != ENGINE {
            let artefact = head.engine.to_owned();
            return Err(PrecompiledError::Engine { artefact, engine: ENGINE });
        }
        if head.bundle != bundle.digest() {
            return Err(PrecompiledError::Bundle {
                artefact: head.bundle,
                bundle: bundle.digest(),
            });
        }
        Ok(Self { bundle, head, payload })
    }

    /// What the artefact says of itself.
    pub fn head(&self) -> &PrecompiledHead<'a> {
        &self.head
    }

    /// The bundle whose module it is.
    pub fn bundle(&self) -> &'a Bundle {
        self.bundle
    }

    /// Whether an engine with these options runs such code.
    pub(crate) fn fits(&self, options: &Options) -> Result<(), PrecompiledError> {
        let engine = Target::of(options);
        if engine != Some(self.head.target) {
            return Err(PrecompiledError::Target { artefact: self.head.target, engine });
        }
        let relies = self.head.signal_handlers;
        let installs = self.head.target.has_signal_handlers(options);
        if relies != installs {
            return Err(PrecompiledError::SignalHandlers { artefact: relies, engine: installs });
        }
        Ok(())
    }

    /// The module, ready to be instantiated. The runtime refuses what another version of it has compiled, or for
    /// another processor.
    #[expect(unsafe_code, reason = "the runtime cannot judge compiled code, so its caller must")]
    pub(crate) fn module(&self, runtime: &wasmtime::Engine) -> Result<Module, RuntimeError> {
        // SAFETY: `payload` is what `Engine::precompile_module` returned, unchanged: the invariant of `Self`.
        let module = unsafe { Module::deserialize(runtime, self.payload) };
        module.map_err(RuntimeError::from)
    }
}
