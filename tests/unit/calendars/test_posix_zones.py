"""The lasting rules of a zone, read from its file: found where zoneinfo looks, and held against zoneinfo."""

import zoneinfo
from collections.abc import Iterator
from datetime import UTC, timedelta
from importlib import resources
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from clinic_scheduler.calendars.posix_zones import YearlyDay, zone_rules
from clinic_scheduler.calendars.timezones import visit_zone, vtimezone

from .test_timezones import YEAR

CHICAGO = "America/Chicago"


@pytest.fixture
def zone_files(tmp_path: Path) -> Iterator[Path]:
    """The folder where files of zones are looked for first; zoneinfo itself keeps to what it has read of Chicago."""
    kept, usual = ZoneInfo(CHICAGO), zoneinfo.TZPATH
    (tmp_path / "America").mkdir()
    zoneinfo.reset_tzpath([tmp_path])
    forget_zones()
    yield tmp_path
    zoneinfo.reset_tzpath(usual)
    forget_zones()
    assert ZoneInfo(CHICAGO) is kept


def forget_zones() -> None:
    for remembering in (zone_rules, visit_zone, vtimezone):
        remembering.cache_clear()


def with_footer(folder: Path, footer: str) -> None:
    (folder / CHICAGO).write_bytes(b"TZif2 and data\n" + footer.encode() + b"\n")


@pytest.mark.parametrize(
    "footer",
    ["CST6CDT,M3.2.0,M11.1.0/3", "CST6CDT,M3.2.0/2:00:01,M11.1.0", "CST6", "CST6CDT", "CST6CDT,J60,J300", ""],
)
def test_rules_that_disagree_with_zoneinfo_by_a_second_are_noticed(footer: str, zone_files: Path) -> None:
    with_footer(zone_files, footer)
    assert visit_zone(CHICAGO, *YEAR) is UTC


def test_without_any_zone_file_the_zone_moves_to_utc(
    zone_files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_package(name: str) -> Path:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(resources, "files", no_package)
    assert visit_zone(CHICAGO, *YEAR) is UTC
    with pytest.raises(ValueError, match="no lasting rules"):
        vtimezone(ZoneInfo(CHICAGO))


def test_zone_files_come_from_the_search_path_first_and_else_from_the_package(zone_files: Path) -> None:
    of_the_package = zone_rules(CHICAGO)
    assert [period.name for period in of_the_package.periods] == ["CST", "CDT"]
    assert visit_zone(CHICAGO, *YEAR) == ZoneInfo(CHICAGO)
    with_footer(zone_files, "HERE6FIRST,M3.2.0,M11.1.0")
    zone_rules.cache_clear()
    assert [period.name for period in zone_rules(CHICAGO).periods] == ["HERE", "FIRST"]


def test_the_last_weekday_of_a_month_is_found_where_a_fifth_is_missing() -> None:
    last_sunday = YearlyDay(month=2, week=5, weekday=0, at=timedelta(hours=2))
    assert f"{last_sunday.in_year(2026):%F %T}" == "2026-02-22 02:00:00"
    assert f"{last_sunday.in_year(2032):%F %T}" == "2032-02-29 02:00:00"
