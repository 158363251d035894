"""`python -m kiosk.demo`: a server, a kiosk, real answers tapped on its window, and the score that comes out."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import requests
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from ikm import wire
from ikm.assets import asset
from kiosk.demo.answers import Citizen, UnreadableAnswers, read_answers
from kiosk.demo.player import Player, PlayerStuck, Shown
from kiosk.demo.processes import (
    CannotStart,
    Running,
    ours,
    real_display,
    require_free_port,
    run,
    supervised,
    virtual_display,
    wait_healthy,
)

HOST = "127.0.0.1"
SIZE = (1280, 800)
UNIT, COUNTER = "dukcapil", "dukcapil-2"
QUESTIONNAIRE = "questionnaires/skm-14-2017-v2.json"
_SYNC_TIMEOUT_S = 180
_SHOTS = {"attract": "1-mulai", "question": "2-pertanyaan", "profile": "3-profil", "thanks": "4-terima-kasih"}
_console = Console(stderr=True)


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the demonstration keeps its things and what it talks to."""

    folder: Path
    url: str

    @property
    def server_environment(self) -> dict[str, str]:
        """Settings of the server: SQLite in the folder."""
        port = self.url.rsplit(":", 1)[1]
        return {"IKM_DATA": str(self.folder / "server"), "IKM_HOST": HOST, "IKM_PORT": port, "IKM_DATABASE_URL": ""}

    @property
    def kiosk_environment(self) -> dict[str, str]:
        """Settings of the kiosk."""
        return {
            "KIOSK_DATA": str(self.folder / "kiosk"),
            "KIOSK_SCREEN_REPORT": str(self.folder / "screen.jsonl"),
            "KIOSK_SYNC_INTERVAL_S": "5",
        }

    def status(self) -> dict[str, Any]:
        """What the kiosk says of its own store."""
        found: dict[str, Any] = json.loads(run("kiosk", "status", "--json", environment=self.kiosk_environment))
        return found

    def figures(self) -> dict[str, Any]:
        """The unit's figures as the server publishes them."""
        answer = requests.get(f"{self.url}/api/v1/units/{UNIT}/index", timeout=30)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found


def main(
    folder: Annotated[Path, typer.Option(help="Tempat menyimpan segalanya; isinya diganti setiap kali.")] = Path(
        "var/demo"
    ),
    port: Annotated[int, typer.Option(help="Port server di komputer ini.")] = 8080,
    answers: Annotated[Path | None, typer.Option(help="CSV jawaban mentah, kolom U1 sampai U9.")] = None,
    once: Annotated[bool, typer.Option("--once", help="Berhenti setelah tabel; tulis summary.json.")] = False,
) -> None:
    """Peragaan utuh: ketukan di kios menjadi nilai IKM di server."""
    try:
        questionnaire = wire.decode(asset(QUESTIONNAIRE).read_bytes(), wire.QuestionnaireMessage).to_domain()
        citizens = read_answers(answers or asset("samples/sekadau-2019-s1.csv"), questionnaire)
        require_free_port(HOST, port)
        stage = _fresh(folder, port)
        with ExitStack() as stack:
            _demonstrate(stage, citizens, stack, once=once)
    except (CannotStart, UnreadableAnswers, PlayerStuck) as problem:
        _console.print(f"[bold red]Peragaan berhenti:[/] {problem}", highlight=False)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        _console.print("Selesai.")


def _fresh(folder: Path, port: int) -> Stage:
    # only what an earlier demonstration wrote, never a folder of something else
    for name in ("server", "kiosk", "screenshots"):
        shutil.rmtree(folder / name, ignore_errors=True)
    for name in ("summary.json", "screen.jsonl", "server.log", "kiosk.log", "screen.log"):
        (folder / name).unlink(missing_ok=True)
    (folder / "screenshots").mkdir(parents=True)
    return Stage(folder.resolve(), f"http://{HOST}:{port}")


def _demonstrate(stage: Stage, citizens: tuple[Citizen, ...], stack: ExitStack, *, once: bool) -> None:
    run("ikm.server", "example", environment=stage.server_environment)
    code = json.loads(run("ikm.server", "enrol", "--counter", COUNTER, "--json", environment=stage.server_environment))
    server = Running("server", ours("ikm.server", "serve"), stage.folder / "server.log", stage.server_environment)
    stack.callback(server.stop)
    wait_healthy(server, stage.url)
    stack.enter_context(
        supervised(server, lambda: _console.print("Server berhenti tiba-tiba; dijalankan lagi.", style="yellow"))
    )
    run("kiosk", "enrol", "--server", stage.url, "--code", code["code"], environment=stage.kiosk_environment)
    _console.print(f"Server berjalan di {stage.url}; kios terdaftar di loket {COUNTER}.", highlight=False)

    display = None if once else real_display()
    if display is None:
        played = _play_on_virtual_display(stage, citizens, stack)
    else:
        _open_for_a_person(stage, display)
        played = None
    _wait_until_synced(stage)
    _conclude(stage, played)
    if not once:
        _console.print("Server tetap berjalan. Tekan Ctrl-C untuk selesai.")
        while True:
            time.sleep(3600)


