//! What the tests of labels expect: columns of the shared files, and labels that stand for no single group.

use disprop::codes::GroupLevel;

/// Where the level of a row's groups is told.
pub enum Level {
    Is(Option<GroupLevel>),
    /// A column whose text says "major" or "minor"; neither means another characteristic.
    By(&'static str),
}
use Level::{By, Is};

pub const MAIN: Level = Is(Some(GroupLevel::Main));
pub const MAJOR: Level = Is(Some(GroupLevel::Major));
pub const EXTENDED: Level = Is(Some(GroupLevel::Extended));
pub const OPEN: Level = Is(None);

/// Every column of groups: file (by the start of its path), column, level, distinct main and major groups in it.
///
/// The two counts are facts of the files. They catch a label taken for the wrong group: two labels of one column may
/// not mean the same group.
#[rustfmt::skip] // one row a line
pub const COLUMNS: &[(&str, &str, Level, usize, usize)] = &[
    // The labels themselves say "Minor" and "Major"; Chinese and Other have no minor row here, and are majors.
    ("dfe-absence-by-ethnicity/absence", "characteristic", OPEN, 16, 6),
    ("dfe-absence-by-ethnicity/expected", "group", MAIN, 18, 0),
    ("dfe-exclusions-by-ethnicity/SFR35", "characteristic_1", OPEN, 18, 4),
    ("dfe-exclusions-by-ethnicity/exclusions_la", "characteristic", OPEN, 18, 4),
    ("dfe-exclusions-by-ethnicity/exclusions_national", "characteristic", OPEN, 18, 4),
    ("dfe-exclusions-by-ethnicity/expected_la", "group", MAIN, 1, 0),
    ("dfe-exclusions-by-ethnicity/expected_national", "group", MAIN, 18, 0),
    ("dfe-eyfsp-by-ethnicity/EYFSP_National_1", "characteristic_type", By("characteristic"), 18, 6),
    ("dfe-eyfsp-by-ethnicity/EYFSP_National_2", "characteristic_type", By("characteristic"), 18, 6),
    ("dfe-eyfsp-by-ethnicity/EYFSP_National_3", "characteristic_type", By("characteristic"), 0, 0),
    ("dfe-eyfsp-by-ethnicity/EYFSP_National_3", "ethnicity", MAJOR, 0, 6),
    ("dfe-eyfsp-by-ethnicity/expected", "group", By("level"), 18, 6),
    ("dfe-fsm-by-la-ethnicity/", "characteristic", MAIN, 18, 0),
    ("dfe-he-progression-by-ethnicity/he_entry", "characteristic", MAJOR, 0, 5),
    ("dfe-ks4-by-ethnicity/expected", "group", MAIN, 18, 0),
    ("dfe-ks4-by-ethnicity/ks4_la_char_201718", "characteristic_ethnic_major", MAJOR, 0, 5),
    ("dfe-ks4-by-ethnicity/ks4_national_char_201718", "characteristic_ethnic_major", MAJOR, 0, 6),
    ("dfe-ks4-by-ethnicity/ks4_national_char_201718", "characteristic_ethnic_minor", MAIN, 18, 0),
    ("dfe-ks4-by-ethnicity/ks4_national_char_201819", "ethnicity_major", MAJOR, 0, 6),
    ("dfe-ks4-by-ethnicity/ks4_national_char_201819", "ethnicity_minor", MAIN, 18, 0),
    ("dfe-level2-3-by-19-ethnicity/expected", "group", MAIN, 18, 0),
    ("dfe-level2-3-by-19-ethnicity/level_2_3_att", "characteristic", OPEN, 18, 6),
    ("dfe-level2-3-by-19-ethnicity/level_2_3_att", "characteristic_ethnicity_major", OPEN, 0, 6),
    ("dfe-level2-3-by-19-ethnicity/level_2_3_att", "characteristic_ethnic_minority", OPEN, 18, 0),
    ("dfe-pupil-composition-by-la-ethnicity/", "ethnicity", MAIN, 18, 0),
    // No teacher is counted as Gypsy/Roma or Traveller of Irish heritage.
    ("dfe-school-workforce-teachers-by-ethnicity/teachers", "characteristic", By("characteristic_group"), 16, 5),
    ("dfe-school-workforce-teachers-by-ethnicity/expected", "group", MAJOR, 0, 4),
    ("la-school-census-extract-layouts/census", "Ethnicity", EXTENDED, 0, 0),
    ("la-school-census-extract-layouts/characteristics", "Ethnicity", EXTENDED, 0, 0),
    ("la-school-census-extract-layouts/ks4_original", "Student's ethnicity", EXTENDED, 0, 0),
    ("la-school-census-extract-layouts/s23", "ETHNICITY", EXTENDED, 0, 0),
    ("ons-census2021-population-by-la-ethnicity/", "Ethnic group (20 categories)", MAIN, 16, 0),
    ("oracle-prism-r-youth-justice/", "ethnicity", MAJOR, 0, 5),
    ("code-sets-and-dictionaries/eesyscreener_acceptable_ethnicity", "ethnicity_major", MAJOR, 0, 5),
    ("code-sets-and-dictionaries/eesyscreener_acceptable_ethnicity", "ethnicity_minor", MAIN, 16, 0),
    // Labels of the code list, one a code: 18 main and 80 extended in all; the other four are "no group".
    ("code-sets-and-dictionaries/dfe_rscd", "EthnicityDescription", EXTENDED, 18, 0),
    ("code-sets-and-dictionaries/dfe_rscd", "EthnicityCode", EXTENDED, 0, 0),
];

/// Columns with such a name that hold no English ethnic groups, and why.
#[rustfmt::skip] // one row a line
pub const EXEMPT: &[(&str, &str, &str)] = &[
    ("disimpact-student-equity/", "Ethnicity", "groups of a college in the United States"),
    ("disimpact-student-equity/", "group", "groups of a college in the United States"),
    ("pupil-level-open-datasets/expected_gaps", "group", "groups of Tennessee and New South Wales"),
    ("pupil-level-open-datasets/hsb2", "race", "groups of the United States"),
    ("pupil-level-open-datasets/quine", "Eth", "groups of New South Wales"),
    ("pupil-level-open-datasets/schooldays", "race", "groups of New South Wales"),
    ("pupil-level-open-datasets/tennessee_star", "ethnicity", "pupils and teachers of Tennessee"),
    ("oracle-us-risk-ratio-worked-examples/", "group", "letters of a worked example"),
    ("dfe-eyfsp-by-ethnicity/EYFSP", "characteristic", "headings; the labels are in characteristic_type"),
    ("code-sets-and-dictionaries/dfe_rscd", "ParentEthnicityCode", "row numbers of the source's own table"),
    ("code-sets-and-dictionaries/eff_", "Ethnicity", "read by the test of the Ethnicity facts and figures lookups"),
    ("code-sets-and-dictionaries/eff_", "Standard", "read by the test of the Ethnicity facts and figures lookups"),
    ("code-sets-and-dictionaries/eesyscreener_data_dictionary", "filter_item", "read by a test of its own"),
];

/// Labels that stand for no single group, with the level of their column: what each is reported as.
pub const REPORTED: &[(&str, &str)] = &[
    // Groups taken together.
    (
        "Gypsy or Irish Traveller @ Some(Main)",
        "Combined([\"WIRT\", \"WROM\"])",
    ),
    (
        "White: Gypsy or Irish Traveller @ Some(Main)",
        "Combined([\"WIRT\", \"WROM\"])",
    ),
    (
        "Asian (incl. Chinese) @ Some(Major)",
        "Combined([\"AIND\", \"APKN\", \"ABAN\", \"CHNE\", \"AOTH\"])",
    ),
    // EYFSP writes other characteristics into the same column without a prefix.
    (
        "English @ None",
        "Ambiguous { candidates: [Extended(\"WENG\"), NotEthnicity] }",
    ),
    ("Other than English @ None", "Unknown"),
    ("All SEN @ None", "Unknown"),
    ("All other pupils @ None", "Unknown"),
    ("Autistic spectrum disorder @ None", "Unknown"),
    ("Autumn born @ None", "Unknown"),
    (
        "Behaviour, emotional and social difficulty @ None",
        "Unknown",
    ),
    ("Hearing impairment @ None", "Unknown"),
    ("Moderate learning difficulty @ None", "Unknown"),
    ("Multi sensory impairment @ None", "Unknown"),
    ("No identified SEN @ None", "Unknown"),
    ("No specialist assessment @ None", "Unknown"),
    ("Other difficulty or disability @ None", "Unknown"),
    ("Physical disability @ None", "Unknown"),
    (
        "Profound and multiple learning difficulties @ None",
        "Unknown",
    ),
    ("Severe learning difficulty @ None", "Unknown"),
    ("Social; emotional and mental health @ None", "Unknown"),
    ("Specific learning difficulty @ None", "Unknown"),
    (
        "Speech; language and communication difficulty @ None",
        "Unknown",
    ),
    ("Spring born @ None", "Unknown"),
    ("Summer born @ None", "Unknown"),
    ("Visual impairment @ None", "Unknown"),
];

/// Standard groups of Ethnicity facts and figures, in our labels and codes where the words differ.
pub const STANDARDS: &[(&str, &str)] = &[
    ("Any other", "OOTH"),
    ("Asian other", "AOTH"),
    ("Black other", "BOTH"),
    ("Chinese", "CHNE"),
    ("Mixed other", "MOTH"),
    ("White other", "WOTH"),
    ("Other", "Other ethnic group"),
    ("Mixed White/Asian", "MWAS"),
    ("Mixed White/Black African", "MWBA"),
    ("Mixed White/Black Caribbean", "MWBC"),
];

/// Labels on which the lookups and this library differ: the lookup's standard group, the reason, the labels.
pub const DIFFERENCES: &[(&str, &str, &[&str])] = &[
    (
        "Other",
        "the lookup shows all minorities as Other; here they overlap every group but one",
        &[
            "all ethnic minorities",
            "bame",
            "bme",
            "ethnic minorities",
            "ethnic minority",
            "ethnic minority (exc. white minorities)",
            "ethnic minority (excl. white minorities)",
            "ethnic minority (other than white ethnic minority)",
            "ethnicity_minority_ethnic_pupil",
            "non-white",
        ],
    ),
    (
        "Ethnic Minority",
        "here the label also says whether white minorities count",
        &["ethnicity_minority_ethnic_pupil", "non-white"],
    ),
    (
        "Ethnic Minority",
        "a slip of the 2018 lookup, mended in the later one",
        &["all ethnicity"],
    ),
    (
        "Ethnic Minority",
        "the lookups give three meanings; here it is ambiguous",
        &["all other ethnic groups"],
    ),
    (
        "Other",
        "the lookups give three meanings; here it is ambiguous",
        &["all other ethnic groups"],
    ),
    (
        "Chinese and other",
        "the lookups give three meanings; here it is ambiguous",
        &["all other ethnic groups"],
    ),
    (
        "Chinese and other",
        "by the classification of 2001, told apart by a column of its own; pupils are coded by a later one",
        &[
            "any other ethnic group",
            "any other ethnicity",
            "chinese",
            "chinese total",
            "other",
            "other ethnic group",
            "other ethnic group total",
        ],
    ),
    (
        "Other",
        "the lookup drops that Chinese is counted too; here both codes are named",
        &[
            "chinese and other",
            "chinese or other",
            "chinese or other ethnic group",
            "other (including chinese)",
            "other inc. chinese",
            "other/chinese",
        ],
    ),
    (
        "Other",
        "takes major groups together in a way that has no name here",
        &[
            "asian and other",
            "mixed and other",
            "mixed/ multiple/ other",
            "mixed/other",
            "other (including mixed)",
            "other inc mixed",
            "other inc. mixed",
            "other/mixed",
            "white & other",
        ],
    ),
    (
        "Mixed other",
        "takes major groups together in a way that has no name here",
        &["mixed/ multiple/ other", "mixed/other", "other/mixed"],
    ),
    (
        "Asian other",
        "takes major groups together in a way that has no name here",
        &["asian and other"],
    ),
    (
        "Mixed White/other",
        "takes major groups together in a way that has no name here",
        &["white & other"],
    ),
    (
        "White",
        "takes groups together in a way that has no name here",
        &["white british & other"],
    ),
    (
        "Other inc Asian",
        "takes major groups together in a way that has no name here",
        &["other inc asian"],
    ),
    (
        "Other inc Mixed and Chinese",
        "takes major groups together in a way that has no name here",
        &["other inc mixed and chinese"],
    ),
    (
        "Other (inc Gypsy/Traveller/Irish Traveller)",
        "takes groups of two major groups together in a way that has no name here",
        &["other (inc gypsy/traveller/irish traveller)"],
    ),
    (
        "Mixed other",
        "DfE's label of the whole major group",
        &[
            "mixed / multiple ethnic groups",
            "mixed ethnic groups",
            "mixed/ multiple ethnic groups",
        ],
    ),
    (
        "White other",
        "the lookup puts every white minority with White other",
        &["white non-british", "white non-british total"],
    ),
    (
        "White Gypsy/Roma",
        "a slip of the 2018 lookup: the label names Irish Travellers",
        &["gypsy or irish traveller"],
    ),
    (
        "Chinese",
        "the label of the extended code `COCH`; the lookup means \"Other: Chinese\"",
        &["other chinese"],
    ),
    (
        "All",
        "a list of groups, no name of one",
        &[
            "white-british, white-other, asian, black, chinese, mixed, other",
            "white/black/asian/mixed/chinese/all",
        ],
    ),
];
