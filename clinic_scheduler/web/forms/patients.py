"""The patient search form."""

from clinic_scheduler.web.forms.base import Form, text_field


class SearchForm(Form):
    q = text_field("Name, MRN or date of birth")
