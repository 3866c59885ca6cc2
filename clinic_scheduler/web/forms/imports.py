"""Uploading a clinic's log."""

from flask_wtf.file import FileField, FileRequired

from clinic_scheduler.importing.limits import MAX_SIZE_SAID
from clinic_scheduler.web.forms.fields import Form


class UploadForm(Form):
    log = FileField(
        "Injection log",
        description=f"A .csv, .tsv, .txt or .xlsx file of at most {MAX_SIZE_SAID}, one treatment a row",
        validators=[FileRequired("Choose the file to import")],
    )
    mapping = FileField(
        "Mapping file",
        description="Only if the headers are not recognised: JSON that says which column is which",
    )
