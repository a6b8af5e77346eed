//! Every bound of the compiler on what it is given and on what it makes, and the stack it runs on.
//!
//! Sources are counted before Cedar's parser reads them, schemas before their types are put
//! together, conditions while they are lowered. A source over a limit is refused with the place,
//! the size and the limit.

mod nesting;
mod policies;
mod schema;
mod tokens;

use crate::diagnostic::CompileError;

pub(crate) use policies::check_policies;
pub(crate) use schema::{check_fragment, check_schema};

/// Bytes of policy text that are read; larger sources are refused before parsing.
pub const POLICY_BYTES_MAX: usize = 32 * 1024 * 1024;

/// Bytes of schema text that are read; larger sources are refused before parsing.
pub const SCHEMA_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Bytes of a text of links that are read; larger ones are refused before parsing.
pub const LINK_BYTES_MAX: usize = 32 * 1024 * 1024;

/// Policies, templates and links in one set; twice what the largest measured set needs.
pub const POLICIES_MAX: usize = 100_000;

/// Brackets inside one another in a policy: written policies use five.
///
/// Each costs Cedar's parser a dozen calls.
pub const POLICY_NESTING_MAX: usize = 256;

/// Operations inside one another in a policy's condition, a bracket and an `if` counting as one.
///
/// `a && b && c` nests to the left, so this is also the longest chain. Generated policies chain a
/// thousand; what is longer is a set or several policies.
pub const POLICY_DEPTH_MAX: usize = 2_048;

/// Attributes and methods in one chain, as `a.b.c` or `a has b.c`: each is looked up through all
/// that come before it.
pub const MEMBERS_MAX: usize = 64;

/// Elements of one set literal, fields of one record literal, arguments of one call.
pub const LITERAL_ELEMENTS_MAX: usize = 32_768;

/// Bytes of one string literal, escapes as written: a frame holds no longer string.
pub const LITERAL_BYTES_MAX: usize = 65_536;

/// Bytes of one pattern of `like`, escapes as written: matching costs its length times the text's.
pub const PATTERN_BYTES_MAX: usize = 4_096;

/// Bytes of one identifier, in policies and schemas.
pub const NAME_BYTES_MAX: usize = 1_024;

/// Identifiers in one name with its namespaces, in policies and schemas.
pub const NAME_PARTS_MAX: usize = 64;

/// Annotations of one policy.
pub const ANNOTATIONS_MAX: usize = 256;

/// Brackets inside one another in a schema, in either form; the reader of JSON goes to 127.
pub const SCHEMA_NESTING_MAX: usize = 120;

/// Records and sets inside one another in an attribute, common types resolved.
///
/// JSON for entities and requests goes 64 levels deep, five of them outside of attributes.
pub const TYPE_DEPTH_MAX: usize = 56;

/// Entity types of one schema.
pub const ENTITY_TYPES_MAX: usize = 4_096;

/// Actions and action groups of one schema; the largest measured has under a hundred.
pub const ACTIONS_MAX: usize = 4_096;

/// Attributes, presences, tags and ancestor types of one entity type or context, nested ones and
/// common types included: what a bundle may hold.
pub const ROW_KEYS_MAX: usize = 1 << 12;

/// The same for a whole schema.
pub const SCHEMA_KEYS_MAX: usize = 1 << 17;

/// Request environments: pairs of a principal's and a resource's type, over all actions.
pub const ENVIRONMENTS_MAX: usize = 1 << 16;

/// Policies times request environments: each pair is typed, which takes microseconds even where
/// the scope excludes it.
pub const CHECKS_MAX: usize = 20_000_000;

/// Operations that one condition may be lowered to, 64 bytes of constants counting as one; far
/// above what a reader can follow.
pub const CONDITION_SIZE_MAX: usize = 65_536;

/// Operations of all distinct conditions of a module: at most about a gigabyte while it is
/// compiled.
pub const PROGRAM_SIZE_MAX: usize = 8_000_000;

/// Operations lowered in all request environments together, equal conditions included: about a
/// minute.
pub const LOWERING_SIZE_MAX: usize = 128_000_000;

/// Candidates of all distinct lists of a module: a policy counts once in each environment that it
/// may matter in, unless another environment has the same candidates. Each is some twenty bytes.
pub const CANDIDATES_MAX: usize = 2_000_000;

/// Functions of a module. Engines refuse more than 1,000,000.
pub const FUNCTIONS_MAX: usize = 500_000;

/// Entities that conditions reach, by the way they are reached: each takes four bytes of every
/// frame, which has 64 KiB.
pub const PATHS_MAX: usize = 8_192;

/// Bytes of one function's body. Engines refuse more than 7,654,321, and optimise a function of
/// this size in a few seconds.
pub const FUNCTION_BYTES_MAX: usize = 512 * 1024;

/// Variables of one function. Engines refuse more than 50,000; each may take eight bytes of a
/// stack that an engine bounds by 128 KiB.
pub const FUNCTION_LOCALS_MAX: usize = 2_048;

/// Bytes of a module, as many as fit a bundle beside its head.
pub const MODULE_BYTES_MAX: usize = 63 * 1024 * 1024;

/// Pages of 64 KiB of a module's memory: 256 MiB, for constants and for one response that names
/// every policy.
pub const MEMORY_PAGES_MAX: u32 = 4_096;

/// Stack for the recursion of parser, checker and lowering.
///
/// The address space is reserved, and used as deep as the sources go: with the limits above under
/// half of it even where nothing is optimised.
const STACK_BYTES: usize = 256 * 1024 * 1024;

/// Runs `work` on a stack of its own, so that limits do not depend on the caller's.
pub(crate) fn on_own_stack<T>(work: impl FnOnce() -> T) -> T {
    stacker::grow(STACK_BYTES, work)
}

/// "`what` has `len` `unit`, the limit is `max`".
pub(crate) fn over(what: &str, len: usize, unit: &str, max: usize) -> String {
    format!("{what} has {len} {unit}, the limit is {max}")
}

/// Refuses what is over its limit as a whole, where no place in the sources is to blame.
pub(crate) fn within(
    what: &'static str,
    len: usize,
    unit: &'static str,
    max: usize,
) -> Result<(), CompileError> {
    if len > max { Err(CompileError::TooLarge { what, unit, len, max }) } else { Ok(()) }
}
