"""Data sets and damaged files, for the tests of the command."""

import gzip
import math
import os
import random

from tools_common import idx, read, write


# ---- data sets -----------------------------------------------------------------------------------


def do_data(folder, count, seed="1"):
    """Discs on noise, `count` of them, with labels."""
    rng = random.Random(int(seed))
    pixels = bytearray()
    for _ in range(int(count)):
        cx, cy, r = rng.uniform(8, 20), rng.uniform(8, 20), rng.uniform(3, 8)
        for y in range(28):
            pixels += bytes(255 if (x - cx) ** 2 + (y - cy) ** 2 < r * r else rng.randrange(40)
                            for x in range(28))
    os.makedirs(folder, exist_ok=True)
    write(f"{folder}/train-images-idx3-ubyte", idx([int(count), 28, 28], pixels))
    labels = bytes(i % 10 for i in range(int(count)))
    write(f"{folder}/train-labels-idx1-ubyte", idx([int(count)], labels))


def do_mnist(folder, train, test, swap="0"):
    """The first images of MNIST's training and test sets, with labels; swapped, light on dark."""
    source = os.path.join(os.environ["CLGAN_SOURCE_DIR"], "data", "mnist")
    os.makedirs(folder, exist_ok=True)
    for part, count in ("train", int(train)), ("t10k", int(test)):
        images = gzip.decompress(read(f"{source}/{part}-images-idx3-ubyte.gz"))[16:]
        pixels = images[:count * 784]
        if swap != "0":
            pixels = bytes(255 - p for p in pixels)
        labels = gzip.decompress(read(f"{source}/{part}-labels-idx1-ubyte.gz"))[8:]
        write(f"{folder}/{part}-images-idx3-ubyte", idx([count, 28, 28], pixels))
        write(f"{folder}/{part}-labels-idx1-ubyte", idx([count], labels[:count]))


def do_idx(path, *dims):
    """An IDX file of zeros."""
    dims = [int(d) for d in dims]
    write(path, idx(dims, bytes(math.prod(dims))))


def do_gzip(source, target):
    write(target, gzip.compress(read(source), mtime=0))


def do_relabel(path, label):
    """Gives the last image another label."""
    write(path, read(path)[:-1] + bytes([int(label)]))


# ---- bytes ---------------------------------------------------------------------------------------


def do_flip(path, position):
    """Turns one bit; a negative position counts from the end."""
    data = bytearray(read(path))
    data[int(position)] ^= 1 << (int(position) % 8)
    write(path, data)


def do_cut(path, size):
    with open(path, "r+b") as file:
        file.truncate(int(size))
