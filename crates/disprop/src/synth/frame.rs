//! Rows of one year at one school, and their columns.

use std::sync::Arc;

use polars::prelude::*;

use super::draw::{Draw, Purpose};
use super::outcomes::{Assessment, Conduct, KeyStage4, Year};
use super::{Error, Plan, World};

/// One enrolment.
pub(crate) struct Row {
    pupil: u64,
    year: u32,
    authority: u32,
    school: u32,
    year_group: u8,
    male: bool,
    fsm: bool,
    need: u8,
    eal: bool,
    code: Option<u8>,
    conduct: Conduct,
    assessment: Assessment,
}

/// The category types of the text columns.
pub(crate) struct Labels {
    year: DataType,
    authority: DataType,
    school: DataType,
    phase: DataType,
    sex: DataType,
    fsm: DataType,
    need: DataType,
    language: DataType,
    year_group: DataType,
    ethnicity: DataType,
    goal: DataType,
    score: DataType,
    writing: DataType,
}

pub(crate) fn categories<S: AsRef<str>>(labels: &[S]) -> PolarsResult<DataType> {
    let frozen = FrozenCategories::new(labels.iter().map(AsRef::as_ref))?;
    Ok(DataType::from_frozen_categories(frozen))
}

pub(crate) fn year_names(plan: &Plan) -> Vec<String> {
    let first = u32::from(plan.first_year);
    (first..first + plan.years)
        .map(|year| format!("{year}/{:02}", (year + 1) % 100))
        .collect()
}

pub(crate) fn authority_names(count: usize) -> Vec<String> {
    (1..=count).map(|n| format!("Authority {n:03}")).collect()
}

pub(crate) fn school_names(count: usize) -> Vec<String> {
    (1..=count).map(|n| format!("S{n:04}")).collect()
}

impl Labels {
    pub(crate) fn new(
        plan: &Plan,
        authorities: usize,
        schools: usize,
        codes: &[&'static str],
    ) -> Result<Self, Error> {
        let mut scores: Vec<String> = (80..=120).map(|score: u8| score.to_string()).collect();
        scores.extend(["A".into(), "B".into()]);
        Ok(Labels {
            year: categories(&year_names(plan))?,
            authority: categories(&authority_names(authorities))?,
            school: categories(&school_names(schools))?,
            phase: categories(&["Primary", "Secondary", "16-18"])?,
            sex: categories(&["F", "M"])?,
            fsm: categories(&["N", "Y"])?,
            need: categories(&["N", "K", "E"])?,
            language: categories(&["ENG", "OTH"])?,
            year_group: categories(&[
                "R", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13",
            ])?,
            ethnicity: categories(codes)?,
            goal: categories(&["1", "2", "A"])?,
            score: categories(&scores)?,
            writing: categories(&[
                "GDS", "EXS", "WTS", "PK6", "PK5", "PK4", "PK3", "PK2", "PK1", "A",
            ])?,
        })
    }
}

impl World {
    /// Adds the rows of one school in one year: its pupils in order of year group and seat, a mover's two enrolments
    /// one after the other, under the pupil's home school.
    pub(crate) fn rows(&self, year: u32, home: usize, rows: &mut Vec<Row>) {
        let Some(school) = self.map.schools.get(home) else {
            return;
        };
        let (first_group, groups) = if school.secondary {
            (7, 7..=13)
        } else {
            (0, 0..=6)
        };
        for year_group in groups {
            let cohort = year + 13 - u32::from(year_group);
            let since = year.saturating_sub(u32::from(year_group - first_group));
            for seat in school.seats.clone() {
                let Some(pupil) = self.pupil(school, cohort, seat) else {
                    continue;
                };
                if year_group > 11 && !pupil.stays {
                    continue;
                }
                let (start, end) = self.schools_in(pupil.number, home, since, year);
                let last = self.map.schools.get(end).unwrap_or(school);
                let Some(mut of_year) = Year::new(self, &pupil, last, year, year_group) else {
                    continue;
                };
                let conduct = of_year.conduct();
                let row = |at: usize, conduct: Conduct, assessment: Assessment| Row {
                    pupil: pupil.number,
                    year,
                    authority: school.authority as u32,
                    school: at as u32,
                    year_group,
                    male: pupil.male,
                    fsm: pupil.fsm,
                    need: pupil.need as u8,
                    eal: pupil.eal,
                    code: pupil.code,
                    conduct,
                    assessment,
                };
                let assessment = of_year.assessment();
                if start == end {
                    rows.push(row(end, conduct, assessment));
                } else {
                    let keys = [pupil.number, (1 << 32) | u64::from(year)];
                    let mut draw = Draw::new(self.plan.seed, Purpose::Move, keys);
                    let cut = 0.1 + 0.8 * draw.uniform();
                    let (before, after) = conduct.split(cut, &mut draw);
                    rows.push(row(start, before, Assessment::None));
                    rows.push(row(end, after, assessment));
                }
            }
        }
    }
}

/// A text column from positions in its labels.
pub(crate) fn coded(
    name: &str,
    codes: impl Iterator<Item = Option<u32>>,
    labels: &DataType,
) -> PolarsResult<Column> {
    let name = PlSmallStr::from(name);
    let labels = labels.clone();
    Ok(match labels.cat_physical()? {
        CategoricalPhysical::U8 => {
            let codes = UInt8Chunked::from_iter_options(name, codes.map(|c| c.map(|c| c as u8)));
            CategoricalChunked::<Categorical8Type>::from_cats_and_dtype(codes, labels).into_column()
        }
        CategoricalPhysical::U16 => {
            let codes = UInt16Chunked::from_iter_options(name, codes.map(|c| c.map(|c| c as u16)));
            CategoricalChunked::<Categorical16Type>::from_cats_and_dtype(codes, labels)
                .into_column()
        }
        CategoricalPhysical::U32 => {
            let codes = UInt32Chunked::from_iter_options(name, codes);
            CategoricalChunked::<Categorical32Type>::from_cats_and_dtype(codes, labels)
                .into_column()
        }
    })
}

/// Columns being made from rows.
struct Columns<'a> {
    rows: &'a [Row],
    plain: bool,
    made: Vec<Column>,
}

