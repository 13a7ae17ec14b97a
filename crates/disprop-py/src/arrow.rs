//! The Arrow C stream, in and out: all conversion and all `unsafe` of the project is here and below.

mod dates;
mod dictionary;
mod schema;

use std::ffi::CStr;

use dictionary::{Ids, Listed};

use polars::prelude::*;
use polars_arrow::array::{Array, StructArray};
use polars_arrow::datatypes::{ArrowDataType, Field};
use polars_arrow::ffi::{ArrowArrayStream, ArrowArrayStreamReader, export_iterator};
use pyo3::exceptions::{PyException, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyDict, PyList};
use rayon::prelude::*;

const STREAM: &CStr = c"arrow_array_stream";

/// Returns the columns of a table that can be read.
pub fn frame(data: &Bound<'_, PyAny>) -> PyResult<DataFrame> {
    table(data).map(|table| table.frame)
}

/// The capsule of an object's Arrow stream; nothing where it has none, or cannot make one.
fn capsule_of<'py>(data: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
    if !data.hasattr("__arrow_c_stream__")? {
        return Ok(None);
    }
    // pandas has the method but needs pyarrow for it. Ctrl-C meanwhile is another matter.
    let other = |e: &PyErr| e.is_instance_of::<PyException>(data.py());
    match data.call_method0("__arrow_c_stream__") {
        Err(e) if other(&e) && data.hasattr("to_numpy")? => Ok(None),
        made => made.map(Some),
    }
}

/// Returns the table that any object with `__arrow_c_stream__` holds, or a pandas frame without
/// pyarrow, or a dict of lists.
pub fn table(data: &Bound<'_, PyAny>) -> PyResult<Table> {
    let whole = |frame: PyResult<DataFrame>| {
        frame.map(|frame| Table {
            frame,
            ..Table::default()
        })
    };
    if let Some(capsule) = capsule_of(data)? {
        return from_capsule(&capsule);
    }
    if let Ok(columns) = data.cast::<PyDict>() {
        let pairs = columns.iter().map(|(name, values)| {
            let values = PyList::new(data.py(), values.try_iter()?.collect::<PyResult<Vec<_>>>()?)?;
            Ok((name.str()?.to_string(), values))
        });
        return whole(from_lists(pairs.collect::<PyResult<Vec<_>>>()?));
    }
    if data.hasattr("columns")? && data.hasattr("to_numpy")? {
        let mut pairs = Vec::new();
        for name in data.getattr("columns")?.try_iter()? {
            let name = name?;
            let values = data.get_item(&name)?.call_method0("tolist")?;
            pairs.push((name.str()?.to_string(), values.cast_into::<PyList>()?));
        }
        return whole(from_lists(pairs));
    }
    let name = data.get_type().name()?;
    Err(PyTypeError::new_err(format!(
        "`{name}` is not a table; expected a polars, pandas, pyarrow or DuckDB table, or a dict of lists"
    )))
}

fn from_capsule(capsule: &Bound<'_, PyAny>) -> PyResult<Table> {
    let mut batches = Batches::from_capsule(capsule)?;
    let mut chunks: Vec<Vec<Box<dyn Array>>> = vec![Vec::new(); batches.fields.len()];
    let mut height = 0;
    while let Some(batch) = batches.next_struct() {
        let batch = batch?;
        height += batch.len();
        for (column, chunk) in chunks.iter_mut().zip(batch.values()) {
            column.push(chunk.clone());
        }
    }
    let fields = batches.fields;
    capsule.py().detach(|| assemble(&fields, chunks, height))
}

/// The batches of a stream, one table each.
pub struct Batches {
    reader: ArrowArrayStreamReader<Box<ArrowArrayStream>>,
    fields: Vec<Field>,
}

// SAFETY: the reader owns its stream, which the protocol lets any one thread at a time call.
unsafe impl Send for Batches {}

impl Batches {
    /// Returns the batches of any object with `__arrow_c_stream__`; nothing for other objects.
    pub fn of(data: &Bound<'_, PyAny>) -> PyResult<Option<Self>> {
        capsule_of(data)?
            .map(|c| Batches::from_capsule(&c))
            .transpose()
    }

