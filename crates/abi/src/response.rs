//! The response that a module writes: verdict, policies that matched or erred, horizon.

use crate::bytes::{read_u32, read_u64};

/// Offsets in bytes of the parts of a response, and the values of its fields.
pub mod fields {
    /// `u8`: 1 is allow, anything else deny.
    pub const VERDICT: u32 = 0;
    /// `u8`: a [`Reason`](super::Reason).
    pub const REASON: u32 = 1;
    /// `u32`: the `FLAG_` bits.
    pub const FLAGS: u32 = 4;
    /// `u32`: number of entries.
    pub const COUNT: u32 = 8;
    /// `u32`: length of the response in bytes; zero until it is written.
    pub const LENGTH: u32 = 12;
    /// `u64`: for how many milliseconds from the request's instant on the response stays the same
    /// while nothing but time changes: 0 not beyond this instant, [`NEVER_ENDS`] for ever.
    pub const REMAINING: u32 = 16;
    /// The entries, eight bytes each: policy `u32`, class `u8`, error `u8`, place `u16`.
    pub const ENTRIES: u32 = 64;
    /// Bytes of one entry.
    pub const ENTRY: u32 = 8;

    /// The value of [`REMAINING`] that stands for ever.
    pub const NEVER_ENDS: u64 = u64::MAX;

    /// A permit is satisfied.
    pub const FLAG_PERMIT: u32 = 1;
    /// A forbid is satisfied.
    pub const FLAG_FORBID: u32 = 2;
    /// A forbid that might have held erred.
    pub const FLAG_FORBID_ERRED: u32 = 4;
    /// The frame's environment is none of the module's.
    pub const FLAG_BAD_FRAME: u32 = 8;

    /// Class bit: the policy is a forbid.
    pub const CLASS_FORBID: u32 = 1;
    /// Class bit: the policy is observed, not enforced.
    pub const CLASS_OBSERVED: u32 = 2;
    /// Class bit: the policy can never hold in this environment; only its error counts.
    pub const CLASS_NEVER: u32 = 4;
}

/// Why the verdict is what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// A permit is satisfied and nothing stands against it.
    Permitted,
    /// At least one forbid is satisfied.
    Forbidden,
    /// No permit is satisfied.
    NotPermitted,
    /// No forbid is satisfied, but one that might have held erred.
    ForbidErred,
    /// The module does not know the frame's request environment.
    UnknownEnvironment,
}

impl Reason {
    /// The value in a response.
    pub const fn code(self) -> u8 {
        match self {
            Self::Permitted => 1,
            Self::Forbidden => 2,
            Self::NotPermitted => 3,
            Self::ForbidErred => 4,
            Self::UnknownEnvironment => 5,
        }
    }

    /// The reason whose value is `code`.
    #[inline]
    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::Permitted),
            2 => Some(Self::Forbidden),
            3 => Some(Self::NotPermitted),
            4 => Some(Self::ForbidErred),
            5 => Some(Self::UnknownEnvironment),
            _ => None,
        }
    }
}

/// Why evaluating a policy failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum EvalError {
    /// An attribute or tag of an entity that does not exist.
    EntityMissing,
    /// Integer arithmetic left the range of 64 bits.
    Overflow,
    /// A datetime or duration left the range of 64 bits.
    Extension,
}

impl EvalError {
    /// The value in a response.
    pub const fn code(self) -> u8 {
        match self {
            Self::EntityMissing => 1,
            Self::Overflow => 2,
            Self::Extension => 3,
        }
    }

    /// The error whose value is `code`.
    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::EntityMissing),
            2 => Some(Self::Overflow),
            3 => Some(Self::Extension),
            _ => None,
        }
    }
}

/// Effect and stage of a policy in a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EntryClass {
    /// Whether the policy is a forbid.
    pub is_forbid: bool,
    /// Whether it is observed, not enforced.
    pub is_observed: bool,
    /// Whether it can never hold in this environment.
    pub is_never: bool,
}

/// One policy of a response: satisfied, or erred.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Index of the policy in the manifest.
    pub policy: u32,
    /// Its effect and stage.
    pub class: EntryClass,
    /// Why and at which of the policy's places it erred; absent if it is satisfied.
    pub error: Option<(EvalError, u16)>,
}

/// A response read from a module's memory, checked for its bounds.
#[derive(Clone, Copy, Debug)]
pub struct Response<'a> {
    // INVARIANT: `bytes` holds the fixed part and `count` entries.
    bytes: &'a [u8],
    count: u32,
    reason: Reason,
    remaining: u64,
}

