"""What a command or a function is given, and what is made of how it fails."""

import os
from pathlib import Path

import pytest

from tests.conftest import ManualClock
from tests.files.processing_plant import SHOW, Make, script


@pytest.mark.parametrize(
    "name",
    [b"-rf", b"a b", b"'\"$(touch x);`", b"new\nline", b"\xff\xfe.txt", b"100%25\xff%FE", "Договір №7.docx".encode()],
)
async def test_any_name_arrives_byte_by_byte(name: bytes, plant: Make) -> None:
    it = plant(command=(*SHOW, "{path}"))
    await it.begin()
    path = it.folder / os.fsdecode(name)
    path.touch()
    await it.watching.job.once()
    await it.job.once()
    assert [run.output.split() for run in await it.runs()] == [[os.fsencode(path).hex()] * 2]


async def test_two_files_shown_by_one_name_are_not_guessed_between(plant: Make) -> None:
    it = plant(command=(*SHOW, "{path}"))
    await it.begin()
    for name in (b"a%FF", b"a\xff"):
        (it.folder / os.fsdecode(name)).touch()
    await it.watching.job.once()
    await it.job.once()
    assert {(run.state, run.reason) for run in await it.runs()} == {("failed", "ambiguous")}


async def test_a_function_is_called_with_the_file_or_none_and_why(plant: Make, tmp_path: Path) -> None:
    (tmp_path / "convert.py").write_text("class Tools:\n    @staticmethod\n    def go(*told): print(told)\n")
    it = plant(command=(), entry="convert:Tools.go", working_directory=tmp_path, every=3600.0)
    await it.begin()
    await it.write("a.txt")
    await it.job.once()
    assert [run.output for run in await it.runs()] == [
        "(None, 'scheduled')\n",
        f"('{it.folder}/a.txt', 'file_change')\n",
    ]


async def test_an_exception_of_a_function_is_a_failure_with_its_trace(plant: Make, tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("def go(path, trigger): raise KeyError('nothing there')\n")
    it = plant(command=(), entry="broken:go", working_directory=tmp_path, watch=(), every=3600.0)
    await it.job.once()
    [run] = await it.runs()
    assert (run.state, run.exit_code) == ("failed", 1)
    assert "KeyError: 'nothing there'" in run.output


async def test_a_command_that_is_not_there_is_said_so(plant: Make) -> None:
    it = plant(command=("/nowhere/at/all",), watch=(), every=3600.0)
    await it.job.once()
    [run] = await it.runs()
    assert (run.state, run.reason) == ("failed", "start")
    assert "/nowhere/at/all" in run.output


async def test_a_command_that_is_a_file_with_an_odd_name_fails_in_words(plant: Make) -> None:
    it = plant(command=("{path}",))
    await it.begin()
    (it.folder / os.fsdecode(b"\xff")).touch(mode=0o600)
    await it.watching.job.once()
    await it.job.once()
    assert [(run.state, run.reason, "Permission denied" in run.output) for run in await it.runs()] == [
        ("failed", "start", True)
    ]


async def test_named_exit_codes_are_tried_again_later(plant: Make, clock: ManualClock, tmp_path: Path) -> None:
    tries = str(tmp_path / "tries")
    code = f"open({tries!r}, 'a').write('x')\nsys.exit(0 if os.path.getsize({tries!r}) > 2 else 75)"
    it = plant(command=script(code))
    await it.begin()
    await it.write("a.txt")
    await it.job.once()
    [run] = await it.runs()
    assert (run.state, run.attempts, (run.due_at - clock.now()).total_seconds() > 9) == ("queued", 1, True)
    for _ in range(2):
        clock.advance(seconds=60)
        await it.job.once()
    [run] = await it.runs()
    assert (run.state, run.attempts) == ("done", 3)
