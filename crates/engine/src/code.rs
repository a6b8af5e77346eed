//! Where the native code of a module comes from: it is compiled here, or was compiled before.

use trapkey_bundle::Bundle;
use wasmtime::Module;

use crate::{Options, Precompiled, PublishError};

/// What an engine publishes. Made from a reference to a [`Bundle`] or to a [`Precompiled`].
#[derive(Clone, Copy, Debug)]
pub enum Publication<'a> {
    /// A bundle, whose module the engine compiles.
    Bundle(&'a Bundle),
    /// A bundle whose module was compiled ahead of time.
    Precompiled(&'a Precompiled<'a>),
}

impl<'a> Publication<'a> {
    /// The bundle.
    pub fn bundle(self) -> &'a Bundle {
        match self {
            Self::Bundle(bundle) => bundle,
            Self::Precompiled(precompiled) => precompiled.bundle(),
        }
    }

    /// The module, ready to be instantiated.
    pub(crate) fn module(
        self,
        runtime: &wasmtime::Engine,
        options: &Options,
    ) -> Result<Module, PublishError> {
        match self {
            Self::Bundle(bundle) => compile(bundle, runtime, options),
            Self::Precompiled(precompiled) => {
                precompiled.fits(options).map_err(PublishError::Precompiled)?;
                precompiled.module(runtime).map_err(PublishError::Runtime)
            }
        }
    }
}

impl<'a> From<&'a Bundle> for Publication<'a> {
    fn from(bundle: &'a Bundle) -> Self {
        Self::Bundle(bundle)
    }
}

impl<'a> From<&'a Precompiled<'a>> for Publication<'a> {
    fn from(precompiled: &'a Precompiled<'a>) -> Self {
        Self::Precompiled(precompiled)
    }
}

#[cfg(feature = "cranelift")]
fn compile(
    bundle: &Bundle,
    runtime: &wasmtime::Engine,
    options: &Options,
) -> Result<Module, PublishError> {
    if !options.compiler {
        return Err(PublishError::NoCompiler);
    }
    let module = Module::from_binary(runtime, bundle.module());
    module.map_err(|error| PublishError::Runtime(error.into()))
}

#[cfg(not(feature = "cranelift"))]
fn compile(_: &Bundle, _: &wasmtime::Engine, _: &Options) -> Result<Module, PublishError> {
    Err(PublishError::NoCompiler)
}
