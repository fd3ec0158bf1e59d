#!/usr/bin/env python3
"""Tests of the exporters. Numbers are compared where torch can be imported; elsewhere a test in Rust does that."""

import functools
import hashlib
import http.server
import importlib.util
import pathlib
import tempfile
import threading
import tomllib
import unittest
import zipfile

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import make_example_onnx as example
import operator_models
import synthetic
import user_models
from export_onnx import convert
from manifest import Manifest, Problem
from onnx_graph import Graph, Unsupported
from torchscript import Script

TORCH = importlib.util.find_spec("torch") is not None


def run(path, x):
    import torch

    return torch.jit.load(str(path))(torch.from_numpy(x)).numpy()


def one_node(kind, shape, constants=(), opset=13, rank=None, **attributes):
    """A model of one operation on one input; `rank` of the result where it is not the input's."""
    names = [f"c{number}" for number in range(len(constants))]
    node = helper.make_node(kind, ["x", *names], ["y"], kind.lower(), **attributes)
    graph = helper.make_graph(
        [node],
        "one",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [None] * (len(shape) if rank is None else rank))],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in zip(names, constants)],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


class Temporary(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)


class Operations(Temporary):
    def check(self, kind, shape, constants=(), opset=13, rank=None, **attributes):
        from onnx.reference import ReferenceEvaluator

        model = one_node(kind, shape, constants, opset, rank, **attributes)
        x = np.random.default_rng(1).uniform(0.1, 2, shape).astype(np.float32)
        script, graph = Script("One"), Graph(model.SerializeToString())
        path = self.folder / "one.pt"
        script.save(path, convert(graph, script, "x"))
        if TORCH:
            (wanted,) = ReferenceEvaluator(model).run(None, {"x": x})
            got = run(path, x)
            self.assertEqual(got.shape, wanted.shape, kind)
            np.testing.assert_allclose(got, wanted, atol=1e-5, err_msg=kind)

    def test_each_operation_gives_what_the_reference_evaluator_gives(self):
        f = functools.partial(np.array, dtype=np.float32)
        i = functools.partial(np.array, dtype=np.int64)
        kernel = np.random.default_rng(2).uniform(-1, 1, (4, 1, 3, 3)).astype(np.float32)
        p = (2, 4, 6, 8)
        for kind in ("Relu", "Sigmoid", "Reciprocal", "Sqrt", "Identity", "Dropout", "GlobalAveragePool", "LeakyRelu"):
            self.check(kind, p)
        for kind in ("Add", "Mul", "Sub", "Div", "Pow"):
            self.check(kind, p, [f(1.5)])
            self.check(kind, p, [np.arange(1, 5, dtype=np.float32).reshape(4, 1, 1)])
        self.check("Conv", p, [kernel], group=4, pads=[0, 1, 2, 1], strides=[2, 1])
        self.check("Conv", p, [kernel], group=4, dilations=[2, 2])
        # Before opset 14 the evaluator mixes in the mean of the batch, as if to train.
        self.check("BatchNormalization", p, [f([1, 2, 3, 4])] * 4, opset=15, epsilon=1e-2)
        self.check("BatchNormalization", (2, 4), [f([1, 2, 3, 4])] * 4, opset=15)
        self.check("PRelu", p, [f([1, 2, 3, 4]).reshape(4, 1, 1)])
        self.check("Clip", p, [f(0.5), f(1)])
        self.check("Clip", p, opset=6, min=0.5, max=1.0)
        self.check("MaxPool", p, kernel_shape=[3, 3], strides=[2, 2], pads=[0, 0, 1, 1])
        self.check("AveragePool", p, kernel_shape=[2, 2], strides=[2, 2])
        self.check("Flatten", p, rank=2)
        self.check("Reshape", p, [i([0, -1])], rank=2)
        self.check("Reshape", p, [i([2, -1, 4])], rank=3)
        self.check("Reshape", p, [i([-1, 8, 24])], rank=3)
        self.check("Gemm", (2, 4), [np.eye(4, dtype=np.float32), f([1, 2, 3, 4])], alpha=2.0, beta=0.5)
        self.check("MatMul", (2, 4), [np.ones((4, 3), np.float32)])
        self.check("Transpose", p, perm=[0, 2, 3, 1])
        self.check("Softmax", (2, 5))
        self.check("Squeeze", (2, 4, 1, 1), [i([2, 3])], rank=2)
        self.check("Squeeze", (2, 4, 1, 1), opset=11, rank=2, axes=[-1, 2])
        self.check("Unsqueeze", (2, 4), [i([2, 3])], rank=4)
        self.check("Pad", p, [i([0, 0, 1, 2, 0, 0, 3, 4]), f(0.5)])
        self.check("ReduceMean", p, rank=2, axes=[2, 3], keepdims=0)
        self.check("ReduceSum", p, [i([-1])])
        self.check("ReduceL2", (2, 4), axes=[1])
        self.check("LpNormalization", (2, 4), axis=1)
        self.check("Resize", p, [f([]), f([1, 1, 2, 2])], mode="nearest", coordinate_transformation_mode="asymmetric",
                   nearest_mode="floor")
        self.check("Upsample", p, [f([1, 1, 2, 2])], opset=9, mode="nearest")

    def test_a_shape_that_the_file_computes_keeps_the_count_free(self):
        """What torch writes for x.view(x.size(0), -1) of a net with a free first dimension."""
        nodes = [
            helper.make_node("Shape", ["x"], ["shape"]),
            helper.make_node("Gather", ["shape", "zero"], ["count"], axis=0),
            helper.make_node("Unsqueeze", ["count", "axes"], ["row"]),
            helper.make_node("Concat", ["row", "rest"], ["wanted"], axis=0),
            helper.make_node("Reshape", ["x", "wanted"], ["y"]),
        ]
        fixed = {"zero": np.array(0), "axes": np.array([0]), "rest": np.array([-1])}
        graph = helper.make_graph(
            nodes,
            "view",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 2, 3])],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, [None, None])],
            [numpy_helper.from_array(value, name) for name, value in fixed.items()],
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
        script = Script("View")
        script.save(self.folder / "view.pt", convert(Graph(model.SerializeToString()), script, "x"))
        if TORCH:
            self.assertEqual(run(self.folder / "view.pt", np.zeros((5, 2, 3), np.float32)).shape, (5, 6))

    def test_what_is_not_known_is_named(self):
        rows = [
            (one_node("Softplus", (1, 4)), "node softplus (Softplus): this operation is not known"),
            (one_node("Flatten", (1, 4, 2), rank=2, axis=0), "node flatten (Flatten): only axis 1"),
            (one_node("Softmax", (1, 4), axis=0), "node softmax (Softmax): axis 0"),
            (one_node("Reshape", (2, 4), [np.array([4, 2])]), "node reshape (Reshape): the shape [4, 2]"),
            (one_node("Resize", (1, 2, 4, 4), [np.array([], np.float32), np.array([1, 1, 2, 2], np.float32)],
                      mode="linear"), "only the mode nearest"),
            (one_node("AveragePool", (1, 2, 4, 4), kernel_shape=[2, 2], auto_pad="SAME_UPPER"), "auto_pad"),
        ]
        for model, text in rows:
            with self.assertRaises(Unsupported) as raised:
                convert(Graph(model.SerializeToString()), Script("One"), "x")
            self.assertIn(text, str(raised.exception))
        with self.assertRaises(Unsupported):
            Graph(b"no onnx")


