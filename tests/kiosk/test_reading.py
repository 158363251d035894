"""What there is to read is cut into pages, and nothing of it is lost."""

from hypothesis import given, settings
from hypothesis import strategies as st

from ikm.domain.configuration import Service
from kiosk.reading import COMPONENTS, LINE_LETTERS, TITLE_LETTERS, Promise, pages_to_read, promise
from tests.support.samples import configuration


def plain(words):
    return {"id": words}


WORDS = st.text("abc", min_size=1, max_size=12)
LINES = st.lists(st.lists(WORDS, min_size=1, max_size=60).map(" ".join), min_size=1, max_size=8)
STANDARDS = st.dictionaries(st.sampled_from([*COMPONENTS, "FACI"]), LINES, max_size=7)


def held(standards, pledge=()):
    services = [
        Service(
            f"s{place}", plain(f"Layanan {place}"), {code: tuple(map(plain, lines)) for code, lines in each.items()}
        )
        for place, each in enumerate(standards)
    ]
    return configuration(services=tuple(services), pledge=tuple(map(plain, pledge)))


@given(st.lists(STANDARDS, min_size=1, max_size=3), LINES, st.integers(200, 1000))
@settings(max_examples=60, deadline=None)
def test_pages_hold_every_word_in_order_and_none_is_overfull(standards, pledge, letters):
    pages = pages_to_read(held(standards, pledge), "id", letters=letters)
    for place, each in enumerate(standards):
        of_service = [
            part for page in pages if page.service and page.service.code == f"s{place}" for part in page.parts
        ]
        for code, lines in each.items():
            read = [word for part in of_service if part.element == code for line in part.lines for word in line.split()]
            assert read == " ".join(lines).split()
    assert [
        word for page in pages if page.service is None for part in page.parts for word in " ".join(part.lines).split()
    ] == (" ".join(pledge).split())
    for page in pages:
        costs = [max(LINE_LETTERS, len(line)) for part in page.parts for line in part.lines]
        assert sum(costs) + TITLE_LETTERS * len(page.parts) <= letters
        assert page.parts
        assert all(part.lines for part in page.parts)


def test_components_come_in_the_order_of_the_rule_and_further_ones_after_them():
    standard = {"FACI": ["f"], "CMPL": ["c"], "REQ": ["r"], "TIME": ["t"]}
    [page] = pages_to_read(held([standard]), "id")
    assert [part.element for part in page.parts] == ["REQ", "TIME", "CMPL", "FACI"]


def test_services_without_a_standard_have_no_page_and_the_pledge_comes_last():
    pages = pages_to_read(held([{}, {"REQ": ["KTP"]}], ["Kami berjanji"]), "id")
    assert [page.service.code if page.service else "" for page in pages] == ["s1", ""]
    assert pages_to_read(held([{}]), "id") == ()


def test_a_page_is_in_the_language_asked_for_or_in_indonesian():
    service = Service("s", plain("KTP"), {"TIME": ({"id": "3 hari", "en": "3 days"},), "COST": (plain("Gratis"),)})
    [page] = pages_to_read(configuration(services=(service,)), "en")
    assert [part.lines for part in page.parts] == [("3 days",), ("Gratis",)]


KTP = Service(
    "ktp",
    plain("KTP"),
    {
        "REQ": (plain("Fotokopi KK"), plain("Surat pengantar"), plain("Pas foto")),
        "TIME": ({"id": "3 hari kerja", "en": "3 working days"}, plain("Dihitung sejak berkas lengkap")),
    },
)


def test_what_stands_beside_a_question_is_the_standards_first_line_and_how_many_things_follow():
    assert promise(KTP, "REQ", "id") == Promise("Fotokopi KK", 2, by_office=False)
    assert promise(KTP, "TIME", "en") == Promise("3 working days", 0, by_office=True)


def test_where_nothing_was_promised_nothing_stands_there():
    assert promise(KTP, "COST", "id") is None
    assert promise(None, "TIME", "id") is None
