#!/usr/bin/env python3
"""What the tests of the command need beside the shell: data sets, and a look at a run's files that
owes nothing to clgan's own readers. `tools.py X ARGUMENT...` calls the function do_X of one of the
files tools_*.py."""

import importlib
import pathlib
import sys

FILES = sorted(path.stem for path in pathlib.Path(__file__).parent.glob("tools_*.py"))


def main():
    name, *arguments = sys.argv[1:]
    for module in map(importlib.import_module, FILES):
        if hasattr(module, "do_" + name):
            getattr(module, "do_" + name)(*arguments)
            return
    sys.exit(f"tools.py: no function do_{name}")


if __name__ == "__main__":
    main()