impl Columns<'_> {
    fn text(
        &mut self,
        name: &str,
        labels: &DataType,
        code: impl Fn(&Row) -> Option<u32>,
    ) -> PolarsResult<()> {
        let column = coded(name, self.rows.iter().map(code), labels)?;
        let column = if self.plain {
            column.cast(&DataType::String)?
        } else {
            column
        };
        self.made.push(column);
        Ok(())
    }

    fn sessions(&mut self, name: &str, value: impl Fn(&Conduct) -> u32) {
        let values = self.rows.iter().map(|row| value(&row.conduct) as u16);
        self.made
            .push(UInt16Chunked::from_iter_values(name.into(), values).into_column());
    }

    fn events(&mut self, name: &str, value: impl Fn(&Conduct) -> u32) {
        let values = self.rows.iter().map(|row| value(&row.conduct) as u8);
        self.made
            .push(UInt8Chunked::from_iter_values(name.into(), values).into_column());
    }

    fn flag(&mut self, name: &str, value: impl Fn(&Assessment) -> Option<bool>) {
        let values = self
            .rows
            .iter()
            .map(|row| value(&row.assessment).map(u8::from));
        self.made
            .push(UInt8Chunked::from_iter_options(name.into(), values).into_column());
    }

    fn score(&mut self, name: &str, value: impl Fn(&Assessment) -> Option<f64>) {
        let values = self.rows.iter().map(|row| value(&row.assessment));
        self.made
            .push(Float64Chunked::from_iter_options(name.into(), values).into_column());
    }

    fn identifiers(&mut self) {
        let mut ids = StringChunkedBuilder::new("pupil_id".into(), self.rows.len());
        for row in self.rows {
            let mut text = *b"SYN000000000";
            let mut rest = row.pupil;
            for digit in text.iter_mut().skip(3).rev() {
                *digit = b'0' + (rest % 10) as u8;
                rest /= 10;
            }
            ids.append_option(std::str::from_utf8(&text).ok());
        }
        self.made.push(ids.finish().into_column());
    }
}

