//! A group against its baseline: difference, ratio and odds ratio, with intervals.
