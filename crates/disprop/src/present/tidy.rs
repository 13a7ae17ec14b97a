//! The tidy frame: one row a gap, full precision, in the unit of the measure.

use disprop_stats::trend::{Movement, Verdict};
use disprop_stats::{Calculated, Interval};
use polars::prelude::*;

use crate::error::Error;
use crate::gaps::{Contrast, Gap, Gaps, Index, Side};
use crate::over_time::{Allowance, Changes};
use crate::present::Sheet;
use crate::present::frame::{Frame, named};

impl Gaps {
    /// Returns the gaps as a frame, one row a gap.
    ///
    /// # Units and shapes
    /// Values and differences are in the unit of the measure (12.3 for 12.3 %); ratios are bare
    /// numbers; `excess` is in pupils, events, sessions or points. A number that is not there is
    /// null, and `reason` says why. Columns ending in `_min` and `_max` are there where rounding,
    /// a withheld count or the policy on unclassified pupils leaves a range.
    ///
    /// # Errors
    /// `frame.polars`, where polars cannot make the frame.
    pub fn to_frame(&self) -> Result<DataFrame, Error> {
        let mut to = Columns {
            gaps: self,
            made: Vec::new(),
        };
        to.text("measure", |gap, g| {
            g.measures.get(gap.measure).map(|m| m.id.clone())
        });
        for (place, name) in self.dimensions.iter().enumerate() {
            to.text(name, |gap, _| gap.place.get(place).cloned().flatten());
        }
        to.text("group", |gap, g| {
            g.groups.get(gap.of).map(|x| x.name.clone())
        });
        to.text("group_label", |gap, g| {
            g.groups.get(gap.of).map(|x| x.label.clone())
        });
        to.count("group_n", |gap| gap.group.n);
        to.side("group", |gap| &gap.group);
        to.text("baseline", |gap, _| Some(gap.baseline_label.to_string()));
        to.count("baseline_n", |gap| gap.baseline.n);
        to.side("baseline", |gap| &gap.baseline);
        to.contrast("difference", |gap| &gap.difference, Gaps::factor);
        to.contrast("ratio", |gap| &gap.ratio, |_, _| 1.0);
        to.contrast("odds_ratio", |gap| &gap.odds_ratio, |_, _| 1.0);
        to.number("share_ratio", |gap, _| gap.share_ratio.ok());
        to.contrast("excess", |gap| &gap.excess, |_, _| 1.0);
        to.text("finding", |gap, _| Some(gap.verdict.to_string()));
        to.text("reason", |gap, _| {
            Some(gap.reasons()).filter(|r| !r.is_empty())
        });
        to.text("method", |gap, _| Some(gap.methods()));
        to.number("level", |_, g| Some(g.options.level.value()));
        to.number("coverage", |gap, _| gap.coverage.ok());
        to.text("unit", |gap, g| {
            g.measures.get(gap.measure).map(|m| m.unit.label())
        });
        to.text("counted", |_, g| Some(g.unit.clone()));
        to.text("unclassified", |_, g| {
            Some(g.options.unclassified.name().into())
        });
        to.text("series_note", |gap, _| gap.series.clone());
        if self.options.cluster.is_some() {
            to.clustering();
        }
        if self.many.is_some() {
            to.number("p_value", |gap, _| gap.test?.p_value.ok());
            to.number("p_adjusted", |gap, _| gap.test?.p_adjusted.ok());
        }
        Ok(DataFrame::new(self.rows.len(), to.made)?)
    }

    fn factor(&self, gap: &Gap) -> f64 {
        self.measures
            .get(gap.measure)
            .map_or(1.0, |m| m.unit.factor())
    }
}

struct Columns<'a> {
    gaps: &'a Gaps,
    made: Vec<Column>,
}

impl Columns<'_> {
    fn text(&mut self, name: &str, value: impl Fn(&Gap, &Gaps) -> Option<String>) {
        let values = self.gaps.rows.iter().map(|gap| value(gap, self.gaps));
        let values: Vec<Option<String>> = values.collect();
        self.made.push(Column::new(name.into(), values));
    }

    fn count(&mut self, name: &str, value: impl Fn(&Gap) -> Option<i64>) {
        let values: Vec<Option<i64>> = self.gaps.rows.iter().map(value).collect();
        self.made.push(Column::new(name.into(), values));
    }

    fn number(&mut self, name: &str, value: impl Fn(&Gap, &Gaps) -> Option<f64>) {
        let values = self.gaps.rows.iter().map(|gap| value(gap, self.gaps));
        let values: Vec<Option<f64>> = values.collect();
        self.made.push(Column::new(name.into(), values));
    }

    fn ends(
        &mut self,
        [lower, upper]: [String; 2],
        interval: impl Fn(&Gap, &Gaps) -> Option<Interval>,
    ) {
        self.number(&lower, |gap, g| interval(gap, g).map(|i| i.lower));
        self.number(&upper, |gap, g| interval(gap, g).map(|i| i.upper));
    }

    /// A range column is made only where some row has a range.
    fn range(&mut self, name: &str, range: impl Fn(&Gap, &Gaps) -> Option<Interval>) {
        if self
            .gaps
            .rows
            .iter()
            .any(|gap| range(gap, self.gaps).is_some())
        {
            self.ends([format!("{name}_min"), format!("{name}_max")], range);
        }
    }

    fn side(&mut self, name: &str, side: impl Fn(&Gap) -> &Side) {
        let scaled =
            |value: Calculated<f64>, gap: &Gap, g: &Gaps| value.ok().map(|v| v * g.factor(gap));
        self.number(&format!("{name}_value"), |gap, g| {
            scaled(side(gap).value, gap, g)
        });
        self.ends(
            [format!("{name}_lower"), format!("{name}_upper")],
            |gap, g| side(gap).interval.ok().map(|i| i.scale(g.factor(gap))),
        );
        self.range(&format!("{name}_value"), |gap, g| {
            side(gap).range.map(|i| i.scale(g.factor(gap)))
        });
    }

    /// What clustering found, beside the schools it rests on.
    fn clustering(&mut self) {
        let of = |gap: &Gap| gap.clustering;
        let schools = |n: usize| i64::try_from(n).ok();
        self.count("group_clusters", |gap| schools(of(gap)?.group_clusters));
        self.count("baseline_clusters", |gap| {
            schools(of(gap)?.baseline_clusters)
        });
        self.number("degrees_of_freedom", |gap, _| {
            of(gap)?.difference.ok()?.degrees
        });
        self.number("design_effect", |gap, _| of(gap)?.design_effect.ok());
    }

    fn contrast(
        &mut self,
        name: &str,
        contrast: impl Fn(&Gap) -> &Contrast,
        factor: impl Fn(&Gaps, &Gap) -> f64,
    ) {
        self.number(name, |gap, g| {
            contrast(gap).value.ok().map(|v| v * factor(g, gap))
        });
        self.ends(
            [format!("{name}_lower"), format!("{name}_upper")],
            |gap, g| contrast(gap).interval.ok().map(|i| i.scale(factor(g, gap))),
        );
        self.range(name, |gap, g| {
            contrast(gap).range.map(|i| i.scale(factor(g, gap)))
        });
    }
}

