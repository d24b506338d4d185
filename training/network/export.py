"""Turn trained weights into the file that the pipeline runs: ONNX, 8-bit.

usage: python -m training.network.export TABLES.npz WEIGHTS --out network.onnx

WEIGHTS is the folder that ``training.network.train`` wrote.

Inputs: ``points`` (1, length), code points, 0 for a hidden character, and ``places`` (asked), positions. Outputs:
``scores`` (asked, size), natural log of the probability of each character that can be foretold, and ``doubt`` (asked),
the log-odds that what stands there is wrong. The metadata holds ``chars``, the characters in the order of the scores,
and ``version``.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.shape_inference import quant_pre_process
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - its usual name

from training.network.train import new_network, read_weights

if TYPE_CHECKING:
    from training.network.alphabet import Alphabet
    from training.network.model import Network

OPSET = 17
PLANE = 0x10000
VERSION = "1"


class Turned(torch.autograd.Function):
    """onnxruntime's own operator for what :func:`training.network.model.turn` does."""

    @staticmethod
    def forward(_: Any, values: Tensor, *_others: Tensor | int) -> Tensor:
        """Return a tensor of the right shape: the export asks for no more."""
        return values.clone()

    @staticmethod
    def symbolic(graph: Any, values: Any, *order_cos_sin_heads: Any) -> Any:
        """Return the operator in the graph."""
        *given, heads = order_cos_sin_heads
        return graph.op("com.microsoft::RotaryEmbedding", values, *given, num_heads_i=heads).setType(values.type())


class Attended(torch.autograd.Function):
    """onnxruntime's own operator for attention by several heads."""

    @staticmethod
    def forward(_: Any, query: Tensor, *_others: Tensor | int) -> Tensor:
        """Return a tensor of the right shape: the export asks for no more."""
        return query.clone()

    @staticmethod
    def symbolic(graph: Any, query: Any, key: Any, value: Any, heads: int) -> Any:
        """Return the operator in the graph."""
        return graph.op("com.microsoft::MultiHeadAttention", query, key, value, num_heads_i=heads).setType(query.type())


class Exported(nn.Module):
    """The network with the three vectors of a character added up beforehand.

    Two operators of onnxruntime's own take the place of sixty small ones in each layer: a sixth of the time.
    """

    def __init__(self, net: Network, alphabet: Alphabet) -> None:
        super().__init__()
        self.net = net
        self.register_buffer("vectors", net.embedding().detach())
        self.register_buffer("numbers", torch.from_numpy(alphabet.table[:PLANE].astype(np.int32)))
        self.register_buffer("order", torch.arange(net.shape.reach)[None])

    def forward(self, points: Tensor, places: Tensor) -> tuple[Tensor, Tensor]:
        """Return scores and doubt of the asked places."""
        numbers = self.numbers[points.clamp(max=PLANE - 1)]  # U+FFFF, no character, stands for all planes above
        order, heads = self.order[:, : points.shape[1]], self.net.shape.heads
        stream = self.vectors[numbers]
        for layer in self.net.layers:
            query, key, value = layer.qkv(layer.norm1(stream)).split(self.net.shape.width, dim=-1)
            query, key = (Turned.apply(side, order, self.net.cos, self.net.sin, heads) for side in (query, key))
            stream = stream + layer.out(Attended.apply(query, key, value, heads))
            stream = stream + layer.down(F.gelu(layer.up(layer.norm2(stream))))
        features = self.net.norm(stream)[0]
        # 8-bit products are scaled by all that goes into them, so that all goes in here: what else is asked may not
        # change a place's scores. What is not asked is left out later.
        return self.net.foretell(features)[places].log_softmax(-1), self.net.doubt(features)[places]


def load(tables: Path, weights: Path) -> tuple[Network, Alphabet]:
    """Return the trained network and its alphabet."""
    net, alphabet = new_network(tables)
    net.load_state_dict({name: torch.from_numpy(array) for name, array in read_weights(weights).items()})
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
            custom_opsets={"com.microsoft": 1},
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
    foretell_only_what_is_asked(model.graph)
    onnx.helper.set_model_props(model, {"chars": alphabet.chars[: alphabet.size], "version": VERSION})
    onnx.save(model, str(out))


def foretell_only_what_is_asked(graph: onnx.GraphProto) -> None:
    """Pick the asked places before the last product, but after what goes into it was made 8-bit."""
    made_by = {output: node for node in graph.node for output in node.output}
    last = next(node for node in graph.node if node.op_type == "LogSoftmax")
    pick = made_by[last.input[0]]
    product = made_by[pick.input[0]]
    while product.op_type != "MatMulInteger":
        product = made_by[product.input[0]]
    last.input[0], pick.input[0] = pick.input[0], product.input[0]
    product.input[0] = pick.output[0] = "asked"  # a new name: the old one is known to hold floats
    graph.node.remove(pick)
    graph.node.insert(list(graph.node).index(product), pick)


def main() -> None:
    """Load, export."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tables", type=Path)
    parser.add_argument("weights", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    export(*load(given.tables, given.weights), given.out)
    print(f"{given.out.name}: {given.out.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
