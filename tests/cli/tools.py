#!/usr/bin/env python3
"""What the tests of the command need beside the shell: data sets, and a look at a run's files that
owes nothing to clgan's own readers. Each function below named do_X is the command `tools.py X`."""

import base64
import ctypes
import fcntl
import gzip
import hashlib
import html.parser
import json
import math
import os
import pty
import random
import re
import struct
import subprocess
import sys
import termios
import unicodedata
import xml.etree.ElementTree
import zlib

STEP_KEYS = ["type", "step", "epoch", "loss_d", "loss_d_real", "loss_d_fake", "loss_g", "d_real",
             "d_fake", "images_per_second", "seconds"]
EPOCH_KEYS = ["type", "epoch", "step", "loss_d", "loss_g", "seconds"]
EVALUATION_KEYS = ["type", "step", "epoch", "samples", "fid", "precision", "recall", "density",
                   "coverage", "classes_covered", "histogram", "kl_uniform", "confidence",
                   "classifier", "seconds"]
RECORD_KEYS = {"step": STEP_KEYS, "epoch": EPOCH_KEYS, "evaluation": EVALUATION_KEYS,
               "warning": ["type", "step", "epoch", "kind", "message"],
               "cleared": ["type", "step", "epoch", "kind"]}
RECORD_TEXTS = ("type", "classifier", "kind", "message")
RECORD_COUNTS = ("step", "epoch", "samples", "classes_covered")
TIMES = ("images_per_second", "seconds")


def need(condition, message):
    if not condition:
        sys.exit(f"FAILED: {message}")


def read(path):
    with open(path, "rb") as file:
        return file.read()


def write(path, data):
    with open(path, "wb") as file:
        file.write(data)


# ---- data sets -----------------------------------------------------------------------------------


def idx(dims, data):
    return struct.pack(f">{1 + len(dims)}I", 0x0800 + len(dims), *dims) + bytes(data)


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


# ---- bytes ---------------------------------------------------------------------------------------


def do_flip(path, position):
    """Turns one bit; a negative position counts from the end."""
    data = bytearray(read(path))
    data[int(position)] ^= 1 << (int(position) % 8)
    write(path, data)


def do_cut(path, size):
    with open(path, "r+b") as file:
        file.truncate(int(size))


# ---- pictures ------------------------------------------------------------------------------------


def do_png(path, width, height):
    """An 8-bit grey PNG of that size, every chunk sound."""
    data, place, chunks = read(path), 8, []
    need(data[:8] == b"\x89PNG\r\n\x1a\n", f"{path} is no PNG")
    while place < len(data):
        size, = struct.unpack_from(">I", data, place)
        body = data[place + 4:place + 8 + size]
        need(struct.unpack_from(">I", data, place + 8 + size)[0] == zlib.crc32(body),
             f"{path}: a chunk's checksum is wrong")
        chunks.append((body[:4], body[4:]))
        place += 12 + size
    need(chunks[0][0] == b"IHDR" and chunks[-1] == (b"IEND", b""), f"{path}: chunks")
    got = struct.unpack(">IIBB", chunks[0][1][:10])
    need(got == (int(width), int(height), 8, 0), f"{path} is {got}")
    pixels = zlib.decompress(b"".join(body for name, body in chunks if name == b"IDAT"))
    need(len(pixels) == int(height) * (int(width) + 1), f"{path}: {len(pixels)} bytes of pixels")
    need(len(set(pixels)) > 16, f"{path} shows nothing")


def do_color_png(path):
    """An 8-bit color PNG, every chunk sound; prints its size."""
    data, place, kinds, pixels = read(path), 8, [], b""
    need(data[:8] == b"\x89PNG\r\n\x1a\n", f"{path} is no PNG")
    while place < len(data):
        size, kind = struct.unpack_from(">I4s", data, place)
        body = data[place + 8:place + 8 + size]
        need(zlib.crc32(kind + body) == struct.unpack_from(">I", data, place + 8 + size)[0],
             f"{path}: a chunk's checksum is wrong")
        pixels += body if kind == b"IDAT" else b""
        kinds.append(kind)
        place += 12 + size
    need(kinds[0] == b"IHDR" and kinds[-1] == b"IEND", f"{path}: chunks")
    width, height, depth, color = struct.unpack_from(">IIBB", data, 16)
    need((depth, color) == (8, 2), f"{path}: depth {depth}, color {color}")
    raw = zlib.decompress(pixels)
    need(len(raw) == height * (1 + 3 * width) and len(set(raw)) > 20, f"{path} shows nothing")
    print(width, height)


