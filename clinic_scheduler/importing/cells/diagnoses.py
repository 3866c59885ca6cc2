"""What was treated, by a row's words, code, limb and site and by the clinic's own words for them."""

from clinic_scheduler.importing.cells.indications import Needs, Reading, check_code, read_indication
from clinic_scheduler.importing.cells.spoken_words import in_english, with_limb
from clinic_scheduler.importing.cells.tidying import tidy
from clinic_scheduler.importing.columns.mapping import LogMapping, words_key
from clinic_scheduler.importing.files.limits import MAX_WORDS


def read_diagnosis(mapping: LogMapping, words: str, code: str, limb: str = "", site: str = "") -> Reading:
    """By the mapping's words first; a limb left open by its column or the site; then by the mapping's codes."""
    known = mapping.diagnoses.get(words_key(words))
    if known:
        return check_code(known, tidy(code))
    said = in_english(tidy(words)) if len(words) <= MAX_WORDS else tidy(words)
    reading = read_indication(
        with_limb(said, mapping.limbs.get(words_key(limb), limb[:MAX_WORDS])), tidy(code)
    )
    if reading.needs == Needs.LIMB and site:
        told = read_indication(f"{said} {in_english(site[:MAX_WORDS])}", tidy(code))
        reading = told if told.indication else reading
    if reading.needs == Needs.LIMB or not tidy(words):
        known = mapping.diagnoses.get(words_key(code))
    return check_code(known, tidy(code)) if known else reading
