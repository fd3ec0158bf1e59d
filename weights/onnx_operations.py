"""What each ONNX operation is in TorchScript. `OPERATIONS` has a function for each kind: (graph, script, node, values)
to the name of the result's variable, where `values` gives the variable of every input that is not fixed.

Every attribute must be taken from the node; the caller refuses what is left. Semantics: the ONNX operator reference.
"""

import numpy as np

from onnx_graph import COUNT, norm

LOWEST = -3.4028234e38


def conv(graph, script, node, values):
    weight = graph.constant(node, 1, "weight")
    if weight.ndim != 4:
        raise node.wrong("only convolutions over height and width can be converted")
    if list(node.take("kernel_shape", weight.shape[2:])) != list(weight.shape[2:]):
        raise node.wrong("kernel_shape contradicts the weight")
    bias = graph.constant(node, 2, "bias")
    bias = np.zeros(len(weight)) if bias is None else bias
    strides, dilations = (list(node.take(name, [1, 1])) for name in ("strides", "dilations"))
    groups = node.take("group", 1)
    x, padding = padded(script, node, values[node.inputs[0]], 0.0)
    if dilations == [1, 1] and strides[0] == strides[1]:
        return script.convolution(x, weight, bias, strides[0], padding, groups)
    kernel, offset = script.constant(weight), script.constant(bias)
    return script.let(f"torch.conv2d({x}, {kernel}, {offset}, {strides}, {list(padding)}, {dilations}, {groups})")


def padded(script, node, x, value):
    """(variable, (rows, columns)): what is the same on both sides is left to the operation, the rest done first."""
    if node.take("auto_pad", "NOTSET") not in ("NOTSET", "VALID"):
        raise node.wrong("auto_pad is not known")
    top, left, bottom, right = node.take("pads", [0, 0, 0, 0])
    if (top, left) == (bottom, right):
        return x, (top, left)
    return script.let(f"torch.constant_pad_nd({x}, [{left}, {right}, {top}, {bottom}], {value})"), (0, 0)


def max_pool(graph, script, node, values):
    size, strides, dilations, ceil_mode = window(node)
    x, padding = padded(script, node, values[node.inputs[0]], LOWEST)
    return script.let(f"torch.max_pool2d({x}, {size}, {strides}, {list(padding)}, {dilations}, {ceil_mode})")


def average_pool(graph, script, node, values):
    size, strides, dilations, ceil_mode = window(node)
    counted = bool(node.take("count_include_pad", 0))
    pads = node.attributes.get("pads", [0, 0, 0, 0])
    if dilations != [1, 1] or (list(pads[:2]) != list(pads[2:]) and not counted) or (ceil_mode and any(pads)):
        raise node.wrong("this combination of padding, dilation and rounding is not known")
    x, padding = padded(script, node, values[node.inputs[0]], 0.0)
    return script.let(f"torch.avg_pool2d({x}, {size}, {strides}, {list(padding)}, {ceil_mode}, {counted})")


def window(node):
    size = list(node.take("kernel_shape"))
    if len(size) != 2 or node.take("storage_order", 0) or len(node.outputs) != 1:
        raise node.wrong("only pools over height and width can be converted")
    strides, dilations = list(node.take("strides", [1, 1])), list(node.take("dilations", [1, 1]))
    return size, strides, dilations, bool(node.take("ceil_mode", 0))


def batch_norm(graph, script, node, values):
    factor, offset = norm(graph, node)
    if len(node.outputs) > 1:
        raise node.wrong("it has results for training")
    shape = [1, -1, *[1] * (graph.rank(node, node.inputs[0]) - 2)]
    factor, offset = (script.constant(each.reshape(shape)) for each in (factor, offset))
    return script.let(f"torch.add(torch.mul({values[node.inputs[0]]}, {factor}), {offset})")


