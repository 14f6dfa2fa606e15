"""Saving, publishing, restoring: nothing is overwritten, nothing half done."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select

from kb.problems import ProblemError
from portal.accounts.models import Role, User
from portal.db import db
from portal.library import editing, revisions
from portal.library import service as library
from portal.library.models import Article, ContentChange, OldSlug, Revision, RevisionState
from portal.library.words import BODY_BYTES, Invalid, Words, parse_figures


def create(user: User, title: str = "任务怎么拆", **words: object) -> Revision:
    return editing.create(
        user,
        kind=str(words.pop("kind", "faq")),
        slug=str(words.pop("slug", "")),
        space_id=library.ensure_public_space().id,
        words=Words(title=title, **words),  # type: ignore[arg-type]
    )


def test_a_new_article_is_a_draft_of_its_author(author: User) -> None:
    revision = create(author, body="先写结论。", tags=("计划", "计划", " "))
    article = library.article_by_id(revision.article_id)
    assert (article.slug, article.owner_id, article.head_number) == ("任务怎么拆", author.id, 1)
    assert revision.state is RevisionState.DRAFT and article.published_at is None
    assert [tag.name for tag in article.tags] == ["计划"]


def test_readers_cannot_write(app: Flask, make_user: Callable[..., User]) -> None:
    with pytest.raises(library.Missing):
        create(make_user("li", Role.READER))


def test_a_draft_leaves_the_published_words_up(author: User) -> None:
    first = create(author, body="旧")
    library.publish(author, first.article_id, 1)
    library.save_draft(author, first.article_id, 1, Words(title="新题", body="新", tags=("新",)))
    article = library.article_by_id(first.article_id)
    assert article.title == "任务怎么拆" and not article.tags
    assert article.published is not None and article.published.body == "旧"
    library.publish(author, first.article_id, 2)
    states = [r.state for r in library.history(first.article_id)]
    assert states == [RevisionState.PUBLISHED, RevisionState.SUPERSEDED]
    assert library.article_by_id(first.article_id).title == "新题"


def test_saving_the_same_words_again_adds_nothing(author: User) -> None:
    first = create(author, body="一")
    again = library.save_draft(
        author, first.article_id, 0, Words(title="任务怎么拆", body="一", note="没改")
    )
    assert again.number == 1


def test_two_editors(author: User, reviewer: User) -> None:
    first = create(author, body="甲\n乙\n丙")
    library.save_draft(reviewer, first.article_id, 1, Words(title="任务怎么拆", body="甲\n乙\n丁"))
    mine = Words(title="任务如何拆", body="子\n乙\n丙")
    with pytest.raises(library.Conflict) as raised:
        library.save_draft(author, first.article_id, 1, mine)
    assert raised.value.problem.code == "JS-5001"
    assert "Qian" in raised.value.problem.text()
    clash = editing.clash(first.article_id, 1, mine)
    assert clash.merged.body == "子\n乙\n丁" and clash.merged.title == "任务如何拆"
    assert not clash.contradictions
    saved = library.save_draft(author, first.article_id, clash.newer, clash.merged)
    assert saved.number == 3
    assert revisions.revision_numbered(first.article_id, 2).body == "甲\n乙\n丁"


def test_what_is_published_is_what_was_read(author: User, reviewer: User) -> None:
    first = create(author, body="一")
    library.save_draft(reviewer, first.article_id, 1, Words(title="t", body="二"))
    with pytest.raises(library.Conflict):
        library.publish(author, first.article_id, 1)
    assert library.article_by_id(first.article_id).published_revision_id is None


def test_restore_is_a_new_draft(author: User) -> None:
    first = create(author, body="一")
    library.save_draft(author, first.article_id, 1, Words(title="t", body="二"))
    restored = library.restore(author, first.article_id, 1)
    assert (restored.number, restored.body, restored.title) == (3, "一", "任务怎么拆")


def test_publishing_queues_and_raises_the_generation(app: Flask, author: User) -> None:
    generation = app.extensions["library"].generation
    first = create(author)
    before = generation.current()
    library.publish(author, first.article_id, 1)
    assert generation.current() > before
    assert db.session.scalar(select(func.count()).select_from(ContentChange)) == 1


def test_a_draft_is_no_news(app: Flask, author: User) -> None:
    before = app.extensions["library"].generation.current()
    create(author)
    assert app.extensions["library"].generation.current() == before
    assert not db.session.scalar(select(func.count()).select_from(ContentChange))


def test_taken_slugs(author: User) -> None:
    create(author, slug="plan")
    with pytest.raises(ProblemError) as raised:
        create(author, slug="plan")
    assert raised.value.problem.code == "JS-2006"
    assert db.session.scalar(select(func.count()).select_from(Article)) == 1
    assert create(author, slug="plan", kind="tutorial").article.slug == "plan"
    # Made from the title, a free one is found.
    assert create(author).article.slug == "任务怎么拆"
    assert create(author).article.slug == "任务怎么拆-2"


@pytest.mark.parametrize("slug", ["a b", "../x", "/a", "a//b", "A", "a?b", "x" * 300, "."])
def test_unusable_slugs(author: User, slug: str) -> None:
    with pytest.raises(Invalid) as raised:
        create(author, slug=slug)
    assert set(raised.value.problems) == {"slug"}


def test_a_moved_article_keeps_its_old_address(author: User, reviewer: User) -> None:
    first = create(author, slug="old")
    library.publish(author, first.article_id, 1)
    space = library.ensure_public_space().id
    library.settle(author, first.article_id, slug="new", space_id=space)
    with pytest.raises(ProblemError):
        create(reviewer, slug="old")
    moved = library.read(None, "faq", "old")
    assert isinstance(moved, library.Moved) and moved.url == "/faq/new"
    library.settle(author, first.article_id, slug="old", space_id=space)
    assert [old.slug for old in db.session.scalars(select(OldSlug))] == ["new"]
    assert isinstance(library.read(None, "faq", "old"), library.Reading)


def test_a_refused_address_saves_no_words(author: User) -> None:
    create(author, slug="taken")
    mine = create(author, slug="mine", body="一")
    with pytest.raises(ProblemError):
        editing.save(
            author,
            mine.article_id,
            1,
            slug="taken",
            space_id=library.ensure_public_space().id,
            words=Words(title="t", body="二"),
        )
    assert library.article_by_id(mine.article_id).head_number == 1


def test_limits_are_named(author: User) -> None:
    with pytest.raises(Invalid) as raised:
        create(author, "题" * 201, slug="x", tags=("长" * 41,), series_order=-1)
    assert set(raised.value.problems) == {"title", "tags", "series_order"}
    assert "标题有 201 个字" in raised.value.problems["title"].text()
    with pytest.raises(ProblemError) as too_long:
        create(author, slug="x", body="字" * (BODY_BYTES // 3 + 1))
    assert too_long.value.problem.code == "JS-2003"
    with pytest.raises(Invalid):
        create(author, "  ")


def test_figures_are_checked_by_line(author: User) -> None:
    figures = parse_figures("周期 | 31 | 11 | 天 | lower\n\n产出｜3.5｜四")
    assert figures[0] == {
        "name": "周期",
        "before": 31,
        "after": 11,
        "unit": "天",
        "better": "lower",
    }
    with pytest.raises(Invalid) as raised:
        create(author, kind="case", fields={"figures": figures})
    assert "第 2 行" in raised.value.problems["figures"].text()
    saved = create(author, kind="case", fields={"figures": figures[:1], "nonsense": "x"})
    assert set(saved.fields) == {"figures"}


def test_unpublish_and_archive(author: User, make_user: Callable[..., User]) -> None:
    pmso = make_user("wu", Role.PMSO)
    first = create(author, slug="a")
    library.publish(author, first.article_id, 1)
    with pytest.raises(library.Missing):
        library.unpublish(author, first.article_id)
    library.archive(pmso, first.article_id)
    assert isinstance(library.read(None, "faq", "a"), library.Gone)
    library.archive(pmso, first.article_id, archived=False)
    assert isinstance(library.read(None, "faq", "a"), library.Reading)
    library.unpublish(pmso, first.article_id)
    assert library.read(None, "faq", "a") is None
    seen = library.read(author, "faq", "a")
    assert isinstance(seen, library.Reading) and seen.page.draft


def test_many_interleaved_editors_lose_nothing(author: User, reviewer: User) -> None:
    import random

    random.seed(7)
    first = create(author, body="0")
    known = {author.id: 1, reviewer.id: 1}
    saved, refused = ["0"], 0
    for step in range(60):
        user = random.choice([author, reviewer])
        body = f"{user.name} {step}"
        try:
            revision = library.save_draft(
                user, first.article_id, known[user.id], Words(title="t", body=body)
            )
        except library.Conflict as conflict:
            refused += 1
            known[user.id] = conflict.newer
        else:
            saved.append(body)
            known[user.id] = revision.number
    kept = [revisions.revision_numbered(first.article_id, n).body for n in range(1, len(saved) + 1)]
    assert kept == saved and refused > 5
