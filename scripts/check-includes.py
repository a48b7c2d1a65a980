#!/usr/bin/env python3
"""Who may use whom: fails on any #include in src/, include/ and tools/ that the tables do not
allow, on a line of the tables that nothing uses, and on circles of files.

    scripts/check-includes.py                 checks the includes of the tree and the tables
    scripts/check-includes.py --objects DIR   looks for circles of files, by includes and by what
                                              the objects of the build in DIR call and refer to
    scripts/check-includes.py --self-test     checks that each planted fault is found; needs cc, nm

The arrows are those of docs/architecture.md; change both together. A file is its .c and its .h.
"""
import collections
import functools
import os
import pathlib
import re
import subprocess
import sys
import tempfile

# A module of src/ may include the private headers ("module/x.h") of the modules behind it; the
# public headers that these modules own come with them. Its own headers are always allowed. cl is
# the folder of the kernels, whose shared.h is host code, too.
ARROWS = {
    "cl": "",
    "base": "cl",
    "io": "base",
    "figure": "base",
    "ranks": "base",
    "ocl": "base",
    "ref": "base",
    "ops": "ocl base cl",
    "nn": "ops ocl ranks base",
    "verify": "ref nn ops ocl base cl",
    "eval": "verify nn ops ocl io base cl",
    "run": "eval verify nn ocl io base",
    "train": "run eval verify nn ops ocl io ranks base",
    "bench": "verify nn ocl figure ranks base cl",
    "report": "run eval figure nn ocl io base",
}

# The command uses nothing but the library: <clgan/x.h> of these modules, and "cli/x.h".
CLI_USES = "train run eval report bench ocl ranks base"

# Programs in tools/ use all of the library, its private headers too; the command is not a part of
# it.
TOOLS_USES = " ".join(ARROWS)

# Each public header <clgan/x.h> is implemented by the module behind it.
OWNERS = {
    "status.h": "base",
    "log.h": "base",
    "terminal.h": "base",
    "unfinished.h": "base",
    "waiting.h": "base",
    "ranks.h": "ranks",
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
    "generator.h": "run",
    "bench.h": "bench",
    "compare.h": "bench",
    "tune.h": "bench",
    "report.h": "report",
    "runs.h": "run",
    "selftest.h": "run",
}

# Only one module may see these headers: the module, their names, what they are.
GUARDED = [
    ("ocl", re.compile(r"^(CL/|OpenCL/|clblast)"), "OpenCL and CLBlast"),
    ("figure", re.compile(r"^cairo"), "cairo"),
    ("eval", re.compile(r"^(lapack|cblas)"), "LAPACK"),
    ("ranks", re.compile(r"^mpi\.h"), "MPI"),
]

DIRECTIVE = re.compile(r"^\s*#\s*include\b\s*(.*)$")
TARGET = re.compile(r'^([<"])([^">]+)[">]')

# These macros tell one operating system from another, and these files alone may ask: the rest of
# src/ is the same everywhere. On Linux, which runs these checks, files of Windows make no objects.
SYSTEM = re.compile(r"\b(_WIN32|_WIN64|__MINGW\w*|__linux__|__APPLE__|__unix__)\b")
SYSTEM_FILES = re.compile(r"(_posix|_windows)\.c$|(^|/)ocl/opencl\.h$")
WINDOWS_FILES = re.compile(r"_windows\.c$")

# A row of docs/architecture.md has a module, and what it may include.
PAGE_ROW = re.compile(r"^\| `(?:src/)?(\w+)/` \|.*\|([a-z ]*)\|$", re.MULTILINE)

# The path of an object in the build's folder tells the source that it was made of.
OBJECT = re.compile(r"^CMakeFiles/[^/]+\.dir/src/(.+)\.c\.o$")

# A source that stands in for others where an optional library is absent: it is in no build that
# has all of them, which is what circles are looked for in.
STAND_IN = "without_"

Rules = collections.namedtuple("Rules", "arrows cli_uses tools_uses owners guarded")
RULES = Rules(ARROWS, CLI_USES, TOOLS_USES, OWNERS, GUARDED)


