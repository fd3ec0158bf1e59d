"""Writes detection.json beside this file: what facenet-pytorch finds in the registry pictures.

A developer's tool, not part of any test run. Needs facenet-pytorch 2.6.0, torch and Pillow:

    python generate.py WEIGHTS_CACHE/pictures

Values are in pixels of the upright picture; boxes are left, top, right, bottom; landmarks x, y of left eye, right eye,
nose, left and right corner of the mouth, as seen in the picture.
"""

import json
import pathlib
import sys

import numpy
import torch
from facenet_pytorch import MTCNN
from PIL import Image, ImageOps

# Every picture at the usual smallest face; a few also at half of it.
RUNS = [
    {"min_face_px": 40, "pictures": ["celebrities/*/*/*.jpg", "face_recognition/*.jpg", "groups/*.jpg"]},
    {"min_face_px": 20, "pictures": ["celebrities/val/*/*.jpg", "groups/*.jpg"]},
]


def main(folder):
    torch.manual_seed(0)
    runs = []
    for run in RUNS:
        detector = MTCNN(min_face_size=run["min_face_px"], thresholds=[0.6, 0.7, 0.7], factor=0.709, keep_all=True)
        paths = sorted({path for pattern in run["pictures"] for path in folder.glob(pattern)})
        pictures = [{"file": str(path.relative_to(folder)), "faces": faces(detector, path)} for path in paths]
        runs.append((run["min_face_px"], pictures))
        print(run["min_face_px"], len(pictures), "pictures", sum(len(p["faces"]) for p in pictures), "faces")
    # One picture a line, so that a change can be read.
    text = ",\n".join(
        f'{{"min_face_px": {size}, "pictures": [\n' + ",\n".join(json.dumps(p) for p in pictures) + "\n]}"
        for size, pictures in runs
    )
    pathlib.Path(__file__).with_name("detection.json").write_text(f"[\n{text}\n]\n")


def faces(detector, path):
    picture = numpy.array(ImageOps.exif_transpose(Image.open(path)).convert("RGB"))
    boxes, scores, landmarks = detector.detect(picture, landmarks=True)
    if boxes is None:
        return []
    rounded = lambda values: [round(float(value), 2) for value in values]
    return [
        {"box": rounded(box), "score": round(float(score), 4), "landmarks": [rounded(point) for point in points]}
        for box, score, points in zip(boxes, scores, landmarks)
    ]


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
