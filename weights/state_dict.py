"""Reads a torch state dict into numpy arrays, without torch and without running anything that the file says.

A pickle may name any function to be called on loading. Here only the four names that a plain state dict needs are
answered, with functions of this file; every other name is refused. Both of torch's formats are read: the zip archive and
the older sequence of pickles followed by raw storages.
"""

import collections
import io
import pickle
import struct
import zipfile

import numpy as np

LEGACY_MAGIC = 0x1950A86A20F9469CFC6C
LEGACY_PROTOCOL = 1001
DTYPES = {
    "FloatStorage": "<f4",
    "DoubleStorage": "<f8",
    "HalfStorage": "<f2",
    "LongStorage": "<i8",
    "IntStorage": "<i4",
    "ByteStorage": "|u1",
}


class UnsafeFile(ValueError):
    """The file is not a plain state dict."""


def read(content):
    """Gives {name: array} of a state dict file's bytes."""
    if zipfile.is_zipfile(io.BytesIO(content)):
        return _read_zip(zipfile.ZipFile(io.BytesIO(content)))
    return _read_legacy(io.BytesIO(content))


def _read_zip(archive):
    (index,) = [name for name in archive.namelist() if name.endswith("/data.pkl")]
    folder = index.removesuffix("data.pkl")

    def storage(kind, key, count):
        return np.frombuffer(archive.read(f"{folder}data/{key}"), DTYPES[kind], count)

    return _arrays(_Reader(archive.open(index), storage).load())


def _read_legacy(file):
    plain = _Reader(file, storage=None)
    if plain.load() != LEGACY_MAGIC or _Reader(file, None).load() != LEGACY_PROTOCOL:
        raise UnsafeFile("neither a zip archive nor torch's older format")
    system = _Reader(file, None).load()
    if not system["little_endian"]:
        raise UnsafeFile("big-endian files are not read")
    # The storages come after the objects that refer to them, so the objects are given arrays that are filled later.
    storages = {}

    def storage(kind, key, count):
        return storages.setdefault(key, np.zeros(count, DTYPES[kind]))

    state = _Reader(file, storage).load()
    for key in _Reader(file, None).load():
        (count,) = struct.unpack("<q", file.read(8))
        if key not in storages or storages[key].size != count:
            raise UnsafeFile(f"storage {key} is of an unexpected size")
        storages[key][:] = np.frombuffer(file.read(storages[key].nbytes), storages[key].dtype)
    return _arrays(state)


def _arrays(state):
    if not isinstance(state, dict) or not all(isinstance(array, np.ndarray) for array in state.values()):
        raise UnsafeFile("not a dictionary of tensors")
    return {name: np.array(array) for name, array in state.items()}


class _StorageKind(str):
    """The name of a storage class, standing for the class."""


class _Reader(pickle.Unpickler):
    def __init__(self, file, storage):
        super().__init__(file)
        self._storage = storage

    def find_class(self, module, name):
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _tensor
        if (module, name) == ("torch._utils", "_rebuild_parameter"):
            return lambda data, requires_grad, hooks: data
        if module == "torch" and name in DTYPES:
            return _StorageKind(name)
        raise UnsafeFile(f"the file asks for {module}.{name}")

    def persistent_load(self, reference):
        tag, kind, key, _location, count = reference[:5]
        if self._storage is None or tag != "storage" or not isinstance(kind, _StorageKind):
            raise UnsafeFile("the file refers to something that is no storage")
        if len(reference) > 5 and reference[5] is not None:
            raise UnsafeFile("views of storages are not read")
        return self._storage(kind, key, count)


def _tensor(storage, offset, size, stride, *_rest):
    span = 1 + sum((length - 1) * step for length, step in zip(size, stride))
    if any(length < 0 for length in size) or min(stride, default=0) < 0 or not 0 <= offset <= storage.size - span:
        raise UnsafeFile("a tensor lies outside its storage")
    strides = [step * storage.itemsize for step in stride]
    return np.lib.stride_tricks.as_strided(storage[offset:], size, strides, writeable=False)