def includes_of(path):
    """(line number, the line, quote and name of what it includes or None) of each #include."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        directive = DIRECTIVE.match(line)
        if directive:
            target = TARGET.match(directive.group(1))
            yield number, line.strip(), target.groups() if target else None


def source_files(root):
    """The C files of the tree, each with the module whose rules are its own: None where it is
    unknown."""
    for path in sorted((root / "src").rglob("*.[ch]")):
        yield path, path.relative_to(root / "src").parts[0]
    for path in sorted((root / "cl").glob("*.h")):
        yield path, "cl"
    for path in sorted((root / "tools").rglob("*.[ch]")):
        yield path, "tools"
    for path in sorted((root / "include").rglob("*.h")):
        yield path, None


# ---- includes ------------------------------------------------------------------------------------


class Checker:
    """The complaints about one tree by one set of rules."""

    def __init__(self, root, rules=RULES):
        self.root, self.rules = root, rules
        self.found, self.count = [], 0
        self.used = set()  # arrows: (module, the module that it includes)
        self.guarded_headers = {}

    def guard_of(self, target):
        """The one module that may see this header and what it is, or (None, None)."""
        for owner, names, what in self.rules.guarded:
            if names.match(target):
                return owner, what
        return None, None

    def guard_behind(self, target):
        """Likewise for a header of src/ that leads to such a header, through others or itself."""
        if target not in self.guarded_headers:
            self.guarded_headers[target] = (None, None)  # ends the search in a circle
            path = self.root / "src" / target
            inner = [t for _, _, t in includes_of(path) if t] if path.exists() else []
            guards = [self.guard_of(n) if q == "<" else self.guard_behind(n) for q, n in inner]
            self.guarded_headers[target] = next((g for g in guards if g[0]), (None, None))
        return self.guarded_headers[target]

    def complaint(self, module, quote, target):
        """Why a file of `module` may not include `target`, or None. Public headers count as files
        of the module that owns them."""
        owner, what = self.guard_of(target)
        if owner:
            return None if module == owner else f"only src/{owner}/ includes {what}"
        folder, slash, name = target.rpartition("/")
        if folder == "clgan":
            if quote == '"':
                return f"write <{target}>"
            if name not in self.rules.owners:
                return f"unknown public header: add {name} and its module to OWNERS in {__file__}"
            return self.arrow(module, self.rules.owners[name], public=True)
        if quote == "<":
            return None
        if not slash and module == "cl":  # as kernels write it
            return None
        if not slash:
            return 'write "module/header.h"'
        top = folder.split("/")[0]
        if top not in self.rules.arrows and top != "cli":
            return f"unknown module {top}: add it to ARROWS in {__file__}"
        owner, what = self.guard_behind(target)
        if owner and module != owner:
            return f"{target} needs {what}, which only src/{owner}/ includes"
        return self.arrow(module, top, public=False)

    def arrow(self, module, used, public):
        if module == used:
            return None
        self.used.add((module, used))
        if module == "cli":
            if public and used in self.rules.cli_uses.split():
                return None
            return f"cli includes only <clgan/...> of {self.rules.cli_uses}, not {used}"
        allowed = self.rules.tools_uses if module == "tools" else self.rules.arrows[module]
        if used in allowed.split():
            return None
        return f"{module} may include {allowed or 'no other module'}, not {used}"

    def check_file(self, path, module, private_allowed=True):
        for number, line, target in includes_of(path):
            if not target:
                why = "write the header's name, not a macro"
            elif not private_allowed and target[0] == '"':
                why = "a public header includes only <clgan/...> and system headers"
            elif not private_allowed and self.guard_of(target[1])[0]:
                why = f"a public header must not need {self.guard_of(target[1])[1]}"
            else:
                why = self.complaint(module, *target)
            if why:
                self.found.append(f"{path}:{number}: {line}: {why}")

    def check_includes(self):
        for path, module in source_files(self.root):
            self.count += 1
            if not SYSTEM_FILES.search(path.as_posix()):
                found = SYSTEM.search(path.read_text(encoding="utf-8"))
                if found:
                    self.found.append(f"{path}: {found.group()}: only *_posix.c and *_windows.c "
                                      "know which system they are for")
            if module is None and path.name in self.rules.owners:
                self.check_file(path, self.rules.owners[path.name], private_allowed=False)
            elif module is None:
                self.found.append(f"{path}: unknown public header: add it to OWNERS in {__file__}")
            elif module in self.rules.arrows or module in ("cli", "tools"):
                self.check_file(path, module)
            else:
                self.found.append(f"{path}: unknown module: add it to ARROWS in {__file__}")

    # ---- the tables ------------------------------------------------------------------------------

    def check_tables(self):
        """To be called after check_includes(). Every line of the tables is there for something."""
        above = set()
        for module, allowed in self.rules.arrows.items():
            for used in allowed.split():
                if used not in above:
                    self.found.append(f"ARROWS: {module} includes {used}, which is not above it")
                elif (module, used) not in self.used:
                    self.found.append(f"ARROWS: {module} may include {used}, but does not")
            above.add(module)
        for used in self.rules.cli_uses.split():
            if ("cli", used) not in self.used:
                self.found.append(f"CLI_USES: cli may include {used}, but does not")
        self.check_page()
        for name, owner in self.rules.owners.items():
            if not (self.root / "include" / "clgan" / name).exists():
                self.found.append(f"OWNERS: {owner} owns {name}, and there is no <clgan/{name}>")

    def check_page(self):
        """The page has the same arrows."""
        page = (self.root / "docs" / "architecture.md").read_text(encoding="utf-8")
        rows = dict(PAGE_ROW.findall(page))
        for module, allowed in self.rules.arrows.items():
            if module not in rows:
                self.found.append(f"docs/architecture.md: {module} is not in its table")
            elif set(rows[module].split()) != set(allowed.split()):
                self.found.append(f"docs/architecture.md: there {module} includes "
                                  f"'{rows[module].strip()}', '{allowed}' in ARROWS")

    # ---- circles ---------------------------------------------------------------------------------

    def check_include_circles(self):
        graph = collections.defaultdict(dict)
        for path, module in source_files(self.root):
            folder = self.root / ("include" if module is None else "src")
            if module in ("tools", "cl"):
                continue
            name = path.relative_to(folder).with_suffix("").as_posix()
            for _, _, target in includes_of(path):
                used = target[1].removesuffix(".h") if target else name
                if used != name:
                    graph[name][used] = target[1]
        self.add_circles(graph, "includes")

    def check_call_circles(self, build):
        """What a file's object wants and another one's defines, the file calls or refers to."""
        paths = {}
        for path in sorted(build.rglob("*.o")):
            match = OBJECT.search(path.relative_to(build).as_posix())
            if match and (self.root / "src" / f"{match.group(1)}.c").exists():
                paths[str(path)] = match.group(1)
        objects = {paths[path]: symbols for path, symbols in symbols_of(list(paths)).items()}
        for path in sorted((self.root / "src").rglob("*.c")):
            if path.name.startswith(STAND_IN):
                continue
            name = path.relative_to(self.root / "src").with_suffix("").as_posix()
            self.count += 1
            if not WINDOWS_FILES.search(name + ".c") and not objects.get(name, ([], []))[0]:
                self.found.append(f"{path}: no object of it with symbols in {build}: build first")
        owners = {s: name for name, (defined, _) in objects.items() for s in defined}
        graph = collections.defaultdict(dict)
        for name, (_, wanted) in objects.items():
            for symbol in sorted(wanted, reverse=True):
                if owners.get(symbol, name) != name:
                    graph[name][owners[symbol]] = symbol
        self.add_circles(graph, "calls")

    def add_circles(self, graph, what):
        seen = set()
        for start in sorted(graph):
            circle = [] if start in seen else shortest_circle(graph, start)
            seen.update(circle)
            steps = [f" -> {b} ({graph[a][b]})" for a, b in zip(circle, circle[1:])]
            if circle:
                self.found.append(f"circle by {what}: {start}{''.join(steps)}")


def symbols_of(paths):
    """{path of an object: (the symbols that it defines, those that it wants)}; not of objects that
    have none."""
    found = collections.defaultdict(lambda: (set(), set()))
    if not paths:
        return found
    nm = subprocess.run(["nm", "-gPA", *paths], check=True, capture_output=True, text=True)
    for line in nm.stdout.splitlines():
        path, _, row = line.rpartition(": ")
        name, kind = row.split()[:2]
        found[path][kind in "Uvw"].add(name)
    return found


def shortest_circle(graph, start):
    """[start, ..., start] along the arrows of the graph, or []."""
    came_from, queue = {}, collections.deque([start])
    while queue and start not in came_from:
        node = queue.popleft()
        for following in graph.get(node, ()):
            if following not in came_from:
                came_from[following] = node
                queue.append(following)
    circle = [start] if start in came_from else []
    while circle and (len(circle) == 1 or circle[0] != start):
        circle.insert(0, came_from[circle[0]])
    return circle


# ---- self-test -----------------------------------------------------------------------------------

# Each case is a file, its one include, and whether that is allowed.
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
    ("src/eval/a.c", '"verify/a.h"', True),
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
    ("src/train/a.c", '"verify/a.h"', True),
    ("src/train/a.c", '"run/a.h"', True),
    ("src/run/a.c", '"train/a.h"', False),
    ("src/train/a.c", '"ref/a.h"', False),
    ("src/train/a.c", '"bench/a.h"', False),
    ("src/train/deeper/a.c", '"cli/a.h"', False),
    ("src/train/a.c", "<clgan/nobody.h>", False),
    ("src/train/a.c", '"nobody/a.h"', False),
    ("src/ops/a.c", '"cl/shared.h"', True),
    ("src/base/a.h", '"cl/shared.h"', True),
    ("src/ocl/a.c", '"cl/shared.h"', False),
    ("src/ops/a.c", '"shared.h"', False),
    ("cl/shared.h", "<stddef.h>", True),
    ("cl/shared.h", '"base/a.h"', False),
    ("cl/shared.h", '"other.h"', True),
    ("src/base/a.h", '"other.h"', False),
    ("cl/shared.h", "<CL/cl.h>", False),
    ("src/nobody/a.c", "<stdio.h>", False),
    ("src/cli/a.c", "<clgan/train.h>", True),
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
    ("include/clgan/train.h", "<clgan/device.h>", True),
    ("include/clgan/nobody.h", "<stdio.h>", False),
]

# A sound tree and its rules come first, then faults: what is planted, the files that are then
# others (None: gone), those that become others after the build, and the one complaint, or None.
SMALL = Rules({"low": "", "high": "low"}, "high", "low high",
              {"low.h": "low", "more.h": "low", "high.h": "high"},
              [("low", re.compile("^secret"), "secrets")])
SOUND = {
    "include/clgan/low.h": "",
    "include/clgan/more.h": "#include <clgan/low.h>",
    "include/clgan/high.h": "#include <clgan/low.h>",
    "src/low/a.h": "#include <secret.h>",
    "src/low/a.c": '#include "low/a.h"\n#include "low/b.h"\n'
                   "int b(void); int a(void) { return b(); }",
    "src/low/b.h": "int b(void);",
    "src/low/b.c": '#include "low/b.h"\nint b(void) { return 1; }',
    "src/low/c.h": "",
    "src/high/h.c": '#include "low/c.h"\nint b(void); int h(void) { return b(); }',
    "src/cli/main.c": "#include <clgan/high.h>\nint h(void); int main(void) { return h(); }",
    "docs/architecture.md": "| `src/low/` | things | |\n| `src/high/` | others | low |\n",
}
CALLS_BACK = {"src/low/b.c": "int a(void); int b(void) { return a(); }"}
FAULTS = [
    ("nothing", {}, {}, None),
    ("a guarded header behind one", {"src/high/h.h": '#include "low/a.h"'}, {},
     "low/a.h needs secrets, which only src/low/ includes"),
    ("a guarded header behind two",
     {"src/high/h.h": '#include "low/d.h"', "src/low/d.h": '#include "low/a.h"'}, {},
     "low/d.h needs secrets, which only src/low/ includes"),
    ("a question for the system", {"src/high/h.h": "#ifdef _WIN32\n#endif"}, {},
     "_WIN32: only *_posix.c and *_windows.c know which system they are for"),
    ("the same where it may be asked", {"src/high/h_posix.c": "#ifdef __APPLE__\n#endif\nint i;"},
     {"src/high/h_windows.c": "int i;"}, None),
    ("an arrow that nothing uses",
     {"src/high/h.c": "int h(void) { return 1; }", "include/clgan/high.h": ""}, {},
     "ARROWS: high may include low, but does not"),
    ("a command that uses nothing", {"src/cli/main.c": "int main(void) { return 0; }"}, {},
     "CLI_USES: cli may include high, but does not"),
    ("an owner without its header", {"include/clgan/more.h": None}, {},
     "OWNERS: low owns more.h, and there is no <clgan/more.h>"),
    ("another arrow in the page", {"docs/architecture.md": "| `src/low/` | things | high |\n"
                                                            "| `src/high/` | others | low |\n"}, {},
     "docs/architecture.md: there low includes 'high', '' in ARROWS"),
    ("a module that the page lacks", {"docs/architecture.md": "| `src/high/` | others | low |\n"},
     {}, "docs/architecture.md: low is not in its table"),
    ("a circle by includes", {"src/low/b.h": '#include "low/a.h"'}, {},
     "circle by includes: low/a -> low/b (low/b.h) -> low/a (low/a.h)"),
    ("a circle by includes of three",
     {"src/low/b.h": '#include "low/d.h"', "src/low/d.h": '#include "low/a.h"'}, {},
     "circle by includes: low/a -> low/b (low/b.h) -> low/d (low/d.h) -> low/a (low/a.h)"),
    ("a circle of public headers", {"include/clgan/low.h": "#include <clgan/more.h>"}, {},
     "circle by includes: clgan/low -> clgan/more (clgan/more.h) -> clgan/low (clgan/low.h)"),
    ("a circle by calls", CALLS_BACK, {}, "circle by calls: low/a -> low/b (b) -> low/a (a)"),
    ("a circle through a table",
     {"src/low/a.c": "int b(void); int (*const table[])(void) = {b}; int c(void) { return 1; }",
      "src/low/b.c": "int c(void); int b(void) { return c(); }"}, {},
     "circle by calls: low/a -> low/b (b) -> low/a (c)"),
    ("an object whose source is gone", CALLS_BACK, {"src/low/b.c": None}, None),
    ("a source that was not built", {}, {"src/low/c.c": "int c;"}, "no object of it with symbols"),
    ("a stand-in without an object", {"src/low/without_c.c": ""}, {}, None),
    ("an object without symbols", {"src/low/c.c": ""}, {}, "no object of it with symbols"),
]


def write_tree(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if text is None:
            path.unlink()
        else:
            path.write_text(text, encoding="utf-8")


@functools.lru_cache(maxsize=None)
def compiled(text):
    """The object of a source without its includes."""
    with tempfile.NamedTemporaryFile(suffix=".o") as made:
        subprocess.run([os.environ.get("CC", "cc"), "-c", "-x", "c", "-", "-o", made.name],
                       check=True, text=True, input=re.sub("#.*", "", text))
        return pathlib.Path(made.name).read_bytes()


def build_tree(root):
    """Puts the sources' objects into the folders that CMake would take."""
    for path in (root / "src").rglob("*.c"):
        name = path.relative_to(root).with_suffix(".c.o")
        made = root / "build" / "CMakeFiles" / "library.dir" / name
        made.parent.mkdir(parents=True, exist_ok=True)
        made.write_bytes(compiled(path.read_text(encoding="utf-8")))


