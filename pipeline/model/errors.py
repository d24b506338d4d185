"""The root of the exceptions, and what can go wrong with an edit."""

from __future__ import annotations


class QinggaoError(Exception):
    """Base of all errors that qinggao raises on purpose."""


class EditError(QinggaoError):
    """An edit does not fit the text that it is applied to or undone from."""
