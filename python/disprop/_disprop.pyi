"""The compiled part of disprop: cohorts, exact tallies, gaps.

Everything here is re-exported by `disprop`. Runnable examples are in the module's own docstring.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from os import PathLike
from typing import Any, Literal, Protocol, TypeAlias, final

import pandas  # type: ignore[import-untyped, unused-ignore]
import polars

__version__: str

__all__ = [
    "Cohort",
    "Cube",
    "CubeGaps",
    "DataError",
    "DimensionError",
    "DispropError",
    "Finding",
    "Gaps",
    "GroupError",
    "Measure",
    "MeasureError",
    "OptionError",
    "Policy",
    "Publication",
    "ReleaseError",
    "Released",
    "SqlPlan",
    "Table",
    "Tallies",
    "TallyBuilder",
    "TallyError",
    "__version__",
    "audit",
    "groups",
    "measures",
    "methods",
    "release",
    "sentences",
    "summaries",
    "synth",
]

class _ArrowStream(Protocol):
    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any: ...

class _PandasLike(Protocol):
    """A pandas frame: its types do not declare the Arrow stream in every version."""

    @property
    def columns(self) -> Any: ...
    def to_numpy(self) -> Any: ...

_Data: TypeAlias = _ArrowStream | _PandasLike | Mapping[str, Iterable[Any]]
_OneMeasure: TypeAlias = str | Measure | Mapping[str, Any]
_Measures: TypeAlias = _OneMeasure | Iterable[_OneMeasure]
_Names: TypeAlias = str | Sequence[str]
_Sets: TypeAlias = Mapping[str, _Names]
_Groups: TypeAlias = str | _Sets | Iterable[str | _Sets]
_Codes: TypeAlias = Literal["england", "own"]
_Chinese: TypeAlias = Literal["asian", "own"]
_Unclassified: TypeAlias = Literal["exclude", "include", "bounds"]
_ClusterMethod: TypeAlias = Literal[
    "cr0",
    "cr1",
    "cr1_stata",
    "cr2",
    "cr3",
    "jackknife",
    "bootstrap",
    "bootstrap_bca",
    "bootstrap_percentile",
]
_Adjustment: TypeAlias = Literal["holm", "hochberg", "hommel", "bonferroni", "bh", "by"]
_Test: TypeAlias = Literal[
    "score",
    "pearson",
    "yates",
    "fisher",
    "mid_p",
    "permutation",
    "welch",
    "conditional_exact",
]
_Level: TypeAlias = Literal["auto", "main", "major", "extended"]

class DispropError(ValueError):
    """Base class of every error of disprop.

    Attributes
    ----------
    code : str or None
        A stable slug, such as ``measure.unknown``; a slug is never reused.
    hint : str or None
        What to do about it.
    context : dict or None
        ``message``: the text of the error without the hint.
    findings : list of Finding
        Everything that is wrong with the data; empty for other errors.

    Notes
    -----
    No message holds a pupil identifier.
    """

    code: str | None
    hint: str | None
    context: dict[str, Any] | None
    findings: list[Finding]

class DataError(DispropError):
    """Data that cannot be used as they are; ``findings`` says why (``data.refused``)."""

class MeasureError(DispropError):
    """A measure that is unknown, ill-defined, or without its columns.

    Codes ``measure.unknown``, ``measure.bad``, ``measure.columns``.
    """

class DimensionError(DispropError):
    """A dimension that the data do not have (``dimension.unknown``)."""

class GroupError(DispropError):
    """A group that no code, label or name defines (``group.unknown``), or a code already taken."""

class OptionError(DispropError):
    """An option outside its range or its list (``option.bad``, ``stats.level``, …)."""

class ReleaseError(DispropError):
    """A policy that is not usable, or figures that cannot be released.

    Codes ``policy.bad``, ``release.refused``.
    """

class TallyError(DispropError):
    """Tallies that cannot be taken, merged or kept.

    Codes ``tallies.merge``, ``tallies.too_many_cells``, ``tallies.checkpoint``,
    ``tallies.not_written``, ``stream.broken``, ``stream.changed``, ``stream.memory``,
    ``engine.unsupported``.
    """

@final
class Finding:
    """One kind of problem in one column, with how many rows have it."""

    @property
    def kind(self) -> str:
        """Stable slug, such as ``absent_over_possible``."""
    @property
    def severity(self) -> Literal["refused", "warning"]:
        """Whether the data cannot be used, or can with this in mind."""
    @property
    def column(self) -> str | None:
        """The column, as the data name it, where one column is at fault."""
    @property
    def rows(self) -> int:
        """Number of rows with the problem; 0 for problems of the whole table."""
    @property
    def first_rows(self) -> list[int]:
        """The first row numbers, from 1, without the header; at most five."""
    @property
    def message(self) -> str:
        """What was found and what was expected."""
    @property
    def hint(self) -> str | None:
        """What to do about it."""

@final
class Measure:
    """One measure: how it is computed, printed and read.

    Parameters
    ----------
    definition : str, Measure or dict
        The id of a catalogue entry, or a definition of your own: a dict, or text in TOML or JSON.

    Raises
    ------
    MeasureError
        ``measure.unknown`` for an id that is not in the catalogue, ``measure.bad`` for a definition
        that does not hold together.

    Notes
    -----
    A definition has ``id``, ``label``, ``polarity`` (``higher_is_better``, ``lower_is_better``,
    ``neither``) and ``quantity``, which is one of ``flag``, ``threshold``,
    ``share``, ``count``, ``count_at_least`` and ``score``; ``unit``, ``decimals`` and the
    rest have defaults.
    `Measure.to_dict` of a catalogue entry shows every field.

    Examples
    --------
    >>> import disprop as dp
    >>> dp.Measure("gld").unit
    '%'
    >>> late = {"id": "late", "label": "Late marks", "polarity": "lower_is_better"}
    >>> dp.Measure({**late, "quantity": {"flag": {"column": "late"}}}).columns
    ['late']
    """

    def __new__(cls, definition: _OneMeasure) -> Measure: ...
    @property
    def id(self) -> str:
        """The name it is asked for by."""
    @property
    def label(self) -> str:
        """The name it is printed with."""
    @property
    def phase(self) -> str:
        """The phase of education it belongs to, in words."""
    @property
    def unit(self) -> str:
        """The unit its values are printed in, such as ``%`` or ``per 100``."""
    @property
    def decimals(self) -> int:
        """Decimals its values are printed with."""
    @property
    def polarity(self) -> Literal["higher_is_better", "lower_is_better", "neither"]:
        """Which direction is better; it never changes a sign."""
    @property
    def family(self) -> str:
        """The family of its tally: ``proportion``, ``mean``, ``ratio`` or ``rate``."""
    @property
    def source(self) -> str:
        """Where its definition is from."""
    @property
    def columns(self) -> list[str]:
        """Roles of the columns that it needs."""
    def to_dict(self) -> dict[str, Any]:
        """Return the definition, which `Measure` takes back.

        Returns
        -------
        dict
            Every field, in the shape of the JSON form.

        Examples
        --------
        >>> import disprop as dp
        >>> gld = dp.Measure("gld")
        >>> dp.Measure(gld.to_dict()) == gld
        True
        """
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Policy:
    """A disclosure policy: which figures are withheld, and how closely a reader may come to one.

    No current DfE text fixes a threshold and authorities differ, so there is no default.

    Parameters
    ----------
    threshold : int
        Counts from 1 to one less than this are withheld.
    show_zeros : bool, default True
        Whether true zeros, and "all of them", may be shown.
    complement : bool, default True
        Whether pupils without the outcome are tested as those with it.
    round_to : int, default 1
        Base to which shown numbers of pupils are rounded.
    minimum_for_means : int, optional
        Fewest pupils behind a mean or rate; the threshold by default.
    dominance : float, optional
        Largest share of the sum behind a mean or a share of sessions that one pupil may account
        for, such as 0.5. Decided by a bound from the sums of squares, so a row goes where one
        pupil *may* have more; not asked where nothing is said.
    protection : int, optional
        Least distance between a reader's bounds on a withheld count; the threshold by default.
    audience : {"public", "governors", "internal"}
        Who will see the outputs; only "internal" has a log by row.
    name : str, optional
        Name stamped on every output.

    Raises
    ------
    ReleaseError
        ``policy.bad`` for choices that do not hold together.

    Examples
    --------
    >>> import disprop as dp
    >>> dp.Policy(threshold=6, show_zeros=False).name
    'lt6'
    >>> dp.Policy.preset("lt10").threshold
    10
    """

    def __new__(
        cls,
        *,
        threshold: int,
        show_zeros: bool = True,
        complement: bool = True,
        round_to: int = 1,
        minimum_for_means: int | None = None,
        dominance: float | None = None,
        protection: int | None = None,
        audience: str = "public",
        name: str | None = None,
    ) -> Policy: ...
    @staticmethod
    def preset(name: str) -> Policy:
        """Return the preset "lt5", "lt6", "lt10" or "dfe_legacy".

        Parameters
        ----------
        name : str
            Its name.

        Returns
        -------
        Policy
            The preset.

        Raises
        ------
        OptionError
            ``option.bad``, naming those there are.

        Examples
        --------
        >>> import disprop as dp
        >>> dp.Policy.preset("lt5").threshold
        5
        """
    @staticmethod
    def none(reason: str) -> Policy:
        """Return the policy that withholds nothing, for a reason that every output names.

        Parameters
        ----------
        reason : str
            Why nothing is withheld.

        Returns
        -------
        Policy
            The policy ``none``.

        Raises
        ------
        ReleaseError
            ``policy.bad`` where the reason is blank.

        Examples
        --------
        >>> import disprop as dp
        >>> dp.Policy.none("the counts are published already").describe()
        'Nothing is withheld: the counts are published already.'
        """
    @staticmethod
    def from_toml(text: str) -> Policy:
        """Return the policy that a TOML text describes.

        Parameters
        ----------
        text : str
            ``threshold = 5`` and any other field by name.

        Returns
        -------
        Policy
            The policy.

        Raises
        ------
        ReleaseError
            ``policy.bad``, saying what is wrong.

        Examples
        --------
        >>> import disprop as dp
        >>> dp.Policy.from_toml("threshold = 6").threshold
        6
        """
    def to_toml(self) -> str:
        """Return it as TOML, which ``from_toml`` takes back.

        Returns
        -------
        str
            Every field by name.

        Examples
        --------
        >>> import disprop as dp
        >>> policy = dp.Policy.preset("lt5")
        >>> dp.Policy.from_toml(policy.to_toml()).hash == policy.hash
        True
        """
    @property
    def name(self) -> str:
        """Name stamped on every output."""
    @property
    def hash(self) -> str:
        """Fingerprint of every choice in it, stamped on every output."""
    @property
    def threshold(self) -> int:
        """Counts from 1 to one less than this are withheld."""
    @property
    def audience(self) -> str:
        """Who will see the outputs."""
    def describe(self) -> str:
        """Return what it does, in plain sentences for a note.

        Returns
        -------
        str
            A few sentences.

        Examples
        --------
        >>> import disprop as dp
        >>> isinstance(dp.Policy.preset("lt5").describe(), str)
        True
        """
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Released:
    """Figures that may leave: a policy was applied to them, and nothing else makes one.

    The columns are those of the result that was released. Numbers have their printed digits and
    are null where withheld; ``finding`` and ``reason`` say "withheld" in such rows.

    Examples
    --------
    >>> import disprop as dp
    >>> cohort = dp.Cohort(dp.synth(pupils=3_000, years=1, seed=7))
    >>> out = cohort.gaps("severe_absence").release(dp.Policy.preset("lt5"))
    >>> rows = out.to_dict()
    >>> [n for n, f in zip(rows["group_n"], rows["finding"]) if f == "withheld" and n is not None]
    []
    """

    @property
    def name(self) -> str:
        """Its name in the publication; ``"gaps"`` where it was released alone."""
    @property
    def kind(self) -> str:
        """Kind of result, such as ``"gaps"`` or ``"changes"``."""
    @property
    def title(self) -> str:
        """Title in print."""
    @property
    def note(self) -> str:
        """Note in print, with what the policy does."""
    @property
    def policy(self) -> dict[str, Any]:
        """The policy: name, threshold, hash, audience, description."""
    @property
    def log(self) -> Table:
        """What was withheld and why, without a number.

        By row where the audience is "internal"; else by measure and kind of rule, since a reader
        who knew which rows are small for their own sake could bound the others more closely.
        """
    @property
    def measures(self) -> list[Measure]:
        """The measures."""
    @property
    def dimensions(self) -> list[str]:
        """Names of the dimensions."""
    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
    @property
    def withheld(self) -> int:
        """Number of rows that are withheld."""
    @property
    def audit(self) -> dict[str, Any]:
        """Facts of the release: rows, rows withheld, policy, measures, version."""
    def trail(self, **facts: Any) -> dict[str, Any]:
        """Return the audit trail: the audit, with facts of the caller's.

        Parameters
        ----------
        **facts
            Such as hashes of inputs, options and timings; the package itself reads no clock.

        Returns
        -------
        dict
            Ready for JSON.

        Examples
        --------
        >>> import disprop as dp
        >>> gaps = dp.Cohort(dp.synth(3_000, years=1, seed=7)).gaps("absence")
        >>> out = gaps.release(dp.Policy.preset("lt5"))
        >>> out.trail()["policy"]["name"]
        'lt5'
        """
    def to_polars(self) -> polars.DataFrame:
        """Return the rows as a polars frame.

        Returns
        -------
        polars.DataFrame
            One row a row of the result.

        Examples
        --------
        >>> import disprop as dp
        >>> gaps = dp.Cohort(dp.synth(3_000, years=1, seed=7)).gaps("absence")
        >>> out = gaps.release(dp.Policy.preset("lt5"))
        >>> out.to_polars().height == len(gaps)
        True
        """
    def to_pandas(self) -> pandas.DataFrame:
        """Return the rows as a pandas frame.

        Returns
        -------
        pandas.DataFrame
            One row a row of the result.

        Examples
        --------
        >>> import disprop as dp
        >>> gaps = dp.Cohort(dp.synth(3_000, years=1, seed=7)).gaps("absence")
        >>> out = gaps.release(dp.Policy.preset("lt5"))
        >>> len(out.to_pandas()) == len(gaps)
        True
        """
    def to_dict(self) -> dict[str, list[Any]]:
        """Return the rows as lists by column.

        Returns
        -------
        dict
            Column name to values.

        Examples
        --------
        >>> import disprop as dp
        >>> gaps = dp.Cohort(dp.synth(3_000, years=1, seed=7)).gaps("absence")
        >>> out = gaps.release(dp.Policy.preset("lt5"))
        >>> len(out.to_dict()["group"]) == len(gaps)
        True
        """
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> Any: ...
    def sentences(self) -> list[str]:
        """Return one plain sentence a row; what is withheld is in none.

        Returns
        -------
        list of str
            In the order of the rows.

        Examples
        --------
        >>> import disprop as dp
        >>> gaps = dp.Cohort(dp.synth(3_000, years=1, seed=7)).gaps("absence")
        >>> out = gaps.release(dp.Policy.preset("lt5"))
        >>> len(out.sentences()) == len(gaps)
        True
        """
    def table(self, style: Literal["html", "great_tables"] = "html") -> Any:
        """Return the results as a table for a page or a notebook.

        Parameters
        ----------
        style : {"html", "great_tables"}, default "html"
            Plain accessible HTML, or a ``great_tables.GT`` to go on with.

        Returns
        -------
        Table or great_tables.GT
            With caption, scopes, symbols explained and the note.

        Examples
        --------
        >>> import disprop as dp
        >>> gaps = dp.Cohort(dp.synth(6000, years=1, seed=7)).gaps("gld", by="year")
        >>> out = gaps.release(dp.Policy.preset("lt5"))
        >>> "<caption>" in str(out.table())
        True
        """
    def chart(self, kind: str | None = None, *, measure: str | None = None, **where: Any) -> Any:
        """Return a chart; it needs the extra ``report``.

        Parameters
        ----------
        kind : {"dots", "trend", "coverage", "funnel", "decomposition", "adjusted"}, optional
            Gaps of all groups, their course over years, whose group is known; schools within
            limits, the parts of one gap, gaps as they are and among pupils alike. What suits the
            table by default.
        measure : str, optional
            Which measure; the first by default.
        **where
            Values of dimensions or a group, such as ``year="2023/24"``, ``group="BCRB"``; the
            latest year and the first group by default. For ``"trend"`` also ``target=``: the size
            of the gap aimed at, one for all or a dict by group.

        Returns
        -------
        Picture
            ``.altair()``, ``.svg()``, ``.png()``, ``.save(path)``, and ``.alt``, the text for
            those who cannot see it.

        Examples
        --------
        >>> import disprop as dp
        >>> cohort = dp.Cohort(dp.synth(3_000, years=1, seed=7))
        >>> out = cohort.gaps("absence").release(dp.Policy.preset("lt5"))
        >>> out.chart("dots").alt.startswith("Dot chart of the gaps of 15 ethnic groups.")
        True
        """
    def report(
        self,
        path: str | PathLike[str],
        *,
        title: str | None = None,
        area: str | None = None,
        about: str | None = None,
    ) -> str:
        """Write one HTML file that works offline and runs nothing; it needs the extra ``report``.

        Parameters
        ----------
        path : str or path
            The ``.html`` file; ``.audit.json`` is written beside it.
        title, area, about : str, optional
            Heading, whose pupils they are, one sentence on the data.

        Returns
        -------
        str
            The path.

        Examples
        --------
        >>> import disprop as dp, os, tempfile
        >>> cohort = dp.Cohort(dp.synth(3_000, years=1, seed=7))
        >>> out = cohort.gaps("absence").release(dp.Policy.preset("lt5"))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = out.report(os.path.join(folder, "gaps.html"))
        >>> os.path.basename(path)
        'gaps.html'
        """
    def excel(
        self,
        path: str | PathLike[str],
        *,
        title: str | None = None,
        area: str | None = None,
        about: str | None = None,
    ) -> str:
        """Write an accessible workbook; it needs the extra ``report``.

        Parameters
        ----------
        path : str or path
            The ``.xlsx`` file; ``.audit.json`` is written beside it.
        title, area, about : str, optional
            Heading, whose pupils they are, one sentence on the data.

        Returns
        -------
        str
            The path.

        Examples
        --------
        >>> import disprop as dp, os, tempfile
        >>> cohort = dp.Cohort(dp.synth(3_000, years=1, seed=7))
        >>> out = cohort.gaps("absence").release(dp.Policy.preset("lt5"))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = out.excel(os.path.join(folder, "gaps.xlsx"))
        >>> os.path.basename(path)
        'gaps.xlsx'
        """
    def docx(
        self,
        path: str | PathLike[str],
        *,
        title: str | None = None,
        area: str | None = None,
        about: str | None = None,
    ) -> str:
        """Write a Word document; it needs the extra ``report``.

        Parameters
        ----------
        path : str or path
            The ``.docx`` file; ``.audit.json`` is written beside it.
        title, area, about : str, optional
            Heading, whose pupils they are, one sentence on the data.

        Returns
        -------
        str
            The path.

        Examples
        --------
        >>> import disprop as dp, os, tempfile
        >>> cohort = dp.Cohort(dp.synth(3_000, years=1, seed=7))
        >>> out = cohort.gaps("absence").release(dp.Policy.preset("lt5"))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = out.docx(os.path.join(folder, "gaps.docx"))
        >>> os.path.basename(path)
        'gaps.docx'
        """
    def ees(self, folder: str | PathLike[str], *, area: Any = None) -> list[str]:
        """Write a data CSV and its ``.meta.csv`` for every measure.

        Parameters
        ----------
        folder : str or path
            Folder to write to; it is made where it is not there.
        area : str or Area
            "England", or OLD_CODE=NEW_CODE=NAME of an authority; there is no default.

        Returns
        -------
        list of str
            The data files.

        Examples
        --------
        >>> import disprop as dp, os, tempfile
        >>> gaps = dp.Cohort(dp.synth(6000, years=1, seed=7)).gaps("gld", by="year")
        >>> out = gaps.release(dp.Policy.preset("lt5"))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     files = out.ees(folder, area="307=E09000009=Ealing")
        >>> [os.path.basename(file) for file in files]
        ['gld_gaps.csv']
        """
    def schools(
        self,
        folder: str | PathLike[str],
        *,
        names: Mapping[str, str] | None = None,
        about: str | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> list[str]:
        """Write a page for every school, and a list of them.

        Parameters
        ----------
        folder : str or path
            Folder to write to; it is made where it is not there.
        names : dict, optional
            Names of schools by their value in the data.
        about : str, optional
            One sentence on the data.
        progress : callable, optional
            Called with the number of pages written and of all pages.

        Returns
        -------
        list of str
            The pages.

        Raises
        ------
        ValueError
            Where there are no gaps by ``school``.

        Examples
        --------
        >>> import disprop as dp, tempfile
        >>> cohort = dp.Cohort(dp.synth(3_000, years=1, seed=7))
        >>> out = cohort.gaps("absence", by="school").release(dp.Policy.preset("lt5"))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     pages = out.schools(folder)
        >>> all(page.endswith(".html") for page in pages)
        True
        """
    def _repr_html_(self) -> str: ...
    def __len__(self) -> int: ...

@final
class Publication:
    """Tables released together, by name: a mapping of names to :class:`Released`."""

    @property
    def policy(self) -> dict[str, Any]:
        """The policy: name, threshold, hash, audience, description."""
    def keys(self) -> list[str]:
        """Return the names, in the order given.

        Returns
        -------
        list of str
            One a table.

        Examples
        --------
        >>> import disprop as dp
        >>> cohort = dp.Cohort(dp.synth(3_000, years=1, seed=7))
        >>> policy = dp.Policy.preset("lt5")
        >>> both = dp.release({"gaps": cohort.gaps("absence")}, policy)
        >>> list(both.keys())
        ['gaps']
        """
    def values(self) -> list[Released]:
        """Return the tables, in the order given.

        Returns
        -------
        list of Released
            One a table.

        Examples
        --------
        >>> import disprop as dp
        >>> cohort = dp.Cohort(dp.synth(3_000, years=1, seed=7))
        >>> policy = dp.Policy.preset("lt5")
        >>> both = dp.release({"gaps": cohort.gaps("absence")}, policy)
        >>> [one.kind for one in both.values()]
        ['gaps']
        """
    def items(self) -> list[tuple[str, Released]]:
        """Return names with tables, in the order given.

        Returns
        -------
        list of tuple
            One a table.

        Examples
        --------
        >>> import disprop as dp
        >>> cohort = dp.Cohort(dp.synth(3_000, years=1, seed=7))
        >>> policy = dp.Policy.preset("lt5")
        >>> both = dp.release({"gaps": cohort.gaps("absence")}, policy)
        >>> [name for name, one in both.items()]
        ['gaps']
        """
    def trail(self, **facts: Any) -> dict[str, Any]:
        """Return the audit trail of all tables, with facts of the caller's.

        Parameters
        ----------
        **facts
            Such as hashes of inputs, options and timings.

        Returns
        -------
        dict
            Ready for JSON.

        Examples
        --------
        >>> import disprop as dp
        >>> cohort = dp.Cohort(dp.synth(3_000, years=1, seed=7))
        >>> out = dp.release({"gaps": cohort.gaps("absence")}, dp.Policy.preset("lt5"))
        >>> out.trail()["policy"]["name"]
        'lt5'
        """
    def __getitem__(self, name: str, /) -> Released: ...
    def __contains__(self, name: str, /) -> bool: ...
    def __iter__(self) -> Iterator[str]: ...
    def table(self, style: Literal["html", "great_tables"] = "html") -> Any:
        """Return the results as a table for a page or a notebook.

        Parameters
        ----------
        style : {"html", "great_tables"}, default "html"
            Plain accessible HTML, or a ``great_tables.GT`` to go on with.

        Returns
        -------
        Table or great_tables.GT
            With caption, scopes, symbols explained and the note.

        Examples
        --------
        >>> import disprop as dp
        >>> cohort = dp.Cohort(dp.synth(3_000, years=1, seed=7))
        >>> out = dp.release({"gaps": cohort.gaps("absence")}, dp.Policy.preset("lt5"))
        >>> "<caption>" in str(out.table())
        True
        """
    def chart(self, kind: str | None = None, *, measure: str | None = None, **where: Any) -> Any:
        """Return a chart; it needs the extra ``report``.

        Parameters
        ----------
        kind : {"dots", "trend", "coverage", "funnel", "decomposition", "adjusted"}, optional
            Gaps of all groups, their course over years, whose group is known; schools within
            limits, the parts of one gap, gaps as they are and among pupils alike. What suits the
            table by default.
        measure : str, optional
            Which measure; the first by default.
        **where
            Values of dimensions or a group, such as ``year="2023/24"``, ``group="BCRB"``; the
            latest year and the first group by default. For ``"trend"`` also ``target=``: the size
            of the gap aimed at, one for all or a dict by group.

        Returns
        -------
        Picture
            ``.altair()``, ``.svg()``, ``.png()``, ``.save(path)``, and ``.alt``, the text for
            those who cannot see it.

        Examples
        --------
        >>> import disprop as dp
        >>> cohort = dp.Cohort(dp.synth(3_000, years=1, seed=7))
        >>> out = dp.release({"gaps": cohort.gaps("absence")}, dp.Policy.preset("lt5"))
        >>> out.chart("dots").alt.startswith("Dot chart of the gaps of 15 ethnic groups.")
        True
        """
    def report(
        self,
        path: str | PathLike[str],
        *,
        title: str | None = None,
        area: str | None = None,
        about: str | None = None,
    ) -> str:
        """Write one HTML file that works offline and runs nothing; it needs the extra ``report``.

        Parameters
        ----------
        path : str or path
            The ``.html`` file; ``.audit.json`` is written beside it.
        title, area, about : str, optional
            Heading, whose pupils they are, one sentence on the data.

        Returns
        -------
        str
            The path.

        Examples
        --------
        >>> import disprop as dp, os, tempfile
        >>> cohort = dp.Cohort(dp.synth(3_000, years=1, seed=7))
        >>> out = dp.release({"gaps": cohort.gaps("absence")}, dp.Policy.preset("lt5"))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = out.report(os.path.join(folder, "gaps.html"))
        >>> os.path.basename(path)
        'gaps.html'
        """
    def excel(
        self,
        path: str | PathLike[str],
        *,
        title: str | None = None,
        area: str | None = None,
        about: str | None = None,
    ) -> str:
        """Write an accessible workbook; it needs the extra ``report``.

        Parameters
        ----------
        path : str or path
            The ``.xlsx`` file; ``.audit.json`` is written beside it.
        title, area, about : str, optional
            Heading, whose pupils they are, one sentence on the data.

        Returns
        -------
        str
            The path.

        Examples
        --------
        >>> import disprop as dp, os, tempfile
        >>> cohort = dp.Cohort(dp.synth(3_000, years=1, seed=7))
        >>> out = dp.release({"gaps": cohort.gaps("absence")}, dp.Policy.preset("lt5"))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = out.excel(os.path.join(folder, "gaps.xlsx"))
        >>> os.path.basename(path)
        'gaps.xlsx'
        """
    def docx(
        self,
        path: str | PathLike[str],
        *,
        title: str | None = None,
        area: str | None = None,
        about: str | None = None,
    ) -> str:
        """Write a Word document; it needs the extra ``report``.

        Parameters
        ----------
        path : str or path
            The ``.docx`` file; ``.audit.json`` is written beside it.
        title, area, about : str, optional
            Heading, whose pupils they are, one sentence on the data.

        Returns
        -------
        str
            The path.

        Examples
        --------
        >>> import disprop as dp, os, tempfile
        >>> cohort = dp.Cohort(dp.synth(3_000, years=1, seed=7))
        >>> out = dp.release({"gaps": cohort.gaps("absence")}, dp.Policy.preset("lt5"))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = out.docx(os.path.join(folder, "gaps.docx"))
        >>> os.path.basename(path)
        'gaps.docx'
        """
    def ees(self, folder: str | PathLike[str], *, area: Any = None) -> list[str]:
        """Write a data CSV and its ``.meta.csv`` for every measure.

        Parameters
        ----------
        folder : str or path
            Folder to write to; it is made where it is not there.
        area : str or Area
            "England", or OLD_CODE=NEW_CODE=NAME of an authority; there is no default.

        Returns
        -------
        list of str
            The data files.

        Examples
        --------
        >>> import disprop as dp, os, tempfile
        >>> cohort = dp.Cohort(dp.synth(3_000, years=1, seed=7))
        >>> out = dp.release({"gaps": cohort.gaps("absence", by="year")}, dp.Policy.preset("lt5"))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     files = out.ees(folder, area="307=E09000009=Ealing")
        >>> len(files)
        1
        """
    def schools(
        self,
        folder: str | PathLike[str],
        *,
        names: Mapping[str, str] | None = None,
        about: str | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> list[str]:
        """Write a page for every school, and a list of them.

        Parameters
        ----------
        folder : str or path
            Folder to write to; it is made where it is not there.
        names : dict, optional
            Names of schools by their value in the data.
        about : str, optional
            One sentence on the data.
        progress : callable, optional
            Called with the number of pages written and of all pages.

        Returns
        -------
        list of str
            The pages.

        Raises
        ------
        ValueError
            Where there are no gaps by ``school``.

        Examples
        --------
        >>> import disprop as dp, tempfile
        >>> cohort = dp.Cohort(dp.synth(3_000, years=1, seed=7))
        >>> out = dp.release({"gaps": cohort.gaps("absence", by="school")}, dp.Policy.preset("lt5"))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     pages = out.schools(folder)
        >>> all(page.endswith(".html") for page in pages)
        True
        """
    def _repr_html_(self) -> str: ...
    def __len__(self) -> int: ...

def audit(
    tables: Mapping[str, Any],
    *,
    policy: Policy,
    dimensions: Sequence[str] = ...,
    decimals: int = 1,
    factor: float = 100.0,
    complete: bool = True,
    parts: Mapping[str, Sequence[str]] | None = None,
    together: Sequence[Sequence[str]] = ...,
    show_ranges: bool = False,
) -> Table:
    """Return how closely a reader of published tables can come to each withheld row.

    It works from the tables alone, whoever made them: each withheld count is bounded by linear
    programming over all that is shown.

    Parameters
    ----------
    tables : mapping of str to table
        Tables by name, with the columns ``measure``, ``group``, ``group_n``, ``group_value``,
        ``baseline_n``, ``baseline_value``, and "withheld" in ``finding`` where a row is.
    policy : Policy
        How far apart the bounds must be.
    dimensions : sequence of str
        Columns such as ``year`` and ``school``; a table without one is the sum over it.
    decimals : int, default 1
        Printed decimals of values.
    factor : float, default 100
        What a share was multiplied with in print.
    complete : bool, default True
        Whether the groups are everybody on whom the totals rest.
    parts : mapping, optional
        For groups that nest or overlap: the parts that each is made of.
    together : sequence of sequence of str, default none
        Measures of the same pupils, by id: a number of pupils printed for one is known for all.
    show_ranges : bool, default False
        Whether the bounds themselves are given. They are for the owner of the data alone.

    Returns
    -------
    Table
        One row a withheld row: table, row (from 1), measure, group, and range: "safe", "too
        narrow", "worked out", or "not narrowed, not proved safe" in systems too large to solve.

    Raises
    ------
    ReleaseError
        ``release.refused`` where the printed figures contradict each other.

    Examples
    --------
    >>> import disprop as dp
    >>> table = {
    ...     "measure": ["absence"] * 3, "group": ["a", "b", "c"],
    ...     "group_n": [30, 60, None], "group_value": [20.0, 10.0, None],
    ...     "baseline_n": [100, 70, None], "baseline_value": [9.0, 12.9, None],
    ...     "finding": ["worse", "better", "withheld"],
    ... }
    >>> dp.audit({"gaps": table}, policy=dp.Policy.preset("lt5")).to_dict()["range"]
    ['worked out']
    """

def release(tables: dict[str, Gaps | Table], policy: Policy) -> Publication:
    """Return tables released together, so that none gives away what another withholds.

    Parameters
    ----------
    tables : dict
        Gaps, and tables made from gaps (changes, adjusted gaps, …), by name. A row of such a table
        is withheld where a gap it rests on is, so the gaps belong in the same call.
    policy : Policy
        What is withheld.

    Returns
    -------
    Publication
        The released tables by name.

    Raises
    ------
    ReleaseError
        ``release.refused`` for an empty dict, or where a withheld count could still be worked out.
    OptionError
        ``option.bad`` for anything else than gaps or a table.

    Examples
    --------
    >>> import disprop as dp
    >>> cohort = dp.Cohort(dp.synth(pupils=3_000, years=1, seed=7))
    >>> tables = {
    ...     "authority": cohort.gaps("severe_absence"),
    ...     "schools": cohort.gaps("severe_absence", by="school"),
    ... }
    >>> out = dp.release(tables, dp.Policy.preset("lt5"))
    >>> list(out)
    ['authority', 'schools']
    """

@final
class Table:
    """A table for any Arrow reader, ``polars.DataFrame(table)``, with what must be said of it.

    Tables of results print under a banner, rounded, each number with its interval, and with their
    note; ``to_polars()`` and the like give full precision. A number that is not there is null, and
    the column ``reason`` says why.

    Examples
    --------
    >>> import disprop as dp
    >>> dp.groups().columns
    ['code', 'label', 'main', 'major']
    """

    @property
    def kind(self) -> str:
        """What the rows are, such as ``"changes"``, ``"adjusted"`` or ``"codes"``."""
    @property
    def title(self) -> str:
        """One line over the table; empty for plain lists."""
    @property
    def note(self) -> str:
        """What the rows mean and do not mean; it travels with every output."""

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of rows and of columns."""
    def to_text(self, rows: int | None = None) -> str:
        """Return a readable table for a terminal.

        Parameters
        ----------
        rows : int, optional
            Most rows to show; all by default.

        Returns
        -------
        str
            The title, the rows, the note.

        Examples
        --------
        >>> import disprop as dp
        >>> table = dp.Cohort(dp.synth(600, years=2, seed=7)).gaps("absence", by="year").over_time()
        >>> table.to_text().startswith("Not for publication")
        True
        """
    def to_html(self, rows: int | None = None) -> str:
        """Return a readable table for a notebook, with every text escaped.

        Parameters
        ----------
        rows : int, optional
            Most rows to show; all by default.

        Returns
        -------
        str
            HTML without script.

        Examples
        --------
        >>> import disprop as dp
        >>> table = dp.Cohort(dp.synth(600, years=2, seed=7)).gaps("absence", by="year").over_time()
        >>> "<table" in table.to_html()
        True
        """
    def to_polars(self) -> polars.DataFrame:
        """Return the table as a polars frame.

        Returns
        -------
        polars.DataFrame
            The same columns.

        Raises
        ------
        ImportError
            Where polars is not installed.

        Examples
        --------
        >>> import disprop as dp
        >>> table = dp.Cohort(dp.synth(600, years=2, seed=7)).gaps("absence", by="year").over_time()
        >>> table.to_polars().height == len(table)
        True
        """
    def to_pandas(self) -> pandas.DataFrame:
        """Return the table as a pandas frame, through pyarrow where it is installed.

        Returns
        -------
        pandas.DataFrame
            The same columns.

        Raises
        ------
        ImportError
            Where pandas is not installed.

        Examples
        --------
        >>> import disprop as dp
        >>> table = dp.Cohort(dp.synth(600, years=2, seed=7)).gaps("absence", by="year").over_time()
        >>> len(table.to_pandas()) == len(table)
        True
        """
    def to_dict(self) -> dict[str, list[Any]]:
        """Return the columns as lists, with None where there is no value.

        Returns
        -------
        dict of str to list
            In the order of the columns.

        Examples
        --------
        >>> import disprop as dp
        >>> table = dp.Cohort(dp.synth(600, years=2, seed=7)).gaps("absence", by="year").over_time()
        >>> len(table.to_dict()["group"]) == len(table)
        True
        """
    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any: ...
    def __len__(self) -> int: ...

