#!/usr/bin/env python3
"""Writes the seeds of the fuzz targets, tests/fuzz/seeds/TARGET/: small files of the kinds that
clgan reads. What fuzzing has found lies beside them as finding-*, and is not made here.

    tests/fuzz/make_seeds.py
"""
import gzip
import io
import json
import pathlib
import struct
import zipfile
import zlib

SEEDS = pathlib.Path(__file__).parent / "seeds"


def put(target, name, data):
    folder = SEEDS / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data if isinstance(data, bytes) else data.encode())


# ---- arrays and pictures --------------------------------------------------------------------------

def idx(kind, dims, data):
    return bytes([0, 0, kind, len(dims)]) + b"".join(struct.pack(">I", d) for d in dims) + data


def npy(code, shape, data, version=1):
    text = f"{{'descr': '{code}', 'fortran_order': False, 'shape': {shape}, }}".encode()
    length = 8 + (2 if version == 1 else 4)
    text += b" " * (-(length + len(text) + 1) % 64) + b"\n"
    size = struct.pack("<H" if version == 1 else "<I", len(text))
    return b"\x93NUMPY" + bytes([version, 0]) + size + text + data


def packed(data):
    out = io.BytesIO()
    with gzip.GzipFile(filename="", fileobj=out, mode="wb", mtime=0) as file:
        file.write(data)
    return out.getvalue()


def npz(members, method):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data, method)
    return out.getvalue()


def png(width, height, color=0, depth=8, more=b""):
    def chunk(kind, data):
        crc = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)
    lines = b"".join(b"\0" + bytes((x * y) % 256 for x in range(width)) for y in range(height))
    head = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + more + chunk(b"IDAT", zlib.compress(lines))
            + chunk(b"IEND", b""))


def make_data():
    pixels = bytes((7 * i) % 256 for i in range(2 * 28 * 28))
    images = idx(8, [2, 28, 28], pixels)
    labels = idx(8, [5], bytes([3, 1, 4, 1, 5]))
    wide = idx(12, [2, 8], struct.pack(">16i", *range(16)))
    for target, change in ("idx", bytes), ("gzip", packed):
        put(target, "images", change(images))
        put(target, "labels", change(labels))
        put(target, "qmnist_labels", change(wide))
    put("gzip", "two_members", packed(labels[:6]) + packed(labels[6:]) + b"\0" * 16)
    put("idx", "floats", idx(13, [2], struct.pack(">2f", 1, 2)))
    arrays = {"bytes": npy("|u1", "(2, 28, 28)", pixels), "int64": npy("<i8", "(3,)", struct.pack("<3q", 1, 2, 3)),
              "big": npy(">i4", "(2, 2)", struct.pack(">4i", 1, 2, 3, 4), 2), "bool": npy("|b1", "(4,)", b"\0\1\1\0")}
    for name, data in arrays.items():
        put("npy", name, data)
    both = {"x_train.npy": arrays["bytes"], "y_train.npy": arrays["int64"], "y_test.npy": arrays["big"]}
    put("npz", "stored", npz(both, zipfile.ZIP_STORED))
    put("npz", "deflated", npz(both, zipfile.ZIP_DEFLATED))
    for i, name in enumerate(["train-images-idx3-ubyte", "emnist-letters-train-images-idx3-ubyte.gz",
                              "mnist.npz", "t10k-labels.idx1-ubyte", "train.csv"]):
        put("data", f"name{i}", name)
    put("data", "set", b"train-images-idx3-ubyte\n%%\n" + images)
    put("data", "html", b"x_train.npy\n%%\n<!DOCTYPE html><html>not found</html>")
    put("png", "grey", png(12, 9))
    put("png", "color", png(4, 3, 2))
    put("png", "text", png(12, 9, more=struct.pack(">I", 5) + b"tEXta\0bcd" + struct.pack(">I", zlib.crc32(b"tEXta\0bcd"))))


# ---- networks and devices -------------------------------------------------------------------------

