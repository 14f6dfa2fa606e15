"""Reading pages: what they show, and that nothing unpublished shows anywhere."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.accounts.models import Role, User
from portal.db import db, write
from portal.library import service as library
from portal.library.media import store_media
from portal.library.models import Article, Space
from tests.portal.library.conftest import picture

Put = Callable[..., Article]


def test_an_article_page(client: FlaskClient, put: Put, author: User) -> None:
    put("wbs", body="## 先看结论\n\n任务拆到两周以内。", owner=author, tags=("计划",))
    page = client.get("/faq/wbs")
    assert page.status_code == 200
    text = page.text
    assert "<h1>题目 wbs</h1>" in text and 'id="先看结论"' in text
    assert "Zhao" in text and "/tags/" in text
    assert client.get("/faq/nothing").status_code == 404
    assert client.get("/faq", follow_redirects=True).status_code == 200


def test_series_have_an_order(client: FlaskClient, put: Put) -> None:
    for number, slug in enumerate(["third", "first", "second"]):
        put(slug, kind="tutorial", series="新员工上手", series_order=[3, 1, 2][number])
    page = library.read(None, "tutorial", "second")
    assert isinstance(page, library.Reading) and page.page.series is not None
    nav = page.page.series
    assert (nav.position, nav.total) == (2, 3)
    assert nav.previous is not None and nav.previous.url == "/tutorials/first"
    assert nav.next is not None and nav.next.url == "/tutorials/third"
    listed = client.get(nav.url)
    assert listed.status_code == 200
    assert listed.text.index("题目 first") < listed.text.index("题目 third")


def test_manuals_form_a_tree(client: FlaskClient, put: Put) -> None:
    put("guide", kind="manual", position=1)
    put("guide/install", kind="manual", position=2)
    put("guide/deep/use", kind="manual", position=3)
    put("other", kind="manual", position=4)
    found = library.read(None, "manual", "guide/install")
    assert isinstance(found, library.Reading)
    page = found.page
    assert [node.title for node in page.tree] == ["题目 guide", "题目 other"]
    guide = page.tree[0]
    assert guide.open and [child.title for child in guide.children] == [
        "题目 guide/install",
        "deep",
    ]
    assert guide.children[0].current and guide.children[1].url == "/manuals/guide/deep/use"
    assert page.previous is not None and page.previous.url == "/manuals/guide"
    assert page.next is not None and page.next.url == "/manuals/guide/deep/use"
    assert client.get("/manuals/").status_code == 200


def test_related_shares_tags(client: FlaskClient, put: Put) -> None:
    put("a", tags=("计划", "评审"))
    put("b", tags=("计划", "评审"))
    put("c", tags=("计划",))
    put("d", tags=("采购",))
    found = library.read(None, "faq", "a")
    assert isinstance(found, library.Reading)
    assert [card.url for card in found.page.related] == ["/faq/b", "/faq/c"]


def test_lists_are_paged_and_narrowed(client: FlaskClient, put: Put) -> None:
    for number in range(23):
        put(f"n{number:02}", tags=("计划",) if number < 2 else ())
    first = library.kind_page(None, "faq")
    assert (first.total, first.pages, len(first.cards)) == (23, 2, 20)
    assert len(library.kind_page(None, "faq", page=2).cards) == 3
    assert library.kind_page(None, "faq", page=99).page == 2
    narrowed = library.kind_page(None, "faq", tag="计划")
    assert narrowed.total == 2 and narrowed.tags[0].current
    assert narrowed.url == "/faq/?tag=%E8%AE%A1%E5%88%92"
    for address in ("/faq/?page=2", "/faq/?tag=计划", "/faq/?page=x", "/tags/计划"):
        assert client.get(address).status_code == 200
    assert client.get("/tags/没有").status_code == 404


def test_old_addresses_redirect(client: FlaskClient, put: Put, author: User) -> None:
    article = put("old", owner=author)
    library.settle(author, article.id, slug="new", space_id=article.space_id)
    answer = client.get("/faq/old")
    assert answer.status_code == 301 and answer.headers["Location"] == "/faq/new"


def test_an_archived_article_says_so(
    client: FlaskClient, put: Put, make_user: Callable[..., User]
) -> None:
    article = put("gone", tags=("计划",))
    put("near", tags=("计划",))
    library.archive(make_user("wu", Role.PMSO), article.id)
    answer = client.get("/faq/gone")
    assert answer.status_code == 410 and "题目 near" in answer.text
    assert "题目 gone" not in answer.text


SECRET = "绝密词条"
DOORS = [
    "/",
    "/faq/",
    "/faq/open",
    "/faq/hidden",
    "/tags/计划",
    "/tags/密",
    "/series/密系列",
    "/faq/?tag=密",
    "/faq/?tag=计划",
]


@pytest.mark.parametrize("address", DOORS)
@pytest.mark.parametrize("state", ["draft", "restricted", "newer draft"])
def test_what_is_not_published_leaks_nowhere(
    client: FlaskClient,
    put: Put,
    space: Callable[..., Space],
    login_as: Callable[..., FlaskClient],
    author: User,
    address: str,
    state: str,
) -> None:
    put("open", tags=("计划",), series="新员工上手")
    hidden = library.Words(
        title=SECRET, summary=SECRET, body=SECRET, tags=("计划", "密"), series="密系列"
    )
    if state == "newer draft":
        article = put("hidden", owner=author)
        library.save_draft(author, article.id, 1, hidden)
    else:
        place = space("s") if state == "restricted" else None
        put(
            "hidden",
            published=state == "restricted",
            space=place,
            owner=author,
            title=SECRET,
            summary=SECRET,
            body=SECRET,
            tags=("计划", "密"),
            series="密系列",
        )
    for browser in (client, login_as(Role.READER), login_as(Role.AUTHOR)):
        answer = browser.get(address)
        assert SECRET not in answer.text
        # The page names the address that was asked for; nothing else may.
        text = answer.text.replace(f'value="{address}"', "")
        assert "密系列" not in text and "/tags/%E5%AF%86" not in text
        if address in ("/tags/密", "/series/密系列"):
            assert answer.status_code == 404


def test_not_allowed_and_not_there_are_the_same(
    client: FlaskClient, put: Put, space: Callable[..., Space]
) -> None:
    import re

    put("hidden", space=space("s"))
    blank = re.compile(r"nonce(-|=\")[\w-]+|csrf_token\" value=\"[^\"]*\"|hidden|absent")
    texts = [blank.sub("", client.get(f"/faq/{slug}").text) for slug in ("hidden", "absent")]
    assert texts[0] == texts[1]


def test_a_closed_portal_sends_every_visitor_to_the_login(make_app: Callable[..., Flask]) -> None:
    app = make_app(anonymous_read=False)
    with app.app_context():
        space = library.ensure_public_space()
        with write() as session:
            article = library.new_article(
                session, kind="faq", slug="there", space_id=space.id, owner_id=None
            )
            revision = library.add_revision(session, article, library.Words(title="题"), None)
            library.publish_revision(session, article, revision)
    client = app.test_client()
    for address in (
        "/",
        "/faq/",
        "/faq/there",
        "/faq/absent",
        "/tags/x",
        "/series/x",
        "/media/x/y",
    ):
        answer = client.get(address)
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/login?next=")
    assert client.post("/feedback/1", data={"solved": "1"}).status_code == 302


def test_markup_in_words_is_text(client: FlaskClient, put: Put) -> None:
    bad = "<script>alert(1)</script>"
    put("x", title=bad, summary=f'">{bad}', tags=(bad,), series=bad, body=f"{bad}\n\n正文")
    put(
        "y",
        kind="troubleshooting",
        tags=(bad,),
        fields={"code": bad, "symptom": bad, "cause": bad, "remedy": bad},
    )
    pages = ["/", "/faq/", "/faq/x", "/troubleshooting/y", "/troubleshooting/"]
    for address in pages:
        text = client.get(address).text
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert" in text or address == "/troubleshooting/"


def test_owners_open_their_drafts_at_their_address(
    client: FlaskClient, put: Put, login_as: Callable[..., FlaskClient]
) -> None:
    browser = login_as(Role.AUTHOR, "sun")
    from sqlalchemy import select

    owner = db.session.scalars(select(User).where(User.name == "sun")).one()
    put("draft", published=False, owner=owner)
    assert client.get("/faq/draft").status_code == 404
    assert "草稿" in browser.get("/faq/draft").text
    assert login_as(Role.AUTHOR, "other").get("/faq/draft").status_code == 404
    assert login_as(Role.REVIEWER, "third").get("/faq/draft").status_code == 200


def test_media_follow_their_articles(
    app: Flask,
    client: FlaskClient,
    put: Put,
    space: Callable[..., Space],
    login_as: Callable[..., FlaskClient],
    author: User,
) -> None:
    open_, hidden, draft, unused = (
        store_media(picture(colour=(n, n, n)), f"图 {n}.png", author) for n in range(4)
    )
    urls = [library.media_url(medium) for medium in (open_, hidden, draft, unused)]
    put("open", body=f"![图]({urls[0]})")
    put("hidden", body=f"![图]({urls[1]})", space=space("s"))
    put("draft", body=f"![图]({urls[2]})", published=False, owner=author)
    seen = [client.get(url, buffered=True).status_code for url in urls]
    assert seen == [200, 404, 404, 404]
    reader, other = login_as(Role.READER), login_as(Role.AUTHOR, "other")
    assert [reader.get(url, buffered=True).status_code for url in urls] == [200, 404, 404, 404]
    assert [other.get(url, buffered=True).status_code for url in urls] == [200, 404, 404, 200]
    admin = login_as(Role.ADMIN)
    assert [admin.get(url, buffered=True).status_code for url in urls] == [200, 200, 200, 200]


def test_pictures_have_their_size_and_stay_in_the_browser(
    client: FlaskClient, put: Put, author: User
) -> None:
    medium = store_media(picture(31, 17), "a.png", author)
    url = library.media_url(medium)
    put("x", body=f'![甲]({url} "图注")')
    text = client.get("/faq/x").text
    assert 'width="31"' in text and 'height="17"' in text and "<figcaption>图注" in text
    answer = client.get(url, buffered=True)
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.mimetype == "image/png"
    again = client.get(url, buffered=True, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    part = client.get(url, buffered=True, headers={"Range": "bytes=0-7"})
    assert part.status_code == 206 and part.data == b"\x89PNG\r\n\x1a\n"
    for wrong in ("/media/zz/a.png", f"/media/{'0' * 16}/a.png", "/media/%00/a"):
        assert client.get(wrong).status_code == 404


def test_drawings_cannot_run(client: FlaskClient, put: Put, author: User) -> None:
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"><path d="M0 0h4"/></svg>'
    url = library.media_url(store_media(svg, "plan.svg", author))
    put("x", body=f"![图]({url})")
    answer = client.get(url, buffered=True)
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")


def test_media_are_stored_once(app: Flask, author: User) -> None:
    first = store_media(picture(), "a.png", author)
    second = store_media(picture(), "b.png", None)
    assert first.id == second.id and library.media_path(first).is_file()
    kept = [path for path in library.media_path(first).parent.rglob("*") if path.is_file()]
    assert kept == [library.media_path(first)]


def test_readings_are_counted_for_people(app: Flask, client: FlaskClient, put: Put) -> None:
    put("x")
    put("y")
    people = {"User-Agent": "Mozilla/5.0 (X11; Linux) Firefox/130.0"}
    for _ in range(3):
        client.get("/faq/x", headers=people)
    client.get("/faq/y", headers={"User-Agent": "Googlebot/2.1"})
    client.get("/faq/y", headers={"User-Agent": ""})
    client.head("/faq/y", headers=people)
    app.extensions["library"].readings.flush()
    app.extensions["library"].readings.flush()
    db.session.rollback()
    most = library.most_read(None)
    assert [(card.url, card.views) for card in most] == [("/faq/x", 3)]
    client.get("/faq/x", headers=people)
    app.extensions["library"].readings.flush()
    db.session.rollback()
    assert library.most_read(None)[0].views == 4


def test_fields_of_a_plugins_kind_stand_above_the_text(client: FlaskClient, put: Put) -> None:
    put("pay", kind="announcement", fields={"audience": "全体 <员工>", "effective": ""})
    page = client.get("/announcements/pay").get_data(as_text=True)
    assert "<dt>适用范围</dt><dd>全体 &lt;员工&gt;</dd>" in page and "生效日期" not in page
