"""RetinaFace on a MobileNet of a quarter of the usual width, from its state dict to TorchScript.

A MobileNetV1 gives features at strides 8, 16 and 32; a pyramid adds coarse ones to fine ones; a context module widens
what each cell sees; three 1x1 heads say for the two anchors of every cell whether it is a face, where its box is and
where its landmarks are. Batch norms are folded into the convolutions; the three heads of a stride are one.

The net was trained on BGR minus (104, 117, 123). The planes of the first kernel are turned round; the subtraction is
not folded, because the first convolution is padded: with zeros after the subtraction.

Architecture: biubug6/Pytorch_Retinaface, models/net.py and models/retinaface.py.
"""

import numpy as np

from layers import Layers
from torchscript import Script

MEAN_RGB = (123.0, 117.0, 104.0)
LEAK = 0.1
# For every stage of the trunk the strides of its depthwise blocks.
STAGES = {1: (1, 2, 1, 2, 1), 2: (2, 1, 1, 1, 1, 1), 3: (2, 1)}


def export_retinaface(content, path):
    """Scores (count, anchors), offsets (count, anchors, 4) and landmarks (count, anchors, 10); any size."""
    layers = Layers(content)
    script = Script("RetinaFace")
    mean = script.constant(np.array(MEAN_RGB).reshape(1, 3, 1, 1))
    x = script.let(f"torch.sub({script.planes('x')}, {mean})")
    features = [context(script, layers, x, f"ssh{level}") for level, x in enumerate(pyramid(script, layers, x), 1)]
    heads = [head(script, layers, x, level) for level, x in enumerate(features)]
    layers.all_used()
    scores, offsets, landmarks = (script.let(f"torch.cat([{', '.join(parts)}], 1)") for parts in zip(*heads))
    script.save(path, [scores, offsets, landmarks])


def trunk(script, layers, x):
    """The features after each of the three stages."""
    weight, bias = layers.folded("body.stage1.0.0", "body.stage1.0.1")
    x = leaky(script, script.convolution(x, weight[:, ::-1], bias, 2, (1, 1)))
    features = []
    for stage, strides in STAGES.items():
        # Of the first stage, block 0 is the ordinary convolution above.
        for block, stride in enumerate(strides, 1 if stage == 1 else 0):
            name = f"body.stage{stage}.{block}"
            weight, bias = layers.folded(f"{name}.0", f"{name}.1")
            x = leaky(script, script.convolution(x, weight, bias, stride, (1, 1), len(weight)))
            x = leaky(script, script.convolution(x, *layers.folded(f"{name}.3", f"{name}.4")))
        features.append(x)
    return features


def pyramid(script, layers, x):
    """Features of 64 planes at each stride, coarse ones added to the next finer ones."""
    fine, middle, coarse = (
        unit(script, layers, x, f"fpn.output{level}", LEAK) for level, x in enumerate(trunk(script, layers, x), 1)
    )
    middle = unit(script, layers, enlarged_plus(script, coarse, middle), "fpn.merge2", LEAK)
    fine = unit(script, layers, enlarged_plus(script, middle, fine), "fpn.merge1", LEAK)
    return fine, middle, coarse


def enlarged_plus(script, small, large):
    size = f"[torch.size({large}, 2), torch.size({large}, 3)]"
    return script.let(f"torch.add({large}, torch.upsample_nearest2d({small}, {size}))")


def context(script, layers, x, name):
    """What a cell sees through one, two and three convolutions of 3x3 in a row, side by side."""
    near = unit(script, layers, x, f"{name}.conv3X3")
    inner = unit(script, layers, x, f"{name}.conv5X5_1", LEAK)
    middle = unit(script, layers, inner, f"{name}.conv5X5_2")
    inner = unit(script, layers, inner, f"{name}.conv7X7_2", LEAK)
    far = unit(script, layers, inner, f"{name}.conv7x7_3")
    return script.let(f"torch.relu(torch.cat([{near}, {middle}, {far}], 1))")


def unit(script, layers, x, name, leak=None):
    weight, bias = layers.folded(f"{name}.0", f"{name}.1")
    x = script.convolution(x, weight, bias, 1, (weight.shape[2] // 2,) * 2)
    return x if leak is None else leaky(script, x)


def leaky(script, x):
    return script.let(f"torch.leaky_relu({x}, {LEAK})")


def head(script, layers, x, level):
    """Scores, offsets and landmarks of one stride, cells row by row, both anchors of a cell together.

    A two-way softmax is a sigmoid of the difference of its logits, so the head has one row for it, not two.
    """
    names = [f"{kind}Head.{level}.conv1x1" for kind in ("Class", "Bbox", "Landmark")]
    rows = [(layers.take(f"{name}.weight"), layers.take(f"{name}.bias")) for name in names]
    rows[0] = tuple(part[1::2] - part[::2] for part in rows[0])
    weight, bias = (np.concatenate(parts) for parts in zip(*rows))
    pixels = script.let(f"torch.permute({script.convolution(x, weight, bias)}, [0, 2, 3, 1])")
    count = script.let("torch.size(x, 0)")
    cells = script.let(f"torch.mul(torch.mul(torch.size({pixels}, 1), torch.size({pixels}, 2)), 2)")

    def part(begin, end, shape):
        return script.let(f"torch.reshape(torch.slice({pixels}, 3, {begin}, {end}), [{count}, {cells}{shape}])")

    return script.let(f"torch.sigmoid({part(0, 2, '')})"), part(2, 10, ", 4"), part(10, 30, ", 10")
