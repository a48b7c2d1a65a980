"""PNG, GIF and IDX files of pictures, read without clgan's readers."""

import gzip
import struct
import zlib

from tools_common import need, read


def chunks_of(path):
    """(kind, bytes) of each chunk of a PNG, all of them sound."""
    data, place, chunks = read(path), 8, []
    need(data[:8] == b"\x89PNG\r\n\x1a\n", f"{path} is no PNG")
    while place < len(data):
        size, kind = struct.unpack_from(">I4s", data, place)
        body = data[place + 8:place + 8 + size]
        need(struct.unpack_from(">I", data, place + 8 + size)[0] == zlib.crc32(kind + body),
             f"{path}: a chunk's checksum is wrong")
        chunks.append((kind, body))
        place += 12 + size
    need(chunks[0][0] == b"IHDR" and chunks[-1] == (b"IEND", b""), f"{path}: chunks")
    return chunks


def png_of(path):
    """(width, height, depth, color type), and the pixels by filtered rows."""
    chunks = chunks_of(path)
    pixels = zlib.decompress(b"".join(body for kind, body in chunks if kind == b"IDAT"))
    need(len(set(pixels)) > 16, f"{path} shows nothing")
    return struct.unpack(">IIBB", chunks[0][1][:10]), pixels


def do_png(path, width, height):
    """An 8-bit grey PNG of that size, every chunk sound."""
    got, pixels = png_of(path)
    need(got == (int(width), int(height), 8, 0), f"{path} is {got}")
    need(len(pixels) == int(height) * (int(width) + 1), f"{path}: {len(pixels)} bytes of pixels")


def do_color_png(path):
    """An 8-bit color PNG, every chunk sound; prints its size."""
    (width, height, depth, color), pixels = png_of(path)
    need((depth, color) == (8, 2), f"{path}: depth {depth}, color {color}")
    need(len(pixels) == height * (1 + 3 * width), f"{path}: {len(pixels)} bytes of pixels")
    print(width, height)


def do_corner(path):
    """Prints the first pixel of a color PNG in hexadecimal: no filter changes that one."""
    (_, _, depth, color), pixels = png_of(path)
    need(depth == 8 and color in (2, 6), f"{path}: depth {depth}, color {color}")
    print(pixels[1:4].hex())


def sub_blocks(data, place):
    while data[place]:
        place += 1 + data[place]
    return place + 1


def do_gif(path, frames):
    """An endless animation of this many frames, complete to the trailer."""
    data = read(path)
    need(data[:6] == b"GIF89a", f"{path} is no GIF89a")
    place = 13 + (3 << (1 + (data[10] & 7)) if data[10] & 0x80 else 0)
    count, forever = 0, False
    while data[place] != 0x3B:
        if data[place] == 0x21:
            forever |= data[place + 3:place + 14] == b"NETSCAPE2.0"
            place = sub_blocks(data, place + 2)
        else:
            need(data[place] == 0x2C, f"{path}: byte {place} starts no block")
            flags = data[place + 9]
            place += 10 + (3 << (1 + (flags & 7)) if flags & 0x80 else 0)
            place = sub_blocks(data, place + 1)
            count += 1
    need(place == len(data) - 1, f"{path}: bytes behind its end")
    need(count == int(frames) and forever, f"{path} has {count} frames instead of {frames}")


def do_images(path, count):
    """What `clgan sample` writes: count x 28 x 28 bytes, no two images alike."""
    data = read(path)
    data = gzip.decompress(data) if path.endswith(".gz") else data
    need(data[:16] == struct.pack(">4I", 0x803, int(count), 28, 28), f"{path}: header")
    need(len(data) == 16 + int(count) * 784, f"{path}: {len(data)} bytes")
    need(len(set(data[16:])) > 16, f"{path} shows nothing")
    images = {data[i:i + 784] for i in range(16, len(data), 784)}
    need(len(images) == int(count), f"{path}: only {len(images)} different images")


def do_prefix(long, short):
    """The images of `short` are the first of `long`."""
    a, b = read(long)[16:], read(short)[16:]
    need(len(b) < len(a) and a.startswith(b), f"{short} is not the beginning of {long}")
