"""Plays what docs/sdk.md promises of datamodel-code-generator with httpx.

Each `passed` is a step that `cargo xtask sdk` waits for.
"""

import os

import httpx
from pydantic import TypeAdapter

from generated import ChatSessionEntity, ErrorResponse

SERVICE = os.environ["SDK_SERVICE"]
LATER_SERVICE = os.environ["SDK_LATER_SERVICE"]
TICKET = os.environ["SDK_TICKET"]

LIST = "/api/v1/ChatSession/ForCurrentUser"
PICKUP = "/api/v1/ChatSession/Pickup"
SESSIONS = TypeAdapter(list[ChatSessionEntity])


def passed(step: str) -> None:
    print(f"passed: {step}")


def main() -> None:
    stranger = httpx.get(SERVICE + LIST, auth=("tje0", "wrong"))
    assert stranger.status_code == 401
    assert ErrorResponse.model_validate_json(stranger.content).error is True
    with_ticket = httpx.get(SERVICE + LIST, headers={"Authorization": f"SoTicket {TICKET}"})
    assert with_ticket.status_code == 200
    passed("sign-in")

    client = httpx.Client(base_url=SERVICE, auth=("tje0", "Tje0"))
    answer = client.get(LIST, headers={"SO-TimeZone": "Europe/Oslo"}).raise_for_status()
    sessions = SESSIONS.validate_json(answer.content)
    assert len(sessions) > 5
    closed = next(session for session in sessions if session.chat_session_id == 900)
    assert closed.status == "Closed"
    assert closed.user and closed.user.full_name == "Terje Jensen"
    assert closed.when_requested and closed.when_requested.isoformat() == "2026-03-02T09:00:00+01:00"
    passed("list")

    assert closed.person is None
    assert closed.ticket and closed.ticket.closed_at is None
    passed("null")

    # The seventh digit is cut off, Python counts microseconds. The offset stays.
    assert closed.ticket.created_at
    assert closed.ticket.created_at.isoformat() == "2010-10-19T09:40:58.736376+02:00"
    passed("date")

    picked_up = 0
    answer = client.post(PICKUP)
    while answer.status_code == 200:
        session = ChatSessionEntity.model_validate_json(answer.content)
        assert session.status == "UserLast" and session.last_message
        picked_up += 1
        assert picked_up < 100, "the queue has no end"
        answer = client.post(PICKUP)
    assert picked_up > 0, "nobody waited"
    passed("pickup")
    assert answer.status_code == 404
    nothing = ErrorResponse.model_validate_json(answer.content)
    assert nothing.error is True and nothing.error_message
    passed("not-found")

    later = httpx.get(LATER_SERVICE + LIST, auth=("tje0", "Tje0")).raise_for_status()
    [escalated] = SESSIONS.validate_json(later.content)
    assert escalated.status == "Escalated"
    assert escalated.flags == "CustomerIsTyping, CustomerIsRecording"
    assert escalated.contact and escalated.contact.address
    assert escalated.field_properties and escalated.field_properties["Status"].field_right
    assert escalated.field_properties["Status"].field_right.mask == "Read"
    passed("unknown-value")


main()
