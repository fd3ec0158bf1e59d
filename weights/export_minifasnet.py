"""MiniFASNet, V2 and V1SE: does a face crop of 80 show a person, or a picture of one? From state dicts to TorchScript.

Both are rows of inverted bottlenecks (1x1, depthwise 3x3, 1x1); in V1SE the last one of each row also weighs its
channels by what they hold on average ("squeeze and excitation"). What each block is like is read from the names and
shapes of its tensors. The nets were trained on OpenCV's pictures as they are, BGR with values 0 to 255: the order of the
first kernel's planes is turned round, and nothing is scaled. Batch norms are folded into the convolutions before them,
the last one into the classifier after it.

Architecture: minivision-ai/Silent-Face-Anti-Spoofing, src/model_lib/MiniFASNet.py.
"""

from layers import Layers
from torchscript import Script


def export_v2(content, path):
    """Probabilities (count, 3) for crops of 80; class 1 is a living person."""
    _export("MiniFASNetV2", content, path)


def export_v1se(content, path):
    """As V2."""
    _export("MiniFASNetV1SE", content, path)


def _export(name, content, path):
    layers = Layers(content)
    script = Script(name)
    weight, bias = layers.folded("conv1.conv", "conv1.bn")
    x = script.convolution(script.planes("x"), weight[:, ::-1], bias, 2, (1, 1))
    x = script.prelu(x, layers.take("conv1.prelu.weight"))
    x = rectified(script, layers, x, "conv2_dw")
    for row, blocks in ((3, 4), (4, 6), (5, 2)):
        x = bottleneck(script, layers, x, f"conv_{row - 1}{row}", stride=2)
        for block in range(blocks):
            x = residual(script, layers, x, f"conv_{row}.model.{block}")
    x = rectified(script, layers, x, "conv_6_sep")
    weight, bias = layers.folded("conv_6_dw.conv", "conv_6_dw.bn")
    x = script.convolution(x, weight, bias, groups=len(weight))
    x = script.linear(script.let(f"torch.flatten({x}, 1)"), *classifier(layers))
    layers.all_used()
    script.save(path, [script.let(f"torch.softmax({x}, 1)")])


def rectified(script, layers, x, name, stride=1):
    """A convolution and its rectifier. One of 1x1 looks at single pixels, any other at single channels."""
    weight, bias = layers.folded(f"{name}.conv", f"{name}.bn")
    side = weight.shape[2]
    groups = len(weight) if weight.shape[1] == 1 else 1
    x = script.convolution(x, weight, bias, stride, (side // 2, side // 2), groups)
    return script.prelu(x, layers.take(f"{name}.prelu.weight"))


def bottleneck(script, layers, x, name, stride=1):
    x = rectified(script, layers, x, f"{name}.conv")
    x = rectified(script, layers, x, f"{name}.conv_dw", stride)
    return script.convolution(x, *layers.folded(f"{name}.project.conv", f"{name}.project.bn"))


def residual(script, layers, x, name):
    change = bottleneck(script, layers, x, name)
    if layers.has(f"{name}.se_module"):
        change = weighed(script, layers, change, f"{name}.se_module")
    return script.let(f"torch.add({x}, {change})")


def weighed(script, layers, x, name):
    """Every channel times a weight between 0 and 1, which two dense layers make of all channels' means."""
    weights = script.let(f"torch.mean({x}, [2, 3])")
    for step in (1, 2):
        weight, bias = layers.folded(f"{name}.fc{step}", f"{name}.bn{step}")
        weights = script.linear(weights, weight.reshape(weight.shape[:2]), bias)
        weights = script.let(f"torch.{'relu' if step == 1 else 'sigmoid'}({weights})")
    return script.let(f"torch.mul({x}, torch.unsqueeze(torch.unsqueeze({weights}, 2), 3))")


def classifier(layers):
    """The last two dense layers and the norm between them as one matrix: nothing between them is bent."""
    inner, inner_bias = layers.folded("linear", "bn")
    outer = layers.take("prob.weight")
    return outer @ inner, outer @ inner_bias
