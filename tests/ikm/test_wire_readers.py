"""No thread meets a type that another is still working out how to decode: the process would die of it."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from ikm import wire
from ikm.wire.readers import reader

ROOT = Path(__file__).parents[2]

# while msgspec learns of a class inside the one that is read, and runs Python for it, another thread reads the same
IN_THE_MIDDLE = """
import sys, threading
from ikm import wire
from ikm.assets import asset
raw = asset("questionnaires/skm-14-2017-v2.json").read_bytes()
read, learning = [], []
def run():
    read.append(wire.decode(raw, wire.QuestionnaireMessage).code)
def meanwhile(frame, event, _):
    learning.append(frame.f_code.co_name)
    if learning.count("get_class_annotations") == 2:
        sys.settrace(None)
        other = threading.Thread(target=run)
        other.start()
        other.join()
sys.settrace(meanwhile)
run()
print(*set(read))
"""

NOBODY_ASKED = """
from ikm import wire
from ikm.wire import readers
messages = [kind for kind in vars(wire).values() if isinstance(kind, type) and issubclass(kind, wire.Message)]
assert len(messages) > 20
print(*(kind.__name__ for kind in messages if kind is not wire.Message and kind not in readers._READERS))
"""


def test_a_thread_may_decode_a_type_while_another_decodes_it_for_the_first_time():
    run = subprocess.run([sys.executable, "-c", IN_THE_MIDDLE], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout.split()) == (0, ["skm-14-2017-v2"]), run.stderr


def test_every_message_of_the_protocol_is_ready_before_anybody_asks():
    # in a process where nobody has asked yet
    run = subprocess.run([sys.executable, "-c", NOBODY_ASKED], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.split() == []


def test_a_message_from_elsewhere_gets_its_reader_once():
    class Other(wire.Message, frozen=True):
        number: int

    assert reader(Other) is reader(Other)
    assert wire.decode(b'{"number":7}', Other).number == 7


def test_nowhere_is_a_type_worked_out_in_the_middle_of_a_run():
    found = [place for package in ("ikm", "kiosk", "sync") for place in _worked_out_late(ROOT / package)]
    assert found == [], "make the decoder once, where the module begins"


def _worked_out_late(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*.py")):
        for outer in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            # what stands in no function is run by the import
            if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef) and path.name != "readers.py":
                for node in ast.walk(outer):
                    if isinstance(node, ast.Call) and _is_late(node):
                        yield f"{path.relative_to(ROOT)}:{node.lineno}"


def _is_late(call: ast.Call) -> bool:
    """Whether it has msgspec decode into a class, or makes what does."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    kinds = [keyword.value for keyword in call.keywords if keyword.arg == "type"]
    # plain containers have nothing that could be half worked out
    return name == "Decoder" or (name == "decode" and any(not isinstance(kind, ast.Subscript) for kind in kinds))
