"""The recording server answers as told and remembers what it was asked."""

from __future__ import annotations

import json
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import pytest

from portal.testing import Recorded, RecordingServer


def get(address: str) -> object:
    with urlopen(address) as answer:
        return json.load(answer)


def test_it_remembers_the_request(recording_server: RecordingServer) -> None:
    recording_server.answer("/hook", text="好", headers={"X-Id": "7"})
    address = recording_server.url("/hook?a=1&b=%E4%BA%8C")
    request = Request(address, json.dumps({"n": 1}).encode(), {"X-Key": "k"}, method="PUT")
    with urlopen(request) as answer:
        assert answer.read().decode() == "好"
        assert answer.headers["X-Id"] == "7"
    [recorded] = recording_server.requests
    assert (recorded.method, recorded.path) == ("PUT", "/hook")
    assert recorded.query == {"a": "1", "b": "二"}
    assert recorded.headers["x-key"] == "k" and recorded.json() == {"n": 1}


def test_answers_come_in_order_and_the_last_stays(recording_server: RecordingServer) -> None:
    for number in (1, 2):
        recording_server.answer("/n", number)
    assert [get(recording_server.url("/n")) for _time in range(3)] == [1, 2, 2]
    recording_server.forget("/n")
    with pytest.raises(HTTPError, match="404") as caught:
        get(recording_server.url("/n"))
    caught.value.close()


def test_a_function_answers_by_the_request(recording_server: RecordingServer) -> None:
    def doubled(request: Recorded) -> int:
        return 2 * int(request.query["n"])

    recording_server.answer("/twice", doubled)
    assert get(recording_server.url("/twice?n=4")) == 8


def test_a_closed_server_refuses(recording_server: RecordingServer) -> None:
    recording_server.close()
    with pytest.raises(URLError, match="refused"):
        get(recording_server.url("/"))