@final
class Cohort:
    """Pupil rows of one or more years, checked, with every column encoded once.

    Parameters
    ----------
    data : table
        Anything with ``__arrow_c_stream__`` (polars, pandas, pyarrow, DuckDB), a pandas frame
        without pyarrow, or a dict of lists. One row is an enrolment.
    ethnicity, year, la, school, pupil, sex, fsm, sen, eal, year_group, phase : str, optional
        The column of each role; usual names (school census, NPD, EES) are found by themselves.
    columns : dict of str to str, optional
        The column of any other role, such as ``{"sessions_absent": "Missed"}``.
    rows : {"enrolment", "pupil"}, default "enrolment"
        What is counted: rows as they are, as DfE does, or pupils, a mover's rows of a year being
        added first, which needs the role ``pupil``.
    codes : {"england", "own"}, default "england"
        Codes and labels used in England, or every value a group of its own.
    chinese : {"asian", "own"}, default "asian"
        The major group of Chinese pupils.
    extra_codes : dict of str to (str, str), optional
        Codes that the list does not have: code to label and main code.
    unknown_codes : {"refuse", "unclassified"}, default "refuse"
        What becomes of an ethnicity value that is no code and no label.
    absent_goals : {"exclude", "not_achieved"}, default "exclude"
        A Reception goal marked ``A``.
    ks2_denominator : {"npd", "eligible", "valid"}, default "npd"
        Which pupils Key Stage 2 measures are out of.
    measures : measure or list, optional
        The measures that are looked for: ids, `Measure` objects or dicts. The catalogue by
        default; name catalogue entries too where your own stand beside them.

    Raises
    ------
    DataError
        ``data.refused``, with every finding.
    OptionError
        ``option.bad``.
    MeasureError, GroupError
        Where ``measures`` or ``extra_codes`` do not hold together.
    TypeError
        Where ``data`` is not a table.

    Notes
    -----
    Numbers become exact fixed-point numbers of 10⁻⁶ units, so later results are the same to the
    last bit whatever the order of rows or the number of threads. Values beyond ±10⁹ are refused.
    Pupil identifiers are compared and never kept in any result or message.

    Examples
    --------
    >>> import disprop as dp
    >>> cohort = dp.Cohort({"Group": ["BCRB", "WBRI"], "suspensions": [1, 0]}, ethnicity="Group")
    >>> cohort.measures
    ['suspensions', 'suspended_once', 'suspended_twice']
    """

    def __new__(
        cls,
        data: _Data,
        *,
        ethnicity: str | None = None,
        year: str | None = None,
        la: str | None = None,
        school: str | None = None,
        pupil: str | None = None,
        sex: str | None = None,
        fsm: str | None = None,
        sen: str | None = None,
        eal: str | None = None,
        year_group: str | None = None,
        phase: str | None = None,
        columns: Mapping[str, str] | None = None,
        rows: Literal["enrolment", "pupil"] = "enrolment",
        codes: _Codes = "england",
        chinese: _Chinese = "asian",
        extra_codes: Mapping[str, tuple[str, str]] | None = None,
        unknown_codes: Literal["refuse", "unclassified"] = "refuse",
        absent_goals: Literal["exclude", "not_achieved"] = "exclude",
        ks2_denominator: Literal["npd", "eligible", "valid"] = "npd",
        measures: _Measures | None = None,
    ) -> Cohort: ...
    @property
    def findings(self) -> list[Finding]:
        """Warnings of the checks."""
    @property
    def rows(self) -> int:
        """Number of rows."""
    @property
    def units(self) -> int:
        """Number of units counted: rows, or pupils and years where rows were added."""
    @property
    def measures(self) -> list[str]:
        """Ids of the measures that the columns allow."""
    @property
    def roles(self) -> dict[str, str]:
        """The column found for each role."""
    def tally(
        self,
        measures: _Measures | None = None,
        by: _Names | None = None,
        *,
        threads: int | None = None,
    ) -> Tallies:
        """Return the exact sums of every cell.

        Parameters
        ----------
        measures : measure or list, optional
            Ids, `Measure` objects or dicts; all that the columns allow by default.
        by : str or list of str, optional
            Dimensions besides ethnicity: roles or any column of categories.
        threads : int, optional
            Number of threads; all cores by default. The result does not depend on it.

        Returns
        -------
        Tallies
            One cell for each ethnicity code and combination of the dimensions that occurs.

        Raises
        ------
        MeasureError
            ``measure.unknown``, ``measure.columns``.
        DimensionError
            ``dimension.unknown``.
        TallyError
            ``tallies.too_many_cells``.
        OptionError
            ``option.bad`` for no threads; ``stats.overflow`` for sums that do not fit.
        KeyboardInterrupt
            On Ctrl-C, with nothing kept.

        Examples
        --------
        >>> import disprop as dp
        >>> cohort = dp.Cohort(dp.synth(600, years=1, seed=7))
        >>> cohort.tally(["absence", "suspensions"], by=["sex"]).dimensions
        {'sex': ['F', 'M']}
        """
    def gaps(
        self,
        measures: _Measures | None = None,
        by: _Names | None = None,
        *,
        groups: _Groups | None = None,
        baseline: str | float | Tallies | None = None,
        baseline_label: str | None = None,
        unclassified: _Unclassified = "exclude",
        level: float = 0.95,
        methods: _Names | None = None,
        minimum: int = 10,
        matters: float = 0.0,
        cluster: str | None = None,
        cluster_method: _ClusterMethod = "cr2",
        minimum_clusters: int = 5,
        replicates: int = 10_000,
        seed: int = 1,
        dispersion: float | Literal["estimated"] | None = None,
    ) -> Gaps:
        """Return the gap of each group: `tally`, then `Tallies.gaps`.

        Parameters
        ----------
        measures, by
            As for `tally`.
        groups, baseline, baseline_label, unclassified, level, methods, minimum, matters
            As for `Tallies.gaps`.
        cluster, cluster_method, minimum_clusters, replicates, seed, dispersion
            As for `Tallies.gaps`; the cluster's dimension is tallied besides those in ``by``.

        Returns
        -------
        Gaps
            One row a measure, place and group.

        Raises
        ------
        MeasureError, DimensionError, GroupError, OptionError, TallyError
            As for `tally` and `Tallies.gaps`.

        Examples
        --------
        >>> import disprop as dp
        >>> cohort = dp.Cohort(dp.synth(6000, years=1, seed=7))
        >>> len(cohort.gaps("suspensions", by="sex", groups=["BCRB", "BSOM"]))
        4
        """
    def cube(
        self,
        measures: _Measures | None = None,
        by: _Names | None = None,
        *,
        up_to: int | None = None,
    ) -> Cube:
        """Return every crossing of some dimensions, from one pass over the rows.

        Parameters
        ----------
        measures, by
            As for `tally`.
        up_to : int, optional
            Crossings of at most so many dimensions; of any number by default.

        Returns
        -------
        Cube
            Tallies of the finest cross, and of every subset of its dimensions when asked for.

        Raises
        ------
        MeasureError, DimensionError, TallyError
            As for `tally`.
        KeyboardInterrupt
            On Ctrl-C, with nothing kept.

        Examples
        --------
        >>> import disprop as dp
        >>> cohort = dp.Cohort(dp.synth(600, years=1, seed=7))
        >>> cohort.cube("absence", ["sex", "fsm"], up_to=1).crossings
        [['fsm'], [], ['sex']]
        """
    def __len__(self) -> int: ...

