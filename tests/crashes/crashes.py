#!/usr/bin/env python3
"""What is left of a run on the disk when its process, the machine or the disk ends at some call, and
what a resume makes of it: the whole run, bit for bit, or a message that says why not.

    crashes.py disk [N]        each state that kill -9 and a power cut can leave
    crashes.py signals [N]     a stop signal in each phase of a run, 200 times
    crashes.py full [N]        a disk that is full from each write on, or in the middle of one
    crashes.py torn [N]        each file cut at each 512 bytes, or zeros or garbage from there on
    crashes.py meddling [N]    the run's folder or its log is removed, moved or replaced meanwhile
    crashes.py damage          a checkpoint's bits are flipped, and its end is lost
    crashes.py waiting [N]     a call takes long: what is waited for is told
    crashes.py around [N]      files that a run reads beside its own are cut, zeros or garbage
    crashes.py begin [N]       a stop before the first step, 200 times in each phase
    crashes.py reader          whoever reads the messages leaves after the first
    crashes.py sample          some of each

N: this many of them, spread evenly; all without it. The current folder is for the runs. $CLGAN is
the program, $CLGAN_EVENTS the library of events.c, $CLGAN_DAMAGE the program of damage.c,
$CLGAN_SOURCE_DIR the source tree. With $CLGAN_NULL_DEVICE, a library, no kernels run."""

import collections
import fcntl
import glob
import os
import pty
import random
import re
import shutil
import struct
import subprocess
import sys
import termios

sys.path.insert(0, os.path.join(os.environ["CLGAN_SOURCE_DIR"], "tests", "cli"))
from tools_data import do_mnist  # noqa: E402
from tools_runs import do_same  # noqa: E402
from tools_terminal import Screen  # noqa: E402

CLGAN = os.environ["CLGAN"]
STOPS = {"HUP": 129, "INT": 130, "TERM": 143}
EACH = 200  # stops in a phase

# Two epochs of three steps, or of two in a sample, each judged; a checkpoint a step. The self-test,
# which runs once for a device, would give the first run more calls than others have.
BEGIN = ["--batch", "4", "--data", "data", "--epochs", "2", "--checkpoint-every", "1", "--keep", "2",
         "--log-every", "1", "--evaluate-samples", "50", "--no-selftest"]
ALWAYS = ["--tensorboard"]


failures = []


def need(condition, message):
    if not condition:
        sys.exit(f"FAILED: {message}")


def check(condition, message):
    """Goes on all the same."""
    if not condition:
        print(f"FAILED: {message}", flush=True)
        failures.append(message)
    return condition


def each(items):
    """Goes through the moments and says how far that is."""
    for number, item in enumerate(items):
        if number % 10 == 0:
            print(f"{number} of {len(items)}, {len(failures)} failures", flush=True)
        yield item


