"""The JSON of evaluations: its keys, and what must be so between its numbers."""

import json
import math
import re

from tools_common import need, read


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
