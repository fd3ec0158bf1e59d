"""MTCNN's three networks, from facenet-pytorch's state dicts to TorchScript.

Each takes pictures as a camera and OpenCV have them, (count, height, width, RGB) with values 0 to 255. Normalisation is
folded into the first convolution, which has no padding. Each head's layers are one: the two-way softmax is a sigmoid of the difference of its two logits, which is the same
number, and box offsets and landmarks are more rows of the same matrix.
"""

import numpy as np

import state_dict
from torchscript import Script

MEAN, SCALE = 127.5, 0.0078125


def export_pnet(content, path):
    """Offsets (count, 4, rows, columns) and probability (count, rows, columns) for every window of 12 at a stride of 2."""
    layers = Layers(state_dict.read(content))
    script = Script("PNet")
    x = trunk(script, layers, pools={1: 2}, convolutions=3)
    x = script.convolution(x, *head(layers, "conv4_1", "conv4_2"))
    layers.all_used()
    probability = script.let(f"torch.sigmoid(torch.select({x}, 1, 0))")
    script.save(path, [script.let(f"torch.slice({x}, 1, 1, 5)"), probability])


def export_rnet(content, path):
    """Offsets (count, 4) and probability (count) for crops of 24."""
    layers = Layers(state_dict.read(content))
    script = Script("RNet")
    x = trunk(script, layers, pools={1: 3, 2: 3}, convolutions=3)
    x = dense(script, layers, x, "4", planes=64, side=3)
    x = script.linear(x, *head(layers, "dense5_1", "dense5_2"))
    layers.all_used()
    probability = script.let(f"torch.sigmoid(torch.select({x}, 1, 0))")
    script.save(path, [script.let(f"torch.slice({x}, 1, 1, 5)"), probability])


def export_onet(content, path):
    """Offsets (count, 4), probability (count) and landmarks (count, 10) for crops of 48."""
    layers = Layers(state_dict.read(content))
    script = Script("ONet")
    x = trunk(script, layers, pools={1: 3, 2: 3, 3: 2}, convolutions=4)
    x = dense(script, layers, x, "5", planes=128, side=3)
    x = script.linear(x, *head(layers, "dense6_1", "dense6_2", "dense6_3"))
    layers.all_used()
    probability = script.let(f"torch.sigmoid(torch.select({x}, 1, 0))")
    offsets = script.let(f"torch.slice({x}, 1, 1, 5)")
    script.save(path, [offsets, probability, script.let(f"torch.slice({x}, 1, 5, 15)")])


def convolution(layers, step):
    """Weight and bias; the first one's such that it takes values 0 to 255 where the file's takes -1 to 1."""
    weight, bias = layers.take(f"conv{step}")
    if step > 1:
        return weight, bias
    weight = SCALE * weight.astype(np.float64)
    return weight, bias - MEAN * weight.sum((1, 2, 3))


def trunk(script, layers, pools, convolutions):
    """Convolutions and rectifiers; `pools` says after which of them a window of what size follows."""
    x = script.planes("x")
    for step in range(1, convolutions + 1):
        x = script.convolution(x, *convolution(layers, step))
        x = script.prelu(x, *layers.take(f"prelu{step}", "weight"))
        if step in pools:
            x = script.max_pool(x, pools[step], 2, ceil_mode=True)
    return x


def dense(script, layers, x, step, planes, side):
    """The first dense layer. The file counts its inputs (column, row, channel); channels-last order is (row, column,
    channel), so its columns are put in that order and the flattening costs nothing."""
    weight, bias = layers.take(f"dense{step}")
    weight = weight.reshape(-1, side, side, planes).transpose(0, 2, 1, 3).reshape(len(weight), -1)
    x = script.let(f"torch.flatten(torch.permute({x}, [0, 2, 3, 1]), 1)")
    x = script.linear(x, weight, bias)
    return script.prelu(x, *layers.take(f"prelu{step}", "weight"))


def head(layers, classes, *others):
    """One layer for all outputs: face minus no face, then the rows of the others."""
    weight, bias = layers.take(classes)
    rows = [(weight[1:] - weight[:1], bias[1:] - bias[:1])] + [layers.take(name) for name in others]
    return np.concatenate([weight for weight, _ in rows]), np.concatenate([bias for _, bias in rows])


class Layers:
    """A state dict whose tensors are each taken exactly once."""

    def __init__(self, state):
        self._state = dict(state)

    def take(self, layer, *kinds):
        return [self._state.pop(f"{layer}.{kind}") for kind in kinds or ("weight", "bias")]

    def all_used(self):
        if self._state:
            raise ValueError(f"weights that no layer used: {sorted(self._state)}")
