//! Bounds of sums of unknown counts: propagation, then a simplex with upper bounds.
//!
//! Written for the attack and sharing nothing with the library, whose own auditor decides what
//! leaves. Every table the simplex ends at is kept as a witness, so that most questions are
//! answered by a table that was found for another.

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};

/// A sum of unknowns between two numbers.
#[derive(Debug, Clone)]
pub struct Known {
    pub terms: Vec<(usize, f64)>,
    pub low: f64,
    pub high: f64,
}

/// What is asked: a sum of unknowns, each once.
pub type Question = Vec<usize>;

/// Number of a question, what of it stands in a component, and the true value of that.
type Asked = (usize, Vec<usize>, Option<f64>);

/// The widest range shown to be possible, and the narrowest shown to hold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range {
    pub witnessed: (f64, f64),
    pub proved: (f64, f64),
}

impl Range {
    pub fn width(&self) -> f64 {
        self.witnessed.1 - self.witnessed.0
    }
}

/// Narrows every unknown by every sum; returns bounds, or nothing where the sums contradict.
fn propagate(known: &[Known], unknowns: usize) -> Option<Vec<(f64, f64)>> {
    let mut bounds = vec![(0.0_f64, f64::INFINITY); unknowns];
    for _ in 0..30 {
        let mut moved = false;
        for sum in known {
            let part = |(u, c): &(usize, f64), b: &[(f64, f64)]| {
                let (l, h) = b[*u];
                if *c > 0.0 {
                    (c * l, c * h)
                } else {
                    (c * h, c * l)
                }
            };
            let ends: Vec<(f64, f64)> = sum.terms.iter().map(|t| part(t, &bounds)).collect();
            for (at, (unknown, factor)) in sum.terms.iter().enumerate() {
                let rest = ends.iter().enumerate().filter(|(i, _)| *i != at);
                let (least, most) = rest.fold((0.0, 0.0), |(a, b), (_, (l, h))| (a + l, b + h));
                let (mut low, mut high) = ((sum.low - most) / factor, (sum.high - least) / factor);
                if *factor < 0.0 {
                    (low, high) = (high, low);
                }
                let slot = &mut bounds[*unknown];
                let low = (low - 1e-7).ceil();
                let high = (high + 1e-7).floor();
                if low.is_finite() && low > slot.0 {
                    slot.0 = low;
                    moved = true;
                }
                if high.is_finite() && high < slot.1 {
                    slot.1 = high;
                    moved = true;
                }
                if slot.0 > slot.1 {
                    return None;
                }
            }
        }
        if !moved {
            break;
        }
    }
    Some(bounds)
}

/// Least number a column is turned on: coefficients are ones, so that less is what rounding left.
const PIVOT: f64 = 1e-7;

/// Equations over 0 ≤ x ≤ upper, in a tableau whose columns are turned round at their upper bound.
struct Tableau {
    rows: Vec<Vec<f64>>,
    basis: Vec<usize>,
    upper: Vec<f64>,
    turned: Vec<bool>,
}

enum End {
    Found,
    Unbounded,
    Lost,
}

impl Tableau {
    fn new(equations: &[(Vec<(usize, f64)>, f64)], upper: Vec<f64>) -> Option<Self> {
        let (real, count) = (upper.len(), equations.len());
        let mut rows = Vec::with_capacity(count);
        for (number, (terms, right)) in equations.iter().enumerate() {
            let sign = if *right < 0.0 { -1.0 } else { 1.0 };
            let mut row = vec![0.0; real + count + 1];
            for (unknown, factor) in terms {
                row[*unknown] += sign * factor;
            }
            row[real + number] = 1.0;
            row[real + count] = sign * right;
            rows.push(row);
        }
        let mut made = Tableau {
            rows,
            basis: (real..real + count).collect(),
            upper: upper
                .into_iter()
                .chain(vec![f64::INFINITY; count])
                .collect(),
            turned: vec![false; real + count],
        };
        let mut cost = vec![0.0; real + count];
        cost[real..].fill(-1.0);
        match made.climb(&cost) {
            End::Found => {}
            _ => return None,
        }
        let left: f64 = made.values().iter().skip(real).sum();
        if left > 1e-6 {
            return None;
        }
        made.upper[real..].fill(0.0);
        Some(made)
    }

    fn right(&self) -> usize {
        self.upper.len()
    }

    fn values(&self) -> Vec<f64> {
        let mut values = vec![0.0; self.upper.len()];
        for (row, basic) in self.rows.iter().zip(&self.basis) {
            values[*basic] = row[self.right()];
        }
        for (at, value) in values.iter_mut().enumerate() {
            if self.turned[at] {
                *value = self.upper[at] - *value;
            }
        }
        values
    }

