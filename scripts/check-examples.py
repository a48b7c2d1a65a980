#!/usr/bin/env python3
"""The usage examples in the headers' comments are C that compiles.

    scripts/check-examples.py              checks include/clgan/ and src/
    scripts/check-examples.py --self-test  checks that a broken example is found

An example stands in the comment that opens a header: lines behind " * " and three or more spaces,
of which one ends in a semicolon. It becomes the body of a function that has `cg_status status`, all
public headers, in src/ also CG_TRY and a `done:` label, and what the table below puts before it.
A public header's first comment also says "Threads:" which may call its functions.
In src/ one with an ellipsis, {.file = "a.cl", ...}, is prose.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

# These declarations stand before the function around an example, which may use them.
BEFORE = {
    "include/clgan/bench.h": "static cg_devices *devices; static size_t index;",
    "include/clgan/selftest.h": "static cg_devices *devices; static size_t index;",
    "include/clgan/tune.h": "static cg_devices *devices; static size_t index;",
    "src/base/argument.h": "static const char *path; static void *data; static size_t size;",
    "src/base/file.h": "static const char *path; static void *data; static size_t size;",
    "src/base/parallel.h": "static size_t rows; static int matrices;"
    " void multiply_row(void *user, size_t i);",
    "src/base/text.h": '#include "base/file.h"\nstatic const char *path, *name;',
    "src/eval/frechet.h": "static cg_interval fid; static cg_frechet_fit *fake; static float *x;"
    " static size_t nx, d; static uint64_t seed;",
    "src/eval/neighbours.h": "static cg_runtime *rt; static cg_manifold manifold;"
    " static cg_balls fake; static float *x; static size_t nx, d;",
    "src/figure/page.h": "static cg_text page;",
    "src/io/source.h": "static const char *path; static unsigned char header[4], *data;"
    " static size_t got, promised;",
    "src/ocl/build_options.h": '#include "ocl/launch.h"\nstatic size_t stride;',
    "src/run/record.h": "#include <clgan/runlog.h>\nstatic cg_runlog *log_;\n#define log log_",
    "src/verify/fixture.h": "static const char *path; static float *w, *z; static bool ok;"
    " static cg_param_id id; static cg_fixture_got got; static cg_fixture_report *report;"
    " static void *user;",
    "src/verify/selftest.h": "static cg_runtime *rt; static cg_selftest_plan plan;",
    "src/verify/selftest_once.h": "static cg_runtime *rt;",
    "src/verify/spot.h": "static cg_network *net; static uint64_t seed;",
    "src/verify/verify.h": "static cg_runtime *rt;",
}

# The examples of all other headers explain these public ones.
WITHOUT = {"include/clgan/status.h"}

FLAGS = ["-std=c11", "-fsyntax-only", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-Wno-unused"]
DEFINES = ["-D_GNU_SOURCE", "-DCL_TARGET_OPENCL_VERSION=120"]


def find_example(text):
    """(line number, lines) of the example in a header's first comment, or None."""
    comment = text[: text.index("*/")] if text.startswith("/*") and "*/" in text else ""
    block, start = [], 0
    for number, line in enumerate(comment.splitlines() + [""], 1):
        if re.match(r" \*   ", line):
            start = start if block else number
            block.append(line[3:])
        elif any(re.search(r";(\s*//.*)?$", code) for code in block):
            return start, block
        else:
            block = []
    return None


def is_prose(lines):
    """Whether an ellipsis stands outside of the strings."""
    return any("..." in re.sub(r'"[^"]*"', "", line) for line in lines)


def build_program(root, name, number, lines):
    """A C file whose errors are those of the header's lines."""
    headers = [f"<clgan/{h.name}>" for h in sorted((root / "include/clgan").glob("*.h"))]
    headers += ["<stdio.h>", "<stdlib.h>"]
    headers += ['"base/try.h"', f'"{name[4:]}"'] if name.startswith("src/") else []
    label = "" if "done:" in (line.strip() for line in lines) else "done:;"
    return "\n".join(
        [f"#include {header}" for header in headers]
        + [BEFORE.get(name, ""), "cg_status example(void);", "cg_status example(void)", "{"]
        + ["cg_status status = CG_OK;", "{", f'#line {number} "{name}"']
        + lines
        + [label, "}", "return status;", "}", ""]
    )


