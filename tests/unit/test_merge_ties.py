"""Nothing of a patient is forgotten by a merge: each column and each foreign key to patients or courses has a rule."""

from collections.abc import Collection, Iterable

from sqlalchemy import Column, ForeignKey, Integer, MetaData, String, Table

from clinic_scheduler.db import Base
from clinic_scheduler.domain.patients.merge_rules import DEFAULTS, RULES
from clinic_scheduler.models import Course, Patient
from clinic_scheduler.queries.patients.merge_record import TABLES
from clinic_scheduler.queries.patients.merge_since import WORKED_OUT
from clinic_scheduler.queries.patients.merge_ties import OF_COURSES, OF_PATIENTS, Fate, Tie


def columns_without_rule(table: Table, rules: Collection[str]) -> set[str]:
    return {column.name for column in table.columns} - set(rules)


def keys_without_rule(
    metadata: MetaData, target: str, ruled: Iterable[tuple[str, str]]
) -> set[tuple[str, str]]:
    found = {
        (table.name, key.parent.name)
        for table in metadata.tables.values()
        for key in table.foreign_keys
        if key.target_fullname == f"{target}.id"
    }
    return found - set(ruled)


def ruled(ties: Iterable[Tie]) -> list[tuple[str, str]]:
    return [(tie.column.class_.__tablename__, tie.column.key) for tie in ties]


def test_every_column_of_a_patient_has_a_rule() -> None:
    assert columns_without_rule(Patient.__table__, RULES) == set()
    assert set(RULES) <= set(Patient.__table__.c.keys())
    assert all(rule.why for rule in RULES.values())


def test_a_column_without_a_rule_is_found() -> None:
    pets = Table("pets", MetaData(), Column("id", Integer), Column("favourite_colour", String))
    assert columns_without_rule(pets, RULES) == {"favourite_colour"}


def test_what_a_record_begins_with_is_what_the_table_says() -> None:
    for name, value in DEFAULTS.items():
        default = Patient.__table__.c[name].default
        assert (default.arg if default is not None else None) == value, name


def test_every_foreign_key_to_a_patient_or_a_course_has_a_rule() -> None:
    for target, ties in (("patients", OF_PATIENTS), ("courses", OF_COURSES)):
        assert keys_without_rule(Base.metadata, target, ruled(ties)) == set()
        assert len(set(ruled(ties))) == len(ties)
        assert all(tie.why for tie in ties)


def test_a_foreign_key_without_a_rule_is_found() -> None:
    metadata = MetaData()
    Table("patients", metadata, Column("id", Integer, primary_key=True))
    Table("pets", metadata, Column("owner_id", ForeignKey("patients.id")))
    assert keys_without_rule(metadata, "patients", ruled(OF_PATIENTS)) == {("pets", "owner_id")}


def test_whatever_moves_is_remembered_for_undoing() -> None:
    moved = {tie.column.class_ for tie in (*OF_PATIENTS, *OF_COURSES) if tie.fate is Fate.MOVED}
    assert moved <= set(TABLES.values())


def test_what_is_worked_out_is_there_to_be_worked_out() -> None:
    for name, columns in WORKED_OUT.items():
        assert columns <= set(Base.metadata.tables[name].c.keys()), name
    names = list(Course.__table__.c.keys())
    assert WORKED_OUT["courses"] == set(names[names.index("rules_edition") :])