    fn from_capsule(capsule: &Bound<'_, PyAny>) -> PyResult<Self> {
        let capsule = capsule.cast::<PyCapsule>()?;
        let pointer = capsule
            .pointer_checked(Some(STREAM))?
            .cast::<ArrowArrayStream>();
        // SAFETY: the capsule's name says that it holds a valid stream.
        if let Some(found) = unsafe { schema::obstacle(pointer.as_ptr().cast()) } {
            return Err(found.error(capsule.py()));
        }
        // SAFETY: the capsule's name says that it holds a valid stream, which we own from here on:
        // an empty one is left in its place, whose release is null, as the protocol asks.
        let stream =
            unsafe { std::mem::replace(&mut *pointer.as_ptr(), ArrowArrayStream::empty()) };
        // SAFETY: as above; the reader releases the stream when dropped.
        let reader =
            unsafe { ArrowArrayStreamReader::try_new(Box::new(stream)) }.map_err(unreadable)?;
        let ArrowDataType::Struct(fields) = reader.field().dtype().clone() else {
            return Err(PyTypeError::new_err("the stream is a column, not a table"));
        };
        Ok(Batches { reader, fields })
    }

    fn next_struct(&mut self) -> Option<PyResult<StructArray>> {
        // SAFETY: the stream is valid until the reader is dropped.
        let batch = match unsafe { self.reader.next() }? {
            Ok(batch) => batch,
            Err(error) => return Some(Err(broken(error))),
        };
        let batch = batch.as_any().downcast_ref::<StructArray>().cloned();
        Some(batch.ok_or_else(|| PyTypeError::new_err("the stream is a column, not a table")))
    }

    /// Returns the next batch; nothing at the end, an error where the source gives up.
    pub fn next(&mut self) -> Option<PyResult<Table>> {
        let batch = self.next_struct()?;
        Some(batch.and_then(|batch| {
            let chunks = batch.values().iter().map(|chunk| vec![chunk.clone()]);
            assemble(&self.fields, chunks.collect(), batch.len())
        }))
    }
}

fn assemble(fields: &[Field], chunks: Vec<Vec<Box<dyn Array>>>, height: usize) -> PyResult<Table> {
    let columns: Vec<_> = fields.iter().zip(chunks).collect();
    let read = columns.into_par_iter().map(|(f, chunks)| column(f, chunks));
    let read: Vec<PolarsResult<Option<Series>>> = read.collect();
    let mut table = Table::default();
    let mut columns = Vec::new();
    for (field, series) in fields.iter().zip(read) {
        match series.map_err(unreadable)? {
            Some(series) => columns.push(series.into_column()),
            None => {
                let found = type_name(field.dtype());
                table.unreadable.push((field.name.to_string(), found));
            }
        }
    }
    table.frame = DataFrame::new(height, columns).map_err(unreadable)?;
    Ok(table)
}

