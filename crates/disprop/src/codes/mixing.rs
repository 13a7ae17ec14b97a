//! Plain codes used beside their own finer codes, which makes both groups short.

use std::collections::BTreeMap;

use super::Ethnicity;

/// Codes that are themselves split in two below the extended level: using the parts rules out the whole.
///
/// Source: school census guidance on extended codes (`WGRE` excludes `WGRK` and `WGRC`; `WTUR` excludes `WTUK`, `WTUC`).
const SPLITS: [(&str, [&str; 2]); 2] = [("WGRE", ["WGRK", "WGRC"]), ("WTUR", ["WTUK", "WTUC"])];

/// One code used plainly although its own finer codes are in use too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlainBesideExtended<'a> {
    /// The coarser code: a main code, or `WGRE` or `WTUR`, which are split themselves.
    pub plain: &'a str,
    /// Pupils coded with it plainly.
    pub plain_n: u64,
    /// Pupils coded with one of its finer codes.
    pub extended_n: u64,
}

impl Ethnicity {
    /// Returns every code that is used plainly while its own finer codes are in use too.
    ///
    /// An authority that adopts extended codes should not use the plain code beside them. Where it does, a group such as
    /// Somali pupils is counted short and the rest sit among "all others". Run it on one authority and year at a time:
    /// over several authorities the mix is expected.
    ///
    /// # Units and shapes
    /// `counts` is one entry a code; entries of the same code add up, codes the set does not hold are passed over. One
    /// result a mixed code, in the order of the code list.
    ///
    /// # Source
    /// DfE school census guidance on extended ethnicity codes.
    ///
    /// # Example: half the Black African pupils have no finer code
    /// ```
    /// use disprop::codes::Ethnicity;
    /// let set = Ethnicity::default();
    /// let mixed = set.plain_beside_extended(&[("BAFR", 40), ("BSOM", 60), ("BCRB", 9)]);
    /// assert_eq!((mixed[0].plain, mixed[0].plain_n, mixed[0].extended_n), ("BAFR", 40, 60));
    /// assert_eq!(mixed.len(), 1);
    /// assert!(set.plain_beside_extended(&[("BAOF", 40), ("BSOM", 60)]).is_empty());
    /// ```
    pub fn plain_beside_extended(&self, counts: &[(&str, u64)]) -> Vec<PlainBesideExtended<'_>> {
        let mut seen: BTreeMap<&str, u64> = BTreeMap::new();
        for (code, n) in counts {
            if let Some(fact) = self.find(code) {
                let held = seen.entry(fact.code).or_default();
                *held = held.saturating_add(*n);
            }
        }
        let count = |code: &str| seen.get(code).copied().unwrap_or(0);
        let finer = |plain: &str| -> u64 {
            let split = SPLITS
                .iter()
                .find(|(whole, _)| *whole == plain)
                .map(|(_, parts)| parts);
            let parts = self.codes().filter(|c| match split {
                Some(parts) => parts.contains(&c.code),
                None => c.main == plain && c.code != plain,
            });
            parts.fold(0, |sum, c| sum.saturating_add(count(c.code)))
        };
        self.codes()
            .map(|c| PlainBesideExtended {
                plain: c.code,
                plain_n: count(c.code),
                extended_n: finer(c.code),
            })
            .filter(|mixed| mixed.plain_n > 0 && mixed.extended_n > 0)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_codes_beside_their_finer_ones_are_found() {
        let set = Ethnicity::default();
        let plain = |counts: &[(&str, u64)]| -> Vec<(String, u64, u64)> {
            let found = set.plain_beside_extended(counts).into_iter();
            found
                .map(|p| (p.plain.to_owned(), p.plain_n, p.extended_n))
                .collect()
        };
        assert_eq!(
            plain(&[("WBRI", 5), ("WCOR", 2), ("WWEL", 1)]),
            [("WBRI".into(), 5, 3)]
        );
        assert_eq!(plain(&[("WGRE", 4), ("WGRK", 2)]), [("WGRE".into(), 4, 2)]);
        assert_eq!(plain(&[("WTUR", 4), ("WTUC", 2)]), [("WTUR".into(), 4, 2)]);
        assert_eq!(
            plain(&[("MWAS", 4), ("MWAP", 2), ("mwas ", 1)]),
            [("MWAS".into(), 5, 2)]
        );
        assert_eq!(
            plain(&[
                ("WGRE", 4),
                ("WTUK", 2),
                ("BAFR", 0),
                ("BSOM", 9),
                ("XXXX", 1)
            ]),
            []
        );
    }
}
