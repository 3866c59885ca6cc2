"""A set of figures as the settings pages show and edit it: a protocol, a product's caps, a label."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import render_template, url_for

from clinic_scheduler.domain.errors import InvalidInput
from clinic_scheduler.domain.protocols.figures import Overrides, Record, changes, edited, same, shown, typed
from clinic_scheduler.web.edit_conflicts import CHANGED, differences
from clinic_scheduler.web.forms.figures import FiguresForm

Problems = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """`default` is what is shipped; `blueprint` has the views show, edit, preview and confirm, all with `address`."""

    heading: str
    blueprint: str
    address: Mapping[str, str]
    form: type[FiguresForm]
    default: Record

    def url(self, view: str, **query: Any) -> str:
        return url_for(f"{self.blueprint}.{view}", **{**self.address, **query})

    def rows(self, overrides: Overrides) -> list[dict[str, Any]]:
        """A row a figure: the value in words, its source and what is shipped; `own` where the clinic changed it."""
        record = edited(self.default, self.form.figures, overrides)
        rows = []
        for field in self.form.figures:
            value, shipped = getattr(record, field.name), getattr(self.default, field.name)
            rows.append(
                {
                    "field": field,
                    "typed": typed(value),
                    "shown": shown(value, field.kind),
                    "source": record.sources[field.name],
                    "default": shown(shipped, field.kind),
                    "own": not same(value, shipped),
                }
            )
        return rows

    def form_of(self, overrides: Overrides, version: int) -> Any:
        return self.form.of(self.default, overrides, version)

    def edit_page(self, form: FiguresForm, problems: Problems = ()) -> str:
        return render_template(
            "settings/figures_edit.html",
            sheet=self,
            form=form,
            defaults=self.form.defaults(self.default),
            problems=problems,
        )

    def refused_page(self, form: FiguresForm, refusal: InvalidInput) -> str:
        """What the service would not save, said at the top; what was typed stays."""
        text = str(refusal)
        return self.edit_page(form, [("version", f"{text[:1].upper()}{text[1:]}. Nothing was saved.")])

    def edit_conflict_page(self, form: FiguresForm, newest: FiguresForm) -> str:
        """Another version came in between: both are shown, and what was typed goes on from that one."""
        form.version.data = newest.version.data
        return self.edit_page(form, differences(form, newest) or [("version", CHANGED)])

    def changed(self, before: Overrides, after: Overrides) -> list[tuple[Any, ...]]:
        """(field, before in words, after in words, after as typed, its source) of what differs."""
        old, new = (edited(self.default, self.form.figures, overrides) for overrides in (before, after))
        return [
            (
                field,
                shown(getattr(old, field.name), field.kind),
                shown(getattr(new, field.name), field.kind),
                typed(getattr(new, field.name)),
                new.sources[field.name],
            )
            for field in changes(old, new, self.form.figures)
        ]