/// A table as it came, with the columns that could not be read.
#[derive(Default)]
pub struct Table {
    /// What can be read.
    pub frame: DataFrame,
    /// Name and type of what cannot.
    pub unreadable: Vec<(String, &'static str)>,
}

/// Returns a column, or nothing where it is of a type that no measure and no dimension has.
fn column(field: &Field, chunks: Vec<Box<dyn Array>>) -> PolarsResult<Option<Series>> {
    use ArrowDataType as T;
    let listed = match field.dtype() {
        T::Dictionary(key, values, _) if is_text(values) => dictionary::listed(*key, &chunks),
        dtype @ (T::Date32 | T::Date64 | T::Timestamp(..)) => {
            let Some(listed) = dates::listed(dtype, &chunks) else {
                return Ok(None);
            };
            Some(listed)
        }
        dtype if !is_readable(dtype) => return Ok(None),
        _ => None,
    };
    if let Some(Listed { ids, categories }) = listed {
        let name = field.name.clone();
        let dtype = DataType::from_frozen_categories(categories);
        macro_rules! categorical {
            ($physical:ty, $arrays:expr) => {{
                let ids = ChunkedArray::from_chunk_iter(name, $arrays.into_iter());
                // SAFETY: every id is below the number of categories, as `Ids` says, and they are
                // of the width that the number of categories asks for.
                unsafe {
                    CategoricalChunked::<$physical>::from_cats_and_dtype_unchecked(ids, dtype)
                }
                .into_series()
            }};
        }
        return Ok(Some(match ids {
            Ids::U8(arrays) => categorical!(Categorical8Type, arrays),
            Ids::U16(arrays) => categorical!(Categorical16Type, arrays),
            Ids::U32(arrays) => categorical!(Categorical32Type, arrays),
        }));
    }
    if chunks.is_empty() {
        let dtype = DataType::from_arrow_field(field);
        return Ok(Some(Series::new_empty(field.name.clone(), &dtype)));
    }
    Series::try_from((field, chunks)).map(Some)
}

fn is_text(dtype: &ArrowDataType) -> bool {
    use ArrowDataType as T;
    matches!(dtype, T::Utf8 | T::LargeUtf8 | T::Utf8View)
}

/// Whether a measure or a dimension could be of this type.
fn is_readable(dtype: &ArrowDataType) -> bool {
    use ArrowDataType as T;
    match dtype {
        T::Null | T::Boolean | T::Utf8 | T::LargeUtf8 | T::Utf8View => true,
        T::Int8 | T::Int16 | T::Int32 | T::Int64 | T::Int128 => true,
        T::UInt8 | T::UInt16 | T::UInt32 | T::UInt64 => true,
        T::Float32 | T::Float64 | T::Decimal(..) => true,
        T::Dictionary(_, values, _) => {
            !matches!(**values, T::Dictionary(..)) && is_readable(values)
        }
        _ => false,
    }
}

/// Name of a type that cannot be read, as its owner knows it.
fn type_name(dtype: &ArrowDataType) -> &'static str {
    use ArrowDataType as T;
    match dtype {
        T::Date32 | T::Date64 => "date",
        T::Timestamp(..) => "date with a time of day",
        T::Time32(_) | T::Time64(_) => "time of day",
        T::Duration(_) | T::Interval(_) => "duration",
        T::Binary | T::LargeBinary | T::BinaryView | T::FixedSizeBinary(_) => "binary",
        T::List(_) | T::LargeList(_) | T::FixedSizeList(..) => "list",
        T::Struct(_) => "struct",
        T::Map(..) => "map",
        T::Union(_) | T::Extension(_) => "union or extension",
        T::Float16 => "float of 16 bits",
        T::Decimal32(..) | T::Decimal64(..) => "decimal of fewer than 128 bits",
        T::Dictionary(_, values, _) => type_name(values),
        _ => "type of its own",
    }
}

/// The library's own words may quote cells of the table, so they are not passed on.
fn unreadable(_: PolarsError) -> PyErr {
    Python::attach(|py| {
        let hint = "every column must be as long as the others, and of one type";
        let message = "the table could not be read";
        crate::errors::describe(py, "frame.unreadable", message, Some(hint.into()), &[])
    })
}

/// A source that raised halfway: its own words may quote cells of the table.
fn broken(_: PolarsError) -> PyErr {
    Python::attach(|py| {
        let hint = "nothing of it was used; look at the source, then begin again";
        let message = "the source of the stream failed before its end";
        crate::errors::describe(py, "stream.broken", message, Some(hint.into()), &[])
    })
}

