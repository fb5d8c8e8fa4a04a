"""Pages of the style guide."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from wangge.console.badges import TIERS, TONES
from wangge.console.icons import ICONS
from wangge.console.page import Fault, show
from wangge.console.styleguide import samples, shapes
from wangge.console.styleguide.samples import say
from wangge.kernel.pages import Page


class SampleForm(forms.Form):
    """One of each field."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        add = self.fields.__setitem__
        hint = say("一句话说清发生了什么、在哪里。", "One sentence: what happened, and where.")
        add("title", forms.CharField(label=say("事件标题", "Title"), max_length=40, help_text=hint))
        kinds = [("", "—"), ("a", say("公用设施", "Utilities")), ("b", say("矛盾纠纷", "Dispute"))]
        add("category", forms.ChoiceField(label=say("类别", "Category"), choices=kinds))
        day = forms.DateInput(attrs={"type": "date", "data-width": "short"})
        add("until", forms.DateField(label=say("截止日期", "Until"), widget=day))
        speeds = [
            ("now", say("立即", "At once")),
            ("day", say("当日", "Today")),
            ("plain", say("一般", "Ordinary")),
        ]
        add(
            "urgency",
            forms.ChoiceField(label=say("紧急程度", "Urgency"), widget=forms.RadioSelect, choices=speeds),
        )
        text = forms.Textarea(attrs={"rows": 3})
        add("note", forms.CharField(label=say("补充说明", "More"), required=False, widget=text))
        file_hint = say("xlsx、xls 或 csv，不超过 200 MB。", "xlsx, xls or csv, up to 200 MB.")
        sheet = say("部门表格", "Department's spreadsheet")
        add("file", forms.FileField(label=sheet, required=False, help_text=file_hint))


def parts(request: HttpRequest) -> HttpResponse:
    wrong = {"title": "", "until": "2026-02-30", "urgency": "day"}
    now = timezone.now()
    fault = Fault(
        say(
            "身份证号校验位不符，请核对证件。",
            "The identity number's check digit does not fit. Look at the card.",
        ),
        place=say("表 户籍，第 12 行", "sheet 户籍, row 12"),
    )
    context = {
        "standing": samples.standing(""),
        "title": say("样式", "Style guide"),
        "form": SampleForm(wrong) if "wrong" in request.GET else SampleForm(),
        "tones": TONES,
        "tiers": TIERS,
        "icons": ICONS,
        "cases": samples.cases(),
        "person": samples.person(),
        "soon": now + timedelta(hours=3, minutes=5),
        "late": now - timedelta(days=2, minutes=5),
        "past": now - timedelta(minutes=12),
        "far": now + timedelta(days=9),
        "faults": (fault,),
    }
    return show(request, "console/styleguide/parts.html", context)


def today(request: HttpRequest) -> HttpResponse:
    empty = "empty" in request.GET
    context = {
        "standing": samples.standing("h"),
        "title": say("今日", "Today"),
        "needs": [] if empty else samples.needs(),
        "figures": [] if empty else samples.figures(),
    }
    return show(request, "console/home.html", context)


def work(request: HttpRequest, number: str = "") -> HttpResponse:
    rows = [] if "empty" in request.GET else samples.cases()
    after = request.GET.get("after", "")
    shown = [c for c in rows if c.number > after]
    record = next((c for c in samples.cases() if c.number == number), None)
    if number and record is None:
        raise Http404
    context = {
        "standing": samples.standing(),
        "title": record.title if record else say("事件", "Cases"),
        "page": Page(tuple(shown), next=shown[-3].number if shown and not after else None, total=1284),
        "record": record,
        "person": samples.person(),
        "reads": record is not None,
        "map": {
            "areas": "/styleguide/areas.geojson",
            "points": "/styleguide/points.geojson",
            "bounds": shapes.bounds(),
        },
    }
    templates = {"record": "console/styleguide/record.html", "more": "console/styleguide/rows.html"}
    return show(request, "console/styleguide/work.html", context, parts=templates)


def areas(request: HttpRequest) -> HttpResponse:
    return JsonResponse(shapes.areas())


def points(request: HttpRequest) -> HttpResponse:
    return JsonResponse(shapes.points())


def field(request: HttpRequest) -> HttpResponse:
    context = {"title": say("今日走访", "Today's doors"), "worker": "sample", "cases": samples.cases()}
    return show(request, "console/styleguide/field.html", context)


def visit(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        key = request.POST.get("idempotency_key", "")
        return JsonResponse({"receipt": f"SAMPLE-{key[:8]}"}, status=201)
    context = {
        "title": say("香邑花园 11-1-402", "Xiangyi Huayuan 11-1-402"),
        "worker": "sample",
        "back": "/styleguide/field/",
        "person": samples.person(),
    }
    return show(request, "console/styleguide/visit.html", context)
