"""Calendar links as staff manage them: made, shown again, changed, replaced, revoked."""

from typing import Any

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from clinic_scheduler.domain.calendars.links import BESIDES_VISITS, PATIENT, PROVIDER, Whose
from clinic_scheduler.domain.roles import StaffRole
from clinic_scheduler.languages import spoken_in
from clinic_scheduler.queries.calendars.links import (
    last_run,
    link_in_clinic,
    links_of_clinic,
    links_of_provider,
)
from clinic_scheduler.queries.lookups import provider_in_clinic
from clinic_scheduler.queries.patients.record import patient_in_clinic
from clinic_scheduler.queries.provider_home import own_provider_id
from clinic_scheduler.services.calendars import feeds
from clinic_scheduler.web import flash_messages
from clinic_scheduler.web.calendars.calendar_urls import addresses_of, links
from clinic_scheduler.web.calendars.qr import qr_svg
from clinic_scheduler.web.context import actor, changing, problems_in, reading
from clinic_scheduler.web.forms.calendar_links import NameForm, NewLinkForm, TitleForm, new_link_form
from clinic_scheduler.web.policies import WRITERS, policy

blueprint = Blueprint("calendar_links", __name__)
EXPORT_JOB = "export_calendars"


@blueprint.route("/patients/<int:patient_id>/calendar-links", methods=["GET", "POST"])
@policy(*WRITERS)
def of_patient(patient_id: int) -> ResponseReturnValue:
    """A new link, with all that can be chosen about it."""
    patient_in_clinic(reading(), actor().clinic_id, patient_id)
    return _new(Whose(PATIENT, patient_id=patient_id))


@blueprint.route("/providers/<int:provider_id>/calendar-links", methods=["GET", "POST"])
@policy("provider", "admin")
def of_provider(provider_id: int) -> ResponseReturnValue:
    provider = provider_in_clinic(reading(), actor().clinic_id, provider_id)
    _require_leave(PROVIDER, provider_id)
    return _new(Whose(PROVIDER, provider_id=provider_id), provider=provider)


@blueprint.route("/settings/calendars/<any(clinic_day, due_windows):kind>", methods=["GET", "POST"])
@policy("admin")
def of_clinic(kind: str) -> ResponseReturnValue:
    return _new(Whose(kind))


@blueprint.get("/settings/calendars")
@policy("admin")
def settings() -> ResponseReturnValue:
    """The clinic's own links, and how the last export of calendar files went."""
    lines, run = links_of_clinic(reading(), actor().clinic_id), last_run(reading(), EXPORT_JOB)
    return render_template("settings/calendars.html", lines=lines, run=run)


@blueprint.get("/providers/<int:provider_id>/calendars")
@policy("provider", "admin")
def provider_links(provider_id: int) -> ResponseReturnValue:
    provider = provider_in_clinic(reading(), actor().clinic_id, provider_id)
    _require_leave(PROVIDER, provider_id)
    lines = links_of_provider(reading(), provider_id)
    return render_template("calendar_links/provider.html", provider=provider, lines=lines)


@blueprint.get("/calendar-links/<int:feed_id>")
@policy(*WRITERS)
def show(feed_id: int) -> ResponseReturnValue:
    """The address again, which is put on record like a look at a patient; and all that can be done with it."""
    feed = _feed(feed_id)
    if feed.revoked_at is None:
        with changing() as change:
            feeds.note_shown(change, feed_id)
    return _page(feed_id)


@blueprint.post("/calendar-links/<int:feed_id>/change")
@policy(*WRITERS)
def change(feed_id: int) -> ResponseReturnValue:
    form = NameForm()
    form.for_kind(_feed(feed_id).kind)
    if not form.validate_on_submit():
        return _page(feed_id, name_form=form), 422
    with changing() as change:
        feeds.change(change, feed_id, name=form.name.data, **form.later())
    flash_messages.leave("calendar_link_changed")
    return redirect(url_for("calendar_links.show", feed_id=feed_id))


