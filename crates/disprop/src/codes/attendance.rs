//! Attendance marks: what each register code counts as, and when it was in force.
//!
//! Every session of a pupil has one mark. Present and approved educational activity are attendance, authorised and
//! unauthorised are absence, the four together are the possible sessions; everything else lies outside. The code list
//! changed on 19 August 2024, so a mark is read with its date.
//!
//! # Source
//! DfE, pupil attendance in schools 2025/26 (the identity of the reason columns); DfE, Working together to improve
//! school attendance; School Attendance (Pupil Registration) (England) Regulations 2024.

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

/// Why a mark that was read still deserves a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Concern {
    /// The code was not in force on the day; it is counted as what it means when in force.
    ///
    /// Schools' systems kept old codes for a while, and the class of a new code used early is not in doubt.
    NotInForce,
    /// A sub-code of the COVID-19 years, such as `I02` or `X05`, taken for its first letter.
    ///
    /// That these occurred is common knowledge among schools' data staff; no published list of them was found.
    CovidSubCode,
}

/// A mark as read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// The code it stands for.
    pub mark: &'static Mark,
    /// What is odd about it, if anything.
    pub concern: Option<Concern>,
}

/// Returns what one mark means on a day.
///
/// Outer spaces do not matter, case does: register codes are upper case. Without a day no code is out of force.
///
/// # Errors
/// `codes.unknown_mark`; an unknown mark is never taken for present.
///
/// # Example: interviews moved from attendance to absence
/// ```
/// use disprop::codes::attendance::{Class, Concern, Date, read};
/// let (before, after) = (Date::new(2023, 11, 6)?, Date::new(2025, 11, 6)?);
/// assert_eq!(read("J", Some(before))?.mark.class, Class::Approved);
/// assert_eq!(read("J1", Some(after))?.mark.class, Class::Authorised);
/// assert_eq!(read("C2", Some(before))?.concern, Some(Concern::NotInForce));
/// assert_eq!(read("8", None).unwrap_err().code(), "codes.unknown_mark");
/// # Ok::<(), disprop::codes::Error>(())
/// ```
pub fn read(raw: &str, on: Option<Date>) -> Result<Reading, Error> {
    let raw = raw.trim();
    let plain = MARKS.iter().find(|mark| mark.code == raw);
    let (mark, sub_code) = match plain {
        Some(mark) => (mark, false),
        None => {
            let letter = covid_letter(raw).ok_or_else(|| Error::UnknownMark {
                found: raw.to_owned(),
            })?;
            let mark = MARKS.iter().find(|mark| mark.code == letter);
            (
                mark.ok_or_else(|| Error::UnknownMark {
                    found: raw.to_owned(),
                })?,
                true,
            )
        }
    };
    let outside = on.is_some_and(|day| !mark.in_force(day));
    let concern = match (outside, sub_code) {
        (true, _) => Some(Concern::NotInForce),
        (false, true) => Some(Concern::CovidSubCode),
        (false, false) => None,
    };
    Ok(Reading { mark, concern })
}

/// Returns the letter of a COVID-19 sub-code: `I` of `I01`, `X` of `X05`.
fn covid_letter(raw: &str) -> Option<&str> {
    let (letter, rest) = raw.split_at_checked(1)?;
    let digit = rest.strip_prefix('0')?;
    let sub = digit.len() == 1 && digit.bytes().all(|b| b.is_ascii_digit());
    (matches!(letter, "I" | "X") && sub).then_some(letter)
}

/// Returns the marks of a register written in one line, such as `/\/\LI C1`.
///
/// The longest code wins: `C1` is one mark, not `C` and `1`. Spaces only part marks, so a session without a mark has to
/// be written `-`. What is no code comes back as single characters, for [`read`] to refuse.
///
/// # Example: three marks
/// ```
/// use disprop::codes::attendance::split;
/// assert_eq!(split("/C1I02"), ["/", "C1", "I02"]);
/// assert_eq!(split("C 1"), ["C", "1"]);
/// ```
pub fn split(register: &str) -> Vec<&str> {
    let mut marks = Vec::new();
    for word in register.split_whitespace() {
        let mut rest = word;
        while !rest.is_empty() {
            let known = [3, 2, 1].into_iter().find(|n| {
                rest.get(..*n)
                    .is_some_and(|c| covid_letter(c).is_some() || MARKS.iter().any(|m| m.code == c))
            });
            let length = known
                .or_else(|| rest.chars().next().map(char::len_utf8))
                .unwrap_or(rest.len());
            let (mark, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
            marks.push(mark);
            rest = after;
        }
    }
    marks
}

/// Sessions of a register, counted by class.
///
/// # Units and shapes
/// Sessions, two to a school day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Register {
    /// In school.
    pub present: u32,
    /// At an approved educational activity.
    pub approved: u32,
    /// Absent, authorised.
    pub authorised: u32,
    /// Absent, not authorised.
    pub unauthorised: u32,
    /// Not possible.
    pub not_possible: u32,
    /// Without a mark.
    pub no_mark: u32,
    /// Marks counted although not in force on the day.
    pub not_in_force: u32,
    /// COVID-19 sub-codes counted by their letter.
    pub covid_sub_codes: u32,
}

