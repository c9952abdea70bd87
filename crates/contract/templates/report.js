"use strict";
// Makes the findings searchable. Texts of pages become text nodes only, never markup.
(() => {
  const PER_PAGE = 25;
  const PLACES_AT_ONCE = 100;
  const KIND = 0, SUBJECT = 1, MESSAGE = 2, NOTE = 3, HELP = 4, SCORE = 5, OPERATIONS = 6, PLACES = 7;
  const element = (id) => document.getElementById(id);
  const data = JSON.parse(element("data").textContent);
  const pageTexts = data.pages.map(([path, operation]) => `${path} ${operation ?? ""}`.toLowerCase());
  const findings = data.findings.map((finding) => {
    const tags = new Set();
    for (let i = 0; i < finding[PLACES].length; i += 2) {
      const tag = data.pages[finding[PLACES][i]][2];
      if (tag !== null) tags.add(tag);
    }
    const kind = data.kinds[finding[KIND]];
    const text = [kind[0], finding[SUBJECT], finding[MESSAGE], finding[NOTE] ?? ""].join(" ").toLowerCase();
    return { finding, kind, tags, text };
  });

  const query = element("query"), severity = element("severity"), kind = element("kind"), tag = element("tag");
  const list = element("findings"), status = element("status");
  const previous = element("previous"), next = element("next");
  let matching = findings;
  let page = 0;

  const node = (name, attributes = {}, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  };
  // Parts in backticks become code; a backtick without a partner stays text.
  const marked = (text) => {
    const parts = text.split("`");
    return parts.map((part, i) => {
      if (i % 2 === 0) return part;
      return i < parts.length - 1 ? node("code", {}, part) : "`" + part;
    });
  };
  const counted = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;
  const address = (path, line) => data.base + path.split("/").map(encodeURIComponent).join("/") + "#L" + line;

  const placeItem = (index, line) => {
    const [path, operation] = data.pages[index];
    const label = `${path}:${line}`;
    const shown = data.base === null ? node("span", { class: "path" }, label) : node("a", { href: address(path, line) }, label);
    const copy = node("button", { type: "button", "data-copy": label, "aria-label": `Copy ${label}` }, "copy");
    return node("li", {}, shown, copy, node("span", {}, operation ?? ""));
  };
  const addPlaces = (target, places, from) => {
    const until = Math.min(places.length, from + PLACES_AT_ONCE);
    for (let i = from; i < until; i += 1) target.append(placeItem(...places[i]));
    if (until < places.length) {
      const more = node("button", { type: "button" }, `${places.length - until} more`);
      const item = node("li", {}, more);
      more.addEventListener("click", () => { item.remove(); addPlaces(target, places, until); });
      target.append(item);
    }
  };
  const placesOf = (finding) => {
    const pairs = [];
    const wanted = tag.value === "" ? null : Number(tag.value);
    for (let i = 0; i < finding[PLACES].length; i += 2) {
      const index = finding[PLACES][i];
      if (wanted === null || data.pages[index][2] === wanted) pairs.push([index, finding[PLACES][i + 1]]);
    }
    return pairs;
  };
  const placeDetails = (finding) => {
    const places = placesOf(finding);
    const total = finding[PLACES].length / 2;
    const shown = places.length < total ? `${places.length} of ${counted(total, "place")}` : counted(total, "place");
    const target = node("ul", { class: "places" });
    const details = node("details", {}, node("summary", {}, shown), target);
    const fill = () => { if (!target.hasChildNodes()) addPlaces(target, places, 0); };
    if (places.length === 1) {
      details.open = true;
      fill();
    }
    details.addEventListener("toggle", fill);
    return details;
  };
  const item = ({ finding, kind: [code, level, help] }) => {
    const score = node("span", { class: "score" }, "score ", node("strong", {}, String(finding[SCORE])),
      ` · ${counted(finding[OPERATIONS], "operation")}`);
    const made = node("li", { class: "finding" },
      node("p", { class: "facts" }, node("span", { class: `badge ${level}` }, level), node("code", {}, code), score),
      node("h3", {}, ...marked(finding[MESSAGE])));
    if (finding[NOTE]) made.append(node("p", { class: "note" }, ...marked(finding[NOTE])));
    made.append(node("p", { class: "help" }, ...marked(finding[HELP] ?? help)));
    if (finding[PLACES].length > 0) made.append(placeDetails(finding));
    return made;
  };

  const show = () => {
    const pages = Math.max(1, Math.ceil(matching.length / PER_PAGE));
    page = Math.min(Math.max(page, 0), pages - 1);
    const from = page * PER_PAGE;
    const shown = matching.slice(from, from + PER_PAGE);
    list.replaceChildren(...shown.map(item));
    if (shown.length === 0) list.append(node("li", { class: "empty" }, "No finding matches."));
    const all = matching.length === findings.length ? "" : ` (of ${findings.length})`;
    const range = shown.length === 0 ? "" : `${from + 1}–${from + shown.length} of `;
    status.textContent = `${range}${counted(matching.length, "finding")}${all}`;
    previous.disabled = page === 0;
    next.disabled = page >= pages - 1;
  };
  const matches = (terms) => {
    const onPages = terms.map((term) => pageTexts.map((text) => text.includes(term)));
    return ({ finding, kind: [, level], tags, text }) => {
      if (severity.value !== "" && level !== severity.value) return false;
      if (kind.value !== "" && finding[KIND] !== Number(kind.value)) return false;
      if (tag.value !== "" && !tags.has(Number(tag.value))) return false;
      return terms.every((term, i) => {
        if (text.includes(term)) return true;
        for (let at = 0; at < finding[PLACES].length; at += 2) if (onPages[i][finding[PLACES][at]]) return true;
        return false;
      });
    };
  };
  const controls = { q: query, severity, kind, tag };
  const remember = () => {
    const state = new URLSearchParams();
    for (const [name, control] of Object.entries(controls)) if (control.value !== "") state.set(name, control.value);
    if (page > 0) state.set("page", page + 1);
    const text = state.toString();
    history.replaceState(null, "", text === "" ? location.pathname + location.search : `#${text}`);
  };
  const filter = () => {
    const terms = query.value.toLowerCase().split(/\s+/).filter((term) => term !== "");
    matching = findings.filter(matches(terms));
    show();
  };
  const changed = () => { page = 0; filter(); remember(); };
  const turn = (by) => {
    page += by;
    show();
    remember();
    element("findings-title").scrollIntoView();
    list.focus({ preventScroll: true });
  };

  const count = (test) => findings.filter(test).length;
  for (const level of ["error", "warning", "advice"]) {
    const found = count((entry) => entry.kind[1] === level);
    if (found > 0) severity.append(node("option", { value: level }, `${level} (${found})`));
  }
  data.kinds.forEach(([code], i) => kind.append(node("option", { value: i }, `${code} (${count((entry) => entry.finding[KIND] === i)})`)));
  data.tags.forEach((name, i) => tag.append(node("option", { value: i }, `${name} (${count((entry) => entry.tags.has(i))})`)));

  let waiting = 0;
  query.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(changed, 120); });
  for (const control of [severity, kind, tag]) control.addEventListener("change", changed);
  element("filters").addEventListener("submit", (event) => { event.preventDefault(); changed(); });
  element("filters").addEventListener("reset", () => setTimeout(changed));
  previous.addEventListener("click", () => turn(-1));
  next.addEventListener("click", () => turn(1));
  document.addEventListener("keydown", (event) => {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      query.focus();
    }
  });
  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a[data-tag], a[data-kind]");
    if (link) {
      event.preventDefault();
      element("filters").reset();
      if (link.dataset.tag !== undefined) tag.value = link.dataset.tag;
      if (link.dataset.kind !== undefined) kind.value = link.dataset.kind;
      const [chosenTag, chosenKind] = [tag.value, kind.value];
      setTimeout(() => {
        [tag.value, kind.value] = [chosenTag, chosenKind];
        changed();
        element("findings-title").scrollIntoView();
        list.focus({ preventScroll: true });
      });
      return;
    }
    const button = event.target.closest("button[data-copy]");
    if (button) {
      try {
        await navigator.clipboard.writeText(button.dataset.copy);
        button.textContent = "copied";
      } catch {
        // Without a clipboard the text can at least be selected.
        getSelection().selectAllChildren(button.previousElementSibling);
      }
    }
  });

  const state = new URLSearchParams(location.hash.slice(1));
  for (const [name, control] of Object.entries(controls)) control.value = state.get(name) ?? "";
  page = (Number(state.get("page")) || 1) - 1;
  element("filters").hidden = false;
  element("pager").hidden = false;
  filter();
})();