@blueprint.post("/calendar-links/<int:feed_id>/replace")
@policy(*WRITERS)
def replace(feed_id: int) -> ResponseReturnValue:
    """Another link in its place; whoever had the old one sees a notice instead of the calendar."""
    feed = _feed(feed_id)
    form = TitleForm(language=feed.language)
    form.for_kind(feed.kind)
    if not form.validate_on_submit():
        return _page(feed_id, title_form=form), 422
    with changing() as change:
        kept = link_in_clinic(change.session, actor().clinic_id, feed_id)
        shown = form.shown(feeds.shown_by(kept))
        new = feeds.rotate(change, feed_id, links().calendar_token, shown)
        new_id = new.id
    flash_messages.leave("calendar_link_replaced")
    return redirect(url_for("calendar_links.show", feed_id=new_id))


@blueprint.post("/calendar-links/<int:feed_id>/revoke")
@policy(*WRITERS)
def revoke(feed_id: int) -> ResponseReturnValue:
    _feed(feed_id)
    with changing() as change:
        feed = feeds.revoke(change, feed_id)
        back = _home(feed)
    flash_messages.leave("revoked")
    return redirect(back)


def _new(whose: Whose, **about: Any) -> ResponseReturnValue:
    form = new_link_form(whose.kind, language=_own_language(whose))
    if not form.is_submitted():
        return _new_page(whose, form, about)
    if not form.validate():
        return _new_page(whose, form, about, problems_in(form)), 422
    with changing() as change:
        feed = feeds.issue(
            change, whose, links().calendar_token, name=form.name.data, shown=form.chosen()
        ).feed
        feed_id = feed.id
    flash_messages.leave("calendar_link_made")
    return redirect(url_for("calendar_links.show", feed_id=feed_id))


def _own_language(whose: Whose) -> str:
    if whose.patient_id is None:
        return "en"
    return spoken_in(patient_in_clinic(reading(), actor().clinic_id, whose.patient_id).language)


def _new_page(whose: Whose, form: NewLinkForm, about: dict[str, Any], problems: Any = ()) -> str:
    if whose.patient_id is not None:
        about = {"patient": patient_in_clinic(reading(), actor().clinic_id, whose.patient_id)}
    return render_template(
        "calendar_links/new.html", kind=whose.kind, form=form, back=_home(whose), problems=problems, **about
    )


def _page(feed_id: int, *, name_form: NameForm | None = None, title_form: TitleForm | None = None) -> str:
    feed = _feed(feed_id)
    if name_form is None:
        data = {
            "name": feed.name,
            "cycles_ahead": str(feed.cycles_ahead),
            **{name: "yes" if getattr(feed, name) else "" for name in ("all_clinics", *BESIDES_VISITS)},
        }
        name_form = NameForm(formdata=None, data=data)
        name_form.for_kind(feed.kind)
    if title_form is None:
        title_form = TitleForm(
            formdata=None,
            data={
                "reveal": feed.reveal,
                "alarms": "yes" if feed.alarms else "",
                "language": feed.language,
            },
        )
        title_form.for_kind(feed.kind)
    where = addresses_of(feed) if feed.revoked_at is None else None
    clinic_id = actor().clinic_id
    return render_template(
        "calendar_links/link.html",
        feed=feed,
        where=where,
        qr=qr_svg(where.page, "QR code of the page to subscribe on") if where else None,
        patient=patient_in_clinic(reading(), clinic_id, feed.patient_id) if feed.patient_id else None,
        provider=provider_in_clinic(reading(), clinic_id, feed.provider_id) if feed.provider_id else None,
        name_form=name_form,
        title_form=title_form,
        back=_home(feed),
        problems=problems_in(name_form) + problems_in(title_form),
    )


def _feed(feed_id: int) -> Any:
    """The link's row, for those who may manage it."""
    feed = link_in_clinic(reading(), actor().clinic_id, feed_id)
    _require_leave(feed.kind, feed.provider_id)
    return feed


def _require_leave(kind: str, provider_id: int | None) -> None:
    """Patients' links are everybody's work who writes; a provider's are their own, and the rest an administrator's."""
    who = actor()
    own = kind == PROVIDER and own_provider_id(reading(), who.clinic_id, who.user_id) == provider_id
    if kind != PATIENT and not own and StaffRole.ADMIN not in who.roles:
        abort(403)


def _home(of: Any) -> str:
    """Where links of this kind are listed."""
    if of.patient_id is not None:
        return url_for("patients.page", patient_id=of.patient_id) + "#calendar"
    if of.provider_id is not None:
        return url_for("calendar_links.provider_links", provider_id=of.provider_id)
    return url_for("calendar_links.settings")
