"""Every number this guideline uses, once: name, unit, allowed range, source (guideline.md 1.12 and 3).

NICE TA279 gives no numbers. These are local settings, chosen by profile; a card may never call one a NICE threshold.
"""

import tomllib
from pathlib import Path

import msgspec

from clinical.assessment import Threshold, ThresholdValue

PROFILES = Path(__file__).parent / "profiles"


class ProfileError(Exception):
    """The threshold profile is missing, or says something it may not. Refuse to start."""


class Thresholds(msgspec.Struct, frozen=True, gc=False, rename="camel", forbid_unknown_fields=True):
    """Defaults are the profile `default` (guideline.md 1.12). Days are calendar days, bounds inclusive."""

    min_age: int = 18
    caution_age_below: int = 50
    recent_max_days: int = 84
    acute_max_days: int = 42
    evaluable_max_age_days: int = 365
    imaging_max_age_days: int = 30
    pain_severe_min: float = 7
    pain_max_age_days: int = 14
    pain_conflict_delta: float = 3
    ongoing_prior_min: float = 5
    ongoing_gap_days: int = 7
    ongoing_min_episode_days: int = 14
    ongoing_intervening_min: float = 4
    trend_caution_drop: float = 2
    opm_min_days: int = 14
    opm_min_who_step: int = 2
    opm_inpatient_fast_path: bool = False
    assertion_max_age_days: int = 28
    exam_max_age_days: int = 28
    adjacent_level: str = "UNKNOWN"
    t_score_osteoporosis: float = -2.5
    t_score_with_low_energy: float = -1.0
    dxa_max_age_years: int = 5
    inr_block_above: float = 1.8
    inr_caution_from: float = 1.5
    inr_max_age_days: int = 7
    platelet_block_below: float = 50
    platelet_caution_below: float = 100
    platelet_max_age_days: int = 30
    levels_caution_from: int = 3
    require_pain_body_site: bool = False
    free_text_counts: bool = False
    systemic_infection_max_days: int = 14
    infection_marker_max_age_days: int = 7
    crp_caution_above: float = 50
    temperature_caution_from: float = 38
    pregnancy_max_age_days: int = 294
    antithrombotic_lookback_days: int = 30

    def by_name(self) -> dict[str, ThresholdValue]:
        """All of them under their published names, as the Evaluation carries them."""
        values: dict[str, ThresholdValue] = msgspec.to_builtins(self)
        return values