impl Register {
    /// Returns the counts of a register whose marks were all made in the period of one day's code list.
    ///
    /// # Errors
    /// `codes.unknown_mark`, at the first mark that is no code.
    ///
    /// # Example: possible sessions leave out what could not be attended
    /// ```
    /// use disprop::codes::attendance::{Date, Register, split};
    /// let day = Date::new(2025, 11, 6)?;
    /// let marks = split(r"/ \ L B K V C I O D Y3 # Z -");
    /// let register = Register::count(marks, Some(day))?;
    /// assert_eq!((register.present, register.approved), (3, 3));
    /// assert_eq!((register.authorised, register.unauthorised), (2, 1));
    /// assert_eq!(register.possible(), 9);
    /// # Ok::<(), disprop::codes::Error>(())
    /// ```
    pub fn count<'m>(
        marks: impl IntoIterator<Item = &'m str>,
        on: Option<Date>,
    ) -> Result<Self, Error> {
        let mut register = Register::default();
        for mark in marks {
            register.add(read(mark, on)?);
        }
        Ok(register)
    }

    /// Adds one mark, for registers that span a change of the code list.
    pub fn add(&mut self, reading: Reading) {
        let held = match reading.mark.class {
            Present => &mut self.present,
            Approved => &mut self.approved,
            Authorised => &mut self.authorised,
            Unauthorised => &mut self.unauthorised,
            NotPossible => &mut self.not_possible,
            NoMark => &mut self.no_mark,
        };
        *held = held.saturating_add(1);
        match reading.concern {
            Some(Concern::NotInForce) => self.not_in_force = self.not_in_force.saturating_add(1),
            Some(Concern::CovidSubCode) => {
                self.covid_sub_codes = self.covid_sub_codes.saturating_add(1)
            }
            None => {}
        }
    }

    /// Returns the sessions attended: present or at an approved educational activity.
    pub fn attended(&self) -> u32 {
        self.present.saturating_add(self.approved)
    }

    /// Returns the sessions missed, authorised or not.
    pub fn absent(&self) -> u32 {
        self.authorised.saturating_add(self.unauthorised)
    }

    /// Returns the possible sessions: attended or missed.
    pub fn possible(&self) -> u32 {
        self.attended().saturating_add(self.absent())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(year: i32, month: u8, day: u8) -> Date {
        Date::new(year, month, day).unwrap()
    }

    /// `attend = present + approved`, `possible = attend + absent`, all else outside.
    #[test]
    fn the_register_of_the_domain_reference_counts_as_published() {
        let marks = split(r"/ \ L B K V C I O D Y3 # Z -");
        let register = Register::count(marks, Some(day(2025, 10, 1))).unwrap();
        let expected = Register {
            present: 3,
            approved: 3,
            authorised: 2,
            unauthorised: 1,
            not_possible: 4,
            no_mark: 1,
            ..Register::default()
        };
        assert_eq!(register, expected);
        assert_eq!(
            (register.attended(), register.absent(), register.possible()),
            (6, 3, 9)
        );
    }

    #[test]
    fn j1_is_an_authorised_absence_and_not_j() {
        assert_eq!(
            read("J1", Some(day(2025, 10, 1))).unwrap().mark.class,
            Class::Authorised
        );
        assert_eq!(split("J1"), ["J1"]);
        assert_eq!(
            read("J", Some(day(2025, 10, 1))).unwrap().concern,
            Some(Concern::NotInForce)
        );
    }

    #[test]
    fn c2_is_in_force_in_2025_26_and_a_warning_in_2023() {
        let now = read("C2", Some(day(2025, 10, 1))).unwrap();
        assert_eq!((now.mark.class, now.concern), (Class::Authorised, None));
        let early = read("C2", Some(day(2023, 10, 1))).unwrap();
        assert_eq!(
            (early.mark.class, early.concern),
            (Class::Authorised, Some(Concern::NotInForce))
        );
    }

    #[test]
    fn codes_change_between_18_and_19_august_2024() {
        for (code, before, after) in [
            ("H", true, false),
            ("Y", true, false),
            ("K", false, true),
            ("Y7", false, true),
        ] {
            let mark = read(code, None).unwrap().mark;
            assert_eq!(
                (
                    mark.in_force(day(2024, 8, 18)),
                    mark.in_force(day(2024, 8, 19))
                ),
                (before, after),
                "{code}"
            );
        }
        assert!(!read("F", None).unwrap().mark.in_force(day(2013, 9, 2)));
    }

    #[test]
    fn covid_sub_codes_count_as_their_letter_and_say_so() {
        let illness = read("I01", Some(day(2021, 3, 1))).unwrap();
        assert_eq!(
            (illness.mark.code, illness.concern),
            ("I", Some(Concern::CovidSubCode))
        );
        assert_eq!(read("X09", None).unwrap().mark.class, Class::NotPossible);
    }

    #[test]
    fn no_unknown_mark_is_taken_for_present() {
        for raw in ["8", "l", "c1", "Y8", "C3", "I1", "I011", "é", "/\\", "Ÿ1"] {
            assert!(read(raw, None).is_err(), "{raw}");
        }
        assert_eq!(read("  ", None).unwrap().mark.class, Class::NoMark);
        assert_eq!(split("é/€"), ["é", "/", "€"]);
    }

    #[test]
    fn codes_are_listed_once() {
        let mut codes: Vec<&str> = MARKS.iter().map(|m| m.code).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), MARKS.len());
    }
}
