"""Reads an ONNX file into plain lists and numpy arrays, so that a converter has only operations on pictures before it.

Nodes whose inputs are all known are computed here (with the reference evaluator of the package `onnx`), and a batch norm
is folded into the convolution before it. Nothing of the file is run.
"""

import dataclasses

import numpy as np
import onnx
from onnx import helper, numpy_helper, shape_inference
from onnx.reference import ReferenceEvaluator


# Stands for the number of pictures in shapes that the file computes. Arithmetic on it gives numbers that no shape has.
COUNT = -(2**40) - 87


class Unsupported(ValueError):
    """The file asks for something that the converter does not know; the text says what and where."""


@dataclasses.dataclass
class Node:
    """An operation. `attributes` are taken out one by one, so that none is overlooked."""

    kind: str
    name: str
    inputs: list
    outputs: list
    attributes: dict

    def take(self, attribute, default=None):
        return self.attributes.pop(attribute, default)

    def wrong(self, what):
        return Unsupported(f"node {self.name} ({self.kind}): {what}")


class Graph:
    """The nodes in their order, the values that are known, and the shapes as far as they can be told."""

    def __init__(self, content):
        try:
            model = onnx.load_from_string(content)
            onnx.checker.check_model(model)
            model = shape_inference.infer_shapes(model, data_prop=True)
        except Exception as error:  # the package raises many kinds; all mean the same here
            raise Unsupported(f"not a file that the package onnx can read: {error}") from error
        self._opsets = list(model.opset_import)
        self.opset = max([each.version for each in self._opsets if each.domain in ("", "ai.onnx")], default=0)
        graph = model.graph
        self.constants = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
        self.inputs = [each.name for each in graph.input if each.name not in self.constants]
        self.outputs = [each.name for each in graph.output]
        self._shapes = {
            each.name: [side.dim_value if side.HasField("dim_value") else None for side in each.type.tensor_type.shape.dim]
            for each in [*graph.input, *graph.output, *graph.value_info]
            if each.type.tensor_type.HasField("shape")
        }
        self.nodes = []
        for number, proto in enumerate(graph.node):
            self._add(number, proto)
        self._fold_norms()

    def shape(self, name):
        """Sides, None where one is not fixed; nothing when not even their number is known."""
        return self._shapes.get(name)

    def rank(self, node, name):
        shape = self.shape(name)
        if shape is None:
            raise node.wrong(f"the number of dimensions of {name} is not known")
        return len(shape)

    def users(self, name):
        return [node for node in self.nodes if name in node.inputs]

    def constant(self, node, position, what):
        """The input at this position, which must be known beforehand; None when it is left out."""
        name = node.inputs[position] if position < len(node.inputs) else ""
        if not name:
            return None
        if name not in self.constants:
            raise node.wrong(f"its {what} is computed while the net runs; only a fixed one can be converted")
        return self.constants[name]

    def _add(self, number, proto):
        name = proto.name or f"number {number}"
        if proto.domain not in ("", "ai.onnx"):
            raise Unsupported(f"node {name} ({proto.op_type}): operations of {proto.domain} are not known")
        sides = (self.shape(proto.input[0]) or [None]) if proto.op_type == "Shape" else []
        if sides and not proto.attribute and None not in sides[1:] and proto.input[0] not in self.constants:
            self.constants[proto.output[0]] = np.array([COUNT, *sides[1:]])
            return
        if all(each in self.constants for each in proto.input if each) and not proto.op_type.startswith("Random"):
            self._compute(proto, name)
            return
        attributes = {each.name: _plain(helper.get_attribute_value(each)) for each in proto.attribute}
        self.nodes.append(Node(proto.op_type, name, list(proto.input), list(proto.output), attributes))

    def _compute(self, proto, name):
        given = {each: self.constants[each] for each in proto.input if each}
        inputs = [
            helper.make_tensor_value_info(each, helper.np_dtype_to_tensor_dtype(value.dtype), value.shape)
            for each, value in given.items()
        ]
        outputs = [onnx.ValueInfoProto(name=each) for each in proto.output if each]
        graph = helper.make_graph([proto], "one", inputs, outputs)
        try:
            model = helper.make_model(graph, opset_imports=self._opsets)
            results = ReferenceEvaluator(model).run([each.name for each in outputs], given)
        except Exception as error:
            raise Unsupported(f"node {name} ({proto.op_type}): its fixed value cannot be computed: {error}") from error
        for value, result in zip(outputs, results, strict=True):
            self.constants[value.name] = np.asarray(result)

    def _fold_norms(self):
        """A batch norm after a convolution that nothing else looks at becomes a part of it."""
        makers = {name: node for node in self.nodes for name in node.outputs}
        kept = []
        for node in self.nodes:
            before = makers.get(node.inputs[0]) if node.kind == "BatchNormalization" else None
            if before is None or before.kind != "Conv" or not self._only_for(before, node):
                kept.append(node)
                continue
            factor, offset = norm(self, node)
            weight = self.constants[before.inputs[1]].astype(np.float64)
            bias = self.constants[before.inputs[2]] if len(before.inputs) > 2 and before.inputs[2] else 0
            names = [f"{node.name} folded {kind}" for kind in ("weight", "bias")]
            self.constants[names[0]] = weight * factor.reshape(-1, *[1] * (weight.ndim - 1))
            self.constants[names[1]] = bias * factor + offset
            before.inputs, before.outputs = [before.inputs[0], *names], node.outputs[:1]
        self.nodes = kept

    def _only_for(self, convolution, norm_node):
        (output,) = convolution.outputs
        parameters = convolution.inputs[1:] + norm_node.inputs[1:]
        return (
            len(self.users(output)) == 1
            and output not in self.outputs
            and all(each in self.constants for each in parameters if each)
        )


def norm(graph, node):
    """A batch norm as factor and offset for each channel."""
    scale, offset, mean, variance = (
        graph.constant(node, position, what).astype(np.float64)
        for position, what in ((1, "scale"), (2, "offset"), (3, "mean"), (4, "variance"))
    )
    # `momentum` is for training alone, and so is `spatial` other than 1 of the oldest files.
    node.take("momentum")
    if node.take("training_mode", 0) or node.take("spatial", 1) != 1:
        raise node.wrong("it is to train, or to weigh every place by itself")
    factor = scale / np.sqrt(variance + node.take("epsilon", 1e-5))
    if node.attributes:
        raise node.wrong(f"unknown attribute {', '.join(node.attributes)}")
    return factor, offset - mean * factor


def _plain(value):
    if isinstance(value, bytes):
        return value.decode()
    return value
