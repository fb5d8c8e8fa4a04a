"""Tags of the console's parts: `{% load ui %}`. The style guide shows each one."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import template
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from wangge.console.assets import assets_of
from wangge.console.badges import TIER_WORDS, TIERS, TONES, badge_of
from wangge.console.icons import ICONS
from wangge.console.page import Fault, faults_of
from wangge.console.when import Said, say, say_day
from wangge.console.words import island_words
from wangge.kernel.pages import COUNT_CAP
from wangge.kernel.privacy import MaskedText

register = template.Library()


@register.simple_tag
def vite_asset(entry: str) -> SafeString:
    """`{% vite_asset "src/app.ts" %}`: the style sheets and the module of an entry, for the head."""
    found = assets_of(entry)
    lines = [
        *(format_html('<link rel="stylesheet" href="{}">', href) for href in found.styles),
        *(format_html('<link rel="modulepreload" href="{}">', href) for href in found.preloads),
    ]
    if found.module:
        lines.append(format_html('<script type="module" src="{}"></script>', found.module))
    return mark_safe("\n".join(lines))  # noqa: S308 -- each line was made by format_html


@register.inclusion_tag("console/components/words.html")
def words() -> dict[str, Any]:
    """The JSON block that the scripts take their words from."""
    return {"words": island_words()}


@register.simple_tag
def icon(name: str) -> SafeString:
    """`{% icon "search" %}`; hidden from screen readers, because a word stands beside it."""
    return format_html(
        '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="{}"/></svg>',
        ICONS[name],
    )


@register.simple_tag
def mark() -> SafeString:
    """The product's mark: nine grids, one of them yours."""
    squares = format_html_join(
        "",
        '<rect x="{}" y="{}" width="7" height="7" class="{}"/>',
        ((x, y, "mine" if (x, y) == (18, 9) else "") for y in (0, 9, 18) for x in (0, 9, 18)),
    )
    return format_html('<svg class="mark" viewBox="0 0 25 25" aria-hidden="true">{}</svg>', squares)


@register.simple_tag
def tier(code: str | None) -> SafeString:
    """Red, yellow, blue: shape, word and colour."""
    known = code if code in TIERS else "none"
    return format_html('<span class="tier" data-tier="{}">{}</span>', known, TIER_WORDS[known])


@register.simple_tag
def state(what: str, code: str) -> SafeString:
    """`{% state "case" case.state %}`: the badge of a state, see console/badges.py."""
    found = badge_of(what, code)
    return badge(found.tone, found.word)


@register.simple_tag
def badge(tone: str, word: str | Promise) -> SafeString:
    """A badge said outright, where no room owns the state."""
    if tone not in TONES:
        raise template.TemplateSyntaxError(f"badge: {tone!r} is not one of {', '.join(TONES)}")
    return format_html('<span class="badge" data-tone="{}">{}</span>', tone, word)


def _time(said: Said) -> SafeString:
    return format_html(
        '<time class="when" datetime="{}" title="{}" data-tone="{}">{}</time>',
        said.iso,
        said.exact,
        said.tone,
        said.text,
    )


@register.simple_tag
def when(instant: datetime | date | None) -> SafeString | str:
    """A moment that was or will be: "3 h ago"; the exact instant on hover. Nothing for None."""
    if instant is None:
        return ""
    return _time(say(instant) if isinstance(instant, datetime) else say_day(instant))


@register.simple_tag
def due(instant: datetime | None) -> SafeString | str:
    """A deadline: "3 h left", "2 d over"."""
    return "" if instant is None else _time(say(instant, deadline=True))


@register.inclusion_tag("console/components/masked.html")
def shown(value: object, kind: str = "") -> dict[str, Any]:
    """A personal value: plain where the purpose opens it, hatched with the reason where it is masked.

    `kind` "mono" sets digits in even widths.
    """
    reason = value.reason if isinstance(value, MaskedText) else ""
    says = {
        "personal": _("Personal data: your purpose does not open this field."),
        "sensitive": _(
            "Sensitive data (health, whereabouts, children): your purpose does not open this field."
        ),
        "secret": _("A secret: nobody reads it on a screen."),
    }
    return {"value": value, "masked": bool(reason), "says": says.get(reason, ""), "kind": kind}


@register.simple_tag
def unit_code(code: str | int | None) -> SafeString | str:
    """A division or grid code read in its steps: district, street, community, grid."""
    if code is None or code == "":
        return ""
    text = f"{code:015d}" if isinstance(code, int) else code
    cuts = [text[:6], text[6:9], text[9:12], text[12:15]]
    parts = [part for part in cuts if part.strip("0")] or [text]
    inner = format_html_join("", "<span>{}</span>", ((part,) for part in parts[:-1]))
    return format_html('<span class="unit-code" title="{}">{}<b>{}</b></span>', text, inner, parts[-1])


