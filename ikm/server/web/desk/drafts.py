"""Drafts of questionnaires, changed piece by piece; whoever edits an older state is told."""

from collections.abc import Callable
from typing import Annotated, Any, cast

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect
from msgspec import Meta
from msgspec.structs import replace

from ikm import wire
from ikm.domain.errors import Refusal
from ikm.domain.filled import Filled
from ikm.domain.regulation import FACTOR_NAMES
from ikm.domain.regulations import REGULATIONS
from ikm.domain.rights import Act
from ikm.server.configuring import drafting
from ikm.server.configuring.drafting import LOCALES, Unreadable
from ikm.server.web.desk.desk import Desk, GivenDesk, done
from ikm.server.web.desk.forms import Form, FormFaults, FormMessage, GivenForm, Line, OptionalLine, Revision
from ikm.server.web.desk.gate import GivenOfficer, Officer, needs
from ikm.server.web.desk.questionnaires import HERE, Asked, Language, News, shown_as

NEWS = {"disimpan": "Disimpan.", "dibuat": "Rancangan dibuat. Ubah bagian demi bagian; tidak ada kios yang berubah."}
Code = Annotated[str, Meta(min_length=1, max_length=40, pattern=r"\A[a-z0-9][a-z0-9.-]*\Z")]
_Lines = Annotated[str, Meta(max_length=20_000)]
_BARE = "aturan:"
Source = Annotated[str, QueryParameter(name="source", max_length=100)]


class _Begin(FormMessage, frozen=True):
    source: Annotated[str, Meta(min_length=1, max_length=100)]
    code: Code


class _Seen(FormMessage, frozen=True):
    revision: Revision


class _Title(FormMessage, frozen=True):
    revision: Revision
    title_id: Line
    title_en: OptionalLine = ""
    title_jv: OptionalLine = ""
    title_su: OptionalLine = ""


class _Add(FormMessage, frozen=True):
    revision: Revision
    element: wire.Code


class _Move(FormMessage, frozen=True):
    revision: Revision
    down: bool = False


class _Many(FormMessage, frozen=True):
    revision: Revision
    lines: _Lines = ""


class _Field(FormMessage, frozen=True):
    revision: Revision
    code: wire.Code
    text_id: Line
    text_en: OptionalLine = ""
    text_jv: OptionalLine = ""
    text_su: OptionalLine = ""
    lines: _Lines = ""


_LABEL_FIELDS = [(f"label{rating}_{locale}", rating, locale) for rating in (1, 2, 3, 4) for locale in LOCALES]
# four labels in four languages make a form nobody wants to write out
_Question = msgspec.defstruct(
    "_Question",
    [
        ("revision", Revision),
        ("element", wire.Code),
        *((f"text_{locale}", Line if locale == "id" else OptionalLine) for locale in LOCALES),
        *((name, Line if locale == "id" else OptionalLine) for name, _, locale in _LABEL_FIELDS),
    ],
    bases=(FormMessage,),
    frozen=True,
    kw_only=True,
)


@post("/kelola/kuesioner/rancangan", sync_to_thread=True, opt=needs(Act.ASK))
def begin(officer: GivenOfficer, desk: GivenDesk, form: GivenForm) -> Response[Any]:
    """Begin a draft from a version, or from a bare rule."""
    try:
        given = form.read(_Begin)
    except FormFaults as faults:
        return _begin_again(desk, officer, form, faults.faults, 422)
    try:
        message = _source(desk, given)
        desk.store.begin_draft(message, given.source, officer.doing(desk.now_ms(), once=form.once))
    except Refusal as refusal:
        if refusal.code != "code_taken":
            raise
        return _begin_again(desk, officer, form, {"code": refusal.problem.title}, 409)
    return done(f"/kelola/kuesioner/rancangan/{given.code}", "dibuat")


@get("/kelola/kuesioner/rancangan", sync_to_thread=True, opt=needs(Act.ASK))
def begin_page(officer: GivenOfficer, desk: GivenDesk, source: Source = "") -> Response[str]:
    """The form that begins a draft."""
    return _begin_page(desk, officer, source=source)


@get("/kelola/kuesioner/rancangan/{draft:str}", sync_to_thread=True, opt=needs(Act.ASK))
def draft_page(
    officer: GivenOfficer, desk: GivenDesk, draft: FromPath[str], *, language: Language = "id", asked: Asked = "",
    kabar: News = "",
) -> Response[str]:  # fmt: skip
    """A draft: its parts, what it lacks, and how a kiosk would show it."""
    return _page(desk, officer, draft, language=language, asked=asked, notice=NEWS.get(kabar, ""))


