"""MobileFaceNet (192 numbers), from the tflite file to TorchScript.

The file's operations are followed one by one. Five of them in a row make one rectifier: relu(x) + c * (x - |x|) is a
PReLU with slope 2c. Normalisation and the unit length of the result are inside the script.
"""

import numpy as np
import tflite

from torchscript import Script

MEAN, SCALE = 127.5, 1 / 128
RECTIFIER = ["RELU", "ABS", "SUB", "MUL", "ADD"]
OPERATORS = {code: name for name, code in vars(tflite.BuiltinOperator).items() if isinstance(code, int)}


def export_mobilefacenet(content, path):
    """Embeddings (count, 192) of unit length for crops of 112."""
    graph = Graph(content)
    script = Script("MobileFaceNet")
    values = {graph.input: script.let(f"torch.mul(torch.sub({script.planes('x')}, {MEAN}), {SCALE})")}
    operations = list(graph.operations())
    while operations:
        kind, operator, inputs, output = operations.pop(0)
        if kind == "RELU":
            group = [operations.pop(0) for _ in RECTIFIER[1:]]
            values[group[-1][3]] = rectifier(script, graph, values, (kind, operator, inputs, output), group)
        elif kind in ("CONV_2D", "DEPTHWISE_CONV_2D"):
            values[output] = convolution(script, graph, values, kind, operator, inputs, output)
        elif kind == "ADD":
            plain(operator, tflite.AddOptions())
            values[output] = script.let(f"torch.add({values[inputs[0]]}, {values[inputs[1]]})")
        elif kind == "RESHAPE" and not operations:
            graph.weights(inputs[1], "<i4")
            values[output] = script.let(f"torch.flatten({values[inputs[0]]}, 1)")
        else:
            raise ValueError(f"unexpected operation {kind}")
    graph.all_used()
    script.save(path, [script.unit_length(values[graph.output])])


def rectifier(script, graph, values, first, rest):
    """Checks that the five operations are wired as relu(x) + c * (x - |x|)."""
    relu, magnitude, difference, product, total = steps = [first, *rest]
    x = relu[2][0]
    (coefficient,) = set(product[2]) - {difference[3]}
    wired = (
        [step[0] for step in steps] == RECTIFIER
        and magnitude[2] == [x]
        and difference[2] == [x, magnitude[3]]
        and set(total[2]) == {relu[3], product[3]}
    )
    if not wired:
        raise ValueError("operations do not form a rectifier")
    for step, options in ((difference, tflite.SubOptions()), (product, tflite.MulOptions()), (total, tflite.AddOptions())):
        plain(step[1], options)
    return script.prelu(values[x], 2 * graph.weights(coefficient))


def convolution(script, graph, values, kind, operator, inputs, output):
    """A convolution with TensorFlow's padding: "same" puts the odd pixel at the bottom and on the right."""
    depthwise = kind == "DEPTHWISE_CONV_2D"
    options = plain(operator, tflite.DepthwiseConv2DOptions() if depthwise else tflite.Conv2DOptions())
    stride = options.StrideH()
    if stride != options.StrideW() or (options.DilationHFactor(), options.DilationWFactor()) != (1, 1):
        raise ValueError("unexpected stride or dilation")
    kernel, bias = graph.weights(inputs[1]), graph.weights(inputs[2])
    # In the file: (out, height, width, in), or (1, height, width, channel) for a depthwise one.
    kernel = kernel.transpose(3, 0, 1, 2) if depthwise else kernel.transpose(0, 3, 1, 2)
    groups = len(kernel) if depthwise else 1
    x, padding = values[inputs[0]], (0, 0)
    if options.Padding() == tflite.Padding.SAME:
        size, result = graph.side(inputs[0]), graph.side(output)
        total = max((result - 1) * stride + kernel.shape[2] - size, 0)
        before, after = total // 2, total - total // 2
        if before == after:
            padding = (before, before)
        else:
            x = script.let(f"torch.constant_pad_nd({x}, [{before}, {after}, {before}, {after}])")
    return script.convolution(x, kernel, bias, stride, padding, groups)


def plain(operator, options):
    """The options of an operation that has no activation fused into it."""
    table = operator.BuiltinOptions()
    options.Init(table.Bytes, table.Pos)
    if options.FusedActivationFunction() != tflite.ActivationFunctionType.NONE:
        raise ValueError("an activation is fused into an operation")
    return options


class Graph:
    """The only subgraph of a tflite file, with its weights each taken exactly once."""

    def __init__(self, content):
        self._model = tflite.Model.GetRootAsModel(content, 0)
        self._graph = self._model.Subgraphs(0)
        (self.input,), (self.output,) = self._graph.InputsAsNumpy().tolist(), self._graph.OutputsAsNumpy().tolist()
        self._unused = {number for number in range(self._graph.TensorsLength()) if self._buffer(number).DataLength()}

    def operations(self):
        """(kind, operator, inputs, output) in the order of the file, which is an order of execution."""
        for number in range(self._graph.OperatorsLength()):
            operator = self._graph.Operators(number)
            code = self._model.OperatorCodes(operator.OpcodeIndex())
            kind = OPERATORS[max(code.BuiltinCode(), code.DeprecatedBuiltinCode())]
            (output,) = operator.OutputsAsNumpy().tolist()
            yield kind, operator, operator.InputsAsNumpy().tolist(), output

    def weights(self, number, dtype="<f4"):
        self._unused.remove(number)
        expected = {"<f4": tflite.TensorType.FLOAT32, "<i4": tflite.TensorType.INT32}[dtype]
        tensor = self._graph.Tensors(number)
        if tensor.Type() != expected:
            raise ValueError("weights of an unexpected type")
        return np.frombuffer(self._buffer(number).DataAsNumpy(), dtype).reshape(tensor.ShapeAsNumpy())

    def side(self, number):
        """Height, equal to width, of an activation."""
        _count, height, width, _channels = self._graph.Tensors(number).ShapeAsNumpy().tolist()
        if height != width:
            raise ValueError("an activation is not square")
        return height

    def all_used(self):
        if self._unused:
            raise ValueError(f"weights that no operation used: {sorted(self._unused)}")

    def _buffer(self, number):
        return self._model.Buffers(self._graph.Tensors(number).Buffer())
