// Puts the site together, and follows the address.

function start({ contract, session }) {
  const operations = operationsOf(contract);
  const groups = groupsOf(contract, operations);
  const hidden = schemesOfBrowser(contract, operations, session);
  const byHash = new Map(operations.map((operation) => [operation.hash, operation]));
  const title = text(contract.info?.title);
  const site = {
    operations,
    groups,
    schemes: securitySchemesOf(contract),
    hasServers: !Array.isArray(contract.servers) || contract.servers.length !== 1 || contract.servers[0]?.url !== "/",
    page: { isOverview: true },
    streams: streams(),
  };
  const keys = keysOf(contract, hidden);
  const column = navigation(groups, searchIndex(contract, operations), operations.length);

  const ui = SwaggerUIBundle({
    domNode: document.getElementById("reference"),
    // The smallest document; the first page follows at once.
    spec: { openapi: "3.0.3", info: { title: "", version: "" }, paths: {} },
    plugins: [pagesPlugin(site)],
    docExpansion: "full",
    syntaxHighlight: { activated: true, theme: "tomorrow-night" },
    defaultModelsExpandDepth: 0,
    defaultModelExpandDepth: 2,
    displayRequestDuration: true,
    showExtensions: false,
    deepLinking: false,
    persistAuthorization: false,
    validatorUrl: null,
    supportedSubmitMethods: canCall(contract) ? METHODS : [],
    requestInterceptor: (request) => {
      request.userFetch = (url, request) => site.streams.fetch(url, request);
      return withSession(onlyTried(request, site), session, keys);
    },
    responseInterceptor: (response) => {
      account(session, response);
      return response;
    },
  });

  keepMending(document.getElementById("reference"));

  const follow = () => {
    const hash = decodable(location.hash);
    const operation = byHash.get(hash);
    const group = operation ? undefined : groups.find((group) => group.hash === hash);
    site.tried = undefined;
    site.streams.clear();
    site.page = { operation, group, isOverview: hash === "" || hash === "#" || hash === "#/" };
    // References of 3.1 are only followed from an address of HTTP; nothing is fetched from it.
    ui.specActions.updateUrl(operation && location.protocol === "file:" ? "http://localhost/" : "");
    ui.errActions.clear({});
    ui.specActions.updateJsonSpec(operation ? documentOf(contract, operation, hidden) : frameOf(contract, hidden));
    document.title = [operation?.summary || operation?.id || group?.name, title, "API reference"].filter(Boolean).join(" – ");
    column.show(hash, operation ? groups.find(({ name }) => name === operation.groups[0]) : group);
    scrollTo(0, 0);
  };
  addEventListener("hashchange", () => {
    // The link to the content is none of ours.
    if (location.hash !== "#content") follow();
  });
  follow();
  account(session);
  addEventListener("focus", () => account(session));
}

/** The hash as links write it, however the browser or a person spelled it. */
function decodable(hash) {
  try {
    const parts = hash.replace(/^#\/?/, "").split("/");
    if (parts.length === 1 && parts[0] === "") return "#/";
    return `#/${parts.map((part) => encodeURIComponent(decodeURIComponent(part))).join("/")}`;
  } catch {
    return hash;
  }
}

/** From a file there is nothing to call, unless the contract says where its server is. */
function canCall(contract) {
  if (location.protocol !== "file:") return true;
  const servers = Array.isArray(contract.servers) ? contract.servers : [];
  return Boolean(contract.host) || servers.some((server) => /^https?:/.test(text(server?.url)));
}

/** Says whether the browser is signed in, as far as its cookies and the last answer tell. */
function account(session, response) {
  const link = document.getElementById("account");
  if (!link) return;
  const isEnded = response?.status === 401 && isSessionUsed && isSignedIn(session);
  link.textContent = isEnded ? "Sign in again" : isSignedIn(session) ? "Signed in" : "Sign in";
  link.classList.toggle("signed-in", isSignedIn(session) && !isEnded);
}

const theme = document.getElementById("theme");
const showTheme = () => {
  theme.setAttribute("aria-pressed", String(document.documentElement.classList.contains("dark-mode")));
};
theme.addEventListener("click", () => {
  const isDark = document.documentElement.classList.toggle("dark-mode");
  showTheme();
  try {
    localStorage.setItem("reference-theme", isDark ? "dark" : "light");
  } catch {
    // Storage is switched off: it counts until the page is left.
  }
});
showTheme();
start(globalThis.reference);
