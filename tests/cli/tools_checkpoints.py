"""Checkpoints as a stranger reads them, their tensors, and forged ones."""

import ctypes
import json
import math
import re
import struct

from tools_common import need, read, write


# ---- checkpoints ---------------------------------------------------------------------------------


class Digest(ctypes.Structure):
    _fields_ = [("low", ctypes.c_uint64), ("high", ctypes.c_uint64)]


def hash_of(data):
    """xxHash's own library; the digits in the file are taken as zeros."""
    library = ctypes.CDLL("libxxhash.so.0")
    library.XXH3_128bits.restype = Digest
    library.XXH3_128bits.argtypes = [ctypes.c_char_p, ctypes.c_size_t]
    plain = re.sub(rb'("hash":"xxh3-128:)[0-9a-f]{32}', rb"\g<1>" + b"0" * 32, data, count=1)
    digest = library.XXH3_128bits(plain, len(plain))
    return f"{digest.high:016x}{digest.low:016x}"


def header_of(path):
    data = read(path)
    size, = struct.unpack_from("<Q", data)
    return json.loads(data[8:8 + size]), data, size


def do_checkpoint(path, fixture, step, epoch, seed):
    """A checkpoint as a stranger reads it: metadata, hash, the fixture's names and shapes."""
    header, data, size = header_of(path)
    metadata = header.pop("__metadata__")
    need(all(isinstance(v, str) for v in metadata.values()), "metadata are strings")
    for key, value in (("step", step), ("epoch", epoch), ("seed", seed), ("clgan.format", "1")):
        need(metadata[key] == value, f"{path}: {key} is {metadata[key]}, not {value}")
    need(json.loads(metadata["options"])["batch"] == 4, f"{path}: options")
    need(metadata["hash"] == "xxh3-128:" + hash_of(data), f"{path}: hash")
    place = 0
    for name, tensor in header.items():
        count = math.prod(tensor["shape"])
        need(tensor["dtype"] == "F32" and tensor["data_offsets"] == [place, place + 4 * count],
             f"{path}: {name}")
        place += 4 * count
    need(place == len(data) - 8 - size, f"{path}: size")
    with open(fixture, encoding="utf-8") as file:
        first = json.load(file)["steps"][0]
    shapes = {name: tensor["shape"] for name, tensor in first["stat"].items()}
    for name, tensor in first["grad"].items():
        for full in (name, f"adam.m.{name}", f"adam.v.{name}"):
            shapes[full] = tensor["shape"]
    need({name: tensor["shape"] for name, tensor in header.items()} == shapes, f"{path}: tensors")


def do_forge(path, old, new):
    """Changes a text of the header and makes its length and the hash right again."""
    _, data, size = header_of(path)
    old_head = data[8:8 + size]
    head = old_head.replace(old.encode(), new.encode()).rstrip(b" ")
    need(old.encode() in old_head, f"{path} has no {old}")
    head += b" " * (-len(head) % 8)
    data = struct.pack("<Q", len(head)) + head + data[8 + size:]
    digits = hash_of(data).encode()
    write(path, re.sub(rb'("hash":"xxh3-128:)[0-9a-f]{32}', rb"\g<1>" + digits, data, count=1))


def do_foreign(path):
    """A sound safetensors file of somebody else."""
    head = b'{"weight":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}'
    head += b" " * (-len(head) % 8)
    write(path, struct.pack("<Q", len(head)) + head + bytes(8))


# ---- recipes -------------------------------------------------------------------------------------


def tensors_of(path):
    """{name: bytes}"""
    header, data, size = header_of(path)
    header.pop("__metadata__")
    return {name: data[8 + size + t["data_offsets"][0]:8 + size + t["data_offsets"][1]]
            for name, t in header.items()}


def do_tensors(one, other, pattern, wanted):
    """Of the tensors whose names begin with the pattern: all are the same, or none is."""
    a, b = tensors_of(one), tensors_of(other)
    names = [name for name in a if re.match(pattern, name)]
    need(names, f"no tensor {pattern}")
    for name in names:
        need((a[name] == b[name]) == (wanted == "same"), f"{name} is not {wanted}")


def do_average(run, steps, decay):
    """The moving average of some tensors, step by step from the weights that were saved."""
    names = ["g.convt3.weight", "g.bn1.gamma"]
    old = None
    for t in range(1, int(steps) + 1):
        now = tensors_of(f"{run}/checkpoints/step_{t:08d}.safetensors")
        follow = 1 - min(float(decay), (1 + t) / (10 + t))
        for name in names if old else []:
            n = len(now[name]) // 4
            p, a, got = (struct.unpack(f"<{n}f", x)
                         for x in (now[name], old["average." + name], now["average." + name]))
            worst = max(abs(a[i] + follow * (p[i] - a[i]) - got[i]) for i in range(n))
            need(worst < 1e-6, f"step {t}: average.{name} is off by {worst}")
        old = now
