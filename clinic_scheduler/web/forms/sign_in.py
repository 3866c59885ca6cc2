"""The sign-in card, the first administrator's form, and choosing a password."""

from wtforms import HiddenField, PasswordField
from wtforms.validators import EqualTo, InputRequired, Length

from clinic_scheduler.web.forms.base import Form, one_address, text_field

SHORTEST_PASSWORD = 12


class SignInForm(Form):
    email = text_field("E-mail address", required="Enter your e-mail address")
    password = PasswordField("Password", validators=[InputRequired("Enter your password"), Length(max=1000)])
    next = HiddenField()


class SetupForm(Form):
    name = text_field("Your name", required="Enter your name")
    email = text_field("E-mail address", required="Enter your e-mail address")
    password = PasswordField(
        "Password",
        description=f"At least {SHORTEST_PASSWORD} characters; a few words together are good",
        validators=[
            InputRequired("Choose a password"),
            Length(SHORTEST_PASSWORD, 1000, f"The password needs at least {SHORTEST_PASSWORD} characters"),
        ],
    )
    again = PasswordField(
        "The same password again",
        validators=[
            InputRequired("Enter the password again"),
            EqualTo("password", "The two passwords differ"),
        ],
    )

    def validate_email(self, field: object) -> None:
        one_address(self, field)


class PasswordForm(Form):
    """Of somebody whose account exists already."""

    password, again = SetupForm.password, SetupForm.again
