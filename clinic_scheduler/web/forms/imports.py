"""Uploading a clinic's log."""

from flask_wtf.file import FileField, FileRequired
from wtforms import SubmitField, TextAreaField
from wtforms.validators import Length

from clinic_scheduler.importing.files.limits import MAX_SIZE_SAID
from clinic_scheduler.web.forms.base import Form, stripped


class UploadForm(Form):
    log = FileField(
        "Injection log",
        description=f"A .csv, .tsv, .txt or .xlsx file of at most {MAX_SIZE_SAID}, one treatment a row",
        validators=[FileRequired("Choose the file to import")],
    )
    mapping = FileField(
        "Mapping file",
        description="Not needed: columns that are not known are asked about. A file saved in Settings may be used here",
    )
    look = SubmitField("Look at the columns first")


class MappingForm(Form):
    mapping = TextAreaField("Mapping, as JSON", validators=[Length(max=100_000)], filters=[stripped])
