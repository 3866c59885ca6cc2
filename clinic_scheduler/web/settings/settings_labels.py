"""Settings of products and their labels: caps, doses and ages with their sources, new editions after a preview.

An edition holds for every course at once: a cap that differed from course to course would protect nobody.
"""

from typing import Any

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from clinic_scheduler.domain.errors import ChangedMeanwhile, InvalidInput, NotFound
from clinic_scheduler.domain.protocols.indications import INDICATIONS
from clinic_scheduler.domain.protocols.labels import EVERY_INDICATION, label_of, label_with
from clinic_scheduler.domain.protocols.products import PRODUCTS
from clinic_scheduler.queries.protocols.clinic_figures import own_figures
from clinic_scheduler.queries.protocols.label_versions import (
    label_editions,
    label_preview,
    offered_labels,
    to_be_looked_at,
)
from clinic_scheduler.services.practice import labels
from clinic_scheduler.web import flash_messages
from clinic_scheduler.web.context import actor, changing, problems_in, reading, today
from clinic_scheduler.web.forms.figures import LabelForm, ProductForm
from clinic_scheduler.web.policies import policy
from clinic_scheduler.web.settings.figure_sheets import Problems, Sheet
from clinic_scheduler.web.urls import asked_key

blueprint = Blueprint("settings_labels", __name__, url_prefix="/settings/products")
# How an address names the product's own caps.
ALL = "all"
BATCHES = 10


@blueprint.get("")
@policy("admin")
def list_() -> ResponseReturnValue:
    found = offered_labels(reading(), actor().clinic_id, today())
    return render_template("settings/products.html", found=found, all=ALL)


@blueprint.get("/<product>/<scope>")
@policy("admin")
def show(product: str, scope: str) -> ResponseReturnValue:
    """?version= shows an earlier edition, 0 what is shipped."""
    sheet, indication = _sheet(product, scope)
    known = _editions(product, indication)
    number = asked_key("version")
    edition = next((one for one in known if one.version == number), known[0])
    return render_template(
        "settings/label.html",
        sheet=sheet,
        product=PRODUCTS[product],
        label=label_of(product, indication) if indication else None,
        editions=known,
        edition=edition,
        rows=sheet.rows(edition.overrides),
        left=to_be_looked_at(reading(), actor().clinic_id, product, indication, today()),
    )


@blueprint.get("/<product>/<scope>/edit")
@policy("admin")
def edit(product: str, scope: str) -> ResponseReturnValue:
    sheet, indication = _sheet(product, scope)
    return sheet.edit_page(_newest_form(sheet, product, indication))


@blueprint.post("/<product>/<scope>/edit")
@policy("admin")
def preview(product: str, scope: str) -> ResponseReturnValue:
    """What the edition would change, and for whom; nothing is saved."""
    sheet, indication = _sheet(product, scope)
    form = sheet.form()
    overrides = form.draft(sheet.default, _editions(product, indication)[0].overrides)
    if overrides is None:
        return sheet.edit_page(form, problems_in(form)), 422
    if request.form.get("again"):
        return sheet.edit_page(form)
    return _preview_page(sheet, product, indication, form, overrides)


@blueprint.post("/<product>/<scope>/confirm")
@policy("admin")
def confirm(product: str, scope: str) -> ResponseReturnValue:
    sheet, indication = _sheet(product, scope)
    form = sheet.form()
    overrides = form.draft(sheet.default, _editions(product, indication)[0].overrides)
    if overrides is None:
        return sheet.edit_page(form, problems_in(form)), 422
    day = today()
    try:
        with changing() as change:
            labels.new_version(change, (product, indication), overrides, form.based_on(), day)
    except ChangedMeanwhile:
        return sheet.edit_conflict_page(form, _newest_form(sheet, product, indication)), 409
    except InvalidInput as refusal:
        return sheet.refused_page(form, refusal), 422
    flash_messages.leave("label_saved")
    return _go_on(sheet)


@blueprint.post("/<product>/<scope>/go-on")
@policy("admin")
def go_on(product: str, scope: str) -> ResponseReturnValue:
    """The courses whose dates have still to follow an edition; the worker sees to them as well."""
    sheet, _ = _sheet(product, scope)
    return _go_on(sheet)


def _go_on(sheet: Sheet) -> ResponseReturnValue:
    day = today()
    for _ in range(BATCHES):
        with changing() as change:
            if not labels.follow(change, day):
                break
    return redirect(sheet.url("show"))


def _sheet(product: str, scope: str) -> tuple[Sheet, str]:
    """With the indication, '' for the product's caps."""
    indication = EVERY_INDICATION if scope == ALL else scope
    if product not in PRODUCTS or (indication and indication not in INDICATIONS):
        raise NotFound("no such label")
    address = {"product": product, "scope": scope}
    brand = PRODUCTS[product].brand
    if indication:
        words = f"{brand}, {INDICATIONS[indication].words.lower()}"
        return Sheet(words, "settings_labels", address, LabelForm, label_of(product, indication)), indication
    return Sheet(f"{brand}, caps", "settings_labels", address, ProductForm, PRODUCTS[product]), indication


def _editions(product: str, indication: str) -> Any:
    return label_editions(reading(), actor().clinic_id, product, indication)


def _newest_form(sheet: Sheet, product: str, indication: str) -> Any:
    newest = _editions(product, indication)[0]
    return sheet.form_of(newest.overrides, newest.version)


def _preview_page(
    sheet: Sheet,
    product: str,
    indication: str,
    form: Any,
    overrides: dict[str, Any],
    problems: Problems = (),
) -> ResponseReturnValue:
    current = _editions(product, indication)[0]
    changed = sheet.changed(current.overrides, overrides)
    if not changed:
        return sheet.edit_page(form, [("version", "Nothing differs. Change a value or its source.")]), 422
    drafted = {**own_figures(reading(), actor().clinic_id), (product, indication): overrides}
    found = label_preview(
        reading(),
        actor().clinic_id,
        (product, indication),
        lambda course: label_with(course.product, course.indication, drafted),
        today(),
    )
    return render_template(
        "settings/figures_preview.html",
        sheet=sheet,
        form=form,
        version=current.version,
        changed=changed,
        found=found,
        problems=problems,
    )
