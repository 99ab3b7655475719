"""`vakhta remind` names letters, too."""

from tests.cli.conftest import LETTER, Shell
from tests.cli.test_people_and_requests import COLUMNS


def test_letters_without_a_decision_are_reminded_of_as_well(vakhta: Shell) -> None:
    (vakhta.folder / "mail" / "one.eml").write_text(LETTER, "utf-8")
    vakhta("letters", "check")
    assert vakhta.json("remind") == []
    (told,) = vakhta.json("remind", "--minutes", "0", "--dry-run")
    assert told.keys() == COLUMNS | {"letter", "sender", "subject", "state", "waiting_since"}
    assert (told["letter"], told["sender"], told["id"]) == (1, "pavel@contractor.example", None)
    assert "pavel@contractor.example" in vakhta("remind", "--minutes", "0")
    assert vakhta("remind", "--minutes", "0") == "Nothing is late.\n"
