//! What an undo wrote anew: operations whose effect stands again under another id.

use automerge::legacy::OpId;

use crate::limits::RENEWED_MAX;

/// So many operations of one change, from `old` on, stand again as those from `new` on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) old: OpId,
    pub(super) new: OpId,
    pub(super) length: u64,
}

/// The operations that stand again, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Renewed {
    pub(super) runs: Vec<Run>,
}

impl Renewed {
    /// What `old` wrote stands again by `new`.
    pub(super) fn renew(&mut self, old: &OpId, new: &OpId) {
        if let Some(run) = self.runs.last_mut()
            && run.old.delta(old, run.length)
            && run.new.delta(new, run.length)
        {
            run.length += 1;
            return;
        }
        if self.runs.len() == RENEWED_MAX {
            self.runs.remove(0);
        }
        self.runs.push(Run { old: old.clone(), new: new.clone(), length: 1 });
    }

    /// The operation by which what `id` wrote stands now: itself, unless it was taken back and written anew.
    pub(super) fn now(&self, id: &OpId) -> OpId {
        let mut now = id.clone();
        for Run { old, new, length } in &self.runs {
            let offset = now.0.checked_sub(old.0).filter(|offset| offset < length);
            if let Some(offset) = offset.filter(|_| now.1 == old.1) {
                now = new.increment_by(offset);
            }
        }
        now
    }
}
