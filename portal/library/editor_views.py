"""Pages for authors: the editor, an article's history, the desk."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask import abort, flash, jsonify, redirect, render_template, request
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response

from kb.document import Rendered
from kb.problems import Problem, ProblemError
from portal.accounts.guard import require
from portal.accounts.identity import asking
from portal.accounts.models import Role, User
from portal.contributions import ContentKind
from portal.i18n import problem_remedy, problem_text, translate
from portal.library import editing, revisions
from portal.library import service as library
from portal.library.blueprint import bp
from portal.library.forms import EditorForm
from portal.library.media import as_markdown, store_media
from portal.library.models import Article
from portal.library.visibility import may_manage
from portal.library.words import Invalid

author = require(Role.AUTHOR)


def _author() -> User:
    user = asking()
    assert user is not None  # @author has seen to it
    return user


@dataclass
class Editor:
    """What the editor's template shows."""

    form: EditorForm
    kind: ContentKind
    article: Article | None = None
    errors: dict[str, str] = field(default_factory=dict)
    problem: Problem | None = None
    preview: Rendered | None = None
    clash: editing.Clash | None = None

    def page(self, status: int = 200) -> Response:
        """The editor, filled in."""
        user = _author()
        template = "library/conflict.html" if self.clash else "library/editor.html"
        text = render_template(
            template,
            form=self.form,
            kind=self.kind,
            article=self.article,
            url=library.article_url(self.kind.name, self.article.slug) if self.article else "",
            errors=self.errors,
            problem=self.problem,
            preview=self.preview,
            preview_html=_markup(self.preview),
            clash=self.clash,
            spaces=library.writable_spaces(user),
            series=[one.title for one in library.all_series(user)],
            may_manage=self.article is not None and may_manage(user, self.article),
        )
        return Response(text, status, mimetype="text/html")

    def refused(self, error: ProblemError) -> Response:
        """The editor with what went wrong, everything typed still in it."""
        problem = error.problem
        if problem.code == "JS-2006":
            self.errors["slug"] = _sentence(problem)
            return self.page(422)
        self.problem = problem
        return self.page(413 if problem.code == "JS-2003" else 422)


def _markup(rendered: Rendered | None) -> Markup:
    return Markup(rendered.html) if rendered else Markup()  # noqa: S704 - sanitised by the renderer


def _sentence(problem: Problem) -> str:
    values = {k: translate(v) if k == "field" else v for k, v in problem.params.items()}
    text = translate(problem.message, **values)
    return f"{text}。{problem_remedy(problem)}" if problem.remedy else text


@bp.get("/editor/new")
@author
def new_article() -> Response:
    """An empty editor for a kind."""
    kind = _kind(request.args.get("kind", "faq"))
    return Editor(EditorForm(title=request.args.get("title", "")[:200]), kind).page()


@bp.post("/editor/new")
@author
def create_article() -> Response:
    """Preview, or save the first draft."""
    kind = _kind(request.form.get("kind", ""))
    editor = Editor(EditorForm.typed(request.form, kind), kind)
    shown = _aside(editor)
    if shown:
        return shown
    form = editor.form
    try:
        revision = editing.create(
            _author(),
            kind=kind.name,
            slug=form.slug,
            space_id=form.space_id or _first_space(),
            words=form.words(kind),
        )
    except Invalid as error:
        editor.errors = {name: _sentence(problem) for name, problem in error.problems.items()}
        return editor.page(422)
    except ProblemError as error:
        return editor.refused(error)
    return _saved(revision.article_id, revision.number, kind)


@bp.get("/editor/<int:article_id>")
@author
def edit_article(article_id: int) -> Response:
    """The editor with the newest words."""
    article = library.editable(asking(), article_id)
    kind = library.kind_named(article.kind)
    newest = revisions.revision_numbered(article_id, article.head_number)
    form = EditorForm.of(revisions.words_of(newest), kind, article, newest.number)
    return Editor(form, kind, article).page()


@bp.post("/editor/<int:article_id>")
@author
def save_article(article_id: int) -> Response:
    """Preview, save a draft, or save and publish."""
    article = library.editable(asking(), article_id)
    kind = library.kind_named(article.kind)
    editor = Editor(EditorForm.typed(request.form, kind), kind, article)
    shown = _aside(editor)
    if shown:
        return shown
    form = editor.form
    words = form.words(kind)
    try:
        revision = editing.save(
            _author(),
            article_id,
            form.base_number,
            slug=form.slug or article.slug,
            space_id=form.space_id or article.space_id,
            words=words,
        )
    except Invalid as error:
        editor.errors = {name: _sentence(problem) for name, problem in error.problems.items()}
        return editor.page(422)
    except library.Conflict as error:
        return _conflict(editor, error)
    except ProblemError as error:
        return editor.refused(error)
    return _saved(article_id, revision.number, kind)