@final
class Tallies:
    """Exact sums for every cell of some measures; pupils are no longer in them."""

    @staticmethod
    def from_counts(
        data: _Data,
        *,
        measure: _OneMeasure,
        ethnicity: str,
        numerator: str,
        denominator: str | None = None,
        pupils: str | None = None,
        by: _Names | Mapping[str, str] | None = None,
        where: Mapping[str, _Names] | None = None,
        total: str | None = None,
        exhaustive: bool = False,
        group_level: _Level = "auto",
        codes: _Codes = "england",
        chinese: _Chinese = "asian",
        extra_codes: Mapping[str, tuple[str, str]] | None = None,
        rounded_to: int | None = None,
        symbols: Mapping[str, tuple[int, int]] | None = None,
    ) -> Tallies:
        """Return the tallies of a table of published counts.

        Parameters
        ----------
        data : table
            As for `Cohort`; one row a group and place, labels as published.
        measure : str, Measure or dict
            What the numbers are of.
        ethnicity : str
            The column of labels or codes.
        numerator : str
            The column of events, or of the sum of points.
        denominator : str, optional
            The column of pupils, sessions or entries. Without it the numbers are rates, which are
            refused with advice on what to ask the publisher for.
        pupils : str, optional
            The column of pupils, where the denominator counts something else.
        by : str, list of str, or dict of name to column, optional
            Dimensions besides ethnicity.
        where : dict of column to value or values, optional
            Rows to keep; the case of letters does not matter.
        total : str, optional
            The label of the row that holds everyone. Either this or ``exhaustive`` must be said.
        exhaustive : bool, default False
            The groups listed are all there are.
        group_level : {"auto", "main", "major", "extended"}, default "auto"
            Which groups the labels are, where a table has several levels.
        codes, chinese, extra_codes
            As for `Cohort`.
        rounded_to : int, optional
            Counts were rounded to multiples of this, which leaves a range.
        symbols : dict of str to (int, int), optional
            Counts that a symbol stands for, such as ``{"x": (1, 2)}``.

        Returns
        -------
        Tallies
            Of family ``proportion``, or ``rate`` where a pupil can count more than once.

        Raises
        ------
        DataError
            ``data.refused``, with every finding: a missing column, a label that is no group, text
            that is neither number nor DfE symbol, two rows for one cell, rates without counts, no
            word on what everyone is.
        OptionError
            ``option.bad``, as for both ``total`` and ``exhaustive``.

        Examples
        --------
        >>> import disprop as dp
        >>> table = {"g": ["Black Caribbean", "Total"], "x": [9445, 381865], "n": [92595, 8025075]}
        >>> dp.Tallies.from_counts(
        ...     table, measure="suspensions", ethnicity="g", numerator="x", denominator="n",
        ...     total="Total",
        ... ).measures
        ['suspensions']
        """
    def gaps(
        self,
        *,
        by: _Names | None = None,
        groups: _Groups | None = None,
        baseline: str | float | Tallies | None = None,
        baseline_label: str | None = None,
        unclassified: _Unclassified = "exclude",
        level: float = 0.95,
        methods: _Names | None = None,
        minimum: int = 10,
        matters: float = 0.0,
        cluster: str | None = None,
        cluster_method: _ClusterMethod = "cr2",
        minimum_clusters: int = 5,
        replicates: int = 10_000,
        seed: int = 1,
        dispersion: float | Literal["estimated"] | None = None,
    ) -> Gaps:
        """Return the gap of each group against the baseline.

        Parameters
        ----------
        by : str or list of str, optional
            The dimensions to keep; all of them by default.
        groups : str, dict or list, optional
            ``"main"`` (default), ``"major"``, ``"leaves"``, codes, labels, and sets of codes under
            a name of your own: ``["BCRB", {"Black Caribbean heritage": ["BCRB", "MWBC"]}]``.
            Groups may nest and overlap.
        baseline : str, float or Tallies, optional
            ``"all_others"`` (default), ``"overall"``, ``"best"``, a code or label, a fixed value in
            the measure's unit, or tallies of elsewhere, where each group meets itself.
        baseline_label : str, optional
            What to call the tallies of elsewhere.
        unclassified : {"exclude", "include", "bounds"}, default "exclude"
            Pupils whose ethnicity is refused, not obtained or missing: on neither side, among all
            others, or either way with the range that gives.
        level : float, default 0.95
            Level of the intervals, between 0 and 1.
        methods : str or list of str, optional
            Interval methods in place of the defaults; `disprop.methods` lists them.
        minimum : int, default 10
            A finding about fewer pupils than this is "too few to tell".
        matters : float, default 0.0
            The smallest difference that matters, in the measure's unit.
        cluster : str, optional
            Dimension of the tallies that names the school. Intervals then allow for pupils of one
            school being alike, and the dimension itself is added up. Pupils count as independent
            without it.
        cluster_method : str, default "cr2"
            "cr2" (unbiased under its working model, with Satterthwaite's degrees of freedom, and so
            the safe choice where a group sits in few schools), "cr0", "cr1", "cr1_stata", "cr3",
            "jackknife", "bootstrap_bca" or "bootstrap_percentile".
        minimum_clusters : int, default 5
            Fewest schools that each side must sit in. With fewer the interval is withheld
            (``too_few_clusters``) and not replaced by a narrower one.
        replicates : int, default 10000
            Of the bootstrap.
        seed : int, default 1
            Of the bootstrap; the same seed gives the same intervals on any number of threads.
        dispersion : float or "estimated", optional
            Quasi-Poisson intervals for events that repeat. A number is the variance over the mean
            of events per pupil, for published events; `repeated_events` has it from pupil rows.
            "estimated" takes it from the tallied rows, group and baseline together, for measures
            that count events; published events have none (``no_second_moment``). Without it,
            published events are Poisson and events from rows have the spread between pupils, each
            side its own.

        Returns
        -------
        Gaps
            One row a measure, place and group.

        Raises
        ------
        GroupError
            ``group.unknown``.
        DimensionError
            ``dimension.unknown``.
        OptionError
            ``option.bad``, ``stats.level``, ``stats.unknown_method``.
        TallyError
            ``tallies.merge``, where tallies of elsewhere describe other things.

        Notes
        -----
        ``difference`` is group minus baseline and ``ratio`` group over baseline, never folded. An
        empty number is explained in ``reason``.

        Examples
        --------
        >>> import disprop as dp
        >>> tallies = dp.Cohort(dp.synth(600, years=2, seed=7)).tally("absence", by=["year", "sex"])
        >>> len(tallies.gaps(by=["year"], groups="BCRB"))
        2
        """
    def adjusted(
        self,
        strata: _Names,
        *,
        by: _Names | None = None,
        groups: _Groups | None = None,
        baseline: str | None = None,
        methods: _Names | None = None,
        cluster: str | None = None,
        unclassified: Literal["exclude", "include"] = "exclude",
        level: float = 0.95,
        minimum: int = 10,
        matters: float = 0.0,
    ) -> Table:
        """Return each group's raw gap beside the gap among pupils alike in some characteristics.

        Parameters
        ----------
        strata : str or list of str
            Dimensions to adjust for; every combination is a stratum, a missing value one of its
            own.
        by : str or list of str, optional
            Dimensions that name a place; all that are left by default. ``[]`` pools them.
        groups : str, list or dict, optional
            As in `gaps`.
        baseline : str, optional
            All other groups by default, or one group.
        methods : str or list of str, optional
            ``"mantel_haenszel"`` (one common gap; proportions), ``"standardised"`` (the baseline
            at the group's own mix), ``"least_squares"``, ``"logistic"`` (proportions),
            ``"poisson"``, or ``"all"`` that apply, a row each. By default Mantel-Haenszel for
            proportions, least squares for means and ratios of sums, and standardisation for
            published sums.
        cluster : str, optional
            The dimension of schools, where intervals are to allow for pupils of one school being
            alike.
        unclassified : {"exclude", "include"}, default "exclude"
            Where pupils without a known ethnic group stand.
        level : float, default 0.95
            Level of every interval.
        minimum : int, default 10
            Fewest pupils on either side for a finding other than "too few to tell".
        matters : float, default 0
            Smallest difference that matters, in the unit of the measure.

        Returns
        -------
        Table
            One row a measure, place, group and method. ``raw_difference``,
            ``adjusted_difference``, ``raw_ratio``, ``adjusted_ratio``, ``raw_odds_ratio`` and
            ``adjusted_odds_ratio``, each with ``_lower`` and ``_upper``; ``remaining`` (adjusted
            over raw difference, only where the raw gap is clear), likewise; ``adjusted_p``;
            ``homogeneity_p`` (Breslow-Day-Tarone); what it rests on: ``group_n``, ``baseline_n``,
            ``strata``, ``strata_compared``, ``group_unmatched``, ``baseline_unmatched``,
            ``group_kept``, ``schools``; ``raw_finding``, ``finding`` and ``reason``.

        Raises
        ------
        DimensionError
            ``dimension.unknown``.
        GroupError
            ``group.unknown``.
        OptionError
            ``option.bad`` for no strata, a dimension named twice, another baseline or method.

        Notes
        -----
        A characteristic that is itself part of how a disparity comes about (SEN, an earlier
        exclusion, often FSM) takes that part away when adjusted for; hence the raw gap beside.
        Adjusted and raw difference are made from the same pupils, so the interval of ``remaining``
        is Fieller's with their covariance: over independent pupils from what each pupil moves the
        two, by school from leaving out one school at a time.

        References
        ----------
        Mantel and Haenszel (1959); Sato (1989); Greenland and Robins (1985); Lane and Nelder
        (1982); Pustejovsky and Tipton (2018).

        Examples
        --------
        >>> import disprop as dp
        >>> cohort = dp.Cohort(dp.synth(pupils=5_000, years=2, seed=7))
        >>> tallies = cohort.tally("persistent_absence", by=["year", "fsm", "sen"])
        >>> rows = tallies.adjusted(["fsm", "sen"], by=[], groups="BCRB").to_dict()
        >>> rows["strata_compared"], rows["method"]
        ([6], ['mantel_haenszel'])
        >>> abs(rows["adjusted_difference"][0]) < abs(rows["raw_difference"][0])
        True
        """
    def decompose(
        self,
        over: _Names,
        *,
        method: Literal["kitagawa", "oaxaca_blinder", "three_fold", "within_between"] = "kitagawa",
        by: _Names | None = None,
        groups: _Groups | None = None,
        baseline: str | None = None,
        weighting: Literal[
            "baseline", "group", "half", "cotton", "pooled", "pooled_with_group"
        ] = "baseline",
        cluster: str | None = None,
        unclassified: Literal["exclude", "include"] = "exclude",
        level: float = 0.95,
    ) -> Table:
        """Return each group's gap with the parts it is made of; the parts sum to it.

        Parameters
        ----------
        over : str or list of str
            Dimensions to take the gap apart over; for ``"within_between"`` the one of schools.
        method : {"kitagawa", "oaxaca_blinder", "three_fold", "within_between"}
            Composition and rate (default); explained, by dimension, and unexplained; endowments,
            coefficients and interaction; within and between schools.
        by : str or list of str, optional
            Dimensions that name a place; all that are left by default.
        groups : str, list or dict, optional
            As in `gaps`.
        baseline : str, optional
            All other groups by default, or one group.
        weighting : str, default "baseline"
            Whose coefficients are the yardstick of ``"oaxaca_blinder"``.
        cluster : str, optional
            Dimension of schools, where intervals are to allow for pupils of one school being alike;
            ``"within_between"`` does so of itself.
        unclassified : {"exclude", "include"}, default "exclude"
            Where pupils without a known ethnic group stand.
        level : float, default 0.95
            Level of every interval.

        Returns
        -------
        Table
            One row a part: first the raw gap (``part`` is ``"gap"``), then its parts, with
            ``part_of``, ``value`` and its interval, ``share`` of the gap (only where the gap is
            clear) and what it rests on. Pupils in strata without a counterpart have the parts
            ``outside_group`` and ``outside_baseline``.

        Raises
        ------
        DimensionError
            ``dimension.unknown``.
        GroupError
            ``group.unknown``.
        OptionError
            ``option.bad``.

        Notes
        -----
        Errors are linearised over independent pupils, mix and values both estimated; by school they
        come from leaving out one school at a time, and where either side sits in fewer than five
        schools there is no interval (``too_few_clusters``). Published sums have parts without
        intervals (``no_second_moment``).

        References
        ----------
        Kitagawa (1955); Oaxaca (1973); Blinder (1973); Nopo (2008).

        Examples
        --------
        >>> import disprop as dp
        >>> cohort = dp.Cohort(dp.synth(pupils=5_000, years=2, seed=7))
        >>> tallies = cohort.tally("persistent_absence", by=["year", "fsm"])
        >>> parts = tallies.decompose("fsm", by=[], groups="WBRI").to_dict()
        >>> parts["part"]
        ['gap', 'composition', 'rate']
        >>> abs(parts["value"][0] - parts["value"][1] - parts["value"][2]) < 1e-12
        True
        """
    def segregation(
        self,
        school: str = "school",
        *,
        by: _Names | None = None,
        groups: _Groups | None = None,
        baseline: str | None = None,
        unclassified: Literal["exclude", "include"] = "exclude",
    ) -> Table:
        """Return how unevenly each group is spread over schools, and how much chance would do.

        Parameters
        ----------
        school : str, default "school"
            The dimension of schools.
        by : str or list of str, optional
            Dimensions that name a place; all that are left by default.
        groups : str, list or dict, optional
            As in `gaps`.
        baseline : str, optional
            All other groups by default, or one group.
        unclassified : {"exclude", "include"}, default "exclude"
            Where pupils without a known ethnic group stand.

        Returns
        -------
        Table
            One row a measure (whose pupils are counted), place and group: ``group_n``,
            ``baseline_n``, ``schools``, ``group_schools``, ``dissimilarity``,
            ``dissimilarity_by_chance``, ``dissimilarity_beyond_chance``, ``theil``, ``isolation``,
            ``exposure`` (all 0-1) and ``reason``.

        Raises
        ------
        DimensionError
            ``dimension.unknown``.
        GroupError
            ``group.unknown``.

        References
        ----------
        Duncan and Duncan (1955); Theil and Finizza (1971); Carrington and Troske (1997).

        Examples
        --------
        >>> import disprop as dp
        >>> cohort = dp.Cohort(dp.synth(pupils=5_000, years=2, seed=7))
        >>> tallies = cohort.tally("persistent_absence", by=["year", "school"])
        >>> spread = tallies.segregation(by=[], groups="WBRI").to_dict()
        >>> 0 < spread["dissimilarity_by_chance"][0] < spread["dissimilarity"][0] < 1
        True
        """
    def evaluate(
        self,
        programme: Sequence[str] | Mapping[str, _Names],
        *,
        before: _Names,
        after: _Names,
        school: str = "school",
        year: str = "year",
        by: _Names | None = None,
        groups: _Groups | None = None,
        baseline: str | None = None,
        unclassified: Literal["exclude", "include"] = "exclude",
        level: float = 0.95,
        minimum_schools: int = 5,
    ) -> Table:
        """Return how much more each gap changed in programme schools than in other schools.

        Parameters
        ----------
        programme : list of str, or dict of str to str or list of str
            Schools that took the programme; or a dimension with the values that mean yes: schools
            with any such pupil.
        before, after : str or list of str
            Years before the programme and after it began, each pooled.
        school, year : str
            The dimensions of schools and years.
        by : str or list of str, optional
            Dimensions that name a place; all that are left by default.
        groups : str, list or dict, optional
            As in `gaps`.
        baseline : str, optional
            All other groups by default, or one group.
        unclassified : {"exclude", "include"}, default "exclude"
            Where pupils without a known ethnic group stand.
        level : float, default 0.95
            Level of every interval.
        minimum_schools : int, default 5
            Fewest schools of an arm that either side must sit in; fewer is ``too_few_clusters``.

        Returns
        -------
        Table
            For each measure, place and group: ``statistic`` ``"effect"`` (difference in
            differences of the gap), ``"effect_on_group"``, ``"effect_on_baseline"``,
            ``"pre_trend"`` (yearly change of the gap before, programme less elsewhere),
            ``"change"`` in each arm and ``"gap"`` of each year in each arm; with ``arm``,
            ``period``, ``value`` and its interval (schools as clusters), ``p``, ``group_n``,
            ``baseline_n``, ``smallest_n``, ``programme_schools``, ``other_schools``, ``finding``
            and ``reason``.

        Raises
        ------
        DimensionError
            ``dimension.unknown``.
        OptionError
            ``option.bad`` for years that are not there or not in order, or no such school.

        Notes
        -----
        The effect is the programme's only if, without it, both sorts of school would have moved
        alike. Look at the pre-trend and at each year's gap; one that is not clear is no proof.

        References
        ----------
        Bertrand, Duflo and Mullainathan (2004); Roth (2022).

        Examples
        --------
        >>> import disprop as dp
        >>> cohort = dp.Cohort(dp.synth(pupils=5_000, years=3, seed=7))
        >>> tallies = cohort.tally("persistent_absence", by=["year", "school"])
        >>> schools = sorted(set(tallies.to_dict()["school"]))
        >>> rows = tallies.evaluate(
        ...     schools[::2], before=["2022/23", "2023/24"], after="2024/25", groups="WBRI"
        ... ).to_dict()
        >>> rows["statistic"][:4]
        ['effect', 'effect_on_group', 'effect_on_baseline', 'pre_trend']
        """
    def pooled(self, years: _Names | None = None, *, year: str = "year") -> Tallies:
        """Return tallies in which some years are one: their sums are added up.

        Parameters
        ----------
        years : list of str, optional
            The years to pool, two or more; all by default. Years that are not named are gone.
        year : str, default "year"
            The dimension of years.

        Returns
        -------
        Tallies
            The same dimensions, with one year named "2022/23 to 2024/25".

        Raises
        ------
        DimensionError
            ``dimension.unknown``.
        OptionError
            ``option.bad`` for fewer than two years, one that is not there, or a break in the series
            of any measure between the first and the last.

        Notes
        -----
        Rates are never averaged. Pupils who stay are in several of the years, so let schools be
        clusters where they are known.

        Examples
        --------
        >>> import disprop as dp
        >>> cohort = dp.Cohort(dp.synth(6000, years=2, seed=7))
        >>> cohort.tally("suspensions", "year").pooled().dimensions
        {'year': ['2022/23 to 2023/24']}
        """
    def funnel(
        self,
        school: str = "school",
        *,
        of: Literal["gap", "group"] = "gap",
        by: _Names | None = None,
        groups: _Groups | None = None,
        baseline: str | None = None,
        unclassified: _Unclassified = "exclude",
        level: float = 0.95,
        minimum: int = 10,
    ) -> Table:
        """Return funnel limits at 95 and 99.8 % and which schools lie outside them.

        Parameters
        ----------
        school : str, default "school"
            The dimension of schools.
        of : {"gap", "group"}, default "gap"
            What is held against the limits: the gap inside each school, or the group's value there.
        by, groups, baseline, unclassified, level
            As for `gaps`; the baseline is all others or a named group.
        minimum : int, default 10
            Schools with fewer pupils on a side are not judged.

        Returns
        -------
        Table
            One row a school: group_n, baseline_n, value, target, limit_95_* and limit_998_* (which
            allow for ordinary differences between schools), chance_95_* and chance_998_* (which do
            not), position_95 and position_998 ("low", "inside", "high"), dispersion, schools.

        Raises
        ------
        DimensionError
            ``dimension.unknown``.
        GroupError
            ``group.unknown``.
        OptionError
            ``option.bad`` for another baseline.

        Notes
        -----
        Over-dispersion is additive (τ²), from scores winsorised by 10 % at either end.

        References
        ----------
        Spiegelhalter, *Statist. Med.* 24 (2005), 1185.

        Examples
        --------
        >>> import disprop as dp
        >>> cohort = dp.Cohort(dp.synth(6000, years=1, seed=7))
        >>> tallies = cohort.tally("persistent_absence", "school")
        >>> funnel = tallies.funnel(groups="BCRB").to_dict()
        >>> set(funnel["position_998"]) <= {"low", "inside", "high", None}
        True
        """
    def school_gaps(
        self,
        school: str = "school",
        *,
        by: _Names | None = None,
        groups: _Groups | None = None,
        baseline: str | None = None,
        unclassified: _Unclassified = "exclude",
        level: float = 0.95,
        between: Literal["paule_mandel", "dersimonian_laird"] = "paule_mandel",
        among: int = 5,
        draws: int = 4_000,
        seed: int = 1,
    ) -> Table:
        """Return every school's own gap, shrunk towards the common one, with its rank.

        Parameters
        ----------
        school : str, default "school"
            The dimension of schools.
        by, groups, baseline, unclassified, level
            As for `gaps`; the baseline is all others or a named group.
        between : str, default "paule_mandel"
            How the variance between schools is estimated.
        among : int, default 5
            How many schools "among the worst" means.
        draws : int, default 4000
            Draws that the ranks are counted in.
        seed : int, default 1
            The same seed gives the same ranks on any number of threads.

        Returns
        -------
        Table
            One row a school: group_n, baseline_n, gap and shrunken with intervals, reliability (the
            weight of its own figure, 0 to 1), rank (from the lowest gap) with its interval,
            probability_among_worst, probability_among_best, mean_gap, deviation_between_schools,
            heterogeneity_p, schools.

        Raises
        ------
        DimensionError
            ``dimension.unknown``.
        GroupError
            ``group.unknown``.
        OptionError
            ``option.bad`` for another baseline.

        Notes
        -----
        Fewer than three schools with both sides cannot be shrunk (``too_few_clusters``).

        References
        ----------
        Goldstein and Spiegelhalter, *JRSS A* 159 (1996), 385; Morris, *JASA* 78 (1983), 47.

        Examples
        --------
        >>> import disprop as dp
        >>> cohort = dp.Cohort(dp.synth(6000, years=1, seed=7))
        >>> tallies = cohort.tally("persistent_absence", "school")
        >>> schools = tallies.school_gaps(groups="BCRB").to_dict()
        >>> all(0 <= weight <= 1 for weight in schools["reliability"] if weight is not None)
        True
        """
    def contributions(
        self,
        school: str = "school",
        *,
        by: _Names | None = None,
        groups: _Groups | None = None,
        baseline: str | None = None,
        unclassified: _Unclassified = "exclude",
    ) -> Table:
        """Return what each school adds to the gap of all schools together.

        Parameters
        ----------
        school : str, default "school"
            The dimension of schools.
        by, groups, baseline, unclassified
            As for `gaps`; the baseline is all others or a named group.

        Returns
        -------
        Table
            One row a school: group_n, baseline_n, gap (of all schools), contribution, within,
            between, share_of_gap. Contributions sum to the gap.

        Raises
        ------
        DimensionError
            ``dimension.unknown``.
        GroupError
            ``group.unknown``.
        OptionError
            ``option.bad`` for another baseline.

        Examples
        --------
        >>> import disprop as dp
        >>> cohort = dp.Cohort(dp.synth(6000, years=1, seed=7))
        >>> tallies = cohort.tally("persistent_absence", "school")
        >>> parts = tallies.contributions(groups="BCRB").to_dict()
        >>> abs(sum(parts["contribution"]) - parts["gap"][0]) < 1e-9
        True
        """
    def crossed(
        self,
        dims: _Names,
        *,
        by: _Names | None = None,
        groups: _Groups | None = None,
        compared_with: Literal["everyone", "alike"] = "everyone",
        unclassified: _Unclassified = "exclude",
        level: float = 0.95,
        minimum: int = 10,
        method: _Adjustment = "holm",
        cluster: str | None = None,
    ) -> Table:
        """Return gaps of ethnic groups crossed with every subset of some dimensions.

        Parameters
        ----------
        dims : str or list of str
            One to six dimensions to cross ethnicity with.
        by : str or list of str, optional
            Dimensions of places and years to keep; all others of the tallies by default.
        groups, unclassified, level
            As for `gaps`.
        compared_with : {"everyone", "alike"}, default "everyone"
            Everyone who is not in the crossed group, or other ethnic groups of the same sex, FSM
            and so on.
        minimum : int, default 10
            Rows of fewer pupils on a side are not judged.
        method : str, default "holm"
            Correction of the p-values over all rows of a measure and place.
        cluster : str, optional
            Dimension of schools, for intervals that allow for their pupils being alike.

        Returns
        -------
        Table
            One row a crossing and group: each crossed dimension ("all" where not crossed),
            crossing, group_n, group_value, baseline_n, baseline_value, difference, ratio, excess,
            shrunken, reliability, p_value, p_adjusted, finding, clear_of_many, reason.

        Raises
        ------
        DimensionError
            ``dimension.unknown``.
        GroupError
            ``group.unknown``.
        OptionError
            ``option.bad`` for no dimension or more than six.

        References
        ----------
        Holm, *Scand. J. Statist.* 6 (1979), 65; Evans et al., *Soc. Sci. Med.* 203 (2018), 64.

        Examples
        --------
        >>> import disprop as dp
        >>> cohort = dp.Cohort(dp.synth(6000, years=1, seed=7))
        >>> tallies = cohort.tally("persistent_absence", ["sex", "fsm"])
        >>> sorted(set(tallies.crossed(["sex", "fsm"], groups="BCRB").to_dict()["crossing"]))
        ['fsm', 'none', 'sex', 'sex × fsm']
        """
    def repeated_events(self, *, by: _Names | None = None, groups: _Groups | None = None) -> Table:
        """Return how events are spread over pupils: one pupil's five suspensions.

        Parameters
        ----------
        by, groups
            As for `gaps`.

        Returns
        -------
        Table
            One row a measure that counts events, place and group: group_n, events, value,
            dispersion (variance over mean of events per pupil), widening (its square root) and
            dispersion_both (of the group and all others together, as ``gaps`` takes it for
            ``dispersion="estimated"``).

        Raises
        ------
        DimensionError, GroupError
            As for `gaps`.

        Notes
        -----
        Intervals from pupil rows allow for it already. Published totals have no second moment
        (``no_second_moment``); state a dispersion with ``gaps(dispersion=…)``.

        Examples
        --------
        >>> import disprop as dp
        >>> cohort = dp.Cohort({"ethnicity": ["BCRB"] * 100, "suspensions": [5] + [0] * 99})
        >>> cohort.tally("suspensions").repeated_events().to_dict()["dispersion"]
        [5.0]
        """
    def roll_up(self, by: _Names) -> Tallies:
        """Return the tallies with only these dimensions kept; the rest are added up.

        Parameters
        ----------
        by : str or list of str
            Dimensions to keep; none gives one cell for each ethnicity code.

        Returns
        -------
        Tallies
            The same measures.

        Raises
        ------
        DimensionError
            ``dimension.unknown``.

        Examples
        --------
        >>> import disprop as dp
        >>> tallies = dp.Cohort(dp.synth(600, years=2, seed=7)).tally("absence", by=["year", "sex"])
        >>> tallies.roll_up("year").dimensions
        {'year': ['2022/23', '2023/24']}
        """
    def only(self, dimension: str, value: str) -> Tallies:
        """Return the tallies of one value of a dimension.

        Parameters
        ----------
        dimension : str
            Its name.
        value : str
            The value to keep.

        Returns
        -------
        Tallies
            The same measures and dimensions.

        Raises
        ------
        DimensionError
            ``dimension.unknown``.
        OptionError
            ``option.bad``, where no cell has the value.

        Examples
        --------
        >>> import disprop as dp
        >>> tallies = dp.Cohort(dp.synth(600, years=2, seed=7)).tally("absence", by=["year", "sex"])
        >>> tallies.only("sex", "F").cells < tallies.cells
        True
        """
    def merge(self, other: Tallies) -> Tallies:
        """Return the sum of two tallies, exactly; ``a + b`` is the same.

        Parameters
        ----------
        other : Tallies
            Of the same measures and dimensions, over other rows.

        Returns
        -------
        Tallies
            Cells of either or both.

        Raises
        ------
        TallyError
            ``tallies.merge``, where the two do not describe the same things.

        Examples
        --------
        >>> import disprop as dp
        >>> tallies = dp.Cohort(dp.synth(600, years=2, seed=7)).tally("absence", by=["year", "sex"])
        >>> girls, boys = tallies.only("sex", "F"), tallies.only("sex", "M")
        >>> girls.merge(boys).cells <= tallies.cells
        True
        """
    def cube(self, *, up_to: int | None = None) -> Cube:
        """Return every crossing of the dimensions of these tallies.

        Parameters
        ----------
        up_to : int, optional
            Crossings of at most so many dimensions; of any number by default.

        Returns
        -------
        Cube
            As `Cohort.cube`.

        Examples
        --------
        >>> import disprop as dp
        >>> tallies = dp.Cohort(dp.synth(600, years=2, seed=7)).tally("absence", by=["year", "sex"])
        >>> len(tallies.cube().crossings)
        4
        """
    def save(self, path: str | PathLike[str]) -> None:
        """Keep the tallies in a file, to be merged with those of other years later.

        Parameters
        ----------
        path : str or path
            A name with the extension ``.parquet``, ``.arrow``, ``.ipc`` or ``.feather``. The name
            exists, or is replaced, only once the file is whole and on disk.

        Raises
        ------
        TallyError
            ``tallies.not_written`` for a full disk, a missing folder and the like; nothing is left.
        OptionError
            ``file.extension``.
        ImportError
            Where neither pyarrow nor polars is installed.

        Notes
        -----
        The file holds the wire form, and in its first row the definitions of the measures, the
        dimensions, what codes mean, the unit, the findings, a version and a checksum. It holds sums
        of small cells: keep it as you keep the pupil rows.

        Examples
        --------
        >>> import disprop as dp, pathlib, tempfile
        >>> tallies = dp.Cohort(dp.synth(600, years=1, seed=7)).tally("absence", by="sex")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder) / "2023.parquet"
        ...     tallies.save(path)
        ...     dp.Tallies.load(path) == tallies
        True
        """
    @staticmethod
    def load(path: str | PathLike[str]) -> Tallies:
        """Return the tallies that `save` wrote, in full or not at all.

        Parameters
        ----------
        path : str or path
            The file.

        Returns
        -------
        Tallies
            Equal, to the last bit, to what was kept, with its findings.

        Raises
        ------
        TallyError
            ``tallies.checkpoint``, with the reason: a damaged or foreign file, or one that a later
            version of disprop wrote.
        FileNotFoundError
            Where there is no such file.

        Examples
        --------
        >>> import disprop as dp, os, tempfile
        >>> tallies = dp.Cohort(dp.synth(600, years=1, seed=7)).tally("absence", by="sex")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = os.path.join(folder, "2023.arrow")
        ...     tallies.save(path)
        ...     kept = dp.Tallies.load(path)
        >>> kept == tallies
        True
        """
    def _checkpoint(self) -> Table: ...
    @staticmethod
    def _from_checkpoint(data: _Data) -> Tallies: ...
    @property
    def dimensions(self) -> dict[str, list[str | None]]:
        """The values of each dimension."""
    @property
    def measures(self) -> list[str]:
        """Ids of the measures."""
    @property
    def cells(self) -> int:
        """Number of cells."""
    @property
    def findings(self) -> list[Finding]:
        """Warnings of the reading."""
    def to_polars(self) -> polars.DataFrame:
        """Return the wire form as a polars frame: one row a measure and cell.

        Returns
        -------
        polars.DataFrame
            Sums as decimals, exact.

        Raises
        ------
        ImportError
            Where polars is not installed.

        Examples
        --------
        >>> import disprop as dp
        >>> tallies = dp.Cohort(dp.synth(600, years=2, seed=7)).tally("absence", by=["year", "sex"])
        >>> tallies.to_polars().height > 0
        True
        """
    def to_pandas(self) -> pandas.DataFrame:
        """Return the wire form as a pandas frame.

        Returns
        -------
        pandas.DataFrame
            As `to_polars`.

        Raises
        ------
        ImportError
            Where pandas is not installed.

        Examples
        --------
        >>> import disprop as dp
        >>> tallies = dp.Cohort(dp.synth(600, years=2, seed=7)).tally("absence", by=["year", "sex"])
        >>> len(tallies.to_pandas()) > 0
        True
        """
    def to_dict(self) -> dict[str, list[Any]]:
        """Return the wire form as columns of values.

        Returns
        -------
        dict of str to list
            As `to_polars`, with `decimal.Decimal` sums.

        Examples
        --------
        >>> import disprop as dp
        >>> tallies = dp.Cohort(dp.synth(600, years=2, seed=7)).tally("absence", by=["year", "sex"])
        >>> "sex" in tallies.to_dict()
        True
        """
    def __add__(self, other: Tallies, /) -> Tallies: ...
    def __radd__(self, other: Tallies, /) -> Tallies: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any: ...

