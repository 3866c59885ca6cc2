"""DD-16: the engine says what the naive reading says for every product, indication and age on which a label turns."""

from collections import Counter
from typing import Any

import pytest
from label_grid import label_grid
from reference_reading import reference_forecast

from clinic_scheduler.domain.forecast.json_contract import answer

pytestmark = pytest.mark.thorough

Json = dict[str, Any]


def without_reasons(answered: Json) -> Json:
    courses = [{k: v for k, v in each.items() if k != "because"} for each in answered["courses"]]
    return {**answered, "courses": courses}


def test_the_engine_agrees_with_the_naive_reading_on_every_label() -> None:
    for question in label_grid():
        assert without_reasons(answer(question)) == reference_forecast(question), question


def test_the_grid_reaches_what_labels_decide() -> None:
    seen: Counter[str] = Counter()
    for question in label_grid():
        for each in reference_forecast(question)["courses"]:
            seen.update([each["booking"], *each["blocks"], *(s["evaluation"] for s in each["sessions"])])
    wanted = ("too_early", "blocked", "over_cap", "ok", "cap_exceeded", "cap_unknown", "weight_missing")
    for name in (*wanted, "plan_missing", "age_not_covered", "authorization_exhausted", "too_soon"):
        assert seen[name] >= 10, (name, seen)
