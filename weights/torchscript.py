"""Writes TorchScript archives with numpy alone, so that no machine needs Python's torch to make them.

An archive is a zip file without compression:

    NAME/data.pkl                 the module object: an instance of __torch__.NAME without attributes
    NAME/code/__torch__.py        the class NAME with its `forward`, as text
    NAME/constants.pkl            a tuple of tensors, called CONSTANTS.c0, CONSTANTS.c1, ... in the text
    NAME/constants/0, 1, ...      their values, raw and little-endian, each at a multiple of 64 bytes
    NAME/version, NAME/byteorder

All weights are constants, which is what torch calls a frozen module: there is nothing to train and nothing to set.
Loading onto a device puts the constants there too.
Equal inputs give equal files, byte for byte: there are no times in them.
"""

import os
import struct
import zipfile

import numpy as np

ALIGNMENT = 64
FORMAT_VERSION = b"4\n"
EPOCH = (1980, 1, 1, 0, 0, 0)


class Script:
    """A forward function under construction: lines of code and the constants that they name."""

    def __init__(self, name):
        self.name = name
        self._lines = []
        self._constants = []

    def let(self, expression):
        """Adds `vN = expression` and gives the name of the new variable."""
        variable = f"v{len(self._lines)}"
        self._lines.append(f"    {variable} = {expression}\n")
        return variable

    def constant(self, values):
        """Adds a float32 tensor; a 4-d one is laid out channels-last, as the pictures are."""
        array = np.ascontiguousarray(values, dtype="<f4")
        if array.ndim == 4:
            count, channels, height, width = array.shape
            strides = (height * width * channels, 1, width * channels, channels)
            stored = np.ascontiguousarray(array.transpose(0, 2, 3, 1))
        else:
            strides = tuple(int(np.prod(array.shape[axis + 1 :])) for axis in range(array.ndim))
            stored = array
        self._constants.append((array.shape, strides, stored.tobytes()))
        return f"CONSTANTS.c{len(self._constants) - 1}"

    def convolution(self, x, weight, bias, stride=1, padding=(0, 0), groups=1):
        """Adds a 2-d convolution; `weight` is (out, in / groups, height, width)."""
        if weight.shape[2:] == (1, 1) and (stride, groups, *padding) == (1, 1, 0, 0):
            # The same as a dense layer at every pixel, which is one multiplication of matrices for all pictures
            # together; torch's convolution makes one for each picture. A tenth of Facenet's time.
            pixels = self.linear(f"torch.permute({x}, [0, 2, 3, 1])", weight.reshape(len(weight), -1), bias)
            return self.let(f"torch.permute({pixels}, [0, 3, 1, 2])")
        kernel = self.constant(weight)
        offset = self.constant(bias)
        return self.let(
            f"torch.conv2d({x}, {kernel}, {offset}, [{stride}, {stride}], "
            f"[{padding[0]}, {padding[1]}], [1, 1], {groups})"
        )

    def linear(self, x, weight, bias):
        """Adds a dense layer; `weight` is (out, in)."""
        return self.let(f"torch.linear({x}, {self.constant(weight)}, {self.constant(bias)})")

    def prelu(self, x, slope):
        """Adds a rectifier with one slope for each channel."""
        return self.let(f"torch.prelu({x}, {self.constant(slope)})")

    def max_pool(self, x, size, stride, ceil_mode=False):
        """Adds a maximum over windows; with `ceil_mode` a last, incomplete window counts."""
        return self.let(
            f"torch.max_pool2d({x}, [{size}, {size}], [{stride}, {stride}], [0, 0], [1, 1], {ceil_mode})"
        )

    def planes(self, pictures):
        """Turns pictures (count, height, width, channel) of any number type into float32 (count, channel, height,
        width). The values do not move: what comes out is laid out channels-last, and so is all that follows from it."""
        return self.let(f"torch.to(torch.permute({pictures}, [0, 3, 1, 2]), 6)")

    def unit_length(self, x):
        """Divides every row by its length."""
        return self.let(f"torch.div({x}, torch.clamp_min(torch.sqrt(torch.sum(torch.mul({x}, {x}), [1], True)), 1e-12))")

    def save(self, path, results):
        """Writes the archive; `forward` returns the named variable, or a tuple when there are several."""
        if len(results) == 1:
            returns, value = "Tensor", results[0]
        else:
            returns, value = f"Tuple[{', '.join(['Tensor'] * len(results))}]", f"({', '.join(results)})"
        code = (
            f"class {self.name}(Module):\n"
            "  __parameters__ = []\n"
            "  __buffers__ = []\n"
            f"  def forward(self: __torch__.{self.name},\n"
            f"    x: Tensor) -> {returns}:\n"
            f"{''.join(self._lines)}"
            f"    return {value}\n"
        )
        entries = [("data.pkl", _pickle_module(self.name)), ("code/__torch__.py", code.encode())]
        entries += [(f"constants/{key}", raw) for key, (_, _, raw) in enumerate(self._constants)]
        entries.append(("constants.pkl", _pickle_tensors(self._constants)))
        entries += [("version", FORMAT_VERSION), ("byteorder", b"little")]
        _write_archive(path, self.name, entries)