class UserModels(Temporary):
    def setUp(self):
        super().setUp()
        (self.folder / user_models.FOLDER).mkdir()
        self.onnx = self.folder / user_models.FOLDER / "net.onnx"
        example.main(self.onnx)

    def entry(self, **changes):
        digest = hashlib.sha256(self.onnx.read_bytes()).hexdigest()
        entry = {"id": "mine", "path": "net.onnx", "sha256": digest, **example.ENTRY, **changes}
        entry = {key: value for key, value in entry.items() if value is not None}
        (self.folder / user_models.FOLDER / "mine.toml").write_text(user_models.table(entry))

    def bring(self):
        user_models.bring_up_to_date(self.folder, {"facenet"}, b"")

    def test_an_onnx_file_becomes_an_archive_like_ours(self):
        self.entry(calibration=[[0.1, 0.2], [0.01, 0.4]])
        self.bring()
        results = self.folder / user_models.RESULTS
        (effective,) = tomllib.loads((results / "mine.toml").read_text())["model"]
        self.assertEqual(effective["sha256"], hashlib.sha256((results / "mine.pt").read_bytes()).hexdigest())
        prepared = (effective["colour"], effective["input_layout"], effective["unit_length"])
        self.assertEqual(prepared, ("rgb", "nhwc", True))
        self.assertEqual(effective["calibration"], [[0.1, 0.2], [0.01, 0.4]])
        if TORCH:
            pictures = synthetic.pictures((2, example.SIDE, example.SIDE, 3))
            wanted = example.expected(pictures.astype(np.float64))
            np.testing.assert_allclose(run(results / "mine.pt", pictures), wanted, atol=1e-5)
            self.assertEqual(run(results / "mine.pt", pictures[:0]).shape, (0, example.DIMENSION))
        before = (results / "mine.pt").stat().st_mtime_ns
        self.bring()
        self.assertEqual((results / "mine.pt").stat().st_mtime_ns, before, "nothing was to be done")
        (self.folder / user_models.FOLDER / "mine.toml").unlink()
        self.bring()
        self.assertEqual(list(results.iterdir()), [], "without its entry it goes")

    def test_an_archive_is_copied(self):
        archive = self.folder / user_models.FOLDER / "net.pt"
        with zipfile.ZipFile(archive, "w") as file:
            file.writestr("net/code/__torch__.py", "")
        content = archive.read_bytes()
        self.entry(path="net.pt", sha256=hashlib.sha256(content).hexdigest())
        self.bring()
        results = self.folder / user_models.RESULTS
        self.assertEqual((results / "mine.pt").read_bytes(), content)
        (effective,) = tomllib.loads((results / "mine.toml").read_text())["model"]
        self.assertEqual((effective["colour"], effective["scale"], effective["unit_length"]), ("bgr", 128.0, False))

    def test_wrong_entries_are_refused_by_file_and_key(self):
        rows = [
            ({key: None}, f"mine.toml: model mine: {key}: is missing") for key in user_models.REQUIRED if key != "id"
        ] + [
            ({"id": None}, "mine.toml: id: is missing"),
            ({"id": "facenet"}, "id: there is another model facenet"),
            ({"id": "../x"}, "id: must be"),
            ({"scale": 0}, "scale: must be"),
            ({"mean": [1, 2]}, "mean: must be"),
            ({"colour": "grey"}, "colour: must be"),
            ({"input_shape": [3, 112, 112]}, "input_shape: must be [height, width, 3]"),
            ({"calibration": [[0.01, 0.4], [0.1, 0.2]]}, "calibration: must be"),
            ({"mirrored": True}, "mirrored: there is no such key"),
            ({"sha256": "0" * 64}, "expected sha256"),
            ({"path": "other.onnx"}, "other.onnx is not there"),
            ({"dimension": 17}, "its output is"),
            ({"input_shape": [64, 64, 3]}, "its input is"),
        ]
        for changes, text in rows:
            self.entry(**changes)
            with self.assertRaises(Problem, msg=changes) as raised:
                self.bring()
            self.assertIn(text, str(raised.exception))


