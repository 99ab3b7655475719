"""A letter as a row of its table, and back."""

import hashlib
from dataclasses import asdict
from typing import Any, Final

from sqlalchemy import Row

from core.letters.model import Update
from core.letters.record import Candidate, Effect, Learned, Offer, Reason, Record, Step

MESSAGE_ID_LIMIT: Final = 255


def storable(text: str) -> str:
    """Text that both databases take: PostgreSQL refuses NUL, and neither knows half a surrogate pair."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def fitted(message_id: str) -> str:
    """A message id as the tables keep it: as it is, or its digest where it is too long."""
    message_id = storable(message_id)
    if len(message_id) <= MESSAGE_ID_LIMIT:
        return message_id
    return "sha256:" + hashlib.sha256(message_id.encode()).hexdigest()


def values(record: Record) -> dict[str, Any]:
    """Every column of a letter but its id."""
    thread = [fitted(each) for each in record.thread]
    return {
        "message_id": fitted(record.message_id),
        "source": record.source,
        "sender": storable(record.sender),
        "sender_name": storable(record.sender_name),
        "subject": storable(record.subject),
        "moment": record.moment,
        "recorded_at": record.recorded_at,
        "excerpt": storable(record.excerpt),
        "note": storable(record.note),
        "outcome": record.outcome,
        "thread": thread,
        "root": thread[0] if thread else fitted(record.message_id),
        **verdict(record),
    }


def verdict(record: Record) -> dict[str, Any]:
    """The columns that a decision changes."""
    return {
        "reason": asdict(record.reason),
        "updates": [asdict(each) for each in record.updates],
        "status": record.status,
        "number": record.number,
        "position": record.position,
        "candidates": [asdict(each) for each in record.candidates],
        "effects": [asdict(each) for each in record.effects],
        "state": record.state,
        "request_id": record.request_id,
        "contractor_id": record.contractor_id,
        "decided_by": record.decided_by,
        "decided_at": record.decided_at,
        "waiting_since": record.waiting_since,
        "trace": _trace(record),
    }


def _trace(record: Record) -> dict[str, Any]:
    """What deciding anew and taking back needs, without what has its usual value."""
    trace: dict[str, Any] = {
        "standing": record.standing,
        "steps": [_without_defaults(step) for step in record.steps],
    }
    if record.offer:
        trace["offer"] = asdict(record.offer)
    if record.reply_to:
        trace["reply_to"] = record.reply_to
    return trace


def _without_defaults(step: Step) -> dict[str, Any]:
    plain = Step(step.before, step.reason)
    values = {name: value for name, value in asdict(step).items() if getattr(step, name) != getattr(plain, name)}
    return {"before": step.before, "reason": asdict(step.reason), **values}


def _step(kept: dict[str, Any]) -> Step:
    return Step(
        **{
            **kept,
            "reason": Reason(**kept["reason"]),
            "tickets": tuple(Learned(**each) for each in kept.get("tickets", ())),
            "assigned": tuple(kept.get("assigned", ())),
            "also": tuple(kept.get("also", ())),
        }
    )


def record_of(row: Row[Any]) -> Record:
    """The letter that a row of `letters` keeps."""
    trace = row.trace or {}
    return Record(
        id=row.id,
        message_id=row.message_id,
        source=row.source,
        sender=row.sender,
        sender_name=row.sender_name,
        subject=row.subject,
        moment=row.moment,
        recorded_at=row.recorded_at,
        excerpt=row.excerpt,
        note=row.note,
        outcome=row.outcome,
        reason=Reason(**row.reason),
        updates=tuple(Update(**each) for each in row.updates),
        status=row.status,
        number=row.number,
        position=row.position,
        candidates=tuple(Candidate(**{**each, "reason": Reason(**each["reason"])}) for each in row.candidates),
        effects=tuple(Effect(**each) for each in row.effects),
        state=row.state,
        request_id=row.request_id,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        thread=tuple(row.thread),
        contractor_id=row.contractor_id,
        waiting_since=row.waiting_since,
        standing=trace.get("standing", "anybody"),
        offer=Offer(**trace["offer"]) if "offer" in trace else None,
        reply_to=trace.get("reply_to", ""),
        steps=tuple(map(_step, trace.get("steps", ()))),
    )
