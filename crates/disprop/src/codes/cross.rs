//! Labels that cross an ethnic group with a further characteristic.

use super::labels;
use super::recognise::strip_end;
use super::{Ethnicity, Recognised};

/// Sex, in a label that crosses it with ethnicity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sex {
    /// "Female", "Girls".
    Female,
    /// "Male", "Boys".
    Male,
}

/// The parts of a label that names a group and a further characteristic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cross {
    /// What is left of the label, to be recognised in turn.
    pub group: String,
    /// Sex, where the label names it.
    pub sex: Option<Sex>,
    /// Whether eligible for free school meals, where the label says so.
    pub fsm_eligible: Option<bool>,
}

/// Endings that name a further characteristic.
const CROSSES: [(&str, Option<Sex>, Option<bool>); 10] = [
    ("and gender female", Some(Sex::Female), None),
    ("and gender male", Some(Sex::Male), None),
    ("female", Some(Sex::Female), None),
    ("male", Some(Sex::Male), None),
    ("girls", Some(Sex::Female), None),
    ("boys", Some(Sex::Male), None),
    // "Eligable" is how the level 2 and 3 by 19 file spells it.
    ("and fsm status not eligable", None, Some(false)),
    ("and fsm status not eligible", None, Some(false)),
    ("and fsm status eligable", None, Some(true)),
    ("and fsm status eligible", None, Some(true)),
];

impl Ethnicity {
    /// Returns the parts of a label that crosses an ethnic group with sex or free school meals.
    ///
    /// [`recognise`](Self::recognise) reports such labels as [`Recognised::Crossed`], since their rows are contained in
    /// the group's own; this takes them apart for whoever wants those rows.
    ///
    /// # Returns None when
    /// nothing is crossed, or what is left is no known group.
    ///
    /// # Example: exclusions by ethnicity and gender
    /// ```
    /// use disprop::codes::{Ethnicity, Recognised, Sex};
    /// let set = Ethnicity::default();
    /// let cross = set.cross("Ethnicity Minor Black Caribbean Male").unwrap();
    /// assert_eq!(cross.sex, Some(Sex::Male));
    /// assert_eq!(set.classify(&cross.group), Recognised::Main("BCRB"));
    /// assert_eq!(set.cross("Gender_male"), None);
    /// ```
    pub fn cross(&self, raw: &str) -> Option<Cross> {
        if raw.len() > labels::LONGEST {
            return None;
        }
        let mut cross = Cross {
            group: labels::key(raw),
            sex: None,
            fsm_eligible: None,
        };
        while let Some((end, sex, fsm)) = CROSSES
            .iter()
            .find(|(end, ..)| strip_end(&cross.group, end).is_some())
        {
            if (sex.is_some() && cross.sex.is_some())
                || (fsm.is_some() && cross.fsm_eligible.is_some())
            {
                return None;
            }
            cross.group = strip_end(&cross.group, end)?.to_owned();
            cross.sex = cross.sex.or(*sex);
            cross.fsm_eligible = cross.fsm_eligible.or(*fsm);
        }
        let crossed = cross.sex.is_some() || cross.fsm_eligible.is_some();
        let known = self.label_meaning(&cross.group, None) != Recognised::Unknown;
        (crossed && known).then_some(cross)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes::Major;

    #[test]
    fn a_cross_is_taken_apart_and_never_read_as_its_group() {
        let set = Ethnicity::default();
        let raw = "Ethnicity Major White and FSM Status Not Eligable and Gender Female";
        assert_eq!(set.classify(raw), Recognised::Crossed);
        let cross = set.cross(raw).unwrap();
        assert_eq!(
            (cross.sex, cross.fsm_eligible),
            (Some(Sex::Female), Some(false))
        );
        assert_eq!(set.classify(&cross.group), Recognised::Major(Major::White));
        assert_eq!(set.cross("Indian Male Female"), None);
        assert_eq!(set.cross("Male"), None);
    }
}