class OperatorModels(Temporary):
    def setUp(self):
        super().setUp()
        self.place, self.packages = self.folder / "place", self.folder / "packages"
        self.place.mkdir(), self.packages.mkdir()
        self.model = {"id": "net", "file_name": "net.pth", "source_sha256": hashlib.sha256(b"right").hexdigest()}

    def find(self, place):
        return operator_models.find(self.model, self.packages, place and str(place))

    def test_a_file_is_checked_and_kept(self):
        self.assertIsNone(self.find(None))
        self.assertIsNone(self.find(self.place))
        (self.place / "net.pth").write_bytes(b"wrong")
        with self.assertRaises(Problem) as raised:
            self.find(self.place)
        for text in ("net.pth", self.model["source_sha256"], hashlib.sha256(b"wrong").hexdigest()):
            self.assertIn(text, str(raised.exception))
        self.assertEqual(list(self.packages.iterdir()), [])
        (self.place / "net.pth").write_bytes(b"right")
        self.assertEqual(self.find(self.place).read_bytes(), b"right")
        self.assertEqual(self.find(None).read_bytes(), b"right")

    def test_an_address_serves_as_well(self):
        class Quiet(http.server.SimpleHTTPRequestHandler):
            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=self.place))
        self.addCleanup(server.server_close)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.shutdown)
        url = f"http://127.0.0.1:{server.server_port}/"
        self.assertIsNone(self.find(url))
        (self.place / "net.pth").write_bytes(b"right")
        self.assertEqual(self.find(url).read_bytes(), b"right")

    def test_other_places_are_refused(self):
        for place in ("http://example.invalid/", "ftp://example.invalid/", self.folder / "nowhere"):
            with self.assertRaises(Problem):
                self.find(place)

    def test_every_model_of_the_manifest_has_one_origin(self):
        for model in Manifest.read().models:
            self.assertEqual(("package" in model) + (model.get("from") == "operator"), 1, model["id"])


if __name__ == "__main__":
    unittest.main()
