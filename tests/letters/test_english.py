"""English as it is written by contractors who speak it as their first or their third language."""

from datetime import UTC, datetime

import pytest

from core.letters.mime import parse_letter
from core.letters.rules import read

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def told(text: str) -> set[tuple[str, str]]:
    return {(u.request, u.status) for u in read(parse_letter(f"\n\n{text}".encode(), NOW)).updates if u.status}


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Hello, your request 101 is taken to work by engineer Bondarenko.", "accepted"),
        ("REQ-101 is booked in with our north team.", "accepted"),
        ("Our company is not able to execute request 101 because of absence of specialists.", "declined"),
        ("We must turn down request 101, thanks for thinking of us anyway.", "declined"),
        ("omw for 101, 20 min, driving the van", "en_route"),
        ("Both engineers are travelling to the store right now (REQ-101).", "en_route"),
        ("Two guys are on the move for request 101.", "en_route"),
        ("The machine with workers has gone out to you by request 101 at 8-30.", "en_route"),
        ("Our engineer is with you now at reception on request 101.", "on_site"),
        ("Works on request 101 have been commenced at 9:00 a.m.", "on_site"),
        ("The lift isn't running yet, our mechanics are in the machine room on request 101.", "on_site"),
        ("We are at the place on request 101, the works are not ended.", "on_site"),
        ("The works under request 101 are executed in full volume.", "left"),
        ("Lift is back in service, request 101 complete.", "left"),
        ("Righto, request 101 is on the board for Thursday.", "accepted"),
        ("We took your request 101 in work.", "accepted"),
        ("Gonna have to knock back request 101, flat out at the moment.", "declined"),
        ("We are not in a position to accept request 101.", "declined"),
        ("Sorry, request 101 is not our bag.", "declined"),
        ("The owner's pulled the pin on request 101.", "cancelled"),
        ("Flicked request 101 on to our subbie.", "sent"),
        ("Our engineer has started from Andheri depot for request 101, he will be reaching by 4 pm.", "en_route"),
        ("The technician is under way to you, request 101.", "en_route"),
        ("Team has reported at site for request 101.", "on_site"),
        ("Request 101: rocked up ten minutes ago.", "on_site"),
        ("Knocked over request 101 before smoko.", "left"),
        ("The fault on request 101 has been eliminated.", "left"),
        ("We take in charge your request 101.", "accepted"),
        ("We already arranged engineer for request 101.", "accepted"),
        ("We have not possibility to realise request 101.", "declined"),
        ("Request 101 is out of our service area.", "declined"),
        ("We'll pass on request 101.", "declined"),
        ("Tenant rang to cancel so request 101 is off.", "cancelled"),
        ("We subbed request 101 out to our contractor in Dallas.", "sent"),
        ("Our technician is in travel to you for request 101.", "en_route"),
        ("Request 101: we go to you, we will be in 30 minutes.", "en_route"),
        ("Team pitched up at request 101 at 8.", "on_site"),
        ("Our team started to work at your place, request 101.", "on_site"),
        ("Request 101 has been taken care of.", "left"),
        ("Intervention concluded for request 101.", "left"),
        ("Request 101 has been picked up by the Leeds team.", "accepted"),
        ("Please take this as our acceptance of request 101.", "accepted"),
        ("Please reassign request 101, we don't have anyone qualified.", "declined"),
        ("Due to workload we are regretfully declining request 101.", "declined"),
        ("Request 101 has been rescinded by the client.", "cancelled"),
        ("Request 101 is now with our subcontractor, Hydro Ltd.", "sent"),
        ("Lads left here ten minutes ago for request 101.", "en_route"),
        ("Our people are already on the object, request 101.", "on_site"),
        ("Made it to request 101 in the end, the motorway was a car park.", "on_site"),
        ("Our service desk confirms acceptance of request 101.", "accepted"),
        ("Our company refuses request 101.", "declined"),
        ("Customer no longer needs request 101.", "cancelled"),
        ("Attended request 101, cleared the blockage, all flowing freely on departure.", "left"),
        ("Just to let you know that Sam has set off for request 101.", "en_route"),
        ("Request 101 (tripping breaker) - Jamal set off 20 minutes ago.", "en_route"),
        ("We can report that Zbyniew has arrived for request 101.", "on_site"),
        ("Request 101: crew departed 06:55, van 3.", "en_route"),
        ("Request 101: the crew has departed with two pumps.", "en_route"),
        ("Request 101 is complete and signed off by your caretaker.", "left"),
        ("Request 101 (emergency lighting) - completed last night at 19:40.", "left"),
        ("Request 101: the good news is that Rhys arrived at 09:20 and is fitting the module now.", "on_site"),
        ("Request 101: my boys are already on the place.", "on_site"),
        ("Request 101. Today we are again there, on site from 8:15.", "on_site"),
        ("We've accepted everything else, but request 101 we have to decline.", "declined"),
        (
            "The lorry has left and the haulier is finished. As for request 101: our fitters set off at 7:25.",
            "en_route",
        ),
        ("Request 101 is cancelled, it was raised twice by mistake.", "cancelled"),
        ("Request 101 is cancelled. We had accepted it on Monday; the electrician has been stood down.", "cancelled"),
        ("Could you please cancel request 101? The tenant found the key.", "cancelled"),
        ("Request 101: the locksmith is no longer needed.", "cancelled"),
    ],
)
def test_what_is_so_now_or_has_happened_is_read(text: str, status: str) -> None:
    assert told(text) == {("101", status)}