def _write_archive(path, name, entries):
    """Writes a stored zip with every entry's bytes aligned; it is put in place by a rename, whole or not at all."""
    temporary = f"{path}.part"
    with zipfile.ZipFile(temporary, "w", zipfile.ZIP_STORED) as archive:
        for entry, content in entries:
            info = zipfile.ZipInfo(f"{name}/{entry}", EPOCH)
            begin = archive.fp.tell() + zipfile.sizeFileHeader + len(info.filename.encode()) + 4
            padding = -begin % ALIGNMENT
            # An extra field of a private kind ("FB", as torch itself uses) fills the space up to the boundary.
            info.extra = b"FB" + struct.pack("<H", padding) + bytes(padding)
            archive.writestr(info, content)
        archive.fp.flush()
        os.fsync(archive.fp.fileno())
    os.replace(temporary, path)


# The two pickles, opcode by opcode (protocol 2). Only what torch's own reader expects is in them.

_PROTOCOL, _STOP = b"\x80\x02", b"."
_MARK, _TUPLE, _EMPTY_TUPLE, _EMPTY_DICT = b"(", b"t", b")", b"}"
_NEW_OBJECT, _SET_ITEMS, _BUILD, _REDUCE, _PERSISTENT_ID, _FALSE = b"\x81", b"u", b"b", b"R", b"Q", b"\x89"


def _global(module, name):
    return f"c{module}\n{name}\n".encode()


def _text(value):
    return b"X" + struct.pack("<I", len(value)) + value.encode()


def _integer(value):
    return b"J" + struct.pack("<i", value)


def _tuple(items):
    return _MARK + b"".join(items) + _TUPLE


def _pickle_module(name):
    instance = _global("__torch__", name) + _EMPTY_TUPLE + _NEW_OBJECT
    return _PROTOCOL + instance + _EMPTY_DICT + _MARK + _SET_ITEMS + _BUILD + _STOP


def _pickle_tensors(constants):
    tensors = []
    for key, (shape, strides, raw) in enumerate(constants):
        storage = _tuple(
            [_text("storage"), _global("torch", "FloatStorage"), _text(str(key)), _text("cpu"), _integer(len(raw) // 4)]
        )
        parts = [
            storage + _PERSISTENT_ID,
            _integer(0),
            _tuple([_integer(size) for size in shape]),
            _tuple([_integer(step) for step in strides]),
            _FALSE,
            _global("collections", "OrderedDict") + _EMPTY_TUPLE + _REDUCE,
        ]
        tensors.append(_global("torch._utils", "_rebuild_tensor_v2") + _tuple(parts) + _REDUCE)
    return _PROTOCOL + _tuple(tensors) + _STOP
