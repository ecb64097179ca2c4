"""`vacds check-client` says of a file of clients what the service would say at its start."""

from pathlib import Path

import pytest

from tests.cli.vacds import ROOT, said, written

EXAMPLES = ROOT / "docs" / "clients"
SANDBOX = EXAMPLES / "cds-hooks-sandbox.toml"
PRIVATE = "AbCdEf-private-part-of-a-key"
GOOD = """
[[client]]
name = "St Example"
issuer = "https://ehr.example.org/fhir/r4"
jwks_url = "https://ehr.example.org/keys"
audiences = ["https://cds.example.org"]
"""


@pytest.mark.parametrize("path", sorted(set(EXAMPLES.glob("*.toml")) - {SANDBOX}), ids=lambda path: path.stem)
def test_the_example_of_each_ehr_holds(path: Path) -> None:
    done = said("check-client", str(path))
    assert (done.code, done.err) == (0, "")
    assert [line.split()[0] for line in done.out.splitlines()[1:]] == ["issuer", "keys", "audience", "tenants", "FHIR", "terms"]


def test_what_is_left_out_is_told_as_what_it_means(tmp_path: Path) -> None:
    out = said("check-client", written(tmp_path, GOOD.encode(), "clients.toml")).out
    assert "keys      fetched from https://ehr.example.org/keys" in out
    assert "audience  https://cds.example.org, and the path of the endpoint" in out
    assert "tenants   any" in out
    assert "FHIR      none: what a call does not bring is missing" in out


def test_what_only_a_demo_may_trust_is_refused_unless_it_is_one() -> None:
    refused = said("check-client", str(SANDBOX))
    assert (refused.code, refused.out) == (2, "")
    assert said("check-client", str(SANDBOX), "--demo").code == 0


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("", "there is no [[client]] in it"),
        ("[[client]\n", "is not TOML"),
        (GOOD + "audience = 'x'\n", "audience"),
        (GOOD.replace("https://ehr.example.org/keys", "http://ehr.example.org/keys"), "jwks_url: must be https"),
        (GOOD.replace("jwks_url", 'jwks.keys = [{kty = "EC", d = "' + PRIVATE + '"}]\n#'), "holds a private or a shared key"),
        (GOOD + GOOD.replace("St Example", "Another"), "two clients have the same issuer"),
    ],
)
def test_a_file_that_does_not_hold_is_refused_in_one_line(tmp_path: Path, content: str, named: str) -> None:
    done = said("check-client", written(tmp_path, content.encode(), "clients.toml"))
    assert (done.code, done.out) == (2, "")
    assert len(done.err.splitlines()) == 1
    assert "clients.toml: " in done.err
    assert named in done.err
    assert PRIVATE not in done.err


def test_a_file_that_is_not_there_is_named() -> None:
    assert "nowhere.toml" in said("check-client", "nowhere.toml").err
