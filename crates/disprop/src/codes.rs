//! What the codes and labels in school data mean: ethnicity and attendance marks.
//!
//! [`Ethnicity`] reads one cell of a pupil file or one label of a published table and says which group it stands for,
//! without ever guessing. [`attendance`] reads register marks by the dates at which they were in force.
//! Nothing here knows of rows, frames or measures.
//!
//! # Example: a code, a label and a typo DfE published
//! ```
//! use disprop::codes::{Ethnicity, Recognised};
//! let set = Ethnicity::default();
//! assert_eq!(set.classify(" bsom "), Recognised::Leaf("BSOM"));
//! assert_eq!(set.classify("Ethnicity Minor Black Caribbean"), Recognised::Main("BCRB"));
//! assert_eq!(set.classify("Mixed - White and Black Carribean"), Recognised::Main("MWBC"));
//! assert_eq!(set.classify("Black Carib."), Recognised::Unknown);
//! ```

mod aliases;
pub mod attendance;
mod cross;
mod error;
mod ethnicity;
mod labels;
mod major;
mod meaning;
mod mixing;
mod recognise;
mod set;
mod table;

pub use cross::{Cross, Sex};
pub use error::Error;
pub use ethnicity::{Code, Ethnicity};
pub use major::{ChineseRule, Major};
pub use meaning::{GroupLevel, Recognised, Unclassified, WhiteMinorities};
pub use mixing::PlainBesideExtended;
pub use set::{CodeSet, LeafKind, TOTAL, UNCLASSIFIED};
