"""A FHIR R4 Questionnaire as an HTML form. Every control has a label, a group is a fieldset; `form.js` gathers the answers.

Drawn are groups, and questions of type choice (radio buttons or a list), boolean, date, integer and decimal: what our form asks.
"""

from collections.abc import Callable, Iterable, Mapping
from html import escape
from typing import Any

Item = Mapping[str, Any]

ITEM_CONTROL = "http://hl7.org/fhir/StructureDefinition/questionnaire-itemControl"
BOUNDS = {"http://hl7.org/fhir/StructureDefinition/minValue": "min", "http://hl7.org/fhir/StructureDefinition/maxValue": "max"}
NOT_ANSWERED = "not answered"
YES_OR_NO = (("true", "yes"), ("false", "no"))
FIRST = 1


def form_fields(questionnaire: Item) -> str:
    """The fields of the form, without the form element. A group that may repeat is drawn once; the script draws the others."""
    return "\n".join(_drawn(item) for item in questionnaire["item"])


def _drawn(item: Item) -> str:
    return _group(item) if item["type"] == "group" else _QUESTIONS[item["type"]](item)


def _group(item: Item) -> str:
    inner = "\n".join(_drawn(question) for question in item["item"])
    link, title = escape(item["linkId"]), escape(item["text"])
    group = f'<fieldset data-link="{link}" data-type="group"><legend>{title}</legend>\n{inner}\n</fieldset>'
    if not item.get("repeats"):
        return group
    return f'<div class="repeats">\n{group}\n<button type="button" data-add="{link}">Add another: {escape(item["text"])}</button>\n</div>'


def _choice(item: Item) -> str:
    options = [(_value(option["valueCoding"]), option["valueCoding"]["display"]) for option in item["answerOption"]]
    return _radios(item, options) if _control(item) == "radio-button" else _list(item, options)


def _boolean(item: Item) -> str:
    return _radios(item, YES_OR_NO)


def _radios(item: Item, options: Iterable[tuple[str, str]]) -> str:
    """One more button says that the question is not answered, so that an answer can be taken back."""
    name = f"{escape(item['linkId'])}.{FIRST}"
    buttons = [_button(name, value, label) for value, label in options]
    none = f'<label><input type="radio" name="{name}" value="" checked> {NOT_ANSWERED}</label>'
    return f'<fieldset class="question radios" {_told(item)}><legend>{_label(item)}</legend>{"".join(buttons)}{none}</fieldset>'


def _button(name: str, value: str, label: str) -> str:
    return f'<label><input type="radio" name="{name}" value="{escape(value)}"> {escape(label)}</label>'


def _list(item: Item, options: Iterable[tuple[str, str]]) -> str:
    inner = "".join(f'<option value="{escape(value)}">{escape(label)}</option>' for value, label in options)
    return _labelled(item, f'<select id="{_id(item)}"><option value="">{NOT_ANSWERED}</option>{inner}</select>')


def _date(item: Item) -> str:
    return _labelled(item, f'<input type="date" id="{_id(item)}">')


def _number(item: Item) -> str:
    bounds = "".join(f' {BOUNDS[url]}="{value}"' for url, value in _bounds(item))
    step = "1" if item["type"] == "integer" else "any"
    return _labelled(item, f'<input type="number" id="{_id(item)}" step="{step}"{bounds}>')


def _labelled(item: Item, control: str) -> str:
    return f'<p class="question" {_told(item)}><label for="{_id(item)}">{_label(item)}</label>{control}</p>'


def _label(item: Item) -> str:
    text = escape(item["text"])
    return f'{text} <span class="needed">(needed in this part)</span>' if item.get("required") else text


def _told(item: Item) -> str:
    required = " data-required" if item.get("required") else ""
    return f'data-link="{escape(item["linkId"])}" data-type="{escape(item["type"])}"{required}'


def _id(item: Item) -> str:
    return f"{escape(item['linkId'])}.{FIRST}"


def _value(coding: Mapping[str, str]) -> str:
    return f"{coding['system']}|{coding['code']}"


def _control(item: Item) -> str | None:
    for extension in item.get("extension", ()):
        if extension["url"] == ITEM_CONTROL:
            code: str = extension["valueCodeableConcept"]["coding"][0]["code"]
            return code
    return None


def _bounds(item: Item) -> Iterable[tuple[str, int | float]]:
    for extension in item.get("extension", ()):
        if extension["url"] in BOUNDS:
            yield extension["url"], extension.get("valueInteger", extension.get("valueDecimal"))


_QUESTIONS: Mapping[str, Callable[[Item], str]] = {
    "choice": _choice, "boolean": _boolean, "date": _date, "integer": _number, "decimal": _number,
}  # fmt: skip
