"""Threshold profiles: the shipped ones, a site's own, and what stops the start in one line."""

from pathlib import Path

import pytest

from guidelines.ta279.thresholds import DESCRIPTIONS, ProfileError, Thresholds, load_profile, shipped_profiles

SHIPPED = ["default", "ebi-hny", "medicare", "msac-au", "vertos"]


def written(folder: Path, text: str) -> str:
    path = folder / "ours.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def refusal(profile: str) -> str:
    with pytest.raises(ProfileError) as refused:
        load_profile(profile)
    return str(refused.value)


def test_the_shipped_profiles_are_read_by_name() -> None:
    assert shipped_profiles() == SHIPPED
    assert [load_profile(name)[0] for name in SHIPPED] == SHIPPED
    assert load_profile("default") == ("default", Thresholds())


def test_a_file_changes_what_it_names_and_nothing_else(tmp_path: Path) -> None:
    assert load_profile(written(tmp_path, "[thresholds]\npainSevereMin = 6\n")) == ("ours", Thresholds(pain_severe_min=6))
    assert load_profile(written(tmp_path, 'description = "größer, nothing else"\n')) == ("ours", Thresholds())


def test_a_file_may_be_named_without_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, "[thresholds]\nminAge = 20\n")
    monkeypatch.chdir(tmp_path)
    assert load_profile("ours.toml") == ("ours", Thresholds(min_age=20))
    assert load_profile("./ours.toml") == ("ours", Thresholds(min_age=20))
    (tmp_path / "plain").write_text("[thresholds]\nminAge = 19\n", encoding="utf-8")
    assert load_profile("./plain") == ("plain", Thresholds(min_age=19))


def test_a_profile_that_is_not_there_is_refused_with_those_that_are() -> None:
    shipped = "default, ebi-hny, medicare, msac-au, vertos"
    assert refusal("defalt") == f"threshold profile 'defalt' not found; shipped: {shipped}; or the path of a TOML file"


REFUSED = {
    "painSevereMin = 2": "painSevereMin = 2.0 is outside 3 to 10 of 10",
    "painSevereMin = 11": "painSevereMin = 11.0 is outside 3 to 10 of 10",
    "requirePainBodySite = 3": "Expected `bool`, got `int` - at `$.requirePainBodySite`",
    "opmMinWhoStep = 4": "opmMinWhoStep = 4 is outside 1 to 3 of 3",
    'adjacentLevel = "MET"': "adjacentLevel may only be UNKNOWN",
    "opmInpatientFastPath = true": "opmInpatientFastPath is not supported: the record's inpatient status is not read",
    "freeTextCounts = true": "freeTextCounts = True is outside 0 to 0",
    "acuteMaxDays = 85": "acuteMaxDays = 85 is above recentMaxDays = 84",
    "recentMaxDays = 100\nevaluableMaxAgeDays = 99": "recentMaxDays = 100 is above evaluableMaxAgeDays = 99",
    "inrCautionFrom = 1.9": "inrCautionFrom = 1.9 is above inrBlockAbove = 1.8",
    "plateletBlockBelow = 101": "plateletBlockBelow = 101.0 is above plateletCautionBelow = 100",
    "tScoreOsteoporosis = -1.5\ntScoreWithLowEnergy = -2.0": "tScoreOsteoporosis = -1.5 is above tScoreWithLowEnergy = -2.0",
    "painSeverMin = 7": "Object contains unknown field `painSeverMin`",
    "painSevereMin = ": "Invalid value (at line 2, column 17)",
}


@pytest.mark.parametrize(("line", "message"), list(REFUSED.items()), ids=list(REFUSED))
def test_a_wrong_profile_is_refused_in_one_line_that_names_the_file(tmp_path: Path, line: str, message: str) -> None:
    said = refusal(written(tmp_path, f"[thresholds]\n{line}\n"))
    assert said == f"threshold profile ours.toml: {message}"


def test_equal_limits_are_in_order(tmp_path: Path) -> None:
    _, thresholds = load_profile(written(tmp_path, "[thresholds]\nacuteMaxDays = 84\n"))
    assert thresholds.acute_max_days == thresholds.recent_max_days


def test_every_threshold_is_described_and_its_default_lies_inside() -> None:
    values = Thresholds().by_name()
    assert {threshold.name for threshold in DESCRIPTIONS} == set(values)
    numbers = [(each, value) for each in DESCRIPTIONS if isinstance(value := values[each.name], int | float)]
    assert [each.name for each, value in numbers if not each.minimum <= value <= each.maximum] == []
