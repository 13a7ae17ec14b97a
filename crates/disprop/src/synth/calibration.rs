//! The published rates that synthetic cohorts are steered to.
//!
//! Section numbers are those of the project's domain reference; file names are those of its data samples. Every
//! number is a percentage or a score as printed there, so that it can be checked by eye; the arithmetic that brings
//! them to one year and place is in `targets`.

/// The published figures of one main ethnic group.
///
/// - `share`: percentage of pupils, England and a west London authority, 2021/22 (DfE, Schools, pupils and their
///   characteristics, `spc_pupils_ethnicity`).
/// - `fsm`: percentage eligible for free school meals, England 2018/19 (`spc_pupils_fsm_ethnicity`).
/// - `eal`: share with a first language other than English. Assumed: no table by group was at hand.
/// - `absence`: overall absence %, persistent absence %, unauthorised part of absence; England 2016/17
///   (`absence_natcharacteristics`; section 1.5 prints some of them).
/// - `suspension`: suspensions per 100 pupils, pupils suspended once or more %, permanent exclusions per 100 pupils;
///   England 2016/17 (section 14.1). Permanent exclusions of Chinese pupils are withheld there; 0.01 is assumed.
/// - `gld`: good level of development %, England 2016/17 (`EYFSP_National_1_key_measures`): used only for the distance
///   of a minor from its major group.
/// - `ks4`: Attainment 8, grades 5+ and 4+ in English and maths %, EBacc average points; England 2017/18 (section 14.2).
/// - `progress8`: mean Progress 8, England 2021/22 (`ks4_national_char_201819_to_202122`).
pub(crate) struct Published {
    pub code: &'static str,
    pub major: &'static Major,
    pub share: [f64; 2],
    pub fsm: f64,
    pub eal: f64,
    pub absence: [f64; 3],
    pub suspension: [f64; 3],
    pub gld: f64,
    pub ks4: [f64; 4],
    pub progress8: f64,
}

/// The published figures of one major group, `[England, west London authority]` where there are two.
///
/// - `gld`: 2025 (section 4); `gld_2017`: England 2016/17, pooled from the same file as the minor groups.
/// - `ks2`: expected standard in reading, writing and maths %, 2025 (section 5).
/// - `attainment8`: 2025 (section 6.5); the authority has no figure for Other, so all its pupils' 52.0 stands in,
///   against England's 46.0.
/// - `em95`: grades 5+ in English and maths %, England 2017/18, pooled from section 14.2.
/// - `entry`: entered higher education, entered a high-tariff provider, %; aged 15 in 2020/21
///   (`he_entry_by_age_19_ethnic_group`, definitions in section 8). Chinese is inside Asian there.
pub(crate) struct Major {
    pub gld: [f64; 2],
    pub gld_2017: f64,
    pub ks2: [f64; 2],
    pub attainment8: [f64; 2],
    pub em95: f64,
    pub entry: [f64; 2],
}

static WHITE: Major = Major {
    gld: [69.7, 73.0],
    gld_2017: 71.514,
    ks2: [61.0, 71.0],
    attainment8: [44.8, 56.0],
    em95: 42.6,
    entry: [39.0, 11.1],
};
static MIXED: Major = Major {
    gld: [69.9, 74.5],
    gld_2017: 72.67,
    ks2: [64.0, 68.0],
    attainment8: [47.1, 55.2],
    em95: 43.7,
    entry: [48.7, 14.5],
};
static ASIAN: Major = Major {
    gld: [67.7, 72.0],
    gld_2017: 69.437,
    ks2: [71.0, 74.0],
    attainment8: [52.8, 51.5],
    em95: 50.2,
    entry: [66.4, 17.5],
};
/// Entry is assumed a little above Asian, of which it is a part in the source.
static CHINESE: Major = Major {
    gld: [78.8, 69.0],
    gld_2017: 74.445,
    ks2: [81.0, 86.0],
    attainment8: [66.1, 70.8],
    em95: 75.3,
    entry: [72.4, 27.5],
};
static BLACK: Major = Major {
    gld: [62.9, 59.5],
    gld_2017: 69.605,
    ks2: [63.0, 60.0],
    attainment8: [46.2, 45.0],
    em95: 38.8,
    entry: [64.2, 11.8],
};
static OTHER: Major = Major {
    gld: [60.0, 60.4],
    gld_2017: 63.456,
    ks2: [61.0, 63.0],
    attainment8: [46.0, 52.0],
    em95: 43.8,
    entry: [61.7, 14.3],
};
/// All pupils together, from which the unclassified are placed. Entry is weighted from the major groups by pupils.
static EVERYONE: Major = Major {
    gld: [68.3, 67.8],
    gld_2017: 70.705,
    ks2: [63.0, 69.0],
    attainment8: [46.0, 52.0],
    em95: 43.3,
    entry: [45.1, 12.2],
};