    /// Turns an unbasic column round: x becomes upper − x.
    fn turn(&mut self, column: usize) {
        let right = self.right();
        let upper = self.upper[column];
        for row in &mut self.rows {
            row[right] -= row[column] * upper;
            row[column] = -row[column];
        }
        self.turned[column] = !self.turned[column];
    }

    fn climb(&mut self, cost: &[f64]) -> End {
        let right = self.right();
        let mut idle = 0;
        let mut price: Vec<f64> = (0..right)
            .map(|c| if self.turned[c] { -cost[c] } else { cost[c] })
            .collect();
        let mut basic = vec![false; right];
        for (row, at) in self.rows.iter().zip(&self.basis) {
            basic[*at] = true;
            let own = if self.turned[*at] {
                -cost[*at]
            } else {
                cost[*at]
            };
            if own != 0.0 {
                for (p, v) in price.iter_mut().zip(row) {
                    *p -= own * v;
                }
            }
        }
        for _ in 0..5_000 {
            let open =
                (0..right).filter(|c| price[*c] > 1e-9 && !basic[*c] && self.upper[*c] > 1e-9);
            let column = match idle > 40 {
                true => open.min(),
                false => open.max_by(|a, b| price[*a].total_cmp(&price[*b]).then(b.cmp(a))),
            };
            let Some(column) = column else {
                return End::Found;
            };
            // How far it may rise: to its own bound, or till a basic one meets either of its.
            let mut step = self.upper[column];
            let mut at: Option<(usize, bool)> = None;
            for (number, row) in self.rows.iter().enumerate() {
                let (by, now) = (row[column], row[right]);
                let bound = self.upper[self.basis[number]];
                let (room, top) = if by > PIVOT {
                    (now.max(0.0) / by, false)
                } else if by < -PIVOT && bound.is_finite() {
                    ((bound - now).max(0.0) / -by, true)
                } else {
                    continue;
                };
                let ties = at.is_some_and(|(n, _)| self.basis[number] < self.basis[n]);
                if room < step - 1e-12 || room < step + 1e-12 && ties {
                    step = room;
                    at = Some((number, top));
                }
            }
            idle = if step > 1e-9 { 0 } else { idle + 1 };
            match at {
                None if step.is_infinite() => return End::Unbounded,
                None => {
                    self.turn(column);
                    price[column] = -price[column];
                }
                Some((number, top)) => {
                    let leaving = self.basis[number];
                    if top {
                        let bound = self.upper[leaving];
                        let row = &mut self.rows[number];
                        for value in row.iter_mut() {
                            *value = -*value;
                        }
                        row[right] += bound;
                        row[leaving] = 1.0;
                        self.turned[leaving] = !self.turned[leaving];
                    }
                    basic[leaving] = false;
                    basic[column] = true;
                    self.pivot(number, column);
                    let own = price[column];
                    for (p, v) in price.iter_mut().zip(&self.rows[number]) {
                        *p -= own * v;
                    }
                }
            }
        }
        End::Lost
    }

    fn pivot(&mut self, number: usize, column: usize) {
        let factor = self.rows[number][column];
        for value in &mut self.rows[number] {
            *value /= factor;
        }
        let row = std::mem::take(&mut self.rows[number]);
        for (n, other) in self.rows.iter_mut().enumerate() {
            if n != number && other[column].abs() > 1e-12 {
                let times = other[column];
                for (value, by) in other.iter_mut().zip(&row) {
                    *value -= times * by;
                }
            }
        }
        self.rows[number] = row;
        self.basis[number] = column;
    }
}

/// Numbers that all searches in one component look at: where so many do not do, more do not.
const SEARCHED: usize = 30_000_000;

/// Equations of one component over what is left of its unknowns above their lower bounds.
struct Part {
    equations: Vec<(Vec<(usize, f64)>, f64)>,
    upper: Vec<f64>,
    /// Unknowns; slacks come after them.
    members: usize,
    /// Tables that searches may still look at together.
    left: Cell<usize>,
}

/// Leaves out equations that follow from others, on which a simplex goes round in circles. They
/// are told modulo a prime, where arithmetic is exact; all are true of one table, so that none of
/// them can contradict another.
fn independent(
    equations: Vec<(Vec<(usize, f64)>, f64)>,
    unknowns: usize,
) -> Vec<(Vec<(usize, f64)>, f64)> {
    const PRIME: i64 = 2_147_483_647;
    let inverse = |value: i64| {
        let (mut power, mut base, mut left) = (1, value, PRIME - 2);
        while left > 0 {
            if left % 2 == 1 {
                power = power * base % PRIME;
            }
            base = base * base % PRIME;
            left /= 2;
        }
        power
    };
    // By first unknown, a row that begins there with a one.
    let mut leading: Vec<Option<Vec<i64>>> = vec![None; unknowns];
    let mut says_something = |(terms, _): &(Vec<(usize, f64)>, f64)| {
        let mut row = vec![0_i64; unknowns];
        for (unknown, factor) in terms {
            row[*unknown] = (*factor as i64).rem_euclid(PRIME);
        }
        for at in 0..unknowns {
            if row[at] == 0 {
                continue;
            }
            let Some(known) = &leading[at] else {
                let by = inverse(row[at]);
                leading[at] = Some(row.iter().map(|v| v * by % PRIME).collect());
                return true;
            };
            let times = PRIME - row[at];
            for (value, own) in row[at..].iter_mut().zip(&known[at..]) {
                *value = (*value + times * own) % PRIME;
            }
        }
        false
    };
    equations
        .into_iter()
        .filter(|e| says_something(e))
        .collect()
}

