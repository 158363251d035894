"""Every screen at its fullest, as models by name: what the layout tests measure and the contact sheet shows."""

from collections.abc import Iterable
from dataclasses import replace

from ikm.domain.configuration import Aid, Configuration, PublishedIndex, Service
from ikm.domain.questionnaire import Instrument, Questionnaire, Text
from kiosk.interview import home
from kiosk.local import Local
from kiosk.model import Fault, Model, Screen, Session, Standing
from kiosk.visit import COMMENT_LETTERS
from tests.support.samples import CODES, configuration

LANGUAGES = ("id", "en", "jv", "su")


def plain(words: str) -> Text:
    return {"id": words}


KTP = Service(
    "ktp",
    {"id": "KTP elektronik", "en": "Identity card"},
    {
        "REQ": (plain("Fotokopi Kartu Keluarga"), plain("Surat pengantar RT dan RW bagi pemohon baru")),
        "PROC": (
            plain("Ambil nomor, serahkan berkas, rekam data, terima KTP"),
            plain("Pemohon yang belum pernah merekam data datang sendiri"),
        ),
        "TIME": ({"id": "3 hari kerja", "en": "3 working days"}, plain("Dihitung sejak berkas dinyatakan lengkap")),
        "COST": ({"id": "Gratis", "en": "Free of charge"},),
        "PROD": (plain("KTP elektronik"),),
        "CMPL": (plain("Meja pengaduan di lobi atau lapor.go.id"), plain("Dijawab paling lambat 5 hari kerja")),
    },
)  # fmt: skip
SEVERAL = (
    KTP,
    *(
        Service(f"s{number}", plain(name))
        for number, name in enumerate(
            (
                "Kartu Keluarga", "Akta kelahiran", "Akta perkawinan dan pencatatan pengesahan anak",
                "Surat keterangan pindah datang antarkabupaten", "Kartu identitas anak", "Legalisasi dokumen",
            )
        )
    ),
)  # fmt: skip
PLEDGE = (
    plain("Dengan ini kami menyatakan sanggup menyelenggarakan pelayanan sesuai standar yang telah ditetapkan."),
    plain("Apabila tidak menepati janji ini, kami siap menerima sanksi sesuai peraturan perundang-undangan."),
)
COMMENT = "Petugas ramah, tetapi antreannya berbelit-belit. Kursi tunggu kurang. "
PUBLISHED = PublishedIndex(8345, "B", 412, {"id": "Semester I 2026", "en": "First half of 2026"})


def full(**changes: object) -> Configuration:
    """A configuration that fills every screen."""
    facts = {
        "languages": LANGUAGES,
        "services": (KTP,),
        "pledge": PLEDGE,
        "published": PUBLISHED,
        "public_url": "https://ikm.contohkab.go.id/dukcapil",
    }
    return configuration(**(facts | changes))


def scenes(
    held: Configuration | None = None,
    language: str = "id",
    aids: Iterable[Aid] = (),
    *,
    training: bool = False,
) -> dict[str, Model]:
    """Models by name."""
    held = held or full()
    standing = Standing(held, local=Local(training=training))
    base = replace(home(standing, 0), seen_ms=1_000, language=language, aids=frozenset(aids))
    return _between(base) | _visit(base) | _services(base) | _short(base)


def _between(base: Model) -> dict[str, Model]:
    """The screens without a citizen."""
    made = {
        "attract": base,
        "reading-1": replace(base, screen=Screen.READING),
        "options": replace(base, screen=Screen.OPTIONS),
        "sleep": replace(base, screen=Screen.SLEEP),
        "saving": replace(base, screen=Screen.SAVING),
        "thanks": replace(base, screen=Screen.THANKS),
        "thanks-unhappy": replace(base, screen=Screen.THANKS, unhappy=True),
    }
    if base.reading_pages > 1:
        made["reading-last"] = replace(base, screen=Screen.READING, page=base.reading_pages - 1)
    for fault in Fault:
        made[f"out-of-service-{fault}"] = replace(base, screen=Screen.OUT_OF_SERVICE, fault=fault)
    return made


def _visit(base: Model) -> dict[str, Model]:
    """What one citizen meets whose counter has one service."""
    questionnaire: Questionnaire = base.configuration.questionnaire
    codes = tuple(question.code for question in questionnaire.questions)
    answers = dict.fromkeys(codes, 2)
    visit = Session(0, 0, codes, service=base.standing.services[0].code, answers=answers)
    made = {
        f"question-{step + 1}": replace(base, screen=Screen.QUESTION, session=replace(visit, step=step))
        for step in range(len(codes))
    }
    for step, question in enumerate(questionnaire.questions):
        if questionnaire.reasons_for(question.code):
            asked = replace(visit, station=Screen.REASONS, step=step, reasons={question.code: "other"})
            made[f"reasons-{step + 1}"] = replace(base, screen=Screen.REASONS, session=asked)
    profile = replace(visit, station=Screen.PROFILE, step=len(codes) - 1, profile={"education": "SMP"})
    made["profile"] = replace(base, screen=Screen.PROFILE, session=profile)
    if base.profile_pages[1:]:
        later = replace(profile, profile_page=len(base.profile_pages) - 1)
        made["profile-last"] = replace(base, screen=Screen.PROFILE, session=later)
    made["idle"] = replace(base, screen=Screen.IDLE, session=replace(visit, step=3))
    made["options-in-visit"] = replace(base, screen=Screen.OPTIONS, session=replace(visit, step=3))
    writing = replace(profile, station=Screen.COMMENT)
    for name, comment in (("empty", ""), ("begun", COMMENT), ("full", (COMMENT * 9)[:COMMENT_LETTERS])):
        made[f"comment-{name}"] = replace(base, screen=Screen.COMMENT, session=replace(writing, comment=comment))
    return made


def _services(base: Model) -> dict[str, Model]:
    """A counter with several services."""
    several = replace(
        base, standing=replace(base.standing, configuration=replace(base.configuration, services=SEVERAL))
    )
    fresh = Session(0, 0, CODES, station=Screen.SERVICE)
    changed = replace(fresh, service="ktp", answers={CODES[0]: 3})
    pages = {
        f"service-page-{page + 1}": replace(several, screen=Screen.SERVICE, session=replace(fresh, page=page))
        for page in range(several.pages)
    }
    return pages | {
        "service-chosen": replace(several, screen=Screen.SERVICE, session=changed),
        "question-of-several": replace(
            several, screen=Screen.QUESTION, session=replace(changed, station=Screen.QUESTION, step=2)
        ),
    }


def _short(base: Model) -> dict[str, Model]:
    """Where less than everything is asked."""
    forms = {
        instrument: replace(base.standing, configuration=replace(base.configuration, instrument=instrument))
        for instrument in (Instrument.ROTATING, Instrument.ONE_TAP)
    }
    bare = replace(
        base.configuration,
        languages=("id",),
        published=None,
        pledge=(),
        public_url="",
        services=(Service("x", plain("Umum")),),
    )
    return {
        "attract-rotating": replace(base, standing=forms[Instrument.ROTATING]),
        "attract-one-tap": replace(base, standing=forms[Instrument.ONE_TAP]),
        "thanks-bare": replace(base, screen=Screen.THANKS, standing=replace(base.standing, configuration=bare)),
        "attract-bare": replace(base, standing=replace(base.standing, configuration=bare), language="id"),
    }
