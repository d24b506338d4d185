"""Python's cycle collector, kept from walking what is in no cycle."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def rare_collection() -> Iterator[None]:
    """Let the collector run rarely: walking the many small edits, none in a cycle, costs a third."""
    usual = gc.get_threshold()
    gc.set_threshold(500_000, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


@contextmanager
def shared() -> Iterator[None]:
    """Keep what there is now out of the collector's sight: it would write on every page that forked processes share."""
    if gc.get_freeze_count():  # it is done, by whoever is outside
        yield
        return
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
