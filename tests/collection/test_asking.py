"""The register is asked before anybody is: held, derivable, missing; refused questions; reasons for asking again."""

from __future__ import annotations

import pytest

from tests.collection.register import BASIS, COMMUNITY
from wangge.collection import actions, queries
from wangge.collection.models import Justification
from wangge.collection.states import FormState, Standing
from wangge.collection.types import NewQuestion, People
from wangge.kernel.problems import BadInput, Conflict, Refused

pytestmark = pytest.mark.django_db


def test_each_question_is_answered_for_every_person(register, steward, questions) -> None:
    register(doors=12, people=300)
    drafted = actions.draft_form(steward, title="高龄津贴核发", area=COMMUNITY, questions=questions)
    form = actions.check_form(steward, form=drafted.form_id)
    assert (form.people, form.state) == (300, FormState.CHECKED)
    by_code = {q.code: q for q in form.questions}
    assert all(q.held + q.derivable + q.missing == 300 for q in form.questions)
    assert (by_code["name"].held, by_code["name"].standing) == (300, Standing.HELD)
    phone = by_code["phone"]
    assert (phone.held, phone.missing, phone.newest) == (200, 100, "2026-10-01")
    assert [(h.source, h.people) for h in phone.holders] == [("grid_office", 200)]
    assert phone.sure == pytest.approx(0.9)
    age = next(q for q in form.questions if q.field == "age")
    assert (age.held, age.standing, age.missing) == (0, Standing.DERIVABLE, 0)
    own = next(q for q in form.questions if not q.field)
    assert (own.missing, own.standing, own.kind) == (300, Standing.MISSING, "one")
    assert form.target_cells == 1500
    assert form.asked_cells == sum(q.missing for q in form.questions) < form.target_cells
    assert form.saved_cells == form.target_cells - form.asked_cells


def test_the_target_is_an_age_and_those_of_unknown_age_are_told(register, steward, questions) -> None:
    register(doors=12, people=300)
    form = actions.draft_form(
        steward, title="高龄津贴核发", area=COMMUNITY, people=People(age_from=60), questions=questions
    )
    form = actions.check_form(steward, form=form.form_id)
    assert 0 < form.people < 300 and form.unknown_age == 6
    with pytest.raises(BadInput, match="ages_unclear"):
        actions.draft_form(steward, title="高龄", area=COMMUNITY, people=People(80, 60))


@pytest.mark.parametrize(
    ("question", "code"),
    [
        (NewQuestion("联系电话", "", BASIS), "purpose_missing"),
        (NewQuestion("联系电话", "联系服务对象", "无"), "basis_missing"),
        (NewQuestion("民族", "统计少数民族人口", BASIS), "forbidden"),
        (NewQuestion("您的宗教信仰是什么？", "了解情况备查", BASIS), "forbidden"),
        (NewQuestion("What is your religion?", "statistics", BASIS), "forbidden"),
        (NewQuestion("政治面貌", "掌握基本情况", BASIS), "forbidden"),
        (NewQuestion("人脸照片", "核对身份信息", BASIS), "forbidden"),
        (
            NewQuestion(
                "您属于哪一类",
                "掌握基本情况",
                BASIS,
                choices=(("a", "中共党员", ""), ("b", "共青团员", ""), ("c", "群众", "")),
            ),
            "forbidden",
        ),
        (NewQuestion("门口照片", "核对房屋情况", BASIS, medium="recording"), "medium_refused"),
        (NewQuestion("记录编号", "核对房屋情况", BASIS, field="record_id"), "not_for_people"),
    ],
)
def test_what_may_not_be_asked_is_refused_at_the_question(steward, question, code) -> None:
    form = actions.draft_form(steward, title="走访登记", area=COMMUNITY, questions=(question,))
    (refused,) = form.questions
    assert (refused.refused, refused.standing) == (code, Standing.REFUSED)
    assert refused.refused_zh and refused.refused_en.isascii()
    with pytest.raises(Conflict, match="form_without_questions"):
        actions.check_form(steward, form=form.form_id)