def prelu(graph, script, node, values):
    slope = graph.constant(node, 1, "slope")
    rank = graph.rank(node, node.inputs[0])
    shape = [1] * (rank - slope.ndim) + list(slope.shape)
    if slope.size > 1 and slope.size != shape[1]:
        raise node.wrong(f"slopes of the shape {list(slope.shape)} are not one for each channel")
    return script.prelu(values[node.inputs[0]], slope.reshape(-1))


def leaky_relu(graph, script, node, values):
    return script.let(f"torch.leaky_relu({values[node.inputs[0]]}, {number(node.take('alpha', 0.01))})")


def clip(graph, script, node, values):
    low, high = node.take("min"), node.take("max")
    low = graph.constant(node, 1, "minimum") if low is None else low
    high = graph.constant(node, 2, "maximum") if high is None else high
    x = values[node.inputs[0]]
    for limit, function in ((low, "clamp_min"), (high, "clamp_max")):
        if limit is not None:
            x = script.let(f"torch.{function}({x}, {number(limit)})")
    return x


def unary(function):
    return lambda graph, script, node, values: script.let(f"torch.{function}({values[node.inputs[0]]})")


def binary(function):
    def operation(graph, script, node, values):
        first, second = node.inputs
        right = operand(graph, script, values, second)
        if first not in graph.constants:
            return script.let(f"torch.{function}({values[first]}, {right})")
        return script.let(f"torch.{function}({script.constant(graph.constants[first])}, {values[second]})")

    return operation


def operand(graph, script, values, name):
    """A variable, a number, or a constant tensor."""
    if name not in graph.constants:
        return values[name]
    value = graph.constants[name]
    return number(value) if value.size == 1 else script.constant(value)


def number(value):
    value = float(np.asarray(value).reshape(()) if np.ndim(value) == 0 else np.asarray(value).reshape(-1)[0])
    return repr(float(np.clip(value, LOWEST, -LOWEST)))


def same(graph, script, node, values):
    node.take("ratio"), node.take("seed")
    if any(each in (user.inputs) for each in node.outputs[1:] for user in graph.nodes):
        raise node.wrong("its mask is used")
    return values[node.inputs[0]]


def global_average(graph, script, node, values):
    return script.let(f"torch.mean({values[node.inputs[0]]}, [2, 3], True)")


def flatten(graph, script, node, values):
    if axis(graph, node, node.take("axis", 1)) != 1:
        raise node.wrong("only axis 1 can be converted: the first dimension counts the pictures")
    return script.let(f"torch.flatten({values[node.inputs[0]]}, 1)")


def axis(graph, node, value):
    """An axis counted from the front."""
    return value if value >= 0 else value + graph.rank(node, node.inputs[0])


def reshape(graph, script, node, values):
    """The first dimension stays the number of pictures, whatever the file says of it (0, -1, or a fixed 1)."""
    shape = [int(each) for each in graph.constant(node, 1, "shape")]
    x, allowzero = values[node.inputs[0]], node.take("allowzero", 0)
    before, name = graph.shape(node.inputs[0]), node.inputs[0]
    if before is None or (allowzero and 0 in shape):
        raise node.wrong("the shape before it is not known")
    count = before[0]
    # Of -1 the count is the rest only when all others are given.
    keeps = shape[0] in (0, count, COUNT) or (shape[0] == -1 and min(shape[1:], default=0) > 0)
    if len(shape) < 2 or not keeps or not all(-1 <= side < 2**31 for side in shape[1:]):
        raise node.wrong(f"the shape {shape} does not keep the first dimension, which counts the pictures")
    if shape[1:] == [-1]:
        return script.let(f"torch.flatten({x}, 1)")
    sides = [f"torch.size({x}, {place})" for place in range(1, graph.rank(node, name))]
    wanted = [sides[place - 1] if side == 0 else str(side) for place, side in enumerate(shape) if place > 0]
    if "-1" in wanted:
        # Computed, since torch cannot tell a missing side when there are no pictures.
        others = "1"
        for each in [each for each in wanted if each != "-1"]:
            others = f"torch.mul({others}, {each})"
        total = "1"
        for each in sides:
            total = f"torch.mul({total}, {each})"
        wanted[wanted.index("-1")] = f"torch.floordiv({total}, {others})"
    return script.let(f"torch.reshape({x}, [torch.size({x}, 0), {', '.join(wanted)}])")


