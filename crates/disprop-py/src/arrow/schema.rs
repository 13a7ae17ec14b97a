//! What a stream says its columns are, looked at before any of them is read.
//!
//! The reader of polars gives up on a whole table for one column of a type it does not know, without
//! naming it, and on some types it panics. So the C schema is walked first.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr;

use pyo3::{PyErr, Python};

use crate::errors::describe;

/// The C data interface's `ArrowSchema`.
#[repr(C)]
struct Schema {
    format: *const c_char,
    name: *const c_char,
    metadata: *const c_char,
    flags: i64,
    n_children: i64,
    children: *mut *mut Schema,
    dictionary: *mut Schema,
    release: Option<unsafe extern "C" fn(*mut Schema)>,
    private_data: *mut c_void,
}

/// The C stream interface's `ArrowArrayStream`.
#[repr(C)]
struct Stream {
    get_schema: Option<unsafe extern "C" fn(*mut Stream, *mut Schema) -> c_int>,
    get_next: *const c_void,
    get_last_error: *const c_void,
    release: Option<unsafe extern "C" fn(*mut Stream)>,
    private_data: *mut c_void,
}

/// A schema that is released when it goes.
struct Owned(Schema);

impl Drop for Owned {
    fn drop(&mut self) {
        if let Some(release) = self.0.release {
            // SAFETY: the producer filled it in, and it is released this once.
            unsafe { release(&mut self.0) }
        }
    }
}

/// What keeps a table from being read.
pub(super) enum Obstacle {
    /// A column, and its type as its owner knows it.
    Type(String, &'static str),
    /// A name that is not UTF-8.
    Name,
    /// A name that two columns have.
    Twice(String),
}

impl Obstacle {
    /// Returns the error that names it.
    pub(super) fn error(self, py: Python<'_>) -> PyErr {
        let (message, hint) = match self {
            Obstacle::Type(name, found) => (
                format!("column `{name}` holds `{found}`, which keeps the table from being read"),
                "cast it to text or to numbers, or leave it out of the table",
            ),
            Obstacle::Twice(name) => (
                format!("two columns are named `{name}`"),
                "rename one of them, or leave it out of the table",
            ),
            Obstacle::Name => (
                "the name of a column is not UTF-8".into(),
                "rename the column",
            ),
        };
        describe(py, "frame.unreadable", &message, Some(hint.into()), &[])
    }
}

/// Returns the first thing that the reader could not take; nothing where it can take all, or where
/// the stream cannot say, which the reader then tells.
///
/// # Safety
/// The pointer is to a valid C stream, which is left as it is.
pub(super) unsafe fn obstacle(stream: *mut c_void) -> Option<Obstacle> {
    let stream = stream.cast::<Stream>();
    let mut schema = Owned(Schema {
        format: ptr::null(),
        name: ptr::null(),
        metadata: ptr::null(),
        flags: 0,
        n_children: 0,
        children: ptr::null_mut(),
        dictionary: ptr::null_mut(),
        release: None,
        private_data: ptr::null_mut(),
    });
    // SAFETY: the caller's word; a stream that was released already has no callback to call.
    let status = unsafe {
        (*stream).release?;
        ((*stream).get_schema?)(stream, &mut schema.0)
    };
    if status != 0 || schema.0.release.is_none() {
        return None;
    }
    let mut known: Vec<String> = Vec::new();
    // SAFETY: a schema that its producer filled in.
    for child in unsafe { children(&schema.0) } {
        // SAFETY: as above; strings live as long as the schema.
        let Some(name) = (unsafe { text(child.name) }) else {
            return Some(Obstacle::Name);
        };
        if let Some(found) = foreign(child, 0) {
            return Some(Obstacle::Type(name, found));
        }
        if known.contains(&name) {
            return Some(Obstacle::Twice(name));
        }
        known.push(name);
    }
    None
}

/// Returns the text behind a pointer, empty where there is none; nothing where it is not UTF-8.
///
/// # Safety
/// The pointer is null or to a text that ends in a zero.
unsafe fn text(pointer: *const c_char) -> Option<String> {
    if pointer.is_null() {
        return Some(String::new());
    }
    // SAFETY: the caller's word.
    let text = unsafe { CStr::from_ptr(pointer) };
    text.to_str().ok().map(str::to_owned)
}

/// # Safety
/// The schema is valid.
unsafe fn children(schema: &Schema) -> impl Iterator<Item = &Schema> {
    let count = if schema.children.is_null() {
        0
    } else {
        usize::try_from(schema.n_children).unwrap_or(0)
    };
    // SAFETY: a valid schema has so many children, and each is one.
    (0..count).filter_map(|place| unsafe { (*schema.children.add(place)).as_ref() })
}

/// Deepest nesting that is looked into.
const DEEPEST: usize = 64;

/// Name of the type of a column, or of something in it, that the reader does not know.
fn foreign(schema: &Schema, depth: usize) -> Option<&'static str> {
    // SAFETY: a valid schema, whose strings and children are valid.
    let (format, inner) = unsafe { (text(schema.format), schema.dictionary.as_ref()) };
    let format = format.unwrap_or_default();
    let of_itself = match format.split_once(':').unwrap_or((&format, "")) {
        ("", _) => Some("type of its own"),
        ("+r", _) => Some("run-end encoded values"),
        ("+vl" | "+vL", _) => Some("list view"),
        ("d", rest) => decimal(rest),
        _ if depth > DEEPEST => Some("type of its own"),
        _ => None,
    };
    of_itself.or_else(|| {
        // SAFETY: as above.
        let inside = unsafe { children(schema) };
        let mut inside = inside.chain(inner);
        inside.find_map(|child| foreign(child, depth + 1))
    })
}

/// What is foreign about a decimal of this precision, scale and width.
fn decimal(of: &str) -> Option<&'static str> {
    let mut parts = of.split(',').map(str::parse::<i64>);
    match (parts.next(), parts.next(), parts.next()) {
        (Some(Ok(_)), Some(Ok(scale)), _) if scale < 0 => Some("decimal of a negative scale"),
        (Some(Ok(_)), Some(Ok(_)), None | Some(Ok(32 | 64 | 128))) => None,
        (Some(Ok(_)), Some(Ok(_)), Some(Ok(256))) => Some("decimal of 256 bits"),
        _ => Some("type of its own"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_by_width_and_scale() {
        assert_eq!(decimal("19,10"), None);
        assert_eq!(decimal("19,10,64"), None);
        assert_eq!(decimal("60,10,256"), Some("decimal of 256 bits"));
        assert_eq!(decimal("10,-2"), Some("decimal of a negative scale"));
        for odd in ["", "9", "a,b", "9,1,17", "9,1,x"] {
            assert_eq!(decimal(odd), Some("type of its own"), "{odd}");
        }
    }
}
