"""The tables that a run writes: declared once here, checked on every write."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.errors import OutputError
from pipeline.model import KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import TypeAlias

    import numpy as np
    from numpy.typing import NDArray

    Column: TypeAlias = Sequence[object] | NDArray[np.int64] | pa.Array


def _schema(**columns: pa.DataType) -> pa.Schema:
    return pa.schema([pa.field(name, kind, nullable=False) for name, kind in columns.items()])


_TEXT, _INT, _REAL, _FLAG = pa.string(), pa.int64(), pa.float64(), pa.bool_()

TABLES: dict[str, pa.Schema] = {
    "corpus": _schema(
        doc_id=_TEXT,
        source=_TEXT,
        section=_INT,
        title=_TEXT,
        text=_TEXT,
        chars=_INT,
        n_edits=_INT,
        start=_INT,
        end=_INT,
        raw_start=_INT,
        raw_end=_INT,
    ),
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
    "learned_table": _schema(
        wrong=_TEXT,
        right=_TEXT,
        support=_INT,
        consistency=_REAL,
        example=_TEXT,
        decision=_TEXT,
        confidence=_REAL,
    ),
}
"""Table name → columns. No column is ever empty of a value; offsets count code points, half-open."""


def make_table(name: str, columns: Mapping[str, Column]) -> pa.Table:
    """Return the table ``name`` from its columns; raises :class:`OutputError` when it breaks its schema.

    Bad bytes (U+DC80–U+DCFF in source text) are written as by :func:`show_bytes`.
    """
    schema = TABLES[name]
    if list(columns) != schema.names:
        raise OutputError(
            f"table {name!r} has columns {list(columns)}, declared are {schema.names}; correct the writer"
        )
    arrays = [_array(field, columns[field.name]) for field in schema]
    table = pa.Table.from_arrays(arrays, schema=schema)
    faults = [field.name for field in schema if table[field.name].null_count]
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
        bounds = pc.min_max(table["confidence"]).as_py()
        checks.append(("confidence outside 0..1", bounds["min"] < 0 or bounds["max"] > 1))
    return checks