impl Changes {
    /// Returns the changes as a frame, one row a change.
    ///
    /// # Units and shapes
    /// Gaps and changes are in the unit of the measure. `finding` is "narrowing", "widening" or
    /// "no clear change"; `group_moved` and `baseline_moved` say whose value rose, fell or held.
    ///
    /// # Errors
    /// `frame.polars`, where polars cannot make the frame.
    pub fn to_frame(&self) -> Result<DataFrame, Error> {
        let index = self.index();
        let mut to = Frame::new(&self.rows, &index, |row| (row.measure, row.of, &row.place));
        to.group();
        to.text("from", |row| Some(row.from.clone()));
        to.text("to", |row| Some(row.to.clone()));
        to.text("baseline", |row| Some(row.baseline_label.to_string()));
        to.number("earlier_gap", |row| row.earlier);
        to.number("later_gap", |row| row.later);
        to.number("change", |row| row.change);
        to.ends("change", |row| row.interval);
        to.number("group_change", |row| row.group_change);
        to.number("baseline_change", |row| row.baseline_change);
        to.text("finding", |row| {
            Some(match row.verdict {
                Ok(Verdict::Narrowing) => "narrowing".into(),
                Ok(Verdict::Widening) => "widening".into(),
                Ok(Verdict::NoClearChange) => "no clear change".into(),
                Err(_) => "not calculable".into(),
            })
        });
        to.text("group_moved", |row| row.group_moved.ok().map(moved));
        to.text("baseline_moved", |row| row.baseline_moved.ok().map(moved));
        to.text("reason", |row| {
            row.change.err().map(|reason| reason.code().into())
        });
        to.level();
        to.unit();
        to.text("counted", |_| Some(self.unit.clone()));
        to.text("series_note", |row| row.series.clone());
        to.count("earlier_n", |row| row.group_n.0);
        to.count("later_n", |row| row.group_n.1);
        to.count("earlier_baseline_n", |row| row.baseline_n.0);
        to.count("later_baseline_n", |row| row.baseline_n.1);
        if self.allowance == Allowance::SamePupils {
            to.count("in_both_n", |row| row.same);
        }
        to.finish()
    }

    fn index(&self) -> Index {
        Index {
            measures: self.measures.clone(),
            groups: self.groups.clone(),
            dimensions: self.dimensions.clone(),
            level: self.level,
        }
    }

    /// Returns the changes as a table with its title and notes.
    ///
    /// # Errors
    /// As [`to_frame`](Changes::to_frame).
    pub fn sheet(&self) -> Result<Sheet, Error> {
        let title = "How each gap changed from one year to another";
        let shown = named(
            &self.dimensions,
            &[
                "group_label",
                "from",
                "to",
                "earlier_gap",
                "later_gap",
                "change",
                "finding",
                "group_moved",
                "baseline_moved",
                "reason",
                "series_note",
            ],
        );
        let sheet = Sheet::new("changes", title, self.to_frame()?).showing(&shown);
        Ok(sheet.note(
            "A change is the later gap less the earlier one, in the unit of the measure. A gap \
            may narrow because the group's value moved or because that of the others did; the \
            last columns say which.",
        ).note(match self.allowance {
            Allowance::DifferentPupils => {
                "Pupils of different years are taken as different pupils, so that an interval is \
                 too wide, not too narrow, where they are the same."
            }
            Allowance::SamePupils => {
                "Pupils who are in both years are allowed for by their identifiers."
            }
            Allowance::Schools => {
                "Schools, and the pupils who stay in theirs, are in both years and allowed for: a \
                 school's departures in both years enter as one."
            }
        }))
    }
}

fn moved(movement: Movement) -> String {
    match movement {
        Movement::Rose => "rose",
        Movement::Fell => "fell",
        Movement::Held => "held",
    }
    .into()
}
