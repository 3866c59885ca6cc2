"""What was injected."""

from wtforms import DateField, DecimalField, HiddenField, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from clinic_scheduler.domain.contract import KINDS, OUTCOMES
from clinic_scheduler.domain.protocols import PRODUCTS
from clinic_scheduler.web.formats import product, words
from clinic_scheduler.web.forms.fields import Form, choices, stripped, text_field

MOST_UNITS = 20_000


class TreatmentForm(Form):
    given_on = DateField("Date given", validators=[InputRequired("Enter the date it was given")])
    units = DecimalField(
        "Units injected",
        places=None,
        description="0 if nothing was given",
        validators=[
            InputRequired("Enter the units injected, 0 if none"),
            NumberRange(0, MOST_UNITS, f"Units lie between 0 and {MOST_UNITS}"),
        ],
    )
    units_wasted = DecimalField(
        "Units wasted",
        places=None,
        validators=[Optional(), NumberRange(0, MOST_UNITS, f"Units lie between 0 and {MOST_UNITS}")],
    )
    product = SelectField("Product", choices=choices((name, product(name)) for name in PRODUCTS))
    lot = text_field("Lot number", longest=40)
    lot_expires_on = DateField("Lot expires", validators=[Optional()])
    outcome = SelectField("Outcome", choices=choices((code, words(code)) for code in OUTCOMES))
    kind = SelectField("Kind", choices=choices((code, words(code)) for code in KINDS))
    provider = SelectField("Provider", coerce=int)
    notes = TextAreaField("Notes", validators=[Length(max=2000)], filters=[stripped])
    key = HiddenField(validators=[InputRequired(), Length(max=64)])
