// Small comforts of the reading pages. Everything here is an addition: without it all pages work.
const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const words = JSON.parse($("#page-words")?.textContent || "{}");
const say = (key, values = {}) => (words[key] || "").replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
const make = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
};
// Storage may be refused (private windows, policies): then nothing is remembered.
const store = {
  get(key, fallback) { try { return JSON.parse(localStorage.getItem(key)) ?? fallback; } catch { return fallback; } },
  set(key, value) { try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* not remembered */ } },
};

// --- Search box: suggestions while typing, as an ARIA 1.2 combobox ---
const RECENT = "searches";
function remember(query) {
  if (query) store.set(RECENT, [query, ...store.get(RECENT, []).filter((one) => one !== query)].slice(0, 6));
}

function combobox(form) {
  const input = $("input[type=search]", form);
  const list = make("ul", { id: `${input.id}-options`, role: "listbox", class: "options", "aria-label": say("suggestions"), hidden: "" });
  const status = make("span", { class: "unseen", role: "status" });
  form.append(status);
  if (form.parentElement.matches("dialog")) form.after(list);
  else form.append(list);
  for (const [name, value] of Object.entries({ role: "combobox", "aria-expanded": "false", "aria-controls": list.id, "aria-autocomplete": "list" })) input.setAttribute(name, value);
  let timer, request, composing = false, active = -1, typed = input.value;
  const options = () => $$("[role=option]", list);

  function close() {
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }
  function show(items, title) {
    active = -1;
    input.removeAttribute("aria-activedescendant");
    list.replaceChildren(...items.map((item, index) => {
      const option = make("li", { role: "option", id: `${list.id}-${index}`, "aria-selected": "false" }, make("span", {}, item.text));
      if (item.label) option.append(make("small", {}, item.label));
      option.dataset.url = item.url;
      return option;
    }));
    if (title && items.length) list.prepend(make("li", { role: "presentation", class: "options-title" }, title));
    list.hidden = !items.length;
    input.setAttribute("aria-expanded", String(items.length > 0));
    status.textContent = items.length ? say("count", { n: items.length }) : "";
  }
  const showRecent = () => show(store.get(RECENT, []).map((text) => ({ text, url: `/search?q=${encodeURIComponent(text)}` })), say("recent"));
  function move(step) {
    const all = options();
    if (!all.length) return;
    all[active]?.setAttribute("aria-selected", "false");
    active = active + step < -1 ? all.length - 1 : active + step >= all.length ? -1 : active + step;
    if (active < 0) return input.removeAttribute("aria-activedescendant");
    all[active].setAttribute("aria-selected", "true");
    all[active].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", all[active].id);
  }
  async function suggest() {
    const text = input.value.trim();
    request?.abort();
    if (!text) return showRecent();
    request = new AbortController();
    try {
      const answer = await fetch(`/api/v1/suggest?q=${encodeURIComponent(text)}`, { signal: request.signal, headers: { Accept: "application/json" } });
      if (!answer.ok) return close();
      const { suggestions } = await answer.json();
      if (document.activeElement === input) show(suggestions.map(({ text, url, kind }) => ({ text, url, label: words.kinds?.[kind] })));
    } catch { /* typed on, or offline: Enter still searches */ }
  }
  const later = () => {
    // An input method's half-typed pinyin is not a query: wait until the characters are chosen.
    // (Browsers differ in whether the last input event comes before or after compositionend.)
    if (!composing && input.value !== typed) {
      clearTimeout(timer);
      typed = input.value;
      timer = setTimeout(suggest, 120);
    }
  };
  input.addEventListener("compositionstart", () => { composing = true; clearTimeout(timer); });
  input.addEventListener("compositionend", () => { composing = false; later(); });
  input.addEventListener("input", later);
  input.addEventListener("focus", () => { if (!input.value.trim()) showRecent(); });
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (event.isComposing || composing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (list.hidden) return;
      event.preventDefault();
      move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && active >= 0) {
      event.preventDefault();
      location.href = options()[active].dataset.url;
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    }
  });
  // mousedown, not click: the click would come after blur has closed the list.
  list.addEventListener("mousedown", (event) => {
    event.preventDefault();
    const option = event.target.closest("[role=option]");
    if (option) location.href = option.dataset.url;
  });
  form.addEventListener("submit", (event) => {
    const query = input.value.trim();
    if (composing || !query) return event.preventDefault();
    remember(query);
  });
}
$$("[data-search]").forEach(combobox);