def gemm(graph, script, node, values):
    weight = graph.constant(node, 1, "weight").astype(np.float64)
    bias = graph.constant(node, 2, "bias")
    if node.take("transA", 0):
        raise node.wrong("transA is not known")
    weight = node.take("alpha", 1.0) * (weight if node.take("transB", 0) else weight.T)
    scale = node.take("beta", 1.0)
    bias = np.zeros(len(weight)) if bias is None else np.broadcast_to(scale * np.squeeze(bias), (len(weight),))
    return script.linear(values[node.inputs[0]], weight, bias)


def matmul(graph, script, node, values):
    first, second = (
        script.constant(graph.constants[name]) if name in graph.constants else values[name] for name in node.inputs
    )
    return script.let(f"torch.matmul({first}, {second})")


def transpose(graph, script, node, values):
    order = node.take("perm")
    order = list(order) if order is not None else list(range(graph.rank(node, node.inputs[0])))[::-1]
    if order[0] != 0:
        raise node.wrong("it moves the first dimension, which counts the pictures")
    return script.let(f"torch.permute({values[node.inputs[0]]}, {order})")


def concat(graph, script, node, values):
    if any(name in graph.constants for name in node.inputs):
        raise node.wrong("a fixed value cannot be put beside one for each picture")
    place = axis(graph, node, node.take("axis"))
    if place == 0:
        raise node.wrong("it joins along the first dimension, which counts the pictures")
    return script.let(f"torch.cat([{', '.join(values[name] for name in node.inputs)}], {place})")


def resize(graph, script, node, values):
    """Repetition of pixels; a scale of n repeats each n times in every way of counting but `align_corners`."""
    upsample = node.kind == "Upsample"
    if node.take("mode", "nearest") != "nearest":
        raise node.wrong("only the mode nearest can be converted")
    way = node.take("coordinate_transformation_mode", "asymmetric" if upsample else "half_pixel")
    rounding = node.take("nearest_mode", "floor" if upsample else "round_prefer_floor")
    for unused in ("cubic_coeff_a", "exclude_outside", "extrapolation_value"):
        node.take(unused)
    scales = node.take("scales")
    if scales is None:
        scales = graph.constant(node, 1 if upsample or graph.opset < 11 else 2, "scale")
    if scales is None or len(scales) == 0:
        raise node.wrong("sizes are not known, only scales")
    scales = [float(each) for each in scales]
    factor = scales[2] if len(scales) == 4 and scales[:2] == [1, 1] and scales[2] == scales[3] else 0
    halves = way in ("half_pixel", "pytorch_half_pixel") and rounding.startswith("round")
    floors = way == "asymmetric" and (rounding == "floor" or (factor == 2 and rounding == "round_prefer_floor"))
    if factor < 1 or factor % 1 or not (halves or floors):
        raise node.wrong(f"scales {scales} with {way} and {rounding} are not known")
    x = values[node.inputs[0]]
    size = ", ".join(f"torch.mul(torch.size({x}, {place}), {int(factor)})" for place in (2, 3))
    return script.let(f"torch.upsample_nearest2d({x}, [{size}])")


def softmax(graph, script, node, values):
    rank = graph.rank(node, node.inputs[0])
    place = axis(graph, node, node.take("axis", -1 if graph.opset >= 13 else 1))
    if place == 0 or (graph.opset < 13 and place != rank - 1):
        raise node.wrong(f"axis {place} of {rank} is not known")
    return script.let(f"torch.softmax({values[node.inputs[0]]}, {place})")


