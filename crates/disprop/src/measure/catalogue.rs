//! The published measures, one entry each: this is the file to edit to add one.
//!
//! Definitions, years and sources are those of `DOMAIN.md`; the section stands in each entry.

use std::sync::LazyLock;

use super::{Measure, Movers, Phase, Polarity, Quantity, SeriesBreak, Unit};
use Polarity::{HigherIsBetter, LowerIsBetter, Neither};

/// Returns every measure of the catalogue, in the order of a pupil's school life.
pub fn catalogue() -> &'static [Measure] {
    &CATALOGUE
}

static CATALOGUE: LazyLock<Vec<Measure>> = LazyLock::new(|| {
    vec![
        entry("attendance", "Attendance", share("sessions_absent", "sessions_possible").mirrored(), HigherIsBetter)
            .aliases(&["attendance_rate"])
            .breaks(&ABSENCE_BREAKS)
            .source("DfE, Pupil absence in schools in England: methodology; DOMAIN 1"),
        entry("absence", "Overall absence", share("sessions_absent", "sessions_possible").build(), LowerIsBetter)
            .aliases(&["overall_absence", "absence_rate"])
            .breaks(&ABSENCE_BREAKS)
            .source("DfE, Pupil absence in schools in England: methodology; DOMAIN 1"),
        entry("absence_authorised", "Authorised absence", share("sessions_authorised", "sessions_possible").build(), LowerIsBetter)
            .aliases(&["authorised_absence", "absence_rate_auth"])
            .breaks(&ABSENCE_BREAKS)
            .source("DfE, Pupil absence in schools in England: methodology; DOMAIN 1"),
        entry("absence_unauthorised", "Unauthorised absence", share("sessions_unauthorised", "sessions_possible").build(), LowerIsBetter)
            .aliases(&["unauthorised_absence", "absence_rate_unauth"])
            .breaks(&ABSENCE_BREAKS)
            .source("DfE, Pupil absence in schools in England: methodology; DOMAIN 1"),
        entry("persistent_absence", "Persistent absence (10 % or more of sessions missed)", at_least_share(1, 10), LowerIsBetter)
            .aliases(&["pa_rate"])
            .breaks(&ABSENCE_BREAKS)
            .breaks(&[(2015, None, "threshold changed to 10 % of the pupil's own possible sessions")])
            .source("DfE, Pupil absence in schools in England: methodology; DOMAIN 2"),
        entry("severe_absence", "Severe absence (50 % or more of sessions missed)", at_least_share(1, 2), LowerIsBetter)
            .aliases(&["severe_absence_rate"])
            .breaks(&ABSENCE_BREAKS)
            .source("DfE, Pupil absence in schools in England: methodology; DOMAIN 2"),
        entry("suspensions", "Suspensions", count("suspensions"), LowerIsBetter)
            .aliases(&["susp_rate", "suspension_rate"])
            .unit(Unit::Per(100), 2)
            .breaks(&EXCLUSION_BREAKS)
            .source("DfE, Suspensions and permanent exclusions in England: methodology; DOMAIN 3"),
        entry("suspended_once", "Pupils suspended once or more", count_at_least("suspensions", 1), LowerIsBetter)
            .aliases(&["susp_1plus_rate", "suspended"])
            .decimals(2)
            .breaks(&EXCLUSION_BREAKS)
            .source("DfE, Suspensions and permanent exclusions in England: methodology; DOMAIN 3"),
        entry("suspended_twice", "Pupils suspended twice or more", count_at_least("suspensions", 2), LowerIsBetter)
            .aliases(&["susp_multi_rate"])
            .decimals(2)
            .breaks(&EXCLUSION_BREAKS)
            .source("IntegratED (2020) for its use; DOMAIN 3"),
        entry("suspension_sessions", "Sessions lost to suspension", count("suspension_sessions"), LowerIsBetter)
            .aliases(&["susp_sessions_rate"])
            .unit(Unit::Per(100), 2)
            .breaks(&EXCLUSION_BREAKS)
            .source("DfE, Suspensions and permanent exclusions in England: methodology; DOMAIN 3"),
        entry("permanent_exclusions", "Permanent exclusions", count("permanent_exclusions"), LowerIsBetter)
            .aliases(&["pex_rate"])
            .unit(Unit::Per(100), 3)
            .breaks(&EXCLUSION_BREAKS)
            .source("DfE, Suspensions and permanent exclusions in England: methodology; DOMAIN 3"),
        entry("gld", "Good level of development at the end of Reception", flag("gld"), HigherIsBetter)
            .aliases(&["gld_rate"])
            .phase(Phase::Reception)
            .breaks(&EYFSP_BREAKS)
            .source("DfE, Early years foundation stage profile results; DOMAIN 4"),
        entry("average_elgs", "Average number of early learning goals at expected level", score("elgs_expected"), HigherIsBetter)
            .phase(Phase::Reception)
            .unit(Unit::Number, 1)
            .breaks(&EYFSP_BREAKS)
            .source("DfE, Early years foundation stage profile results; DOMAIN 4"),
        entry("ks2_rwm_expected", "Expected standard in reading, writing and maths at key stage 2", flag("ks2_rwm_expected"), HigherIsBetter)
            .phase(Phase::KeyStage2)
            .eligible("ks2_in_denominator")
            .breaks(&KS2_BREAKS)
            .source("DfE, Key stage 2 attainment: methodology; DOMAIN 5"),
        entry("ks2_rwm_higher", "Higher standard in reading, writing and maths at key stage 2", flag("ks2_rwm_higher"), HigherIsBetter)
            .phase(Phase::KeyStage2)
            .eligible("ks2_in_denominator")
            .breaks(&KS2_BREAKS)
            .source("DfE, Key stage 2 attainment: methodology; DOMAIN 5"),
        entry("ks4_attainment8", "Attainment 8", score("ks4_attainment8"), HigherIsBetter)
            .aliases(&["ks4_att8", "attainment8"])
            .phase(Phase::KeyStage4)
            .unit(Unit::Points, 1)
            .eligible("ks4_in_denominator")
            .breaks(&KS4_BREAKS)
            .source("DfE, Key stage 4 performance: methodology; DOMAIN 6.2"),
        entry("ks4_em_95", "Grade 5 or above in English and maths GCSE", flag("ks4_em_95"), HigherIsBetter)
            .phase(Phase::KeyStage4)
            .eligible("ks4_in_denominator")
            .breaks(&KS4_BREAKS)
            .source("DfE, Key stage 4 performance: methodology; DOMAIN 6.3"),
        entry("ks4_em_94", "Grade 4 or above in English and maths GCSE", flag("ks4_em_94"), HigherIsBetter)
            .phase(Phase::KeyStage4)
            .eligible("ks4_in_denominator")
            .breaks(&KS4_BREAKS)
            .source("DfE, Key stage 4 performance: methodology; DOMAIN 6.3"),
        entry("ks4_ebacc_aps", "English Baccalaureate average point score", score("ks4_ebacc_aps"), HigherIsBetter)
            .phase(Phase::KeyStage4)
            .unit(Unit::Points, 2)
            .eligible("ks4_in_denominator")
            .breaks(&KS4_BREAKS)
            .source("DfE, Key stage 4 performance: methodology; DOMAIN 6.4"),
        entry("ks4_progress8", "Progress 8", score("ks4_progress8"), HigherIsBetter)
            .aliases(&["ks4_p8", "progress8"])
            .phase(Phase::KeyStage4)
            .unit(Unit::Points, 2)
            .no_ratio()
            .eligible("ks4_in_progress8")
            .breaks(&KS4_BREAKS)
            .source("DfE, Key stage 4 performance: methodology; DOMAIN 6.4"),
        entry("ks5_aps_academic", "Average point score per academic entry, 16–18", share("ks5_points_academic", "ks5_entries_academic").build(), HigherIsBetter)
            .aliases(&["ks5_aps_acad"])
            .phase(Phase::KeyStage5)
            .unit(Unit::Points, 2)
            .once()
            .breaks(&KS5_BREAKS)
            .source("DfE, A level and other 16 to 18 results: methodology; DOMAIN 7"),
        entry("ks5_aps_alevel", "Average point score per A level entry", share("ks5_points_alevel", "ks5_entries_alevel").build(), HigherIsBetter)
            .aliases(&["ks5_aps_alev"])
            .phase(Phase::KeyStage5)
            .unit(Unit::Points, 2)
            .once()
            .breaks(&KS5_BREAKS)
            .source("DfE, A level and other 16 to 18 results: methodology; DOMAIN 7"),
        entry("he", "Entry to higher education by age 19", flag("he"), HigherIsBetter)
            .aliases(&["he_rate"])
            .phase(Phase::HigherEducation)
            .source("DfE, Widening participation in higher education: methodology; DOMAIN 8"),
        entry("he_high_tariff", "Entry to high-tariff higher education by age 19", flag("he_high_tariff"), HigherIsBetter)
            .aliases(&["he_high_tariff_rate"])
            .phase(Phase::HigherEducation)
            .source("DfE, Widening participation in higher education: methodology; the high-tariff band is drawn anew each year; DOMAIN 8"),
        entry("leaders", "Leaders among school staff", flag("is_leader"), Neither)
            .aliases(&["swf_lead_share"])
            .phase(Phase::Workforce)
            .source("DfE, School workforce in England; leaders are heads, deputies and assistant heads; DOMAIN 9"),
        entry("commitment_met", "Schools that meet a commitment", flag("commitment_met"), HigherIsBetter)
            .phase(Phase::Workforce)
            .source("an authority's own list of commitments; DOMAIN 15"),
    ]
});