@post("/kelola/kuesioner/rancangan/{draft:str}/judul", sync_to_thread=True, opt=needs(Act.ASK))
def entitle(officer: GivenOfficer, desk: GivenDesk, form: GivenForm, draft: FromPath[str]) -> Response[Any]:
    """Change the title."""

    def change(message: wire.QuestionnaireMessage) -> tuple[int, wire.QuestionnaireMessage]:
        given = form.read(_Title)
        texts = {"id": given.title_id, "en": given.title_en, "jv": given.title_jv, "su": given.title_su}
        return given.revision, replace(message, title=drafting.texts_of(texts))

    return _edit(desk, officer, form, change, draft=draft, what="judul")


@post("/kelola/kuesioner/rancangan/{draft:str}/pertanyaan", sync_to_thread=True, opt=needs(Act.ASK))
def add_question(officer: GivenOfficer, desk: GivenDesk, form: GivenForm, draft: FromPath[str]) -> Response[Any]:
    """Add a question."""

    def change(message: wire.QuestionnaireMessage) -> tuple[int, wire.QuestionnaireMessage]:
        given = form.read(_Add)
        return given.revision, drafting.with_question(message, drafting.new_question(message, given.element))

    return _edit(desk, officer, form, change, draft=draft, what="pertanyaan")


@get("/kelola/kuesioner/rancangan/{draft:str}/pertanyaan/{question:str}", sync_to_thread=True, opt=needs(Act.ASK))
def question_page(
    officer: GivenOfficer, desk: GivenDesk, draft: FromPath[str], question: FromPath[str], language: Language = "id"
) -> Response[str]:
    """One question, its languages side by side, and how a kiosk would show it."""
    return _question_page(desk, officer, draft, question, language=language)


@post("/kelola/kuesioner/rancangan/{draft:str}/pertanyaan/{question:str}", sync_to_thread=True, opt=needs(Act.ASK))
def edit_question(
    officer: GivenOfficer, desk: GivenDesk, form: GivenForm, draft: FromPath[str], question: FromPath[str]
) -> Response[Any]:
    """Change a question."""

    def change(message: wire.QuestionnaireMessage) -> tuple[int, wire.QuestionnaireMessage]:
        given: Any = form.read(cast("type[FormMessage]", _Question))
        if given.element not in {one.code for one in drafting.elements(message)}:
            raise FormFaults({"element": "Pilihan ini tidak dikenal."})
        _asked_in(message, question)
        labels: list[dict[str, str]] = [{} for _ in range(4)]
        for name, rating, locale in _LABEL_FIELDS:
            labels[rating - 1][locale] = getattr(given, name)
        text = {locale: getattr(given, f"text_{locale}") for locale in LOCALES}
        changed = wire.QuestionMessage(
            code=question, element=given.element, text=drafting.texts_of(text),
            labels=[drafting.texts_of(label) for label in labels],
        )  # fmt: skip
        return given.revision, drafting.with_question(message, changed)

    def again(**shown: Any) -> Response[str]:
        return _question_page(desk, officer, draft, question, **shown)

    back = f"/kelola/kuesioner/rancangan/{draft}/pertanyaan/{question}"
    return _edit(desk, officer, form, change, draft=draft, what=question, again=again, back=back)


@post(
    "/kelola/kuesioner/rancangan/{draft:str}/pertanyaan/{question:str}/pindah", sync_to_thread=True, opt=needs(Act.ASK)
)
def move_question(
    officer: GivenOfficer, desk: GivenDesk, form: GivenForm, draft: FromPath[str], question: FromPath[str]
) -> Response[Any]:
    """Ask a question earlier or later."""

    def change(message: wire.QuestionnaireMessage) -> tuple[int, wire.QuestionnaireMessage]:
        given = form.read(_Move)
        return given.revision, drafting.moved(message, question, 1 if given.down else -1)

    return _edit(desk, officer, form, change, draft=draft, what=f"urutan {question}")


