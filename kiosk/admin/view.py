"""What each page of the staff's screens says and offers, from top to bottom. Pure; the screen only lays it out.

Staff words are Indonesian and not translated: they are read by the officers of Indonesian counters, and a page that
a trainer explains over the telephone has to say the same everywhere.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ikm.domain.questionnaire import OFFICIAL_LOCALE, words
from kiosk.admin import facts as told
from kiosk.admin.events import Action, CarryOut, Feel, Follow, Go, Louder, Run, Skip, TakeBack, Train
from kiosk.admin.model import CELLS, CODE_LETTERS, SERVICES_PER_PAGE, Model, Page, Probe, Result
from kiosk.events import Choose, Done, Speak, Turn, Use
from kiosk.guard import LEAST_DIGITS, MOST_DIGITS, tries_left
from kiosk.local import FULL_VOLUME

LANGUAGES: Mapping[str, str] = {"id": "Indonesia", "en": "Inggris", "jv": "Jawa", "su": "Sunda"}
AIDS: Mapping[str, str] = {
    "large": "Huruf besar",
    "contrast": "Kontras tinggi",
    "low": "Posisi rendah",
    "aloud": "Dibacakan",
    "scanning": "Satu tombol",
}
TITLES: Mapping[Page, str] = {
    Page.PIN: "PIN petugas",
    Page.MENU: "Menu petugas",
    Page.STATUS: "Keadaan",
    Page.DEVICE: "Perangkat ini",
    Page.CARRY: "Bawa keluar lewat USB",
    Page.SERVICE: "Loket & layanan",
    Page.DEFAULTS: "Bawaan",
    Page.SOUND: "Suara",
    Page.HOURS: "Jam buka",
    Page.TRAINING: "Latihan",
    Page.ERASING: "Hapus jawaban latihan?",
    Page.DIAGNOSIS: "Diagnosa",
    Page.PANEL: "Uji layar sentuh",
    Page.RESTART: "Mulai ulang kios?",
    Page.ADDRESS: "Siapkan kios: alamat server",
    Page.CODE: "Siapkan kios: kode pendaftaran",
    Page.ENROLLING: "Siapkan kios: mendaftarkan",
    Page.NEW_PIN: "PIN petugas yang baru",
    Page.REPEAT_PIN: "Ulangi PIN yang baru",
    Page.READY: "Kios siap dipakai",
}
PROBES: Mapping[Probe, tuple[str, str]] = {
    Probe.NETWORK: ("Jaringan", "Menghubungi server sebagai perangkat ini."),
    Probe.DISK: ("Penyimpanan", "Menulis, memastikan, dan membaca kembali."),
    Probe.PANEL: ("Layar sentuh", "Menyentuh setiap bagian layar satu kali."),
    Probe.SOUND: ("Suara", "Membunyikan suara uji."),
}

WAY_BACK = "Menu petugas: tahan sudut kiri atas layar awal selama tiga detik."
FORGOTTEN_PIN = "Lupa PIN? Hubungi pengelola (kiosk pin)."
COMPARE = "Cocokkan sidik jari dengan yang tampil di server."
PLACES_SHOWN = 4
"""How many sticks and files of receipts a page has room for."""
RECEIPTS_SHOWN = 2
"""How many of those may be of one stick: the newest."""
WARNED_FROM = 3
"""The wrong PIN from which on the pad says how many may follow."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that can be tapped: its target name, its words, what it does. `detail` is a sentence beside it."""

    name: str
    words: str
    action: Action
    chosen: bool = False
    primary: bool = False
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A field and its keyboard: `layout` of `kiosk.widgets.keyboard`, `keys` the words on its word keys."""

    shown: str
    hint: str
    layout: str
    keys: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class View:
    """A page. `lead` explains it, `note` is what has just happened, `facts` are pairs of a name and what it is.

    `choices` are the page's own, `buttons` stand at the bottom. With `cells` the choices fill the screen. `level` is
    how full a gauge is, in tenths.
    """

    title: str
    lead: str = ""
    note: str = ""
    good: bool = False
    facts: tuple[tuple[str, str], ...] = ()
    choices: tuple[Choice, ...] = ()
    buttons: tuple[Choice, ...] = ()
    entry: Entry | None = None
    level: int | None = None
    back: bool = True
    cells: bool = False

    @property
    def is_bare(self) -> bool:
        """Whether its sentence is all there is to see."""
        return not (self.entry or self.choices or self.facts or self.level is not None)


def view(model: Model) -> View:
    """What the page shown says and offers."""
    return _PAGES[model.page](model)


def _page(model: Model, **parts: object) -> View:
    facts: dict[str, object] = {"title": TITLES.get(model.page, ""), "note": model.note, "good": model.good}
    return View(**(facts | parts))  # type: ignore[arg-type]


def _closed(_model: Model) -> View:
    return View("", back=False)


def _pin(model: Model) -> View:
    if model.facts is None or not model.facts.pin_set:
        return _page(
            model,
            lead="PIN petugas belum dipasang. Pengelola memasangnya dari server, atau di perangkat ini dengan "
            "perintah: kiosk pin",
        )
    note, wait_s = model.note, model.wait_s
    if wait_s:
        minutes, seconds = divmod(wait_s, 60)
        note = f"Terlalu banyak PIN yang salah. Coba lagi dalam {minutes}.{seconds:02d}."
    elif model.busy:
        note = "PIN sedang diperiksa."
    lead = FORGOTTEN_PIN
    if model.facts.failures >= WARNED_FROM and not wait_s:
        lead = f"Sisa percobaan: {tries_left(model.facts.failures)}. {FORGOTTEN_PIN}"
    return _page(model, lead=lead, note=note, good=model.busy, entry=_pad(model, "Masuk"))


def _new_pin(model: Model) -> View:
    skip = Choice("skip", "Pakai PIN dari server", Skip())
    offered = model.page is Page.NEW_PIN and model.pin_due and model.facts is not None and model.facts.server_pin
    return _page(
        model,
        lead=f"PIN membuka menu petugas. Pilih {LEAST_DIGITS} sampai {MOST_DIGITS} angka yang tidak mudah ditebak, "
        "lalu ingat baik-baik."
        if model.page is Page.NEW_PIN
        else "Ketik sekali lagi, agar tidak ada salah ketik.",
        entry=_pad(model, "Simpan" if model.page is Page.REPEAT_PIN else "Lanjut"),
        buttons=(skip,) if offered else (),
        back=not (model.page is Page.NEW_PIN and model.pin_due),
    )


def _pad(model: Model, done: str) -> Entry:
    return Entry(shown=" ".join("•" * len(model.typed)), hint="", layout="pin", keys={"done": done, "erase": "Hapus"})


def _menu(model: Model) -> View:
    pages = (
        (Page.STATUS, "Keadaan"), (Page.CARRY, "Bawa lewat USB"), (Page.SERVICE, "Loket & layanan"),
        (Page.DEFAULTS, "Bawaan"), (Page.SOUND, "Suara"), (Page.HOURS, "Jam buka"), (Page.TRAINING, "Latihan"),
        (Page.DIAGNOSIS, "Diagnosa"), (Page.NEW_PIN, "Ganti PIN"), (Page.RESTART, "Mulai ulang"),
    )  # fmt: skip
    choices = tuple(
        Choice(page.value, label, Go(page), chosen=page is Page.TRAINING and model.local.training)
        for page, label in pages
    )
    return _page(model, choices=choices, buttons=(Choice("leave", "Keluar", Done(), primary=True),), back=False)


def _status(model: Model) -> View:
    buttons = (Choice("device", "Perangkat ini", Go(Page.DEVICE)), Choice("again", "Perbarui", Done()))
    return _page(model, facts=told.status(model.facts), buttons=buttons)


def _device(model: Model) -> View:
    return _page(model, lead=COMPARE, facts=told.device(model.facts))


def _carry(model: Model) -> View:
    waiting = model.facts.pending if model.facts else 0
    note, good = model.note, model.good
    if model.carrying:
        progress = f"{model.carried} jawaban sudah ditulis. " if model.carried else ""
        note, good = f"Mohon tunggu. {progress}Jangan cabut USB.", True
    elif not note and model.sticks is None:
        note, good = "USB sedang dicari …", True
    elif not note and not model.sticks:
        note, good = "USB tidak ditemukan. Pasang USB, tunggu sebentar, lalu cari lagi.", False
    return _page(
        model,
        lead=f"{waiting} jawaban menunggu server. Berkasnya dibawa ke pengelola; jawaban di kios tetap tersimpan.",
        note=note,
        good=good,
        choices=() if model.carrying else _places(model),
        buttons=(Choice("again", "Cari lagi", Done()),),
    )


def _places(model: Model) -> tuple[Choice, ...]:
    """Sticks to write to, then receipts to read, as many as there is room for."""
    found = model.sticks or ()
    writes = [
        Choice(f"carry-{at}", "Tulis jawaban", CarryOut(stick.folder), detail=f"Ke USB {stick.name}")
        for at, stick in enumerate(found)
    ][: PLACES_SHOWN - 1]
    reads = [
        Choice(
            f"receipt-{at}",
            "Baca tanda terima",
            TakeBack(file),
            detail=f"{told.carried(model.facts, file)} di USB {stick.name}",
        )
        for at, (stick, file) in enumerate(
            (stick, file)
            for stick in found
            for file in [file for file in stick.receipts if told.is_for(model.facts, file)][:RECEIPTS_SHOWN]
        )
    ]
    return tuple(writes + reads)[:PLACES_SHOWN]


def _service(model: Model) -> View:
    configuration = model.configuration
    services = configuration.services if configuration else ()
    every = Choice("service-all", "Semua layanan loket ini", Choose(""), chosen=not model.local.service)
    choices = (
        every,
        *(
            Choice(
                f"service-{service.code}",
                words(service.name, OFFICIAL_LOCALE),
                Choose(service.code),
                chosen=service.code == model.local.service,
            )
            for service in services
        ),
    )
    start = model.services_page * SERVICES_PER_PAGE
    buttons = []
    if model.services_page > 0:
        buttons.append(Choice("previous", "Sebelumnya", Turn(-1)))
    if model.services_page + 1 < model.service_pages:
        buttons.append(Choice("next", "Berikutnya", Turn(1)))
    lead = "Layanan yang dinilai di kios ini. Bila hanya satu, masyarakat tidak perlu memilih."
    if configuration:
        lead = f"{configuration.counter_name}. {lead}"
    return _page(model, lead=lead, choices=choices[start : start + SERVICES_PER_PAGE], buttons=tuple(buttons))


def _defaults(model: Model) -> View:
    configuration = model.configuration
    if configuration is None:
        return _page(model)
    language = (
        model.local.language if model.local.language in configuration.languages else configuration.default_language
    )
    aids = configuration.aids if model.local.aids is None else model.local.aids
    own = bool(model.local.language) or model.local.aids is not None
    return _page(
        model,
        lead="Setiap orang mulai dengan bahasa dan kemudahan ini, dan dapat mengubahnya sendiri.",
        choices=(
            *(
                Choice(f"language-{code}", f"Bahasa {LANGUAGES.get(code, code)}", Speak(code), chosen=code == language)
                for code in configuration.languages
            ),
            *(Choice(f"aid-{aid.value}", AIDS[aid.value], Use(aid), chosen=aid in aids) for aid in told.every_aid()),
        ),
        buttons=(Choice("follow", "Ikuti server lagi", Follow()),) if own else (),
    )


def _sound(model: Model) -> View:
    volume = model.local.volume
    result = model.results.get(Probe.SOUND)
    note, good = model.note, model.good
    if not note and Probe.SOUND in model.running:
        note, good = "Suara sedang diuji …", True
    elif not note and result:
        note, good = result.sentence, result.passed is not False
    return _page(
        model,
        lead="Suara dibisukan." if volume == 0 else f"Volume {volume} dari {FULL_VOLUME}.",
        level=volume,
        note=note,
        good=good,
        buttons=(
            Choice("quieter", "Lebih pelan", Louder(-1)),
            Choice("louder", "Lebih keras", Louder(1)),
            Choice("try-sound", "Coba suara", Run(Probe.SOUND), primary=True),
        ),
    )


def _hours(model: Model) -> View:
    return _page(model, lead=told.open_now(model.facts), facts=told.hours(model.facts))


def _training(model: Model) -> View:
    on = model.local.training
    kept = model.facts.training if model.facts else 0
    lead = (
        "Latihan sedang berjalan: semua layar bertanda LATIHAN dan tidak ada jawaban yang dihitung atau dikirim. "
        f"{told.training_ends(model.local)}"
        if on
        else "Latihan mati: setiap jawaban dihitung. Nyalakan untuk berlatih tanpa memengaruhi nilai."
    )
    buttons = [Choice("train", "Akhiri latihan" if on else "Mulai latihan", Train(not on), primary=True)]
    if kept:
        buttons.insert(0, Choice("erase", "Hapus jawaban latihan", Go(Page.ERASING)))
    return _page(model, lead=lead, facts=(("Jawaban latihan di perangkat ini", str(kept)),), buttons=tuple(buttons))


def _erasing(model: Model) -> View:
    kept = model.facts.training if model.facts else 0
    return _page(
        model,
        lead=f"{kept} jawaban latihan dihapus dari perangkat ini. Jawaban masyarakat tidak tersentuh.",
        buttons=(Choice("done", "Hapus", Done(), primary=True),),
    )


def _diagnosis(model: Model) -> View:
    return _page(
        model,
        choices=tuple(
            Choice(f"test-{probe.value}", label, Run(probe), detail=_outcome(model, probe, hint))
            for probe, (label, hint) in PROBES.items()
        ),
    )


def _outcome(model: Model, probe: Probe, hint: str) -> str:
    if probe in model.running:
        return "Sedang diuji …"
    result: Result | None = model.results.get(probe)
    if result is None:
        return hint
    verdict = {True: "Baik. ", False: "Bermasalah. ", None: ""}[result.passed]
    return verdict + result.sentence


def _panel(model: Model) -> View:
    return _page(
        model,
        note="",
        cells=True,
        choices=tuple(Choice(f"cell-{cell}", "", Feel(cell), chosen=cell in model.cells) for cell in range(CELLS)),
    )


def _restart(model: Model) -> View:
    return _page(
        model,
        lead="Jawaban yang sudah tersimpan tetap aman. Kios kembali melayani dalam beberapa detik.",
        good=True,
        buttons=(Choice("done", "Mulai ulang", Done(), primary=True),),
    )


def _address(model: Model) -> View:
    return _page(
        model,
        lead="Ketik alamat server dari pengelola, misalnya https://ikm.contoh.go.id",
        entry=Entry(model.address, "https://", "address", {"done": "Lanjut", "erase": "Hapus", "back": "Batal"}),
    )


def _code(model: Model) -> View:
    written = f"{model.code[:4]}-{model.code[4:]}" if len(model.code) > 4 else model.code
    return _page(
        model,
        lead=f"Ketik kode {CODE_LETTERS} huruf dari lembar pendaftaran. Kode hanya berlaku satu kali.",
        entry=Entry(written, "BCDF-GHJK", "code", {"done": "Daftarkan", "erase": "Hapus", "back": "Kembali"}),
    )


def _enrolling(model: Model) -> View:
    return _page(model, lead=f"Menghubungi {model.address}. Mohon tunggu, paling lama dua menit.", note="", back=False)


def _ready(model: Model) -> View:
    return _page(
        model,
        lead=f"{COMPARE} {WAY_BACK}",
        facts=told.ready(model.facts),
        buttons=(Choice("done", "Mulai melayani", Done(), primary=True),),
        back=False,
    )


_PAGES: Mapping[Page, Callable[[Model], View]] = {
    Page.CLOSED: _closed,
    Page.PIN: _pin,
    Page.MENU: _menu,
    Page.STATUS: _status,
    Page.DEVICE: _device,
    Page.CARRY: _carry,
    Page.SERVICE: _service,
    Page.DEFAULTS: _defaults,
    Page.SOUND: _sound,
    Page.HOURS: _hours,
    Page.TRAINING: _training,
    Page.ERASING: _erasing,
    Page.DIAGNOSIS: _diagnosis,
    Page.PANEL: _panel,
    Page.RESTART: _restart,
    Page.ADDRESS: _address,
    Page.CODE: _code,
    Page.ENROLLING: _enrolling,
    Page.NEW_PIN: _new_pin,
    Page.REPEAT_PIN: _new_pin,
    Page.READY: _ready,
}