@final
class Cube:
    """Tallies of every subset of some dimensions, made from the finest when they are asked for.

    Examples
    --------
    >>> import disprop as dp
    >>> cohort = dp.Cohort(dp.synth(3000, years=1, seed=7))
    >>> cube = cohort.cube("absence", ["sex", "fsm"])
    >>> cube.crossings
    [['sex', 'fsm'], ['fsm'], [], ['sex']]
    >>> cube.tallies("sex") == cohort.tally("absence", by="sex")
    True
    >>> chunks = list(cube.gaps(groups=["BCRB"]))
    >>> sum(len(chunk) for chunk in chunks)
    9
    """

    @property
    def crossings(self) -> list[list[str]]:
        """The dimensions of every crossing, in the order their gaps come in."""
    @property
    def finest(self) -> Tallies:
        """The tallies of all dimensions."""
    def tallies(self, by: _Names | None = None) -> Tallies:
        """Return the tallies of one crossing.

        Parameters
        ----------
        by : str or list of str, optional
            Some of the dimensions; none of them by default.

        Returns
        -------
        Tallies
            The same as of the rows.

        Raises
        ------
        DimensionError
            ``dimension.unknown``.

        Notes
        -----
        Made from the smallest crossing that has these dimensions: the finest, or one asked for
        before. Those asked for last are kept, as long as together they have no more cells than the
        finest; in the order of `crossings` each has what it needs.

        Examples
        --------
        >>> import disprop as dp
        >>> tallies = dp.Cohort(dp.synth(600, years=2, seed=7)).tally("absence", by=["year", "sex"])
        >>> tallies.cube().tallies("sex") == tallies.roll_up("sex")
        True
        """
    def gaps(
        self,
        *,
        groups: _Groups | None = None,
        baseline: str | float | Tallies | None = None,
        baseline_label: str | None = None,
        unclassified: _Unclassified = "exclude",
        level: float = 0.95,
        methods: _Names | None = None,
        minimum: int = 10,
        matters: float = 0.0,
        cells: int = 4096,
    ) -> CubeGaps:
        """Return all gaps of all crossings, in chunks that are made when they are asked for.

        Parameters
        ----------
        groups, baseline, baseline_label, unclassified, level, methods, minimum, matters
            As for `Tallies.gaps`.
        cells : int, default 4096
            About how many cells a chunk is made from.

        Returns
        -------
        CubeGaps
            An iterator of tables, and an Arrow stream.

        Raises
        ------
        GroupError, OptionError
            As for `Tallies.gaps`.

        Examples
        --------
        >>> import disprop as dp
        >>> tallies = dp.Cohort(dp.synth(600, years=2, seed=7)).tally("absence", by=["year", "sex"])
        >>> chunks = tallies.cube().gaps(groups="BCRB")
        >>> sum(len(chunk.to_dict()["group"]) for chunk in chunks) > 4
        True
        """
    def __len__(self) -> int: ...

