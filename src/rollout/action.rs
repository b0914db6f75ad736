//! What is done when a signal fails.

use crate::manifest::{ActionSpec, ArtifactKind, Category, RollbackSpec, TrafficWeight};

/// What is done, and whether a person has to do it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedAction {
    /// What.
    pub action: ActionSpec,
    /// Whether relgate does it at once.
    pub automatic: bool,
}

/// Of a failing signal: its own action, else its category's, else the usual.
#[must_use]
pub fn action(
    rollback: &RollbackSpec,
    own: Option<&ActionSpec>,
    category: Category,
    at_full: bool,
) -> PlannedAction {
    let declared = rollback.actions.iter().find(|(of, _)| *of == category).map(|(_, action)| &action.value);
    let action = own.or(declared).cloned().unwrap_or_else(|| usual(category, at_full));
    let automatic = match &rollback.automatic {
        Some(categories) => categories.contains(&category),
        None => !at_full || category == Category::Safety,
    };
    PlannedAction { action, automatic }
}

/// Below full traffic everything takes the candidate's share away; at full traffic it is what the failing part asks for.
fn usual(category: Category, at_full: bool) -> ActionSpec {
    match category {
        Category::Latency if at_full => ActionSpec::Restore(vec![ArtifactKind::Models]),
        Category::Quality if at_full => ActionSpec::Restore(vec![ArtifactKind::Prompts]),
        Category::Cost if at_full => ActionSpec::Throttle(TrafficWeight { per_10000: 5000 }),
        _ => ActionSpec::RollBack,
    }
}

impl PlannedAction {
    /// In words, for people.
    #[must_use]
    pub fn words(&self) -> String {
        let what = match &self.action {
            ActionSpec::RollBack => "roll back to the last good release".to_owned(),
            ActionSpec::Restore(kinds) => {
                let kinds: Vec<&str> = kinds.iter().map(|kind| kind.word()).collect();
                format!("restore the last good {}, and roll back meanwhile", kinds.join(" and "))
            }
            ActionSpec::Throttle(weight) => format!("leave the candidate {weight} at most"),
            ActionSpec::Switch(version) => format!("switch to {version}"),
            ActionSpec::Hold => "hold, and ask a person".to_owned(),
        };
        match (&self.action, self.automatic) {
            (ActionSpec::Hold, _) | (_, true) => what,
            (_, false) => format!("a person runs `relgate rollback`: {what}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn below_full_traffic_all_goes_back_at_once_and_at_full_only_safety_does() {
        let rollback = RollbackSpec::default();
        for category in Category::ALL {
            let below = action(&rollback, None, *category, false);
            assert_eq!(below, PlannedAction { action: ActionSpec::RollBack, automatic: true });
            let full = action(&rollback, None, *category, true);
            assert_eq!(full.automatic, *category == Category::Safety, "{category}");
        }
        let stated = RollbackSpec { automatic: Some(vec![Category::Cost]), ..rollback };
        assert!(!action(&stated, None, Category::Safety, false).automatic);
        assert!(action(&stated, None, Category::Cost, true).automatic);
    }

    #[test]
    fn a_signal_of_its_own_mind_wins_over_its_category() {
        let own = ActionSpec::Hold;
        let told = action(&RollbackSpec::default(), Some(&own), Category::Safety, true);
        assert_eq!(told.action, ActionSpec::Hold);
    }
}
