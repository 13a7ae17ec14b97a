//! Many short lists of numbers in one piece of memory.

/// Lists one after another, and where each begins.
#[derive(Debug, Clone, Default)]
pub(super) struct Lists {
    starts: Vec<usize>,
    items: Vec<u32>,
}

impl Lists {
    pub(super) fn of<'a>(lists: impl Iterator<Item = &'a [u32]>) -> Self {
        let mut made = Lists {
            starts: vec![0],
            items: Vec::new(),
        };
        for list in lists {
            made.items.extend_from_slice(list);
            made.starts.push(made.items.len());
        }
        made
    }

    pub(super) fn get(&self, number: usize) -> &[u32] {
        let first = self.starts.get(number).copied().unwrap_or(0);
        let last = self.starts.get(number + 1).copied().unwrap_or(first);
        self.items.get(first..last).unwrap_or_default()
    }

    pub(super) fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// By item, the numbers of the lists that hold it.
    pub(super) fn turned(&self, items: usize) -> Lists {
        let mut starts = vec![0_usize; items + 1];
        for item in &self.items {
            if let Some(count) = starts.get_mut(*item as usize + 1) {
                *count += 1;
            }
        }
        for at in 1..starts.len() {
            let before = starts.get(at - 1).copied().unwrap_or(0);
            if let Some(count) = starts.get_mut(at) {
                *count += before;
            }
        }
        let mut next = starts.clone();
        let mut turned = vec![0_u32; self.items.len()];
        for number in 0..self.len() {
            for item in self.get(number) {
                let Some(at) = next.get_mut(*item as usize) else {
                    continue;
                };
                if let Some(slot) = turned.get_mut(*at) {
                    *slot = number as u32;
                }
                *at += 1;
            }
        }
        Lists {
            starts,
            items: turned,
        }
    }
}

/// Sums by number that are emptied at the cost of what was added.
#[derive(Debug, Clone, Default)]
pub(super) struct Sums {
    values: Vec<i64>,
    touched: Vec<u32>,
}

impl Sums {
    pub(super) fn new(count: usize) -> Self {
        Sums {
            values: vec![0; count],
            touched: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, number: u32, by: i64) {
        if let Some(value) = self.values.get_mut(number as usize) {
            // A number that comes back from zero stands twice, which does no harm.
            if *value == 0 {
                self.touched.push(number);
            }
            *value += by;
        }
    }

    pub(super) fn get(&self, number: u32) -> i64 {
        self.values.get(number as usize).copied().unwrap_or(0)
    }

    /// Numbers whose sum is not zero, each once, in order.
    pub(super) fn moved(&mut self) -> &[u32] {
        self.touched.sort_unstable();
        self.touched.dedup();
        let values = &self.values;
        self.touched
            .retain(|number| values.get(*number as usize).is_some_and(|v| *v != 0));
        &self.touched
    }

    pub(super) fn clear(&mut self) {
        for number in self.touched.drain(..) {
            if let Some(value) = self.values.get_mut(number as usize) {
                *value = 0;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_turn_round_and_back() {
        let lists = [vec![0, 2], vec![], vec![2, 1]];
        let made = Lists::of(lists.iter().map(Vec::as_slice));
        let turned = made.turned(3);
        assert_eq!(turned.get(2), [0, 2]);
        assert_eq!((turned.get(0), turned.get(1)), (&[0][..], &[2][..]));
        assert_eq!(turned.turned(3).get(2), [1, 2]);
    }

    #[test]
    fn sums_know_what_is_left_of_them() {
        let mut sums = Sums::new(4);
        for (number, by) in [(3, 1), (0, 2), (3, -1), (1, 1), (3, 5)] {
            sums.add(number, by);
        }
        assert_eq!(sums.moved(), [0, 1, 3]);
        sums.clear();
        assert_eq!((sums.get(3), sums.moved()), (0, &[][..]));
    }
}