def squeeze(graph, script, node, values):
    x = values[node.inputs[0]]
    for place in sorted(axes(graph, node), reverse=True):
        x = script.let(f"torch.squeeze({x}, {place})")
    return x


def unsqueeze(graph, script, node, values):
    x = values[node.inputs[0]]
    given = axes(graph, node, extra=True)
    for place in sorted(given):
        x = script.let(f"torch.unsqueeze({x}, {place})")
    return x


def axes(graph, node, extra=False):
    """The attribute or second input, counted from the front, never the first dimension."""
    given = node.take("axes")
    given = graph.constant(node, 1, "axes") if given is None else given
    if given is None:
        raise node.wrong("without axes it would touch the first dimension, which counts the pictures")
    rank = graph.rank(node, node.inputs[0]) + (len(given) if extra else 0)
    places = [int(each) if each >= 0 else int(each) + rank for each in given]
    if 0 in places:
        raise node.wrong("it touches the first dimension, which counts the pictures")
    return places


def pad(graph, script, node, values):
    pads = node.take("pads")
    pads = [int(each) for each in (graph.constant(node, 1, "padding") if pads is None else pads)]
    value = node.take("value")
    value = graph.constant(node, 2, "value") if value is None else value
    if node.take("mode", "constant") != "constant" or len(node.inputs) > 3:
        raise node.wrong("only the mode constant over all axes can be converted")
    rank = len(pads) // 2
    if pads[0] or pads[rank]:
        raise node.wrong("it pads the first dimension, which counts the pictures")
    order = [side for place in range(rank - 1, 0, -1) for side in (pads[place], pads[place + rank])]
    value = number(0.0 if value is None else value)
    return script.let(f"torch.constant_pad_nd({values[node.inputs[0]]}, {order}, {value})")


def reduce(text):
    def operation(graph, script, node, values):
        places, keep = axes(graph, node), bool(node.take("keepdims", 1))
        node.take("noop_with_empty_axes")
        return script.let(text.format(x=values[node.inputs[0]], axes=places, keep=keep))

    return operation


def lp_norm(graph, script, node, values):
    x, place = values[node.inputs[0]], axis(graph, node, node.take("axis", -1))
    power = node.take("p", 2)
    total = {1: f"torch.abs({x})", 2: f"torch.mul({x}, {x})"}[power]
    length = f"torch.sum({total}, [{place}], True)"
    if power == 2:
        length = f"torch.sqrt({length})"
    return script.let(f"torch.div({x}, torch.clamp_min({length}, 1e-12))")


OPERATIONS = {
    "Conv": conv,
    "BatchNormalization": batch_norm,
    "PRelu": prelu,
    "LeakyRelu": leaky_relu,
    "Clip": clip,
    "MaxPool": max_pool,
    "AveragePool": average_pool,
    "GlobalAveragePool": global_average,
    "Flatten": flatten,
    "Reshape": reshape,
    "Gemm": gemm,
    "MatMul": matmul,
    "Transpose": transpose,
    "Concat": concat,
    "Resize": resize,
    "Upsample": resize,
    "Softmax": softmax,
    "Squeeze": squeeze,
    "Unsqueeze": unsqueeze,
    "Pad": pad,
    "LpNormalization": lp_norm,
    "Identity": same,
    "Dropout": same,
    "ReduceMean": reduce("torch.mean({x}, {axes}, {keep})"),
    "ReduceSum": reduce("torch.sum({x}, {axes}, {keep})"),
    "ReduceL2": reduce("torch.sqrt(torch.sum(torch.mul({x}, {x}), {axes}, {keep}))"),
    **{kind: unary(kind.lower()) for kind in ("Relu", "Sigmoid", "Reciprocal", "Sqrt", "Tanh", "Exp", "Abs", "Neg")},
    **{kind: binary(kind.lower()) for kind in ("Add", "Mul", "Sub", "Div", "Pow")},
}
