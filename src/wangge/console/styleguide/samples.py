"""Invented text for the style guide. Nobody and no place in it is real."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language

from wangge.console.page import Figure, Need
from wangge.kernel.privacy import MaskedText


def say(zh: str, en: str) -> str:
    """Sample text in the reader's language; real pages use gettext instead."""
    return zh if (get_language() or "").startswith("zh") else en


NAV = (
    (
        ("home", "今日", "Today", "h", "/styleguide/today/"),
        ("case", "事件", "Cases", "c", "/styleguide/work/"),
        ("task", "任务", "Tasks", "t", "/styleguide/field/"),
        ("people", "底册", "Registry", "r", "/styleguide/#registry"),
        ("grid", "网格", "Territory", "w", "/styleguide/#grid"),
    ),
    (
        ("source", "来源", "Sources", "s", "/styleguide/#source"),
        ("emergency", "疫情", "Outbreaks", "e", "/styleguide/#emergency"),
        ("ledger", "留痕", "Ledger", "l", "/styleguide/#ledger"),
    ),
)


def standing(current: str = "c") -> dict[str, Any]:
    """What the shell would know of someone signed in."""
    purposes = (
        ("case_handling", "处置事件", "handling cases"),
        ("community_service", "社区服务", "community service"),
    )
    post = {
        "id": "0",
        "role": say("派遣员", "Dispatcher"),
        "organisation": say("东丽区指挥中心", "Dongli command centre"),
        "division": "120110",
        "current": True,
        "purposes": [
            {"code": code, "word": say(zh, en), "current": code == "case_handling"}
            for code, zh, en in purposes
        ],
    }
    return {
        "name": say("周敏", "Zhou Min"),
        "role": say("派遣员", "Dispatcher"),
        "purpose": say("处置事件", "handling cases"),
        "emergency": None,
        "nav": [
            [
                {"icon": icon, "word": say(zh, en), "key": key, "href": href, "current": key == current}
                for icon, zh, en, key, href in group
            ]
            for group in NAV
        ],
        "posts": [post],
    }


@dataclass(frozen=True, slots=True)
class SampleCase:
    number: str
    title: str
    place: str
    category: str
    state: str
    tone: str
    due_at: datetime
    lon: float
    lat: float

    @property
    def key(self) -> str:
        return f"case:{self.number}"


# tone and hours left; then title, place, category, state in each language
CASES = """
late -5
  楼道水管爆裂，已漏到一层 | 张贵庄街 · 新袁里 6 号楼 2 门 | 公用设施 | 超期
  Burst pipe in the stairwell, water down to the ground floor | Zhangguizhuang · Xinyuanli 6-2 | Utilities | Overdue
waiting 2
  消防通道被货车占用 | 丰年村街 · 金色家园北门 | 公共安全 | 待派遣
  Fire lane blocked by a van | Fengniancun · Jinse Jiayuan north gate | Public safety | To dispatch
active 6
  独居老人两日未取牛奶 | 万新街 · 香邑花园 11-1-402 | 关爱走访 | 处置中
  Milk of an old person living alone left two days | Wanxin · Xiangyi Huayuan 11-1-402 | Care | Being resolved
active 20
  沿街井盖缺失 | 无瑕街 · 春霞里 3 号楼旁 | 部件 | 处置中
  Manhole cover missing | Wuxia · beside Chunxiali 3 | City asset | Being resolved
returned 30
  垃圾满冒三处 | 新立街 · 新博园 | 市容环境 | 退回重办
  Three bins overflowing | Xinli · Xinboyuan | Cleanliness | Sent back
paused 70
  路灯不亮，一段约 200 米 | 华明街 · 明珠路 | 公用设施 | 已挂起
  Street lights out for about 200 m | Huaming · Mingzhu road | Utilities | Suspended
waiting 26
  楼上噪声扰民，请求调解 | 东丽湖街 · 天和苑 | 矛盾纠纷 | 待核查
  Noise from upstairs: mediation asked for | Donglihu · Tianheyuan | Dispute | To verify
done 90
  占道经营 | 军粮城街 · 军祥园 | 市容环境 | 已结案
  Street vending blocks the pavement | Junliangcheng · Junxiangyuan | Cleanliness | Closed
done 100
  行道树倾倒 | 金钟街 · 新中村 | 园林绿化 | 已结案
  Roadside tree fallen | Jinzhong · Xinzhongcun | Greenery | Closed
"""


def cases() -> list[SampleCase]:
    """Cases in all states, most urgent first."""
    now = timezone.now()
    wild = random.Random(7)
    lines = CASES.strip().splitlines()
    found = []
    for i in range(0, len(lines), 3):
        tone, hours = lines[i].split()
        title, place, category, state = (text.strip() for text in say(lines[i + 1], lines[i + 2]).split("|"))
        found.append(
            SampleCase(
                number=f"2026{1120 + i // 3}",
                title=title,
                place=place,
                category=category,
                state=state,
                tone=tone,
                due_at=now + timedelta(hours=int(hours), minutes=12),
                lon=round(117.33 + wild.random() * 0.11, 5),
                lat=round(39.075 + wild.random() * 0.06, 5),
            )
        )
    return found


def needs() -> list[Need]:
    """A dispatcher's morning."""
    return [
        Need(
            title=c.title,
            href=f"/styleguide/work/{c.number}/",
            action=say("派遣", "Dispatch") if c.tone == "waiting" else say("督办", "Press"),
            reasons=(c.place, c.category),
            due_at=c.due_at,
            urgency="late" if c.tone == "late" else "soon" if i < 3 else "plain",
        )
        for i, c in enumerate(cases()[:5])
    ]


def figures() -> list[Figure]:
    """Counts with their words."""
    return [
        Figure(say("待派遣", "to be dispatched"), "12", "/styleguide/work/"),
        Figure(say("今日到期", "due today"), "38", "/styleguide/work/"),
        Figure(say("超期", "overdue"), "3", "/styleguide/work/"),
        Figure(say("本月按期办结", "resolved in time this month"), "98.51", "/styleguide/work/", "%"),
    ]


def _source(value: str, name: str, days: int, kept: bool = False) -> dict[str, Any]:
    return {"value": value, "source": name, "as_of": timezone.now() - timedelta(days=days), "kept": kept}


def person() -> dict[str, Any]:
    """A person's fields, some masked, each with where it came from."""
    police = say("公安户籍表 · 第 1204 行", "Police household register · row 1204")
    health = say("社区卫生老年人档案", "Community health, elders")
    visit = say("网格员走访", "Grid worker's visit")
    home = say("香邑花园 11 号楼 1 门 402", "Xiangyi Huayuan 11-1-402")
    name = say("王秀兰", "Wang Xiulan")
    return {
        "name": name,
        "name_sources": [
            _source(name, police, 40, kept=True),
            _source(say("王秀蘭", "Wang Siu-lan"), health, 210),
        ],
        "phone": MaskedText("138****0231", "personal"),
        "id_no": MaskedText("1201************2X", "personal"),
        "birth": "1944-03-08",
        "birth_sources": [_source("1944-03-08", police, 40, kept=True)],
        "diagnosis": MaskedText("***", "sensitive"),
        "address": home,
        "address_sources": [
            _source(home, visit, 3, kept=True),
            _source(say("香邑花园 11-402", "Xiangyi Huayuan 11-402"), police, 40),
        ],
    }