/// The last entry of [`GROUPS`]: pupils whose ethnicity was refused, not obtained or left blank.
pub(crate) const UNCLASSIFIED: usize = 18;

/// One entry for each main group, then the unclassified.
pub(crate) static GROUPS: [Published; 19] = [
    Published {
        code: "WBRI",
        major: &WHITE,
        share: [63.908, 13.620],
        fsm: 14.9,
        eal: 0.005,
        absence: [4.70, 10.8, 0.26],
        suspension: [5.226, 2.343, 0.101],
        gld: 72.5,
        ks4: [46.06, 42.7, 64.2, 3.965],
        progress8: -0.18,
    },
    Published {
        code: "WIRI",
        major: &WHITE,
        share: [0.255, 0.612],
        fsm: 14.8,
        eal: 0.02,
        absence: [5.51, 14.4, 0.28],
        suspension: [4.980, 2.619, 0.150],
        gld: 75.7,
        ks4: [52.19, 55.8, 74.7, 4.635],
        progress8: 0.09,
    },
    Published {
        code: "WIRT",
        major: &WHITE,
        share: [0.082, 0.134],
        fsm: 57.8,
        eal: 0.02,
        absence: [18.13, 64.0, 0.48],
        suspension: [16.695, 7.315, 0.430],
        gld: 38.7,
        ks4: [21.87, 9.9, 18.9, 1.723],
        progress8: -1.03,
    },
    Published {
        code: "WROM",
        major: &WHITE,
        share: [0.325, 0.082],
        fsm: 33.5,
        eal: 0.6,
        absence: [12.91, 49.2, 0.51],
        suspension: [17.289, 7.100, 0.352],
        gld: 31.4,
        ks4: [18.15, 5.3, 12.5, 1.390],
        progress8: -1.0,
    },
    Published {
        code: "WOTH",
        major: &WHITE,
        share: [6.837, 13.912],
        fsm: 8.0,
        eal: 0.75,
        absence: [4.82, 11.4, 0.30],
        suspension: [2.634, 1.493, 0.056],
        gld: 63.9,
        ks4: [46.97, 42.0, 61.7, 4.268],
        progress8: 0.49,
    },
    Published {
        code: "MWBC",
        major: &MIXED,
        share: [1.586, 2.115],
        fsm: 30.1,
        eal: 0.04,
        absence: [5.83, 16.6, 0.34],
        suspension: [9.687, 4.697, 0.238],
        gld: 68.0,
        ks4: [41.28, 31.4, 53.8, 3.466],
        progress8: -0.46,
    },
    Published {
        code: "MWBA",
        major: &MIXED,
        share: [0.906, 1.116],
        fsm: 22.7,
        eal: 0.2,
        absence: [4.40, 10.3, 0.29],
        suspension: [5.530, 2.895, 0.117],
        gld: 71.9,
        ks4: [46.48, 41.1, 63.6, 4.076],
        progress8: 0.01,
    },
    Published {
        code: "MWAS",
        major: &MIXED,
        share: [1.602, 2.626],
        fsm: 15.1,
        eal: 0.25,
        absence: [4.42, 9.9, 0.25],
        suspension: [3.196, 1.684, 0.090],
        gld: 76.9,
        ks4: [52.48, 54.8, 72.6, 4.689],
        progress8: 0.21,
    },
    Published {
        code: "MOTH",
        major: &MIXED,
        share: [2.537, 3.585],
        fsm: 18.9,
        eal: 0.35,
        absence: [4.70, 11.4, 0.28],
        suspension: [4.545, 2.398, 0.113],
        gld: 73.3,
        ks4: [49.11, 47.4, 66.8, 4.357],
        progress8: 0.09,
    },
    Published {
        code: "AIND",
        major: &ASIAN,
        share: [3.435, 15.548],
        fsm: 5.3,
        eal: 0.75,
        absence: [3.58, 6.0, 0.23],
        suspension: [0.835, 0.627, 0.021],
        gld: 77.3,
        ks4: [56.29, 62.0, 79.2, 5.120],
        progress8: 0.83,
    },
    Published {
        code: "APKN",
        major: &ASIAN,
        share: [4.523, 5.962],
        fsm: 17.0,
        eal: 0.75,
        absence: [5.16, 12.0, 0.29],
        suspension: [2.592, 1.749, 0.053],
        gld: 64.3,
        ks4: [45.72, 40.1, 61.3, 3.967],
        progress8: 0.28,
    },
    Published {
        code: "ABAN",
        major: &ASIAN,
        share: [1.801, 1.668],
        fsm: 20.6,
        eal: 0.85,
        absence: [4.70, 9.5, 0.25],
        suspension: [1.877, 1.330, 0.029],
        gld: 67.1,
        ks4: [49.64, 49.1, 69.2, 4.340],
        progress8: 0.55,
    },
    Published {
        code: "AOTH",
        major: &ASIAN,
        share: [2.026, 6.731],
        fsm: 12.7,
        eal: 0.78,
        absence: [3.79, 7.2, 0.24],
        suspension: [1.391, 0.951, 0.021],
        gld: 69.9,
        ks4: [53.59, 58.3, 75.1, 4.864],
        progress8: 0.7,
    },
    Published {
        code: "CHNE",
        major: &CHINESE,
        share: [0.575, 0.550],
        fsm: 6.8,
        eal: 0.7,
        absence: [2.36, 3.1, 0.23],
        suspension: [0.555, 0.356, 0.010],
        gld: 74.4,
        ks4: [64.18, 75.3, 87.3, 6.013],
        progress8: 0.99,
    },
    Published {
        code: "BCRB",
        major: &BLACK,
        share: [0.979, 2.903],
        fsm: 28.5,
        eal: 0.07,
        absence: [4.76, 12.7, 0.35],
        suspension: [10.200, 5.859, 0.281],
        gld: 68.1,
        ks4: [39.60, 26.9, 48.8, 3.331],
        progress8: -0.33,
    },
    Published {
        code: "BAFR",
        major: &BLACK,
        share: [4.022, 9.600],
        fsm: 22.4,
        eal: 0.65,
        absence: [2.90, 5.0, 0.26],
        suspension: [4.208, 2.789, 0.090],
        gld: 70.4,
        ks4: [47.50, 44.3, 65.0, 4.202],
        progress8: 0.35,
    },
    Published {
        code: "BOTH",
        major: &BLACK,
        share: [0.778, 0.999],
        fsm: 24.4,
        eal: 0.4,
        absence: [3.75, 8.6, 0.32],
        suspension: [5.839, 3.497, 0.152],
        gld: 67.7,
        ks4: [42.96, 33.2, 54.9, 3.729],
        progress8: 0.11,
    },
    Published {
        code: "OOTH",
        major: &OTHER,
        share: [2.202, 16.630],
        fsm: 23.6,
        eal: 0.8,
        absence: [4.41, 9.7, 0.31],
        suspension: [3.112, 1.893, 0.068],
        gld: 63.5,
        ks4: [47.16, 43.8, 62.3, 4.284],
        progress8: 0.54,
    },
    Published {
        code: "UNCL",
        major: &EVERYONE,
        share: [1.620, 1.607],
        fsm: 16.5,
        eal: 0.25,
        absence: [5.60, 16.3, 0.32],
        suspension: [7.496, 3.719, 0.180],
        gld: 56.2,
        ks4: [40.04, 34.0, 52.5, 3.453],
        progress8: -0.39,
    },
];

/// Teachers in England by ethnic group, headcount 2020/21, in the order of [`GROUPS`] (School Workforce Census,
/// `teachers_by_ethnicity_region`; section 9). Groups that the census folds into another have 0; the last is refused and
/// not obtained together.
pub(crate) static TEACHERS: [f64; 19] = [
    398880.0, 6848.0, 0.0, 0.0, 17855.0, 1866.0, 671.0, 1743.0, 2625.0, 9187.0, 5970.0, 3190.0,
    3456.0, 825.0, 5144.0, 4407.0, 1644.0, 2835.0, 40948.0,
];
