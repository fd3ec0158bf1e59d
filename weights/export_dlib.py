"""dlib's face recognition ResNet (128 numbers), from dlib's own file to TorchScript.

Of the file only the layers that have weights are read: each begins with its name, followed by its tensor. They come in
the order from input to output. The rest of the network, which has no weights, is as dlib's example declares it: a
convolution of 7 and a pool, then residual blocks of two convolutions of 3. A block that halves the side adds a shortcut
through an average pool; where one of the two is larger, in planes or in side, the other gets zeros at its end.

dlib's affine layers (which stand for batch norms) and, in the first convolution, which has no padding, the normalisation
of pixels are folded into the convolutions. dlib's own vectors are not of unit length; these are.

Format: dlib's serialize.h and dnn/layers.h. Network: dlib's examples/dnn_face_recognition_ex.cpp.
"""

import re

import numpy as np

from torchscript import Script

SIDE = 150
# The planes of every residual block in their order, and whether it halves the side.
BLOCKS = [
    *[(32, False)] * 3,
    *[(64, True), (64, False), (64, False), (64, False)],
    *[(128, True), (128, False), (128, False)],
    *[(256, True), (256, False), (256, False)],
    (256, True),
]
TAG = re.compile(rb"\x01[\x05\x07\x04\x15](con_4|affine_|fc_2|input_rgb_image_sized)")
# Between two layers with weights stand only names and settings. What is longer would be weights that were overlooked.
LARGEST_GAP = 2000


def export_dlib(content, path):
    """Embeddings (count, 128) of unit length for crops of 150."""
    file = File(content)
    mean = file.input_mean()
    script = Script("DlibResNet")
    weight, bias, stride, padding = file.convolution()
    weight = weight / 256
    bias = bias - np.einsum("oihw,i->o", weight, mean)
    x = script.let(f"torch.relu({script.convolution(script.planes('x'), weight, bias, stride, padding)})")
    x = script.max_pool(x, 3, 2)
    # The pool's result is (150 - 7) / 2 + 1 = 72 wide before it and (72 - 3) / 2 + 1 = 35 after it.
    side, planes = 35, 32
    for block in BLOCKS:
        x, side, planes = residual(script, file, x, side, planes, *block)
    x = script.let(f"torch.mean({x}, [2, 3])")
    x = script.let(f"torch.matmul({x}, {script.constant(file.dense())})")
    file.all_used()
    script.save(path, [script.unit_length(x)])


def residual(script, file, x, side, planes, planes_after, halves):
    """One block; gives its result with the result's side and planes."""
    first, second = file.convolution(), file.convolution()
    if (len(first[0]), first[2], second[2]) != (planes_after, 2 if halves else 1, 1):
        raise ValueError("a residual block is not the expected one")
    change = script.let(f"torch.relu({script.convolution(x, *first)})")
    change = script.convolution(change, *second)
    if not halves:
        return script.let(f"torch.relu(torch.add({change}, {x}))"), side, planes
    changed, pooled = (side - 3) // 2 + 1, side // 2
    shortcut = script.let(f"torch.avg_pool2d({x}, [2, 2], [2, 2])")
    side_after = max(changed, pooled)
    change = extended(script, change, side_after - changed, 0)
    shortcut = extended(script, shortcut, side_after - pooled, planes_after - planes)
    return script.let(f"torch.relu(torch.add({change}, {shortcut}))"), side_after, planes_after


def extended(script, x, pixels, planes):
    """Zeros at the right, at the bottom, and as the last planes."""
    if (pixels, planes) == (0, 0):
        return x
    return script.let(f"torch.constant_pad_nd({x}, [0, {pixels}, 0, {pixels}, 0, {planes}])")


class File:
    """A cursor over dlib's file that goes from one layer with weights to the next."""

    def __init__(self, content):
        self._content = content
        self._position = 0

    def input_mean(self):
        """What is subtracted of red, green and blue before the division by 256."""
        self._layer(b"input_rgb_image_sized")
        mean = np.array([self._float() for _ in range(3)])
        if [self._integer(), self._integer()] != [SIDE, SIDE]:
            raise ValueError("the input is of an unexpected size")
        return mean

    def convolution(self):
        """(weight, bias, stride, padding) of a convolution and the affine layer after it."""
        self._layer(b"con_4")
        values = self._tensor()
        count, height, width, *strides = (self._integer() for _ in range(5))
        padding = (self._integer(), self._integer())
        version, *shape = (self._integer() for _ in range(5))
        weights = int(np.prod(shape))
        if (version, *shape[2:], count) != (1, height, width, shape[0]) or values.size != weights + count:
            raise ValueError("a convolution is of an unexpected shape")
        if strides[0] != strides[1]:
            raise ValueError("a convolution has two strides")
        weight, bias = values[:weights].reshape(shape), values[weights:]
        self._layer(b"affine_")
        gamma, beta = self._tensor().reshape(2, count)
        return weight * gamma.reshape(-1, 1, 1, 1), gamma * bias + beta, strides[0], padding

    def dense(self):
        """The last layer's matrix (in, out); it has no bias."""
        self._layer(b"fc_2")
        outputs, inputs = self._integer(), self._integer()
        return self._tensor().reshape(inputs, outputs)

    def all_used(self):
        if TAG.search(self._content, self._position) or len(self._content) - self._position > LARGEST_GAP:
            raise ValueError("weights that no layer used")

    def _layer(self, name):
        """Goes to the next layer with weights, which must be of this kind."""
        found = TAG.search(self._content, self._position)
        if not found or found[1] != name or found.start() - self._position > LARGEST_GAP:
            raise ValueError(f"no layer {name.decode()} where it should be")
        self._position = found.end()

    def _integer(self):
        control = self._content[self._position]
        begin = self._position + 1
        self._position = begin + (control & 15)
        magnitude = int.from_bytes(self._content[begin : self._position], "little")
        return -magnitude if control & 128 else magnitude

    def _float(self):
        mantissa = self._integer()
        return mantissa * 2.0 ** self._integer()

    def _tensor(self):
        """A tensor's values in a row, in float64 so that folding does not round."""
        version, *shape = (self._integer() for _ in range(5))
        if version != 2:
            raise ValueError("a tensor of another version")
        values = np.frombuffer(self._content, "<f4", int(np.prod(shape)), self._position)
        self._position += values.nbytes
        return values.astype(np.float64)
