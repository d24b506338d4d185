"""The tables that a run writes: declared once here, checked on every write."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.analysis.quality import WEIGHTS
from pipeline.analysis.structure import Structure
from pipeline.errors import OutputError
from pipeline.model import KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import TypeAlias

    import numpy as np
    from numpy.typing import NDArray

    Column: TypeAlias = Sequence[object] | NDArray[np.int64] | pa.Array


def _schema(*, empty: frozenset[str] = frozenset(), **columns: pa.DataType) -> pa.Schema:
    return pa.schema([pa.field(name, kind, nullable=name in empty) for name, kind in columns.items()])


SHARES = frozenset({"confidence", "similarity", "weight", "quality", "copied_share"})
"""Columns whose values lie between 0 and 1."""
_TEXT, _INT, _REAL, _FLAG = pa.string(), pa.int64(), pa.float64(), pa.bool_()
_LONG = pa.large_string()  # more than 2 GB together

_PLAN: dict[str, pa.DataType] = {
    "doc_id": _TEXT,
    "source": _TEXT,
    "section": _INT,
    "title": _TEXT,
    "text": _TEXT,
    "chars": _INT,
}
_FOUND: dict[str, pa.DataType] = {
    "themes": _TEXT,
    "goal_types": _TEXT,
    "n_goals": _INT,
    "duplicate_of": _TEXT,
    "quality": _REAL,
}
_PLACE: dict[str, pa.DataType] = {"n_edits": _INT, "start": _INT, "end": _INT, "raw_start": _INT, "raw_end": _INT}
_SCORES = {f"{name}_score": _REAL for name in WEIGHTS}
_RATES = {f"{kind}_per_1000": _REAL for kind in KINDS}
_COUNTS = {f"n_{name}": _INT for name in Structure._fields}

TABLES: dict[str, pa.Schema] = {
    "corpus": _schema(**_PLAN, **_FOUND, **_PLACE),
    "outline": _schema(
        doc_id=_TEXT,
        section=_INT,
        unit=_INT,
        parent=_INT,
        level=_INT,
        label=_TEXT,
        heading=_TEXT,
        start=_INT,
        end=_INT,
        raw_start=_INT,
        raw_end=_INT,
    ),
    "edits": _schema(
        doc_id=_TEXT,
        stage=_TEXT,
        rule=_TEXT,
        kind=_TEXT,
        raw_start=_INT,
        raw_end=_INT,
        before=_TEXT,
        after=_TEXT,
        confidence=_REAL,
        applied=_FLAG,
        why=_TEXT,
    ),
    "goals": _schema(
        empty=frozenset({"value_base"}),
        doc_id=_TEXT,
        section=_INT,
        goal_type=_TEXT,
        confidence=_REAL,
        status=_TEXT,
        metric=_TEXT,
        comparator=_TEXT,
        value=_TEXT,
        unit=_TEXT,
        value_base=_REAL,
        unit_base=_TEXT,
        period=_TEXT,
        quote=_TEXT,
        start=_INT,
        end=_INT,
        raw_start=_INT,
        raw_end=_INT,
    ),
    "themes": _schema(theme_id=_INT, label=_TEXT, terms=_TEXT, sentences=_TEXT, n_sections=_INT, n_documents=_INT),
    "section_themes": _schema(doc_id=_TEXT, section=_INT, theme_id=_INT, weight=_REAL),
    "duplicates": _schema(
        a_doc=_TEXT,
        a_section=_INT,
        a_start=_INT,
        a_end=_INT,
        b_doc=_TEXT,
        b_section=_INT,
        b_start=_INT,
        b_end=_INT,
        similarity=_REAL,
    ),
    "quality": _schema(
        doc_id=_TEXT,
        section=_INT,
        quality=_REAL,
        **_SCORES,
        **_RATES,
        n_suggestions=_INT,
        n_masks=_INT,
        copied_share=_REAL,
        **_COUNTS,
        faults=_TEXT,
    ),
    "learned_table": _schema(
        wrong=_TEXT,
        right=_TEXT,
        support=_INT,
        consistency=_REAL,
        example=_TEXT,
        decision=_TEXT,
        confidence=_REAL,
    ),
    "inputs": _schema(
        doc_id=_TEXT,
        source=_TEXT,
        sha256=_TEXT,
        encoding=_TEXT,
        how=_TEXT,
        confidence=_REAL,
        bom=_TEXT,
        bad_bytes=_INT,
        extracted=_FLAG,
        source_chars=_INT,
        chars=_INT,
        plans=_INT,
        edits=_INT,
        suggestions=_INT,
        notes=_TEXT,
    ),
    "quarantined": _schema(source=_TEXT, reason=_TEXT),
}
"""Table name → columns. Offsets count code points, half-open. Only ``goals.value_base`` may be empty of a value."""
PARTS: dict[str, pa.Schema] = {
    "plans": _schema(**_PLAN, goal_types=_TEXT, n_goals=_INT, **_PLACE),
    "assessed": pa.schema(
        [field for field in TABLES["quality"] if field.name not in {"quality", "copied_score", "copied_share"}]
    ),
    "documents": _schema(empty=frozenset({"source_text"}), doc_id=_TEXT, text=_LONG, log=_LONG, source_text=_LONG),
    "seals": _schema(doc_id=_TEXT, seal=_TEXT),
}
"""What is kept of documents beside the tables: what a plan's own document says of it, to which the corpus adds the rest
(``corpus`` and ``quality``); text and log where these are no files; the digests of the files where they are."""
ALONE = ("inputs", "quarantined", "plans", "outline", "edits", "goals", "assessed")
"""The tables and parts of tables that a document fills by itself."""


def schema_of(name: str) -> pa.Schema:
    """Return the schema of a table or part."""
    return TABLES.get(name) or PARTS[name]


def empty_table(name: str) -> pa.Table:
    """Return the table ``name`` without rows."""
    return schema_of(name).empty_table()


def make_table(name: str, columns: Mapping[str, Column]) -> pa.Table:
    """Return the table ``name`` from its columns; raises :class:`OutputError` when it breaks its schema.

    Bad bytes (U+DC80–U+DCFF in source text) are written as by :func:`show_bytes`.
    """
    schema = schema_of(name)
    if list(columns) != schema.names:
        raise OutputError(
            f"table {name!r} has columns {list(columns)}, declared are {schema.names}; correct the writer"
        )
    arrays = [_array(field, columns[field.name]) for field in schema]
    table = pa.Table.from_arrays(arrays, schema=schema)
    faults = [field.name for field in schema if table[field.name].null_count and not field.nullable]
    faults += [text for text, broken in _checks(name, table) if broken]
    if faults:
        raise OutputError(
            f"table {name!r} breaks its schema: {', '.join(faults)}; this is a fault of qinggao, please report it"
        )
    return table


def _array(field: pa.Field, values: Column) -> pa.Array:
    try:
        return pa.array(values, type=field.type)
    except UnicodeEncodeError:
        return pa.array([show_bytes(str(value)) for value in values], type=field.type)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise OutputError(f"column {field.name!r} must be {field.type}: {error}; correct the writer") from error


def show_bytes(text: str) -> str:
    r"""Return ``text`` with each bad byte as ``\xNN``."""
    return "".join(f"\\x{ord(c) - 0xDC00:02x}" if "\udc80" <= c <= "\udcff" else c for c in text)


def _checks(name: str, table: pa.Table) -> list[tuple[str, bool]]:
    if not len(table):
        return []
    spans = [(low, low.replace("start", "end")) for low in table.column_names if low.endswith("start")]
    checks = [(f"{high} < {low}", pc.any(pc.less(table[high], table[low])).as_py()) for low, high in spans]
    if name == "edits":
        known = pc.is_in(table["kind"], value_set=pa.array(KINDS))
        checks.append(("unknown kind", not pc.all(known).as_py()))
    for column in SHARES.intersection(table.column_names):
        bounds = pc.min_max(table[column]).as_py()
        checks.append((f"{column} outside 0..1", bounds["min"] < 0 or bounds["max"] > 1))
    return checks
