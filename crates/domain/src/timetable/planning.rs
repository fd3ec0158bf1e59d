//! What is to be done so that a series has the sessions that it should have.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};

use super::Meeting;
use crate::id::SessionId;

/// A session that a series has.
#[derive(Debug, Clone, PartialEq)]
pub struct Existing {
    /// The session.
    pub id: SessionId,
    /// The day of the series that it is for, whenever it is held.
    pub day: NaiveDate,
    /// When it is meant to begin.
    pub starts_at: DateTime<Utc>,
    /// What the series last made of it; `None` where that is not to be read off.
    pub meeting: Option<Meeting>,
    /// Whether it is still only planned.
    pub is_scheduled: bool,
    /// Whether somebody changed it by hand.
    pub is_edited: bool,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Plan {
    /// Sessions to be made.
    pub make: Vec<(NaiveDate, Meeting)>,
    /// Sessions to be changed.
    pub change: Vec<(SessionId, Meeting)>,
    /// Sessions to be cancelled.
    pub cancel: Vec<SessionId>,
}

impl Plan {
    /// Whether nothing is to be done.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.make.is_empty() && self.change.is_empty() && self.cancel.is_empty()
    }
}

/// What turns the sessions that a series has into those that are wanted, at `now`.
///
/// Only what is still to come is touched: a session that has begun, or should have, stays, and none is made for a time that
/// has passed. What somebody changed by hand stays as it is, unless its day is wanted no more.
#[must_use]
pub fn plan(wanted: &BTreeMap<NaiveDate, Meeting>, existing: &[Existing], now: DateTime<Utc>) -> Plan {
    let mut plan = Plan::default();
    for session in existing.iter().filter(|session| session.is_scheduled && session.starts_at > now) {
        match wanted.get(&session.day) {
            None => plan.cancel.push(session.id),
            Some(meeting) if !session.is_edited && session.meeting.as_ref() != Some(meeting) => {
                plan.change.push((session.id, *meeting));
            }
            Some(_) => {}
        }
    }
    let taken: HashSet<NaiveDate> = existing.iter().map(|session| session.day).collect();
    let missing = wanted.iter().filter(|(day, meeting)| meeting.starts_at > now && !taken.contains(day));
    plan.make = missing.map(|(day, meeting)| (*day, *meeting)).collect();
    plan
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
    use proptest::prelude::*;

    use super::{Existing, Plan, plan};
    use crate::id::Id;
    use crate::policy::CoursePolicy;
    use crate::timetable::Meeting;

    fn day(number: u8) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 9, 1).expect("a day") + TimeDelta::days(number.into())
    }

    fn at(number: u8, hour: u8) -> DateTime<Utc> {
        day(number).and_hms_opt(hour.into(), 0, 0).expect("a time").and_utc()
    }

    fn meeting(number: u8, hour: u8) -> Meeting {
        let starts_at = at(number, hour);
        let ends_at = starts_at + TimeDelta::hours(1);
        Meeting { starts_at, ends_at, policy: CoursePolicy::default(), automatic: false }
    }

    fn existing(number: u8, hour: u8, is_scheduled: bool, is_edited: bool) -> Existing {
        let meeting = meeting(number, hour);
        let (id, starts_at) = (Id::new(), meeting.starts_at);
        Existing { id, day: day(number), starts_at, meeting: Some(meeting), is_scheduled, is_edited }
    }

    /// The sessions after the plan was carried out.
    fn carried_out(plan: &Plan, mut sessions: Vec<Existing>) -> Vec<Existing> {
        sessions.retain(|session| !plan.cancel.contains(&session.id));
        for (id, meeting) in &plan.change {
            let changed = sessions.iter_mut().find(|session| session.id == *id).expect("a session that is there");
            (changed.starts_at, changed.meeting) = (meeting.starts_at, Some(*meeting));
        }
        for (day, meeting) in &plan.make {
            let (id, starts_at) = (Id::new(), meeting.starts_at);
            let meeting = Some(*meeting);
            let made = Existing { id, day: *day, starts_at, meeting, is_scheduled: true, is_edited: false };
            sessions.push(made);
        }
        sessions
    }

    #[test]
    fn what_has_begun_and_what_was_changed_by_hand_stays() {
        let wanted: BTreeMap<_, _> = (0..6).map(|number| (day(number), meeting(number, 9))).collect();
        let (past, missed) = (existing(0, 8, false, false), existing(1, 8, true, false));
        let (stale, edited) = (existing(3, 8, true, false), existing(4, 8, true, true));
        let (gone, kept) = (existing(9, 8, true, true), existing(8, 8, false, false));
        let sessions = [past, missed, stale.clone(), edited, gone.clone(), kept];
        let found = plan(&wanted, &sessions, at(2, 9));
        assert_eq!(found.make, [(day(5), meeting(5, 9))], "not that of this very moment");
        assert_eq!(found.change, [(stale.id, meeting(3, 9))]);
        assert_eq!(found.cancel, [gone.id]);
    }

    proptest! {
        #[test]
        fn a_plan_that_was_carried_out_leaves_nothing_to_do(
            wanted in prop::collection::btree_map(0u8..20, 0u8..24, 0..12),
            sessions in prop::collection::btree_map(0u8..20, (0u8..24, any::<bool>(), any::<bool>()), 0..12),
            now in (0u8..20, 0u8..24),
        ) {
            let now = at(now.0, now.1);
            let wanted: BTreeMap<_, _> =
                wanted.into_iter().map(|(number, hour)| (day(number), meeting(number, hour))).collect();
            let sessions: Vec<_> = sessions
                .into_iter()
                .map(|(number, (hour, scheduled, edited))| existing(number, hour, scheduled, edited))
                .collect();
            let first = plan(&wanted, &sessions, now);
            let after = carried_out(&first, sessions.clone());
            prop_assert!(plan(&wanted, &after, now).is_empty());
            let days: BTreeSet<_> = after.iter().map(|session| session.day).collect();
            prop_assert_eq!(days.len(), after.len(), "one session a day");
            for session in sessions.iter().filter(|session| !session.is_scheduled || session.starts_at <= now) {
                prop_assert!(after.contains(session), "what has begun stays");
            }
        }
    }
}