def test_a_question_may_be_given_its_basis_but_a_forbidden_one_stays_refused(steward) -> None:
    form = actions.draft_form(
        steward,
        title="走访登记",
        area=COMMUNITY,
        questions=(NewQuestion("联系电话", "", ""), NewQuestion("民族", "统计", BASIS)),
    )
    phone, forbidden = form.questions
    form = actions.found_question(
        steward, form=form.form_id, code=phone.code, purpose="联系服务对象", basis=BASIS
    )
    assert form.questions[0].refused == ""
    form = actions.found_question(
        steward, form=form.form_id, code=forbidden.code, purpose="联系服务对象", basis=BASIS
    )
    assert form.questions[1].refused == "forbidden"


def test_one_field_is_not_asked_twice_in_a_form(steward) -> None:
    about = {"purpose": "联系服务对象", "basis": BASIS}
    form = actions.draft_form(
        steward, title="走访登记", area=COMMUNITY,
        questions=(NewQuestion("联系电话", **about), NewQuestion("您的手机号码是多少？", **about)),
    )  # fmt: skip
    assert [q.refused for q in form.questions] == ["", "asked_twice"]


def test_asking_again_needs_a_reason_that_is_kept(register, steward, questions) -> None:
    register(doors=12, people=300)
    form = actions.draft_form(steward, title="高龄津贴核发", area=COMMUNITY, questions=questions)
    with pytest.raises(Conflict, match="form_not_checked"):
        actions.justify(steward, form=form.form_id, code="phone", reason="电话多已停用，须重新核对")
    before = actions.check_form(steward, form=form.form_id)
    with pytest.raises(BadInput, match="reason_too_short"):
        actions.justify(steward, form=form.form_id, code="phone", reason="要核对")
    own = next(q for q in before.questions if not q.field)
    with pytest.raises(Conflict, match="nothing_held"):
        actions.justify(steward, form=form.form_id, code=own.code, reason="此项底册没有，必须逐户询问")
    again = actions.justify(
        steward, form=form.form_id, code="phone", reason="三分之一的电话已停用，须逐户核对一次"
    )
    assert again.asked_cells - before.asked_cells == 200
    phone = next(q for q in again.questions if q.code == "phone")
    assert phone.again and phone.asked == 300 and phone.reason is not None
    assert (phone.reason.held, phone.reason.given_by) == (200, steward.actor)
    after = actions.drop_reason(steward, form=form.form_id, code="phone")
    assert after.asked_cells == before.asked_cells
    assert [r.again for r in after.reasons] == [True, False], "a reason once given stays on record"
    with pytest.raises(Exception, match=r"append-only|permission denied"):
        Justification.objects.filter(form_id=form.form_id).delete()


def test_a_form_belongs_to_its_department(register, steward, questions, access_for) -> None:
    form = actions.draft_form(steward, title="高龄津贴核发", area=COMMUNITY, questions=questions)
    other = access_for("data_steward", "registry_maintenance", organisation="health")
    assert queries.form(other, form_id=form.form_id).title == "高龄津贴核发", "who asks what is open"
    with pytest.raises(Refused, match="not_your_form"):
        actions.check_form(other, form=form.form_id)
    with pytest.raises(Refused, match="area_out_of_scope"):
        actions.draft_form(steward, title="高龄津贴核发", area="330110", questions=questions)
    nobody = access_for("data_steward", "registry_maintenance")
    with pytest.raises(Refused, match="form_without_organisation"):
        actions.draft_form(nobody, title="高龄津贴核发", area=COMMUNITY)


def test_forms_are_listed_page_by_page(steward, questions) -> None:
    made = [
        actions.draft_form(steward, title=f"采集表 {n}", area=COMMUNITY, questions=questions).form_id
        for n in range(3)
    ]
    first = queries.forms(steward, size=2)
    second = queries.forms(steward, size=2, after=first.next)
    assert [f.form_id for f in (*first.rows, *second.rows)] == made[::-1]
    assert first.rows[0].questions == 5 and second.next is None
