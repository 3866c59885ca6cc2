"""Words that would tell a drug, a diagnosis, a specialty, a dose or an insurer, in both languages; a warning's list."""

import re

# Stems, so that plurals and Spanish endings are found too. Whole words only where a stem would catch others.
_STEMS = (
    # drugs and doses
    "botox", "botulin", "botulín", "toxin", "dysport", "xeomin", "myobloc", "daxxify", "drug", "droga", "medicat",
    "medicin", "medicament", "fármac", "farmac", "inject", "inyec", "needle", "vial", "dosage", "dosis", "prescri",
    "treatment", "tratamiento", "therap", "terap",
    # diagnoses and signs
    "migrain", "migrañ", "headache", "dolor", "spastic", "espástic", "espastic", "espasm", "dystoni", "distoni",
    "diagnos", "diagnós", "symptom", "síntoma", "sintoma", "disease", "enfermedad", "palsy", "parálisis", "stroke",
    "weakness", "debilidad",
    # specialties
    "neurolog", "neurólog", "rehabilit", "physiatr", "fisiatr", "pain ", "specialist", "especialist",
    # who pays
    "insur", "asegurad", "payer", "medicare", "medicaid", "aetna", "cigna", "copay", "copago", "authoriz",
)  # fmt: skip
_WORDS = ("dose", "doses", "unit", "units", "unidad", "unidades", "shot", "shots", "seguro médico", "cefalea")
_FOUND = re.compile(
    rf"\b(?:(?:{'|'.join(_STEMS)})\w*|(?:{'|'.join(_WORDS)})\b)",
    re.IGNORECASE,
)


def disclosures(text: str) -> tuple[str, ...]:
    """What stands in `text` and tells what a visit is for, each once, as written."""
    found: dict[str, str] = {}
    for match in _FOUND.finditer(text):
        word = match[0].strip()
        found.setdefault(word.lower(), word)
    return tuple(found.values())
