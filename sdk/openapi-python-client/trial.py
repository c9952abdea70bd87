"""Plays what docs/sdk.md promises of openapi-python-client.

Each `passed` is a step that `cargo xtask sdk` waits for.
"""

import datetime
import os
from base64 import b64encode

from chat_session_api import AuthenticatedClient
from chat_session_api.api.chat_session import v_1_chat_session_entity_chat_sessions_for_user as chat_sessions
from chat_session_api.api.chat_session import v_1_chat_session_entity_pick_up_first_chat_session as pick_up
from chat_session_api.models import Associate, ChatSessionEntity, Contact, ErrorResponse, Ticket

SERVICE = os.environ["SDK_SERVICE"]
LATER_SERVICE = os.environ["SDK_LATER_SERVICE"]
TICKET = os.environ["SDK_TICKET"]


def passed(step: str) -> None:
    print(f"passed: {step}")


def basic(base_url: str, user: str, password: str) -> AuthenticatedClient:
    credentials = b64encode(f"{user}:{password}".encode()).decode()
    return AuthenticatedClient(base_url=base_url, token=credentials, prefix="Basic")


def main() -> None:
    stranger = chat_sessions.sync_detailed(client=basic(SERVICE, "tje0", "wrong"))
    assert stranger.status_code == 401
    assert isinstance(stranger.parsed, ErrorResponse) and stranger.parsed.error is True
    with_ticket = AuthenticatedClient(base_url=SERVICE, token=TICKET, prefix="SoTicket")
    assert chat_sessions.sync_detailed(client=with_ticket).status_code == 200
    passed("sign-in")

    client = basic(SERVICE, "tje0", "Tje0")
    sessions = chat_sessions.sync(client=client, so_time_zone="Europe/Oslo")
    assert isinstance(sessions, list) and len(sessions) > 5
    closed = next(session for session in sessions if session.chat_session_id == 900)
    assert closed.status == "Closed"
    assert isinstance(closed.user, Associate) and closed.user.full_name == "Terje Jensen"
    assert isinstance(closed.when_requested, datetime.datetime)
    assert closed.when_requested.isoformat() == "2026-03-02T09:00:00+01:00"
    passed("list")

    assert closed.person is None
    assert isinstance(closed.ticket, Ticket) and closed.ticket.closed_at is None
    passed("null")

    # The seventh digit is cut off, Python counts microseconds. The offset stays.
    created = closed.ticket.created_at
    assert isinstance(created, datetime.datetime)
    assert created.isoformat() == "2010-10-19T09:40:58.736376+02:00"
    passed("date")

    picked_up = 0
    answer = pick_up.sync_detailed(client=client)
    while isinstance(answer.parsed, ChatSessionEntity):
        assert answer.parsed.status == "UserLast" and answer.parsed.last_message
        picked_up += 1
        assert picked_up < 100, "the queue has no end"
        answer = pick_up.sync_detailed(client=client)
    assert picked_up > 0, "nobody waited"
    passed("pickup")
    assert answer.status_code == 404
    assert isinstance(answer.parsed, ErrorResponse) and answer.parsed.error is True and answer.parsed.error_message
    passed("not-found")

    later = chat_sessions.sync(client=basic(LATER_SERVICE, "tje0", "Tje0"))
    assert isinstance(later, list)
    [escalated] = later
    assert escalated.status == "Escalated"
    assert escalated.flags == "CustomerIsTyping, CustomerIsRecording"
    # What the contract does not know is kept aside.
    assert escalated["Sentiment"] == {"Score": 0.25, "Words": ["slow", "desk"]}
    assert isinstance(escalated.contact, Contact) and escalated.contact.address
    assert escalated.contact.address["Street"] == {"Address1": "Storgata 12"}
    passed("unknown-value")


main()
