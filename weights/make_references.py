#!/usr/bin/env python3
"""Writes references/*.json: what independent implementations compute for the synthetic pictures.

For developers; nobody else needs it, since its results are in the repository. It shares no code with the exporters, only
the pictures and the manifest:

    mtcnn           facenet-pytorch's own modules, run by torch        (pip install torch facenet-pytorch --no-deps)
    facenet         the graph that the Keras file itself describes, run layer by layer in float64      (pip install h5py)
    mobilefacenet   the tflite interpreter                                               (pip install ai-edge-litert)
    dlib, minifasnet, retinaface, yunet: reference_nets.py

    weights/make_references.py PACKAGES mtcnn|facenet|mobilefacenet|dlib|minifasnet|retinaface|yunet...

PACKAGES has the operator's model files too, once scripts/setup --models has found them.
"""

import json
import pathlib
import sys

import numpy as np

import operator_models
import reference_nets
import synthetic
from manifest import HERE, Manifest, member

TOLERANCE = 1e-4
SHAPES = {
    "mtcnn-pnet": (2, 25, 34, 3),
    "mtcnn-rnet": (4, 24, 24, 3),
    "mtcnn-onet": (4, 48, 48, 3),
    "facenet": (2, 160, 160, 3),
    "mobilefacenet": (2, 112, 112, 3),
    "dlib": (2, 150, 150, 3),
    "minifasnet-v2": (4, 80, 80, 3),
    "minifasnet-v1se": (4, 80, 80, 3),
    "yunet": (2, 64, 96, 3),
    "retinaface": (2, 75, 100, 3),
}


def main(packages, *wanted):
    manifest = Manifest.read()
    runs = {"mtcnn": reference_mtcnn, "facenet": reference_facenet, "mobilefacenet": reference_mobilefacenet}
    others = ("dlib", "minifasnet", "retinaface", "yunet")
    runs |= {name: getattr(reference_nets, f"reference_{name}") for name in others}
    for name in wanted:
        for model in manifest.models:
            if model["id"].split("-")[0] == name:
                content = source_of(model, manifest, pathlib.Path(packages))
                pictures = synthetic.pictures(SHAPES[model["id"]])
                source, outputs = runs[name](model["id"], content, pictures)
                write(model, pictures.shape, source, dict(zip(model["outputs"], outputs, strict=True)))


def source_of(model, manifest, packages):
    if "package" in model:
        return member(manifest.package(model["package"]), packages, model)
    return operator_models.find(model, packages, place=None).read_bytes()


def write(model, shape, source, outputs):
    reference = {
        "model": model["id"],
        "computed_by": source,
        "input": {"shape": shape, "kind": "uint8", "formula": synthetic.FORMULA},
        "tolerance": TOLERANCE,
        "outputs": [
            {"name": name, "shape": array.shape, "values": [float(f"{value:.7g}") for value in array.ravel()]}
            for name, array in outputs.items()
        ],
    }
    path = HERE / model["reference"]
    path.write_text(json.dumps(reference, separators=(",", ":")) + "\n")
    print(f"{path.relative_to(HERE.parent)}: {', '.join(f'{name} {array.shape}' for name, array in outputs.items())}")


def reference_mtcnn(identity, content, pictures):
    import io

    import torch
    from facenet_pytorch.models import mtcnn

    nets = {"mtcnn-pnet": mtcnn.PNet, "mtcnn-rnet": mtcnn.RNet, "mtcnn-onet": mtcnn.ONet}
    net = nets[identity](pretrained=False).eval()
    net.load_state_dict(torch.load(io.BytesIO(content), weights_only=True))
    x = (torch.from_numpy(pictures).permute(0, 3, 1, 2).double() - 127.5) * 0.0078125
    with torch.no_grad():
        offsets, *landmarks, classes = net.double()(x)
    source = f"facenet-pytorch 2.6.0 (torch {torch.__version__}, float64)"
    return source, [array.numpy() for array in (offsets, classes[:, 1], *landmarks)]


def reference_mobilefacenet(_identity, content, pictures):
    from importlib.metadata import version

    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=content)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], (pictures.astype(np.float32) - 127.5) / 128)
    interpreter.invoke()
    embeddings = interpreter.get_tensor(interpreter.get_output_details()[0]["index"]).astype(np.float64)
    return f"the tflite interpreter of ai-edge-litert {version('ai-edge-litert')}", [unit_length(embeddings)]


def reference_facenet(_identity, content, pictures):
    import io

    import h5py

    x = pictures.astype(np.float64)
    axes = (1, 2, 3)
    deviation = np.maximum(x.std(axes, keepdims=True), 1 / np.sqrt(x[0].size))
    with h5py.File(io.BytesIO(content)) as file:
        embeddings = run_keras(file, (x - x.mean(axes, keepdims=True)) / deviation)
    return "the Keras file's own graph, layer by layer in float64 numpy", [unit_length(embeddings)]


def unit_length(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def run_keras(file, x):
    """Follows `model_config`: every layer with the inputs that it names."""
    config = json.loads(file.attrs["model_config"])["config"]
    ((source, _, _),), ((result, _, _),) = config["input_layers"], config["output_layers"]
    values = {source: x}
    for layer in config["layers"]:
        name = layer["config"]["name"]
        if name != source:
            inputs = [values[node[0]] for node in layer["inbound_nodes"][0]]
            group = file["model_weights"][name]
            weights = [np.asarray(group[path], np.float64) for path in group.attrs["weight_names"]]
            values[name] = keras_layer(layer["class_name"], layer["config"], inputs, weights)
    return values[result]


def keras_layer(kind, config, inputs, weights):
    x = inputs[0]
    if kind == "Conv2D":
        assert config["dilation_rate"] == [1, 1] and config["activation"] == "linear"
        patches = windows(x, config["kernel_size"], config["strides"], config["padding"])
        result = np.einsum("nyxcij,ijcd->nyxd", patches, weights[0], optimize=True)
        return result + weights[1] if config["use_bias"] else result
    if kind == "BatchNormalization":
        assert config["center"] and not config["scale"]
        beta, mean, variance = weights
        return (x - mean) / np.sqrt(variance + config["epsilon"]) + beta
    if kind == "MaxPooling2D":
        return windows(x, config["pool_size"], config["strides"], config["padding"]).max((4, 5))
    if kind == "Dense":
        assert config["activation"] == "linear" and not config["use_bias"]
        return x @ weights[0]
    if kind == "Lambda":
        (first, second), scale = inputs, config["arguments"]["scale"]
        return first + scale * second
    if kind == "Activation":
        assert config["activation"] == "relu"
        return np.maximum(x, 0)
    if kind == "Concatenate":
        return np.concatenate(inputs, config["axis"])
    if kind == "GlobalAveragePooling2D":
        return x.mean((1, 2))
    assert kind == "Dropout", f"a layer of the kind {kind}"
    return x


def windows(x, size, strides, padding):
    """(count, rows, columns, channel, height, width) of all windows."""
    assert padding == "valid" or list(strides) == [1, 1]
    if padding == "same":
        x = np.pad(x, [(0, 0), *[((edge - 1) // 2, edge // 2) for edge in size], (0, 0)])
    view = np.lib.stride_tricks.sliding_window_view(x, size, (1, 2))
    return view[:, :: strides[0], :: strides[1]]


if __name__ == "__main__":
    main(*sys.argv[1:])
