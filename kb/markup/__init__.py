"""Markdown in, safe HTML out: `Renderer(extensions).render(text)` gives a `kb.document.Rendered`.

The HTML vocabulary
===================
Style sheets and scripts work from this list; the renderer makes nothing else, and sanitising (the
last step) lets nothing else through. There is no ``style`` attribute anywhere. ``[x]`` = optional.

Headings — never ``h1``: the page template has the only one. Levels are the depth in the outline,
so the first is ``h2`` and no level is skipped. The text of the heading comes first::

    <h2 id="任务拆解">任务拆解<a class="heading-anchor" href="#任务拆解"
        aria-label="复制“任务拆解”的链接">#</a></h2>

Callouts — ``!!! tip "标题"``, ``> [!TIP]``, ``:::tip`` and collapsible ``??? tip`` (``???+`` is
open)::

    <div class="callout callout-tip" role="note"><p class="callout-title">提示</p>…</div>
    <details class="callout callout-tip" [open]>
        <summary class="callout-title">提示</summary>…</details>

  Types (other names become one of these): ``note`` 说明, ``info`` 信息, ``tip`` 提示,
  ``important`` 重要, ``success`` 完成, ``question`` 问题, ``warning`` 注意, ``danger`` 警告,
  ``example`` 示例, ``quote`` 引用, ``abstract`` 摘要. There is no title when the author wrote
  ``""``. A plain ``<details><summary>`` typed as HTML has no class.

Code — Pygments' short class names on the spans (``k``, ``s1``, ``c1``, …); ``data-lang`` is the
label to show and is missing when no language is given; unknown languages have no spans.
``data-title`` is there when the author gave one. ``tabindex`` lets the keyboard scroll it::

    <pre class="code" [data-lang="python"] [data-title="a.py"] tabindex="0"><code
        [class="language-python"]><span class="k">def</span> …</code></pre>
    <code>inline</code>   <kbd>Ctrl</kbd>   <mark>…</mark>   <del>…</del>

Pictures and video (an image alone in its paragraph with a title is a figure; ``width`` and
``height`` are there when known; the first picture of the page is not lazy and has
``fetchpriority="high"``)::

    <figure class="figure"><img src alt width height loading="lazy" decoding="async">
        <figcaption>图注</figcaption></figure>
    <p><img …></p>                                          picture without a title
    <figure class="figure figure-video">
        <video controls preload="none" [width height poster] aria-label>
            <source src type><track kind="captions" src srclang="zh" label="中文" default>
            <a class="video-download" href>下载视频</a></video>
        [<figcaption>…</figcaption>]</figure>
    <span class="missing-media">图片缺失：架构图</span>       not found by the media resolver
    <a class="remote-media external" href rel>架构图</a>      picture or video on another site

Tables — always wrapped, so that the page never scrolls sideways; the label names the table::

    <div class="table-wrap" tabindex="0" role="region" aria-label="表格 1：参数">
        <table><thead><tr><th scope="col" [class="align-left|align-center|align-right"]>…
        </table></div>

  An empty header cell is a ``td``. Body cells may carry the same ``align-…`` classes.

Tabs — radio buttons, no script; the n-th input belongs to the n-th label and the n-th block.
(CSS: ``.tabbed-set > input:nth-of-type(1):checked ~ .tabbed-content > :nth-child(1)``; inputs are
to be hidden visually, not with ``display: none``, and focus is to be drawn on the label)::

    <div class="tabbed-set" data-tabs="2">
        <input type="radio" name="tabs-1" id="tab-1-1" checked><input type="radio" …>
        <div class="tabbed-labels"><label for="tab-1-1">标签</label>…</div>
        <div class="tabbed-content"><div class="tabbed-block">…</div>…</div></div>

Task lists::

    <ul class="task-list"><li class="task-list-item"><input type="checkbox" disabled [checked]
        aria-label="未完成|已完成"> text…

Footnotes::

    <sup class="footnote-ref" id="fnref:1"><a href="#fn:1" role="doc-noteref"
        aria-label="脚注 1">1</a></sup>
    <section class="footnotes" role="doc-endnotes" aria-label="脚注"><ol><li id="fn:1"><p>…
        <a class="footnote-backref" href="#fnref:1" role="doc-backlink"
            aria-label="回到正文中的脚注 1">↩</a></p></li></ol></section>

Links::

    <a href="/faq/x">…</a>                                              inside the portal
    <a class="external" rel="noopener noreferrer" href="https://…">…</a>    elsewhere
    <span class="dead-link">…</span>                                     leads nowhere (or unsafe)
    <a class="dead-link">…</a>                                           the same, typed as HTML

Plain elements: ``p br hr strong em b i u s del ins mark sub sup small kbd samp var code q cite
abbr dfn time ruby rt rp wbr blockquote ul ol li dl dt dd table caption thead tbody tfoot tr th td
div span section details summary``.

Ids in this HTML are heading anchors, ``fn:…``, ``fnref:…`` and ``tab-…``. A heading whose anchor
would be a name in `kb.markup.vocabulary.RESERVED_IDS`, or begins with ``page-`` or ``tab-``, gets
``s-`` in front: page templates may use those ids without fear of an article.

For authors of extensions
=========================
Code blocks and raw HTML are taken out of the text by a preprocessor of priority 28: one that wants
to see them is registered above it. From a tree processor of priority 45 on, runs of text without
any inline mark are `AtomicString`. Whatever an extension makes is sanitised; see `MarkupExtension`.
An extension's own code has 0.3 s for a text, all its processors together, and does not run in the
thread that asked for the page.
"""

from __future__ import annotations

from kb.markup.model import LinkResolver, MarkupExtension, MediaRef, MediaResolver
from kb.markup.patience import OverBudget
from kb.markup.renderer import Renderer

__all__ = [
    "LinkResolver",
    "MarkupExtension",
    "MediaRef",
    "MediaResolver",
    "OverBudget",
    "Renderer",
]
