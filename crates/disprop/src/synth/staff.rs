//! Staff of synthetic schools, by role.

use polars::prelude::*;

use super::calibration::{GROUPS, TEACHERS, UNCLASSIFIED};
use super::draw::{Draw, Purpose};
use super::frame::{authority_names, categories, coded, school_names, year_names};
use super::{Error, Plan, Scope, World};

/// Pupils for each teacher; assumed.
const PUPILS_EACH: u32 = 18;
/// Odds of a group other than White British among heads, deputies and assistants, over its odds among all teachers.
/// Heads: 6.9 % against 13.5 % in 2016 (section 9) is 0.47; the others are assumed between.
const ODDS: [f64; 4] = [0.47, 0.55, 0.65, 1.0];
/// Refused, among those not classified; the rest is not yet obtained (England 2020/21: 4,234 of 40,948, section 9).
const REFUSED: f64 = 0.103;
/// Years that one person keeps a post; posts change hands in different years.
const TENURE: u32 = 5;

/// Returns the staff of a plan's schools.
///
/// One row is a post in a school in a year: `year`, `la`, `school`, `ethnicity` (main codes, `REFU`, `NOBT`), `role`
/// (Head teacher, Deputy head teacher, Assistant head teacher, Classroom teacher) and `is_leader` (0 or 1: the first
/// three roles). Groups have England's shares of teachers in 2020/21, raised or lowered by the square root of their
/// share of the place's pupils over England's; other than White British they are rarer among leaders, as in 2016.
///
/// # Errors
/// As [`cohort`](super::cohort).
///
/// # Example: leaders of an authority
/// ```
/// use disprop::synth::{Plan, staff};
/// let staff = staff(&Plan { pupils: 2_000, ..Plan::default() })?;
/// assert_eq!(staff.get_column_names(), ["year", "la", "school", "ethnicity", "role", "is_leader"]);
/// # Ok::<(), disprop::synth::Error>(())
/// ```
pub fn staff(plan: &Plan) -> Result<DataFrame, Error> {
    let world = World::new(plan)?;
    let schools = &world.map.schools;
    let edges = role_edges(plan);
    let mut posts: Vec<[u32; 5]> = Vec::new();
    for year in 0..plan.years {
        for (number, school) in schools.iter().enumerate() {
            let groups = if school.secondary { 6 } else { 7 };
            let staff = (school.seats.len() as u32 * groups / PUPILS_EACH).max(4);
            for post in 0..staff {
                // One head, a deputy and an assistant for every 25 and every 12 others.
                let role = match post {
                    0 => 0,
                    p if p <= 1 + staff / 25 => 1,
                    p if p <= 1 + staff / 25 + staff / 12 => 2,
                    _ => 3,
                };
                let holder = (year + post % TENURE) / TENURE;
                let keys = [number as u64, u64::from(post) << 32 | u64::from(holder)];
                let mut draw = Draw::new(plan.seed, Purpose::Staff, keys);
                let mut group = edges.get(role).map_or(0, |edges| draw.pick(edges));
                if group == UNCLASSIFIED && !draw.chance(REFUSED) {
                    group += 1;
                }
                posts.push([
                    year,
                    school.authority as u32,
                    number as u32,
                    group as u32,
                    role as u32,
                ]);
            }
        }
    }
    table(plan, &world, &posts)
}

/// Cumulative shares of the groups in each role.
fn role_edges(plan: &Plan) -> Vec<Vec<f64>> {
    let place = usize::from(plan.scope == Scope::Authority);
    let here: Vec<f64> = TEACHERS
        .iter()
        .zip(&GROUPS)
        .map(|(teachers, group)| teachers * (group.share[place] / group.share[0]).sqrt())
        .collect();
    ODDS.iter()
        .map(|odds| {
            let weight = |i: usize, w: f64| if i == 0 { w } else { w * odds };
            let total: f64 = here.iter().enumerate().map(|(i, &w)| weight(i, w)).sum();
            let mut sum = 0.0;
            here.iter()
                .enumerate()
                .map(|(i, &w)| {
                    sum += weight(i, w) / total;
                    sum
                })
                .collect()
        })
        .collect()
}

fn table(plan: &Plan, world: &World, posts: &[[u32; 5]]) -> Result<DataFrame, Error> {
    let mut groups: Vec<&str> = GROUPS
        .iter()
        .take(UNCLASSIFIED)
        .map(|group| group.code)
        .collect();
    groups.extend(["REFU", "NOBT"]);
    let roles = [
        "Head teacher",
        "Deputy head teacher",
        "Assistant head teacher",
        "Classroom teacher",
    ];
    let labels = [
        ("year", categories(&year_names(plan))?),
        (
            "la",
            categories(&authority_names(world.map.authorities.len()))?,
        ),
        (
            "school",
            categories(&school_names(world.map.schools.len()))?,
        ),
        ("ethnicity", categories(&groups)?),
        ("role", categories(&roles)?),
    ];
    let mut columns = Vec::with_capacity(6);
    for (position, (name, labels)) in labels.iter().enumerate() {
        let codes = posts.iter().map(|post| post.get(position).copied());
        let column = coded(name, codes, labels)?;
        columns.push(if plan.plain_text {
            column.cast(&DataType::String)?
        } else {
            column
        });
    }
    let leads = posts.iter().map(|[.., role]| u8::from(*role < 3));
    columns.push(UInt8Chunked::from_iter_values("is_leader".into(), leads).into_column());
    Ok(DataFrame::new(posts.len(), columns)?)
}
