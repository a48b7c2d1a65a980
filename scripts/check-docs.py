#!/usr/bin/env python3
"""What the documentation says of files is true: links lead somewhere, files that it names exist,
and what it quotes of them still stands there.

    scripts/check-docs.py              checks all Markdown files
    scripts/check-docs.py --run        prints what the README's blocks marked "run" hold
    scripts/check-docs.py --self-test  checks that wrong ones are found

A file is named in backquotes, `src/ops/bias.c`, by its path from the root, or from src/ on; a `*`
in it stands for anything, and <op> says that it is no file. An excerpt is an indented block behind
a line that ends with such a name and a colon; its lines stand in the file one behind the other, but
where the excerpt has a line "...". docs/journal.md, which is history, may name what is gone.

A block of README.md and of docs/installing.md, indented by four columns, stands behind a mark:
<!-- run --> where a test runs it as written, in a folder with runs; <!-- run: WHERE --> where a test
of its own does; else <!-- not run: WHY -->. Of README.md's, cli/test_examples runs the former, and
the commands of its tables.
"""
import pathlib
import re
import sys
import tempfile

FOLDERS = "cl cmake data docs examples include results scripts src tests tools".split()
HISTORY = {"docs/journal.md"}

README = "README.md"
MARKED = {README, "docs/installing.md"}
MARK = re.compile(r"<!-- (run|run: .+|not run: .+) -->$")
IN_TABLE = re.compile(r"`(clgan [^`]+)`")

NAME = re.compile(r"`([\w.-]+(?:/[\w.*-]+)+\.[\w*]+)`")
LINK = re.compile(r"\]\(([^)#:\s]*)(?:#([^)\s]*))?\)")
QUOTED = re.compile(r".*" + NAME.pattern + r".*:$")


def resolve(root, name):
    """The files that a name in backquotes means; None where it is no name of a file here."""
    top = name.split("/")[0]
    if top in FOLDERS:
        return sorted(root.glob(name))
    if (root / "src" / top).is_dir():
        return sorted((root / "src").glob(name))
    return None


def anchors(path):
    """The anchors that GitHub makes of a page's headings."""
    headings = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w -]", "", h.lower()).replace(" ", "-") for h in headings}


def check_link(page, target, anchor):
    path = page.parent / target if target else page
    if not path.exists():
        return f"no file {target}"
    if anchor and anchor not in anchors(path):
        return f"no heading #{anchor} in {target or 'this page'}"
    return None


def stands_in(excerpt, text):
    """Whether the excerpt's parts, whole lines each, stand in the text in their order."""
    lines, at = [line.strip() for line in text.splitlines()], 0
    for part in re.split(r"^\.\.\.$", "\n".join(line.strip() for line in excerpt), flags=re.M):
        wanted = part.strip("\n").split("\n")
        while lines[at : at + len(wanted)] != wanted:
            at += 1
            if at >= len(lines):
                return False
        at += len(wanted)
    return True


def excerpts(lines):
    """(line number, name, lines) of each excerpt of a page."""
    for number, line in enumerate(lines):
        quoted = QUOTED.match(line)
        if quoted and lines[number + 1 : number + 2] == [""]:
            block = []
            for code in lines[number + 2 :]:
                if code and not code.startswith("    "):
                    break
                block.append(code)
            while block and not block[-1]:
                block.pop()
            if block:
                yield number + 3, quoted.group(1), block


def blocks(lines):
    """(line number, the line before it, lines) of each indented block of a page."""
    number, before = 0, ""
    while number < len(lines):
        end = number
        while lines[end : end + 1] and (lines[end].startswith("    ") or
                                        lines[end] == "" and end > number):
            end += 1
        if end > number:
            yield number + 1, before, [line[4:] for line in lines[number:end] if line]
        before = lines[number] or before
        number = max(end, number + 1)


def check_blocks(lines):
    """The blocks of a page that have no mark."""
    return [(number, "a block that is not marked <!-- run --> or <!-- not run: WHY -->")
            for number, before, _ in blocks(lines) if not MARK.match(before)]