@final
class CubeGaps:
    """All gaps of a cube, a chunk at a time, so that a million of them need not stand in memory.

    Notes
    -----
    Columns are those of `Gaps`, with ``crossing`` first and every dimension of the cube; one that
    a crossing does not have is empty. Iterate over it, or hand it to any reader of Arrow streams.
    """

    def __iter__(self) -> CubeGaps: ...
    def __next__(self) -> Table: ...
    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any: ...

@final
class TallyBuilder:
    """Exact sums of rows that come in batches; rows are forgotten, cells are kept.

    Parameters
    ----------
    measures : measure or list
        As for `Cohort.tally`.
    by : str or list of str, optional
        Dimensions besides ethnicity.
    pupils : {"batch", "sorted", "remember", "never"}, default "batch"
        How far a pupil who stands twice is looked for: within each batch, and a finding says so; in
        a stream sorted by pupil, exactly; by a fingerprint of every row, exactly, at some 20 bytes
        a row; or not at all. ``rows="pupil"`` needs ``"sorted"``.
    max_cells : int, optional
        Most cells.
    memory_limit : int, optional
        Most bytes that the sums may take, with what the last step needs beside them.
    **roles
        Roles of the columns and choices of a cohort, as for `Cohort`.

    Raises
    ------
    MeasureError
        ``measure.unknown``, ``measure.bad``.
    OptionError
        ``option.bad``.
    TypeError
        For a keyword that is neither role nor choice.

    Notes
    -----
    What is wrong with rows does not stop the stream: `tallies` refuses with everything found in all
    batches. An error that a batch raises does: from then on everything is ``stream.broken``.

    Examples
    --------
    >>> import disprop as dp
    >>> builder = dp.TallyBuilder("suspensions", by="sex")
    >>> builder.add({"ethnicity": ["BCRB", "WBRI"], "sex": ["F", "M"], "suspensions": [1, 0]})
    2
    >>> builder.add({"ethnicity": ["BCRB"], "sex": ["F"], "suspensions": [2]})
    3
    >>> builder.tallies().cells
    2
    """

    def __new__(
        cls,
        measures: _Measures,
        by: _Names | None = None,
        *,
        pupils: Literal["batch", "sorted", "remember", "never"] = "batch",
        max_cells: int | None = None,
        memory_limit: int | None = None,
        **roles: Any,
    ) -> TallyBuilder: ...
    def add(self, data: _Data) -> int:
        """Take in a batch, or every batch of a stream.

        Parameters
        ----------
        data : table
            As for `Cohort`; a stream of several batches is taken in one at a time.

        Returns
        -------
        int
            Number of rows taken in so far.

        Raises
        ------
        TallyError
            ``stream.broken`` where the source fails, or has failed before; ``stream.changed`` for
            other columns than before; ``stream.memory``; ``tallies.too_many_cells``.
        MeasureError, DimensionError
            As for `Cohort.tally`.
        KeyboardInterrupt
            On Ctrl-C; the builder is broken off then.

        Examples
        --------
        >>> import disprop as dp
        >>> builder = dp.TallyBuilder("suspensions", by="sex")
        >>> builder.add({"ethnicity": ["BCRB"], "sex": ["F"], "suspensions": [1]})
        1
        """
    def break_with(self, problem: str) -> None:
        """Say that the source failed, so that nothing of it can be taken for the whole.

        Parameters
        ----------
        problem : str
            What every later call says.

        Examples
        --------
        >>> import disprop as dp
        >>> builder = dp.TallyBuilder("suspensions", by="sex")
        >>> builder.break_with("the connection was lost")
        >>> try:
        ...     builder.tallies()
        ... except dp.TallyError as error:
        ...     print(error.code)
        stream.broken
        """
    def columns_read(self, names: list[str]) -> list[str]:
        """Return those of a table's columns that are read; the others need not be sent.

        Parameters
        ----------
        names : list of str
            Names of all its columns.

        Returns
        -------
        list of str
            Some of them, in their order.

        Examples
        --------
        >>> import disprop as dp
        >>> builder = dp.TallyBuilder("suspensions", by="sex")
        >>> builder.columns_read(["name", "ethnicity", "sex", "suspensions"])
        ['ethnicity', 'sex', 'suspensions']
        """
    def roles_of(self, names: list[str]) -> dict[str, str]:
        """Return the columns of pupil, year and school among these.

        Parameters
        ----------
        names : list of str
            Names of all columns of a table.

        Returns
        -------
        dict of str to str
            The column of each of the three roles that one plays.

        Examples
        --------
        >>> import disprop as dp
        >>> builder = dp.TallyBuilder("suspensions", by="sex")
        >>> builder.roles_of(["pupil", "ethnicity", "year"])
        {'pupil': 'pupil', 'year': 'year'}
        """
    def tallies(self) -> Tallies:
        """Return the tallies of all batches so far.

        Returns
        -------
        Tallies
            The same, to the last bit, as of all rows in one cohort.

        Raises
        ------
        DataError
            ``data.refused``, with everything found in all batches, also where there was no row.
        TallyError
            ``stream.broken``.

        Examples
        --------
        >>> import disprop as dp
        >>> builder = dp.TallyBuilder("suspensions", by="sex")
        >>> builder.add({"ethnicity": ["BCRB"], "sex": ["F"], "suspensions": [1]})
        1
        >>> builder.tallies().cells
        1
        """
    def state(self) -> Table:
        """Return what the builder holds, for `add_state` of another.

        Returns
        -------
        Table
            Sums and findings, without row numbers.

        Raises
        ------
        TallyError
            ``stream.broken``.
        OptionError
            ``option.bad`` with ``pupils="remember"``: pupils are never written.

        Examples
        --------
        >>> import disprop as dp
        >>> builder = dp.TallyBuilder("suspensions", by="sex")
        >>> builder.add({"ethnicity": ["BCRB"], "sex": ["F"], "suspensions": [1]})
        1
        >>> len(builder.state()) > 0
        True
        """
    def add_state(self, state: _Data) -> None:
        """Take in what another builder held: of a process elsewhere, or from before a break.

        Parameters
        ----------
        state : table
            What `state` returned, whatever carried it here.

        Raises
        ------
        TallyError
            ``tallies.checkpoint`` for anything else, ``tallies.merge`` for other measures or
            dimensions.

        Examples
        --------
        >>> import disprop as dp
        >>> builder = dp.TallyBuilder("suspensions", by="sex")
        >>> builder.add({"ethnicity": ["BCRB"], "sex": ["F"], "suspensions": [1]})
        1
        >>> whole = dp.TallyBuilder("suspensions", by="sex")
        >>> _ = whole.add_state(builder.state())
        >>> whole.tallies() == builder.tallies()
        True
        """
    @property
    def rows(self) -> int:
        """Number of rows taken in."""
    @property
    def cells(self) -> int:
        """Number of cells so far."""
    @property
    def memory(self) -> int:
        """About how many bytes the sums take, with what the last step needs beside them."""
    @property
    def refused(self) -> bool:
        """Whether what was found so far will be refused."""
    @property
    def findings(self) -> list[Finding]:
        """What was found so far."""