fn from_lists(columns: Vec<(String, Bound<'_, PyList>)>) -> PyResult<DataFrame> {
    let mut made = Vec::new();
    let mut height = 0;
    for (name, values) in columns {
        height = values.len();
        made.push(from_list(&name, &values)?.into_column());
    }
    DataFrame::new(height, made).map_err(unreadable)
}

/// A column of Python objects: numbers where all are, text otherwise.
fn from_list(name: &str, values: &Bound<'_, PyList>) -> PyResult<Series> {
    let is_missing = |value: &Bound<'_, PyAny>| {
        value.is_none()
            || value.extract::<f64>().is_ok_and(f64::is_nan)
            || value
                .get_type()
                .name()
                .is_ok_and(|n| n == "NAType" || n == "NaTType")
    };
    let whole: Option<Vec<Option<i64>>> = values
        .iter()
        .map(|v| {
            if is_missing(&v) {
                Some(None)
            } else {
                v.extract::<i64>().ok().map(Some)
            }
        })
        .collect();
    if let Some(whole) = whole {
        return Ok(Series::new(name.into(), whole));
    }
    let floats: Option<Vec<Option<f64>>> = values
        .iter()
        .map(|v| {
            if is_missing(&v) {
                Some(None)
            } else {
                v.extract::<f64>().ok().map(Some)
            }
        })
        .collect();
    if let Some(floats) = floats {
        return Ok(Series::new(name.into(), floats));
    }
    let text = values
        .iter()
        .map(|v| {
            if is_missing(&v) {
                Ok(None)
            } else {
                Ok(Some(v.str()?.to_string()))
            }
        })
        .collect::<PyResult<Vec<Option<String>>>>()?;
    Ok(Series::new(name.into(), text))
}

/// Returns the frame as an Arrow C stream of one batch a chunk.
pub fn stream<'py>(py: Python<'py>, frame: &DataFrame) -> PyResult<Bound<'py, PyCapsule>> {
    let mut frame = frame.clone();
    frame.align_chunks();
    let level = CompatLevel::newest();
    let fields: Vec<Field> = frame
        .columns()
        .iter()
        .map(|column| column.field().to_arrow(level))
        .collect();
    let dtype = ArrowDataType::Struct(fields);
    let of_batch = dtype.clone();
    let batches: Vec<PolarsResult<Box<dyn Array>>> = frame
        .iter_chunks(level, false)
        .map(|batch| {
            let length = batch.len();
            let arrays = batch.into_arrays();
            StructArray::try_new(of_batch.clone(), length, arrays, None)
                .map(|array| Box::new(array) as Box<dyn Array>)
        })
        .collect();
    let field = Field::new("".into(), dtype, false);
    let stream = export_iterator(Box::new(batches.into_iter()), field);
    // The stream's own release runs when it is dropped, so the capsule needs no destructor of ours.
    PyCapsule::new_with_value(py, Stream(stream), STREAM)
}

/// Returns frames as an Arrow C stream, each made when it is asked for; all have the columns of the
/// first.
pub fn stream_of<'py>(
    py: Python<'py>,
    first: DataFrame,
    rest: impl Iterator<Item = PolarsResult<DataFrame>> + Send + 'static,
) -> PyResult<Bound<'py, PyCapsule>> {
    let level = CompatLevel::newest();
    let schema = first.schema().clone();
    let fields: Vec<Field> = first
        .columns()
        .iter()
        .map(|column| column.field().to_arrow(level))
        .collect();
    let dtype = ArrowDataType::Struct(fields);
    let of_batch = dtype.clone();
    let batches = std::iter::once(Ok(first)).chain(rest).map(move |frame| {
        let mut frame = frame?;
        let height = frame.height();
        let columns = schema.iter().map(|(name, dtype)| match frame.column(name) {
            Ok(column) => column.cast(dtype),
            Err(_) => Ok(Column::full_null(name.clone(), height, dtype)),
        });
        frame = DataFrame::new(height, columns.collect::<PolarsResult<Vec<_>>>()?)?;
        frame.rechunk_mut();
        let arrays: Vec<Box<dyn Array>> = match frame.iter_chunks(level, false).next() {
            Some(batch) => batch.into_arrays().into_iter().collect(),
            None => Vec::new(),
        };
        StructArray::try_new(of_batch.clone(), height, arrays, None)
            .map(|array| Box::new(array) as Box<dyn Array>)
    });
    let stream = export_iterator(Box::new(batches), Field::new("".into(), dtype, false));
    PyCapsule::new_with_value(py, Stream(stream), STREAM)
}

/// A stream that may be dropped on any thread.
#[repr(transparent)]
struct Stream(#[allow(dead_code)] ArrowArrayStream);

// SAFETY: the stream holds arrays and fields that are themselves `Send`; nothing is shared.
unsafe impl Send for Stream {}
