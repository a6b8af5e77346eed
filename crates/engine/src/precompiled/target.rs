//! The machines that modules are compiled for ahead of time.

use std::fmt;
use std::str::FromStr;

use super::PrecompiledError;
use crate::Options;

/// A machine that modules are compiled for ahead of time: native code for Linux, or portable code for the interpreter.
///
/// Native code asks for no more than the architecture's baseline. It does not depend on the C library.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Target {
    /// 64-bit x86.
    X86_64,
    /// 64-bit Arm.
    Aarch64,
    /// 64-bit RISC-V with the general-purpose extensions and compressed instructions.
    Riscv64,
    /// The interpreter on little-endian machines with 32-bit pointers.
    Pulley32,
    /// The interpreter on little-endian machines with 64-bit pointers.
    Pulley64,
}

/// What this machine runs natively; none where there is no back end or no target for it.
const NATIVE: Option<Target> = if cfg!(not(target_os = "linux")) {
    None
} else if cfg!(target_arch = "x86_64") {
    Some(Target::X86_64)
} else if cfg!(target_arch = "aarch64") {
    Some(Target::Aarch64)
} else if cfg!(target_arch = "riscv64") {
    Some(Target::Riscv64)
} else {
    None
};

/// What the interpreter runs on this machine.
const INTERPRETED: Option<Target> = if cfg!(target_endian = "big") {
    None
} else if cfg!(target_pointer_width = "32") {
    Some(Target::Pulley32)
} else {
    Some(Target::Pulley64)
};

/// Whether the runtime has a native back end for this machine, in another operating system than Linux too.
const HAS_NATIVE_CODE: bool = cfg!(any(
    target_arch = "x86_64",
    target_arch = "aarch64",
    target_arch = "riscv64",
    target_arch = "s390x"
));

impl Target {
    /// All targets.
    pub const ALL: [Self; 5] =
        [Self::X86_64, Self::Aarch64, Self::Riscv64, Self::Pulley32, Self::Pulley64];

    /// The name that toolchains know it by.
    pub const fn triple(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64-unknown-linux-gnu",
            Self::Aarch64 => "aarch64-unknown-linux-gnu",
            Self::Riscv64 => "riscv64gc-unknown-linux-gnu",
            Self::Pulley32 => "pulley32",
            Self::Pulley64 => "pulley64",
        }
    }

    /// What an engine with these options runs; `None` if nothing is compiled for it ahead of time.
    pub fn of(options: &Options) -> Option<Self> {
        if interprets(options) { INTERPRETED } else { NATIVE }
    }

    /// Whether the interpreter runs its code.
    pub const fn is_interpreted(self) -> bool {
        match self {
            Self::Pulley32 | Self::Pulley64 => true,
            Self::X86_64 | Self::Aarch64 | Self::Riscv64 => false,
        }
    }

    /// Whether code for it relies on signal handlers under these options: interpreted code never does.
    pub(crate) const fn has_signal_handlers(self, options: &Options) -> bool {
        options.signal_handlers && !self.is_interpreted()
    }

    /// The names of all targets.
    pub(crate) fn list() -> String {
        let names = Self::ALL.map(|target| format!("`{target}`"));
        names.join(", ")
    }
}

/// Whether an engine with these options interprets its modules.
pub(crate) const fn interprets(options: &Options) -> bool {
    options.interpreter || !HAS_NATIVE_CODE
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.triple())
    }
}

impl FromStr for Target {
    type Err = PrecompiledError;

    /// Reads the name of a target; `musl` at its end is taken for `gnu`.
    fn from_str(text: &str) -> Result<Self, PrecompiledError> {
        let is_named = |target: &Self| {
            let name = target.triple();
            let musl = name.strip_suffix("gnu").zip(text.strip_suffix("musl"));
            name == text || musl.is_some_and(|(name, text)| name == text)
        };
        let found = Self::ALL.into_iter().find(is_named);
        found.ok_or_else(|| PrecompiledError::UnknownTarget { text: text.to_owned() })
    }
}
