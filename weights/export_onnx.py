"""ONNX to TorchScript, for face encoders and small detectors.

The operations are translated one by one into a Script; what they may be is in onnx_operations.py. The first dimension
counts the pictures and is free, whatever the file says of it; so are height and width where no operation fixes them.
"""

import numpy as np

from onnx_graph import Graph, Unsupported
from onnx_operations import OPERATIONS
from torchscript import Script


def export_encoder(content, path, entry):
    """An encoder that a user brings: pictures as all models here take them, embeddings of unit length.

    `entry` says what the net itself wants: `colour`, `mean` and `scale` (numbers, or three in the order of `colour`),
    `input_layout`, `input_shape` (height, width, 3) and `dimension`.
    """
    graph = Graph(content)
    check_encoder(graph, entry)
    script = Script("Encoder")
    bgr = entry["colour"] == "bgr"
    # Three values are in the net's order; the subtraction comes before the planes are turned round.
    mean, scale = (np.broadcast_to(np.array(entry[key], np.float64), 3) for key in ("mean", "scale"))
    mean, scale = (each[::-1] if bgr else each for each in (mean, scale))
    x = script.planes("x")
    if mean.any():
        x = script.let(f"torch.sub({x}, {script.constant(mean.reshape(1, 3, 1, 1))})")
    if (scale != 1).any():
        x = script.let(f"torch.div({x}, {script.constant(scale.reshape(1, 3, 1, 1))})")
    (result,) = convert(graph, script, x, bgr, entry["input_layout"])
    script.save(path, [script.unit_length(script.let(f"torch.flatten({result}, 1)"))])


def check_encoder(graph, entry):
    """One picture in, one row of numbers out, of the sizes that the entry names."""
    if len(graph.inputs) != 1 or len(graph.outputs) != 1:
        counts = f"{len(graph.inputs)} and {len(graph.outputs)}"
        raise Unsupported(f"an encoder has one input and one output, this has {counts}")
    height, width, channels = entry["input_shape"]
    order = [channels, height, width] if entry["input_layout"] == "nchw" else [height, width, channels]
    for what, name, wanted in (("input", graph.inputs[0], order), ("output", graph.outputs[0], [entry["dimension"]])):
        found = graph.shape(name)
        if found is None or (what == "output" and any(each is None for each in found[1:])):
            continue
        sides = found[1:] if what == "input" else [int(np.prod(found[1:]))]
        if len(sides) != len(wanted) or any(each not in (None, side) for each, side in zip(sides, wanted)):
            raise Unsupported(f"its {what} is (count, {', '.join(map(str, found[1:]))}), the entry says {wanted}")


def convert(graph, script, x, swap_colours=False, layout="nchw"):
    """Adds the graph to the script; `x` has planes of float32. Gives the variables of its outputs in their order.

    With `swap_colours` the three planes reach the net the other way round.
    """
    if swap_colours and not (layout == "nchw" and turn_kernels(graph)):
        x = script.let(f"torch.flip({x}, [1])")
    if layout == "nhwc":
        x = script.let(f"torch.permute({x}, [0, 2, 3, 1])")
    values = {graph.inputs[0]: x}
    for node in graph.nodes:
        operation = OPERATIONS.get(node.kind)
        if operation is None:
            raise node.wrong("this operation is not known")
        values[node.outputs[0]] = operation(graph, script, node, values)
        if node.attributes:
            raise node.wrong(f"unknown attribute {', '.join(node.attributes)}")
    for name in graph.outputs:
        if name not in values:
            raise Unsupported(f"the output {name} does not depend on the picture")
    return [values[name] for name in graph.outputs]


def turn_kernels(graph):
    """Turns the planes of the kernels that look at the picture, when only convolutions do; says whether it could."""
    users = graph.users(graph.inputs[0])
    for node in users:
        if node.kind != "Conv" or node.inputs[1] not in graph.constants or node.attributes.get("group", 1) != 1:
            return False
    for node in users:
        name = f"{node.name} turned weight"
        graph.constants[name] = graph.constants[node.inputs[1]][:, ::-1]
        node.inputs[1] = name
    return True
