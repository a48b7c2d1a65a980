#!/usr/bin/env python3
"""Has calls of the system, of OpenCL and of CLBlast fail in every command, and judges what becomes
of it.

    fail_calls.py CLGAN FAULTS_LIBRARY DEVICE_LIBRARY [--strict LIBRARY] [--only SCENARIO,...]
                  [--groups GROUP,...] [--of K] [--shift S] [--every-call] [--modes once,ever]
                  [--log FILE] [--jobs 2]

Calls are counted first. Without --every-call one call of each way of functions that leads to it
fails, and with --of K each K-th of these ways, from the S-th on. The strict layer sees which calls
are forbidden, and which objects are left. A line tells of each verdict that is not good, and the
last lines sum up. Exits with 1 when there was one.
"""

import argparse
import collections
import concurrent.futures
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TIMES = ("images_per_second", "seconds")
PATIENCE = 600  # s; a run takes less than one

EIO, EINTR, EMFILE, ENOMEM, ENOSPC, EACCES = 5, 4, 24, 12, 28, 13

# Each group of calls has errors, and exit statuses that may follow: 2 where a file or a run cannot
# be used, 1 where work failed.
GROUPS = {
    "memory": ([ENOMEM], {1}),
    "open": ([EIO, EMFILE], {1, 2}),
    "read": ([EIO], {1, 2}),
    "fread": ([EIO], {1, 2}),
    "write": ([ENOSPC, EIO], {1}),
    "fwrite": ([ENOSPC], {1}),
    "fsync": ([EIO], {1}),
    "rename": ([ENOSPC], {1}),
    "close": ([EIO], {1, 2}),
    "mkdir": ([ENOSPC], {1, 2}),
    "stat": ([EIO], {1, 2}),
    "flock": ([EIO], {1, 2}),
    "ftruncate": ([EIO], {1}),
    "unlink": ([EACCES], {1}),
    "rmdir": ([EACCES], {1}),
    "symlink": ([EIO], {1}),
    "touch": ([EIO], {1}),
    "opendir": ([EMFILE, EIO], {1, 2}),
    "readdir": ([EIO], {1, 2}),
    "realpath": ([EIO], {1, 2}),
    "clGetPlatformIDs": ([-6], {1, 3}),
    "clGetDeviceIDs": ([-6, -5], {1, 3}),
    "clGetDeviceInfo": ([-6, -5], {1, 3}),
    "clGetPlatformInfo": ([-6], {1, 3}),
}
OPENCL = ([-5, -6, -4, -2], {1})
CLBLAST = ([-5, -6, -4, -2047], {1})

# A caller has to stand these without a word.
TRANSPARENT = {"read": ["short", EINTR], "write": ["short", EINTR]}


def errors_of(group):
    return GROUPS.get(group, CLBLAST if group.startswith("CLBlast") else OPENCL)


# ---- scenarios -----------------------------------------------------------------------------------

TRAIN = ("train --device null --no-selftest --data digits --batch 2 --epochs 2 --checkpoint-every 1 --keep 1 "
         "--log-every 1 --evaluate-every 1 --evaluate-samples 20 --out run")
RESUME = "train --out run --resume"

# name: the commands that prepare it, the command with the fault, whether a run is left to resume.
SCENARIOS = {
    "train": ([], TRAIN, True),
    "resume": ([TRAIN + " --max-steps 1"], TRAIN + " --resume", True),
    "gemm": ([], "train --device null --no-selftest --data digits --batch 2 --epochs 1 --evaluate-every 0 "
                 "--tensorboard --gemm clblast --out run", True),
    "sample": (["run"], "sample --device null --no-selftest --run run --out picture.png", False),
    "sample-idx": (["run"], "sample --device null --no-selftest --checkpoint run/checkpoints/best.safetensors "
                            "--count 5 --out images.idx.gz", False),
    "evaluate": (["run"], "evaluate --device null --no-selftest --run run --samples 20 --json scores.json", False),
    "evaluate-images": (["run", "sample --device null --no-selftest --run run --count 20 --out images.idx.gz"],
                        "evaluate --device null --no-selftest --images images.idx.gz --data digits --samples 20 "
                        "--json scores.json", False),
    "report": (["run"], "report run --device null --no-selftest --out page.html --png curves.png", False),
    "runs": (["run"], "runs . --json", False),
    "compare": ([], "compare a.json b.json --html page.html --png bars.png", False),
    "devices": ([], "devices --json", False),
    "classifier": ([], "train-classifier --device null --no-selftest --data digits --out classifier.safetensors",
                   False),
    "cache": ([], "cache info", False),
}

