// What stands in the middle: the overview, a group, or an operation; inside Swagger UI, for its texts and styles.

// Up to this many operations the overview lists them all, beyond it their groups.
const LISTED_OPERATIONS = 200;

const WAYS = {
  basic: () => "User name and password (HTTP Basic)",
  http: (scheme) => (scheme.scheme?.toLowerCase() === "basic" ? WAYS.basic() : `HTTP ${text(scheme.scheme)}`),
  apiKey: (scheme) => `${scheme.in === "cookie" ? "Cookie" : scheme.in === "query" ? "Query parameter" : "Header"} ${text(scheme.name)}`,
  oauth2: () => "OAuth 2",
  openIdConnect: () => "OpenID Connect",
  mutualTLS: () => "TLS certificate",
};

/** How a scheme is told to people; nothing, where its type is none. */
const wayOf = (scheme) => (isObject(scheme) && Object.hasOwn(WAYS, text(scheme.type)) ? WAYS[scheme.type](scheme) : "");

function pagesPlugin(site) {
  return ({ React }) => {
    const h = React.createElement;

    const row = (operation) =>
      h(
        "li",
        { key: operation.id },
        h(
          "a",
          { href: operation.hash, className: operation.isDeprecated ? "row deprecated" : "row" },
          h("span", { className: `method ${operation.method}` }, operation.method),
          h("span", { className: "path" }, operation.path),
          h("span", { className: "summary" }, operation.summary),
        ),
      );

    const groupSection = (group, Markdown, isListed) =>
      h(
        "section",
        { key: group.name, className: "group-section" },
        h("h2", {}, h("a", { href: group.hash }, group.name), h("small", {}, plural(group.operations.length, "operation"))),
        group.description && h(Markdown, { source: group.description }),
        isListed && h("ul", { className: "rows" }, group.operations.map(row)),
      );

    const signIn = (Markdown) => {
      if (site.schemes.length === 0) return null;
      const entry = ([name, scheme]) =>
        h(
          React.Fragment,
          { key: name },
          h("dt", {}, h("code", {}, name), " ", h("span", {}, wayOf(scheme))),
          h("dd", {}, text(scheme?.description) && h(Markdown, { source: scheme.description })),
        );
      return h("section", { className: "sign-in" }, h("h2", {}, "Signing in"), h("dl", {}, site.schemes.map(entry)));
    };

    const Overview = ({ getComponent }) => {
      const Markdown = getComponent("Markdown", true);
      const { page } = site;
      if (page.group) return h("div", { className: "listing" }, groupSection(page.group, Markdown, true));
      if (!page.isOverview) return h("p", { className: "listing" }, "There is no such operation in this contract.");
      const isListed = site.operations.length <= LISTED_OPERATIONS;
      return h(
        "div",
        { className: isListed ? "listing" : "listing folded" },
        site.groups.map((group) => groupSection(group, Markdown, isListed)),
        signIn(Markdown),
      );
    };

    const Crumbs = () =>
      h(
        "nav",
        { className: "crumbs", "aria-label": "Where this is" },
        h("a", { href: "#/" }, "Overview"),
        site.page.operation &&
          h("a", { href: `#/${encodeURIComponent(site.page.operation.groups[0])}` }, site.page.operation.groups[0]),
      );

    const StreamView = streamView(React, site.streams);

    const Heading = () => {
      const { operation } = site.page;
      return h(
        "div",
        { className: "heading" },
        h(Crumbs),
        operation && h("h1", {}, operation.summary || operation.id),
        operation && h("p", { className: "id" }, h("code", {}, operation.id)),
      );
    };

    return {
      wrapComponents: {
        InfoContainer: (Original) => (props) => (site.page.isOverview ? h(Original, props) : h(Heading)),
        operations: (Original) => (props) => (site.page.operation ? h(Original, props) : h(Overview, props)),
        // A single server that is the page's own is no choice.
        ServersContainer: (Original) => (props) => (site.hasServers ? h(Original, props) : null),
        responses: (Original) => (props) => h(React.Fragment, {}, h(StreamView), h(Original, props)),
        TryItOutButton: (Original) => (props) => {
          const onCancelClick = (event) => {
            site.streams.stop();
            props.onCancelClick?.(event);
          };
          return h(Original, { ...props, onCancelClick });
        },
        Models: (Original) => (props) => (site.page.operation ? h(Original, props) : null),
        // Everything is here; nobody else is asked whether the contract is valid.
        onlineValidatorBadge: () => () => null,
      },
      statePlugins: {
        spec: {
          wrapActions: {
            // What is sent next is what somebody tries.
            setRequest: (original) => (path, method, request) => {
              site.tried = targetOf(request.url);
              return original(path, method, request);
            },
            clearResponse: (original) => (path, method) => {
              site.streams.clear();
              return original(path, method);
            },
          },
        },
        auth: {
          wrapActions: {
            showDefinitions: (original) => (definitions) => {
              if (definitions) setTimeout(mendDialogue);
              return original(definitions);
            },
            authorize: (original) => (given) =>
              original(Object.fromEntries(Object.entries(given).map(([name, one]) => [name, withSchemeWord(name, one)]))),
          },
        },
      },
    };
  };
}
