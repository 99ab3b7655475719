"""Changes of files to be watched, made as fast as they go: `python -m tests.bench.storms KIND FOLDER N [SEED]`.

Prints one JSON line at the end: when the first and the last operation were (seconds since the epoch).
"""

import json
import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

PER_FOLDER = 50


def plant(root: Path, files: int, per_folder: int = 100) -> None:
    """That many empty files, in folders of `per_folder`."""
    for at in range(0, files, per_folder):
        folder = root / f"g{at // per_folder // 50}" / f"d{at // per_folder}"
        folder.mkdir(parents=True)
        for n in range(per_folder):
            os.close(os.open(folder / f"file{n:04}.txt", os.O_CREAT | os.O_WRONLY))


def storm(root: Path, operations: int, seed: int = 1) -> Iterator[None]:
    """Mixed operations on a file each: 40 % created, 30 % written to, 20 % deleted, 10 % renamed.

    What is written to, deleted and renamed is there already: `prepare` it with the same numbers.
    """
    chance = random.Random(seed)
    for n in chance.sample(range(operations), operations):
        path = _place(root, operations, n, seed)
        dice = n * 10 // operations
        if dice < 4:
            path.write_bytes(b"x" * chance.randrange(200))
        elif dice < 7:
            with path.open("ab") as file:
                file.write(b"more")
        elif dice < 9:
            path.unlink()
        else:
            path.rename(_place(root, operations, chance.randrange(operations), seed).with_name(f"{seed}-to-{n}.txt"))
        yield


def prepare(root: Path, operations: int, seed: int = 1) -> Iterator[None]:
    """What a storm changes, in folders of its own."""
    for n in range(operations):
        path = _place(root, operations, n, seed)
        path.parent.mkdir(exist_ok=True)
        if n * 10 // operations >= 4:
            path.write_bytes(b"x")
        yield


def _place(root: Path, operations: int, n: int, seed: int) -> Path:
    return root / f"s{n % max(1, operations // PER_FOLDER)}" / f"{seed}-{n}.txt"


def nested(root: Path, files: int) -> Iterator[None]:
    """New folders with files at once in them, three deep."""
    for n in range(files // PER_FOLDER):
        folder = root / f"new{n}" / "a" / "b"
        folder.mkdir(parents=True)
        for m in range(PER_FOLDER):
            (folder / f"{m}.txt").write_bytes(b"x")
            yield


def creations(root: Path, files: int) -> Iterator[None]:
    """Files in one folder, 400 a second."""
    began = time.monotonic()
    for n in range(files):
        time.sleep(max(0.0, began + n / 400 - time.monotonic()))  # the pace itself; the process does nothing else
        (root / f"{n}.txt").write_bytes(b"x")
        yield


KINDS: dict[str, Callable[..., Iterator[None]]] = {
    "storm": storm,
    "prepare": prepare,
    "nested": nested,
    "creations": creations,
}


def main(kind: str, root: str, *numbers: str) -> None:
    """Make the changes."""
    began = time.time()
    for _ in KINDS[kind](Path(root), *map(int, numbers)):
        pass
    print(json.dumps({"began": began, "ended": time.time()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