BENCH = {"format": 1, "clgan": "0", "devices": [{
    "id": "0:0", "platform": "p", "device": "d", "driver": "1", "peak": {"gflops": 1, "gbps": 1},
    "layers": [{"name": "g.convt1", "pass": "fwd", "algorithm": "plain", "seconds_median": 0.1,
                "gflops_nominal": 1, "gflops_real": 1, "peak_share": 0.5}],
    "step": {"seconds_median": 1, "seconds_min": 1, "seconds_max": 1, "launches": 1,
             "images_per_second": 1, "epoch_seconds": 1},
    "memory_bytes": 1, "check": {"ok": True, "max_error": 0}}]}


def link_tree(source, target):
    """A copy whose large files are the same: they are replaced, never written into."""
    def copy(a, b):
        (os.link if a.endswith((".safetensors", "-ubyte")) else shutil.copy2)(a, b)
    shutil.copytree(source, target, copy_function=copy, symlinks=True)


class Bench:
    """Runs of one scenario, each in a folder of its own."""

    def __init__(self, options, root):
        self.options, self.root, self.number = options, root, 0
        self.cache = os.path.join(root, "programs")

    def run(self, folder, command, environment=(), preload=True, fault=True):
        libraries = [self.options.device]
        if self.options.strict:
            libraries.insert(0, self.options.strict)
        if fault:
            libraries.insert(0, self.options.faults)
        env = dict(os.environ, LD_PRELOAD=" ".join(libraries), CLGAN_TUNING="",
                   CLGAN_CACHE_DIR=self.cache, CLGAN_STRICT_LOG=folder + ".strict",
                   CLGAN_STRICT_ALIVE=folder + ".alive",
                   CLGAN_DATA_DIR="", **dict(environment))
        env.pop("CLGAN_DATA_DIR")
        with open(folder + ".out", "wb") as out, open(folder + ".err", "wb") as err:
            try:
                status = subprocess.run([self.options.clgan, *command.split()], cwd=folder, env=env,
                                        stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                                        timeout=PATIENCE).returncode
            except subprocess.TimeoutExpired:
                status = None
        return status, read(folder + ".out"), read(folder + ".err")

    def prepare(self, name):
        before = os.path.join(self.root, name)
        os.makedirs(before)
        tools = [sys.executable, os.path.join(SOURCE, "tests/cli/tools.py"), "mnist"]
        subprocess.run([*tools, before + "/digits", "2", "40"], check=True,
                       env=dict(os.environ, CLGAN_SOURCE_DIR=SOURCE))
        for file in "ab":
            write(f"{before}/{file}.json", json.dumps(BENCH).encode())
        for command in SCENARIOS[name][0]:
            self.need(before, TRAIN if command == "run" else command)
        self.need(self.copy(name, "first"), SCENARIOS[name][1])  # fills the cache
        return before

    def need(self, folder, command):
        status, out, err = self.run(folder, command, fault=False)
        if status != 0:
            sys.exit(f"{command}: exit {status}\n{err.decode(errors='replace')}")
        return out

    def copy(self, name, suffix):
        folder = os.path.join(self.root, f"{name}.{suffix}")
        link_tree(os.path.join(self.root, name), folder)
        return folder

    def remove(self, folder):
        shutil.rmtree(folder, ignore_errors=True)
        for ending in (".out", ".err", ".strict", ".alive", ".report"):
            if os.path.exists(folder + ending):
                os.remove(folder + ending)


