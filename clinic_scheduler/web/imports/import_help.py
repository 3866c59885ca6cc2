"""The page that explains what a log to import may look like, and how its columns are found."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from clinic_scheduler.importing.columns.header_words import Language
from clinic_scheduler.importing.columns.headers import FIELD_LABELS, HEADERS_BY_LANGUAGE
from clinic_scheduler.web.policies import policy

blueprint = Blueprint("import_help", __name__, url_prefix="/imports/help")
NAMES_SHOWN = 4


@blueprint.get("")
@policy("admin")
def page() -> ResponseReturnValue:
    return render_template(
        "imports/help.html", languages=list(Language), labels=FIELD_LABELS, names=_some_names()
    )


def _some_names() -> dict[str, dict[Language, list[str]]]:
    """Field -> language -> the first of the headers that are known for it."""
    return {
        field: {
            language: [
                name.strip() for name in HEADERS_BY_LANGUAGE[language].get(field, ("",))[0].split("|")
            ][:NAMES_SHOWN]
            for language in Language
        }
        for field in HEADERS_BY_LANGUAGE[Language.ENGLISH]
    }
