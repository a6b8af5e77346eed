//! Sorting of lists that are short or sorted seldom: one function for all of them, where the standard library's sorts are
//! some kilobytes of code for each type, a tenth of a gateway's library.

use core::cmp::Ordering;

/// Sorts in place, by a heap; equal elements may change places. Takes O(n log n) comparisons, allocates nothing.
///
/// Less code than [`slice::sort_unstable_by`] and slower: not for long lists on the way of a decision.
pub fn sort_compactly<T>(items: &mut [T], order: impl Fn(&T, &T) -> Ordering) {
    heapsort(&mut Items { items, order });
}

/// What a sort does with a list.
trait List {
    fn len(&self) -> usize;
    fn is_less(&self, a: usize, b: usize) -> bool;
    fn swap(&mut self, a: usize, b: usize);
}

struct Items<'i, T, F> {
    items: &'i mut [T],
    order: F,
}

impl<T, F: Fn(&T, &T) -> Ordering> List for Items<'_, T, F> {
    fn len(&self) -> usize {
        self.items.len()
    }

    fn is_less(&self, a: usize, b: usize) -> bool {
        match (self.items.get(a), self.items.get(b)) {
            (Some(a), Some(b)) => (self.order)(a, b).is_lt(),
            _ => false,
        }
    }

    fn swap(&mut self, a: usize, b: usize) {
        self.items.swap(a, b);
    }
}

fn heapsort(list: &mut dyn List) {
    let len = list.len();
    for root in (0..len / 2).rev() {
        sift(list, root, len);
    }
    for end in (1..len).rev() {
        list.swap(0, end);
        sift(list, 0, end);
    }
}

/// Lets an element sink until none below it, before `end`, is greater.
fn sift(list: &mut dyn List, mut root: usize, end: usize) {
    loop {
        let mut child = 2 * root + 1;
        if child >= end {
            return;
        }
        if child + 1 < end && list.is_less(child, child + 1) {
            child += 1;
        }
        if !list.is_less(root, child) {
            return;
        }
        list.swap(root, child);
        root = child;
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use proptest::prelude::*;

    use super::sort_compactly;

    proptest! {
        #[test]
        fn lists_are_sorted_as_by_the_standard_library(mut list: Vec<u8>) {
            let mut wanted = list.clone();
            wanted.sort_unstable();
            sort_compactly(&mut list, Ord::cmp);
            prop_assert_eq!(list, wanted);
        }
    }
}