def do_corner(path):
    """Prints the first pixel of a color PNG in hexadecimal: no filter changes that one."""
    data, place, pixels = read(path), 8, b""
    need(data[24] == 8 and data[25] in (2, 6), f"{path}: depth {data[24]}, color {data[25]}")
    while place < len(data):
        size, kind = struct.unpack_from(">I4s", data, place)
        pixels += data[place + 8:place + 8 + size] if kind == b"IDAT" else b""
        place += 12 + size
    print(zlib.decompress(pixels)[1:4].hex())


def sub_blocks(data, place):
    while data[place]:
        place += 1 + data[place]
    return place + 1


def do_gif(path, frames):
    """An endless animation of so many frames, complete to the trailer."""
    data = read(path)
    need(data[:6] == b"GIF89a", f"{path} is no GIF89a")
    place = 13 + (3 << (1 + (data[10] & 7)) if data[10] & 0x80 else 0)
    count, forever = 0, False
    while data[place] != 0x3B:
        if data[place] == 0x21:
            forever |= data[place + 3:place + 14] == b"NETSCAPE2.0"
            place = sub_blocks(data, place + 2)
        else:
            need(data[place] == 0x2C, f"{path}: byte {place} starts no block")
            flags = data[place + 9]
            place += 10 + (3 << (1 + (flags & 7)) if flags & 0x80 else 0)
            place = sub_blocks(data, place + 1)
            count += 1
    need(place == len(data) - 1, f"{path}: bytes behind its end")
    need(count == int(frames) and forever, f"{path} has {count} frames instead of {frames}")


def do_images(path, count):
    """What `clgan sample` writes: count x 28 x 28 bytes, no two images alike."""
    data = read(path)
    data = gzip.decompress(data) if path.endswith(".gz") else data
    need(data[:16] == struct.pack(">4I", 0x803, int(count), 28, 28), f"{path}: header")
    need(len(data) == 16 + int(count) * 784, f"{path}: {len(data)} bytes")
    need(len(set(data[16:])) > 16, f"{path} shows nothing")
    images = {data[i:i + 784] for i in range(16, len(data), 784)}
    need(len(images) == int(count), f"{path}: only {len(images)} different images")


def do_prefix(long, short):
    """The images of `short` are the first of `long`."""
    a, b = read(long)[16:], read(short)[16:]
    need(len(b) < len(a) and a.startswith(b), f"{short} is not the beginning of {long}")


# ---- recipes -------------------------------------------------------------------------------------