@final
class SqlPlan:
    """One SQL statement that takes tallies, and how to read what it returns.

    Parameters
    ----------
    of : {"duckdb", "spark"}
        Whose SQL.
    source : str
        The source as SQL: a quoted name, or a query in brackets.
    schema : list of (str, str)
        Name and kind of its columns: ``whole``, ``truth``, ``fraction``, ``decimal 2``, ``text``,
        ``other``.
    measures, by
        As for `Cohort.tally`.
    pupils : bool, default True
        Whether a pupil who stands twice is counted.
    **roles
        As for `Cohort`.

    Raises
    ------
    TallyError
        ``engine.unsupported`` for what SQL cannot do to the last bit.
    DataError, MeasureError, DimensionError, OptionError
        As for `Cohort`.

    Examples
    --------
    >>> from disprop._disprop import SqlPlan
    >>> schema = [("ethnicity", "text"), ("suspensions", "whole")]
    >>> plan = SqlPlan("duckdb", SqlPlan.identifier("duckdb", "pupils"), schema, "suspensions")
    >>> 'FROM "pupils"' in plan.sql
    True
    """

    def __new__(
        cls,
        of: Literal["duckdb", "spark"],
        source: str,
        schema: list[tuple[str, str]],
        measures: _Measures,
        by: _Names | None = None,
        *,
        pupils: bool = True,
        **roles: Any,
    ) -> SqlPlan: ...
    @property
    def sql(self) -> str:
        """The full statement; every column of its result is text."""
    @property
    def quick(self) -> str | None:
        """A statement that costs a fraction, with the proof of its sums, where types allow one."""
    def quick_tallies(self, result: _Data) -> Tallies | None:
        """Return the tallies that the quick statement's result holds, where they are proven.

        Parameters
        ----------
        result : table
            What the database returned.

        Returns
        -------
        Tallies or None
            None where a machine word may not have held a sum, or where there is more to tell of the
            rows; the full statement does both.

        Raises
        ------
        DataError
            ``data.refused`` for codes that are not known.

        Examples
        --------
        >>> import duckdb
        >>> from disprop._disprop import SqlPlan
        >>> schema = [("ethnicity", "text"), ("suspensions", "whole")]
        >>> plan = SqlPlan("duckdb", "pupils", schema, "suspensions")
        >>> pupils = duckdb.sql("SELECT 'BCRB' AS ethnicity, 1 AS suspensions")
        >>> plan.quick_tallies(duckdb.sql(plan.quick).to_arrow_table()).cells
        1
        >>> pupils = duckdb.sql("SELECT 'BCRB' AS ethnicity, -1 AS suspensions")
        >>> plan.quick_tallies(duckdb.sql(plan.quick).to_arrow_table()) is None
        True
        """
    def tallies(self, result: _Data) -> Tallies:
        """Return the tallies that the full statement's result holds.

        Parameters
        ----------
        result : table
            What the database returned.

        Returns
        -------
        Tallies
            Equal, to the last bit, to those of the same rows in a cohort.

        Raises
        ------
        DataError
            ``data.refused``, with what the statement counted as wrong.

        Examples
        --------
        >>> import duckdb
        >>> from disprop._disprop import SqlPlan
        >>> pupils = duckdb.sql("SELECT 'BCRB' AS ethnicity, 1 AS suspensions")
        >>> schema = [("ethnicity", "text"), ("suspensions", "whole")]
        >>> plan = SqlPlan("duckdb", "pupils", schema, "suspensions")
        >>> plan.tallies(duckdb.sql(plan.sql).to_arrow_table()).cells
        1
        """
    @staticmethod
    def identifier(of: Literal["duckdb", "spark"], name: str) -> str:
        """Return a name as an identifier, whatever characters it holds.

        Parameters
        ----------
        of : {"duckdb", "spark"}
            Whose SQL.
        name : str
            Any text.

        Returns
        -------
        str
            Quoted.

        Examples
        --------
        >>> from disprop._disprop import SqlPlan
        >>> SqlPlan.identifier("duckdb", "my pupils")
        '"my pupils"'
        """
    @staticmethod
    def literal(of: Literal["duckdb", "spark"], text: str) -> str:
        """Return a text as a literal, whatever characters it holds.

        Parameters
        ----------
        of : {"duckdb", "spark"}
            Whose SQL.
        text : str
            Any text.

        Returns
        -------
        str
            Quoted.

        Examples
        --------
        >>> from disprop._disprop import SqlPlan
        >>> SqlPlan.literal("duckdb", "it's")
        "'it''s'"
        """

