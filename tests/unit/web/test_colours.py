"""The stylesheet's colours: every text and its ground hold 4.5:1, in each state of a button, light and dark."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
STYLES = (ROOT / "clinic_scheduler" / "static" / "app.css").read_text("utf-8")
LEAST = 4.5  # WCAG 2.2, success criterion 1.4.3, level AA
DARK = "@media (prefers-color-scheme: dark)"
STATES = ("", "hover-", "active-", "disabled-")  # Bootstrap shows a button in focus as one under the pointer
SIZES = {"btn-sm"}
# Texts without a ground of their own, and the grounds they may stand on.
UNDER = {
    "--ink": "bg surface sunken brand-bg ok-bg warn-bg bad-bg info-bg plain-bg",
    "--ink-2": "bg surface sunken ok-bg warn-bg",
    "--link": "bg surface sunken ok-bg warn-bg",
    "--brand": "bg surface brand-bg",
    "--bad": "bg surface",
    "--ok": "surface",
    "--warn": "surface sunken",
    # As Bootstrap draws fields, a file's button, and fields that are closed.
    "--bs-body-color": "bs-body-bg bs-secondary-bg bs-tertiary-bg",
}
Rule = tuple[str, str, dict[str, str]]  # the @media around it, its selector, its declarations


def rules(styles: str, media: str = "") -> Iterator[Rule]:
    styles = re.sub(r"/\*.*?\*/", "", styles, flags=re.DOTALL)
    for selector, body in re.findall(r"([^{}]+)\{((?:[^{}]|\{[^{}]*\})*)\}", styles):
        if "{" in body:
            yield from rules(body, selector.strip())
        else:
            pairs = (line.partition(":") for line in body.split(";") if ":" in line)
            yield media, selector.strip(), {name.strip(): value.strip() for name, _, value in pairs}


def themes(styles: str) -> dict[str, dict[str, str]]:
    """Theme -> its tokens, each with its value."""
    named = {media: declared for media, selector, declared in rules(styles) if selector == ":root"}
    return {"light": named[""], "dark": named[""] | named[DARK]}


def luminance(colour: str) -> float:
    """Of #rgb or #rrggbb, as WCAG reckons it."""
    digits = colour.removeprefix("#")
    digits = "".join(2 * digit for digit in digits) if len(digits) == 3 else digits
    parts = (int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def colour_of(value: str, tokens: dict[str, str]) -> str | None:
    """What a value comes to in a theme; None if it is no plain colour, such as none or a picture."""
    while named := re.fullmatch(r"var\((--[\w-]+)\)", value):
        value = tokens[named[1]]
    return value if re.fullmatch("#(?:[0-9a-f]{3}){1,2}", value) else None


def pairs(styles: str) -> Iterator[tuple[str, str | None, str | None]]:
    """(where, text, ground), as the styles spell them: of rules that set both, of buttons, of what stands anywhere."""
    all_rules = [(selector, declared) for media, selector, declared in rules(styles) if "print" not in media]
    for selector, declared in all_rules:
        ground = declared.get("background-color", declared.get("background"))
        if "color" in declared and ground:
            yield selector, declared["color"], ground
    for variant in sorted(variants(styles)):
        declared = {
            name: value for at, each in all_rules if at in (".btn", variant) for name, value in each.items()
        }
        for state in STATES:
            text, ground = (declared.get(f"--bs-btn-{state}{part}") for part in ("color", "bg"))
            yield f"{variant} {state}".strip(" -"), text, ground
    for text, grounds in UNDER.items():
        for ground in grounds.split():
            yield f"{text} on --{ground}", f"var({text})", f"var(--{ground})"


def variants(styles: str) -> set[str]:
    return {selector for _, selector, _ in rules(styles) if re.fullmatch(r"\.btn-[a-z-]+", selector)}


def hard_to_read(styles: str) -> list[str]:
    """What holds less than it must, or is not said at all and so left to Bootstrap."""
    wrong = []
    for theme, tokens in themes(styles).items():
        for where, text, ground in pairs(styles):
            colours = [colour_of(value, tokens) if value else None for value in (text, ground)]
            if text is None or ground is None:
                wrong.append(f"{where}: text {text}, ground {ground}")
            elif all(colours) and contrast(*colours) < LEAST:  # type: ignore[arg-type]
                wrong.append(f"{theme} {where}: {contrast(*colours):.2f}")  # type: ignore[arg-type]
    return wrong


def test_every_text_can_be_read_on_its_ground() -> None:
    assert len(list(pairs(STYLES))) > 50
    assert hard_to_read(STYLES) == []


def test_a_button_that_may_not_be_pressed_is_not_dimmed() -> None:
    """Bootstrap dims it to 65 %, of its words too."""
    (button, *_) = (declared for _, selector, declared in rules(STYLES) if selector == ".btn")
    assert button["--bs-btn-disabled-opacity"] == "1"


def test_pages_use_no_button_whose_colours_are_not_ours() -> None:
    sources = [*(ROOT / "templates").rglob("*.html"), *(ROOT / "clinic_scheduler").rglob("*.js")]
    used = {name for file in sources for name in re.findall(r"\bbtn-[a-z-]+", file.read_text("utf-8"))}
    assert {f".{name}" for name in used - SIZES} == variants(STYLES)


@pytest.mark.parametrize(
    ("ours", "worse", "where"),
    [
        ("--brand-hover: #084848", "--brand-hover: #7fb5b5", "light .btn-primary hover: 2.29"),
        ("--ink-2: #aab7c2", "--ink-2: #6b7a88", "dark .btn-quiet disabled: 3.18"),
        ("--link: #8cc4ff", "--link: #0b5394", "dark --link on --bg: 2.28"),
        ("--bs-btn-disabled-bg: var(--sunken);", "", ".btn-quiet disabled: text var(--ink-2), ground None"),
        (
            "color: var(--warn); background: var(--warn-bg)",
            "color: #c98a3d; background: var(--warn-bg)",
            ".tag.warn",
        ),
    ],
)
def test_a_colour_that_is_too_close_is_found(ours: str, worse: str, where: str) -> None:
    assert ours in STYLES
    found = hard_to_read(STYLES.replace(ours, worse))
    assert any(where in each for each in found), found


def test_contrast_is_what_wcag_says_it_is() -> None:
    assert contrast("#000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#fff") == pytest.approx(4.48, abs=0.005)
    assert contrast("#fff", "#fff") == 1
