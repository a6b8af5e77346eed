//! The walk over one function's code.

use std::collections::BTreeSet;

use wasmparser::{BinaryReader, BinaryReaderError, FunctionBody, Operator};

use super::{Bound, Costs};
use crate::emit::index;
use crate::emit::intrinsic::Intrinsic;

/// Why a function has no bound: what was noted of it is not what its code does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unbounded {
    /// A loop, or a call whose cost depends on data, has no note or one of another kind.
    Note { offset: usize },
    /// Notes are left when the code ends.
    Rest { notes: usize },
    /// The function called is not known yet, or is given what it does not take.
    Callee(u32),
    /// An instruction that the walk does not know.
    Instruction { offset: usize },
}

impl std::fmt::Display for Unbounded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Note { offset } => write!(f, "nothing bounds the code at byte {offset}"),
            Self::Rest { notes } => write!(f, "{notes} bounds are left over"),
            Self::Callee(function) => write!(f, "nothing bounds a call of function {function}"),
            Self::Instruction { offset } => write!(f, "unknown instruction at byte {offset}"),
        }
    }
}

impl From<BinaryReaderError> for Unbounded {
    fn from(error: BinaryReaderError) -> Self {
        Self::Instruction { offset: error.offset() }
    }
}

impl Costs {
    /// What a call of the function with this body costs at most: one for the call, and one for
    /// each instruction but those that only mark or leave a place.
    pub(super) fn walk(&self, body: &[u8], bounds: &[Bound]) -> Result<u64, Unbounded> {
        let mut operators = FunctionBody::new(BinaryReader::new(body, 0)).get_operators_reader()?;
        let mut walk = Walk::new();
        let mut bounds = bounds.iter();
        while !operators.eof() {
            let (operator, offset) = operators.read_with_offset()?;
            let mut note = || bounds.next().ok_or(Unbounded::Note { offset });
            match operator {
                Operator::Nop | Operator::Drop => {}
                Operator::Block { .. } => walk.enter(Kind::Block),
                Operator::Loop { .. } => match note()? {
                    Bound::Loop(entries) => walk.enter(Kind::Loop { entries: *entries }),
                    Bound::LoopInAll(entries) => walk.enter(Kind::LoopInAll { entries: *entries }),
                    Bound::Call(_) | Bound::Indirect(_) => return Err(Unbounded::Note { offset }),
                },
                Operator::If { .. } => {
                    walk.spend(1);
                    walk.enter(Kind::If);
                }
                Operator::Else => walk.otherwise(),
                Operator::End => walk.end(),
                Operator::Br { relative_depth } => {
                    walk.spend(1);
                    walk.branch(relative_depth);
                    walk.at = None;
                }
                Operator::BrIf { relative_depth } => {
                    walk.spend(1);
                    walk.branch(relative_depth);
                }
                Operator::Return | Operator::Unreachable => {
                    walk.leave(0);
                    walk.at = None;
                }
                Operator::Call { function_index } => {
                    let cost = match Callee::of(function_index) {
                        Callee::Varying(intrinsic) => match note()? {
                            Bound::Call(work) => self.intrinsic(intrinsic, work)?,
                            Bound::Loop(_) | Bound::LoopInAll(_) | Bound::Indirect(_) => {
                                return Err(Unbounded::Note { offset });
                            }
                        },
                        Callee::Fixed(intrinsic) => self.fixed(intrinsic)?,
                        Callee::Function(function) => {
                            self.of(function).ok_or(Unbounded::Callee(function))?
                        }
                    };
                    walk.spend(cost.saturating_add(1));
                }
                Operator::CallIndirect { .. } => {
                    walk.spend(1);
                    let Bound::Indirect(cost) = note()? else {
                        return Err(Unbounded::Note { offset });
                    };
                    walk.in_all = walk.in_all.saturating_add(*cost);
                }
                other if is_plain(&other) => walk.spend(1),
                _other => return Err(Unbounded::Instruction { offset }),
            }
        }
        match bounds.len() {
            0 => Ok(walk.cost()),
            notes => Err(Unbounded::Rest { notes }),
        }
    }

    /// The cost of an intrinsic that does the same for all data.
    fn fixed(&self, intrinsic: Intrinsic) -> Result<u64, Unbounded> {
        let number = intrinsic.index();
        let body = self.intrinsics.get(index(number)).ok_or(Unbounded::Callee(number))?;
        self.walk(body, &[])
    }
}

/// A function that is called.
enum Callee {
    /// Its cost depends on what it is given.
    Varying(Intrinsic),
    /// Its cost does not.
    Fixed(Intrinsic),
    /// Any other.
    Function(u32),
}

