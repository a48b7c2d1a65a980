"""Plants the faults of planted_faults.py one after another, and sees what finds them.

    plant.py --clgan CLGAN --checks PORTABILITY_OPS --liar LIBRARY --source DIR [--only REGEX]
             [--batch 40] [--sample] [--by train|selftest|bench]

Each is met by a training of 500 steps of --batch images, where it asks for no other number, which
begins with the self-test; what begins later, by one of 800 steps. --sample takes some faults alone, and asks the checks of commands
(portability_ops) or `clgan selftest` instead. --by selftest and --by bench ask these alone; what
begins later is then met by a training all the same.
The last lines are a table, and the counts. Exits 0, 1 when a fault was found too late, or not; when
it never took place; or where there was none and something was found.
"""

import argparse
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile

import planted_faults as faults

SECONDS = 1800  # that one command may take
STEPS = 500
LATER_STEPS = 800  # of what begins in their midst: it is to be found within 500 more


class Planter:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.told = os.path.join(folder, "told")

    def plant(self, fault):
        """The environment in which the fault is there."""
        environment = dict(os.environ, CLGAN_TUNING="", CLGAN_LIAR_LOG=self.told,
                           CLGAN_CACHE_DIR=os.path.join(self.folder, "cache"))
        for path in (self.told, environment["CLGAN_CACHE_DIR"], os.path.join(self.folder, "run")):
            shutil.rmtree(path) if os.path.isdir(path) else os.path.exists(path) and os.remove(path)
        environment.setdefault("CLGAN_DEVICE", "pocl")
        if fault.lie is not None or fault.gpu:
            others = environment.get("LD_PRELOAD")
            environment["LD_PRELOAD"] = self.options.liar + (":" + others if others else "")
            environment["CLGAN_LIAR"] = fault.lie or ""
            environment["CLGAN_LIAR_GPU"] = "1" if fault.gpu else "0"
        if fault.file:
            environment["CLGAN_KERNEL_DIR"] = self.change_text(fault)
        return environment

    def change_text(self, fault):
        folder = os.path.join(self.folder, "cl")
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(os.path.join(self.options.source, "cl"), folder)
        path = os.path.join(folder, fault.file)
        with open(path, encoding="utf-8") as file:
            text = file.read()
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace(fault.old, fault.new))
        return folder

    def run(self, environment, *command):
        """The exit status, and what was said of an error."""
        try:
            done = subprocess.run(command, env=environment, capture_output=True, timeout=SECONDS,
                                  stdin=subprocess.DEVNULL, check=False)
        except subprocess.TimeoutExpired:
            return "timeout", ""
        said = done.stderr.decode(errors="replace") + done.stdout.decode(errors="replace")
        for pattern in r"wrong: (.*)", r"clgan: error: (.*)", r"(.* FAILED .*)":
            found = re.search(pattern, said)
            if found:
                return done.returncode, re.sub(r"\s+", " ", found.group(1))
        return done.returncode, ""

    def train(self, environment, words, steps):
        run = os.path.join(self.folder, "run")
        shutil.rmtree(run, ignore_errors=True)
        status, said = self.run(environment, self.options.clgan, "train", "--data",
                                os.path.join(self.options.source, "data", "mnist"), "--out", run,
                                "--evaluate-every", "0", "--max-steps", str(steps), *words)
        log = os.path.join(run, "log.jsonl")
        with open(log, encoding="utf-8") if os.path.exists(log) else io.StringIO() as file:
            begun = '"type":"step"' in file.read()
        return status, said, begun

    def find(self, fault):
        """When it is found, by the words of planted_faults.py, and what is said of it."""
        environment, words, begun = self.plant(fault), fault.options.split(), False
        if "--batch" not in words:
            words += ["--batch", str(self.options.batch)]
        if self.options.sample and fault.sample == faults.COMMANDS:
            status, said = self.run(environment, self.options.checks, "commands")
            status = 4 if status == 1 and said else status
        elif self.options.by == "bench":
            status, said = self.run(environment, self.options.clgan, "bench", "--seconds", "9",
                                    *words)
        elif self.options.sample or self.options.by == "selftest" and fault.when != faults.WITHIN:
            status, said = self.run(environment, self.options.clgan, "selftest", *words)
        else:
            steps = LATER_STEPS if fault.when == faults.WITHIN else STEPS
            steps = 5 if fault.gpu or fault.when == faults.NEVER else steps
            status, said, begun = self.train(environment, [*words, "--log-every", "1"], steps)
        if status == 4:
            return faults.WITHIN if begun else faults.BEFORE, said
        return (faults.NEVER if status == 0 else f"exit {status}"), said


def check_texts(source):
    """Ends where a kernel's text is not what the table says, as after a change of the kernel."""
    for fault in faults.TEXTS:
        with open(os.path.join(source, "cl", fault.file), encoding="utf-8") as file:
            count = file.read().count(fault.old)
        if count != 1:
            sys.exit(f"{fault.name}: cl/{fault.file} has {fault.old!r} {count} times")


def is_right(fault, found, told):
    if fault.when != faults.NEVER and fault.lie is not None and not told:
        return False
    return found == fault.when or (found, fault.when) == (faults.BEFORE, faults.WITHIN)


def main():
    parser = argparse.ArgumentParser()
    for name in "--clgan", "--checks", "--liar", "--source":
        parser.add_argument(name, required=True)
    parser.add_argument("--only", default="")
    parser.add_argument("--batch", type=int, default=40)
    parser.add_argument("--sample", action="store_true")
    parser.add_argument("--by", default="train", choices=["train", "selftest", "bench"])
    options = parser.parse_args()
    rows, wrong, counts = [], 0, {}
    check_texts(options.source)
    with tempfile.TemporaryDirectory() as folder:
        planter = Planter(options, folder)
        for fault in faults.FAULTS:
            if options.sample and not fault.sample or not re.search(options.only, fault.name):
                continue
            found, said = planter.find(fault)
            told = fault.lie is None or os.path.exists(planter.told)
            right = is_right(fault, found, told)
            found += "" if told or not fault.lie else " (it never took place)"
            wrong += not right
            counts[found] = counts.get(found, 0) + (fault.when != faults.NEVER)
            rows.append(f"| {fault.name} | {found} | {said} |")
            print("ok    " if right else "MISSED", rows[-1], flush=True)
    print("\n| fault | found | message |\n| --- | --- | --- |", *rows, sep="\n")
    print("\n" + ", ".join(f"{n} {found}" for found, n in sorted(counts.items()) if n))
    sys.exit(1 if wrong or not rows else 0)


main()
