"""Event files for TensorBoard, read without TensorBoard and with it."""

import os
import struct

from tools_common import need, read
from tools_runs import records


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def fields(data):
    """A protocol buffer as (field, value) pairs."""
    place = 0

    def varint():
        nonlocal place
        number, shift = 0, 0
        while True:
            byte = data[place]
            place += 1
            number |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return number

    while place < len(data):
        key = varint()
        if key & 7 == 0:
            yield key >> 3, varint()
            continue
        size = {1: 8, 5: 4}.get(key & 7)
        size = varint() if size is None else size
        yield key >> 3, data[place:place + size]
        place += size


def events_in(path):
    data, place = read(path), 0
    while place < len(data):
        size, = struct.unpack_from("<Q", data, place)
        for start, end in ((place, place + 8), (place + 12, place + 12 + size)):
            crc = crc32c(data[start:end])
            masked = ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF
            need(struct.unpack_from("<I", data, end)[0] == masked, f"{path}: a checksum at {end}")
        yield dict(fields(data[place + 12:place + 12 + size]))
        place += size + 16


def do_events(run, *starts):
    """Reads a run's event files in the order of their names; a start takes back what came before of
    its step and later ones. Prints "STEP TAG VALUE" by step."""
    found, names = [], sorted(n for n in os.listdir(run) if n.startswith("events.out.tfevents."))
    need(len(names) == len(starts), f"files {names}")
    for name, start in zip(names, starts):
        events = list(events_in(f"{run}/{name}"))
        need(events[0][3] == b"brain.Event:2", f"{name}: version")
        need(events[1][2] == int(start) and dict(fields(events[1][7])) == {1: 1},
             f"{name}: start {events[1]}")
        found = [f for f in found if f[0] < int(start)]
        for event in events[2:]:
            for _, value in fields(event[5]):
                value = dict(fields(value))
                if 4 in value:
                    image = dict(fields(value[4]))
                    need(image[4].startswith(b"\x89PNG"), f"{name}: a picture")
                    text = f"{image[2]}x{image[1]}"
                else:
                    text = repr(struct.unpack("<f", value[2])[0])
                found.append((event.get(2, 0), value[1].decode(), text))
    for step, tag, text in sorted(found):
        print(step, tag, text)


def events_of(listing):
    lines = [line.split(" ") for line in read(listing).decode().splitlines()]
    return {(int(step), tag): value for step, tag, value in lines}


def do_events_log(run, listing):
    """What `events` printed are the log's numbers, all of them and no others."""
    found = events_of(listing)
    wanted = {}
    for record in records(run):
        for key, value in record.items():
            if key not in ("type", "step", "epoch"):
                wanted[record["step"], f"{record['type']}/{key}"] = value
    numbers = {place: float(v) for place, v in found.items() if place[1] != "pictures"}
    need(set(numbers) == set(wanted), f"{sorted(set(numbers) ^ set(wanted))}")
    for place, value in wanted.items():
        need(abs(numbers[place] - value) <= 1e-6 * abs(value), f"{place}: {numbers[place]}, {value}")


def do_tensorboard(run, listing):
    """TensorBoard's own reader finds the same."""
    from tensorboard.backend.event_processing import event_accumulator
    reader = event_accumulator.EventAccumulator(run, {"scalars": 0, "images": 0})
    reader.Reload()
    found = {}
    for tag in reader.Tags()["scalars"]:
        for event in reader.Scalars(tag):
            need((event.step, tag) not in found, f"{tag} of step {event.step} twice")
            found[event.step, tag] = repr(struct.unpack("<f", struct.pack("<f", event.value))[0])
    for tag in reader.Tags()["images"]:
        for event in reader.Images(tag):
            found[event.step, tag] = f"{event.width}x{event.height}"
    wanted = events_of(listing)
    need(found == wanted, f"TensorBoard reads {found} instead of {wanted}")
