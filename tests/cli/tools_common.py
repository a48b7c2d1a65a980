"""What the tools of the command's tests share."""

import struct
import sys


def need(condition, message):
    if not condition:
        sys.exit(f"FAILED: {message}")


def read(path):
    with open(path, "rb") as file:
        return file.read()


def write(path, data):
    with open(path, "wb") as file:
        file.write(data)


def idx(dims, data):
    """The bytes of an IDX file."""
    return struct.pack(f">{1 + len(dims)}I", 0x0800 + len(dims), *dims) + bytes(data)
