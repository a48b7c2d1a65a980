"""What the peers share: options, images, the stop-watch, and the line of JSON they print.

A peer is the tutorial's network and training step in another system: 256 fakes and 256 real images,
one forward pass of each network, both gradients, two Adam updates, Keras' constants. A step ends
when both losses are on the host.
"""
import argparse
import gzip
import importlib.metadata
import json
import pathlib
import platform
import resource
import statistics
import time

import numpy as np

BATCH, NOISE = 256, 100
LEARNING_RATE, ADAM_EPSILON = 1e-4, 1e-7
SLOPE, DROPOUT, BN_EPSILON, BN_MOMENTUM = 0.3, 0.3, 1e-3, 0.99


def parse(description, *flags):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("data", help="the folder of MNIST's files")
    parser.add_argument("--device", choices=("cpu", "gpu"), default="cpu")
    parser.add_argument("--seconds", type=float, default=6, help="how long steps are timed")
    parser.add_argument("--least", type=int, default=3, help="how many are, in any case")
    for flag in flags:
        parser.add_argument(flag, action="store_true")
    return parser.parse_args()


def images(folder):
    """[60000, 28, 28] in -1 .. 1."""
    with gzip.open(pathlib.Path(folder, "train-images-idx3-ubyte.gz")) as file:
        pixels = np.frombuffer(file.read(), np.uint8, offset=16)
    return (pixels.reshape(-1, 28, 28).astype("float32") - 127.5) / 127.5


def processor():
    """The CPU's name."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            for line in file:
                if line.startswith("model name"):
                    return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.machine()


def is_installed(package):
    try:
        return bool(importlib.metadata.version(package))
    except importlib.metadata.PackageNotFoundError:
        return False


def measure(step, options, package, device, warm_up=4):
    """Times step(), which gives both losses as floats, and prints the line."""
    start = time.perf_counter()
    losses = step()
    first = time.perf_counter() - start
    for _ in range(warm_up):
        step()
    seconds, begin = [], time.perf_counter()
    while len(seconds) < options.least or time.perf_counter() - begin < options.seconds:
        start = time.perf_counter()
        losses = step()
        seconds.append(time.perf_counter() - start)
    if not all(np.isfinite(losses)):
        raise SystemExit(f"the losses are {losses}")
    print(json.dumps({
        "peer": package, "version": importlib.metadata.version(package), "device": device,
        "batch": BATCH, "steps": len(seconds), "seconds_first": first,
        "seconds_median": statistics.median(seconds), "seconds_min": min(seconds),
        "seconds_max": max(seconds), "loss_g": losses[0], "loss_d": losses[1],
        "resident_bytes": 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}))
