//! Attendance marks: what each register code counts as, and when it was in force.
//!
//! Every session of a pupil has one mark. Present and approved educational activity are attendance, authorised and
//! unauthorised are absence, the four together are the possible sessions; everything else lies outside. The code list
//! changed on 19 August 2024, so a mark is read with its date.
//!
//! # Source
//! DfE, pupil attendance in schools 2025/26 (the identity of the reason columns); DfE, Working together to improve
//! school attendance; School Attendance (Pupil Registration) (England) Regulations 2024.

mod marks;

use super::Error;
pub use marks::{Class, Date, MARKS, Mark};

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
            Class::Present => &mut self.present,
            Class::Approved => &mut self.approved,
            Class::Authorised => &mut self.authorised,
            Class::Unauthorised => &mut self.unauthorised,
            Class::NotPossible => &mut self.not_possible,
            Class::NoMark => &mut self.no_mark,
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
