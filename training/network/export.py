"""Turn trained weights into the file that the pipeline runs: ONNX, 8-bit.

usage: python -m training.network.export TABLES.npz WEIGHTS.npz … --out network.onnx

Inputs: ``points`` (1, length), code points, 0 for a hidden character, and ``places`` (asked), positions. Outputs:
``scores`` (asked, size), natural log of the probability of each character that can be foretold, and ``doubt`` (asked),
the log-odds that what stands there is wrong. The metadata holds ``chars``, the characters in the order of the scores,
and ``version``.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np
import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.shape_inference import quant_pre_process
from torch import Tensor, nn

from training.network.alphabet import Alphabet
from training.network.model import Network, Shape

OPSET = 17
PLANE = 0x10000
VERSION = "1"


class Exported(nn.Module):
    """The network with the three vectors of a character added up beforehand."""

    def __init__(self, net: Network, alphabet: Alphabet) -> None:
        super().__init__()
        self.net = net
        self.register_buffer("vectors", net.embedding().detach())
        self.register_buffer("numbers", torch.from_numpy(alphabet.table[:PLANE].astype(np.int32)))

    def forward(self, points: Tensor, places: Tensor) -> tuple[Tensor, Tensor]:
        """Return scores and doubt of the asked places."""
        numbers = self.numbers[points.clamp(max=PLANE - 1)]  # U+FFFF, no character, stands for all planes above
        features = self.net.encode(self.vectors[numbers]).flatten(0, 1)
        # 8-bit products are scaled by all that goes into them: what else is asked may not change a place's scores.
        return self.net.foretell(features)[places].log_softmax(-1), self.net.doubt(features)[places]


def load(tables: Path, weights: list[Path]) -> tuple[Network, Alphabet]:
    """Return the trained network and its alphabet."""
    with np.load(tables) as stored:
        alphabet = Alphabet(str(stored["known"]))
        sounds = torch.from_numpy(stored["sounds"])
        glyphs = torch.from_numpy(stored["shapes"].astype(np.float32))
    net = Network(Shape(len(alphabet.chars), alphabet.size, int(sounds.max()) + 1, glyphs.shape[1]), sounds, glyphs)
    state = {}
    for path in weights:
        with np.load(path) as stored:
            state |= {name: torch.from_numpy(stored[name].astype(np.float32)) for name in stored.files}
    net.load_state_dict(state)
    return net.eval(), alphabet


def export(net: Network, alphabet: Alphabet, out: Path) -> None:
    """Write the network as 8-bit ONNX."""
    with tempfile.TemporaryDirectory() as folder:
        whole, ready = Path(folder) / "whole.onnx", Path(folder) / "ready.onnx"
        torch.onnx.export(
            Exported(net, alphabet).eval(),
            (torch.zeros(1, 32, dtype=torch.long), torch.arange(5)),
            str(whole),
            input_names=["points", "places"],
            output_names=["scores", "doubt"],
            dynamic_axes={"points": {1: "length"}, "places": {0: "asked"}},
            opset_version=OPSET,
            dynamo=False,
        )
        quant_pre_process(str(whole), str(ready), skip_symbolic_shape=True)
        quantize_dynamic(
            str(ready),
            str(out),
            weight_type=QuantType.QInt8,
            per_channel=True,
            op_types_to_quantize=["MatMul", "Gather"],
            reduce_range=True,  # products then never overflow 16 bits: the same sums on processors without VNNI
        )
    model = onnx.load(str(out))
    onnx.helper.set_model_props(model, {"chars": alphabet.chars[: alphabet.size], "version": VERSION})
    onnx.save(model, str(out))


def main() -> None:
    """Load, export."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tables", type=Path)
    parser.add_argument("weights", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    export(*load(given.tables, given.weights), given.out)
    print(f"{given.out.name}: {given.out.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