@register.filter
def capped(total: int | None) -> str:
    """A count that stops and says so: 1,000+."""
    if total is None:
        return ""
    return f"{COUNT_CAP:,}+" if total > COUNT_CAP else f"{total:,}"


@register.filter
def square_metres(size: float) -> str:
    """An area: two digits after the point below 100 m2, none above."""
    return f"{size:,.2f} m²" if size < 100 else f"{size:,.0f} m²"


@register.filter
def figure(number: int | float | None) -> str:
    """A number with its thousands parted."""
    if number is None:
        return "–"
    return f"{number:,}" if isinstance(number, int) else f"{number:,.1f}"


@register.inclusion_tag("console/components/error_summary.html")
def error_summary(*forms: Any, faults: tuple[Fault, ...] = ()) -> dict[str, Any]:
    """First on a page with faults: `{% error_summary form %}` or `{% error_summary faults=faults %}`."""
    return {"faults": (*faults, *faults_of(forms))}


@register.simple_block_tag
def because(content: str, reason: str, opened: bool = False) -> SafeString:
    """`{% because finding.reason %} rule, facts, what would change it {% endbecause %}`: the Why of a thing."""
    return format_html(
        '<details class="why"{}><summary><span class="ask">{}</span><span>{}</span></summary>'
        '<div class="because">{}</div></details>',
        mark_safe(" open") if opened else "",
        _("Why"),
        reason,
        content,
    )


@register.inclusion_tag("console/components/where.html")
def where_from(sources: Any) -> dict[str, Any]:
    """Where a field came from: rows with value, source, as_of, kept (is this the value shown)."""
    rows = list(sources)
    return {"sources": rows, "n": len(rows)}


@register.inclusion_tag("console/components/empty.html")
def empty(title: str, text: str = "", href: str = "", action: str = "") -> dict[str, Any]:
    """What will appear here and how to begin."""
    return {"title": title, "text": text, "href": href, "action": action}


@register.inclusion_tag("console/components/more.html", takes_context=True)
def more(context: template.Context, page: Any, columns: int = 0) -> dict[str, Any]:
    """The last line of a keyset list, "more" while there is more; `columns` makes it a row of a table.

    The view answers the element "more" with the next rows and this tag again.
    """
    return {"page": page, "columns": columns, "request": context.get("request")}


@register.inclusion_tag("console/components/chip.html", takes_context=True)
def chip(context: template.Context, name: str, value: str, word: str) -> dict[str, Any]:
    """A filter as a removable chip: on when the address holds name=value, and a click takes it away again."""
    request = context["request"]
    query = request.GET.copy()
    held = query.getlist(name)
    on = value in held
    query.setlist(name, [v for v in held if v != value] if on else [*held, value])
    for passing in ("after", "sel", "view"):
        query.pop(passing, None)
    return {"on": on, "word": word, "href": f"?{query.urlencode()}" if query else request.path}


@register.inclusion_tag("console/components/chip.html", takes_context=True)
def only(context: template.Context, name: str, value: str, word: str, default: str = "") -> dict[str, Any]:
    """A filter of which one stands at a time: a click puts it in place of another, or takes it away.

    `default` is the value that holds while the address says none.
    """
    request = context["request"]
    query = request.GET.copy()
    on = query.get(name, default) == value
    query.pop(name, None)
    if not on:
        query[name] = value
    for passing in ("after", "sel", "view"):
        query.pop(passing, None)
    return {"on": on, "word": word, "href": f"?{query.urlencode()}" if query else request.path}


@register.simple_tag
def tier_word(code: str) -> str:
    """`{% tier_word "red" as word %}`: the word of a tier, for a filter."""
    return str(TIER_WORDS[code])


@register.simple_tag
def state_word(what: str, state: str) -> str:
    """`{% state_word "batch" s.value as word %}`: the word of a state's badge, for a filter."""
    return str(badge_of(what, state).word)


@register.simple_tag(takes_context=True)
def keep_query(context: template.Context, href: str) -> str:
    """`href` with this page's filters kept, so that a record's address also says which list it was opened from."""
    query = context["request"].GET.copy()
    for passing in ("after", "sel", "act"):
        query.pop(passing, None)
    return f"{href}?{query.urlencode()}" if query else href


@register.filter
def said(view: Any, name: str) -> str:
    """`{{ row|said:"category" }}`: the field that a view gives in both languages, in the page's own."""
    return str(getattr(view, f"{name}_{'zh' if _chinese() else 'en'}", "") or getattr(view, f"{name}_zh", ""))


@register.filter
def told(view: Any) -> str:
    """`{{ step|told }}`: a view's only words (`zh`, `en`) in the page's language, opened by a capital."""
    words = str(view.zh if _chinese() else view.en)
    return words[:1].upper() + words[1:]


def _chinese() -> bool:
    return (get_language() or "").startswith("zh")