@final
class Gaps:
    """Gaps of some groups, measures and places, with the choices behind them.

    Notes
    -----
    One row is one measure, place and group. Values are in the measure's unit, percentages as 12.3.
    Columns: ``measure``, the dimensions, ``group``, ``group_label``, ``group_n``, ``group_value``,
    ``baseline``, ``baseline_n``, ``baseline_value``, ``difference``, ``ratio``, ``odds_ratio``,
    ``excess`` (each value with ``_lower`` and ``_upper``), ``share_ratio``, ``finding``,
    ``reason``, ``method``, ``level``, ``coverage``, ``unit``, ``counted``, ``unclassified``,
    ``series_note``; with schools as clusters also ``group_clusters``, ``baseline_clusters``,
    ``degrees_of_freedom`` and ``design_effect``, and after `adjust_for_many` ``p_value`` and
    ``p_adjusted``. Where counts are withheld, rounded or bounded, ``group_value``,
    ``baseline_value``, ``difference``, ``ratio`` and ``excess`` also have ``_min`` and ``_max``:
    where the number may lie, whatever the counts are. No disclosure control has been
    applied: not for publication.
    """

    @property
    def note(self) -> str:
        """What the comparison means and does not mean; it travels with every table."""
    @property
    def findings(self) -> list[Finding]:
        """Warnings of the data and of the comparison."""
    @property
    def measures(self) -> list[str]:
        """Ids of the measures."""
    @property
    def groups(self) -> list[str]:
        """Codes of the groups, and the caller's names of sets."""
    @property
    def dimensions(self) -> list[str]:
        """Names of the dimensions."""
    def sentences(self) -> list[str]:
        """Return one plain sentence a gap, in the order of the rows.

        Returns
        -------
        list of str
            Each names the comparison, the period, how many are behind it and how sure it is; it
            describes a gap, not pupils, and gives no cause.

        Examples
        --------
        >>> import disprop as dp
        >>> cohort = dp.Cohort(dp.synth(pupils=5_000, years=1, seed=7))
        >>> gaps = cohort.gaps("persistent_absence", by="year", groups="WBRI")
        >>> print(gaps.sentences()[0].split(" stood")[0])
        Persistent absence (10% or more of sessions missed) in 2022/23
        """
    def release(self, policy: Policy) -> Released:
        """Return what may leave of these gaps, published alone.

        Gaps that are published beside others go through :func:`release` together.

        Parameters
        ----------
        policy : Policy
            What is withheld.

        Returns
        -------
        Released
            The tidy frame at printed digits, null where a row is withheld.

        Raises
        ------
        ReleaseError
            ``release.refused`` where a withheld count could still be worked out.

        Examples
        --------
        >>> import disprop as dp
        >>> cohort = dp.Cohort(dp.synth(pupils=3_000, years=1, seed=7))
        >>> out = cohort.gaps("severe_absence").release(dp.Policy.preset("lt5"))
        >>> out.withheld > 0, out.policy["name"]
        (True, 'lt5')
        """
    def over_time(self, year: str = "year", *, same_pupils: Cohort | None = None) -> Table:
        """Return how every gap changed between consecutive years, and from the first to the last.

        Parameters
        ----------
        year : str, default "year"
            The dimension of years.
        same_pupils : Cohort, optional
            The rows behind the gaps, with pupil identifiers: pupils who are in both years are then
            allowed for. Without it years are taken as of different pupils, and intervals are too
            wide, not too narrow. Gaps with schools as clusters allow for them already.

        Returns
        -------
        Table
            One row a change: measure, other dimensions, group, from, to, earlier_gap, later_gap,
            change with its interval (later minus earlier, in the unit of the measure),
            group_change, baseline_change, finding ("narrowing", "widening", "no clear change",
            "not calculable"), group_moved and baseline_moved ("rose", "fell", "held"), reason,
            series_note and the numbers of pupils behind it.

        Raises
        ------
        DimensionError
            ``dimension.unknown``.
        OptionError
            ``option.bad`` for the baseline "overall", which holds the group itself, or a cohort
            without pupil identifiers.

        Examples
        --------
        >>> import disprop as dp
        >>> cohort = dp.Cohort(dp.synth(pupils=5_000, years=2, seed=7))
        >>> gaps = cohort.gaps("persistent_absence", by="year", groups="WBRI")
        >>> changes = gaps.over_time().to_dict()
        >>> changes["from"], changes["to"]
        (['2022/23'], ['2023/24'])
        >>> same = gaps.over_time(same_pupils=cohort).to_dict()
        >>> same["change_upper"][0] < changes["change_upper"][0]
        True
        """
    def slope(
        self, year: str = "year", *, out_of_line: Literal["flag", "leave_out"] = "flag"
    ) -> Table:
        """Return the yearly change of every gap: a straight line through its comparable years.

        Parameters
        ----------
        year : str, default "year"
            The dimension of years, such as 2022/23.
        out_of_line : {"flag", "leave_out"}, default "flag"
            What becomes of years that are out of line though the series goes on (pandemic).

        Returns
        -------
        Table
            One row a gap: from, to, years, smallest_n, last_gap, yearly_change with its interval,
            scatter_p, finding ("narrowing", "widening", "no clear change"), series_note. No line is
            drawn across a break in the series: earlier years are left out, and the note says so.

        Raises
        ------
        DimensionError
            ``dimension.unknown``.
        OptionError
            ``option.bad`` for values that are no years, or the baseline "overall".

        Examples
        --------
        >>> import disprop as dp
        >>> cohort = dp.Cohort(dp.synth(6000, years=3, seed=7))
        >>> gaps = cohort.gaps("persistent_absence", by="year", groups="BCRB")
        >>> gaps.slope().to_dict()["years"]
        [3]
        """
    def progress(
        self,
        targets: float | Mapping[str, float | Mapping[str, float]],
        due: str,
        *,
        year: str = "year",
        out_of_line: Literal["flag", "leave_out"] = "flag",
    ) -> Table:
        """Return the distance of gaps to their targets, the yearly change needed, and the outlook.

        Parameters
        ----------
        targets : float or dict
            Size of the gap aimed at, in the unit of the measure: one for all, ``{"BCRB": 5}`` by
            group, ``{"gld": 5}`` by measure, or ``{"gld": {"BCRB": 5}}``. It takes the sign of the
            gap as it is.
        due : str
            The academic year by which, such as "2026/27".
        year : str, default "year"
            The dimension of years.
        out_of_line : {"flag", "leave_out"}, default "flag"
            As for `slope`.

        Returns
        -------
        Table
            One row a gap with a target: now, due, gap, target, distance, needed_each_year,
            yearly_change, projected, probability, standing ("met", "on track", "off track",
            "unclear", "not calculable").

        Raises
        ------
        DimensionError
            ``dimension.unknown``.
        GroupError, MeasureError
            For targets of what the gaps do not have.
        OptionError
            ``option.bad`` for a target that is not finite or a due date that is no year.

        Examples
        --------
        >>> import disprop as dp
        >>> cohort = dp.Cohort(dp.synth(6000, years=3, seed=7))
        >>> gaps = cohort.gaps("persistent_absence", by="year", groups="BCRB")
        >>> gaps.progress({"BCRB": 100}, "2026/27").to_dict()["standing"]
        ['met']
        """
    def tests(self, test: _Test | None = None) -> Table:
        """Return a test of no difference for every gap.

        Parameters
        ----------
        test : str, optional
            "score", "pearson", "yates", "fisher", "mid_p" or "permutation" for percentages,
            "welch" for means and ratios of sums, "score", "conditional_exact" or "mid_p" for
            published events, which the exact two take to come singly; against everyone
            the group is tested against the rest of them, which is the same question. Without a
            name each gap has the one that fits: "score" or "welch", or the clustered estimate
            where schools are clusters.

        Returns
        -------
        Table
            One row a gap: group_n, baseline_n, difference, test, statistic (chi-square on one
            degree of freedom, or t; null for exact tests), p_value (two-sided), reason.

        Raises
        ------
        OptionError
            ``option.bad`` for a name but "permutation" with schools as clusters: the others take
            pupils as independent.
        DispropError
            ``stats.unknown_method`` for a name that no list holds.

        Notes
        -----
        "permutation" is exact: given both margins every split of the pupils is counted, and
        nothing is drawn. A tally holds no pupil's value, so a mean has no permutation test of
        pupils (``no_method``). With schools as clusters "permutation" takes whole schools, whatever
        is measured: each school's part of the gap keeps its size and has its sign changed, in every
        way up to 17 schools, else in 100,000 ways drawn from the ``seed`` of the gaps. The p-values
        are not corrected for their number: see `adjust_for_many`.

        References
        ----------
        Fisher (1935); Welch (1947); Pesarin (2001), section 1.9.

        Examples
        --------
        >>> import disprop as dp
        >>> pupils = {"ethnicity": ["BCRB"] * 4 + ["WBRI"] * 4, "gld": [1, 0, 0, 0, 1, 1, 1, 0]}
        >>> gaps = dp.Cohort(pupils).gaps("gld", groups="BCRB")
        >>> round(gaps.tests("fisher").to_dict()["p_value"][0], 4)
        0.4857
        >>> gaps.tests("welch").to_dict()["reason"]
        ['no_method']
        """
    def effect_sizes(self) -> Table:
        """Return every gap without its unit: Hedges' g of means, Cohen's h of percentages.

        Returns
        -------
        Table
            One row a gap: group_n, baseline_n, difference, effect ("hedges_g" or "cohen_h"),
            effect_size with its interval, level, reason.

        Raises
        ------
        GroupError
            ``group.unknown``.

        Notes
        -----
        g is the difference over the pooled standard deviation of pupils, corrected for small
        groups; h is 2 asin √p₁ − 2 asin √p₂. They are not on one scale, and neither is months of
        progress. Ratios of sums and published events have none (``no_method``). Intervals take
        pupils as independent.

        References
        ----------
        Hedges (1981); Cohen (1988), section 6.2.

        Examples
        --------
        >>> import disprop as dp
        >>> pupils = {"ethnicity": ["BCRB"] * 4 + ["WBRI"] * 4, "gld": [1, 0, 0, 0, 1, 1, 1, 0]}
        >>> effects = dp.Cohort(pupils).gaps("gld", groups="BCRB").effect_sizes().to_dict()
        >>> effects["effect"][0], round(effects["effect_size"][0], 4)
        ('cohen_h', -1.0472)
        """
    def adjust_for_many(
        self,
        method: _Adjustment = "holm",
        *,
        family: _Names | None = None,
        test: _Test | None = None,
    ) -> Gaps:
        """Return the same gaps with p-values, corrected for their number.

        Parameters
        ----------
        method : str, default "holm"
            "holm", "hochberg", "hommel", "bonferroni", "bh" or "by".
        family : str or list of str, optional
            Columns ("measure", "group" or a dimension) whose values share a family; all rows are
            one family by default.
        test : str, optional
            The test behind the p-values, as for `tests`; the one that fits by default.

        Returns
        -------
        Gaps
            With ``p_value`` and ``p_adjusted``, and in its note how many intervals are expected to
            miss. Rows of fewer pupils than the minimum are no part of a family.

        Raises
        ------
        OptionError
            ``option.bad`` for another method or column.

        Notes
        -----
        Score test for proportions, Welch's for means and ratios of sums, the pooled Poisson score
        for published events, and the clustered estimate where schools are clusters.

        Examples
        --------
        >>> import disprop as dp
        >>> cohort = dp.Cohort(dp.synth(6000, years=1, seed=7))
        >>> gaps = cohort.gaps("persistent_absence").adjust_for_many("bh")
        >>> tested = gaps.to_dict()
        >>> pairs = zip(tested["p_value"], tested["p_adjusted"])
        >>> all(p <= q for p, q in pairs if q is not None)
        True
        """
    def formal_rules(
        self,
        *,
        threshold: float | None = None,
        minimum_cell: int = 10,
        minimum_n: int = 30,
        years: int = 3,
        reasonable_progress: float | None = None,
        year: str = "year",
        wider: Tallies | None = None,
        four_fifths: bool = False,
    ) -> Table:
        """Return what rules that others have written down say of every gap to all others.

        Parameters
        ----------
        threshold : float, optional
            Ratio above which a group is flagged; no flag without it.
        minimum_cell, minimum_n : int, default 10 and 30
            Fewest pupils with the outcome, and fewest pupils, on a side.
        years : int, default 3
            Years in a row above the threshold for the flag, one to three.
        reasonable_progress : float, optional
            Yearly fall of the ratio that counts as progress.
        year : str, default "year"
            The dimension of years; needed with a threshold.
        wider : Tallies, optional
            The region or country, for the alternate ratio where all others here are too few.
        four_fifths : bool, default False
            Whether to flag ratios outside 0.8 to 1.25 on the unfavourable side.

        Returns
        -------
        Table
            One row a gap: group_cell, group_n, others_cell, others_n, risk_ratio, compared_with,
            flag (in the last year), relative_rate with its interval, outside_four_fifths, reason.

        Raises
        ------
        DimensionError
            ``dimension.unknown`` for a threshold without years.
        OptionError
            ``option.bad`` for another baseline than all others.

        References
        ----------
        34 CFR 300.647; 29 CFR 1607.4(D); Uhrig (2016), Ministry of Justice.

        Examples
        --------
        >>> import disprop as dp
        >>> cohort = dp.Cohort({"ethnicity": ["BCRB"] * 29 + ["WBRI"] * 60, "gld": [1] * 89})
        >>> cohort.gaps("gld").formal_rules().to_dict()["reason"]
        ['below_minimum', 'below_minimum']
        """
    def summary_indices(self, *, ordered: bool = False) -> Table:
        """Return one number for the spread over all groups, by every index, with when it misleads.

        Parameters
        ----------
        ordered : bool, default False
            Whether the groups stand in an order, lowest first; slope and relative index are then
            added. Ethnic groups have no order.

        Returns
        -------
        Table
            One row a measure, place and index: index, value with its interval where it has one,
            scale, groups, smallest_n, misleads, reason.

        Raises
        ------
        OptionError
            ``option.bad`` where groups overlap.

        References
        ----------
        Keppel et al. (2005); Harper and Lynch (2005); WHO (2013).

        Examples
        --------
        >>> import disprop as dp
        >>> pupils = {"ethnicity": ["BCRB"] * 4 + ["WBRI"] * 4, "gld": [1, 0, 1, 0] + [1] * 4}
        >>> cohort = dp.Cohort(pupils)
        >>> summary = cohort.gaps("gld").summary_indices().to_dict()
        >>> summary["index"][0], summary["value"][0]
        ('largest_difference', 50.0)
        """
    def number_of_pupils(self, *, sums: bool = False) -> Table:
        """Return how many pupils each gap is, on its own baseline and on one that adds up.

        Parameters
        ----------
        sums : bool, default False
            The sums over groups instead: one row a measure and place.

        Returns
        -------
        Table
            One row a gap: group_n, numerator, excess (on the gaps' baseline), excess_common (on
            everyone's value, which sums to zero over groups that are everyone). With ``sums``:
            sum_of_excess, sum_of_excess_common, to_move, covered.

        Raises
        ------
        GroupError
            ``group.unknown``.

        Notes
        -----
        Against all others each group has a baseline of its own, so its excess does not add up with
        that of other groups. Against one value for all it does.

        Examples
        --------
        >>> import disprop as dp
        >>> pupils = {"ethnicity": ["BCRB"] * 4 + ["WBRI"] * 4, "gld": [1, 0, 1, 0] + [1] * 4}
        >>> cohort = dp.Cohort(pupils)
        >>> excess = cohort.gaps("gld").number_of_pupils().to_dict()
        >>> excess["excess"], excess["excess_common"]
        ([2.0, -2.0], [1.0, -1.0])
        """
    def to_text(self, rows: int | None = None) -> str:
        """Return a readable table for a terminal.

        Parameters
        ----------
        rows : int, optional
            Most rows of a measure to show; all by default.

        Returns
        -------
        str
            One block a measure, then the note.

        Examples
        --------
        >>> import disprop as dp
        >>> gaps = dp.Cohort(dp.synth(600, years=1, seed=7)).gaps("absence", groups="BCRB")
        >>> gaps.to_text().startswith("Not for publication")
        True
        """
    def to_html(self, rows: int | None = None) -> str:
        """Return a readable table for a notebook, with every text escaped.

        Parameters
        ----------
        rows : int, optional
            Most rows of a measure to show; all by default.

        Returns
        -------
        str
            HTML without script.

        Examples
        --------
        >>> import disprop as dp
        >>> gaps = dp.Cohort(dp.synth(600, years=1, seed=7)).gaps("absence", groups="BCRB")
        >>> "<table" in gaps.to_html()
        True
        """
    def to_polars(self) -> polars.DataFrame:
        """Return the rows as a polars frame.

        Returns
        -------
        polars.DataFrame
            Columns as listed for the class.

        Raises
        ------
        ImportError
            Where polars is not installed.

        Examples
        --------
        >>> import disprop as dp
        >>> gaps = dp.Cohort(dp.synth(600, years=1, seed=7)).gaps("absence", groups="BCRB")
        >>> gaps.to_polars().height
        1
        """
    def to_pandas(self) -> pandas.DataFrame:
        """Return the rows as a pandas frame.

        Returns
        -------
        pandas.DataFrame
            Columns as listed for the class.

        Raises
        ------
        ImportError
            Where pandas is not installed.

        Examples
        --------
        >>> import disprop as dp
        >>> gaps = dp.Cohort(dp.synth(600, years=1, seed=7)).gaps("absence", groups="BCRB")
        >>> len(gaps.to_pandas())
        1
        """
    def to_dict(self) -> dict[str, list[Any]]:
        """Return the rows as columns of values, with None where there is none.

        Returns
        -------
        dict of str to list
            Columns as listed for the class.

        Examples
        --------
        >>> import disprop as dp
        >>> gaps = dp.Cohort(dp.synth(600, years=1, seed=7)).gaps("absence", groups="BCRB")
        >>> gaps.to_dict()["group"]
        ['BCRB']
        """
    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any: ...
    def __len__(self) -> int: ...
    def _repr_html_(self) -> str: ...