type Note = (u16, Option<u16>, &'static str);

// DOMAIN 0.6; the 2019/20 entry is tagged [GK] there.
const ABSENCE_BREAKS: [Note; 2] = [
    (
        2019,
        Some(2019),
        "only the autumn term was collected in full",
    ),
    (
        2020,
        Some(2021),
        "sessions not attended because of COVID-19 were recorded under code X",
    ),
];
const EXCLUSION_BREAKS: [Note; 1] = [(
    2019,
    Some(2020),
    "fewer sessions were open, which lowers the rate",
)];
const EYFSP_BREAKS: [Note; 1] = [(2021, None, "new framework: not comparable with 2018/19")];
const KS2_BREAKS: [Note; 1] = [(
    2017,
    None,
    "writing framework changed: not comparable with earlier years",
)];
const KS4_BREAKS: [Note; 2] = [
    (
        2019,
        Some(2020),
        "grades were assessed by teachers and centres",
    ),
    (
        2021,
        Some(2021),
        "grading was set midway between 2019 and 2021",
    ),
];
const KS5_BREAKS: [Note; 2] = [
    (2015, None, "new point scale, 60 for an A*"),
    (
        2021,
        Some(2022),
        "results awarded from January 2020 to August 2021 are left out",
    ),
];

fn entry(id: &str, label: &str, quantity: Quantity, polarity: Polarity) -> Measure {
    Measure {
        id: id.into(),
        aliases: Vec::new(),
        label: label.into(),
        phase: Phase::All,
        quantity,
        eligible: None,
        unit: Unit::Percent,
        decimals: 1,
        polarity,
        ratio_scale: true,
        movers: Movers::ByQuantity,
        breaks: Vec::new(),
        source: String::new(),
    }
}

impl Measure {
    fn aliases(mut self, aliases: &[&str]) -> Self {
        self.aliases = aliases.iter().map(ToString::to_string).collect();
        self
    }

    fn phase(mut self, phase: Phase) -> Self {
        self.phase = phase;
        self
    }

    fn unit(mut self, unit: Unit, decimals: u8) -> Self {
        self.unit = unit;
        self.decimals = decimals;
        self
    }

    fn decimals(mut self, decimals: u8) -> Self {
        self.decimals = decimals;
        self
    }

    fn eligible(mut self, column: &str) -> Self {
        self.eligible = Some(column.into());
        self
    }

    fn no_ratio(mut self) -> Self {
        self.ratio_scale = false;
        self
    }

    fn once(mut self) -> Self {
        self.movers = Movers::Once;
        self
    }

    fn breaks(mut self, notes: &[Note]) -> Self {
        self.breaks
            .extend(notes.iter().map(|(from, until, note)| SeriesBreak {
                from: *from,
                until: *until,
                note: (*note).into(),
            }));
        self
    }

    fn source(mut self, source: &str) -> Self {
        self.source = source.into();
        self
    }
}

struct Share {
    numerator: String,
    denominator: String,
}

fn share(numerator: &str, denominator: &str) -> Share {
    Share {
        numerator: numerator.into(),
        denominator: denominator.into(),
    }
}

impl Share {
    fn build(self) -> Quantity {
        Quantity::Share {
            numerator: self.numerator,
            denominator: self.denominator,
            complement: false,
        }
    }

    fn mirrored(self) -> Quantity {
        Quantity::Share {
            numerator: self.numerator,
            denominator: self.denominator,
            complement: true,
        }
    }
}

fn at_least_share(numerator: u32, denominator: u32) -> Quantity {
    Quantity::Threshold {
        numerator: "sessions_absent".into(),
        denominator: "sessions_possible".into(),
        at_least: [numerator, denominator],
    }
}

fn count(column: &str) -> Quantity {
    Quantity::Count {
        column: column.into(),
    }
}

fn count_at_least(column: &str, at_least: u32) -> Quantity {
    Quantity::CountAtLeast {
        column: column.into(),
        at_least,
    }
}

fn flag(column: &str) -> Quantity {
    Quantity::Flag {
        column: column.into(),
    }
}

fn score(column: &str) -> Quantity {
    Quantity::Score {
        column: column.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_holds_together_and_has_a_source() {
        let mut names = std::collections::BTreeSet::new();
        for measure in catalogue() {
            assert!(measure.clone().checked().is_ok(), "{}", measure.id);
            assert!(!measure.source.is_empty(), "{}", measure.id);
            for name in std::iter::once(&measure.id).chain(&measure.aliases) {
                assert!(names.insert(name.clone()), "{name} stands twice");
            }
        }
    }

    #[test]
    fn every_entry_survives_toml_and_json() {
        for measure in catalogue() {
            let json = serde_json::to_string(measure).unwrap();
            assert_eq!(&Measure::from_json(&json).unwrap(), measure);
            let text = toml::to_string(measure).unwrap();
            assert_eq!(&Measure::from_toml(&text).unwrap(), measure);
        }
    }
}
