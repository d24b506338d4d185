"""The network that reads both ways: how likely each character is in its place, with all that stands around it.

``network.onnx`` is made by ``training/network``; it is run by onnxruntime, which the extra ``neural`` installs.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
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
DIGITS = 3  # of what :meth:`Network.likely` returns: the same on every processor


def installed() -> bool:
    """Whether onnxruntime, which runs the network, is installed."""
    try:
        return find_spec("onnxruntime") is not None
    except ValueError:  # where somebody put None in its place
        return False


def runtime() -> str:
    """Return what runs the network, with its version; builds for other processors have other names."""
    try:
        return f"onnxruntime {version('onnxruntime')}"
    except PackageNotFoundError:
        return "onnxruntime"


class Reading(NamedTuple):
    """What the network says of asked places: ``scores`` (asked, characters), natural logs, and ``doubt`` (asked).

    The last digits are the processor's: round before you compare. (It is not done here because few of them are used.)
    """

    scores: NDArray[np.float32]
    doubt: NDArray[np.float32]


class Network:
    """The network as a function of texts and places. Windows are read one by one, so none changes another."""

    def __init__(self, path: Path = SHIPPED) -> None:
        """Open the model; raises :class:`ModelError` where it or onnxruntime is missing, or it is of another form."""
        if not installed():
            raise ModelError("the network needs onnxruntime; pip install 'qinggao[neural]'")
        try:
            import onnxruntime  # noqa: PLC0415 - an optional extra

            options = onnxruntime.SessionOptions()
        except Exception as error:  # a library that it needs may be missing, or it is another thing of that name
            raise ModelError(
                f"onnxruntime is installed but cannot be loaded ({error}); install it again, or use --no-neural"
            ) from error
        if not path.is_file():
            raise ModelError(
                f"{path.name}: no such model; install qinggao again, or leave the network out: --no-neural"
            )
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(path.read_bytes(), options, providers=["CPUExecutionProvider"])
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
            try:
                scores[rows], doubt[rows] = self._session.run(None, given)
            except Exception as error:  # onnxruntime's own exceptions have no common base
                raise ModelError(f"the network could not read {len(text)} characters ({error})") from error
        return Reading(scores, doubt)

    def likely(self, head: str, words: Sequence[str], tail: str) -> NDArray[np.float64]:
        """Return how likely each of ``words`` is between ``head`` and ``tail``: natural log, its characters hidden.

        Words of one length are read together, each character without knowing the others.
        """
        result: NDArray[np.float64] = self.compared(head, words, tail)[0]
        return result

    def compared(self, head: str, words: Sequence[str], tail: str) -> NDArray[np.float64]:
        """Return the same and, in a second row, how likely the likeliest characters are in the place of each word."""
        result = np.zeros((2, len(words)))
        for length in sorted({len(word) for word in words}):
            scores = self.read(head + HIDDEN * length + tail, range(len(head), len(head) + length)).scores
            for i, word in enumerate(words):
                if len(word) == length:
                    result[:, i] = self.sum_of(scores, word), float(scores.max(axis=1).sum())
        return result.round(DIGITS)

    def sum_of(self, scores: NDArray[np.float32], word: str) -> float:
        """Return the sum of the scores of a word's characters, a row for each."""
        columns = map(self.column, word)
        return float(sum(row[c] if c >= 0 else UNKNOWN for row, c in zip(scores, columns, strict=True)))