@post(
    "/kelola/kuesioner/rancangan/{draft:str}/pertanyaan/{question:str}/hapus", sync_to_thread=True, opt=needs(Act.ASK)
)
def drop_question(
    officer: GivenOfficer, desk: GivenDesk, form: GivenForm, draft: FromPath[str], question: FromPath[str]
) -> Response[Any]:
    """Leave a question out."""

    def change(message: wire.QuestionnaireMessage) -> tuple[int, wire.QuestionnaireMessage]:
        return form.read(_Seen).revision, drafting.without_question(message, question)

    return _edit(desk, officer, form, change, draft=draft, what=f"hapus {question}")


@post("/kelola/kuesioner/rancangan/{draft:str}/data", sync_to_thread=True, opt=needs(Act.ASK))
def edit_field(officer: GivenOfficer, desk: GivenDesk, form: GivenForm, draft: FromPath[str]) -> Response[Any]:
    """Add or change something asked about the respondent; without options it is left out."""

    def change(message: wire.QuestionnaireMessage) -> tuple[int, wire.QuestionnaireMessage]:
        given = form.read(_Field)
        texts = {"id": given.text_id, "en": given.text_en, "jv": given.text_jv, "su": given.text_su}
        options = _lines(drafting.read_options, given.lines)
        field = wire.ProfileFieldMessage(code=given.code, options=options, text=drafting.texts_of(texts))
        fields = [field if held.code == given.code else held for held in message.profile_fields]
        if all(held.code != given.code for held in message.profile_fields):
            fields.append(field)
        return given.revision, replace(message, profile_fields=[held for held in fields if held.options])

    return _edit(desk, officer, form, change, draft=draft, what="data responden")


@post("/kelola/kuesioner/rancangan/{draft:str}/alasan", sync_to_thread=True, opt=needs(Act.ASK))
def edit_reasons(officer: GivenOfficer, desk: GivenDesk, form: GivenForm, draft: FromPath[str]) -> Response[Any]:
    """Change the reasons offered after a low rating."""

    def change(message: wire.QuestionnaireMessage) -> tuple[int, wire.QuestionnaireMessage]:
        given = form.read(_Many)
        known = drafting.elements(message)
        return given.revision, replace(message, reasons=_lines(lambda t: drafting.read_reasons(t, known), given.lines))

    return _edit(desk, officer, form, change, draft=draft, what="alasan")


@post("/kelola/kuesioner/rancangan/{draft:str}/unsur", sync_to_thread=True, opt=needs(Act.ASK))
def edit_added(officer: GivenOfficer, desk: GivenDesk, form: GivenForm, draft: FromPath[str]) -> Response[Any]:
    """Change the elements beyond those of the rule."""

    def change(message: wire.QuestionnaireMessage) -> tuple[int, wire.QuestionnaireMessage]:
        given = form.read(_Many)
        return given.revision, replace(message, added=_lines(drafting.read_added, given.lines))

    return _edit(desk, officer, form, change, draft=draft, what="unsur tambahan")


@post("/kelola/kuesioner/rancangan/{draft:str}/buang", sync_to_thread=True, opt=needs(Act.ASK))
def drop(officer: GivenOfficer, desk: GivenDesk, form: GivenForm, draft: FromPath[str]) -> Redirect:
    """Throw a draft away."""
    revision = _seen(form)
    desk.store.drop_draft(draft, revision, officer.doing(desk.now_ms(), once=form.once))
    return done("/kelola/kuesioner", "dibuang")


@post("/kelola/kuesioner/rancangan/{draft:str}/selesai", sync_to_thread=True, opt=needs(Act.ASK, proof=True))
def finish(officer: GivenOfficer, desk: GivenDesk, form: GivenForm, draft: FromPath[str]) -> Response[Any]:
    """Make a draft a version, which never changes from then on."""
    revision = _seen(form)
    try:
        desk.store.finish_draft(draft, revision, officer.doing(desk.now_ms(), once=form.once))
    except Refusal as refusal:
        told = {
            "questionnaire_invalid": refusal.detail,
            "regulation_invalid": refusal.detail,
            "changed_meanwhile": _CLASH,
        }
        if refusal.code not in told:
            raise
        return _page(desk, officer, draft, faults={"": told[refusal.code]}, status=refusal.problem.status)
    return done("/kelola/kuesioner", "selesai")


_CLASH = "Rancangan ini sudah diubah orang lain sejak Anda membukanya. Di bawah ini keadaannya sekarang."


