// The editor page: live preview by the portal's own renderer, a toolbar, pictures by paste and drop.
// Without this script the page does the same by its buttons.

const form = document.querySelector("[data-editor]");
const body = form?.elements.body;

if (form && body) {
  const pane = form.querySelector("[data-preview]");
  const status = form.querySelector("[data-editor-status]");
  const token = form.elements.csrf_token?.value ?? "";
  const headers = { "X-CSRFToken": token };
  let dirty = false;
  let waiting = 0;
  let running = null;

  const say = (text) => { status.textContent = text; };

  const refresh = async () => {
    running?.abort();
    running = new AbortController();
    const data = new URLSearchParams({ body: body.value });
    try {
      const answer = await fetch("/editor/preview", { method: "POST", headers, body: data, signal: running.signal });
      if (answer.ok || answer.status === 413) {
        // Sanitised by the renderer, the same HTML that readers get.
        pane.innerHTML = await answer.text();
      }
    } catch (error) {
      if (error.name !== "AbortError") say(error.message);
    }
  };

  const changed = () => {
    dirty = true;
    clearTimeout(waiting);
    waiting = setTimeout(refresh, 400);
  };

  body.addEventListener("input", (event) => { if (!event.isComposing) changed(); });
  body.addEventListener("compositionend", changed);
  form.addEventListener("input", () => { dirty = true; });
  form.addEventListener("submit", () => { dirty = false; });
  window.addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });

  // setRangeText would empty the undo history; execCommand keeps it and is what browsers offer.
  const insert = (text) => {
    body.focus();
    if (!document.execCommand("insertText", false, text)) {
      body.setRangeText(text, body.selectionStart, body.selectionEnd, "end");
    }
    changed();
  };

  const selected = (fallback) => body.value.slice(body.selectionStart, body.selectionEnd) || fallback;
  const lines = (mark, fallback) => selected(fallback).split("\n").map((line, n) => mark(n) + line).join("\n");
  const block = (text) => {
    const before = body.value.slice(0, body.selectionStart);
    return (before === "" || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n") + text + "\n";
  };

  const tools = {
    heading: () => block("## " + selected("小标题")),
    bold: () => "**" + selected("要紧的话") + "**",
    link: () => "[" + selected("文字") + "](/faq/)",
    list: () => block(lines(() => "- ", "一项")),
    steps: () => block(lines((n) => `${n + 1}. `, "第一步")),
    quote: () => block(lines(() => "> ", "引用的话")),
    code: () => (selected("").includes("\n") ? block("```text\n" + selected("") + "\n```") : "`" + selected("代码") + "`"),
    table: () => block("| 项目 | 说明 |\n|---|---|\n| " + selected("甲") + " | 乙 |"),
    callout: () => block('!!! tip "提示"\n\n' + lines(() => "    ", "要提醒的话")),
  };

  form.querySelector("[data-tools]")?.addEventListener("click", (event) => {
    const name = event.target.closest("[data-tool]")?.dataset.tool;
    if (name) insert(tools[name]());
  });

  const upload = async (file) => {
    const data = new FormData();
    data.append("file", file, file.name || "picture.png");
    say(`${file.name || ""} …`);
    try {
      const answer = await fetch("/editor/media", { method: "POST", headers, body: data });
      const result = await answer.json();
      if (!answer.ok) {
        say(`${result.error.message} ${result.error.remedy}`);
        return;
      }
      insert(block(result.markdown));
      say("");
    } catch (error) {
      say(error.message);
    }
  };

  const take = async (files) => { for (const file of files) await upload(file); };

  form.querySelector("[data-picture]")?.addEventListener("change", async (event) => {
    await take([...event.target.files]);
    event.target.value = "";
  });
  body.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length) { event.preventDefault(); take(files); }
  });
  body.addEventListener("dragover", (event) => { if (event.dataTransfer.types.includes("Files")) event.preventDefault(); });
  body.addEventListener("drop", (event) => {
    if (event.dataTransfer.files.length) { event.preventDefault(); take([...event.dataTransfer.files]); }
  });
  form.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "s") {
      event.preventDefault();
      form.querySelector(".editor-actions [value=save]").click();
    }
  });

  if (body.value.trim() && !pane.childElementCount) refresh();
}
