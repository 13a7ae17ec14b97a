"""Tallies kept in a file, in full or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import Any

from disprop._disprop import DispropError, OptionError, Tallies, TallyError

#: Extensions and the form they stand for.
FORMS = {".parquet": "parquet", ".arrow": "ipc", ".ipc": "ipc", ".feather": "ipc"}


def failure(
    kind: type[DispropError], code: str, message: str, hint: str | None = None
) -> DispropError:
    """Return an exception with the attributes that every error of disprop has."""
    error = kind(message if hint is None else f"{message}\nhint: {hint}")
    error.code, error.hint, error.context = code, hint, {"message": message}
    return error


def form(path: Path) -> str:
    """Return the form that an extension stands for."""
    known = FORMS.get(path.suffix.lower())
    if known is None:
        message = f"`{path.suffix}` is no extension of kept tallies; it takes {', '.join(FORMS)}"
        raise failure(OptionError, "file.extension", message)
    return known


def save(tallies: Tallies, path: str | os.PathLike[str]) -> None:
    """Write tallies to a Parquet or Arrow file; the name exists only once the file is whole."""
    target = Path(path)
    kind = form(target)
    table = tallies._checkpoint()
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    except OSError as problem:
        raise unwritable(target, problem) from None
    try:
        with os.fdopen(handle, "wb") as file:
            _write(table, file, kind)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, target)
        _settle(target.parent)
    except OSError as problem:
        raise unwritable(target, problem) from None
    finally:
        # Nothing half written is left, whatever happened, Ctrl-C among it.
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)


def load(path: str | os.PathLike[str]) -> Tallies:
    """Read tallies that :func:`save` wrote."""
    source = Path(path)
    kind = form(source)
    if not source.exists():
        raise FileNotFoundError(f"there is no file `{source.name}`")
    try:
        table = _read(source, kind)
    except ImportError:
        raise
    except MemoryError:
        raise
    except Exception:
        message = f"`{source.name}` is damaged, or not a {kind} file"
        hint = "take the tallies again from the pupil rows, or from a sound copy of the file"
        raise failure(TallyError, "tallies.checkpoint", message, hint) from None
    return Tallies._from_checkpoint(table)


def unwritable(target: Path, problem: OSError) -> DispropError:
    """Return the error of a file that could not be written: a full disk, no permission."""
    reason = os.strerror(problem.errno) if problem.errno else str(problem)
    message = f"`{target.name}` was not written: {reason}"
    hint = "nothing was left behind; an earlier file of that name is as it was"
    return failure(TallyError, "tallies.not_written", message, hint)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _settle(folder: Path) -> None:
    # The new name is on disk only once its folder is; not every system can say so of a folder.
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _write(table: Any, file: Any, kind: str) -> None:
    try:
        import pyarrow
    except ImportError:
        import io

        import polars

        frame, buffer = polars.DataFrame(table), io.BytesIO()
        if kind == "parquet":
            frame.write_parquet(buffer)
        else:
            frame.write_ipc(buffer)
        file.write(buffer.getbuffer())
        return
    whole = pyarrow.table(table)
    try:
        if kind == "parquet":
            import pyarrow.parquet

            pyarrow.parquet.write_table(whole, file, compression="zstd")
        else:
            with pyarrow.ipc.new_file(file, whole.schema) as writer:
                writer.write_table(whole)
    except pyarrow.ArrowException as problem:
        raise OSError(*problem.args) from None


def _read(source: Path, kind: str) -> Any:
    try:
        import pyarrow
    except ImportError:
        import polars

        if kind == "parquet":
            return polars.read_parquet(source)
        return polars.read_ipc(source)
    if kind == "parquet":
        import pyarrow.parquet

        table = pyarrow.parquet.ParquetFile(source).read()
    else:
        with pyarrow.OSFile(str(source), "rb") as file:
            table = pyarrow.ipc.open_file(file).read_all()
    # Offsets of a damaged file may point anywhere: nobody reads on before they are checked.
    table.validate(full=True)
    return table