/// Why a response cannot be read; a host that sees one denies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResponseError {
    /// The area is shorter than the response says.
    Truncated,
    /// The module wrote no response.
    Missing,
    /// A field holds a value that the contract does not define.
    Undefined,
    /// Verdict, reason and flags contradict each other.
    Inconsistent,
}

impl core::fmt::Display for ResponseError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Truncated => "response is longer than its area",
            Self::Missing => "the module wrote no response",
            Self::Undefined => "response holds an undefined value",
            Self::Inconsistent => "verdict and reason of the response contradict each other",
        })
    }
}

impl core::error::Error for ResponseError {}

impl<'a> Response<'a> {
    /// Reads the response at the start of `bytes`.
    ///
    /// # Errors
    ///
    /// [`ResponseError`] if it breaks the contract.
    #[inline]
    pub fn read(bytes: &'a [u8]) -> Result<Self, ResponseError> {
        let length = field(bytes, fields::LENGTH)?;
        if length == 0 {
            return Err(ResponseError::Missing);
        }
        let count = field(bytes, fields::COUNT)?;
        let wanted = count
            .checked_mul(fields::ENTRY)
            .and_then(|entries| entries.checked_add(fields::ENTRIES))
            .ok_or(ResponseError::Truncated)?;
        if wanted > length {
            return Err(ResponseError::Truncated);
        }
        let bytes = usize::try_from(length)
            .ok()
            .and_then(|length| bytes.get(..length))
            .ok_or(ResponseError::Truncated)?;
        let &[verdict, reason, ..] = bytes else {
            return Err(ResponseError::Truncated);
        };
        let reason = Reason::from_code(reason).ok_or(ResponseError::Undefined)?;
        if (verdict == 1) != (reason == Reason::Permitted) || verdict > 1 {
            return Err(ResponseError::Inconsistent);
        }
        let remaining = usize::try_from(fields::REMAINING).ok();
        let remaining = remaining.and_then(|at| read_u64(bytes, at));
        let remaining = remaining.ok_or(ResponseError::Truncated)?;
        Ok(Self { bytes, count, reason, remaining })
    }

    /// Whether the verdict is allow.
    pub fn is_allow(&self) -> bool {
        self.reason == Reason::Permitted
    }

    /// Why the verdict is what it is.
    #[inline]
    pub fn reason(&self) -> Reason {
        self.reason
    }

    /// For how many milliseconds from the request's instant on the response stays the same while
    /// nothing but time changes: 0 not beyond this instant, [`fields::NEVER_ENDS`] for ever.
    #[inline]
    pub fn remaining(&self) -> u64 {
        self.remaining
    }

    /// Number of entries.
    #[inline]
    pub fn count(&self) -> u32 {
        self.count
    }

    /// The policies that are satisfied or erred, in the module's order.
    ///
    /// # Errors
    ///
    /// Each item is [`ResponseError::Undefined`] if its error is none that the contract defines.
    #[inline]
    pub fn entries(&self) -> impl Iterator<Item = Result<Entry, ResponseError>> + use<'a> {
        self.words().map(Entry::from_word)
    }

    /// The entries as they are in the response, each a little-endian number.
    #[inline]
    pub fn words(&self) -> impl Iterator<Item = u64> + use<'a> {
        let first = usize::try_from(fields::ENTRIES).unwrap_or(usize::MAX);
        let count = usize::try_from(self.count).unwrap_or(usize::MAX);
        // By the invariant all of them are there.
        let entries = self.bytes.get(first..).unwrap_or_default().as_chunks().0;
        entries.iter().take(count).map(|entry| u64::from_le_bytes(*entry))
    }
}

impl Entry {
    /// Reads an entry.
    ///
    /// # Errors
    ///
    /// [`ResponseError::Undefined`] if its error is none that the contract defines.
    pub fn from_word(word: u64) -> Result<Self, ResponseError> {
        let [p0, p1, p2, p3, class, error, place @ ..] = word.to_le_bytes();
        let class = u32::from(class);
        let error = match error {
            0 => None,
            code => {
                let error = EvalError::from_code(code).ok_or(ResponseError::Undefined)?;
                Some((error, u16::from_le_bytes(place)))
            }
        };
        Ok(Self {
            policy: u32::from_le_bytes([p0, p1, p2, p3]),
            class: EntryClass {
                is_forbid: class & fields::CLASS_FORBID != 0,
                is_observed: class & fields::CLASS_OBSERVED != 0,
                is_never: class & fields::CLASS_NEVER != 0,
            },
            error,
        })
    }
}

#[inline]
fn field(bytes: &[u8], at: u32) -> Result<u32, ResponseError> {
    usize::try_from(at).ok().and_then(|at| read_u32(bytes, at)).ok_or(ResponseError::Truncated)
}