def read(path):
    if not os.path.exists(path):
        return b""
    with open(path, "rb") as file:
        return file.read()


def write(path, data):
    with open(path, "wb") as file:
        file.write(data)


# ---- what a command leaves -----------------------------------------------------------------------


def without_times(value):
    if isinstance(value, dict):
        return {key: without_times(item) for key, item in value.items() if key not in TIMES}
    return [without_times(item) for item in value] if isinstance(value, list) else value


def digest(path, folder):
    data = read(path).replace(os.path.abspath(folder).encode(), b"")  # config.json has it
    if path.endswith((".jsonl", ".json")):
        lines = data.decode(errors="replace").splitlines()
        try:
            text = [without_times(json.loads(line)) for line in lines] if path.endswith("l") \
                else without_times(json.loads(data))
            data = json.dumps(text).encode()
        except ValueError:
            pass
    if path.endswith(".html"):
        data = re.sub(rb"[0-9.]+ (s|min|images/s)\b|\d+-\d+-\d+ \d+:\d+", b"", data)
    return hashlib.sha256(data).hexdigest()[:16]


def files_of(folder):
    found = {}
    for place, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(place, name)
            if "tfevents" not in name:
                found[os.path.relpath(path, folder)] = digest(path, folder)
    return found


def output_of(out):
    try:
        return without_times(json.loads(out))
    except ValueError:
        return re.sub(rb"[0-9.]+ (s|min)\b", b"", out)


# A command without a fault leaves this. CLBlast keeps programs to its own end: these are alive.
Wanted = collections.namedtuple("Wanted", "output files complaints alive")

# ---- verdicts ------------------------------------------------------------------------------------


def sanitizer(err):
    return re.search(rb"Sanitizer|runtime error:", err) is not None


def errors_said(err):
    return len(re.findall(rb"^clgan: error: ", err, re.M))


def complaints(err):
    return len(re.findall(rb"^clgan: (?:error|warning): ", err, re.M))


def judge_run(result, wanted, statuses, transparent, once, folder):
    """The verdict on a run with a fault: what is wrong, or nothing."""
    status, out, err = result
    if status is None:
        return "hang"
    if status < 0 or status >= 128:
        return "crash"
    if sanitizer(err) or status == 99:
        return "leak" if b"LeakSanitizer" in err else "sanitizer"
    if os.path.exists(folder + ".strict"):
        return "forbidden call"
    if len(read(folder + ".alive")) > wanted.alive:
        return "object leak"
    if status == 0:
        same = output_of(out) == wanted.output and files_of(folder) == wanted.files
        return "" if same or complaints(err) > wanted.complaints else "silent"
    if transparent:
        return "not transparent"
    if errors_said(err) == 0:
        return "wordless"
    if status not in statuses:
        return f"status {status}"
    return "wordy" if errors_said(err) > 1 and once else ""


def judge_resume(bench, folder, wanted, name):
    """What is left goes on to the bytes of an undisturbed run, or says why not."""
    command = SCENARIOS[name][1]
    if os.path.exists(os.path.join(folder, "run/config.json")):
        command = command if "--resume" in command else command + " --resume"
    status, _, err = bench.run(folder, command, fault=False)
    if status is None or status < 0 or status >= 128 or sanitizer(err):
        return "crash in resume"
    if status != 0:
        return "no resume"
    left = files_of(folder)
    differ = [path for path in wanted.files
              if path != "run/config.json" and left.get(path) != wanted.files[path]]
    return f"resume differs: {differ}" if differ else ""


