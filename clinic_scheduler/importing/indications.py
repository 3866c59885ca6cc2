"""From a diagnosis in words and an ICD-10 code to one of the clinic's indications. Never guesses a limb."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

CHRONIC_MIGRAINE = "chronic_migraine"
UPPER = "spasticity_upper_limb"
LOWER = "spasticity_lower_limb"
INDICATIONS = (CHRONIC_MIGRAINE, UPPER, LOWER)

MIGRAINE = "migraine"
SPASTICITY = "spasticity"
NOT_COVERED = "not covered"


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![a-z0-9])(?:{pattern})(?![a-z0-9])")


_MIGRAINE_WORDS = _words(r"migraines?|migraineurs?|cm|chr\.? ?mig\.?|chronic mig\.?")
_OTHER_MIGRAINE_WORDS = _words(
    r"(?:episodic|vestibular|hemiplegic|abdominal|menstrual|acute) migraines?|not chronic"
)
_CHRONIC_WORDS = _words(r"chronic|chron\.?|chr\.?|cm")
_SPASTIC_WORDS = _words(
    r"spastic\w*|spasms?|hypertonia|(?:hemi|mono|di|para|quadri|tetra)(?:paresis|plegia)"
    r"|cerebral palsy|uls|lls"
)
_UPPER_WORDS = _words(
    r"upper[ -]?(?:limbs?|extremit(?:y|ies)|ext\.?)|[rlb]?u[el]|uls"
    r"|(?:fore)?arms?|elbows?|wrists?|hands?|fingers?|shoulders?"
)
_LOWER_WORDS = _words(
    r"lower[ -]?(?:limbs?|extremit(?:y|ies)|ext\.?)|[rlb]?l[el]|lls"
    r"|legs?|thighs?|knees?|ankles?|foot|feet|toes?|calf|equino?\w*"
)
_NOT_COVERED_WORDS = _words(
    r"blepharospasms?|dystonias?|torticollis|hemifacial|hyperhidrosis|sialorrh?o?ea|drooling|bladder"
    r"|detrusor|strabismus|bruxism|tmj|tmd|glabellar|wrinkles?|cosmetic|achalasia|anal fissure"
    r"|essential tremor"
)

_MIGRAINE_CODE = re.compile(r"G43\.?(?:7|E)")
_OTHER_MIGRAINE_CODE = re.compile(r"G43")
# I69.x3 and I69.x4 are one limb after a stroke, I69.x5 is a hemiplegia; G83.0 is both arms, G83.1 one leg,
# G83.2 one arm; G82.2, G11.4 and G04.1 are paraplegias.
_UPPER_CODE = re.compile(r"I69\.[01238]3|I69\.93|G83\.[02]")
_LOWER_CODE = re.compile(r"I69\.[01238]4|I69\.94|G83\.1|G11\.4|G04\.1|G82\.2")
_SPASTICITY_CODE = re.compile(r"G81\.[19]|I69\.[012389]5|G80|G35|G82|G83|M62\.83|M62\.4|R25\.2")
_NOT_COVERED_CODE = re.compile(
    r"G24|G51\.3|L74\.5|R61|N32\.81|N31|K11\.7|H49|H50|F45\.8|G47\.63|L98\.8|G81\.0"
)
_CODE = re.compile(r"(?<![A-Z0-9])([A-TV-Z][0-9][0-9A-Z])(?:\.?([0-9A-Z]{1,4}))?(?![A-Z0-9])")
_CODE_IN_WORDS = re.compile(r"(?<![A-Z0-9])(?:G35|(?:G\d\d|I69|M62|R25)\.?[0-9A-Z]{1,4})(?![A-Z0-9])")


@dataclass(frozen=True)
class Reading:
    """What a diagnosis says: an indication or the reason there is none, the code, a remark to warn of."""

    indication: str | None = None
    icd10: str | None = None
    reason: str = ""
    remark: str = ""


def codes_in(text: str) -> list[str]:
    """ICD-10-CM codes with their dot: "g43719; R51" -> ["G43.719", "R51"]."""
    return [f"{stem}.{rest}" if rest else stem for stem, rest in _CODE.findall(text.upper())]


@lru_cache(maxsize=4_096)
def read_indication(words: str, code: str) -> Reading:
    """Decide by words, code, or both; where they contradict or leave the limb open, give the reason."""
    codes = codes_in(code)
    remark = f"{code.strip()!r} is not an ICD-10 code; left out" if code.strip() and not codes else ""
    codes = codes or codes_in(" ".join(_CODE_IN_WORDS.findall(words.upper())))
    icd10 = next((each for each in codes if _code_family(each)), codes[0] if codes else None)
    said, said_limbs = _said_by_words(_plain(words))
    coded = _code_family(icd10 or "")
    coded_limb = _code_limb(icd10 or "")
    chronic = bool(_CHRONIC_WORDS.search(_plain(words)))
    if said == {MIGRAINE} and coded is None and not chronic and _OTHER_MIGRAINE_CODE.match(icd10 or ""):
        said = set()  # "Migraine" with the code of another migraine: the code tells which.
    decided = _decide(said, said_limbs, coded, coded_limb, words.strip(), icd10)
    if decided.indication is None:
        return Reading(icd10=icd10, reason=decided.reason)
    return Reading(decided.indication, icd10, "", remark or _migraine_remark(decided, chronic, icd10))


def _migraine_remark(decided: Reading, chronic: bool, icd10: str | None) -> str:
    if decided.indication != CHRONIC_MIGRAINE or (icd10 and _MIGRAINE_CODE.match(icd10)):
        return ""
    if icd10:
        return f"{icd10} is not a chronic migraine code; the words were followed"
    return "" if chronic else "does not say chronic; read as chronic migraine"


def check_code(indication: str, code: str) -> Reading:
    """The code beside words that a mapping has already decided."""
    codes = codes_in(code)
    return Reading(indication, codes[0] if codes else None)


def _plain(words: str) -> str:
    decomposed = unicodedata.normalize("NFKD", words).casefold()
    plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(re.sub(r"[_/,;:()?!]+", " ", plain).split())


def _said_by_words(plain: str) -> tuple[set[str], set[str]]:
    families = set()
    if _NOT_COVERED_WORDS.search(plain) or _OTHER_MIGRAINE_WORDS.search(plain):
        families.add(NOT_COVERED)
    elif _MIGRAINE_WORDS.search(plain):
        families.add(MIGRAINE)
    if _SPASTIC_WORDS.search(plain):
        families.add(SPASTICITY)
    limbs = {UPPER} if _UPPER_WORDS.search(plain) else set()
    return families, limbs | ({LOWER} if _LOWER_WORDS.search(plain) else set())


def _code_family(code: str) -> str | None:
    if _MIGRAINE_CODE.match(code):
        return MIGRAINE
    if _NOT_COVERED_CODE.match(code):
        return NOT_COVERED
    if _UPPER_CODE.match(code) or _LOWER_CODE.match(code) or _SPASTICITY_CODE.match(code):
        return SPASTICITY
    return None


def _code_limb(code: str) -> str | None:
    if _UPPER_CODE.match(code):
        return UPPER
    return LOWER if _LOWER_CODE.match(code) else None


def _decide(
    said: set[str], limbs: set[str], coded: str | None, coded_limb: str | None, words: str, code: str | None
) -> Reading:
    if NOT_COVERED in said or (coded == NOT_COVERED and not said):
        return Reading(reason=_not_covered(words or code or ""))
    if len(said) > 1:
        return Reading(reason="names migraine and spasticity at once; write one row for each indication")
    family = next(iter(said), coded)
    if coded and family != coded:
        return Reading(reason=f"the words {words!r} and the code {code} contradict each other")
    if family is None and _OTHER_MIGRAINE_CODE.match(code or ""):
        return Reading(reason=f"{code} is not a chronic migraine code (G43.7 or G43.E)")
    if family == MIGRAINE:
        return Reading(CHRONIC_MIGRAINE)
    if family == SPASTICITY:
        return _limb(limbs, coded_limb, words, code)
    if not words and not code:
        return Reading(reason="no diagnosis and no ICD-10 code")
    return Reading(reason=_not_covered(words or code or ""))


def _not_covered(shown: str) -> str:
    return (
        f"indication not covered: {shown!r}; "
        "covered are chronic migraine and spasticity of an upper or lower limb"
    )


def _limb(limbs: set[str], coded_limb: str | None, words: str, code: str | None) -> Reading:
    if len(limbs) > 1:
        return Reading(reason="names an upper and a lower limb; write one row for each, with its own units")
    said = next(iter(limbs), None)
    if said and coded_limb and said != coded_limb:
        return Reading(reason=f"the words {words!r} and the code {code} name different limbs")
    if said or coded_limb:
        return Reading(said or coded_limb)
    return Reading(reason="spasticity without a limb: neither the words nor the code say upper or lower limb")