DESCRIPTIONS = tuple(
    Threshold(*row)
    for row in (
        ("minAge", "youngest age evaluated", "years", 16, 21, "local judgement; TA279 states no age; trials from 21 to over 60 years"),
        ("cautionAgeBelow", "look for a secondary cause below", "years", 18, 80, "local judgement; VERTOS IV enrolled from 50 years"),
        ("recentMaxDays", "recent: onset at most", "days ago", 14, 365, "outer edge of FREE, RAND and the 12-week healing window"),
        ("acuteMaxDays", "acute: onset at most", "days ago", 7, 365, "VERTOS II and VAPOUR enrolled within 6 weeks"),
        ("evaluableMaxAgeDays", "older fractures are not evaluated after", "days", 90, 1825, "local judgement"),
        (
            "imagingMaxAgeDays",
            "imaging that shows healing, at most",
            "days old",
            7,
            60,
            "local judgement; FREE within 2 weeks, VAPOUR 1 week",
        ),
        ("painSevereMin", "severe pain: score at least", "of 10", 3, 10, "VAPOUR and published cut-points for severe pain"),
        ("painMaxAgeDays", "pain score at most", "days old", 1, 60, "VERTOS II: pain often fell during screening"),
        ("painConflictDelta", "scores within 24 hours conflict from", "points", 1, 10, "clinically relevant change is about 2 points"),
        ("ongoingPriorMin", "ongoing: earlier score at least", "of 10", 1, 10, "local judgement"),
        ("ongoingGapDays", "ongoing: earlier score at least", "days before", 1, 60, "local judgement"),
        ("ongoingMinEpisodeDays", "ongoing: episode at least", "days old", 1, 90, "local judgement: pain often falls after 2 to 3 weeks"),
        ("ongoingInterveningMin", "ongoing: no score in between under", "of 10", 1, 10, "local judgement"),
        ("trendCautionDrop", "improving: fall of at least", "points", 1, 10, "2 points on a numeric scale is a relevant change"),
        ("opmMinDays", "optimal pain management: analgesia for at least", "days", 1, 42, "local judgement between 24 hours and 6 weeks"),
        ("opmMinWhoStep", "optimal pain management: analgesic step at least", "of 3", 1, 3, "local judgement"),
        ("opmInpatientFastPath", "inpatient fast path", "", 0, 1, "Society of Interventional Radiology rule; off"),
        ("assertionMaxAgeDays", "clinician's statement at most", "days old", 1, 90, "local judgement"),
        ("examMaxAgeDays", "examination at most", "days old", 1, 90, "local judgement"),
        ("adjacentLevel", "tenderness one level away counts as", "", 0, 0, "local judgement: counting errors are common"),
        ("tScoreOsteoporosis", "osteoporosis: T-score at most", "", -5, -1, "densitometric definition"),
        ("tScoreWithLowEnergy", "with a low-energy mechanism: T-score at most", "", -2.5, 0, "VERTOS II"),
        ("dxaMaxAgeYears", "bone density at most", "years old", 1, 10, "local judgement"),
        ("inrBlockAbove", "INR blocks above", "", 1, 5, "SIR 2019, high-risk procedures"),
        ("inrCautionFrom", "INR caution from", "", 1, 5, "SIR 2019, high-risk procedures"),
        ("inrMaxAgeDays", "INR at most", "days old", 1, 30, "local judgement"),
        ("plateletBlockBelow", "platelets block below", "x10^9/L", 10, 150, "SIR 2019"),
        ("plateletCautionBelow", "platelets caution below", "x10^9/L", 10, 200, "local judgement"),
        ("plateletMaxAgeDays", "platelet count at most", "days old", 1, 90, "local judgement"),
        ("levelsCautionFrom", "caution from", "levels", 2, 10, "embolism odds rise from 3 vertebrae"),
        ("requirePainBodySite", "pain score must state its site", "", 0, 1, "local judgement"),
        ("freeTextCounts", "free text counts", "", 0, 0, "never: negation in text makes matching dangerous"),
        ("systemicInfectionMaxDays", "systemic infection counts for", "days", 1, 90, "local judgement"),
        ("infectionMarkerMaxAgeDays", "infection markers at most", "days old", 1, 30, "local judgement"),
        ("crpCautionAbove", "CRP caution above", "mg/L", 5, 300, "local judgement"),
        ("temperatureCautionFrom", "temperature caution from", "degrees Celsius", 37, 40, "local judgement"),
        ("pregnancyMaxAgeDays", "pregnancy status at most", "days old", 1, 310, "length of a pregnancy"),
        ("antithromboticLookbackDays", "antithrombotic given within", "days", 1, 90, "local judgement"),
    )
)


def load_profile(profile: str) -> tuple[str, Thresholds]:
    """`profile` is a shipped name or the path of a TOML file. Raises ProfileError with one line that says what is wrong."""
    path = PROFILES / f"{profile}.toml"
    if "/" in profile or profile.endswith(".toml"):
        path = Path(profile)
    if not path.is_file():
        shipped = ", ".join(shipped_profiles())
        raise ProfileError(f"threshold profile {profile!r} not found; shipped: {shipped}; or the path of a TOML file")
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        thresholds = msgspec.convert(table.get("thresholds", {}), Thresholds)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise ProfileError(f"threshold profile {path.name}: {error}") from error
    _check(path.name, thresholds)
    return path.stem, thresholds


def shipped_profiles() -> list[str]:
    return sorted(path.stem for path in PROFILES.glob("*.toml"))


def _check(name: str, thresholds: Thresholds) -> None:
    values = thresholds.by_name()
    for threshold in DESCRIPTIONS:
        value = values[threshold.name]
        if isinstance(value, int | float) and not threshold.minimum <= value <= threshold.maximum:
            allowed = f"{threshold.minimum:g} to {threshold.maximum:g} {threshold.unit}".rstrip()
            raise ProfileError(f"threshold profile {name}: {threshold.name} = {value} is outside {allowed}")
    if thresholds.adjacent_level != "UNKNOWN":
        raise ProfileError(f"threshold profile {name}: adjacentLevel may only be UNKNOWN")
    if thresholds.opm_inpatient_fast_path:
        raise ProfileError(f"threshold profile {name}: opmInpatientFastPath is not supported: the record's inpatient status is not read")
    ordered = (
        ("acuteMaxDays", "recentMaxDays"),
        ("recentMaxDays", "evaluableMaxAgeDays"),
        ("inrCautionFrom", "inrBlockAbove"),
        ("plateletBlockBelow", "plateletCautionBelow"),
        ("tScoreOsteoporosis", "tScoreWithLowEnergy"),
    )
    for low, high in ordered:
        if float(values[low]) > float(values[high]):
            raise ProfileError(f"threshold profile {name}: {low} = {values[low]} is above {high} = {values[high]}")
