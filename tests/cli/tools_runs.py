"""A run's directory: config.json, log.jsonl, and two runs that must be the same."""

import hashlib
import json
import math
import os
import re

from tools_common import need, read

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
    """Its evaluations are of this many samples, by this classifier, and sound in themselves."""
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
