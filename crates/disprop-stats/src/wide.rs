//! Whole numbers as wide as they need be: 128 bits nearly always, 256 where sums are huge.

use ethnum::I256;

/// A whole number; the same number converts to the same `f64` however wide it is held.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Wide {
    Narrow(i128),
    Full(I256),
}

/// Returns the nearest `f64`: `a as f64`, which is an instruction up to 64 bits and a call beyond.
#[inline]
pub(crate) fn float(a: i128) -> f64 {
    i64::try_from(a).map_or_else(|_| a as f64, |a| a as f64)
}

impl Wide {
    /// Returns a b, or `None` beyond 256 bits.
    #[inline]
    pub(crate) fn product(a: i128, b: i128) -> Option<Self> {
        Wide::Narrow(a).times(b)
    }

    /// Returns the number times `factor`, or `None` beyond 256 bits.
    #[inline]
    pub(crate) fn times(self, factor: i128) -> Option<Self> {
        if let Wide::Narrow(a) = self {
            // One instruction, and most sums.
            if let (Ok(a), Ok(factor)) = (i64::try_from(a), i64::try_from(factor)) {
                return Some(Wide::Narrow(i128::from(a) * i128::from(factor)));
            }
            // Factors of 126 bits together cannot overflow, which needs no slow check.
            let spare = |v: i128| v.unsigned_abs().leading_zeros();
            if spare(a) + spare(factor) >= 130 {
                return Some(Wide::Narrow(a * factor));
            }
            if let Some(product) = a.checked_mul(factor) {
                return Some(Wide::Narrow(product));
            }
        }
        self.full().checked_mul(I256::from(factor)).map(Wide::Full)
    }

    #[inline]
    pub(crate) fn plus(self, other: Self) -> Option<Self> {
        if let (Wide::Narrow(a), Wide::Narrow(b)) = (self, other)
            && let Some(sum) = a.checked_add(b)
        {
            return Some(Wide::Narrow(sum));
        }
        self.full().checked_add(other.full()).map(Wide::Full)
    }

    #[inline]
    pub(crate) fn minus(self, other: Self) -> Option<Self> {
        if let (Wide::Narrow(a), Wide::Narrow(b)) = (self, other)
            && let Some(difference) = a.checked_sub(b)
        {
            return Some(Wide::Narrow(difference));
        }
        self.full().checked_sub(other.full()).map(Wide::Full)
    }

    /// Returns the nearest `f64`, mirrored for the mirrored number.
    #[inline]
    pub(crate) fn float(self) -> f64 {
        match self {
            Wide::Narrow(a) => float(a),
            Wide::Full(a) => match i128::try_from(a) {
                Ok(a) => float(a),
                Err(_) if a < I256::from(0) => -a.unsigned_abs().as_f64(),
                Err(_) => a.as_f64(),
            },
        }
    }

    fn full(self) -> I256 {
        match self {
            Wide::Narrow(a) => I256::from(a),
            Wide::Full(a) => a,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_the_same_float_however_wide() {
        for a in [
            0,
            1,
            -7,
            (1 << 100) + 1,
            i128::MAX,
            i128::MIN,
            3_i128.pow(70) + 1,
            i128::from(i64::MAX),
            i128::from(i64::MIN) - 1,
            (1 << 53) + 1,
        ] {
            let (narrow, full) = (Wide::Narrow(a).float(), Wide::Full(I256::from(a)).float());
            assert_eq!(narrow.to_bits(), full.to_bits(), "{a}");
            assert_eq!(narrow.to_bits(), (a as f64).to_bits(), "{a}");
        }
    }

    #[test]
    fn every_size_rounds_as_the_language_does() {
        for bits in 0..127 {
            for low in [0, 1, 2, 3, 5] {
                for middle in [0, 1, 2, 3] {
                    // A one, then bits about where an f64 ends, then the lowest ones.
                    let a = (1_i128 << bits) + (middle << (bits.max(53) - 53)) + low;
                    for a in [a, -a, a.wrapping_mul(3), (1 << bits) - 1 - low] {
                        assert_eq!(float(a).to_bits(), (a as f64).to_bits(), "{a}");
                    }
                }
            }
        }
    }

    #[test]
    fn beyond_128_bits_nothing_is_lost_and_beyond_256_nothing_is_made_up() {
        let square = Wide::product(i128::MAX, i128::MAX).unwrap();
        let next = Wide::product(i128::MAX, i128::MAX - 1).unwrap();
        assert_eq!(square.minus(next).unwrap().float(), i128::MAX as f64);
        assert_eq!(
            square.plus(next).unwrap().minus(next).unwrap().float(),
            square.float()
        );
        assert!(square.times(i128::MAX).is_none());
        let narrow = Wide::Narrow(i128::MAX);
        assert_eq!(narrow.plus(narrow).unwrap().float(), 2.0_f64.powi(128));
        assert_eq!(
            Wide::Narrow(i128::MIN).minus(narrow).unwrap().float(),
            -(2.0_f64.powi(128))
        );
    }
}
