"""Plays what docs/sdk.md promises of OpenAPI Generator's python.

Each `passed` is a step that `cargo xtask sdk` waits for.
"""

import os

from chat_session_api import ApiClient, ChatSessionApi, Configuration, ErrorResponse
from chat_session_api.exceptions import NotFoundException, UnauthorizedException

SERVICE = os.environ["SDK_SERVICE"]
LATER_SERVICE = os.environ["SDK_LATER_SERVICE"]
TICKET = os.environ["SDK_TICKET"]


def passed(step: str) -> None:
    print(f"passed: {step}")


def basic(host: str, user: str, password: str) -> ChatSessionApi:
    return ChatSessionApi(ApiClient(Configuration(host=host, username=user, password=password)))


def main() -> None:
    try:
        basic(SERVICE, "tje0", "wrong").v1_chat_session_entity_chat_sessions_for_user()
        raise AssertionError("a wrong password was let in")
    except UnauthorizedException as refused:
        assert isinstance(refused.data, ErrorResponse) and refused.data.error is True
    with_ticket = Configuration(
        host=SERVICE, api_key={"soTicket": TICKET}, api_key_prefix={"soTicket": "SoTicket"}
    )
    assert ChatSessionApi(ApiClient(with_ticket)).v1_chat_session_entity_chat_sessions_for_user()
    passed("sign-in")

    api = basic(SERVICE, "tje0", "Tje0")
    sessions = api.v1_chat_session_entity_chat_sessions_for_user(so_time_zone="Europe/Oslo")
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
    try:
        while picked_up < 100:
            session = api.v1_chat_session_entity_pick_up_first_chat_session()
            assert session.status == "UserLast" and session.last_message
            picked_up += 1
        raise AssertionError("the queue has no end")
    except NotFoundException as nothing:
        assert picked_up > 0, "nobody waited"
        passed("pickup")
        assert isinstance(nothing.data, ErrorResponse)
        assert nothing.data.error is True and nothing.data.error_message
        passed("not-found")

    [escalated] = basic(LATER_SERVICE, "tje0", "Tje0").v1_chat_session_entity_chat_sessions_for_user()
    assert escalated.status == "Escalated"
    assert escalated.flags == "CustomerIsTyping, CustomerIsRecording"
    # What the contract does not know is kept aside.
    assert escalated.additional_properties["Sentiment"] == {"Score": 0.25, "Words": ["slow", "desk"]}
    assert escalated.contact and escalated.contact.address == {"Street": {"Address1": "Storgata 12"}}
    passed("unknown-value")


main()
