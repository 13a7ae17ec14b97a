use polars::prelude::{DataFrame, df};

use super::{sentences, summaries};
use crate::measure::{Measure, catalogue, measure};

/// One row of gaps; `(column, text)` pairs replace texts, `(column, number)` pairs numbers.
fn row(of: &Measure, texts: &[(&str, &str)], numbers: &[(&str, Option<f64>)]) -> DataFrame {
    let text = |name: &str, usual: &'static str| -> Vec<Option<String>> {
        let given = texts.iter().find(|(n, _)| *n == name);
        let value = given.map_or(usual, |(_, value)| value);
        vec![Some(value.to_owned()).filter(|v| !v.is_empty())]
    };
    let number = |name: &str, usual: f64| -> Vec<Option<f64>> {
        let given = numbers.iter().find(|(n, _)| *n == name);
        vec![given.map_or(Some(usual), |(_, value)| *value)]
    };
    df!(
        "measure" => [of.id.as_str()],
        "year" => text("year", "202324"),
        "group" => ["BCRB"],
        "group_label" => text("group_label", "Black Caribbean"),
        "group_n" => number("group_n", 1812.0),
        "group_value" => number("group_value", 21.3),
        "baseline" => text("baseline", "all other groups"),
        "baseline_n" => number("baseline_n", 12034.0),
        "baseline_value" => number("baseline_value", 16.1),
        "difference" => number("difference", 5.2),
        "difference_lower" => number("difference_lower", 3.0),
        "difference_upper" => number("difference_upper", 7.4),
        "finding" => text("finding", "worse"),
        "reason" => text("reason", ""),
        "level" => [0.95],
        "counted" => text("counted", "pupil"),
        "series_note" => text("series_note", ""),
    )
    .unwrap()
}

fn said(of: &Measure, texts: &[(&str, &str)], numbers: &[(&str, Option<f64>)]) -> String {
    let frame = row(of, texts, numbers);
    sentences(&frame, std::slice::from_ref(of))
        .unwrap()
        .remove(0)
}

fn absence() -> Measure {
    measure("persistent_absence").unwrap()
}

#[test]
fn a_clear_gap_says_comparison_period_pupils_and_uncertainty() {
    assert_eq!(
        said(&absence(), &[], &[]),
        "Persistent absence (10% or more of sessions missed) in 2023/24 stood at 21.3% for pupils \
         in the Black Caribbean group (1,812 pupils), 5.2 percentage points higher than for pupils \
         in all other groups (16.1%; 12,034 pupils): a clear gap in the less favourable direction, \
         with a 95% interval from 3.0 to 7.4 percentage points higher."
    );
}

#[test]
fn an_interval_on_both_sides_names_both_directions() {
    let text = said(
        &absence(),
        &[("finding", "no clear difference"), ("counted", "enrolment")],
        &[("difference_lower", Some(-0.8))],
    );
    assert!(text.contains("(1,812 enrolments)"), "{text}");
    assert!(
        text.ends_with(
            "no clear difference, with a 95% interval from 0.8 percentage points lower to 7.4 higher."
        ),
        "{text}"
    );
}

#[test]
fn units_follow_the_measure() {
    let attainment = measure("ks4_attainment8").unwrap();
    let lower = [
        ("difference", Some(-7.014)),
        ("difference_lower", Some(-9.0)),
        ("difference_upper", Some(-5.0)),
    ];
    let text = said(&attainment, &[], &lower);
    assert!(text.contains("stood at 21.3"), "{text}");
    assert!(
        text.contains(" points lower than for pupils in all other groups"),
        "{text}"
    );
    assert!(text.contains("from 5.0 to 9.0 points lower"), "{text}");
    let suspensions = measure("suspensions").unwrap();
    assert!(said(&suspensions, &[], &[]).contains("per 100 higher than"));
    let leaders = measure("leaders").unwrap();
    assert!(said(&leaders, &[], &[]).contains("staff in all other groups"));
}

#[test]
fn what_is_withheld_gives_no_number() {
    let none = [
        "group_n",
        "group_value",
        "baseline_n",
        "baseline_value",
        "difference",
        "difference_lower",
        "difference_upper",
    ]
    .map(|name| (name, None));
    let text = said(
        &absence(),
        &[("finding", "withheld"), ("reason", "withheld")],
        &none,
    );
    assert!(
        text.ends_with("so that no figure tells of a single pupil."),
        "{text}"
    );
    // Numbers that a row still holds are not told either.
    let kept = said(
        &absence(),
        &[("finding", "withheld"), ("reason", "withheld")],
        &[],
    );
    assert_eq!(kept, text);
    let published = [("finding", "withheld"), ("reason", "suppressed_input")];
    let text = said(&absence(), &published, &none);
    assert!(
        text.ends_with("a figure it needs was withheld where it was published."),
        "{text}"
    );
}

