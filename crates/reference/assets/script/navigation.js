// The column at the side: groups with their operations, or what the search found.

// More than this nobody reads; more words find less.
const SHOWN_RESULTS = 100;

// Where there are few operations, nothing is folded.
const UNFOLDED_OPERATIONS = 60;

const element = (name, attributes, ...children) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) if (value !== undefined) made.setAttribute(key, value);
  // Texts become text nodes: nothing of a contract is ever read as HTML.
  made.append(...children);
  return made;
};

const plural = (count, noun) => `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;

const methodBadge = (method) => element("span", { class: `method ${method}` }, method === "delete" ? "DEL" : method);

function operationLink(operation) {
  return element(
    "a",
    { href: operation.hash, class: operation.isDeprecated ? "operation deprecated" : "operation", title: operation.id },
    methodBadge(operation.method),
    element("span", { class: "path" }, breakable(operation.path)),
    element("span", { class: "summary" }, operation.summary || operation.id),
  );
}

/** Long paths break after a slash. */
function breakable(path) {
  const whole = document.createDocumentFragment();
  for (const part of path.split(/(?<=\/)/)) whole.append(part, document.createElement("wbr"));
  return whole;
}

function navigation(groups, index, count) {
  const list = document.getElementById("operations");
  const found = document.getElementById("found");
  const field = document.getElementById("search");
  const unfolded = count <= UNFOLDED_OPERATIONS;
  let current = "";

  const sections = groups.map((group) => {
    const summary = element(
      "summary",
      {},
      element("span", {}, group.name),
      element("span", { class: "count" }, String(group.operations.length)),
    );
    const section = element("details", { class: "group" }, summary);
    // Filled when it is opened: thousands of links at once would take long.
    const fill = () => {
      if (section.children.length === 1) section.append(...group.operations.map(operationLink));
      mark();
    };
    section.addEventListener("toggle", () => section.open && fill());
    if (unfolded) {
      section.open = true;
      fill();
    }
    return { group, section, fill };
  });

  function mark() {
    for (const link of list.querySelectorAll("a.operation")) {
      if (link.getAttribute("href") === current) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  }

  function showAll() {
    found.textContent = `${plural(count, "operation")} in ${plural(groups.length, "group")}`;
    list.replaceChildren(...sections.map(({ section }) => section));
    mark();
  }

  function showResults(query) {
    const results = search(index, query);
    const more = results.length > SHOWN_RESULTS ? `, the best ${SHOWN_RESULTS} are shown` : "";
    found.textContent = results.length === 0 ? "Nothing found" : `${plural(results.length, "operation")} found${more}`;
    list.replaceChildren(...results.slice(0, SHOWN_RESULTS).map(operationLink));
    mark();
  }

  const refresh = () => (field.value.trim() === "" ? showAll() : showResults(field.value));
  field.addEventListener("input", refresh);

  const links = () => [...list.querySelectorAll("a.operation, summary")].filter((link) => link.checkVisibility());
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") list.querySelector("a.operation")?.click();
    else if (event.key === "ArrowDown") links()[0]?.focus();
    else if (event.key === "Escape" && field.value !== "") {
      field.value = "";
      refresh();
    } else return;
    event.preventDefault();
  });
  list.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const all = links();
    const next = all.indexOf(document.activeElement) + step;
    (next < 0 ? field : all[Math.min(next, all.length - 1)])?.focus();
    event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.closest?.("input, textarea, select, [contenteditable]");
    const isSlash = event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !isTyping;
    if (!isSlash && !(event.key === "k" && (event.ctrlKey || event.metaKey))) return;
    event.preventDefault();
    openMenu(true);
    field.focus();
    field.select();
  });

  const menu = document.getElementById("menu");
  const openMenu = (isOpen) => {
    menu.setAttribute("aria-expanded", String(isOpen));
    document.documentElement.classList.toggle("menu-open", isOpen);
  };
  menu.addEventListener("click", () => openMenu(menu.getAttribute("aria-expanded") !== "true"));

  showAll();
  return {
    /** Marks the operation that is shown, and opens its group. */
    show(hash, group) {
      current = hash;
      const section = sections.find((section) => section.group === group);
      if (section && !section.section.open) {
        section.section.open = true;
        section.fill();
      }
      mark();
      if (!list.contains(document.activeElement)) {
        list.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
      }
      openMenu(false);
    },
  };
}
