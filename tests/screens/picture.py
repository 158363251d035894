"""What was drawn, as numbers: the ink of labels and faces against what they stand on, and pictures as PNG files."""

import struct
import zlib
from pathlib import Path

import numpy

from tests.screens.measure import contrast, ground, ink_box, labels, walk

PNG = b"\x89PNG\r\n\x1a\n"


def capture(stage):
    """One drawn frame of what is laid out, as rows of (red, green, blue) from the bottom up."""
    from kivy.graphics.opengl import GL_RGB, GL_UNSIGNED_BYTE, glReadPixels

    stage.draw()
    width, height = stage.window.size
    # rows of a width that is no multiple of four would be padded
    assert width % 4 == 0
    raw = glReadPixels(0, 0, width, height, GL_RGB, GL_UNSIGNED_BYTE)
    return numpy.frombuffer(bytes(raw), numpy.uint8).reshape(height, width, 3)


def inked(picture, area, on):
    """The colour within an area that stands out most from what it stands on, and by how much."""
    left, bottom, right, top = (max(0, int(edge)) for edge in area)
    colours = numpy.unique(picture[bottom : top + 1, left : right + 1].reshape(-1, 3), axis=0)
    ratios = [contrast(tuple(part / 255 for part in colour), on) for colour in colours.tolist()]
    return max(ratios, default=1.0)


def text_contrasts(stage, picture):
    """(words, ratio of the ink that was meant, ratio of the ink that was drawn) of each label, to its ground as drawn.

    Smoothed edges make thin letters paler than their colour, so what was drawn is never more than what was meant.
    """
    found = []
    for label in labels(stage.app.root):
        area = ink_box(label)
        on = ground(picture, area)
        found.append((label.words, contrast(label.color, on), inked(picture, area, on)))
    return found


def face_contrasts(stage, picture):
    """(rating, ratio of its features to its head, ratio of its head to what it lies on) of each face, as drawn."""
    from kiosk.widgets.drawn import Face

    found = []
    for face in walk(stage.app.screen()):
        if isinstance(face, Face) and min(face.size) > 1:
            radius = min(face.size) / 2
            x, y = face.center
            # a square inside the head, and a strip just outside it, above
            head = ground(picture, (x - 0.6 * radius, y - 0.6 * radius, x + 0.6 * radius, y + 0.6 * radius))
            features = inked(picture, (x - 0.6 * radius, y - 0.6 * radius, x + 0.6 * radius, y + 0.6 * radius), head)
            beside = ground(picture, (x - radius, y + 0.85 * radius, x - 0.75 * radius, y + radius))
            found.append((int(face.rating), features, contrast(head, beside)))
    return found


def shrunk(picture, width):
    """The picture at about that width, each pixel the mean of those it stands for."""
    step = max(1, round(picture.shape[1] / width))
    height, wide = picture.shape[0] // step, picture.shape[1] // step
    blocks = picture[: height * step, : wide * step].reshape(height, step, wide, step, 3)
    return blocks.mean(axis=(1, 3)).astype(numpy.uint8)


def sheet_of(pictures, columns, gap=8):
    """Pictures of one size side by side and one below the other, in rows from the bottom up, as all of them are."""
    height, width = pictures[0].shape[:2]
    rows = -(-len(pictures) // columns)
    canvas = numpy.full((rows * (height + gap) + gap, columns * (width + gap) + gap, 3), 128, numpy.uint8)
    for place, one in enumerate(pictures):
        top = canvas.shape[0] - gap - (place // columns) * (height + gap)
        left = gap + (place % columns) * (width + gap)
        canvas[top - height : top, left : left + width] = one
    return canvas


def write_png(picture, path: Path) -> None:
    """Write rows that run from the bottom up."""
    height, width = picture.shape[:2]
    rows = numpy.zeros((height, 1 + width * 3), numpy.uint8)
    rows[:, 1:] = picture[::-1].reshape(height, -1)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    with path.open("wb") as stream:
        stream.write(PNG)
        for kind, data in ((b"IHDR", header), (b"IDAT", zlib.compress(rows.tobytes(), 1)), (b"IEND", b"")):
            stream.write(struct.pack(">I", len(data)) + kind + data)
            stream.write(struct.pack(">I", zlib.crc32(kind + data)))