def tensors_of(path):
    """Name: bytes."""
    data = read(path)
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + length])
    header.pop("__metadata__")
    return {name: data[8 + length + t["data_offsets"][0]:8 + length + t["data_offsets"][1]]
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
            need(worst < 1e-6, f"step {t}: average.{name} is {worst} beside")
        old = now


# ---- pages ---------------------------------------------------------------------------------------


class Page(html.parser.HTMLParser):
    """Complains of what no page of ours may have: a script, something from outside, a figure or a
    picture without a name, two parts of one name, tags that do not fit each other."""
    void = {"meta", "br", "img", "input", "source", "path", "rect", "use", "image"}

    def __init__(self):
        super().__init__()
        self.open, self.rows, self.items, self.ids, self.refers = [], [], [], [], []
        self.figures, self.svgs, self.pictures, self.texts = [], [], [], {}
        self.level, self.before = 0, {}

    def check_address(self, tag, name, value):
        if tag in ("img", "source"):
            kind, _, data = value.partition(";base64,")
            need(kind in ("data:image/png", "data:image/gif"), f"{tag} {name} {value[:60]}")
            start = base64.b64decode(data, validate=True)[:4]
            need(start == (b"GIF8" if kind.endswith("gif") else b"\x89PNG"), f"no {kind}")
        else:
            need(value.startswith("#"), f"{tag} {name} {value[:60]}")
            self.refers.append(value[1:])

    def handle_starttag(self, tag, attributes):
        need(tag not in ("script", "link", "iframe", "object", "embed", "base", "b"), tag)
        given = dict(attributes)
        need(len(given) == len(attributes), f"an attribute twice: {attributes}")
        for name, value in attributes:
            need(not name.startswith("on"), name)
            if name in ("src", "href", "srcset", "xlink:href", "action", "poster"):
                self.check_address(tag, name, value or "")
            elif not name.startswith("xmlns"):
                need("://" not in (value or ""), f"{name}={value}")
        if "id" in given:
            self.ids.append(given["id"])
        self.refers += given.get("aria-labelledby", "").split() + given.get("for", "").split()
        self.see(tag, given)
        if tag not in self.void:
            self.open.append(tag)

    def see(self, tag, given):
        if re.fullmatch("h[1-6]", tag):
            need(1 <= int(tag[1]) <= self.level + 1, f"{tag} below a heading of level {self.level}")
            self.level = int(tag[1])
        if given.get("role") == "region":
            need(given["aria-label"] and given["tabindex"] == "0", f"a box is {given}")
        if tag == "table":
            need(self.before.get("role") == "region", "a table that may be wider than its screen")
        self.before = given
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("best:" if given.get("class") == "best" else "")
        if tag == "li":
            self.items.append("")
        if tag == "figure":
            self.figures.append({"caption": False, "inside": 0})
        if tag == "figcaption":
            self.figures[-1]["caption"] = True
        if tag == "svg":
            self.svgs.append(given)
        if tag == "img":
            need(given.get("alt"), "a picture without a name")
            self.pictures.append(given)
        if tag in ("svg", "img") and "figure" in self.open:
            self.figures[-1]["inside"] += 1

    def handle_endtag(self, tag):
        if tag not in self.void:
            need(self.open and self.open.pop() == tag, f"</{tag}> closes something else")

    def handle_data(self, data):
        self.texts.setdefault(self.open[-1] if self.open else "", []).append(data)
        if {"td", "th"} & set(self.open):
            self.rows[-1][-1] += data
        elif "li" in self.open:
            self.items[-1] += data


def page_of(path):
    text = read(path).decode()
    page = Page()
    page.feed(text)
    page.close()
    need(not page.open, f"{path}: open are {page.open}")
    need(not re.search(r"url\(|@import", text.replace("url(#", "")), "an address in a style")
    need("prefers-color-scheme: dark" in text and "@media print" in text, "the style")
    rest = re.sub(r"--[a-z]+(-[0-9]+)?: #[0-9a-f]{6};", "", text)
    need(not re.search(r"rgb\(|#[0-9a-f]{3,8}\b", rest), "a color without a name")
    need(not set(re.findall(r"var\((.*?)\)", rest)) - set(re.findall(r"(--[-a-z0-9]+): #", text)),
         "a name without a color")
    need(len(set(page.ids)) == len(page.ids), "two parts have one name")
    need(not set(page.refers) - set(page.ids), f"refers to {set(page.refers) - set(page.ids)}")
    for svg in re.findall("<svg .*?</svg>", text, re.DOTALL):
        xml.etree.ElementTree.fromstring(svg)
    for svg in page.svgs:
        need(svg["role"] == "img" and len(svg["aria-labelledby"].split()) == 2, f"{svg}")
    need(len(page.texts["title"]) == len(page.svgs) + 1, "a figure without a title")
    need(len(page.texts.get("desc", [])) == len(page.svgs), "a figure without a description")
    return page


def do_page(path):
    """A page that is whole, alone and without a script; prints its tables' rows, its lists' items."""
    page = page_of(path)
    for row in page.rows:
        print("|".join(row))
    for item in page.items:
        print(f"* {item}")


def do_report(path, figures, pictures):
    """The page of a report: each figure has a caption; so many SVG elements and pictures."""
    page = page_of(path)
    for figure in page.figures:
        need(figure["caption"] and figure["inside"], f"a figure without a caption: {figure}")
    need(len(page.svgs) == int(figures), f"{len(page.svgs)} figures, not {figures}")
    need(len(page.pictures) == int(pictures), f"{len(page.pictures)} pictures, not {pictures}")


# ---- evaluations ---------------------------------------------------------------------------------

SCORES = ["samples", "fid", "fid_interval", "kid", "kid_interval", "fid_train",
          "fid_train_interval", "kid_train", "kid_train_interval", "precision", "recall", "density",
          "coverage", "classes_covered", "histogram", "kl_uniform", "confidence", "nearest_train",
          "nearest_train_low"]


def check_scores(s, samples):
    need([k for k in s if k in SCORES] == SCORES, f"scores are {list(s)}")
    need(s["samples"] == samples and sum(s["histogram"]) == samples, f"{samples} samples: {s}")
    for name in "fid", "kid", "fid_train", "kid_train":
        low, high = s[f"{name}_interval"]
        if name.startswith("kid") and samples <= 1000:  # its subsets are the set itself
            need(low is high is None, f"{name}: {low} .. {high} of one subset")
        else:
            need(low <= s[name] <= high, f"{name}: {s[name]} is not in {low} .. {high}")
    for name in "precision", "recall", "coverage", "confidence":
        need(0 <= s[name] <= 1, f"{name} is {s[name]}")
    shares = [n / samples for n in s["histogram"]]
    kl = sum(p * math.log(len(shares) * p) for p in shares if p)
    need(abs(kl - s["kl_uniform"]) < 1e-9, f"kl_uniform is {s['kl_uniform']}, not {kl}")
    need(s["classes_covered"] == sum(p >= 0.1 / len(shares) for p in shares), "classes_covered")
    need(0 <= s["nearest_train_low"] <= s["nearest_train"] + 1e-9, "nearest_train_low")


def do_scores(path, samples, count, classifier):
    """An evaluation's JSON: its keys, and what must be so between its numbers."""
    e = json.loads(read(path))
    need(e["format"] == 1 and e["classifier"] == classifier, f"classifier {e['classifier']}")
    need(re.fullmatch("[0-9a-f]{64}", e["classifier_sha256"]), "no SHA-256 of the classifier")
    check_scores(e, int(samples))
    check_scores(e["floor"], int(samples))
    need(len(e["evaluations"]) == int(count), f"{len(e['evaluations'])} evaluations")
    for entry in e["evaluations"]:
        check_scores(entry, int(samples))
    need({k: e[k] for k in e["evaluations"][-1]} == e["evaluations"][-1], "the last is not on top")


def do_score(path, condition):
    """A condition on an evaluation e and its floor, f, in Python."""
    e = json.loads(read(path))
    need(eval(condition, {"e": e, "f": e["floor"]}), f"not so in {path}: {condition}")


def do_same_scores(one, other):
    a, b = json.loads(read(one)), json.loads(read(other))
    for name in SCORES:
        need(a[name] == b[name], f"{name} is {a[name]} and {b[name]}")
    need(a["floor"] == b["floor"], "the floors differ")


def do_relabel(path, label):
    """Gives the last image another label."""
    write(path, read(path)[:-1] + bytes([int(label)]))


# ---- runs ----------------------------------------------------------------------------------------


def records(run):
    text = read(f"{run}/log.jsonl").decode()
    need(text.endswith("\n"), f"{run}/log.jsonl: its last line has no end")
    return [json.loads(line) for line in text.splitlines()]


def check_record(record):
    need(list(record) == RECORD_KEYS.get(record["type"]), f"the keys of {record}")
    for key, value in record.items():
        if key == "histogram":
            need(len(value) == 10 and all(isinstance(n, int) for n in value), f"{record}")
            continue
        kind = str if key in RECORD_TEXTS else int if key in RECORD_COUNTS else (int, float)
        need(isinstance(value, kind) and not isinstance(value, bool), f"{key} of {record}")
        need(kind is str or math.isfinite(value), f"{key} of {record}")
    if record["type"] == "step":
        total = record["loss_d_real"] + record["loss_d_fake"]
        need(abs(record["loss_d"] - total) <= 1e-6 * total, f"loss_d of {record}")
        need(0 <= record["d_real"] <= 1 and 0 <= record["d_fake"] <= 1, f"D of {record}")


def do_log(run, epoch_steps, *expected):
    """Records of the contract, and these: "2 4 e6 v6" are steps 2 and 4, the epoch ending with 6 and
    its evaluation; "walike6" is a warning of the kind alike, "calike6" that it was cleared."""
    found = []
    for record in records(run):
        check_record(record)
        mark = {"step": "", "epoch": "e", "evaluation": "v", "warning": "w", "cleared": "c"}
        need(record["epoch"] == (record["step"] - 1) // int(epoch_steps) + 1, f"epoch of {record}")
        found.append(f"{mark[record['type']]}{record.get('kind', '')}{record['step']}")
    need(found == list(expected), f"{run}/log.jsonl has {found} instead of {list(expected)}")


def do_evaluated(run, samples, classifier):
    """Its evaluations are of so many samples, by this classifier, and sound in themselves."""
    name = os.path.basename(classifier).partition(".")[0]
    digest = hashlib.sha256(read(classifier)).hexdigest()
    found = [r for r in records(run) if r["type"] == "evaluation"]
    need(found, f"{run} has no evaluation")
    for r in found:
        shares = [n / int(samples) for n in r["histogram"]]
        need(r["samples"] == int(samples) == sum(r["histogram"]), f"samples of {r}")
        need(r["classifier"] == f"{name} {digest[:12]}", f"classifier of {r}")
        need(r["classes_covered"] == sum(p >= 0.01 for p in shares), f"classes of {r}")
        kl = sum(p * math.log(10 * p) for p in shares if p)
        need(abs(kl - r["kl_uniform"]) < 1e-6, f"kl_uniform of {r} is not {kl}")
        need(all(0 <= r[k] <= 1 for k in ("precision", "recall", "coverage", "confidence")), f"{r}")
        need(r["fid"] > 0 and r["density"] >= 0, f"{r}")


def do_best(run):
    """best.safetensors is the checkpoint of the evaluation with the smallest distance."""
    found = [r for r in records(run) if r["type"] == "evaluation"]
    step = min(found, key=lambda r: r["fid"])["step"]
    same = read(f"{run}/checkpoints/best.safetensors") == \
        read(f"{run}/checkpoints/step_{step:08}.safetensors")
    need(same, f"{run}: best.safetensors is not the checkpoint of step {step}")


def do_means(run):
    """With --log-every 1: an epoch's losses are the means of its steps'."""
    steps = []
    for record in records(run):
        if record["type"] == "step":
            steps.append(record)
            continue
        for key in ("loss_d", "loss_g"):
            mean = sum(s[key] for s in steps) / len(steps)
            need(abs(record[key] - mean) < 1e-6, f"{key} of {record} is not {mean}")
        steps = []


def do_config(run, *pairs):
    """config.json says what the contract asks for; pairs: key=JSON."""
    config = json.loads(read(f"{run}/config.json"))
    for key in ("clgan", "seed", "batch", "learning_rate", "epochs", "keep", "checkpoint_every",
                "log_every", "data", "data_sha256", "device", "algorithms"):
        need(key in config, f"config.json has no {key}")
    need(re.fullmatch("[0-9a-f]{64}", config["data_sha256"]), "data_sha256")
    need(config["device"]["name"] and config["device"]["driver"], "config.json: device")
    for pair in pairs:
        key, _, value = pair.partition("=")
        need(config[key] == json.loads(value), f"config.json: {key} is {config[key]}, not {value}")


def do_algorithms(run, name):
    """All convolutions use this one."""
    chosen = json.loads(read(f"{run}/config.json"))["algorithms"]
    found = {a for op, a in chosen.items() if not op.startswith("g.dense/")}
    need(found == {name}, f"algorithms {found}")
    need("g.dense/fwd" in chosen and "g.dense/bwd_weight" in chosen, "the dense layer's")


def do_algorithm(run, operation, name):
    """One operation's algorithm."""
    found = json.loads(read(f"{run}/config.json"))["algorithms"].get(operation)
    need(found == name, f"{operation} by {found}")


def files(run):
    found = {}
    for folder in ("checkpoints", "images"):
        for name in os.listdir(f"{run}/{folder}"):
            found[f"{folder}/{name}"] = read(f"{run}/{folder}/{name}")
    found["dcgan.gif"] = read(f"{run}/dcgan.gif")
    return found


def do_same(one, other, *but_for_the_log):
    """Two runs are equal bit for bit, the log apart from times and speeds."""
    a, b = files(one), files(other)
    need(set(a) == set(b), f"only in one of {one} and {other}: {sorted(set(a) ^ set(b))}")
    for name in a:
        need(a[name] == b[name], f"{name} differs between {one} and {other}")
    if but_for_the_log:
        return
    logs = [[{k: v for k, v in r.items() if k not in TIMES} for r in records(run)]
            for run in (one, other)]
    need(logs[0] == logs[1], f"log.jsonl differs between {one} and {other}")


# ---- event files ---------------------------------------------------------------------------------


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def fields(data):
    """A protocol buffer as (field, value) pairs."""
    place = 0

    def varint():
        nonlocal place
        number, shift = 0, 0
        while True:
            byte = data[place]
            place += 1
            number |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return number

    while place < len(data):
        key = varint()
        if key & 7 == 0:
            yield key >> 3, varint()
            continue
        size = {1: 8, 5: 4}.get(key & 7)
        size = varint() if size is None else size
        yield key >> 3, data[place:place + size]
        place += size


def events_in(path):
    data, place = read(path), 0
    while place < len(data):
        size, = struct.unpack_from("<Q", data, place)
        for start, end in ((place, place + 8), (place + 12, place + 12 + size)):
            crc = crc32c(data[start:end])
            masked = ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF
            need(struct.unpack_from("<I", data, end)[0] == masked, f"{path}: a checksum at {end}")
        yield dict(fields(data[place + 12:place + 12 + size]))
        place += size + 16


def do_events(run, *starts):
    """Reads a run's event files in the order of their names; a start takes back what came before of
    its step and later ones. Prints "STEP TAG VALUE" by step."""
    found, names = [], sorted(n for n in os.listdir(run) if n.startswith("events.out.tfevents."))
    need(len(names) == len(starts), f"files {names}")
    for name, start in zip(names, starts):
        events = list(events_in(f"{run}/{name}"))
        need(events[0][3] == b"brain.Event:2", f"{name}: version")
        need(events[1][2] == int(start) and dict(fields(events[1][7])) == {1: 1},
             f"{name}: start {events[1]}")
        found = [f for f in found if f[0] < int(start)]
        for event in events[2:]:
            for _, value in fields(event[5]):
                value = dict(fields(value))
                if 4 in value:
                    image = dict(fields(value[4]))
                    need(image[4].startswith(b"\x89PNG"), f"{name}: a picture")
                    text = f"{image[2]}x{image[1]}"
                else:
                    text = repr(struct.unpack("<f", value[2])[0])
                found.append((event.get(2, 0), value[1].decode(), text))
    for step, tag, text in sorted(found):
        print(step, tag, text)


def events_of(listing):
    lines = [line.split(" ") for line in read(listing).decode().splitlines()]
    return {(int(step), tag): value for step, tag, value in lines}


def do_events_log(run, listing):
    """What `events` printed are the log's numbers, all of them and no others."""
    found = events_of(listing)
    wanted = {}
    for record in records(run):
        for key, value in record.items():
            if key not in ("type", "step", "epoch"):
                wanted[record["step"], f"{record['type']}/{key}"] = value
    numbers = {place: float(v) for place, v in found.items() if place[1] != "pictures"}
    need(set(numbers) == set(wanted), f"{sorted(set(numbers) ^ set(wanted))}")
    for place, value in wanted.items():
        need(abs(numbers[place] - value) <= 1e-6 * abs(value), f"{place}: {numbers[place]}, {value}")


def do_tensorboard(run, listing):
    """TensorBoard's own reader finds the same."""
    from tensorboard.backend.event_processing import event_accumulator
    reader = event_accumulator.EventAccumulator(run, {"scalars": 0, "images": 0})
    reader.Reload()
    found = {}
    for tag in reader.Tags()["scalars"]:
        for event in reader.Scalars(tag):
            need((event.step, tag) not in found, f"{tag} of step {event.step} twice")
            found[event.step, tag] = repr(struct.unpack("<f", struct.pack("<f", event.value))[0])
    for tag in reader.Tags()["images"]:
        for event in reader.Images(tag):
            found[event.step, tag] = f"{event.width}x{event.height}"
    wanted = events_of(listing)
    need(found == wanted, f"TensorBoard reads {found} instead of {wanted}")


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


# ---- devices and fixtures ------------------------------------------------------------------------


def do_devices(path, ids):
    """The contract's JSON, with one default; `ids`: "0:0 1:0", or empty for any."""
    document = json.loads(read(path))
    need(list(document) == ["devices"], "devices: keys")
    kinds = {"index": int, "id": str, "name": str, "platform": str, "vendor": str, "type": str,
             "driver": str, "version": str, "global_mem_bytes": int, "compute_units": int,
             "default": bool}
    for i, device in enumerate(document["devices"]):
        need(set(device) == set(kinds), f"keys of {device}")
        need(all(isinstance(device[k], kind) for k, kind in kinds.items()), f"types of {device}")
        need(device["index"] == i and re.fullmatch("[0-9]+:[0-9]+", device["id"]), f"{device}")
        need(device["type"] in ("cpu", "gpu", "accelerator") and device["name"], f"{device}")
        need(device["global_mem_bytes"] > 0 and device["compute_units"] > 0, f"{device}")
    need(sum(d["default"] for d in document["devices"]) == 1, "not one default")
    found = [d["id"] for d in document["devices"]]
    need(not ids or found == ids.split(), f"ids {found}, not {ids}")


def do_perturb(source, target):
    """A fixture with one recorded loss a little off."""
    with open(source, encoding="utf-8") as file:
        fixture = json.load(file)
    fixture["steps"][0]["loss_g"] *= 1.001
    with open(target, "w", encoding="utf-8") as file:
        json.dump(fixture, file)


# ---- terminals -----------------------------------------------------------------------------------


def do_terminal(path, *command):
    """Runs the command with a terminal as its stderr, and as its stdout where STDOUT is set, keeps
    what it wrote there, and ends as it did. SIZE: how many columns that has; AS: its TERM."""
    ours, theirs = pty.openpty()
    if os.environ.get("SIZE"):
        fcntl.ioctl(theirs, termios.TIOCSWINSZ,
                    struct.pack("4H", 24, int(os.environ["SIZE"]), 0, 0))
    out = theirs if os.environ.get("STDOUT") else None
    environment = {**os.environ, "TERM": os.environ.get("AS", "xterm")}
    with subprocess.Popen(command, stdout=out, stderr=theirs, env=environment) as process:
        os.close(theirs)
        written = b""
        try:
            while part := os.read(ours, 65536):
                written += part
        except OSError:  # how Linux says that nobody has the terminal open any more
            pass
    write(path, written)
    sys.exit(process.returncode)


def columns_of(letter):
    if unicodedata.combining(letter):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


class Screen:
    """A terminal that is `width` columns wide and as high as it needs to be."""

    def __init__(self, width):
        self.width, self.rows, self.x, self.y = width, [[]], 0, 0

    def put(self, letter):
        columns = columns_of(letter)
        if self.x + columns > self.width:
            self.x, self.y = 0, self.y + 1
        while len(self.rows) <= self.y:
            self.rows.append([])
        row = self.rows[self.y]
        row.extend(" " * (self.x + columns - len(row)))
        if columns:
            row[self.x:self.x + columns] = [letter] + [""] * (columns - 1)
        self.x += columns

    def obey(self, sequence):
        """Erasing and colours are all that there is."""
        need(re.fullmatch(r"\x1b\[([KJ]|[0-9;]*m)", sequence), f"another control sequence: {sequence!r}")
        if sequence[-1] in "KJ" and self.y < len(self.rows):
            del self.rows[self.y][self.x:]
        if sequence[-1] == "J":
            del self.rows[self.y + 1:]

    def write(self, text):
        for part in re.findall(r"\x1b\[[0-9;?]*.|.|\n|\r", text):
            if part == "\r":
                self.x = 0
            elif part == "\n":
                self.y += 1
            elif part[0] == "\x1b":
                self.obey(part)
            else:
                need(part.isprintable(), f"a control character: {part!r}")
                self.put(part)

    def lines(self):
        return ["".join(row).rstrip() for row in self.rows]


def do_screen(path, target, width="80"):
    """What stays on the screen of what `terminal` kept, a line each."""
    screen = Screen(int(width))
    screen.write(read(path).decode())
    write(target, "".join(line + "\n" for line in screen.lines() if line).encode())


def do_redrawn(path, width):
    """What `terminal` kept never breaks a redrawn line in two: prints the widest one."""
    widest = ""
    for line in re.split(r"[\r\n]+", read(path).decode()):
        line = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", line)
        if line.startswith("clgan: "):
            continue
        columns = sum(map(columns_of, line))
        need(columns < int(width), f"{columns} columns of {width}: {line!r}")
        widest = max(widest, line, key=len)
    print(widest)


def do_narrow(path, width):
    """No line of the file is wider."""
    for line in read(path).decode().splitlines():
        columns = sum(map(columns_of, line))
        need(columns <= int(width), f"{path}: {columns} columns of {width}: {line!r}")


if __name__ == "__main__":
    globals()["do_" + sys.argv[1]](*sys.argv[2:])
