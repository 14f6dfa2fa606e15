"""Error pages: what happened, and what to do next. Not found and not allowed look the same."""

from __future__ import annotations

import logging
import secrets

from flask import Flask, Response, current_app, jsonify, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, OperationalError
from werkzeug.exceptions import Forbidden, HTTPException, NotFound, RequestEntityTooLarge

from kb.problems import N_, Problem, ProblemError
from portal.i18n import problem_remedy, problem_text

log = logging.getLogger(__name__)

EXPIRED = Problem(
    "JS-3003",
    N_("这个页面开得太久，已经过期"),
    N_("用「返回」回到上一页，复制你写的内容，刷新后再提交一次"),
)
DATABASE = Problem(
    "JS-1002",
    N_("数据库暂时用不了"),
    N_("过一会儿再试；管理员请运行 portal doctor 看原因"),
)
SCHEMA = Problem(
    "JS-1003",
    N_("数据库里缺表或结构过旧"),
    N_("管理员请运行 portal db upgrade，再刷新本页"),
)


def too_large() -> Problem:
    """JS-2003 for a request beyond the limit."""
    return Problem(
        "JS-2003",
        N_("一次最多传 %(limit)s MB"),
        N_("图片先缩小；更大的视频请管理员用 portal import 连同文章一起导入"),
        params={"limit": current_app.config["MAX_CONTENT_LENGTH"] // 1024 // 1024},
    )


def wants_json() -> bool:
    """True for the API and for scripts that ask for JSON."""
    return request.path.startswith("/api/")


def answer(status: int, title: str, problem: Problem | None = None, ident: str = "") -> Response:
    """An error answer as JSON or as a page."""
    if wants_json():
        body: dict[str, object] = {"error": {"status": status, "title": title}}
        if problem:
            body["error"] = {
                "status": status,
                "title": title,
                "code": problem.code,
                "message": problem_text(problem),
                "remedy": problem_remedy(problem),
            }
        response = make_response(jsonify(body), status)
    else:
        page = render_template(
            "errors/error.html", status=status, title=title, problem=problem, ident=ident
        )
        response = make_response(page, status)
    response.headers["Cache-Control"] = "no-store"
    return response


def install(app: Flask) -> None:
    """Register the handlers."""

    @app.errorhandler(CSRFError)
    def _expired(_error: CSRFError) -> Response:
        return answer(400, N_("页面已过期"), EXPIRED)

    @app.errorhandler(ProblemError)
    def _problem(error: ProblemError) -> Response:
        return answer(400, N_("没有办成"), error.problem)

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> Response:
        if error.response is not None and (error.code or 500) < 400:
            return make_response(error.response)
        if isinstance(error, NotFound | Forbidden):
            # The same words and status: a visitor cannot tell "not allowed" from "not there".
            return answer(404, N_("没有这一页"))
        if isinstance(error, RequestEntityTooLarge):
            return answer(413, TITLES[413], too_large())
        return answer(error.code or 500, TITLES.get(error.code or 500, N_("出错了")))

    @app.errorhandler(OperationalError)
    @app.errorhandler(DBAPIError)
    def _database(error: DBAPIError) -> Response:
        log.error("database: %s", error)
        text = str(error.orig).lower()
        missing = "no such table" in text or "does not exist" in text or "no such column" in text
        return answer(503, N_("数据库用不了"), SCHEMA if missing else DATABASE)

    @app.errorhandler(Exception)
    def _crash(error: Exception) -> Response:
        ident = secrets.token_hex(4)
        log.exception("unexpected error %s at %s", ident, request.path, exc_info=error)
        return answer(500, N_("出错了"), ident=ident)


TITLES = {
    400: N_("这个请求看不懂"),
    405: N_("这里不能这样做"),
    409: N_("和别人的修改冲突了"),
    413: N_("内容太大"),
    429: N_("太频繁了"),
}
