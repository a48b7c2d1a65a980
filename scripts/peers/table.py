"""The table of scripts/compare-peers.sh, from what each program printed at each turn.

    table.py FOLDER COMMIT [OUT]

FOLDER holds clgan.TURN.json, which are files of clgan bench, and NAME.TURN.json, each a peer's line.
OUT, a folder: the turn with the median step of each program goes there as a file that clgan compare
reads.
"""
import json
import pathlib
import statistics
import sys


def turns_of(folder):
    """{program: [document, ...]}, clgan first."""
    found = {"clgan": []}
    for path in sorted(folder.glob("*.json"), key=lambda path: int(path.name.split(".")[1])):
        document = json.loads(path.read_text(encoding="utf-8"))
        found.setdefault(path.name.split(".")[0], []).append(document)
    return found


def from_bench(document):
    device = document["devices"][0]
    return {"version": document["clgan"], "device": device["device"], "batch": device["batch"],
            **device["step"], "file": document}


def from_peer(name, line):
    """Only what was measured: no peak, no device memory, no comparison with a reference."""
    step = {key: line[key] for key in ("seconds_median", "seconds_min", "seconds_max")}
    step["images_per_second"] = line["batch"] / line["seconds_median"]
    device = {"platform": line["peer"], "device": f"{name} on {line['device']}",
              "driver": line["version"], "batch": line["batch"], "step": step}
    return {"version": line["version"], "device": line["device"], "batch": line["batch"], **step,
            "file": {"format": 1, "clgan": "-", "devices": [device]}}


def middle(turns):
    """The turn with the median step; of two, the slower."""
    return sorted(turns, key=lambda turn: turn["seconds_median"])[len(turns) // 2]


def cells(name, turns, first):
    seconds = [turn["seconds_median"] for turn in turns]
    median = statistics.median(seconds)
    return [name, turns[0]["version"], turns[0]["device"], f"{1e3 * median:.2f}",
            ", ".join(f"{1e3 * value:.2f}" for value in seconds),
            f"{1e3 * min(turn['seconds_min'] for turn in turns):.2f}",
            f"{turns[0]['batch'] / median:.0f}", f"{median / first:.2f}"]


def main(folder, commit, out=None):
    programs = {name: [from_bench(d) if name == "clgan" else from_peer(name, d) for d in documents]
                for name, documents in turns_of(pathlib.Path(folder)).items()}
    bench = programs["clgan"][0]["file"]["devices"][0]
    first = statistics.median(turn["seconds_median"] for turn in programs["clgan"])
    print(f"A training step of batch {bench['batch']}, medians; {bench['device']}, "
          f"{bench['platform']} {bench['driver']}, clgan of commit {commit}\n")
    print("| program | version | device | ms | of each turn | fastest step | images/s "
          "| clgan is faster by |")
    print("|---|---|---|---|---|---|---|---|")
    for name, turns in programs.items():
        print("| " + " | ".join(cells(name, turns, first)) + " |")
        if out:
            path = pathlib.Path(out, f"{name}.json")
            path.write_text(json.dumps(middle(turns)["file"], indent=1) + "\n", encoding="utf-8")


main(*sys.argv[1:])
