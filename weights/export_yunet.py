"""YuNet, from its ONNX file to TorchScript.

The file's twelve outputs (class, objectness, box and landmarks at strides 8, 16 and 32) become three. The net wants BGR
with values 0 to 255, as OpenCV has pictures.

What the outputs mean: OpenCV's modules/objdetect/src/face_detect.cpp.
"""

from export_onnx import convert
from onnx_graph import Graph
from torchscript import Script

STRIDES = (8, 16, 32)


def export_yunet(content, path):
    """Scores (count, anchors), offsets (count, anchors, 4), landmarks (count, anchors, 10); sides in multiples of 32."""
    graph = Graph(content)
    script = Script("YuNet")
    outputs = dict(zip(graph.outputs, convert(graph, script, script.planes("x"), swap_colours=True), strict=True))

    def joined(kind):
        parts = [outputs.pop(f"{kind}_{stride}") for stride in STRIDES]
        return script.let(f"torch.cat([{', '.join(parts)}], 1)")

    classes, objects = (f"torch.clamp({joined(kind)}, 0.0, 1.0)" for kind in ("cls", "obj"))
    scores = script.let(f"torch.squeeze(torch.sqrt(torch.mul({classes}, {objects})), 2)")
    results = [scores, joined("bbox"), joined("kps")]
    if outputs:
        raise ValueError(f"outputs that are not known: {', '.join(outputs)}")
    script.save(path, results)
