#!/usr/bin/env python3
"""Who may include whom: fails on any #include in src/, include/ and tools/ that the tables do not
allow.

    scripts/check-includes.py              checks the tree
    scripts/check-includes.py --self-test  checks that wrong includes are found

The arrows are those of docs/architecture.md; change both together.
"""
import pathlib
import re
import sys
import tempfile

# A module of src/ and the modules whose private headers ("module/x.h") it may include; the public
# headers that these modules own come with them. Its own headers are always allowed. cl is the folder
# of the kernels, whose shared.h is host code, too.
ARROWS = {
    "cl": "",
    "base": "cl",
    "io": "base",
    "figure": "base",
    "ocl": "base",
    "ref": "base",
    "ops": "ocl base cl",
    "nn": "ops ocl base",
    "verify": "ref nn ops ocl base cl",
    "eval": "nn ops ocl io base cl",
    "run": "eval nn ops ocl io base",
    "train": "run eval nn ops ocl io base",
    "bench": "verify nn ops ocl io figure base cl",
    "report": "run eval figure nn ops ocl io base",
}

# The command uses nothing but the library: <clgan/x.h> of these modules, and "cli/x.h".
CLI_USES = "train run eval report bench io ocl base"

# Programs in tools/ use all of the library, its private headers too; the command is not a part of it.
TOOLS_USES = " ".join(ARROWS)

# Each public header <clgan/x.h> and the module that implements it.
OWNERS = {
    "status.h": "base",
    "log.h": "base",
    "idx.h": "io",
    "dataset.h": "io",
    "image.h": "io",
    "safetensors.h": "io",
    "runlog.h": "io",
    "device.h": "ocl",
    "runtime.h": "ocl",
    "cache.h": "ocl",
    "classifier.h": "eval",
    "evaluate.h": "eval",
    "recipe.h": "run",
    "train.h": "train",
    "sample.h": "run",
    "checkpoint.h": "run",
    "bench.h": "bench",
    "compare.h": "bench",
    "tune.h": "bench",
    "report.h": "report",
    "clgan.h": "cli",  # all of them; for users of the library, the command being the first
}

# Headers that only one module may see: the module, their names, what they are.
GUARDED = [
    ("ocl", re.compile(r"^(CL/|OpenCL/|clblast)"), "OpenCL and CLBlast"),
    ("figure", re.compile(r"^cairo"), "cairo"),
    ("eval", re.compile(r"^(lapack|cblas)"), "LAPACK"),
]

DIRECTIVE = re.compile(r"^\s*#\s*include\b\s*(.*)$")
TARGET = re.compile(r'^([<"])([^">]+)[">]')


def guard_of(target):
    """The one module that may see this header and what it is, or (None, None)."""
    for owner, names, what in GUARDED:
        if names.match(target):
            return owner, what
    return None, None


def complaint(module, quote, target):
    """Why a file of `module` may not include `target`, or None. Public headers count as files of
    the module that owns them; clgan.h as one of cli."""
    owner, what = guard_of(target)
    if owner:
        return None if module == owner else f"only src/{owner}/ includes {what}"
    folder, slash, name = target.rpartition("/")
    if folder == "clgan":
        if quote == '"':
            return f"write <{target}>"
        if name not in OWNERS:
            return f"unknown public header: add {name} and its module to OWNERS in {__file__}"
        return arrow(module, OWNERS[name], public=True)
    if quote == "<":
        return None
    if not slash:
        return 'write "module/header.h"'
    top = folder.split("/")[0]
    if top not in ARROWS and top != "cli":
        return f"unknown module {top}: add it to ARROWS in {__file__}"
    return arrow(module, top, public=False)


def arrow(module, used, public):
    if module == used:
        return None
    if module == "cli":
        if public and used in CLI_USES.split():
            return None
        return f"cli includes only <clgan/...> of {CLI_USES}, not {used}"
    if module == "tools":
        return None if used in TOOLS_USES.split() else f"tools may include {TOOLS_USES}, not {used}"
    if used in ARROWS[module].split():
        return None
    return f"{module} may include {ARROWS[module] or 'no other module'}, not {used}"