def _open_for_a_person(stage: Stage, display: str) -> None:
    environment = {**stage.kiosk_environment, "DISPLAY": display, "KIOSK_WINDOW": f"{SIZE[0]}x{SIZE[1]}"}
    kiosk = Running("kiosk", ours("kiosk", "run"), stage.folder / "kiosk.log", environment)
    _console.print(f"Silakan ketuk jendela kios. Hasilnya: {stage.url}/unit/{UNIT}", highlight=False)
    _console.print("Tutup jendela atau tekan Ctrl-C untuk melihat rekapitulasi.")
    try:
        while kiosk.alive:
            time.sleep(0.2)
    except KeyboardInterrupt:
        pass
    finally:
        kiosk.stop()


def _play_on_virtual_display(stage: Stage, citizens: tuple[Citizen, ...], stack: ExitStack) -> int:
    display = stack.enter_context(virtual_display(SIZE, stage.folder / "screen.log"))
    environment = {**stage.kiosk_environment, "DISPLAY": display}
    kiosk = Running("kiosk", ours("kiosk", "run"), stage.folder / "kiosk.log", environment)
    stack.callback(kiosk.stop)
    _console.print("Tidak ada layar: kios dibuka di layar maya dan jawaban nyata diketukkan ke jendelanya.")
    wanted = dict(_SHOTS)

    def photograph(shown: Shown) -> None:
        name = wanted.pop(shown.screen, None)
        if name is not None:
            path = stage.folder / "screenshots" / f"{name}.png"
            subprocess.run(
                ["scrot", "--overwrite", path], env={**os.environ, "DISPLAY": display}, check=True, timeout=30
            )

    player = Player(stage.folder / "screen.jsonl", display, lambda: kiosk.alive, photograph)
    stack.callback(player.close)
    columns = (
        TextColumn("Warga menilai"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    try:
        with Progress(*columns, console=_console) as progress:
            for citizen in progress.track(citizens):
                player.play(citizen)
    except PlayerStuck as problem:
        raise PlayerStuck(f"{problem}\n{kiosk.tail()}") from None
    return len(citizens)


def _wait_until_synced(stage: Stage) -> None:
    deadline = time.monotonic() + _SYNC_TIMEOUT_S
    # the window's own worker sends what is queued; on a real display the window is closed, so the worker runs alone
    while stage.status()["pending"]:
        if time.monotonic() > deadline:
            raise CannotStart(f"Jawaban belum terkirim setelah {_SYNC_TIMEOUT_S} detik; lihat {stage.folder}/kiosk.log")
        run("kiosk", "sync", "--once", environment=stage.kiosk_environment)


def _conclude(stage: Stage, played: int | None) -> None:
    status, figures = stage.status(), stage.figures()
    summary = {
        "played": status["stored"] if played is None else played,
        "stored_on_device": status["stored"],
        "accepted_by_server": figures["n"],
        "index": figures["index"],
        "grade": figures["grade"],
        "page": f"{stage.url}/unit/{UNIT}",
    }
    _show(figures, summary, sorted((stage.folder / "screenshots").glob("*.png")))
    (stage.folder / "summary.json").write_text(json.dumps(summary, indent=1) + "\n")
    if len({summary["played"], summary["stored_on_device"], summary["accepted_by_server"]}) != 1:
        raise CannotStart(f"Jumlah tidak sama: {summary}")


def _show(figures: dict[str, Any], summary: dict[str, Any], shots: list[Path]) -> None:
    table = Table(title=f"{figures['unit_name']}, {figures['period']['label']}", title_justify="left")
    table.add_column("Unsur")
    for title in ("Jumlah jawaban", "Jumlah nilai", "NRR"):
        table.add_column(title, justify="right")
    for element in figures["elements"]:
        name = f"U{element['number']} {element['name']}"
        table.add_row(name, str(element["n"]), str(element["sum"]), _written(element["mean"]))
    out = Console(highlight=False)
    out.print(table)
    if figures["index"] is None:
        out.print("Belum ada jawaban, jadi belum ada nilai IKM.")
    else:
        grade = f"mutu [bold]{figures['grade']}[/] ({figures['grade_label'].lower()})"
        out.print(f"IKM [bold]{_written(figures['index'])}[/], {grade}, {figures['n']} responden")
    out.print(
        f"Jawaban   {summary['played']} diketuk, {summary['stored_on_device']} tersimpan di kios, "
        f"{summary['accepted_by_server']} diterima server"
    )
    out.print(f"Halaman   {summary['page']}", soft_wrap=True)
    for shot in shots:
        out.print(f"Layar     {shot}", soft_wrap=True)


def _written(figure: str | None) -> str:
    """A figure as people write it here, with a decimal comma."""
    return "–" if figure is None else figure.replace(".", ",")


if __name__ == "__main__":
    # asked to end from outside: leave through the blocks that end what was started
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    typer.run(main)