#[test]
fn other_baselines_read_as_english() {
    for (baseline, expected) in [
        (
            "White British",
            "than for pupils in the White British group (16.1%",
        ),
        ("all pupils", "than for all pupils (16.1%"),
        ("the value 95", "higher than the value 95%:"),
        (
            "the same group in England",
            "than for the same group in England (16.1%",
        ),
        (
            "best-placed group",
            "than for pupils in the best-placed group (16.1%",
        ),
    ] {
        let text = said(&absence(), &[("baseline", baseline)], &[]);
        assert!(text.contains(expected), "{text}");
    }
}

#[test]
fn names_of_groups_read_as_english() {
    for (label, expected) in [
        (
            "Any other ethnic group",
            "for pupils from any other ethnic group",
        ),
        ("Chinese", "for pupils in the Chinese group"),
        ("Traveller groups", "for pupils in the Traveller groups"),
    ] {
        let text = said(&absence(), &[("group_label", label)], &[]);
        assert!(text.contains(expected), "{text}");
    }
}

#[test]
fn one_pupil_is_singular_and_zero_is_no_direction() {
    let text = said(
        &absence(),
        &[("finding", "too few to tell")],
        &[("group_n", Some(1.0)), ("difference", Some(0.01))],
    );
    assert!(text.contains("(1 pupil)"), "{text}");
    assert!(
        text.contains("the same to the last printed digit as for pupils"),
        "{text}"
    );
    assert!(text.contains("too few pupils to tell"), "{text}");
}

/// Every measure × finding × reason: one or two sentences without a hole, an unknown word, a
/// forbidden one or a number that is not there.
#[test]
fn grammar_holds_over_measures_findings_and_reasons() {
    let findings = [
        "worse",
        "better",
        "higher",
        "lower",
        "no clear difference",
        "too few to tell",
        "not calculable",
        "withheld",
    ];
    let reasons = [
        "",
        "withheld",
        "no_group",
        "no_baseline",
        "suppressed_input",
        "series_break",
        "below_minimum",
        "no_second_moment (difference_interval)",
        "zero_baseline (ratio)",
        "too_few_for_variance (group_interval, difference_interval); not_stated (group_n)",
    ];
    let holes: [&[&str]; 5] = [
        &[],
        &["difference_lower", "difference_upper"],
        &["group_n", "baseline_n"],
        &["difference", "difference_lower", "difference_upper"],
        &[
            "group_n",
            "group_value",
            "baseline_n",
            "baseline_value",
            "difference",
            "difference_lower",
            "difference_upper",
        ],
    ];
    let mut told = 0;
    for of in catalogue() {
        for finding in findings {
            for reason in reasons {
                for hole in holes {
                    let none: Vec<(&str, Option<f64>)> =
                        hole.iter().map(|name| (*name, None)).collect();
                    let text = said(of, &[("finding", finding), ("reason", reason)], &none);
                    told += 1;
                    assert!(text.starts_with(|c: char| c.is_uppercase()), "{text}");
                    assert!(text.ends_with('.') && !text.contains(".."), "{text}");
                    assert!(text.contains("2023/24"), "no period: {text}");
                    assert!(text.contains("Black Caribbean"), "no group: {text}");
                    for wrong in [
                        "  ",
                        " ,",
                        " .",
                        "( ",
                        "()",
                        ": .",
                        "NaN",
                        "inf",
                        "None",
                        "_",
                        "BAME",
                        "significant",
                        "because of",
                        "due to",
                        "under-perform",
                        " %",
                        "the the",
                        "unnamed",
                    ] {
                        assert!(!text.contains(wrong), "`{wrong}` in: {text}");
                    }
                    let open = text.matches('(').count();
                    assert_eq!(open, text.matches(')').count(), "{text}");
                }
            }
        }
    }
    assert_eq!(told, catalogue().len() * 8 * 10 * 5);
}