// --- Search from anywhere: / or Ctrl K ---
const dialog = $("#page-search");
function openSearch() {
  const field = $("main .search input[type=search]");
  if (field && field.checkVisibility?.() && field.closest(".search-big")) {
    field.scrollIntoView({ block: "center" });
    field.focus();
    field.select();
  } else if (dialog && !dialog.open) {
    dialog.showModal();
    $("input[type=search]", dialog).select();
  }
}
const typing = (target) => target.closest?.("input, textarea, select, [contenteditable], .cm-editor");
document.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  const slash = event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !typing(event.target);
  const control = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.target.closest?.(".cm-editor");
  if (slash || control) {
    event.preventDefault();
    openSearch();
  }
});
$$("[data-search-open]").forEach((link) => link.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  openSearch();
}));
dialog?.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });

// --- Results: j k or arrows go from hit to hit ---
const hits = $$("[data-hit]");
if (hits.length) document.addEventListener("keydown", (event) => {
  const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
  const here = hits.indexOf(document.activeElement);
  if (!step || event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || (event.key.startsWith("Arrow") && here < 0)) return;
  event.preventDefault();
  hits[Math.max(0, Math.min(hits.length - 1, here + step))].focus();
});

// --- Theme: the cookie is read by the server, so that no page flashes ---
$("[data-theme-toggle]")?.addEventListener("click", () => {
  const root = document.documentElement;
  const now = root.dataset.theme;
  const dark = now === "dark" || (now !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  root.dataset.theme = dark ? "light" : "dark";
  document.cookie = `theme=${root.dataset.theme}; path=/; max-age=31536000; samesite=lax${location.protocol === "https:" ? "; secure" : ""}`;
});

// --- Menus close on Escape and on a click elsewhere ---
for (const menu of $$("[data-menu]")) {
  document.addEventListener("click", (event) => { if (!menu.contains(event.target)) menu.open = false; });
  menu.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && menu.open) { menu.open = false; $("summary", menu).focus(); }
  });
}

// --- Copying: code, headings, error codes ---
const ICON = '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="M8 8h12v12H8zM16 8V4H4v12h4"/></svg>';
const said = make("span", { class: "unseen", role: "status" });
document.body.append(said);
async function copy(text, button) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // No clipboard outside secure contexts (plain http in an office): the old way still works.
    const area = make("textarea", { class: "unseen" });
    area.value = text;
    (button.closest("dialog") || document.body).append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
    button.focus();
  }
  said.textContent = say("copied");
  button.classList.add("done");
  setTimeout(() => { button.classList.remove("done"); said.textContent = ""; }, 1600);
}
for (const block of $$("pre.code")) {
  const button = make("button", { type: "button", class: "copy", "aria-label": say("copyCode"), title: say("copyCode") });
  button.innerHTML = ICON;
  button.addEventListener("click", () => copy($("code", block).textContent.replace(/\n$/, ""), button));
  const box = make("div", { class: "code-box" });
  block.replaceWith(box);
  box.append(block, button);
}
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) copy(button.dataset.copy, button);
  const anchor = event.target.closest(".heading-anchor");
  if (anchor) copy(anchor.href, anchor);
});

