#!/usr/bin/env python3
"""Writes a small face encoder as ONNX, for tests: random weights from a fixed seed, the operations of real encoders.

    weights/make_example_onnx.py OUT.onnx [EXPECTED.json]

EXPECTED.json gets what it makes of two synthetic pictures (synthetic.py) with the entry ENTRY, in the form of
references/*.json. It is computed here with numpy, apart from the converter.
"""

import json
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import synthetic

SIDE, PLANES, DIMENSION, EPSILON = 32, 8, 16, 1e-3
ENTRY = {
    "role": "encoder",
    "input_shape": [SIDE, SIDE, 3],
    "input_layout": "nchw",
    "colour": "bgr",
    "mean": [104.0, 117.0, 123.0],
    "scale": 128.0,
    "alignment": "arcface-112",
    "dimension": DIMENSION,
    "contract": "example-16/1",
}


def weights():
    random = np.random.default_rng(20261121)

    def values(*shape, low=-1.0, high=1.0):
        return random.uniform(low, high, shape).astype(np.float32)

    return {
        "kernel": values(PLANES, 3, 3, 3),
        "gamma": values(PLANES, low=0.5, high=2.0),
        "beta": values(PLANES),
        "mean": values(PLANES),
        "variance": values(PLANES, low=0.5, high=2.0),
        "slope": values(PLANES, 1, 1, low=0.0, high=0.5),
        "matrix": values(DIMENSION, PLANES),
        "offset": values(DIMENSION, low=-0.1, high=0.1),
    }


def model():
    """Convolution of stride 2, batch norm, rectifier with slopes, global mean, dense layer."""
    window = {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1] * 4}
    norm = ["c", "gamma", "beta", "mean", "variance"]
    nodes = [
        helper.make_node("Conv", ["picture", "kernel"], ["c"], "conv", **window),
        helper.make_node("BatchNormalization", norm, ["n"], "norm", epsilon=EPSILON),
        helper.make_node("PRelu", ["n", "slope"], ["r"], "rectifier"),
        helper.make_node("GlobalAveragePool", ["r"], ["g"], "pool"),
        helper.make_node("Flatten", ["g"], ["f"], "flatten", axis=1),
        helper.make_node("Gemm", ["f", "matrix", "offset"], ["embedding"], "dense", transB=1),
    ]
    graph = helper.make_graph(
        nodes,
        "example",
        [helper.make_tensor_value_info("picture", TensorProto.FLOAT, [1, 3, SIDE, SIDE])],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, [1, DIMENSION])],
        [numpy_helper.from_array(array, name) for name, array in weights().items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)


def expected(pictures):
    """Embeddings of unit length for interleaved RGB pictures, step by step in float64."""
    w = {name: array.astype(np.float64) for name, array in weights().items()}
    x = (pictures[..., ::-1] - np.array(ENTRY["mean"])) / ENTRY["scale"]
    x = np.pad(x, [(0, 0), (1, 1), (1, 1), (0, 0)])
    windows = np.lib.stride_tricks.sliding_window_view(x, (3, 3), (1, 2))[:, ::2, ::2]
    x = np.einsum("nyxchw,ochw->nyxo", windows, w["kernel"])
    x = (x - w["mean"]) / np.sqrt(w["variance"] + EPSILON) * w["gamma"] + w["beta"]
    x = np.where(x > 0, x, x * w["slope"].reshape(-1))
    x = x.mean((1, 2)) @ w["matrix"].T + w["offset"]
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def main(path, expected_path=None):
    onnx.save(model(), path)
    if expected_path:
        shape = (2, SIDE, SIDE, 3)
        values = expected(synthetic.pictures(shape).astype(np.float64))
        output = {"name": "embedding", "shape": values.shape, "values": values.ravel().tolist()}
        reference = {
            "model": "example",
            "computed_by": "numpy",
            "input": {"shape": shape, "kind": "uint8", "formula": synthetic.FORMULA},
            "tolerance": 1e-4,
            "outputs": [output],
        }
        with open(expected_path, "w", encoding="utf-8") as file:
            json.dump(reference, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
