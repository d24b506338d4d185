"""The network that reads both ways: how likely each character is in its place, with all that stands around it.

``network.onnx`` is made by ``training/network``; it is run by onnxruntime, which the extra ``neural`` installs.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pipeline.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

SHIPPED = Path(__file__).parent / "network.onnx"
VERSION = "1"
WINDOW, STRIDE = 256, 128
"""Characters read at a time, and those of them whose scores count: the middle ones, or more at a text's borders."""
HIDDEN = "\0"
BREAK = "\n"
UNKNOWN = -15.0
"""Natural logarithm of the probability of a character that cannot be foretold."""
DIGITS = 3  # scores are rounded: the same on every processor


class Reading(NamedTuple):
    """What the network says of asked places: ``scores`` (asked, characters), natural logs, and ``doubt`` (asked)."""

    scores: NDArray[np.float32]
    doubt: NDArray[np.float32]


class Network:
    """The network as a function of texts and places. Windows are read one by one, so none changes another."""

    def __init__(self, path: Path = SHIPPED) -> None:
        """Open the model; raises :class:`ModelError` where it or onnxruntime is missing, or it is of another form."""
        try:
            import onnxruntime  # noqa: PLC0415 - an optional extra
        except ImportError as error:
            raise ModelError("the network needs onnxruntime; pip install 'qinggao[neural]'") from error
        if not path.is_file():
            raise ModelError(
                f"{path.name}: no such model; install qinggao again, or leave the network out: --no-neural"
            )
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime's own exceptions have no common base
            raise ModelError(f"{path.name}: is no model that can be read; install qinggao again") from error
        known = self._session.get_modelmeta().custom_metadata_map
        if known.get("version") != VERSION:
            raise ModelError(
                f"{path.name}: is of version {known.get('version', 'none')}, this program reads {VERSION}; "
                "install qinggao again"
            )
        self.chars: str = known["chars"]
        """The characters that can be foretold, in the order of the scores."""
        self._column = {char: number for number, char in enumerate(self.chars)}

    def column(self, char: str) -> int:
        """Return the column of a character's score, −1 where it cannot be foretold."""
        return self._column.get(char, -1)

    def read(self, text: str, places: Sequence[int]) -> Reading:
        """Return what the network says of ``places`` (offsets in ``text``, in any order).

        U+0000 in ``text`` stands for a hidden character. Each place is seen with 64 characters or more on either side,
        as far as there are any.
        """
        asked = np.asarray(places, np.int64)
        scores = np.empty((len(asked), len(self.chars)), np.float32)
        doubt = np.empty(len(asked), np.float32)
        lead = (WINDOW - STRIDE) // 2
        padded = np.frombuffer(f"{BREAK}{text}{BREAK}".encode("utf-32-le", "surrogatepass"), "<u4").astype(np.int64)
        window = np.maximum(asked + 1 - lead, 0) // STRIDE
        for number in np.unique(window).tolist():
            rows, start = np.flatnonzero(window == number), number * STRIDE
            given = {"points": padded[None, start : start + WINDOW], "places": asked[rows] + 1 - start}
            scores[rows], doubt[rows] = self._session.run(None, given)
        return Reading(scores.round(DIGITS), doubt.round(DIGITS))

    def likely(self, head: str, words: Sequence[str], tail: str) -> NDArray[np.float64]:
        """Return how likely each of ``words`` is between ``head`` and ``tail``: natural log, its characters hidden.

        Words of one length are read together, each character without knowing the others.
        """
        result = np.zeros(len(words))
        for length in sorted({len(word) for word in words}):
            scores = self.read(head + HIDDEN * length + tail, range(len(head), len(head) + length)).scores
            for i, word in enumerate(words):
                if len(word) == length:
                    columns = map(self.column, word)
                    result[i] = sum(row[c] if c >= 0 else UNKNOWN for row, c in zip(scores, columns, strict=True))
        return result