def _conflict(editor: Editor, error: library.Conflict) -> Response:
    """Both texts, and the editor holding one made of both, based on the newer revision."""
    typed = editor.form
    editor.clash = editing.clash(error.article_id, typed.base_number, typed.words(editor.kind))
    editor.problem = error.problem
    article = library.article_by_id(error.article_id)
    merged = EditorForm.of(editor.clash.merged, editor.kind, article, editor.clash.newer)
    merged.note, merged.slug, merged.space = typed.note, typed.slug, typed.space
    editor.form, editor.article = merged, article
    return editor.page(409)


def _aside(editor: Editor) -> Response | None:
    """The buttons that save nothing: preview, and a picture without JavaScript."""
    action = request.form.get("action", "save")
    if action == "upload":
        file = request.files.get("file")
        if file is None or not file.filename:
            editor.errors["file"] = _("请先选一个文件")
            return editor.page(422)
        try:
            medium = store_media(file.read(), file.filename, _author())
        except ProblemError as error:
            editor.errors["file"] = _sentence(error.problem)
            return editor.page(422)
        editor.form.body = f"{editor.form.body.rstrip()}\n\n{as_markdown(medium)}\n".lstrip("\n")
        return editor.page()
    if action == "preview":
        try:
            editor.preview = editing.preview(editor.form.body)
        except ProblemError as error:
            return editor.refused(error)
        return editor.page()
    return None


def _saved(article_id: int, number: int, kind: ContentKind) -> Response:
    if request.form.get("action") != "publish":
        flash(_("草稿已保存，是第 %(number)s 版", number=number), "good")
        return redirect(f"/editor/{article_id}", 303)
    try:
        article = library.publish(_author(), article_id, number)
    except ProblemError as error:
        # The words are saved; only publishing has to wait.
        flash(_("草稿已保存，但没有发布：") + _sentence(error.problem), "bad")
        return redirect(f"/editor/{article_id}", 303)
    flash(_("已发布，读者现在就能看到"), "good")
    return redirect(library.article_url(kind.name, article.slug), 303)


def _kind(name: str) -> ContentKind:
    found = library.kinds().get(name)
    if found is None:
        abort(404)
    return found


def _first_space() -> int:
    spaces = library.writable_spaces(_author())
    return spaces[0].id if spaces else 0


@bp.post("/editor/preview")
@author
def preview() -> Response:
    """The rendered body alone, for the live preview."""
    try:
        rendered = editing.preview(request.form.get("body", ""))
    except ProblemError as error:
        text = render_template("library/preview.html", problem=error.problem, html=Markup())
        return Response(text, 413, mimetype="text/html")
    text = render_template("library/preview.html", problem=None, html=_markup(rendered))
    return Response(text, mimetype="text/html")


@bp.post("/editor/media")
@author
def upload() -> Response:
    """Store a picture or file; answers with the Markdown that shows it."""
    file = request.files.get("file")
    if file is None or not file.filename:
        return _json_problem(Problem("JS-2005", _("没有收到文件"), _("请先选一个文件")))
    try:
        medium = store_media(file.read(), file.filename, _author())
    except ProblemError as error:
        return _json_problem(error.problem)
    return jsonify(markdown=as_markdown(medium), url=library.media_url(medium))


def _json_problem(problem: Problem) -> Response:
    response = jsonify(
        error={
            "code": problem.code,
            "message": problem_text(problem),
            "remedy": problem_remedy(problem),
        }
    )
    response.status_code = 400
    return response


@bp.post("/editor/<int:article_id>/unpublish")
@author
def unpublish(article_id: int) -> Response:
    """Take the article back from its readers."""
    library.unpublish(_author(), article_id)
    flash(_("已撤回，读者看不到了；文字还在草稿里"), "info")
    return redirect(f"/editor/{article_id}", 303)


@bp.post("/editor/<int:article_id>/archive")
@author
def archive(article_id: int) -> Response:
    """Put the article away, or bring it back."""
    away = request.form.get("archived", "1") == "1"
    library.archive(_author(), article_id, away)
    flash(_("已归档，不再出现在任何列表里") if away else _("已从归档里取出"), "info")
    return redirect(f"/editor/{article_id}", 303)


@bp.get("/desk")
@author
def show_desk() -> str:
    """My drafts, my articles, and what waits for me."""
    user = _author()
    return render_template("library/desk.html", desk=library.desk(user), user=user)