// --- Outline: shown open where there is room, and it follows the reader ---
const wide = matchMedia("(width >= 64rem)");
const fold = () => $$("[data-fold]").forEach((details) => { details.open = wide.matches; });
fold();
wide.addEventListener("change", fold);
$(".reader-side [aria-current]")?.scrollIntoView?.({ block: "nearest", container: "nearest" });
const entries = $$("[data-toc] a");
const headings = entries.map((link) => document.getElementById(decodeURIComponent(link.hash.slice(1)))).filter(Boolean);
const PLACES = "places";
const here = location.pathname;
if (headings.length) {
  let pending = false, current = -2;
  const follow = () => {
    pending = false;
    const end = innerHeight + scrollY >= document.documentElement.scrollHeight - 4;
    const index = end ? headings.length - 1 : headings.findLastIndex((heading) => heading.getBoundingClientRect().top < innerHeight * 0.3);
    if (index === current) return;
    current = index;
    entries.forEach((link, at) => (at === index ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current")));
    const others = store.get(PLACES, []).filter(([path]) => path !== here);
    // Only the last pages are kept, and none that has been read to its end.
    store.set(PLACES, (index > 0 && index < headings.length - 1 ? [[here, headings[index].id], ...others] : others).slice(0, 20));
  };
  const before = store.get(PLACES, []).find(([path]) => path === here)?.[1];
  const at = headings.findIndex((heading) => heading.id === before);
  if (!location.hash && at > 1 && at < headings.length - 1 && scrollY < 200) offerPlace(entries[at]);
  const soon = () => { if (!pending) { pending = true; requestAnimationFrame(follow); } };
  new IntersectionObserver(soon, { rootMargin: "0px 0px -70% 0px" }).observe(headings[0]);
  addEventListener("scroll", soon, { passive: true });
}
function offerPlace(link) {
  const pill = make("p", { class: "resume" });
  const close = make("button", { type: "button", class: "copy", "aria-label": say("close") }, "✕");
  pill.append(make("a", { href: link.hash }, say("resume", { title: link.textContent })), close);
  pill.addEventListener("click", () => pill.remove());
  setTimeout(() => pill.remove(), 12000);
  $("main").append(pill);
}

// --- Tabs: the same choice everywhere, and next time ---
function pickTabs(label, root = document) {
  for (const set of $$(".tabbed-set", root)) {
    const at = $$(":scope > .tabbed-labels > label", set).findIndex((one) => one.textContent.trim() === label);
    if (at >= 0) $$(":scope > input", set)[at].checked = true;
  }
}
store.get("tabs", []).forEach((label) => pickTabs(label));
document.addEventListener("change", (event) => {
  const set = event.target.closest(".tabbed-set");
  if (!set || event.target.parentElement !== set) return;
  const label = $(`label[for="${CSS.escape(event.target.id)}"]`, set).textContent.trim();
  pickTabs(label);
  store.set("tabs", [...store.get("tabs", []).filter((one) => one !== label), label].slice(-8));
});

// --- Pictures: a click shows them large ---
for (const picture of $$(".prose .figure img, .prose p > img")) {
  if (picture.closest("a")) continue;
  const button = make("button", { type: "button", class: "zoom-in", "aria-label": `${say("zoom")}${picture.alt ? "：" + picture.alt : ""}` });
  picture.replaceWith(button);
  button.append(picture);
  button.addEventListener("click", () => {
    const large = make("img", { src: picture.currentSrc || picture.src, alt: picture.alt });
    const view = make("dialog", { class: "zoom", "aria-label": picture.alt || say("zoom") }, make("button", { type: "button", class: "copy", "aria-label": say("close") }, "✕"), large);
    document.body.append(view);
    view.addEventListener("click", () => view.close());
    view.addEventListener("close", () => { view.remove(); button.focus(); });
    view.showModal();
  });
}

// --- 「解决了 / 没解决」 without leaving the page ---
const asked = $("[data-feedback]");
let plain = false;
asked?.addEventListener("submit", async (event) => {
  if (plain) return;
  event.preventDefault();
  const form = event.target;
  const data = new FormData(form, event.submitter);
  const last = form.hasAttribute("data-thanks");
  try {
    const answer = await fetch(form.action, { method: "POST", body: data, headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    form.hidden = true;
    const after = $(`[data-thanks="${last ? 1 : data.get("solved")}"]`, asked);
    after.hidden = false;
    ($("input[type=radio]", after) || { focus() {} }).focus();
  } catch {
    // The script's way did not work: let the browser send the form itself and show the answer.
    plain = true;
    form.requestSubmit(event.submitter);
  }
});
