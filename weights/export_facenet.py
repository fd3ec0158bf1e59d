"""Facenet (InceptionResnetV1, 128 numbers), from the well-known Keras file to TorchScript.

Batch norms are folded into the convolutions before them, and the residual blocks' scales into their last convolution.
Standardisation of each picture and the unit length of the result are inside the script.
"""

import io

import h5py
import numpy as np

from torchscript import Script

SIDE = 160
EPSILON = 1e-3


def export_facenet(content, path):
    """Embeddings (count, 128) of unit length for crops of 160."""
    with h5py.File(io.BytesIO(content), "r") as file:
        net = Net(file["model_weights"])
        x = standardised(net.script)
        x = stem(net, x)
        for block in range(1, 6):
            x = residual(net, x, f"Block35_{block}", block35, scale=0.17)
        x = reduction_6a(net, x)
        for block in range(1, 11):
            x = residual(net, x, f"Block17_{block}", block17, scale=0.10)
        x = reduction_7a(net, x)
        for block in range(1, 6):
            x = residual(net, x, f"Block8_{block}", block8, scale=0.20)
        x = residual(net, x, "Block8_6", block8, scale=1.0, activate=False)
        x = net.script.let(f"torch.mean({x}, [2, 3])")
        x = bottleneck(net, x)
        net.all_used()
    net.script.save(path, [net.script.unit_length(x)])


def standardised(script):
    """(x - mean) / max(deviation, 1 / sqrt(count)) over all pixels and channels of each picture."""
    x = script.planes("x")
    centred = script.let(f"torch.sub({x}, torch.mean({x}, [1, 2, 3], True))")
    variance = script.let(f"torch.mean(torch.mul({centred}, {centred}), [1, 2, 3], True)")
    least = float(1.0 / np.sqrt(SIDE * SIDE * 3))
    return script.let(f"torch.div({centred}, torch.clamp_min(torch.sqrt({variance}), {least!r}))")


def stem(net, x):
    x = net.unit(x, "Conv2d_1a_3x3", stride=2)
    x = net.unit(x, "Conv2d_2a_3x3")
    x = net.unit(x, "Conv2d_2b_3x3", same=True)
    x = net.script.max_pool(x, 3, 2)
    x = net.unit(x, "Conv2d_3b_1x1")
    x = net.unit(x, "Conv2d_4a_3x3")
    return net.unit(x, "Conv2d_4b_3x3", stride=2)


def block35(net, x, name):
    return [
        net.chain(x, f"{name}_Branch_0", "Conv2d_1x1"),
        net.chain(x, f"{name}_Branch_1", "Conv2d_0a_1x1", "Conv2d_0b_3x3"),
        net.chain(x, f"{name}_Branch_2", "Conv2d_0a_1x1", "Conv2d_0b_3x3", "Conv2d_0c_3x3"),
    ]


def block17(net, x, name):
    return [
        net.chain(x, f"{name}_Branch_0", "Conv2d_1x1"),
        net.chain(x, f"{name}_Branch_1", "Conv2d_0a_1x1", "Conv2d_0b_1x7", "Conv2d_0c_7x1"),
    ]


def block8(net, x, name):
    return [
        net.chain(x, f"{name}_Branch_0", "Conv2d_1x1"),
        net.chain(x, f"{name}_Branch_1", "Conv2d_0a_1x1", "Conv2d_0b_1x3", "Conv2d_0c_3x1"),
    ]


def residual(net, x, name, branches, scale, activate=True):
    """x + scale * projection(branches)."""
    joined = net.concatenated(branches(net, x, name))
    weight, bias = net.take(f"{name}_Conv2d_1x1", "kernel", "bias")
    projected = net.script.convolution(joined, scale * weight.transpose(3, 2, 0, 1), scale * bias)
    total = net.script.let(f"torch.add({x}, {projected})")
    return net.script.let(f"torch.relu({total})") if activate else total


def reduction_6a(net, x):
    narrow = net.unit(x, "Mixed_6a_Branch_0_Conv2d_1a_3x3", stride=2)
    wide = net.chain(x, "Mixed_6a_Branch_1", "Conv2d_0a_1x1", "Conv2d_0b_3x3")
    wide = net.unit(wide, "Mixed_6a_Branch_1_Conv2d_1a_3x3", stride=2)
    return net.concatenated([narrow, wide, net.script.max_pool(x, 3, 2)])


def reduction_7a(net, x):
    branches = []
    for branch, layers in enumerate([["0a_1x1"], ["0a_1x1"], ["0a_1x1", "0b_3x3"]]):
        name = f"Mixed_7a_Branch_{branch}"
        y = net.chain(x, name, *[f"Conv2d_{layer}" for layer in layers])
        branches.append(net.unit(y, f"{name}_Conv2d_1a_3x3", stride=2))
    return net.concatenated([*branches, net.script.max_pool(x, 3, 2)])


def bottleneck(net, x):
    (kernel,) = net.take("Bottleneck", "kernel")
    factor, offset = net.norm("Bottleneck_BatchNorm")
    return net.script.linear(x, (kernel * factor).T, offset)


class Net:
    """The Keras file's layers, each taken exactly once, and the script that is made of them."""

    def __init__(self, groups):
        self.script = Script("Facenet")
        self._groups = groups
        self._unused = {_name(layer) for layer in groups.attrs["layer_names"] if len(groups[layer].attrs["weight_names"])}

    def take(self, layer, *kinds):
        """The named weights of a layer, which must be all that it has."""
        self._unused.remove(layer)
        weights = {_name(path): self._groups[layer][path] for path in self._groups[layer].attrs["weight_names"]}
        if set(weights) != {f"{layer}/{kind}:0" for kind in kinds}:
            raise ValueError(f"layer {layer} has the weights {sorted(weights)}, not {kinds}")
        return [np.asarray(weights[f"{layer}/{kind}:0"], np.float64) for kind in kinds]

    def norm(self, layer):
        """A batch norm (without gamma) as factor and offset."""
        beta, mean, variance = self.take(layer, "beta", "moving_mean", "moving_variance")
        factor = 1.0 / np.sqrt(variance + EPSILON)
        return factor, beta - mean * factor

    def unit(self, x, layer, stride=1, same=False):
        """Convolution, batch norm and rectifier. Kernels lie (height, width, in, out) in the file."""
        (kernel,) = self.take(layer, "kernel")
        factor, offset = self.norm(f"{layer}_BatchNorm")
        padding = [(size - 1) // 2 if same else 0 for size in kernel.shape[:2]]
        x = self.script.convolution(x, (kernel * factor).transpose(3, 2, 0, 1), offset, stride, padding)
        return self.script.let(f"torch.relu({x})")

    def chain(self, x, branch, *layers):
        """Units one after another that keep the size."""
        for layer in layers:
            x = self.unit(x, f"{branch}_{layer}", same=True)
        return x

    def concatenated(self, branches):
        return self.script.let(f"torch.cat([{', '.join(branches)}], 1)")

    def all_used(self):
        if self._unused:
            raise ValueError(f"weights that no layer used: {sorted(self._unused)}")


def _name(text):
    return text.decode() if isinstance(text, bytes) else text
