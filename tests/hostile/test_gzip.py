"""Bodies compressed by gzip: read, and bounded by what they are when inflated (trust.md 2.5)."""

import gzip
import resource
import zlib
from collections.abc import Iterable

import msgspec
import pytest

from app.examples import HOOK
from tests.conformance.calls import call, diagnostics, topics
from tests.service import Answer, Client, Json

LIMIT = 5_000_000
MOST_GROWTH = 64 * 1024  # in KiB: many times the limit, a small part of what the bombs hold
NOT_GZIP = "the body is not gzip"
NOT_WHOLE = "the body is not one whole gzip"


@pytest.fixture
def body(eligible: Json) -> bytes:
    return msgspec.json.encode(call(eligible))


def post(client: Client, sent: bytes | Iterable[bytes], coding: str = "gzip") -> Answer:
    return client.request("POST", HOOK, sent, content_type="application/json", content_encoding=coding)


def in_parts(sent: bytes, size: int) -> Iterable[bytes]:
    return (sent[start : start + size] for start in range(0, len(sent), size))


@pytest.mark.parametrize("coding", ["gzip", "GZIP", " gzip ", "x-gzip"])
def test_a_compressed_body_is_read_as_it_would_be_uncompressed(client: Client, body: bytes, coding: str) -> None:
    assert topics(post(client, gzip.compress(body), coding)) == topics(client.post(HOOK, body)) == ["ta279CriteriaMet"]
    assert client.same_connection()


def test_in_chunks_of_any_size(client: Client, body: bytes) -> None:
    for size in (1, 7, 1_000):
        assert topics(post(client, in_parts(gzip.compress(body), size))) == ["ta279CriteriaMet"]


def test_every_address_takes_it(client: Client) -> None:
    sent = {"content_type": "application/json", "content_encoding": "gzip"}
    assert client.request("POST", "/evaluations", gzip.compress(b"[]"), **sent).status == 400
    assert client.request("POST", f"{HOOK}/feedback", gzip.compress(b'{"feedback":[]}'), **sent).status == 200


def test_the_limit_is_that_of_the_inflated_body(client: Client, body: bytes) -> None:
    assert post(client, gzip.compress(body + b" " * (LIMIT - len(body)))).status == 200
    answer = post(client, gzip.compress(body + b" " * (LIMIT + 1 - len(body))))
    assert (answer.status, diagnostics(answer)) == (413, f"the body is larger than {LIMIT} bytes")
    assert client.get("/livez").status == 200


def test_a_bomb_is_inflated_no_further_than_the_limit(client: Client) -> None:
    """One of 1 GB in 1 MB, whole and in chunks: neither the memory nor the answer is that of the inflated body."""
    squeeze = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(squeeze.compress(b" " * 10_000_000) for _ in range(100)) + squeeze.flush()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for sent in (bomb, in_parts(bomb, 10_000)):
        assert post(client, sent).status == 413
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MOST_GROWTH
    assert client.get("/livez").status == 200


def test_input_without_end_that_inflates_to_nothing_is_cut_off(client: Client) -> None:
    """Empty blocks: five bytes for none."""
    squeeze = zlib.compressobj(9, zlib.DEFLATED, 31)
    start = squeeze.compress(b"{}") + squeeze.flush(zlib.Z_FULL_FLUSH)
    nothing = b"\x00\x00\x00\xff\xff" * 20_000
    assert post(client, [start, *[nothing] * 60]).status == 413


BROKEN = {
    "plain JSON": (b"{}", NOT_GZIP),
    "nothing": (b"", NOT_WHOLE),
    "zlib without a gzip header": (zlib.compress(b"{}"), NOT_GZIP),
    "cut off": (gzip.compress(b"{}" * 1_000)[:-9], NOT_WHOLE),
    "without its checksum": (gzip.compress(b"{}")[:-8], NOT_WHOLE),
    "a wrong checksum": (gzip.compress(b"{}")[:-8] + b"\x00" * 8, NOT_GZIP),
    "something behind it": (gzip.compress(b"{}") + b"x", NOT_WHOLE),
    "two members": (gzip.compress(b"{") + gzip.compress(b"}"), NOT_WHOLE),
    "compressed twice": (gzip.compress(gzip.compress(b"{}")), "the body is not UTF-8"),
}


@pytest.mark.parametrize(("sent", "said"), BROKEN.values(), ids=BROKEN)
def test_broken_gzip_is_400(client: Client, sent: bytes, said: str) -> None:
    for parts in (sent, in_parts(sent, 3)):
        answer = post(client, parts)
        assert (answer.status, diagnostics(answer)) == (400, said)
        assert client.get("/livez").status == 200