OPTIONS = {
    "batch": 64, "recipe": "fast", "learning_rate": 0.0004, "learning_rate_d": 0.0004, "beta1": 0.5,
    "beta2": 0.999, "label_smoothing": 0, "init_stddev": 0, "average": 0.998, "recompute": 20,
    "data_sha256": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "device": "cpu-haswell", "platform": "Portable Computing Language", "driver": "3.1",
    "algorithms": "g.dense/fwd=own g.convt1/fwd=fourier",
}
OLD_OPTIONS = {key: OPTIONS[key] for key in
               ("batch", "learning_rate", "data_sha256", "device", "platform", "driver", "algorithms")}


def compact(value):
    return json.dumps(value, separators=(",", ":"))


def safetensors(tensors, metadata):
    header = {"__metadata__": {"hash": "xxh3-128:" + 32 * "0", **metadata}}
    data, offset = b"", 0
    for name, dims in tensors.items():
        size = 4
        for d in dims:
            size *= d
        header[name] = {"dtype": "F32", "shape": dims, "data_offsets": [offset, offset + size]}
        data += struct.pack(f"<{size // 4}f", *(0.5 * i for i in range(size // 4)))
        offset += size
    text = compact(header).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + data


def make_models():
    put("safetensors", "checkpoint", safetensors(
        {"g.bn1.gamma": [4], "d.dense.bias": [1], "train.epoch_metrics": [2, 5]},
        {"clgan.format": "1", "step": "12", "epoch": "1", "seed": "1", "options": compact(OPTIONS)}))
    put("safetensors", "classifier", safetensors(
        {"conv1.bias": [2], "logits.bias": [10]}, {"clgan.classifier": "1", "data_sha256": OPTIONS["data_sha256"]}))
    put("safetensors", "empty", safetensors({}, {}))
    put("options", "options", compact(OPTIONS))
    put("options", "old", compact(OLD_OPTIONS))
    entry = {"device": "device", "platform": "platform", "driver": "driver", "source": 32 * "0", "clgan": "0.1.0",
             "batch": 256, "step_seconds": 0.08, "default_step_seconds": 0.09,
             "algorithms": {"vec": "8", "g.dense/fwd": "own", "g.convt1/fwd": "fourier"}}
    other = {**entry, "device": "another"}
    put("tuning", "tuning", compact({"format": 1, "entries": [other, entry]}))
    for name, text in {"all": "direct", "some": "vec=8 g.convt1/fwd=plain g.convt2=tiled:32x64",
                       "dense": "g.dense=clblast,d.conv1/bwd_data=image", "wrong": "g.convt9=direct"}.items():
        put("choice", name, text)
    for i, text in enumerate(["0:0", "1", "gpu, cpu, !pocl", "vendor:amd", "arc a770", "!1:0,!Intel", "all"]):
        put("device", f"selector{i}", text)
    key, payload = b"a program of clgan\n", b"a binary"
    put("cache", "program", b"clgan-p1" + struct.pack("<QQ", len(key), len(payload)) + key + payload + 32 * b"0")
    tensor = {"shape": [2, 2], "sum": 1.5, "l2": 2.5, "index": [0, 3], "value": [0.5, 1]}
    losses = {"loss_d_real": 0.7, "loss_d_fake": 0.7, "loss_d": 1.4, "loss_g": 0.7}
    put("fixture", "fixture", compact({
        "what": "", "formula": "", "inputs": {}, "hyper": {"noise": 100, "beta1": 0.9}, "seed": 1, "real_batch": 2,
        "fake_batch": 2, "init": [{"name": "g.dense.weight", "shape": [100, 12544], "stream": 1, "scale": 0.02,
                                   "offset": 0}],
        "steps": [{"step": 1, **losses, "logits_real": tensor, "logits_fake": tensor, "fake": tensor,
                   "sample": tensor, "grad": {"g.dense.weight": tensor}, "param": {}, "stat": {}}]}))


# ---- runs and benches -----------------------------------------------------------------------------

def make_runs():
    config = {
        "format": 1, "clgan": "0.1.0", "seed": 1, **{k: OPTIONS[k] for k in list(OPTIONS)[:10]}, "epochs": 2,
        "keep": 3, "checkpoint_every": 0, "log_every": 50, "evaluate_every": 1, "evaluate_samples": 2000,
        "first_step": 0, "images": 128, "data": "data/mnist", "classifier": "c.safetensors",
        "data_sha256": OPTIONS["data_sha256"],
        "device": {"id": "0:0", "name": "cpu-haswell", "platform": "Portable Computing Language",
                   "vendor": "GenuineIntel", "type": "cpu", "driver": "3.1", "version": "OpenCL 3.0"},
        "algorithms": {"g.dense/fwd": "own", "g.convt1/fwd": "fourier"}, "algorithms_from": "defaults"}
    records = [
        {"type": "step", "step": 2, "epoch": 1, "loss_d": 1.2, "loss_d_real": 0.3, "loss_d_fake": 0.9,
         "loss_g": 0.5, "d_real": 0.7, "d_fake": 0.6, "images_per_second": 1001.7, "seconds": 12.8},
        {"type": "epoch", "epoch": 1, "step": 2, "loss_d": 1.2, "loss_g": 0.7, "seconds": 56.6},
        {"type": "evaluation", "step": 2, "epoch": 1, "samples": 2000, "fid": 310.2, "precision": 0.8,
         "recall": 0.02, "density": 0.5, "coverage": 0.1, "classes_covered": 8,
         "histogram": [3, 0, 212, 5, 6, 7, 8, 9, 10, 1740], "kl_uniform": 0.6, "confidence": 0.7,
         "classifier": "mnist-1 1d39ce854c68", "seconds": 1.4},
        {"type": "warning", "step": 2, "epoch": 1, "kind": "d_wins", "message": "D wins outright: <b>&\u009b\u202e"},
        {"type": "cleared", "step": 4, "epoch": 2, "kind": "d_wins"},
        {"type": "step", "step": 4, "epoch": 2, "loss_d": 1e308, "loss_g": None}]
    text = json.dumps(config, indent=2)
    log = "".join(compact(record) + "\n" for record in records)
    put("config", "config", text)
    put("log", "log", log)
    for target in "run", "report":
        put(target, "run", text.encode() + b"\n%%\n" + log.encode() + b"\n%%\n" + png(12, 9))
        put(target, "torn", text[:300].encode() + b"\n%%\n" + log[:500].encode())
    hostile = text.replace("cpu-haswell", "<script>\u009b\u202e\\u0007&quot;").replace("data/mnist", "/\u009b31m")
    put("report", "marks", hostile.encode() + b"\n%%\n" + log.encode())
    put("run", "marks", hostile.encode() + b"\n%%\n" + log.encode())
    layers = [{"name": "g.convt1", "pass": "fwd", "algorithm": "fourier", "seconds_median": 0.002, "peak_share": 0.4},
              {"name": "g.bn1", "pass": "fwd", "algorithm": "", "seconds_median": 0.0002}]
    device = {"id": "0:0", "platform": "Portable Computing Language", "device": "cpu-haswell", "driver": "3.1",
              "batch": 256, "peak": {"gflops": 100, "gbps": 10}, "layers": layers,
              "step": {"seconds_median": 0.08, "seconds_min": 0.07, "seconds_max": 0.09, "launches": 60,
                       "images_per_second": 3200}, "memory_bytes": 1e8, "check": {"ok": True, "max_error": 1e-6}}
    wrong = {"device": "<b>\u202e", "driver": "&\u009b", "check": {"ok": False, "message": "conv2d: wrong"}}
    for target in "compare", "compare_page":
        put(target, "bench", compact({"format": 1, "clgan": "0.1.0", "devices": [device, wrong]}))
    for i, words in enumerate(["tutoral", "data/my run's", "\u009b31m\u202e<b a='\"'>", "\u65e5\u672c\u8a9e \U0001f600"]):
        put("words", f"words{i}", words)


if __name__ == "__main__":
    make_data()
    make_models()
    make_runs()
