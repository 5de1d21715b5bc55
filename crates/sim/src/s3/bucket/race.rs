//! Conditional writes that are under way, and what was deleted under them.
//!
//! A conditional write whose key was deleted while its body came in is a conflict, as AWS documents it.

use crate::s3::names::Key;

/// The conditional writes of a bucket.
#[derive(Debug, Clone, Default)]
pub(in crate::s3) struct Racing {
    writes: Vec<(u64, Key, bool)>,
    begun: u64,
}

impl Racing {
    /// Notes that a conditional write of `key` has begun, and answers its number.
    pub(in crate::s3) fn begin(&mut self, key: &Key) -> u64 {
        self.begun += 1;
        self.writes.push((self.begun, key.clone(), false));
        self.begun
    }

    /// Notes that `key` was deleted.
    pub(super) fn deleted(&mut self, key: &Key) {
        self.writes.iter_mut().filter(|(_, written, _)| written == key).for_each(|(_, _, lost)| *lost = true);
    }

    /// Forgets a write, and says whether its key was deleted meanwhile.
    pub(in crate::s3) fn end(&mut self, number: u64) -> bool {
        let found = self.writes.iter().position(|(given, _, _)| *given == number);
        found.is_some_and(|index| self.writes.swap_remove(index).2)
    }
}
