"""Reference implementations for models whose nets others have written down; for make_references.py alone.

    dlib          dlib itself                                                               (pip install dlib-bin)
    minifasnet    deepface's copy of the authors' modules, run by torch in float64          (pip install torch deepface)
    retinaface    facexlib's copy of the authors' modules, run by torch in float64          (pip install torch facexlib)
    yunet         onnxruntime                                                        (pip install onnx onnxruntime)

Of deepface and facexlib only the one file with the net is loaded, so their own requirements need not be there
(pip install --no-deps).
"""

import importlib.util
import io
import pathlib
import tempfile
from importlib.metadata import version

import numpy as np


def reference_dlib(_identity, content, pictures):
    import dlib

    with tempfile.NamedTemporaryFile(suffix=".dat") as file:
        file.write(content)
        file.flush()
        net = dlib.face_recognition_model_v1(file.name)
    vectors = np.array([net.compute_face_descriptor(np.ascontiguousarray(picture)) for picture in pictures])
    return f"dlib-bin {version('dlib-bin')}", [vectors / np.linalg.norm(vectors, axis=1, keepdims=True)]


def reference_minifasnet(identity, content, pictures):
    import torch

    nets = one_file("deepface", "models/spoofing/pytorch/FasNetBackbone.py")
    make = {"minifasnet-v2": nets.MiniFASNetV2, "minifasnet-v1se": nets.MiniFASNetV1SE}[identity]
    net = loaded(make(conv6_kernel=(5, 5)), content)
    with torch.no_grad():
        probabilities = torch.softmax(net(planes_bgr(pictures)), 1)
    source = f"deepface {version('deepface')} FasNetBackbone (torch {torch.__version__}, float64)"
    return source, [probabilities.numpy()]


def reference_retinaface(_identity, content, pictures):
    import torch
    import torch.nn.functional as functional

    nets = one_file("facexlib", "detection/retinaface_net.py")

    class RetinaFace(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.body, self.fpn = nets.MobileNetV1(), nets.FPN([64, 128, 256], 64)
            del self.body.avg, self.body.fc
            self.ssh1, self.ssh2, self.ssh3 = (nets.SSH(64, 64) for _ in range(3))
            self.ClassHead = nets.make_class_head(fpn_num=3, inchannels=64)
            self.BboxHead = nets.make_bbox_head(fpn_num=3, inchannels=64)
            self.LandmarkHead = nets.make_landmark_head(fpn_num=3, inchannels=64)

        def forward(self, x):
            features = []
            for stage in (self.body.stage1, self.body.stage2, self.body.stage3):
                x = stage(x)
                features.append(x)
            features = [ssh(x) for ssh, x in zip((self.ssh1, self.ssh2, self.ssh3), self.fpn(features))]
            heads = (self.ClassHead, self.BboxHead, self.LandmarkHead)
            classes, boxes, landmarks = (torch.cat([each(x) for each, x in zip(head, features)], 1) for head in heads)
            return functional.softmax(classes, 2)[:, :, 1], boxes, landmarks

    x = planes_bgr(pictures) - torch.tensor([104.0, 117.0, 123.0]).double().reshape(1, 3, 1, 1)
    with torch.no_grad():
        outputs = loaded(RetinaFace(), content)(x)
    source = f"facexlib {version('facexlib')} retinaface_net (torch {torch.__version__}, float64)"
    return source, [array.numpy() for array in outputs]


def reference_yunet(_identity, content, pictures):
    """The sigmoids are computed here: onnxruntime's own is off by up to 1e-7, which the root of a product of two small
    ones makes 2e-4."""
    import onnx
    import onnxruntime

    model = onnx.load_from_string(content)
    for side, name in zip(model.graph.input[0].type.tensor_type.shape.dim[2:], ("height", "width")):
        side.dim_param = name
    before = {node.output[0]: node.input[0] for node in model.graph.node if node.op_type == "Sigmoid"}
    names = [each.name for each in model.graph.output]
    del model.graph.output[:], model.graph.value_info[:]
    model.graph.output.extend(onnx.ValueInfoProto(name=before.get(name, name)) for name in names)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    rows = []
    # The file is for one picture at a time.
    for picture in pictures:
        x = picture[None, :, :, ::-1].transpose(0, 3, 1, 2).astype(np.float32)
        got = dict(zip(names, session.run(None, {session.get_inputs()[0].name: x}), strict=True))
        cls, obj, box, points = (
            np.concatenate([got[f"{kind}_{stride}"].astype(np.float64) for stride in (8, 16, 32)], 1)
            for kind in ("cls", "obj", "bbox", "kps")
        )
        scores = np.sqrt(1 / (1 + np.exp(-cls)) / (1 + np.exp(-obj)))
        rows.append((scores[:, :, 0], box, points))
    return f"onnxruntime {version('onnxruntime')}", [np.concatenate(parts) for parts in zip(*rows)]


def loaded(net, content):
    """The module with the file's weights, every one of them, in float64."""
    import torch

    state = torch.load(io.BytesIO(content), weights_only=True, map_location="cpu")
    net.load_state_dict({name.removeprefix("module."): tensor for name, tensor in state.items()}, strict=True)
    return net.eval().double()


def planes_bgr(pictures):
    import torch

    return torch.from_numpy(np.ascontiguousarray(pictures[..., ::-1])).permute(0, 3, 1, 2).double()


def one_file(package, path):
    """A module out of an installed package, without running the package."""
    (folder,) = importlib.util.find_spec(package).submodule_search_locations
    spec = importlib.util.spec_from_file_location(pathlib.Path(path).stem, pathlib.Path(folder) / path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
