"""「解决了 / 没解决」: one voice per visitor and article, the latest counts."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, select

from kb.problems import N_
from portal.accounts.models import Role, User
from portal.counters import insert_into
from portal.db import db, utcnow, write
from portal.library.models import Article, Feedback
from portal.library.service import article_url, is_published, visible_to
from portal.notifications import service as notifications

REASONS = {
    "mismatch": N_("不是我的问题"),
    "unclear": N_("看不明白"),
    "incomplete": N_("缺步骤"),
    "wrong": N_("照做不行"),
    "outdated": N_("过时了"),
}
TEXT = 1000


@dataclass(frozen=True)
class Said:
    """What is recorded, and the counts with it."""

    article_id: int
    solved: bool
    solved_count: int
    unsolved_count: int


def readable_article(user: User | None, article_id: int) -> Article | None:
    """The article, if it is published and `user` may read it."""
    return db.session.scalar(
        select(Article).where(Article.id == article_id, visible_to(user), is_published())
    )


def say(
    user: User | None,
    article_id: int,
    visitor: str,
    *,
    solved: bool,
    reason: str = "",
    text: str = "",
) -> Said | None:
    """Record what a visitor says of an article; None when there is no such article for him.

    A later word of the same visitor replaces the earlier; a reason given after a click keeps the
    click. Reasons that are not on the list are dropped, texts cut to 1,000 characters.
    """
    article = readable_article(user, article_id)
    if article is None:
        return None
    values = {
        "article_id": article.id,
        "revision_id": article.published_revision_id,
        "user_id": user.id if user else None,
        "visitor": visitor[:64],
        "solved": solved,
        "reason": reason if reason in REASONS and not solved else "",
        "text": text.replace("\0", "").strip()[:TEXT],
        "created_at": utcnow(),
    }
    with write() as session:
        statement = insert_into(session, Feedback).values(values)
        session.execute(
            statement.on_conflict_do_update(
                index_elements=[Feedback.article_id, Feedback.visitor],
                set_={name: statement.excluded[name] for name in values},
            )
        )
        if values["text"] and not solved:
            _tell_owner(article, user, values)
    solved_count, unsolved_count = counts(article_id)
    return Said(article_id, solved, solved_count, unsolved_count)


def _tell_owner(article: Article, speaker: User | None, said: Mapping[str, Any]) -> None:
    """What a reader wrote goes to whoever looks after the article, the same words only once."""
    owner = article.owner
    if owner is None or (speaker is not None and speaker.id == owner.id):
        return
    words = "|".join((str(article.id), said["visitor"], said["text"]))
    label = REASONS.get(said["reason"], "")
    notifications.notify(
        owner,
        f"《{article.title}》有读者没解决问题",
        f"{label}：{said['text']}" if label else said["text"],
        article_url(article.kind, article.slug),
        source="feedback",
        key=f"feedback:{hashlib.sha256(words.encode()).hexdigest()}",
    )


@dataclass(frozen=True)
class Voice:
    """What one reader said of an article that did not help him."""

    title: str
    url: str
    edit_url: str
    reason: str
    text: str
    at: datetime


def for_author(user: User, limit: int = 200) -> list[Voice]:
    """The 「没解决」 of the articles `user` looks after, newest first.

    Authors see their own articles, reviewers and above every article they may open.
    """
    query = (
        select(Feedback, Article)
        .join(Article, Feedback.article_id == Article.id)
        .where(visible_to(user), ~Feedback.solved)
        .order_by(Feedback.created_at.desc(), Feedback.id.desc())
        .limit(limit)
    )
    if not user.role.at_least(Role.REVIEWER):
        query = query.where(Article.owner_id == user.id)
    return [
        Voice(
            title=article.title,
            url=article_url(article.kind, article.slug),
            edit_url=f"/editor/{article.id}",
            reason=REASONS.get(said.reason, ""),
            text=said.text,
            at=said.created_at,
        )
        for said, article in db.session.execute(query)
    ]


def counts(article_id: int) -> tuple[int, int]:
    """How many said 解决了, and how many 没解决."""
    solved = func.sum(case((Feedback.solved, 1), else_=0))
    query = select(solved, func.count()).where(Feedback.article_id == article_id)
    yes, everyone = db.session.execute(query).one()
    return int(yes or 0), int(everyone) - int(yes or 0)