def check_page(root, page):
    """A list of "page:line: complaint"."""
    found, name = [], page.relative_to(root).as_posix()
    lines = page.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, 1):
        whys = [check_link(page, *link) for link in LINK.findall(line)]
        if name not in HISTORY:
            whys += [f"no file {file}" for file in NAME.findall(line) if resolve(root, file) == []]
        found += [f"{name}:{number}: {why}" for why in whys if why]
    if name in MARKED:
        found += [f"{name}:{number}: {why}" for number, why in check_blocks(lines)]
    for number, file, block in excerpts(lines):
        for path in resolve(root, file) or []:
            if not stands_in(block, path.read_text(encoding="utf-8")):
                found.append(f"{name}:{number}: this does not stand in {file}")
    return found


def check_tree(root):
    """(number of pages, complaints)"""
    pages = sorted(root.glob("*.md"))
    pages += [page for folder in FOLDERS for page in sorted((root / folder).rglob("*.md"))]
    return len(pages), [why for page in pages for why in check_page(root, page)]


# Each case is a page, and how much of it is wrong. The tree has src/base/a.c, of the lines one to
# four, and docs/b.md with a heading.
CASES = [
    ("`src/base/a.c`, `base/a.c`, `src/*/a.c`, `src/<op>/a.c`, `/etc/a.c` and `a.c/b`", 0),
    ("`src/base/b.c`", 1),
    ("`base/b.c` and `src/ops/*.c`", 2),
    ("[b](b.md), [b](b.md#two-words), [here](#page), [far](https://nobody.example/a#b)", 0),
    ("[c](c.md)", 1),
    ("[b](b.md#three-words) and [here](#nowhere)", 2),
    ("In `src/base/a.c`:\n\n    two\n    three\n\nand so on", 0),
    ("In `src/base/a.c`:\n\n    one\n    ...\n    four", 0),
    ("In `src/base/a.c`:\n\n    one\n    three", 1),
    ("In `src/base/a.c`:\n\n    two\n    ...\n    one", 1),
    ("In `src/base/a.c`:\n\n    tw", 1),
    ("In `src/base/a.c`:\n\n    four\n    five", 1),
]


# A page's text, and how many of its blocks are not marked.
BLOCKS = [
    ("<!-- run -->\n\n    one\n    two\n\nText", 0),
    ("<!-- not run: it downloads -->\n\n    one", 0),
    ("<!-- not run: it downloads -->\n\n    one\n\n    still one", 0),
    ("<!-- run: elsewhere -->\n\n    one\n\nText:\n\n    two", 1),
    ("Text:\n\n    one", 1),
    ("<!-- not run -->\n\n    one", 1),
    ("<!-- run -->\n\nText:\n\n    one", 1),
]


def print_commands(root):
    """The README's commands, a line each: of its blocks that are marked run, and of its tables."""
    lines = (root / README).read_text(encoding="utf-8").splitlines()
    commands = [line for _, before, block in blocks(lines) if before == "<!-- run -->"
                for line in block]
    tables = [line for line in lines if line.startswith("| `")]
    print("\n".join(commands + [c for line in tables for c in IN_TABLE.findall(line)]))
    return 0


def self_test():
    wrong = sum(len(check_blocks(text.splitlines())) != expected for text, expected in BLOCKS)
    for text, expected in CASES:
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "src/base").mkdir(parents=True)
            (root / "docs").mkdir()
            (root / "src/base/a.c").write_text("one\n  two\n  three\nfour\n")
            (root / "docs/b.md").write_text("# Two words\n")
            (root / "docs/a.md").write_text(f"# Page\n\n{text}\n")
            count, found = check_tree(root)
            if count != 2 or len(found) != expected:
                wrong += 1
                print(f"self-test: {text!r}: {expected} expected, found {found}")
    print(f"self-test: {len(CASES) + len(BLOCKS)} cases, {wrong} wrong")
    return 1 if wrong else 0


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    root = pathlib.Path(__file__).resolve().parent.parent
    if sys.argv[1:] == ["--run"]:
        return print_commands(root)
    if sys.argv[1:]:
        sys.stderr.write("usage: scripts/check-docs.py [--self-test|--run]\n")
        return 2
    count, found = check_tree(root)
    for line in found:
        print(line)
    print(f"{count} pages, {len(found)} wrong")
    return 1 if found or not count else 0


sys.exit(main())