impl Callee {
    fn of(function: u32) -> Self {
        let Some(intrinsic) = Intrinsic::ALL.get(index(function)).copied() else {
            return Self::Function(function);
        };
        match intrinsic {
            Intrinsic::Note
            | Intrinsic::NoteHeld
            | Intrinsic::ProductOverflows
            | Intrinsic::InRange
            | Intrinsic::Turn
            | Intrinsic::Less
            | Intrinsic::Same
            | Intrinsic::Step
            | Intrinsic::Midnight
            | Intrinsic::Drift
            | Intrinsic::IsBefore => Self::Fixed(intrinsic),
            Intrinsic::SameString
            | Intrinsic::IsAtMost
            | Intrinsic::SameBytes
            | Intrinsic::HasEntity
            | Intrinsic::HasInt
            | Intrinsic::HasString
            | Intrinsic::Like
            | Intrinsic::Tag
            | Intrinsic::Directory
            | Intrinsic::Dispatch
            | Intrinsic::DispatchSet => Self::Varying(intrinsic),
        }
    }
}

/// Whether an instruction neither branches nor does work of an amount that it is given: of those
/// that modules may have, all but these.
fn is_plain(operator: &Operator<'_>) -> bool {
    !matches!(
        operator,
        Operator::BrTable { .. }
            | Operator::MemoryCopy { .. }
            | Operator::MemoryFill { .. }
            | Operator::MemoryInit { .. }
            | Operator::MemoryGrow { .. }
            | Operator::TableCopy { .. }
            | Operator::TableInit { .. }
    )
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Block,
    If,
    Else,
    Loop { entries: u64 },
    LoopInAll { entries: u64 },
}

/// A block that the walk is in.
struct Frame {
    kind: Kind,
    /// Cost where it begins; absent if it is never reached.
    start: Option<u64>,
    /// Dearest cost of what branches to its end.
    exit: Option<u64>,
    /// For a loop, the dearest way from its start to its end, its start or out of it.
    dearest: u64,
    /// For a loop, the positions of the frames that it is left to by a branch.
    left_to: BTreeSet<usize>,
}

struct Walk {
    /// The function itself, then the blocks around the current place.
    frames: Vec<Frame>,
    /// Dearest way from the start of the innermost loop, else of the function, to the current
    /// place; absent if it cannot be reached.
    at: Option<u64>,
    /// What is done however often the code around it runs.
    in_all: u64,
}

impl Walk {
    fn new() -> Self {
        let mut walk = Self { frames: Vec::new(), at: Some(1), in_all: 0 };
        walk.enter(Kind::Block);
        walk
    }

    fn cost(&self) -> u64 {
        self.at.unwrap_or(0).saturating_add(self.in_all)
    }

    fn spend(&mut self, cost: u64) {
        self.at = self.at.map(|at| at.saturating_add(cost));
    }

    fn enter(&mut self, kind: Kind) {
        let frame =
            Frame { kind, start: self.at, exit: None, dearest: 0, left_to: BTreeSet::new() };
        self.frames.push(frame);
        match kind {
            Kind::Block | Kind::If | Kind::Else => {}
            Kind::Loop { .. } | Kind::LoopInAll { .. } => self.at = self.at.map(|_| 0),
        }
    }

    fn otherwise(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            frame.exit = frame.exit.max(self.at);
            frame.kind = Kind::Else;
            self.at = frame.start;
        }
    }

    fn end(&mut self) {
        let Some(frame) = self.frames.pop() else { return };
        match frame.kind {
            Kind::Block | Kind::Else => self.at = self.at.max(frame.exit),
            Kind::If => self.at = self.at.max(frame.exit).max(frame.start),
            Kind::Loop { entries } => {
                let dearest = frame.dearest.max(self.at.unwrap_or(0));
                self.end_loop(&frame, entries.saturating_mul(dearest));
            }
            Kind::LoopInAll { entries } => {
                let dearest = frame.dearest.max(self.at.unwrap_or(0));
                self.in_all = self.in_all.saturating_add(entries.saturating_mul(dearest));
                self.end_loop(&frame, 0);
            }
        }
    }

    /// However a loop is left, all its rounds count.
    fn end_loop(&mut self, frame: &Frame, rounds: u64) {
        let is_passed = self.at.is_some();
        self.at = frame.start.map(|start| start.saturating_add(rounds));
        for target in &frame.left_to {
            self.leave(*target);
        }
        if !is_passed {
            // It may be left by nothing but the budget's end.
            self.leave(0);
            self.at = None;
        }
    }

    /// A branch to the block that is so many around the innermost one.
    fn branch(&mut self, depth: u32) {
        self.leave((self.frames.len().saturating_sub(1)).saturating_sub(index(depth)));
    }

    /// A branch to the frame at a position: the end of a block, or the start of a loop.
    fn leave(&mut self, target: usize) {
        let Some(at) = self.at else { return };
        let is_loop = |frame: &Frame| match frame.kind {
            Kind::Loop { .. } | Kind::LoopInAll { .. } => true,
            Kind::Block | Kind::If | Kind::Else => false,
        };
        let innermost = self.frames.iter().rposition(is_loop);
        if let Some(position) = innermost.filter(|position| *position >= target)
            && let Some(frame) = self.frames.get_mut(position)
        {
            frame.dearest = frame.dearest.max(at);
            if position > target {
                frame.left_to.insert(target);
            }
        } else if let Some(frame) = self.frames.get_mut(target) {
            frame.exit = frame.exit.max(Some(at));
        }
    }
}