/// The frame of some rows, columns in the documented order.
pub(crate) fn frame(rows: &[Row], labels: &Arc<Labels>, plain: bool) -> Result<DataFrame, Error> {
    let mut to = Columns {
        rows,
        plain,
        made: Vec::with_capacity(54),
    };
    to.identifiers();
    to.text("year", &labels.year, |row| Some(row.year))?;
    to.text("la", &labels.authority, |row| Some(row.authority))?;
    to.text("school", &labels.school, |row| Some(row.school))?;
    to.text("phase", &labels.phase, |row| {
        Some(u32::from(row.year_group > 6) + u32::from(row.year_group > 11))
    })?;
    to.text("sex", &labels.sex, |row| Some(row.male.into()))?;
    to.text("fsm", &labels.fsm, |row| Some(row.fsm.into()))?;
    to.text("sen", &labels.need, |row| Some(row.need.into()))?;
    to.text("eal", &labels.language, |row| Some(row.eal.into()))?;
    to.text("year_group", &labels.year_group, |row| {
        Some(row.year_group.into())
    })?;
    to.text("ethnicity", &labels.ethnicity, |row| {
        row.code.map(u32::from)
    })?;
    to.sessions("sessions_possible", |c| c.possible);
    to.sessions("sessions_absent", |c| c.absent);
    to.sessions("sessions_authorised", |c| c.absent - c.unauthorised);
    to.sessions("sessions_unauthorised", |c| c.unauthorised);
    to.events("suspensions", |c| c.suspensions);
    to.events("suspension_sessions", |c| c.suspension_sessions);
    to.events("permanent_exclusions", |c| c.exclusions);
    assessments(&mut to, labels)?;
    Ok(DataFrame::new(rows.len(), to.made)?)
}

fn assessments(to: &mut Columns, labels: &Labels) -> PolarsResult<()> {
    for goal in 0..17 {
        let name = format!("elg_e{:02}", goal + 1);
        to.text(&name, &labels.goal, |row| match &row.assessment {
            Assessment::Reception { goals } => goals.get(goal).map(|&g| g.into()),
            _ => None,
        })?;
    }
    to.flag("gld", Assessment::good_level);
    let subject = |row: &Row| match row.assessment {
        Assessment::KeyStage2 {
            reading,
            maths,
            writing,
        } => Some([reading, maths, writing]),
        _ => None,
    };
    to.text("ks2_reading", &labels.score, |row| {
        subject(row).map(|[r, _, _]| r.into())
    })?;
    to.text("ks2_maths", &labels.score, |row| {
        subject(row).map(|[_, m, _]| m.into())
    })?;
    to.text("ks2_writing", &labels.writing, |row| {
        subject(row).map(|[_, _, w]| w.into())
    })?;
    to.flag("ks2_rwm_expected", |a| {
        a.combined().map(|[expected, _]| expected)
    });
    to.flag("ks2_rwm_higher", |a| a.combined().map(|[_, higher]| higher));
    let ks4 = |a: &Assessment| match a {
        Assessment::KeyStage4(result) => Some(*result),
        _ => None,
    };
    to.score("ks4_attainment8", |a| ks4(a).map(|r| r.attainment8));
    to.flag("ks4_em_95", |a| ks4(a).map(|r| r.em95));
    to.flag("ks4_em_94", |a| ks4(a).map(|r| r.em94));
    to.score("ks4_ebacc_aps", |a| ks4(a).map(|r| r.ebacc));
    to.score("ks4_progress8", |a| {
        ks4(a).and_then(|r: KeyStage4| r.progress8)
    });
    to.flag("ks4_in_progress8", |a| {
        ks4(a).map(|r| r.progress8.is_some())
    });
    let ks5 = |a: &Assessment| match *a {
        Assessment::KeyStage5 { points, entries } => Some((points, entries)),
        _ => None,
    };
    to.score("ks5_points_academic", |a| {
        ks5(a).map(|([points, _], _)| points)
    });
    to.score("ks5_entries_academic", |a| {
        ks5(a).map(|(_, [size, _])| size)
    });
    to.score("ks5_points_alevel", |a| {
        ks5(a).map(|([_, points], _)| points)
    });
    to.score("ks5_entries_alevel", |a| ks5(a).map(|(_, [_, size])| size));
    to.flag("he", |a| ks4(a).map(|r| r.entry));
    to.flag("he_high_tariff", |a| ks4(a).map(|r| r.high_tariff));
    Ok(())
}
