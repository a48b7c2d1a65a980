"""The list of devices, and fixtures of a step."""

import json
import re

from tools_common import need, read


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
