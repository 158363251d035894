"""What is to be seen on the stage, measured: labels, ink, targets, colours. Boxes run left, bottom, right, top."""

from collections import Counter

from kiosk.theme import Theme


def lay_out(stage, model):
    """Shows a model without drawing it: drawing by software takes ten times as long as everything else."""
    from kivy.clock import Clock
    from kivy.lang import Builder

    stage.app.show(model)
    for _ in range(4):
        Clock.tick()
        Builder.sync()
        Clock.tick_draw()


def walk(widget):
    """Every widget that is drawn."""
    if widget.opacity == 0:
        return
    yield widget
    for child in widget.children:
        yield from walk(child)


def labels(screen):
    """Every label with something to read."""
    from kiosk.widgets.fitted import FittedLabel

    return [widget for widget in walk(screen) if isinstance(widget, FittedLabel) and widget.text]


def ink_box(label):
    """Where the letters of a label are."""
    width, height = label.texture_size
    x = label.x + (label.width - width) * {"left": 0, "right": 1}.get(label.halign, 0.5)
    y = label.y + (label.height - height) * {"bottom": 0, "top": 1}.get(label.valign, 0.5)
    return x, y, x + width, y + height


def box(widget):
    return widget.x, widget.y, widget.right, widget.top


def overlap(one, other, slack=1):
    across = min(one[2], other[2]) - max(one[0], other[0])
    upright = min(one[3], other[3]) - max(one[1], other[1])
    return across > slack and upright > slack


def look_of(stage):
    return Theme(*stage.window.size, stage.app.screen().look.aids)


def holds(target, widget):
    """Whether a widget is part of a target."""
    return any(part.proxy_ref is widget.proxy_ref for part in target.walk(restrict=True))


def assert_readable(stage, *, whole=True):
    """Nothing clipped, nothing covered, nothing too small, nothing outside."""
    screen, (width, height) = stage.app.screen(), stage.window.size
    least = int(look_of(stage).least_px)
    shown = [(label, ink_box(label)) for label in labels(screen)]
    assert shown
    for label, (left, bottom, right, top) in shown:
        assert label.texture_size[0] <= label.width + 1, label.words
        assert label.texture_size[1] <= label.height + 1, label.words
        assert left >= 0, label.words
        assert bottom >= 0, label.words
        assert right <= width, label.words
        assert top <= height, label.words
        assert label.font_size >= least, (label.words, label.font_size, least)
        if whole:
            assert label.text.split() == label.words.split(), (label.text, label.words)
    for place, (label, ink) in enumerate(shown):
        for other, other_ink in shown[place + 1 :]:
            assert not overlap(ink, other_ink), (label.words, other.words)
    for name, target in screen.targets():
        for label, ink in shown if target.offered else ():
            assert not overlap(ink, box(target)) or holds(target, label), (name, label.words)


def assert_reachable(stage):
    """Every target large enough, inside the window, apart from the others, and low where that is asked for."""
    width, height = stage.window.size
    look = look_of(stage)
    targets = {name: target for name, target in stage.app.screen().targets() if target.offered}
    assert len(targets) == sum(target.offered for _name, target in stage.app.screen().targets()), "a name twice"
    boxes = {name: box(target) for name, target in targets.items()}
    for name, (left, bottom, right, top) in boxes.items():
        assert left >= -0.5, name
        assert bottom >= -0.5, name
        assert right <= width + 0.5, name
        assert top <= height + 0.5, name
        least = look.key_px if name.startswith("key-") else look.target_px
        assert right - left >= least - 1, (name, right - left, least)
        assert top - bottom >= look.target_px - 1, (name, top - bottom, look.target_px)
        # a keyboard is higher than half a small screen
        assert not look.low or top <= height / 2 + 1 or name.startswith("key-"), (name, top, height)
    names = list(boxes)
    for place, name in enumerate(names):
        for other in names[place + 1 :]:
            assert not overlap(boxes[name], boxes[other], slack=0), (name, other)


def pixels(stage):
    """The window, drawn, as rows of (red, green, blue) from the bottom up."""
    import numpy
    from kivy.graphics.opengl import GL_RGB, GL_UNSIGNED_BYTE, glReadPixels

    stage.draw()
    width, height = stage.window.size
    raw = glReadPixels(0, 0, width, height, GL_RGB, GL_UNSIGNED_BYTE)
    return numpy.frombuffer(bytes(raw), numpy.uint8).reshape(height, width, 3)


def ground(picture, area):
    """The colour most of an area has, each part from 0 to 1: what its letters stand on."""
    left, bottom, right, top = (int(edge) for edge in area)
    within = picture[max(0, bottom) : top, max(0, left) : right].reshape(-1, 3)
    [(colour, _count)] = Counter(map(tuple, within.tolist())).most_common(1)
    return tuple(part / 255 for part in colour)


def luminance(colour):
    parts = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in colour[:3]]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def lightness(colour):
    return 116 * luminance(colour) ** (1 / 3) - 16