@pytest.mark.parametrize(
    "text",
    [
        "We are travelling to your site tomorrow at 9, request 101.",
        "Request 101: is your engineer at the site?",
        "Request 101: we are now replacing the engineer, sorry for the delay.",
        "Request 101: the parts for the engineer are in the basement.",
        "Request 101: the fault is in your server room.",
        "Request 101: the engineer will call when he is at your building.",
        "Request 101: our engineer is currently repairing another lift.",
        "Request 101: we're in the office, call us.",
        "We cannot execute request 101 until you pay.",
        "Request 101 is executed within 3 days of payment.",
        "Request 101: the invoice was put in the schedule.",
        "Request 101: the van has started making a noise.",
        "We have started planning request 101.",
        "We must refuse request 101 until the invoice is paid.",
        "The owner nearly pulled the plug on request 101.",
        "We finished either 101 or 106, the young fella didn't write down which.",
        "Rocked up at the wrong building for request 101.",
        "We'll pick up request 101 again when the frost is over.",
        "Request 101: two of three faults are removed.",
        "Going to request 101 a new fob from security.",
        "Just pulled up the old drawings for request 101, will read them tonight.",
        "Happy to pick up request 101 when you send the PO.",
        "Request 101: heating is off and the tenant wants compensation.",
        "That's us done for today on request 101, back tomorrow.",
        "Request 101: water entered the building, please warn the tenant.",
        "The crew of the water utility arrived on the object, request 101.",
        "Request 101: engineer already at site of other customer, he comes later.",
        "Request 101: the engineer is due on site at noon.",
        "Sorry for the mix up, it wasn't request 101 we finished.",
        "Request 101 is with our subcontractor for a price.",
        "The engineer allocated to request 101 is off sick, we'll let you know.",
        "Please reassign request 101 to our Leeds branch.",
        "Back in the van and heading home, request 101 needs a second visit.",
        "Request 101 is on the way to being fixed.",
        "Request 101: arrived back at base, part ordered.",
        "Your cancellation fee for request 101 has been cancelled.",
        "Request 101: our Friday appointment is cancelled, new one to follow.",
        "Request 101 - dispatch of the motor confirmed.",
        "Request 101: fixed price agreed.",
        "Request 101: diagnosis done, waiting for approval.",
        "Not long till we're on site for request 101.",
        "Request 101: reset done, keeps tripping.",
        "Request 101: I sent the engineer's number to the tenant.",
        "Request 101 looks finished from the photos.",
        "I want request 101 finished this week.",
        "Engineer left site sick, request 101 not complete.",
        "Request 101: painting finished in the hall, stairs tomorrow.",
        "Request 101: I have fixed a date with the tenant.",
        "Request 101: card declined when paying for parts.",
        "Request 101: flight cancelled, engineer stuck in Leeds.",
        "Request 101: fault confirmed, part needed.",
        "Request 101: set off alarm at the site twice, careful.",
        "Request 101: we arrived at the conclusion the pump is dead.",
        "We've assigned request 101 a low priority.",
        "Request 101: on our way we'll pick up the glass.",
        "Request 101: checked in with the tenant by phone.",
        "Request 101: what's done so far: isolation and drain down.",
        "Request 101: resolved to wait for the summer.",
        "Request 101: sorted the parts into boxes for Monday.",
        "Request 101: closed for the holidays, we're back on the 7th.",
        "Request 101: rejected two welds, redoing them.",
        "Request 101: previous visit was completed on 3 May.",
        "Request 101 was completed by your own technician.",
        "Please cancel request 101 if nobody comes today.",
        "Request 101: crew left at 16:55.",
    ],
)
def test_what_is_arranged_or_said_of_something_else_is_not(text: str) -> None:
    assert told(text) == set()


def test_numbers_of_two_digits_are_told_apart() -> None:
    text = "Requests 88, 89 and 90.\nKnocked over 88 and 89 this morning. 90's been called off by the tenant."
    assert told(text) == {("88", "left"), ("89", "left"), ("90", "cancelled")}