def measures() -> list[Measure]:
    """Return every measure of the catalogue.

    Returns
    -------
    list of Measure
        In the order of the catalogue.

    Examples
    --------
    >>> import disprop as dp
    >>> "persistent_absence" in [measure.id for measure in dp.measures()]
    True
    """

def groups(*, chinese: _Chinese = "asian") -> Table:
    """Return every ethnicity code with what it belongs to.

    Parameters
    ----------
    chinese : {"asian", "own"}, default "asian"
        The major group of Chinese pupils.

    Returns
    -------
    Table
        ``code``, ``label``, ``main`` (code of the main group), ``major`` (its label).

    Raises
    ------
    OptionError
        ``option.bad``.

    Examples
    --------
    >>> import disprop as dp
    >>> "BCRB" in dp.groups().to_dict()["code"]
    True
    """

def methods() -> Table:
    """Return every interval method, test and effect size, with source and when to use it.

    Returns
    -------
    Table
        ``family``, ``scale``, ``method``, ``label``, ``formula``, ``source``, ``when_to_use``,
        ``when_not``. ``scale`` is "value", "difference", "ratio" or "odds_ratio" for intervals that
        ``methods=`` chooses, "dispersion", "clustered", "test" or "effect_size" for the rest.

    Examples
    --------
    >>> import disprop as dp
    >>> "wilson" in dp.methods().to_dict()["method"]
    True
    """

def sentences(table: _Data, measures: _Measures | None = None) -> list[str]:
    """Return one sentence a row of a tidy table of gaps or of their changes.

    Parameters
    ----------
    table : table with an Arrow stream, pandas frame or dict of lists
        Columns as in ``Gaps`` or ``Gaps.over_time``, rounded and withheld or not. A table of
        another kind has no sentences.
    measures : measures, optional
        Those the table speaks of; the catalogue by default.

    Returns
    -------
    list of str
        In the order of the rows. A number that is null is in no sentence.

    Examples
    --------
    >>> import disprop as dp
    >>> cohort = dp.Cohort(dp.synth(pupils=5_000, years=2, seed=7))
    >>> changes = cohort.gaps("persistent_absence", by="year", groups="WBRI").over_time()
    >>> "between 2022/23 and 2023/24 the gap between" in dp.sentences(changes)[0]
    True
    """

def summaries(table: _Data, measures: _Measures | None = None) -> Table:
    """Return what all groups of each measure, place and period come to.

    Parameters
    ----------
    table : table with an Arrow stream, pandas frame or dict of lists
        Columns as in ``Gaps`` or ``Gaps.over_time``.
    measures : measures, optional
        Those the table speaks of; the catalogue by default.

    Returns
    -------
    Table
        One row for each measure and place (of changes, for each pair of years as well):
        ``measure``, the dimensions, ``title``, which states the widest clear gap, and ``text``,
        which counts the findings.

    Examples
    --------
    >>> import disprop as dp
    >>> cohort = dp.Cohort(dp.synth(pupils=5_000, years=1, seed=7))
    >>> gaps = cohort.gaps("persistent_absence", by="year")
    >>> dp.summaries(gaps).columns
    ['measure', 'year', 'title', 'text']
    """

def synth(
    pupils: int = 60_000,
    years: int = 3,
    *,
    seed: int = 1,
    first_year: int | None = None,
    authorities: int | None = None,
    movers: float | None = None,
    plain_text: bool = False,
    staff: bool = False,
) -> Table:
    """Return a synthetic cohort; the same seed gives the same bytes.

    Parameters
    ----------
    pupils : int, default 60000
        Pupils on roll in each year.
    years : int, default 3
        Number of years.
    seed : int, default 1
        Of the random numbers.
    first_year : int, optional
        The autumn the first year starts in: 2022 for 2022/23.
    authorities : int, optional
        Several authorities in place of one.
    movers : float, optional
        Share of pupils who change school within a year, who then have two rows.
    plain_text : bool, default False
        Columns of categories as text.
    staff : bool, default False
        Staff of the schools instead of pupils.

    Returns
    -------
    Table
        One row an enrolment; nobody in it is real.

    Raises
    ------
    OptionError
        Where a number is outside its range.

    Examples
    --------
    >>> import disprop as dp
    >>> dp.synth(600, years=1, seed=7).to_dict() == dp.synth(600, years=1, seed=7).to_dict()
    True
    """