def complaints_about(files, late):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        write_tree(root, {n: t for n, t in {**SOUND, **files}.items() if t is not None})
        build_tree(root)
        write_tree(root, late)
        checker = Checker(root, SMALL)
        checker.check_includes()
        checker.check_tables()
        checker.check_include_circles()
        checker.check_call_circles(root / "build")
        return checker.found


def test_case(name, target, allowed):
    """Whether a file with one include is judged right."""
    with tempfile.TemporaryDirectory() as folder:
        write_tree(pathlib.Path(folder), {name: f"/* planted */\n#  include {target}\n"})
        checker = Checker(pathlib.Path(folder))
        checker.check_includes()
        if checker.count == 1 and len(checker.found) == (0 if allowed else 1):
            return True
        print(f"self-test: {name} including {target}: allowed {allowed}, found {checker.found}")
        return False


def test_fault(what, files, late, said):
    """Whether a planted fault is found, and nothing else."""
    found = complaints_about(files, late)
    if [said in line for line in found] == [True] if said else not found:
        return True
    print(f"self-test: {what}: found {found}, not '{said}'")
    return False


def test_order():
    """Whether a table whose arrows point up is refused."""
    with tempfile.TemporaryDirectory() as folder:
        write_tree(pathlib.Path(folder), {"docs/architecture.md": SOUND["docs/architecture.md"]})
        checker = Checker(pathlib.Path(folder), SMALL._replace(
            arrows={"high": "low", "low": ""}, cli_uses="", owners={}))
        checker.check_tables()
        return checker.found == ["ARROWS: high includes low, which is not above it"]


def self_test():
    results = [test_case(*case) for case in CASES] + [test_fault(*f) for f in FAULTS]
    results.append(test_order())
    print(f"self-test: {len(results)} cases, {results.count(False)} wrong")
    return 0 if all(results) else 1


# ---- the command ---------------------------------------------------------------------------------


def report(checker, what):
    for line in checker.found:
        print(line)
    if checker.count == 0:
        print("no sources found")
        return 1
    print(f"{checker.count} files, {len(checker.found)} {what}")
    return 1 if checker.found else 0


def main(arguments):
    checker = Checker(pathlib.Path(__file__).resolve().parent.parent)
    if arguments == ["--self-test"]:
        return self_test()
    if len(arguments) == 2 and arguments[0] == "--objects":
        checker.check_include_circles()
        checker.check_call_circles(pathlib.Path(arguments[1]))
        return report(checker, "circles or sources without an object")
    if arguments:
        sys.stderr.write("usage: scripts/check-includes.py [--objects DIR | --self-test]\n")
        return 2
    checker.check_includes()
    checker.check_tables()
    return report(checker, "wrong includes or lines of the tables")


sys.exit(main(sys.argv[1:]))
