//! The code list itself: each mark, what it counts as and the days it is in force.

use super::Error;

/// A day of the calendar.
///
/// # Example: dates compare in order
/// ```
/// use disprop::codes::attendance::Date;
/// assert!(Date::new(2024, 8, 18)? < Date::new(2024, 8, 19)?);
/// assert!(Date::new(2023, 2, 29).is_err());
/// # Ok::<(), disprop::codes::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: i32,
    month: u8,
    day: u8,
}

impl Date {
    /// Returns the day, in the Gregorian calendar.
    ///
    /// # Errors
    /// `codes.invalid_date` where there is no such day.
    pub fn new(year: i32, month: u8, day: u8) -> Result<Self, Error> {
        let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        let days = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => 0,
        };
        if (1..=days).contains(&day) {
            Ok(Date { year, month, day })
        } else {
            Err(Error::InvalidDate { year, month, day })
        }
    }

    /// Returns year, month and day.
    pub fn parts(self) -> (i32, u8, u8) {
        (self.year, self.month, self.day)
    }
}

/// What a mark counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// In school.
    Present,
    /// Approved educational activity elsewhere; attendance, not absence.
    Approved,
    /// Authorised absence.
    Authorised,
    /// Unauthorised absence.
    Unauthorised,
    /// Attendance was not possible; outside both absence and possible sessions.
    NotPossible,
    /// No mark was made.
    NoMark,
}

impl Class {
    /// Returns whether the session counts among the possible ones.
    pub fn is_possible(self) -> bool {
        matches!(
            self,
            Class::Present | Class::Approved | Class::Authorised | Class::Unauthorised
        )
    }
}

/// One code of the register, as it is or was in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// The code.
    pub code: &'static str,
    /// What it says, in our words.
    pub meaning: &'static str,
    /// What it counts as.
    pub class: Class,
    /// First day it may be used; `None` for as long as records go back.
    pub from: Option<Date>,
    /// Last day it may be used; `None` while it is in force.
    pub until: Option<Date>,
}

impl Mark {
    /// Returns whether the code was in force on a day.
    pub fn in_force(&self, on: Date) -> bool {
        self.from.is_none_or(|from| from <= on) && self.until.is_none_or(|until| on <= until)
    }
}

/// The day the present code list came into force.
const REFORM: Date = Date {
    year: 2024,
    month: 8,
    day: 19,
};
/// The last day of the list before it.
const BEFORE_REFORM: Date = Date {
    year: 2024,
    month: 8,
    day: 18,
};
/// `F` was folded into `H` for the school year 2013/14.
const LAST_OF_F: Date = Date {
    year: 2013,
    month: 8,
    day: 31,
};
/// Dual registration counts as not possible since September 2011.
const DUAL_OUTSIDE: Date = Date {
    year: 2011,
    month: 9,
    day: 1,
};

const fn always(code: &'static str, class: Class, meaning: &'static str) -> Mark {
    Mark {
        code,
        meaning,
        class,
        from: None,
        until: None,
    }
}

const fn since(from: Date, code: &'static str, class: Class, meaning: &'static str) -> Mark {
    Mark {
        code,
        meaning,
        class,
        from: Some(from),
        until: None,
    }
}

const fn ended(until: Date, code: &'static str, class: Class, meaning: &'static str) -> Mark {
    Mark {
        code,
        meaning,
        class,
        from: None,
        until: Some(until),
    }
}

use Class::{Approved, Authorised, NoMark, NotPossible, Present, Unauthorised};

/// Every code, with the days it is in force.
///
/// That `Q` and `Y1`–`Y7` are no possible sessions follows from DfE's data, where they stand outside the totals; the
/// sentence of the guidance itself was not seen.
pub static MARKS: [Mark; 40] = [
    always("/", Present, "present in the morning"),
    always("\\", Present, "present in the afternoon"),
    always("L", Present, "late, before the register closed"),
    always("B", Approved, "other approved education off site"),
    since(
        REFORM,
        "K",
        Approved,
        "education arranged by the local authority",
    ),
    ended(
        BEFORE_REFORM,
        "J",
        Approved,
        "interview, until J1 took its place as an absence",
    ),
    always("P", Approved, "approved sporting activity"),
    always("V", Approved, "educational visit or trip"),
    always("W", Approved, "work experience"),
    always("C", Authorised, "leave for an exceptional circumstance"),
    since(
        REFORM,
        "C1",
        Authorised,
        "regulated performance or employment abroad",
    ),
    since(REFORM, "C2", Authorised, "temporary part-time timetable"),
    always(
        "E",
        Authorised,
        "suspended or excluded, without other provision",
    ),
    ended(
        LAST_OF_F,
        "F",
        Authorised,
        "extended family holiday, agreed",
    ),
    ended(BEFORE_REFORM, "H", Authorised, "family holiday, agreed"),
    always("I", Authorised, "illness"),
    since(REFORM, "J1", Authorised, "interview"),
    always("M", Authorised, "medical or dental appointment"),
    always("R", Authorised, "religious observance"),
    always("S", Authorised, "study leave"),
    always("T", Authorised, "parent travelling for work"),
    always("G", Unauthorised, "holiday, not agreed"),
    always("N", Unauthorised, "no reason given yet"),
    always("O", Unauthorised, "other absence, not authorised"),
    always("U", Unauthorised, "arrived after the register closed"),
    since(
        DUAL_OUTSIDE,
        "D",
        NotPossible,
        "dual registered, at the other school",
    ),
    since(
        REFORM,
        "Q",
        NotPossible,
        "no access arrangements made by the local authority",
    ),
    always(
        "X",
        NotPossible,
        "not of compulsory age and not required; 2020/21 and 2021/22 also COVID-19",
    ),
    ended(
        BEFORE_REFORM,
        "Y",
        NotPossible,
        "unable to attend for an exceptional cause",
    ),
    since(
        REFORM,
        "Y1",
        NotPossible,
        "transport normally provided not available",
    ),
    since(REFORM, "Y2", NotPossible, "widespread disruption of travel"),
    since(REFORM, "Y3", NotPossible, "part of the premises closed"),
    since(
        REFORM,
        "Y4",
        NotPossible,
        "session cancelled or school closed unexpectedly",
    ),
    since(
        REFORM,
        "Y5",
        NotPossible,
        "in detention of the criminal justice system",
    ),
    since(
        REFORM,
        "Y6",
        NotPossible,
        "kept away by public health guidance or law",
    ),
    since(REFORM, "Y7", NotPossible, "other unavoidable cause"),
    always("Z", NotPossible, "prospective pupil, not on roll"),
    always("#", NotPossible, "planned closure of the whole school"),
    always("-", NoMark, "no mark"),
    always("", NoMark, "no mark"),
];
