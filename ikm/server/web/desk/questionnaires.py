"""Questionnaires: the finished versions, how many answered each, how kiosks show them, and when each is asked."""

from datetime import date
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect

from ikm import wire
from ikm.domain.errors import Refusal
from ikm.domain.organisation import Level
from ikm.domain.questionnaire import Questionnaire
from ikm.domain.regulations import REGULATIONS
from ikm.domain.rights import Act
from ikm.i18n import translator
from ikm.server.configuring.drafting import LOCALES
from ikm.server.configuring.fitting import question_fits
from ikm.server.web.desk.desk import Desk, GivenDesk, done
from ikm.server.web.desk.forms import Form, FormFaults, FormMessage, GivenForm
from ikm.server.web.desk.gate import GivenOfficer, Officer, needs
from ikm.server.web.desk.moments import zone_of

HERE = "questionnaires"
News = Annotated[str, QueryParameter(name="kabar")]
NEWS = {
    "selesai": "Rancangan menjadi versi baru. Jadwalkan mulai kapan versi ini dipakai.",
    "dibuang": "Rancangan dibuang.",
    "dijadwalkan": "Dijadwalkan. Kios berganti sendiri pada tanggal itu.",
    "batal": "Jadwal itu dibatalkan.",
}
Language = Annotated[str, QueryParameter(name="bahasa")]
Asked = Annotated[str, QueryParameter(name="pertanyaan")]


class _Schedule(FormMessage, frozen=True):
    node: wire.Code
    starts_on: date
    questionnaire: wire.Code


class _Unschedule(FormMessage, frozen=True):
    node: wire.Code
    starts_on: date


@get("/kelola/kuesioner", sync_to_thread=True, opt=needs(Act.SEE))
def overview(officer: GivenOfficer, desk: GivenDesk, kabar: News = "") -> Response[str]:
    """Versions, drafts, schedule."""
    return _overview(desk, officer, notice=NEWS.get(kabar, ""))


@get("/kelola/kuesioner/versi/{questionnaire:str}", sync_to_thread=True, opt=needs(Act.SEE))
def version_page(
    officer: GivenOfficer, desk: GivenDesk, questionnaire: FromPath[str], language: Language = "id", asked: Asked = ""
) -> Response[str]:
    """A finished version as kiosks show it."""
    found = desk.store.questionnaire_version(questionnaire)
    return desk.page(
        "questionnaire.html", officer, here=HERE, version=found, may=officer.rights.may_somewhere(Act.ASK),
        path=f"/kelola/kuesioner/versi/{questionnaire}", **shown_as(found, language, asked),
    )  # fmt: skip


@post("/kelola/kuesioner/jadwal", sync_to_thread=True, opt=needs(Act.ASK))
def schedule(officer: GivenOfficer, desk: GivenDesk, form: GivenForm) -> Response[Any]:
    """Have a version asked below a place from a date on."""
    try:
        given = form.read(_Schedule)
        officer.check(Act.ASK, given.node)
        now_ms = desk.now_ms()
        today = zone_of(desk.store, officer.rights.tree).local_date(now_ms)
        by = officer.doing(now_ms, once=form.once)
        desk.store.put_schedule(given.node, given.starts_on, given.questionnaire, by, today=today)
    except FormFaults as faults:
        return _again(desk, officer, form, faults.faults, 422)
    except Refusal as refusal:
        told = {
            "schedule_past": {"starts_on": refusal.problem.title},
            "code_taken": {"starts_on": "Tanggal itu sudah dijadwalkan di tempat ini. Batalkan yang itu dahulu."},
        }
        if refusal.code not in told:
            raise
        return _again(desk, officer, form, told[refusal.code], refusal.problem.status)
    # of today it need not wait for the clock
    desk.store.apply_schedules(now_ms)
    return done("/kelola/kuesioner", "dijadwalkan")


@post("/kelola/kuesioner/jadwal/batal", sync_to_thread=True, opt=needs(Act.ASK))
def unschedule(officer: GivenOfficer, desk: GivenDesk, form: GivenForm) -> Redirect:
    """Take a line of the schedule back."""
    try:
        given = form.read(_Unschedule)
    except FormFaults as faults:
        raise Refusal("form_invalid") from faults
    officer.check(Act.ASK, given.node)
    desk.store.drop_schedule(given.node, given.starts_on, officer.doing(desk.now_ms(), once=form.once))
    return done("/kelola/kuesioner", "batal")


def shown_as(questionnaire: Questionnaire, language: str, asked: str) -> dict[str, Any]:
    """What the picture of a question needs: which, in which language, and how its words fit in every language."""
    languages = [code for code in LOCALES if any(code in q.text for q in questionnaire.questions)]
    chosen = language if language in languages else "id"
    question = questionnaire.question(asked) or questionnaire.questions[0]
    rule, said = questionnaire.rule, translator(chosen)
    number = questionnaire.questions.index(question) + 1
    element = rule.element(question.element)
    fits = {
        one.code: {code: question_fits(one, code) for code in languages} for one in questionnaire.questions
    }  # fmt: skip
    return {
        "language": chosen, "languages": languages, "question": question, "element": element, "rule": rule,
        "fits": fits,
        # the kiosk's own words round the question
        "said": {
            "back": said("Kembali"), "help": said("Bahasa & bantuan"),
            "progress": said("{number} dari {count}").format(number=number, count=len(questionnaire.questions)),
        },
        "element_name": element.name_en if chosen == "en" else element.name,
    }  # fmt: skip


def _again(desk: Desk, officer: Officer, form: Form, faults: dict[str, str], status: int) -> Response[str]:
    return _overview(desk, officer, faults=faults, values=form.shown(), status=status)


def _overview(desk: Desk, officer: Officer, **shown: Any) -> Response[str]:
    tree, now_ms = officer.rights.tree, desk.now_ms()
    versions = desk.store.questionnaire_versions()
    entries = [one for one in desk.store.schedule() if one.node in tree.nodes and officer.may(Act.SEE, one.node)]
    may = officer.rights.may_somewhere(Act.ASK)
    scope = officer.rights.scope(Act.ASK) if may else ()
    places = [tree.nodes[code] for code in scope if tree.nodes[code].level is not Level.COUNTER]
    zone = zone_of(desk.store, tree)
    told: dict[str, Any] = {"notice": "", **shown}
    return desk.page(
        "questionnaires.html", officer, here=HERE, versions=versions, drafts=desk.store.drafts() if may else (),
        entries=entries, tree=tree, places=[one for one in places if not one.retired], may=may, zone=zone,
        today=zone.local_date(now_ms), rules=REGULATIONS.values(), **told,
    )  # fmt: skip


ROUTES: tuple[Any, ...] = (overview, version_page, schedule, unschedule)
"""Versions and the schedule."""