def compile_example(root, name, number, lines):
    """The compiler's complaints, "" for none."""
    includes = [f"-I{root / folder}" for folder in ("include", "src", ".")]
    done = subprocess.run(
        [os.environ.get("CC", "cc"), *FLAGS, *DEFINES, *includes, "-x", "c", "-"],
        input=build_program(root, name, number, lines),
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stderr if done.returncode else ""


def check_tree(root):
    """(number of examples, complaints)"""
    found, count = [], 0
    for path in sorted((root / "include").rglob("*.h")) + sorted((root / "src").rglob("*.h")):
        name = path.relative_to(root).as_posix()
        text = path.read_text(encoding="utf-8")
        example = find_example(text)
        if name.startswith("include/") and "\n * Threads: " not in text.partition("*/")[0]:
            found.append(f'{name}: the comment at its top does not say "Threads: ..."\n')
        if example and name.startswith("src/") and is_prose(example[1]):
            continue
        if example:
            count += 1
            complaint = compile_example(root, name, *example)
            found += [complaint] if complaint else []
        elif name.startswith("include/") and name not in WITHOUT:
            found.append(f"{name}: the comment at its top has no example\n")
    return count, found


# Each case is a header's file, the text of its comment, and the numbers of examples and complaints.
PUBLIC, PRIVATE = "include/clgan/planted.h", "src/base/planted.h"
CASES = [
    (PUBLIC, " *     puts(cg_planted());", 1, 0),
    (PUBLIC, " *     a | b; c\n *\n *     puts(cg_planted()); // text", 1, 0),
    (PRIVATE, " *     CG_TRY(CG_OK);\n *     puts(cg_planted());", 1, 0),
    (PRIVATE, " *     CG_TRY(CG_OK);\n *   done:\n *     puts(cg_planted());", 1, 0),
    (PRIVATE, " *     a | b; c", 0, 0),
    (PRIVATE, " *     cg_planted({.a = 7, ...});", 0, 0),
    (PRIVATE, ' *     cg_nobody("...");', 1, 1),
    (PUBLIC, " *     cg_planted({.a = 7, ...});", 1, 1),
    (PUBLIC, " *     a | b; c", 0, 1),
    (PUBLIC, " *     CG_TRY(CG_OK);", 1, 1),
    (PUBLIC, " *     puts(cg_nobody());", 1, 1),
    (PUBLIC, " *     puts(cg_planted(7));", 1, 1),
    (PUBLIC, " *     puts(cg_planted())\n *     puts(cg_planted());", 1, 1),
    (PRIVATE, " *     CG_TRY(cg_nobody());", 1, 1),
]


def plant(root, name, comment, threads=" *\n * Threads: any.\n"):
    """A tree of one header, and CG_TRY."""
    for folder in ("include/clgan", "src/base"):
        (root / folder).mkdir(parents=True)
    (root / "src/base/try.h").write_text(
        "#define CG_TRY(call) do { if ((status = (call)) != CG_OK) goto done; } while (0)\n"
    )
    (root / name).write_text(
        f"/* Planted.\n *\n{comment}\n{threads} */\n#ifndef PLANTED_H\n#define PLANTED_H\n"
        "typedef enum { CG_OK } cg_status;\nconst char *cg_planted(void);\n#endif\n"
    )


def self_test():
    wrong = 0
    for name, comment, examples, complaints in CASES:
        with tempfile.TemporaryDirectory() as folder:
            plant(pathlib.Path(folder), name, comment)
            count, found = check_tree(pathlib.Path(folder))
            if (count, len(found)) != (examples, complaints):
                wrong += 1
                print(f"self-test: {name}: {comment}: {count} examples, found {found}")
    with tempfile.TemporaryDirectory() as folder:
        plant(pathlib.Path(folder), PUBLIC, " *     puts(cg_planted());", "")
        wrong += len(check_tree(pathlib.Path(folder))[1]) != 1
    print(f"self-test: {len(CASES) + 1} cases, {wrong} wrong")
    return 1 if wrong else 0


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    if sys.argv[1:]:
        sys.stderr.write("usage: scripts/check-examples.py [--self-test]\n")
        return 2
    count, found = check_tree(pathlib.Path(__file__).resolve().parent.parent)
    for complaint in found:
        print(complaint, end="")
    print(f"{count} examples, {len(found)} wrong")
    return 1 if found or not count else 0


sys.exit(main())