def _edit(
    desk: Desk,
    officer: Officer,
    form: Form,
    change: Callable[[wire.QuestionnaireMessage], tuple[int, wire.QuestionnaireMessage]],
    *,
    draft: str,
    what: str,
    again: Callable[..., Response[str]] | None = None,
    back: str = "",
) -> Response[Any]:
    """Take one change of a draft, or show its page again: with a sentence beside each fault, or what is held now."""
    show = again or (lambda **shown: _page(desk, officer, draft, part=what, **shown))
    try:
        revision, message = change(desk.store.draft(draft).message)
        desk.store.put_draft(message, revision, officer.doing(desk.now_ms(), once=form.once), what=what)
    except FormFaults as faults:
        return show(faults=faults.faults, values=form.shown(), status=422)
    except Refusal as refusal:
        if refusal.code != "changed_meanwhile":
            raise
        return show(faults={"": _CLASH}, values=form.shown(), status=409)
    return done(back or f"/kelola/kuesioner/rancangan/{draft}", "disimpan")


def _source(desk: Desk, given: _Begin) -> wire.QuestionnaireMessage:
    """What a draft begins with. Raises Refusal (`regulation_unknown`, `not_found`)."""
    if not given.source.startswith(_BARE):
        message = wire.questionnaire_message(desk.store.questionnaire_version(given.source))
        return replace(message, code=given.code)
    rule = given.source.removeprefix(_BARE)
    if rule not in REGULATIONS:
        raise Refusal("regulation_unknown", rule)
    return drafting.skeleton(given.code, rule)


def _lines(read: Callable[[str], Any], text: str) -> Any:
    try:
        return read(text)
    except Unreadable as unreadable:
        raise FormFaults({"lines": Filled("Baris %(n)s: %(told)s", n=unreadable.line, told=unreadable.told)}) from None


def _seen(form: Form) -> int:
    try:
        return form.read(_Seen).revision
    except FormFaults as faults:
        raise Refusal("form_invalid") from faults


def _asked_in(message: wire.QuestionnaireMessage, question: str) -> wire.QuestionMessage:
    found = next((one for one in message.questions if one.code == question), None)
    if found is None:
        raise Refusal("not_found", question)
    return found


def _begin_again(desk: Desk, officer: Officer, form: Form, faults: dict[str, str], status: int) -> Response[str]:
    return _begin_page(desk, officer, faults=faults, values=form.shown(), status=status)


def _begin_page(desk: Desk, officer: Officer, *, source: str = "", **shown: Any) -> Response[str]:
    versions = desk.store.questionnaire_versions()
    return desk.page(
        "draft_new.html", officer, here=HERE, versions=versions, rules=REGULATIONS.values(), source=source, bare=_BARE,
        **shown,
    )  # fmt: skip


def _page(
    desk: Desk, officer: Officer, code: str, *, language: str = "id", asked: str = "", **shown: Any
) -> Response[str]:
    held = desk.store.draft(code)
    whole = drafting.draftable(held.message)
    told: dict[str, Any] = {"notice": "", "part": "", **shown}
    return desk.page(
        "draft.html", officer, here=HERE, draft=held, message=held.message, elements=drafting.elements(held.message),
        locales=LOCALES, lacks=drafting.fault(held.message), options=drafting.options_text,
        reasons=drafting.reasons_text(held.message.reasons), added=drafting.added_text(held.message.added),
        factors=list(FACTOR_NAMES.values()), path=f"/kelola/kuesioner/rancangan/{code}", whole=whole,
        base_rule=REGULATIONS[held.message.regulation],
        **{**(shown_as(whole, language, asked) if whole else {"language": language}), **told},
    )  # fmt: skip


def _question_page(
    desk: Desk, officer: Officer, draft: str, question: str, *, language: str = "id", **shown: Any
) -> Response[str]:
    held = desk.store.draft(draft)
    found = _asked_in(held.message, question)
    whole = drafting.draftable(held.message)
    told: dict[str, Any] = {"notice": "", **shown}
    return desk.page(
        "draft_question.html", officer, here=HERE, draft=held, asked=found, elements=drafting.elements(held.message),
        locales=LOCALES, whole=whole, path=f"/kelola/kuesioner/rancangan/{draft}/pertanyaan/{question}",
        **{**(shown_as(whole, language, question) if whole else {"language": language}), **told},
    )  # fmt: skip


ROUTES: tuple[Any, ...] = (
    begin, begin_page, draft_page, entitle, add_question, question_page, edit_question, move_question, drop_question,
    edit_field, edit_reasons, edit_added, drop, finish,
)  # fmt: skip
"""Drafts."""