fn whole(value: f64) -> bool {
    (value - value.round()).abs() < 1e-6
}

impl Part {
    /// Looks for a table of whole numbers in which a sum is `goal` or beyond, by cutting off what
    /// is between two whole numbers; depth first, and given up after so many tables.
    fn search(&self, asked: &[usize], sign: f64, goal: f64) -> Option<f64> {
        let cells = self.equations.len() * self.upper.len();
        let mut left = (4_000_000 / cells.max(1)).clamp(5, 200);
        left = left.min(self.left.get());
        self.left.set(self.left.get() - left);
        let mut stack = vec![(vec![0.0; self.upper.len()], self.upper.clone())];
        while let Some((lower, upper)) = stack.pop() {
            if left == 0 {
                return None;
            }
            left -= 1;
            let equations: Vec<_> = self
                .equations
                .iter()
                .map(|(terms, right)| {
                    let base: f64 = terms.iter().map(|(u, c)| c * lower[*u]).sum();
                    (terms.clone(), right - base)
                })
                .collect();
            let room = upper.iter().zip(&lower).map(|(u, l)| u - l).collect();
            let Some(mut table) = Tableau::new(&equations, room) else {
                continue;
            };
            let mut cost = vec![0.0; table.upper.len()];
            for unknown in asked {
                cost[*unknown] = sign;
            }
            if !matches!(table.climb(&cost), End::Found) {
                continue;
            }
            let values = table.values();
            let at = |u: usize| lower[u] + values[u];
            let value: f64 = asked.iter().map(|u| at(*u)).sum();
            if sign * value < sign * goal - 1e-6 {
                continue;
            }
            let between = (0..self.members).find(|u| !whole(at(*u)));
            let Some(unknown) = between else {
                self.left.set(self.left.get() + left);
                return Some(value.round());
            };
            let (mut below, mut above) = ((lower.clone(), upper.clone()), (lower.clone(), upper));
            below.1[unknown] = at(unknown).floor();
            above.0[unknown] = at(unknown).ceil();
            stack.push(below);
            stack.push(above);
        }
        self.left.set(self.left.get() + left);
        None
    }
}

