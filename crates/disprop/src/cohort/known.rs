//! Names that columns are known by in census, NPD and EES files.

/// Roles a column can play, with the names they are known by in census, NPD and EES files.
///
/// Names are compared by letters and digits only, without case and without the NPD's term suffix
/// (`_ab24`, `_spr23`). Sources: DOMAIN 1.4, 3.3, 4, 5, 6, 7.2, 13.2.
pub(super) const KNOWN: &[(&str, &[&str])] = &[
    (
        "ethnicity",
        &[
            "ethnicity_code",
            "ethnic_code",
            "ethnic_group",
            "ethnicgroupminor",
            "ks4_ethnic",
            "ks5_ethnic",
            "ethnicity_minor",
        ],
    ),
    ("pupil", &["pupil_id", "upn", "pupilmatchingrefanonymous"]),
    (
        "year",
        &[
            "academic_year",
            "acadyr",
            "time_period",
            "ks4_acadyr",
            "ks5_acadyr",
            "fsp_acadyr",
        ],
    ),
    (
        "la",
        &["la_name", "la_code", "new_la_code", "local_authority"],
    ),
    ("school", &["urn", "school_urn", "laestab", "school_name"]),
    ("sex", &["gender"]),
    ("fsm", &["fsmeligible", "fsm_status", "fsm_eligible"]),
    ("sen", &["senprovision", "sen_provision"]),
    ("eal", &["language", "first_language"]),
    ("year_group", &["ncyearactual", "nc_year"]),
    ("phase", &["school_phase", "education_phase"]),
    (
        "sessions_possible",
        &[
            "sessionspossible_annual",
            "sess_possible",
            "termlysessionspossible",
            "possible_sessions",
        ],
    ),
    (
        "sessions_absent",
        &[
            "overallabsence_annual",
            "overallabsence",
            "sess_overall",
            "absent_sessions",
            "sessions_missed",
        ],
    ),
    (
        "sessions_authorised",
        &[
            "authorisedabsence_annual",
            "authorisedabsence",
            "sess_authorised",
            "termlysessionsauthorised",
        ],
    ),
    (
        "sessions_unauthorised",
        &[
            "unauthorisedabsence_annual",
            "unauthorisedabsence",
            "sess_unauthorised",
            "termlysessionsunauthorised",
        ],
    ),
    (
        "suspensions",
        &["totalfixedexclusions", "fixed_excl", "suspension"],
    ),
    ("suspension_sessions", &["totalfixedsessions"]),
    (
        "permanent_exclusions",
        &["permanentexclusioncount", "perm_excl"],
    ),
    ("gld", &["fsp_gld"]),
    ("elg_e01", &["fsp_com_e01"]),
    ("elg_e02", &["fsp_com_e02"]),
    ("elg_e03", &["fsp_pse_e03"]),
    ("elg_e04", &["fsp_pse_e04"]),
    ("elg_e05", &["fsp_pse_e05"]),
    ("elg_e06", &["fsp_phy_e06"]),
    ("elg_e07", &["fsp_phy_e07"]),
    ("elg_e08", &["fsp_lit_e08"]),
    ("elg_e09", &["fsp_lit_e09"]),
    ("elg_e10", &["fsp_lit_e10"]),
    ("elg_e11", &["fsp_mat_e11"]),
    ("elg_e12", &["fsp_mat_e12"]),
    ("elg_e13", &["fsp_utw_e13"]),
    ("elg_e14", &["fsp_utw_e14"]),
    ("elg_e15", &["fsp_utw_e15"]),
    ("elg_e16", &["fsp_exp_e16"]),
    ("elg_e17", &["fsp_exp_e17"]),
    ("ks2_reading", &["ks2_readoutcome", "ks2_readscore"]),
    ("ks2_maths", &["ks2_matoutcome", "ks2_matscore"]),
    ("ks2_writing", &["ks2_writtaoutcome"]),
    ("ks2_rwm_expected", &["ks2_rwmexp"]),
    ("ks2_rwm_higher", &["ks2_rwmhigh"]),
    ("ks2_in_denominator", &["ks2_npdden_la"]),
    ("ks4_attainment8", &["ks4_att8"]),
    ("ks4_em_95", &["ks4_l2basics_95"]),
    ("ks4_em_94", &["ks4_l2basics_94"]),
    ("ks4_ebacc_aps", &["ks4_ebaccaps_pupil"]),
    ("ks4_progress8", &["ks4_p8score"]),
    ("ks4_in_progress8", &["ks4_inp8calc"]),
    ("ks4_in_denominator", &["ks4_npdden_la"]),
    ("ks5_points_academic", &["ks5_totptse_acad"]),
    ("ks5_entries_academic", &["ks5_totents_acad"]),
    ("ks5_points_alevel", &["ks5_totptse_alev"]),
    ("ks5_entries_alevel", &["ks5_totents_alev"]),
];

/// Dimensions that are recognised without being named.
pub(super) const DIMENSIONS: [&str; 9] = [
    "year",
    "la",
    "school",
    "phase",
    "year_group",
    "sex",
    "fsm",
    "sen",
    "eal",
];