def check_file(path, module, private_allowed=True):
    """A list of "path:line: complaint"."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        directive = DIRECTIVE.match(line)
        if not directive:
            continue
        target = TARGET.match(directive.group(1))
        if not target:
            why = "write the header's name, not a macro"
        elif not private_allowed and target.group(1) == '"':
            why = "a public header includes only <clgan/...> and system headers"
        elif not private_allowed and guard_of(target.group(2))[0]:
            why = f"a public header must not need {guard_of(target.group(2))[1]}"
        else:
            why = complaint(module, *target.groups())
        if why:
            found.append(f"{path}:{number}: {line.strip()}: {why}")
    return found


def check_tree(root):
    """(number of files, complaints)"""
    found, count = [], 0
    for path in sorted((root / "src").rglob("*.[ch]")):
        count += 1
        module = path.relative_to(root / "src").parts[0]
        if module in ARROWS or module == "cli":
            found += check_file(path, module)
        else:
            found.append(f"{path}: unknown module: add it to ARROWS in {__file__}")
    for path in sorted((root / "cl").glob("*.h")):
        count += 1
        found += check_file(path, "cl")
    for path in sorted((root / "tools").rglob("*.[ch]")):
        count += 1
        found += check_file(path, "tools")
    for path in sorted((root / "include").rglob("*.h")):
        count += 1
        if path.name in OWNERS:
            found += check_file(path, OWNERS[path.name], private_allowed=False)
        else:
            found.append(f"{path}: unknown public header: add it to OWNERS in {__file__}")
    return count, found


# File, its one include, whether that is allowed.
CASES = [
    ("src/base/a.c", '"base/a.h"', True),
    ("src/base/a.c", "<clgan/log.h>", True),
    ("src/base/a.c", '"io/a.h"', False),
    ("src/base/a.c", "<clgan/idx.h>", False),
    ("src/base/a.c", "<stdio.h>", True),
    ("src/base/a.c", '"a.h"', False),
    ("src/base/a.c", "HEADER", False),
    ("src/io/a.c", '"base/a.h"', True),
    ("src/io/a.c", '"ocl/a.h"', False),
    ("src/io/a.c", "<CL/cl.h>", False),
    ("src/io/a.c", '"clgan/idx.h"', False),
    ("src/ocl/a.c", "<CL/cl.h>", True),
    ("src/ocl/a.c", "<clblast_c.h>", True),
    ("src/ocl/a.c", '"ops/a.h"', False),
    ("src/ops/a.c", "<clblast_c.h>", False),
    ("src/figure/a.c", "<cairo.h>", True),
    ("src/bench/a.c", "<cairo-svg.h>", False),
    ("src/bench/a.c", '"figure/a.h"', True),
    ("src/eval/a.c", "<lapacke.h>", True),
    ("src/train/a.c", "<lapacke.h>", False),
    ("src/eval/a.c", '"verify/a.h"', False),
    ("src/eval/a.c", '"train/a.h"', False),
    ("src/report/a.c", '"train/a.h"', False),
    ("src/report/a.c", '"run/a.h"', True),
    ("src/report/a.c", '"bench/a.h"', False),
    ("src/report/a.c", "<cairo.h>", False),
    ("src/train/a.c", '"report/a.h"', False),
    ("src/ops/a.h", '"nn/a.h"', False),
    ("src/ops/a.c", '"ref/a.h"', False),
    ("src/ref/a.c", '"ops/a.h"', False),
    ("src/verify/a.c", '"ref/a.h"', True),
    ("src/nn/a.c", '"io/a.h"', False),
    ("src/train/a.c", '"verify/a.h"', False),
    ("src/train/a.c", '"run/a.h"', True),
    ("src/run/a.c", '"train/a.h"', False),
    ("src/train/a.c", '"ref/a.h"', False),
    ("src/train/a.c", '"bench/a.h"', False),
    ("src/train/deeper/a.c", '"cli/a.h"', False),
    ("src/train/a.c", "<clgan/nobody.h>", False),
    ("src/train/a.c", "<clgan/clgan.h>", False),
    ("src/train/a.c", '"nobody/a.h"', False),
    ("src/ops/a.c", '"cl/shared.h"', True),
    ("src/base/a.h", '"cl/shared.h"', True),
    ("src/ocl/a.c", '"cl/shared.h"', False),
    ("src/ops/a.c", '"shared.h"', False),
    ("cl/shared.h", "<stddef.h>", True),
    ("cl/shared.h", '"base/a.h"', False),
    ("cl/shared.h", "<CL/cl.h>", False),
    ("src/nobody/a.c", "<stdio.h>", False),
    ("src/cli/a.c", "<clgan/train.h>", True),
    ("src/cli/a.c", "<clgan/clgan.h>", True),
    ("src/cli/a.c", '"cli/a.h"', True),
    ("src/cli/a.c", '"base/a.h"', False),
    ("src/cli/a.c", "<CL/cl.h>", False),
    ("tools/a.c", '"verify/a.h"', True),
    ("tools/a.c", '"ref/a.h"', True),
    ("tools/a.c", "<clgan/train.h>", True),
    ("tools/a.c", '"cli/a.h"', False),
    ("tools/a.c", '"nobody/a.h"', False),
    ("tools/a.c", "<clgan/nobody.h>", False),
    ("tools/a.c", "<CL/cl.h>", False),
    ("include/clgan/device.h", "<clgan/status.h>", True),
    ("include/clgan/device.h", "<clgan/train.h>", False),
    ("include/clgan/device.h", "<CL/cl.h>", False),
    ("include/clgan/device.h", "<cairo.h>", False),
    ("include/clgan/device.h", '"ocl/a.h"', False),
    ("include/clgan/clgan.h", "<clgan/train.h>", True),
    ("include/clgan/nobody.h", "<stdio.h>", False),
]


def self_test():
    wrong = 0
    for name, target, allowed in CASES:
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, name)
            path.parent.mkdir(parents=True)
            path.write_text(f"/* planted */\n#  include {target}\n", encoding="utf-8")
            count, found = check_tree(pathlib.Path(folder))
            if count != 1 or len(found) != (0 if allowed else 1):
                wrong += 1
                print(f"self-test: {name} including {target}: allowed {allowed}, found {found}")
    print(f"self-test: {len(CASES)} cases, {wrong} wrong")
    return 1 if wrong else 0


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    if sys.argv[1:]:
        sys.stderr.write("usage: scripts/check-includes.py [--self-test]\n")
        return 2
    count, found = check_tree(pathlib.Path(__file__).resolve().parent.parent)
    for line in found:
        print(line)
    if count == 0:
        print("no sources found")
        return 1
    print(f"{count} files, {len(found)} wrong includes")
    return 1 if found else 0


sys.exit(main())
