"""Labels and caps of a clinic's own, what it treats, and all that is known of toxin given elsewhere."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
CODE = sa.String(length=40)
NAME = sa.String(length=120)
OFFERED = ["chronic_migraine", "spasticity_upper_limb", "spasticity_lower_limb"]
BOTOX = "onabotulinumtoxinA"
BOTOX_CAPS = {"unit_cap": 400, "paediatric_units_per_kg": 10, "paediatric_unit_cap": 340}
# Protocols held them for every product alike, after the label of one.
OF_PRODUCT = (*BOTOX_CAPS, "unit_cap_window")
OF_LABEL = ("typical_units", "minimum_age")

PROTOCOLS = sa.table(
    "protocol_versions",
    sa.column("id", sa.Integer),
    sa.column("clinic_id", sa.Integer),
    sa.column("indication", sa.String),
    sa.column("version", sa.Integer),
    sa.column("overrides", sa.JSON),
    sa.column("former_doses", sa.JSON),
    sa.column("created_at", INSTANT),
)
LABELS = sa.table(
    "label_versions",
    sa.column("clinic_id", sa.Integer),
    sa.column("product", sa.String),
    sa.column("indication", sa.String),
    sa.column("version", sa.Integer),
    sa.column("overrides", sa.JSON),
    sa.column("created_at", INSTANT),
)
COURSES = sa.table(
    "courses",
    sa.column("clinic_id", sa.Integer),
    sa.column("product", sa.String),
    sa.column("indication", sa.String),
)


def upgrade():
    op.create_table(
        "label_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("product", CODE, nullable=False),
        sa.Column("indication", CODE, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("overrides", sa.JSON(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_label_versions")),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinics.id"], name=op.f("fk_label_versions_clinic_id_clinics")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_label_versions_created_by_id_users")
        ),
        sa.UniqueConstraint(
            "clinic_id",
            "product",
            "indication",
            "version",
            name=op.f("uq_label_versions_clinic_id_product_indication_version"),
        ),
    )
    op.create_index(op.f("ix_label_versions_clinic_id"), "label_versions", ["clinic_id"])
    add_filled("clinics", "indications", sa.JSON(), json.dumps(OFFERED))
    add_filled("protocol_versions", "former_doses", sa.JSON(), "{}")
    with op.batch_alter_table("treatments") as treatments:
        treatments.alter_column("units", existing_type=sa.Numeric(8, 2), nullable=True)
        treatments.alter_column("product", existing_type=CODE, nullable=True)
        treatments.add_column(sa.Column("indication", CODE, nullable=True))
        treatments.add_column(sa.Column("given_at", NAME, nullable=True))
        treatments.add_column(sa.Column("known_from", CODE, nullable=True))
    add_filled("treatments", "is_approximate", sa.Boolean(), sa.false())
    part_doses_from_protocols()


def add_filled(table, name, kind, value):
    """A column that every row there is gets `value` in, and that has no default afterwards."""
    with op.batch_alter_table(table) as batch:
        batch.add_column(sa.Column(name, kind, nullable=False, server_default=value))
    with op.batch_alter_table(table) as batch:
        batch.alter_column(name, existing_type=kind, existing_nullable=False, server_default=None)


def part_doses_from_protocols():
    """A clinic's own doses become those of the label they were taken from; no cap rises by that.

    A cap that was raised held for each product of an indication, whatever its label: it stays with the protocol's
    edition for the record, and nobody's dose is judged by it any more.
    """
    connection = op.get_bind()
    newest = {}
    for row in connection.execute(sa.select(PROTOCOLS).order_by(PROTOCOLS.c.version)):
        doses = {name: row.overrides[name] for name in (*OF_PRODUCT, *OF_LABEL) if name in row.overrides}
        newest[row.clinic_id, row.indication] = (row, doses)
        if doses:
            rest = {name: given for name, given in row.overrides.items() if name not in doses}
            connection.execute(
                PROTOCOLS.update()
                .where(PROTOCOLS.c.id == row.id)
                .values(overrides=rest, former_doses=doses)
            )
    caps = {}
    for (clinic_id, indication), (row, doses) in newest.items():
        own = {name: doses[name] for name in OF_LABEL if name in doses}
        for product in sorted(products_of(connection, clinic_id, indication)):
            # A usual dose is of one product: units do not convert.
            kept = own if product == BOTOX else {n: v for n, v in own.items() if n != "typical_units"}
            if kept:
                add_label(connection, clinic_id, product, indication, kept, row.created_at)
        known, since = caps.get(clinic_id, ({}, row.created_at))
        for name, shipped in BOTOX_CAPS.items():
            given = doses.get(name)
            if given and given["value"] < known.get(name, {"value": shipped})["value"]:
                known, since = known | {name: given}, row.created_at
        caps[clinic_id] = (known, since)
    for clinic_id, (known, since) in caps.items():
        if known:
            add_label(connection, clinic_id, BOTOX, "", known, since)


def products_of(connection, clinic_id, indication):
    found = connection.execute(
        sa.select(COURSES.c.product)
        .where(COURSES.c.clinic_id == clinic_id, COURSES.c.indication == indication)
        .distinct()
    )
    return {row.product for row in found} | {BOTOX}


def add_label(connection, clinic_id, product, indication, overrides, since):
    connection.execute(
        LABELS.insert().values(
            clinic_id=clinic_id,
            product=product,
            indication=indication,
            version=1,
            overrides=overrides,
            created_at=since,
        )
    )


def downgrade():
    """Protocols have their doses back; what nobody knows of a treatment is given a value that keeps it an exposure."""
    connection = op.get_bind()
    for row in connection.execute(sa.select(PROTOCOLS)):
        if row.former_doses:
            connection.execute(
                PROTOCOLS.update()
                .where(PROTOCOLS.c.id == row.id)
                .values(overrides={**row.overrides, **row.former_doses})
            )
    op.execute("UPDATE treatments SET units = 0.01 WHERE units IS NULL")
    op.execute("UPDATE treatments SET product = 'unknown' WHERE product IS NULL")
    with op.batch_alter_table("treatments") as treatments:
        treatments.alter_column("units", existing_type=sa.Numeric(8, 2), nullable=False)
        treatments.alter_column("product", existing_type=CODE, nullable=False)
        for name in ("indication", "given_at", "known_from", "is_approximate"):
            treatments.drop_column(name)
    for table, name in (("protocol_versions", "former_doses"), ("clinics", "indications")):
        with op.batch_alter_table(table) as batch:
            batch.drop_column(name)
    op.drop_index(op.f("ix_label_versions_clinic_id"), table_name="label_versions")
    op.drop_table("label_versions")