def try_fault(bench, name, wanted, fault):
    group, call, mode, error = fault
    bench.number += 1
    folder = bench.copy(name, f"{group}.{call}.{mode}.{error}")
    environment = {"CLGAN_FAULTS": f"{group},{call},{mode},{error}",
                   "CLGAN_FAULTS_REPORT": folder + ".report"}
    result = bench.run(folder, SCENARIOS[name][1], environment)
    statuses = errors_of(group)[1]
    transparent = mode == "once" and error in TRANSPARENT.get(group, [])
    verdict = judge_run(result, wanted, statuses, transparent, mode == "once", folder)
    way = re.search(rb"^failed .*\n(?:.*\[0x.*\n)*", read(folder + ".report"), re.M)
    if result[0] != 0 and result[0] is not None and SCENARIOS[name][2] and not verdict:
        verdict = judge_resume(bench, folder, wanted, name)
    if b"failed " not in read(folder + ".report"):
        verdict = verdict or "unreached"
    bench.remove(folder)
    return {"scenario": name, "group": group, "call": call, "mode": mode, "error": error,
            "status": result[0], "verdict": verdict,
            "err": result[2].decode(errors="replace")[-3000:],
            "way": way.group().decode() if way else ""}


# ---- which calls ---------------------------------------------------------------------------------


def count_calls(bench, name):
    """[(group, call, way)] of the command, and what it leaves."""
    folder = bench.copy(name, "count")
    calls = os.path.join(bench.root, f"{name}.calls")
    status, out, err = bench.run(folder, SCENARIOS[name][1], {"CLGAN_FAULTS_CALLS": calls})
    if status != 0:
        sys.exit(f"{name}: exit {status} without a fault\n{err.decode(errors='replace')}")
    found = []
    for line in read(calls).decode().splitlines():
        group, call, way = line.split()
        found.append((group, int(call), way))
    return found, Wanted(output_of(out), files_of(folder), complaints(err),
                         len(read(folder + ".alive")))


def choose(calls, options):
    """The faults: (group, call, mode, error)."""
    chosen, seen = [], set()
    for group, call, way in calls:
        if options.groups and group not in options.groups.split(","):
            continue
        if options.every_call or (group, way) not in seen:
            seen.add((group, way))
            chosen.append((group, call))
    faults = []
    for index, (group, call) in enumerate(chosen[options.shift::options.of]):
        errors = errors_of(group)[0]
        for mode in options.modes.split(","):
            faults.append((group, call, mode, errors[index % len(errors)]))
        for error in TRANSPARENT.get(group, []) if "once" in options.modes else []:
            faults.append((group, call, "once", error))
    return faults


def main():
    parser = argparse.ArgumentParser()
    for name in ("clgan", "faults", "device"):
        parser.add_argument(name)
    parser.add_argument("--strict", default="")
    parser.add_argument("--only", default=",".join(SCENARIOS))
    parser.add_argument("--groups", default="")
    parser.add_argument("--of", type=int, default=1)
    parser.add_argument("--shift", type=int, default=0)
    parser.add_argument("--every-call", action="store_true")
    parser.add_argument("--modes", default="once,ever")
    parser.add_argument("--log", default="")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    for name in ("clgan", "faults", "device", "strict"):
        value = getattr(options, name)
        setattr(options, name, os.path.abspath(value) if value else "")
    verdicts = collections.Counter()
    log = open(options.log, "a") if options.log else None
    with tempfile.TemporaryDirectory(prefix="faults.") as root:
        bench = Bench(options, root)
        for name in options.only.split(","):
            bench.prepare(name)
            calls, wanted = count_calls(bench, name)
            faults = choose(calls, options)
            with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
                for result in pool.map(lambda f: try_fault(bench, name, wanted, f), faults):
                    verdicts[name, result["verdict"] or "good"] += 1
                    if log:
                        print(json.dumps(result), file=log, flush=True)
                    if result["verdict"]:
                        print("{scenario}: {group},{call},{mode},{error}: {verdict}".format(**result),
                              flush=True)
    for (name, verdict), count in sorted(verdicts.items()):
        print(f"{name} {verdict} {count}")
    bad = sum(count for (_, verdict), count in verdicts.items() if verdict != "good")
    print(f"{sum(verdicts.values())} faults, {bad} of them not as they should be")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
