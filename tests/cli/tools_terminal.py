"""What a terminal shows of a command."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import unicodedata

from tools_common import need, read, write


def do_terminal(path, *command):
    """Runs the command with a terminal as its stderr, and as its stdout where STDOUT is set, keeps
    what it wrote there, and ends as it did. SIZE: how many columns that has; AS: its TERM."""
    ours, theirs = pty.openpty()
    if os.environ.get("SIZE"):
        fcntl.ioctl(theirs, termios.TIOCSWINSZ,
                    struct.pack("4H", 24, int(os.environ["SIZE"]), 0, 0))
    out = theirs if os.environ.get("STDOUT") else None
    environment = {**os.environ, "TERM": os.environ.get("AS", "xterm")}
    with subprocess.Popen(command, stdout=out, stderr=theirs, env=environment) as process:
        os.close(theirs)
        written = b""
        try:
            while part := os.read(ours, 65536):
                written += part
        except OSError:  # how Linux says that nobody has the terminal open any more
            pass
    write(path, written)
    sys.exit(process.returncode)


def columns_of(letter):
    if unicodedata.combining(letter):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


class Screen:
    """A terminal that is `width` columns wide and as high as it needs to be."""

    def __init__(self, width):
        self.width, self.rows, self.x, self.y = width, [[]], 0, 0

    def put(self, letter):
        columns = columns_of(letter)
        if self.x + columns > self.width:
            self.x, self.y = 0, self.y + 1
        while len(self.rows) <= self.y:
            self.rows.append([])
        row = self.rows[self.y]
        row.extend(" " * (self.x + columns - len(row)))
        if columns:
            row[self.x:self.x + columns] = [letter] + [""] * (columns - 1)
        self.x += columns

    def obey(self, sequence):
        """Erasing and colours are all that there is."""
        need(re.fullmatch(r"\x1b\[([KJ]|[0-9;]*m)", sequence), f"another control sequence: {sequence!r}")
        if sequence[-1] in "KJ" and self.y < len(self.rows):
            del self.rows[self.y][self.x:]
        if sequence[-1] == "J":
            del self.rows[self.y + 1:]

    def write(self, text):
        for part in re.findall(r"\x1b\[[0-9;?]*.|.|\n|\r", text):
            if part == "\r":
                self.x = 0
            elif part == "\n":
                self.y += 1
            elif part[0] == "\x1b":
                self.obey(part)
            else:
                need(part.isprintable(), f"a control character: {part!r}")
                self.put(part)

    def lines(self):
        return ["".join(row).rstrip() for row in self.rows]


def do_screen(path, target, width="80"):
    """What stays on the screen of what `terminal` kept, a line each."""
    screen = Screen(int(width))
    screen.write(read(path).decode())
    write(target, "".join(line + "\n" for line in screen.lines() if line).encode())


def do_redrawn(path, width):
    """What `terminal` kept never breaks a redrawn line in two: prints the widest one."""
    widest = ""
    for line in re.split(r"[\r\n]+", read(path).decode()):
        line = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", line)
        if line.startswith("clgan: "):
            continue
        columns = sum(map(columns_of, line))
        need(columns < int(width), f"{columns} columns of {width}: {line!r}")
        widest = max(widest, line, key=len)
    print(widest)


def do_narrow(path, width):
    """No line of the file is wider."""
    for line in read(path).decode().splitlines():
        columns = sum(map(columns_of, line))
        need(columns <= int(width), f"{path}: {columns} columns of {width}: {line!r}")