fn change(texts: &[(&str, &str)], numbers: &[(&str, Option<f64>)]) -> String {
    let text = |name: &str, usual: &'static str| -> Vec<Option<String>> {
        let given = texts.iter().find(|(n, _)| *n == name);
        let value = given.map_or(usual, |(_, value)| value);
        vec![Some(value.to_owned()).filter(|v| !v.is_empty())]
    };
    let number = |name: &str, usual: f64| -> Vec<Option<f64>> {
        let given = numbers.iter().find(|(n, _)| *n == name);
        vec![given.map_or(Some(usual), |(_, value)| *value)]
    };
    let frame = df!(
        "measure" => ["persistent_absence"],
        "sex" => ["F"],
        "group" => ["BCRB"],
        "group_label" => ["Black Caribbean"],
        "from" => ["202122"],
        "to" => ["202324"],
        "earlier_gap" => number("earlier_gap", 7.3),
        "later_gap" => number("later_gap", 5.2),
        "change" => number("change", -2.1),
        "change_lower" => number("change_lower", -3.9),
        "change_upper" => number("change_upper", -0.3),
        "finding" => text("finding", "narrowing"),
        "group_moved" => text("group_moved", "fell"),
        "baseline_moved" => text("baseline_moved", "held"),
        "baseline" => text("baseline", "all other groups"),
        "reason" => text("reason", ""),
        "series_note" => text("series_note", ""),
        "earlier_n" => number("earlier_n", 1710.0),
        "later_n" => number("later_n", 1812.0),
        "earlier_baseline_n" => number("earlier_baseline_n", 11980.0),
        "later_baseline_n" => number("later_baseline_n", 12034.0),
    );
    sentences(&frame.unwrap(), &[absence()]).unwrap().remove(0)
}

#[test]
fn a_change_says_from_where_to_where_and_who_moved() {
    assert_eq!(
        change(&[], &[]),
        "Persistent absence (10% or more of sessions missed) (sex F): between 2021/22 and 2023/24 \
         the gap between pupils in the Black Caribbean group (1,710 pupils, then 1,812) and pupils in \
         all other groups (11,980 pupils, then 12,034) narrowed, from +7.3 to +5.2 percentage points, a change of −2.1 percentage points (95% \
         interval from −3.9 to −0.3); the group's value fell and that of the others did not \
         clearly move."
    );
    let broken = change(
        &[
            ("finding", "not calculable"),
            ("reason", "series_break"),
            ("series_note", "a new series"),
        ],
        &[("change", None)],
    );
    let expected = "cannot be followed: the series breaks between these periods (a new series).";
    assert!(broken.ends_with(expected), "{broken}");
    let hidden = change(&[("finding", "withheld")], &[]);
    assert!(
        hidden.contains("is withheld") && !hidden.contains("5.2") && !hidden.contains("1,8"),
        "{hidden}"
    );
}

#[test]
fn a_summary_counts_findings_and_names_the_widest_gap() {
    let of = absence();
    let mut frame = row(&of, &[], &[]);
    for (label, finding, difference) in [
        ("Chinese", "better", -9.0),
        ("Irish", "worse", 6.1),
        ("Somali", "no clear difference", 1.0),
        ("Roma", "withheld", 0.0),
    ] {
        let texts = [("group_label", label), ("finding", finding)];
        frame
            .vstack_mut(&row(&of, &texts, &[("difference", Some(difference))]))
            .unwrap();
    }
    let summary = summaries(&frame, std::slice::from_ref(&of)).unwrap();
    let text = |name: &str| {
        summary
            .column(name)
            .unwrap()
            .str()
            .unwrap()
            .get(0)
            .unwrap()
            .to_owned()
    };
    assert_eq!(summary.height(), 1);
    assert!(
        text("title").ends_with(
            "in 2023/24: Irish, 6.1 percentage points higher than for pupils in all other groups, \
             is the widest clear unfavourable gap"
        ),
        "{}",
        text("title")
    );
    assert_eq!(
        text("text"),
        "Of 5 groups compared with pupils in all other groups, 2 have a clear unfavourable gap \
         (Irish and Black Caribbean), 1 has a clear favourable gap (Chinese), 1 shows no clear \
         difference and 1 is withheld."
    );
}

#[test]
fn gaps_without_an_interval_are_not_called_unclear() {
    let of = measure("ks4_attainment8").unwrap();
    let texts = [
        ("finding", "not calculable"),
        ("reason", "no_second_moment (difference_interval)"),
    ];
    let none = [
        ("difference", Some(-7.0)),
        ("difference_lower", None),
        ("difference_upper", None),
    ];
    let summary = summaries(&row(&of, &texts, &none), std::slice::from_ref(&of)).unwrap();
    let text = |name: &str| {
        let column = summary.column(name).unwrap().str().unwrap();
        column.get(0).unwrap().to_owned()
    };
    assert_eq!(
        text("title"),
        "Attainment 8 in 2023/24: Black Caribbean, 7.0 points lower than for pupils in all other \
         groups, is the widest gap; how sure it is cannot be told"
    );
    assert!(
        text("text").ends_with("1 has a gap of which the data do not say how sure it is."),
        "{}",
        text("text")
    );
}

#[test]
fn a_table_of_another_kind_has_no_sentences() {
    let frame = df!("school" => ["101"], "index" => [0.4]).unwrap();
    assert!(sentences(&frame, &[]).unwrap().is_empty());
    assert_eq!(summaries(&frame, &[]).unwrap().height(), 0);
}
