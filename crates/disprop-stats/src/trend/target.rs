//! Distance to a target, and whether the slope leads there in time.

use serde::{Deserialize, Serialize};

use super::Slope;
use crate::estimate::{Calculated, Level};
use crate::tail;
use crate::wald::Estimate;

/// Where a gap stands on its way to a target.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// Target minus the gap now: what is still to change, signed.
    pub distance: f64,
    /// Change needed in each unit of time until the due date; `None` when it is due or past.
    pub needed_each: Option<f64>,
    /// Gap at the due date if the slope goes on.
    pub projected: Estimate,
    /// Probability that the line reaches the target by the due date, 0–1, for a straight line.
    pub probability: f64,
    /// What that says.
    pub standing: Standing,
}

/// Whether a target will be met if the slope goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// The gap is at the target or nearer to zero already.
    Met,
    /// The projected interval lies within the target.
    OnTrack,
    /// The projected interval lies outside the target.
    OffTrack,
    /// The projected interval holds the target: the data do not say.
    Unclear,
}

/// Returns the distance of a gap to a target and whether its slope leads there in time.
///
/// A target is met by any gap at least as near to zero; the sign of the gap decides which side that
/// is, and a gap that crosses zero has met it.
///
/// # Formula
/// distance = target − gap; needed = distance / (due − now); projected = line at `due`;
/// probability = Φ((|target| − sign·projected)/se), t where the slope has degrees of freedom.
///
/// # Errors
/// `no_convergence` for numbers not finite.
///
/// # Source
/// Definition; projection error as [`Slope::at`].
///
/// # Example: four points to go in two years
/// ```
/// use disprop_stats::trend::{self, Standing};
/// use disprop_stats::{Level, wald::Estimate};
/// let gaps = [-0.20, -0.18, -0.16].map(|g| Estimate::linear(g, 1e-6));
/// let line = trend::slope(&[2022.0, 2023.0, 2024.0], &gaps, Default::default())?;
/// let ahead = trend::progress(&line, 2024.0, -0.14, 2026.0, Level::P95)?;
/// assert_eq!(ahead.standing, Standing::OnTrack);
/// assert!((ahead.needed_each.unwrap() - 0.01).abs() < 1e-9);
/// # Ok::<(), disprop_stats::NotCalculable>(())
/// ```
pub fn progress(
    line: &Slope,
    now: f64,
    target: f64,
    due: f64,
    level: Level,
) -> Calculated<Progress> {
    let current = line.at(now).estimate;
    let projected = line.at(due);
    let ends = projected.interval(level)?;
    let sign = if current < 0.0 { -1.0 } else { 1.0 };
    // How far inside the target a gap lies, positive towards zero and beyond.
    let inside = |gap: f64| target.abs() - sign * gap;
    let (one, other) = (inside(ends.lower), inside(ends.upper));
    let standing = if inside(current) >= 0.0 {
        Standing::Met
    } else if one.min(other) >= 0.0 {
        Standing::OnTrack
    } else if one.max(other) < 0.0 {
        Standing::OffTrack
    } else {
        Standing::Unclear
    };
    let distance = target - current;
    let z = inside(projected.estimate) / projected.standard_error;
    let probability = match projected.degrees {
        _ if projected.standard_error <= 0.0 => f64::from(u8::from(z >= 0.0)),
        None => tail::normal_below(z),
        Some(degrees) => {
            let half = 0.5 * tail::student_two_sided(z, degrees)?;
            if z > 0.0 { 1.0 - half } else { half }
        }
    };
    let needed_each = (due > now).then(|| distance / (due - now));
    Ok(Progress {
        distance,
        needed_each,
        projected,
        probability,
        standing,
    })
}
