//! How deep an expression nests, from its tokens: an upper bound on the depth of its tree.

/// How tightly an operator binds, loosest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Binding {
    Or,
    And,
    Relation,
    Sum,
    Product,
    /// Prefixes, attributes, calls.
    Member,
}

const BINDINGS: usize = 6;

/// What a frame of the nesting is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Group {
    /// All that is between two brackets, or a whole policy.
    Bracket,
    /// An `if` before its `then`.
    Test,
    /// An `if` between its `then` and its `else`.
    Then,
    /// An `if` after its `else`.
    Else,
}

/// One group that is open, and the depth of what it holds so far.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) group: Group,
    /// Offset in bytes at which it begins.
    pub(super) start: usize,
    /// Separators so far.
    pub(super) separators: usize,
    /// Attributes and methods of the chain that is being read.
    pub(super) members: usize,
    /// Most of them in one chain before.
    longest: usize,
    /// Whether the group can begin a chain, as arguments of a call do not.
    pub(super) begins_chain: bool,
    /// Whether something stands after the last separator.
    pub(super) is_open: bool,
    /// Per binding, operators of the chain that is being read.
    chain: [usize; BINDINGS],
    /// Per binding, depth of the deepest operand of that chain that is complete.
    operand: [usize; BINDINGS],
    /// Depth of the deepest group in the operand that is being read.
    inner: usize,
    /// Depth of the deepest element before the last separator.
    element: usize,
}

impl Frame {
    pub(super) fn new(group: Group, start: usize) -> Self {
        Self {
            group,
            start,
            separators: 0,
            members: 0,
            longest: 0,
            begins_chain: group != Group::Bracket,
            is_open: false,
            chain: [0; BINDINGS],
            operand: [0; BINDINGS],
            inner: 0,
            element: 0,
        }
    }

    /// Reads an operator that adds `weight` levels above its operands.
    pub(super) fn operator(&mut self, binding: Binding, weight: usize) {
        let level = position(binding);
        let depth = self.fold(level + 1);
        if let (Some(operand), Some(chain)) =
            (self.operand.get_mut(level), self.chain.get_mut(level))
        {
            *operand = depth.max(*operand);
            *chain += weight;
        }
    }

    /// Reads a group that is complete.
    pub(super) fn group(&mut self, mut group: Self) {
        let depth = group.depth();
        if group.begins_chain {
            self.members = self.members.saturating_add(group.longest);
        }
        self.inner = self.inner.max(depth.saturating_add(1));
    }

    /// Reads the end of an element.
    pub(super) fn separator(&mut self) {
        self.separators += 1;
        self.is_open = false;
        self.element = self.depth();
    }

    /// Depth of all that was read; ends the element.
    pub(super) fn depth(&mut self) -> usize {
        self.fold(0).max(self.element)
    }

    /// Depth of the chains at least as tight as `level`, which end here.
    fn fold(&mut self, level: usize) -> usize {
        if level < BINDINGS {
            self.longest = self.longest.max(std::mem::take(&mut self.members));
        }
        let mut depth = std::mem::take(&mut self.inner);
        let chains = self.chain.iter_mut().zip(&mut self.operand).skip(level).rev();
        for (chain, operand) in chains {
            let deepest = std::mem::take(operand).max(depth);
            depth = deepest.saturating_add(std::mem::take(chain));
        }
        depth
    }
}

fn position(binding: Binding) -> usize {
    match binding {
        Binding::Or => 0,
        Binding::And => 1,
        Binding::Relation => 2,
        Binding::Sum => 3,
        Binding::Product => 4,
        Binding::Member => 5,
    }
}