/// Answers questions about sums: of each the widest range that whole tables were found for, no
/// wider searched for than `width`, and the range that is proved; nothing where the sums
/// contradict each other. The true value of each is one that a whole table has.
pub fn ranges(
    known: &[Known],
    unknowns: usize,
    questions: &[(Question, f64)],
    width: f64,
) -> Option<Vec<Range>> {
    let bounds = propagate(known, unknowns)?;
    let fixed = |u: usize| bounds[u].1 - bounds[u].0 < 0.5;
    // Components of what is left open.
    let mut links: Vec<usize> = (0..unknowns).collect();
    fn root(links: &mut [usize], mut at: usize) -> usize {
        while links[at] != at {
            links[at] = links[links[at]];
            at = links[at];
        }
        at
    }
    for sum in known {
        let mut open = sum.terms.iter().map(|t| t.0).filter(|u| !fixed(*u));
        if let Some(head) = open.next() {
            for other in open {
                let (a, b) = (root(&mut links, head), root(&mut links, other));
                links[a.max(b)] = a.min(b);
            }
        }
    }
    let heads: Vec<usize> = (0..unknowns).map(|u| root(&mut links, u)).collect();
    // Questions over one component at a time: their parts add up.
    let mut answers: Vec<Range> = Vec::with_capacity(questions.len());
    let mut asked: BTreeMap<usize, Vec<Asked>> = BTreeMap::new();
    for (number, (question, truth)) in questions.iter().enumerate() {
        let sure: f64 = question
            .iter()
            .filter(|u| fixed(**u))
            .map(|u| bounds[*u].0)
            .sum();
        answers.push(Range {
            witnessed: (sure, sure),
            proved: (sure, sure),
        });
        let mut parts: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for unknown in question.iter().copied().filter(|u| !fixed(*u)) {
            parts.entry(heads[unknown]).or_default().push(unknown);
        }
        let truth = (parts.len() == 1).then_some(truth - sure);
        for (head, part) in parts {
            asked.entry(head).or_default().push((number, part, truth));
        }
    }
    let mut sums_of: HashMap<usize, Vec<&Known>> = HashMap::new();
    for sum in known {
        if let Some((unknown, _)) = sum.terms.iter().find(|(u, _)| !fixed(*u)) {
            sums_of.entry(heads[*unknown]).or_default().push(sum);
        }
    }
    for (head, parts) in &asked {
        let members: Vec<usize> = (0..unknowns)
            .filter(|u| heads[*u] == *head && !fixed(*u))
            .collect();
        let local: HashMap<usize, usize> =
            members.iter().enumerate().map(|(n, u)| (*u, n)).collect();
        // A sum between two numbers takes a slack.
        let mut upper: Vec<f64> = members
            .iter()
            .map(|u| bounds[*u].1 - bounds[*u].0)
            .collect();
        let mut equations: Vec<(Vec<(usize, f64)>, f64)> = Vec::new();
        for sum in sums_of.get(head).into_iter().flatten() {
            let base: f64 = sum.terms.iter().map(|(u, c)| c * bounds[*u].0).sum();
            let open = sum
                .terms
                .iter()
                .filter_map(|(u, c)| Some((*local.get(u)?, *c)));
            let mut terms: Vec<(usize, f64)> = open.collect();
            if sum.high - sum.low > 1e-9 {
                terms.push((upper.len(), 1.0));
                upper.push(sum.high - sum.low);
            }
            equations.push((terms, sum.high - base));
        }
        equations.sort_by(|a, b| a.partial_cmp(b).unwrap());
        equations.dedup();
        let equations = independent(equations, upper.len());
        let size = (equations.len() * upper.len()).max(1);
        let part = Part {
            equations,
            upper,
            members: members.len(),
            left: Cell::new((SEARCHED / size).clamp(10, 1_000)),
        };
        let mut table = Tableau::new(&part.equations, part.upper.clone())?;
        let base: Vec<f64> = parts
            .iter()
            .map(|(_, asked, _)| asked.iter().map(|u| bounds[*u].0).sum())
            .collect();
        let asked: Vec<Vec<usize>> = parts
            .iter()
            .map(|(_, asked, _)| asked.iter().map(|u| local[u]).collect())
            .collect();
        let mut seen: Vec<(f64, f64)> = parts
            .iter()
            .map(|(_, _, truth)| truth.map_or((f64::INFINITY, f64::NEG_INFINITY), |t| (t, t)))
            .collect();
        let note = |table: &Tableau, seen: &mut Vec<(f64, f64)>| {
            let values = table.values();
            if values[..members.len()].iter().all(|v| whole(*v)) {
                for ((asked, base), seen) in asked.iter().zip(&base).zip(seen) {
                    let value = base + asked.iter().map(|u| values[*u].round()).sum::<f64>();
                    *seen = (seen.0.min(value), seen.1.max(value));
                }
            }
        };
        note(&table, &mut seen);
        for (at, (number, _, _)) in parts.iter().enumerate() {
            let mut proved = (f64::NEG_INFINITY, f64::INFINITY);
            for sign in [1.0, -1.0] {
                if seen[at].1 - seen[at].0 >= width {
                    break;
                }
                let mut cost = vec![0.0; table.upper.len()];
                for unknown in &asked[at] {
                    cost[*unknown] = sign;
                }
                match table.climb(&cost) {
                    End::Found => {
                        let values = table.values();
                        let value = base[at] + asked[at].iter().map(|u| values[*u]).sum::<f64>();
                        note(&table, &mut seen);
                        match sign > 0.0 {
                            true => proved.1 = (value + 1e-6).floor(),
                            false => proved.0 = (value - 1e-6).ceil(),
                        }
                    }
                    End::Unbounded => match sign > 0.0 {
                        true => seen[at].1 = f64::INFINITY,
                        false => seen[at].0 = f64::NEG_INFINITY,
                    },
                    End::Lost => return None,
                }
            }
            // No whole table far enough was met by the way, though there may be one.
            for sign in [1.0, -1.0] {
                let (low, high) = seen[at];
                if high - low >= width || proved.1 - proved.0 < width {
                    break;
                }
                let known = if sign > 0.0 { low } else { high };
                let goals = [width, 1.0 + (high - low).max(0.0)];
                for goal in goals {
                    let goal = known + sign * goal - base[at];
                    if let Some(value) = part.search(&asked[at], sign, goal) {
                        let value = value + base[at];
                        seen[at] = (seen[at].0.min(value), seen[at].1.max(value));
                        break;
                    }
                }
            }
            let answer = &mut answers[*number];
            answer.witnessed.0 += seen[at].0;
            answer.witnessed.1 += seen[at].1;
            answer.proved.0 += proved.0;
            answer.proved.1 += proved.1;
        }
    }
    Some(answers)
}
