"""The last screens: a code a telephone can read, words that are true, and quiet where nobody is."""

from dataclasses import replace

import pytest
import segno

from ikm.domain.configuration import Aid
from kiosk.events import SetUp
from kiosk.model import Fault, Screen
from kiosk.screens.thanks import readable
from kiosk.widgets.drawn import Face
from kiosk.widgets.qr import QUIET_MODULES, modules_of
from tests.screens.measure import assert_reachable, assert_readable, contrast, ground, labels, pixels, walk
from tests.screens.scenes import full, scenes
from tests.support.stage import SIZES

ADDRESS = "https://ikm.contohkab.go.id/dukcapil"
LONG_ADDRESS = "https://kepuasan-masyarakat.kabupaten-contoh.go.id/unit/" + "pelayanan-" * 9
MM_25_ON_10_INCH = 149 / 800


def matrix(address):
    return [[bool(module) for module in row] for row in segno.make_qr(address, error="m").matrix]


def drawn_modules(stage, code):
    """What a camera would see: each module's middle, dark or light, without the border; rows from the top."""
    picture = pixels(stage)
    side, px = len(modules_of(code.address)), int(code.module_px)
    left, bottom = (int(edge) for edge in code._picture.pos)
    middles = [at * px + px // 2 for at in range(side)]
    seen = [[bool(picture[bottom + y, left + x].mean() < 128) for x in middles] for y in reversed(middles)]
    inner = slice(QUIET_MODULES, side - QUIET_MODULES)
    assert not any(any(row) for row in seen[:QUIET_MODULES] + seen[-QUIET_MODULES:])
    assert not any(any(row[:QUIET_MODULES] + row[-QUIET_MODULES:]) for row in seen)
    return [row[inner] for row in seen[inner]]


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "x".join(map(str, size)))
@pytest.mark.parametrize("aids", [(), (Aid.CONTRAST, Aid.LARGE)], ids=["calm", "stark-large"])
def test_the_code_leads_to_the_public_page(stage, size, aids):
    stage.resize(size)
    for address in (ADDRESS, LONG_ADDRESS):
        stage.show(scenes(full(public_url=address), aids=aids)["thanks"])
        code = stage.app.screen().ids.code
        assert drawn_modules(stage, code) == matrix(address)
        across = code.module_px * (len(modules_of(address)) - 2 * QUIET_MODULES)
        assert across >= MM_25_ON_10_INCH * stage.app.screen().look.scale_px


def test_modules_are_crisp(stage):
    stage.show(scenes()["thanks"])
    code = stage.app.screen().ids.code
    left, bottom = (int(edge) for edge in code._picture.pos)
    across = int(code._picture.size[0])
    picture = pixels(stage)[bottom : bottom + across, left : left + across]
    assert set(map(tuple, picture.reshape(-1, 3).tolist())) == {(0, 0, 0), (255, 255, 255)}


def test_another_address_is_another_code(stage):
    for address in (ADDRESS, ADDRESS.replace("dukcapil", "dinkes99"), LONG_ADDRESS, ADDRESS):
        stage.show(scenes(full(public_url=address))["thanks"])
        assert drawn_modules(stage, stage.app.screen().ids.code) == matrix(address)


@pytest.mark.parametrize("address", ["", "https://a.id/" + "x" * 3000], ids=["none", "endless"])
def test_without_a_code_nothing_asks_to_scan_one(stage, address):
    stage.show(scenes(full(public_url=address))["thanks"])
    said = " ".join(label.words for label in labels(stage.app.screen()))
    assert "Terima kasih" in said
    assert "Pindai" not in said
    assert_readable(stage)
    assert_reachable(stage)


@pytest.mark.parametrize(
    ("address", "letters", "shown"),
    [
        (ADDRESS, 34, "ikm.contohkab.go.id/dukcapil"),
        (ADDRESS, 18, "ikm.contohkab.go.id/ dukcapil"),
        ("https://ikm.go.id/", 34, "ikm.go.id"),
        ("https://" + "a" * 40 + ".id", 34, "a" * 40 + ".id"),
        ("ikm.go.id", 34, "ikm.go.id"),
    ],
)
def test_an_address_is_shown_as_people_read_it_out(address, letters, shown):
    assert readable(address, letters) == shown


def test_what_becomes_of_the_answers_is_said_truly(stage):
    stage.show(scenes()["thanks"])
    real = stage.app.screen().ids.why.words
    stage.show(scenes(training=True)["thanks"])
    practised = stage.app.screen().ids.why.words
    assert "dihitung bersama" in real
    assert "tidak dihitung" in practised
    assert "tersimpan" not in practised


def test_who_was_unhappy_is_told_at_body_size_where_complaints_are_answered(stage):
    for name, fewest in (("thanks", 1), ("thanks-unhappy", 1.3)):
        stage.show(scenes()[name])
        screen = stage.app.screen()
        assert screen.ids.complain.font_size > fewest * screen.ids.unit.font_size * 0.9, name
    assert screen.ids.complain.words.startswith("Ingin keluhan Anda ditanggapi resmi?")


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "x".join(map(str, size)))
@pytest.mark.parametrize("aids", [(), (Aid.LARGE,)], ids=["normal", "large"])
def test_no_line_of_the_thanks_begins_with_a_dash(stage, size, aids):
    stage.resize(size)
    for model in (scenes(aids=aids)["thanks"], scenes(aids=aids)["thanks-unhappy"]):
        stage.show(model)
        lines = [line for label in labels(stage.app.screen()) for line in label.text.split("\n")]
        assert not [line for line in lines if line.startswith(("–", "-", "&"))]


def test_no_face_grins_at_who_was_unhappy(stage):
    stage.show(scenes()["thanks"])
    assert not [widget for widget in walk(stage.app.screen()) if isinstance(widget, Face)]


def test_high_contrast_thanks_in_black(stage):
    stage.show(scenes(aids=(Aid.CONTRAST,))["thanks"])
    assert tuple(pixels(stage)[5, 5]) == (0, 0, 0)


def test_a_dark_screen_is_dark_and_its_words_move_from_night_to_night(stage):
    asleep = scenes()["sleep"]
    heights = set()
    for night in range(5):
        stage.show(replace(asleep, since_ms=night * 60_000))
        picture = pixels(stage)
        assert picture.mean() < 3
        [line] = labels(stage.app.screen())
        assert contrast(line.color, ground(picture, (line.x, line.y, line.right, line.top))) >= 7
        assert_readable(stage)
        heights.add(round(stage.app.screen().ids.wake.center_y))
    assert len(heights) == 5


@pytest.mark.parametrize("fault", Fault)
def test_only_a_kiosk_that_was_never_set_up_offers_that(stage, fault):
    stage.show(scenes()[f"out-of-service-{fault}"])
    assert ("setup" in stage.app.targets()) == (fault is Fault.UNCONFIGURED)
    if fault is Fault.UNCONFIGURED:
        stage.tap("setup")
        assert stage.tapped == [SetUp()]


def test_the_countdown_is_a_ring_that_empties_and_a_number(stage):
    model = scenes()["idle"]
    parts = []
    for second in range(0, 10, 3):
        stage.show(replace(model, seen_ms=second * 1000, since_ms=0))
        screen = stage.app.screen()
        assert screen.ids.seconds.text == str(10 - second)
        parts.append(screen.ids.ring.part)
    assert parts == [1.0, 0.7, 0.4, 0.1]
    assert model.screen is Screen.IDLE