def sampled(items, sample):
    """All of them, or as many as asked for, each from the middle of a part."""
    if not sample or sample >= len(items):
        return items
    return [items[(2 * i + 1) * len(items) // (2 * sample)] for i in range(sample)]


# ---- running -------------------------------------------------------------------------------------


def surroundings(**events):
    """A program's environment. Events: root, trace, at, do."""
    environment = dict(os.environ, TERM="xterm")
    preloaded = []
    if events:
        preloaded.append(os.environ["CLGAN_EVENTS"])
        environment.update({f"CLGAN_EVENTS_{k.upper()}": str(v) for k, v in events.items()})
    if "CLGAN_NULL_DEVICE" in os.environ:
        preloaded.append(os.environ["CLGAN_NULL_DEVICE"])
        environment["CLGAN_DEVICE"] = "null"
    environment["LD_PRELOAD"] = " ".join(preloaded)
    return environment


def run(arguments, terminal=False, variables=(), **events):
    """(exit status, what it said)."""
    environment = dict(surroundings(**events), **dict(variables))
    ours, theirs = pty.openpty() if terminal else os.pipe()
    if terminal:
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("4H", 24, 200, 0, 0))
    with subprocess.Popen([CLGAN, "train"] + arguments + ALWAYS, env=environment,
                          stdout=subprocess.DEVNULL, stderr=theirs) as process:
        os.close(theirs)
        said = read_all(ours).decode(errors="replace")
    need(not re.search("(?i)segmentation|assertion|sanitizer|runtime error|core dumped", said),
         f"a crash: {said}")
    return process.returncode, said


def read_all(file):
    parts = []
    try:
        while parts[-1:] != [b""]:
            parts.append(os.read(file, 65536))
    except OSError:  # how Linux says that nobody has the terminal open any more
        pass
    os.close(file)
    return b"".join(parts)


def begin(out, **events):
    return run(BEGIN + ["--out", out], **events)


def resume(out, **events):
    return run(["--resume", "--out", out], **events)


def go_on(out):
    """What a user does: goes on with the run, or begins it where there is none yet."""
    return resume(out) if os.path.exists(f"{out}/config.json") else begin(out)


def difference(one, other):
    """What differs between two runs; None: nothing."""
    pid = os.fork()  # a wrong comparison ends the process
    if pid == 0:
        sys.stderr = open("difference", "w", encoding="utf-8")
        try:
            do_same(one, other)
            os._exit(0)
        except SystemExit as reason:
            print(reason, file=sys.stderr)
        except Exception as reason:  # noqa: BLE001
            print(repr(reason), file=sys.stderr)
        sys.stderr.flush()
        os._exit(1)
    if os.waitpid(pid, 0)[1] == 0:
        return None
    with open("difference", encoding="utf-8") as file:
        return file.read().strip()


def expect_whole(out, moment):
    """The run goes on to the same end."""
    status, said = go_on(out)
    if check(status == 0, f"{moment}: the run does not go on, {status}: {said}"):
        wrong = difference("whole/run", out)
        check(not wrong, f"{moment}: {wrong}\n{said}")


def prepare(sample):
    """The run that nothing disturbs, and the list of its calls."""
    do_mnist("data", 8 if sample else 12, 60)
    os.makedirs("whole")
    status, said = begin("whole/run", root="whole", trace="trace")
    need(status == 0, said)
    with open("trace", encoding="utf-8") as file:
        return [line.rstrip("\n").split("\t") for line in file]


# ---- disks ---------------------------------------------------------------------------------------

Part = collections.namedtuple("Part", "start size")  # of what was written


class File:
    def __init__(self):
        self.parts, self.synced = [], 0


class Folder:
    def __init__(self):
        self.entries, self.synced = {}, {}


class Disk:
    """Folders and files as a list of calls leaves them, and what of it is certain to survive a power
    cut: a file's bytes when it was last synced, a folder's names when that was."""

    def __init__(self):
        self.root = Folder()

    def folder_of(self, path):
        folder = self.root
        *names, last = path.strip("/").split("/")
        for name in names:
            folder = folder.entries[name]
        return folder, last

    def find(self, path):
        folder, name = self.folder_of(path)
        return folder.entries[name]

    def take(self, call):
        """True when the call has changed something."""
        name, path, *rest = call
        if not path:
            return False
        folder, last = self.folder_of(path)
        if name == "sync-folder":
            folder.synced = dict(folder.entries)
        elif name == "sync":
            file = folder.entries[last]
            file.synced = len(file.parts)
        elif name == "mkdir":
            folder.entries.setdefault(last, Folder())
        elif name == "create":
            folder.entries[last] = File()
        elif name == "write":
            folder.entries[last].parts.append(Part(int(rest[0]), int(rest[1])))
        elif name == "rename":
            target, new = self.folder_of(rest[0])
            target.entries[new] = folder.entries.pop(last)
        elif name in ("unlink", "rmdir"):
            folder.entries.pop(last, None)
        else:
            need(name in ("open", "symlink"), f"what does {name} do?")
        return True


def killed(node):
    """The names and parts that kill -9 leaves: all."""
    return node.entries if isinstance(node, Folder) else node.parts


def cut(node):
    """Those that a power cut leaves: none but what was synced."""
    return node.synced if isinstance(node, Folder) else node.parts[:node.synced]


def cut_at_random(choice):
    """Some of what was not synced survives, too."""
    def left(node):
        if isinstance(node, Folder):
            names = set(node.entries) | set(node.synced)
            pick = {n: choice.choice((node.entries, node.synced)).get(n) for n in sorted(names)}
            return {n: child for n, child in pick.items() if child}
        kept = node.parts[:choice.randint(node.synced, len(node.parts))]
        if len(kept) < len(node.parts) and choice.random() < 0.5:  # a part of a part, or zeros
            part = node.parts[len(kept)]
            kept = kept + [Part(choice.choice((part.start, -1)), choice.randrange(part.size + 1))]
        return kept
    return left


Tree = collections.namedtuple("Tree", "entries")  # of a folder: (name, Tree or parts) each


def picture(folder, left):
    """The Tree of what is left. It is the same for states of which a resume makes the same: what is
    in temporary files is not read, nor what is in files for TensorBoard."""
    found = []
    for name, node in sorted(left(folder).items()):
        if isinstance(node, Folder):
            found.append((name, picture(node, left)))
        elif name.startswith("events."):
            continue
        elif name.endswith(".tmp"):
            found.append((re.sub(r"\d+-\d+", "1-1", name), ()))
        else:
            found.append((name, tuple(left(node))))
    return Tree(tuple(found))


def write_tree(tree, path):
    os.makedirs(path)
    with open("trace.data", "rb") as data:
        for name, node in tree.entries:
            target = f"{path}/{name}"
            if isinstance(node, Tree):
                write_tree(node, target)
                continue
            with open(target, "wb") as file:
                for part in node:
                    data.seek(max(part.start, 0))
                    file.write(data.read(part.size) if part.start >= 0 else bytes(part.size))


def list_states(calls):
    """{state: its first moment}, in the order of the calls."""
    states, disk, choice = {}, Disk(), random.Random(1)
    for number, call in enumerate(calls, 1):
        if not disk.take(call):
            continue
        for word, left in (("kill -9", killed), ("a power cut", cut),
                           ("a power cut that loses some", cut_at_random(choice))):
            state = picture(disk.root, left)
            states.setdefault(state, f"{word} after call {number}, {' '.join(call)}")
    return states


def do_disk(calls, sample):
    states = list_states(calls)
    print(f"{len(states)} states of the disk")
    chosen = sampled(list(states.items()), sample)
    for state, moment in each(chosen):
        write_tree(state, "state")
        expect_whole("state/run", moment)
        shutil.rmtree("state")
    print(f"{len(chosen) - len(failures)} of {len(chosen)} went on to the same end")


# ---- signals -------------------------------------------------------------------------------------


def phase_of(call, markers, epoch):
    """What a run was at, at this call; markers: the steps that had ended, of `epoch` an epoch."""
    name, path, *_ = call
    if name == "clBuildProgram":
        return "compiling"
    if name.startswith("clGet"):
        return "asking drivers"
    if "/checkpoints" in path:
        return "saving"
    if "/images" in path or path.endswith((".gif", ".png")):
        return "drawing"
    if path:
        return "other files"
    if markers == 0:
        return "first step"
    return "a later step" if markers % epoch else "judging"


def list_stops(calls, sample):
    """[(moment, call, signal)]: so many of all, or, without a sample, EACH of each phase."""
    epoch = max(1, [call[0] for call in calls].count("clEnqueueMarkerWithWaitList") // 2)
    phases, markers = collections.defaultdict(list), 0
    for at, call in enumerate(calls, 1):
        phase = phase_of(call, markers, epoch)
        phases[phase] += [(f"{phase}: SIG{name} at call {at}, {' '.join(call)}", at, name)
                          for name in STOPS]
        markers += call[0] == "clEnqueueMarkerWithWaitList"
    if sample:
        return sampled(sorted(sum(phases.values(), []), key=lambda stop: stop[1]), sample)
    for phase, stops in phases.items():
        print(f"{phase}: {min(len(stops), EACH)} of {len(stops)} stops")
    return [stop for stops in phases.values() for stop in sampled(stops, EACH)]


def do_signals(calls, sample):
    """A signal at call N of a run ends it with its own status; what it saved goes on to the same
    end. Some come while the run is resumed."""
    moments = list_stops(calls, sample)
    for moment, at, name in each(moments):
        os.makedirs("state")
        status, said = begin("state/run", root="state", at=at, do=name)
        check(status == STOPS[name], f"{moment}: exit {status}: {said}")
        resumed = at * 7 % len(calls) + 1
        status, said = resume("state/run", root="state", at=resumed, do=name)
        check(status in (0, STOPS[name]), f"{moment}, resumed: exit {status}: {said}")
        expect_whole("state/run", f"{moment}, and at call {resumed} of the resume")
        shutil.rmtree("state")
    print(f"{len(moments)} signals, and as many to what resumed")


# ---- disks that are full -------------------------------------------------------------------------


def do_full(calls, sample):
    """From some write on there is no room; later there is again."""
    writes = [at for at, call in enumerate(calls, 1) if call[0] == "write"]
    seen = collections.Counter()
    firsts = []  # a file's first write, second and last are its kinds of moments
    for at in writes:
        path = calls[at - 1][1]
        seen[path] += 1
        last = at == len(calls) or calls[at][1] != path
        if seen[path] <= 2 or last:
            firsts.append(at)
    moments = sampled([(at, how) for at in firsts for how in ("full", "short")], sample)
    for at, how in each(moments):
        moment = f"a disk that is {how} at call {at}, {' '.join(calls[at - 1])}"
        os.makedirs("state")
        status, said = begin("state/run", root="state", at=at, do=how)
        if how == "full":
            check(status == 1 and "No space left" in said, f"{moment}: exit {status}: {said}")
        else:
            check(status in (0, 1), f"{moment}: exit {status}: {said}")
        expect_whole("state/run", moment)
        shutil.rmtree("state")
    print(f"{len(moments)} full disks")


# ---- torn files ----------------------------------------------------------------------------------


def tear(path, at, how):
    with open(path, "r+b") as file:
        data = file.read()
        file.truncate(at)
        file.seek(at)
        file.write({"cut": b"", "zeros": bytes(len(data) - at),
                    "garbage": random.Random(at).randbytes(len(data) - at)}[how])


def do_torn(calls, sample):
    """A file that a resume reads has lost its end: the resume says so, or what it makes is the same.
    Checkpoints are torn by damage.c; these are the others."""
    os.makedirs("stopped")
    status, said = begin("stopped/run", root="stopped", do="INT",
                         at="clBuildProgram:1")  # nothing but the beginning
    status, said = run(["--resume", "--out", "stopped/run", "--max-steps", "5" if not sample else "3"])
    need(status == 0, said)
    files = [os.path.join(f, n) for f, _, names in os.walk("stopped/run") for n in names]
    torn = [f for f in sorted(files) if not f.endswith(("safetensors", ".lock"))]
    moments = sampled([(f, at, how) for f in torn for at in range(0, os.path.getsize(f), 512)
                       for how in ("cut", "zeros", "garbage")], sample)
    told = 0
    for file, at, how in each(moments):
        moment = f"{file}: {how} from byte {at} on"
        shutil.copytree("stopped", "state", copy_function=os.link)
        name = file.replace("stopped", "state", 1)
        shutil.copyfile(file, "torn")
        os.unlink(name)
        shutil.move("torn", name)
        tear(name, at, how)
        status, said = resume("state/run")
        wrong = difference("whole/run", "state/run") if status == 0 else "it ended"
        named = os.path.basename(file) in said
        check(status in (0, 2) and (named or not wrong), f"{moment}: exit {status}, {wrong}: {said}")
        told += named
        shutil.rmtree("state")
    print(f"{len(moments)} torn files, {told} of them told of")


def do_damage(_, __):
    """A checkpoint that is damaged is refused by its reader, however that was."""
    checkpoint = sorted(os.listdir("whole/run/checkpoints"))[-1]
    done = subprocess.run([os.environ["CLGAN_DAMAGE"], f"whole/run/checkpoints/{checkpoint}"],
                          check=False)
    check(done.returncode == 0, "a damaged checkpoint")


# ---- meddling ------------------------------------------------------------------------------------

# Each line has what somebody does while a run is trained, in the folder around it and just before
# its fourth mark, which is a step's end; the exit status that follows, and what is said; which run
# is then gone on with, and what is not as it would have been, and is said: None, nothing.
MEDDLINGS = [
    ("rm -r run", 1, "run was moved or removed", "run", None),
    ("mv run moved", 1, "run was moved or removed", "moved", None),
    ("mv run moved && cp -r moved run", 0, "records go on in the file", "run", None),
    ("mv run moved && mkdir run", 1, "run was moved or removed", "moved", None),
    ("rm run/.lock", 0, "", "run", None),
    ("rm run/config.json", 0, "", "run", None),
    ("rm run/log.jsonl", 0, "records go on in the file", "run", "log.jsonl differs"),
    ("cp run/log.jsonl l && mv l run/log.jsonl", 0, "records go on in the file", "run", None),
    ("rm run/images/*", 0, "the GIF goes without it", "run", "images/"),
    ("rm -r run/images", 1, "cannot write", "run", "images/"),
    ("rm -r run/checkpoints", 1, "cannot write", "run", "no sound checkpoint"),
    ("readonly", 1, "Read-only file system", "run", None),
]


def meddle(command, wanted, words, then, differs):
    do = command if command == "readonly" else f"run:cd state && {command}"
    status, said = begin("state/run", root="state", at="clEnqueueMarkerWithWaitList:4", do=do)
    if not check(status == wanted and words in said, f"{command}: exit {status}: {said}"):
        return
    status, again = go_on(f"state/{then}")
    wrong = difference("whole/run", f"state/{then}") if status == 0 else again
    check(status in (0, 2) and (differs in (wrong or "") if differs else not wrong),
          f"{command}: exit {status}, {wrong}: {again}")
    print(f"{command}: exit {wanted}, then {status}; {wrong or 'the same end'}")


def evaluate_beside():
    """A training replaces the only checkpoint while the real images are measured."""
    names = sorted(os.path.basename(path) for path in glob.glob("whole/run/checkpoints/step_*"))
    one, other = (f"beside/checkpoints/{name}" for name in names[-2:])
    shutil.copytree("whole/run", "beside")
    for name in os.listdir("beside/checkpoints"):
        if name != names[-2]:
            os.unlink(f"beside/checkpoints/{name}")
    environment = surroundings(root="beside", at="clEnqueueReadBuffer:2",
                               do=f"run:cp whole/run/checkpoints/{names[-1]} {other}; rm {one}")
    done = subprocess.run([CLGAN, "evaluate", "--run", "beside", "--samples", "50", "--no-selftest"],
                          env=environment, capture_output=True, text=True, check=False)
    check(done.returncode == 0 and other in done.stdout and "is gone meanwhile" in done.stderr,
          f"evaluate beside a training: exit {done.returncode}: {done.stderr}")
    shutil.rmtree("beside")


def do_meddling(_, sample):
    evaluate_beside()
    for meddling in sampled(MEDDLINGS, sample):
        os.makedirs("state")
        meddle(*meddling)
        shutil.rmtree("state")


# ---- waiting -------------------------------------------------------------------------------------

# A call that takes long on the program's clock, and ends once it was told of; and what is told: of a
# build, of a step that is waited for, of one whose result is read, of a file. Some on a terminal,
# where the words are gone in the end.
HOUR = 3600
SLOW = [
    ("clBuildProgram:2", False, r"still compiling \w+ of \w+\.cl on .* after 1:"),
    ("clEnqueueMarkerWithWaitList:LAST", False, r"still at step 6 .* are usual\) after 1:"),
    ("clEnqueueReadBuffer:LAST", True, r"still at step 6 .* are usual\) after 1:.*: reading 20 b"),
    ("sync:2", True, r"still writing .*/run/images/real.png after 1:"),
]


def number_of_last(calls, wanted):
    """Of the call that marks the last step, or of that which reads its metrics, the first behind."""
    counts = collections.Counter()
    last = [call[0] for call in calls].count("clEnqueueMarkerWithWaitList")
    for name, *_ in calls:
        counts[name] += 1
        if counts["clEnqueueMarkerWithWaitList"] == last and name == wanted:
            return counts[name]
    return 0


def is_told(said, words, terminal):
    """On a terminal the words stand in the last line and then do not."""
    if not terminal:
        return any(re.search(words, line) for line in said.splitlines())
    screen = Screen(200)
    shown = re.search(r"\r\x1b\[K[^\n]*" + words, said)
    screen.write(said.replace("\r\n", "\n").replace("\n", "\r\n"))
    return shown and "still" not in "".join(screen.lines())


def do_waiting(calls, sample):
    step = [call[0] for call in calls].count("clEnqueueMarkerWithWaitList")
    for at, terminal, words in sampled(SLOW, sample):
        at = at.replace("LAST", str(number_of_last(calls, at.split(":")[0])))
        os.makedirs("state")
        status, said = begin("state/run", terminal=terminal, root="state", at=at, do=f"slow:{HOUR}")
        if step < 6:  # what is usual is known after five steps
            words = words.replace(r"step 6 .* are usual\)", f"step {step}")
        told = is_told(said, words, terminal)
        check(status == 0 and told, f"{at} takes an hour: exit {status}: {said}")
        shutil.rmtree("state")
    print("what is slow is told of")


# ---- what a run reads beside its own files -------------------------------------------------------

# The last one is made by the first run: programs, and the verdict of the self-test.
AROUND = ["data/t10k-images-idx3-ubyte", "data/t10k-labels-idx1-ubyte", "classifier.safetensors",
          "tuning.json", "cache"]
TUNED = """{"format": 1, "entries": []}"""


def run_around(**events):
    """A run in `state`, with files of its own around it, and the self-test; one that is there goes
    on."""
    options = [o for o in BEGIN if o != "--no-selftest"]
    options[options.index("data")] = "state/data"
    options += ["--classifier", "state/classifier.safetensors"]
    variables = {"CLGAN_CACHE_DIR": "state/cache", "CLGAN_TUNING": "state/tuning.json"}
    if os.path.exists("state/run/config.json"):
        options = ["--resume"]
    return run(options + ["--out", "state/run"], variables=variables, **events)


def prepare_around():
    os.makedirs("state")
    shutil.copytree("data", "state/data")
    classifier = os.path.join(os.environ["CLGAN_SOURCE_DIR"], "data/classifier/mnist-1.safetensors")
    shutil.copyfile(classifier, "state/classifier.safetensors")
    with open("state/tuning.json", "w", encoding="utf-8") as file:
        file.write(TUNED)
    status, said = run_around()
    need(status == 0, said)
    os.rename("state", "around")


def tears_of(file):
    """Where it is torn, and how. An IDX file has nothing that tells one image from another."""
    size = os.path.getsize(file)
    hows = ("cut",) if file.endswith("ubyte") else ("cut", "zeros", "garbage")
    return [(file, at, how) for at in sorted({0, size // 2, size - 1}) for how in hows]


def do_around(_, sample):
    """A run ends as it would, or says what it cannot use: a cache's entry is made anew, and a
    verdict that cannot be read is no verdict."""
    prepare_around()
    files = []
    for name in AROUND:
        path = f"around/{name}"
        files += [f"{path}/{entry}" for entry in sorted(os.listdir(path))] \
            if os.path.isdir(path) else [path]
    moments = sampled([tear_ for file in files for tear_ in tears_of(file)], sample)
    for file, at, how in each(moments):
        moment = f"{file}: {how} from byte {at} on"
        shutil.copytree("around", "state", ignore=shutil.ignore_patterns("run"))
        tear(file.replace("around", "state", 1), at, how)
        status, said = run_around()
        named = os.path.basename(file) in said
        wrong = difference("around/run", "state/run") if status == 0 else "it ended"
        cached = "/cache/" in file
        check((status == 0 and not wrong) or (status == 2 and named and not cached),
              f"{moment}: exit {status}, {wrong}: {said}")
        shutil.rmtree("state")
    do_latest()
    print(f"{len(moments)} torn files around runs")


def do_latest():
    """runs/latest is a convenience: whatever is there in its place, the latest run is found."""
    os.makedirs("state/runs")
    shutil.copytree("around/run", "state/runs/001")
    home = os.getcwd()
    os.chdir("state")
    for command in ("true", "ln -s 007 runs/latest", "ln -s latest runs/latest",
                    "echo 001 > runs/latest", "mkdir runs/latest", "mkfifo runs/latest"):
        subprocess.run(["sh", "-c", f"rm -rf runs/latest; {command}"], check=True)
        status, said = run(["--resume", "--data", f"{home}/data"])
        check(status == 0 and "runs/001 is finished" in said, f"{command}: exit {status}: {said}")
    os.chdir(home)
    shutil.rmtree("state")


# ---- the beginning -------------------------------------------------------------------------------


def copy_untested():
    """What is around a run, without the verdict of the self-test."""
    shutil.copytree("around", "state", ignore=shutil.ignore_patterns("run"))
    for name in os.listdir("state/cache"):
        with open(f"state/cache/{name}", "rb") as file:
            verdict = b"verdict " in file.read(64)
        if verdict:
            os.unlink(f"state/cache/{name}")


def do_begin(_, sample):
    """A stop while the drivers are asked for their devices, or while one is tested: its own status,
    and the folder is as it was, unless the run has begun and says so; it ends as ever then."""
    prepare_around()
    copy_untested()
    status, said = run_around(root="state", trace="trace.begin")
    need(status == 0, said)
    shutil.rmtree("state")
    with open("trace.begin", encoding="utf-8") as file:
        calls = [line.rstrip("\n").split("\t") for line in file]
    first = [i for i, call in enumerate(calls) if call[1].endswith("/run/log.jsonl")][0]
    moments = list_stops(calls[:first - 1], sample)
    for moment, at, name in each([("SIGINT at the first call", 1, "INT")] + moments):
        copy_untested()
        status, said = run_around(root="state", at=at, do=name)
        left = os.path.exists("state/run")
        words = "; go on with" if left else "stopping before the first step"
        check(status == STOPS[name] and words in said,
              f"{moment}: exit {status}, left: {left}: {said}")
        status, said = run_around()
        wrong = difference("around/run", "state/run") if status == 0 else "it ended"
        check(not wrong, f"{moment}, again: exit {status}, {wrong}: {said}")
        shutil.rmtree("state")
    print(f"{len(moments)} stops before a first step")


# ---- readers -------------------------------------------------------------------------------------


def do_reader(_, __):
    """clgan train 2>&1 | head -1"""
    os.makedirs("state")
    with subprocess.Popen([CLGAN, "train", *BEGIN, "--out", "state/run", *ALWAYS], env=surroundings(),
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        process.stdout.readline()
        process.stdout.close()
    wrong = difference("whole/run", "state/run")
    check(process.returncode == 0 and not wrong, f"head -1: {process.returncode}, {wrong}")
    shutil.rmtree("state")
    print("a reader that leaves changes nothing")


# This many of each are the sample of all.
SAMPLES = {"disk": 3, "signals": 1, "full": 1, "meddling": 1, "waiting": 1, "reader": 1}


def main(mode, sample=None):
    calls = prepare(mode == "sample" or sample)
    for name, share in SAMPLES.items() if mode == "sample" else [(mode, int(sample or 0))]:
        globals()[f"do_{name}"](calls, share)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
