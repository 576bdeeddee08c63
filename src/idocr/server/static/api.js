// Shows /openapi.json: each route with its parameters, bodies and answers.
const make = (name, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
};

// A schema as a person writes one: {"name": text, "side"?: "front" | "back"}.
function sketch(schema, known, depth = 0) {
  if (schema.$ref) return sketch(known[schema.$ref.split("/").at(-1)], known, depth);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  const several = schema.anyOf ?? schema.oneOf;
  if (several) return several.map((each) => sketch(each, known, depth)).join("\n" + "  ".repeat(depth) + "| ");
  if (schema.type === "array") return `[${sketch(schema.items ?? {}, known, depth)}, …]`;
  if (schema.type !== "object" || !schema.properties) return plain(schema);
  const indent = "  ".repeat(depth + 1);
  const lines = Object.entries(schema.properties).map(([name, inner]) => {
    const mark = schema.required?.includes(name) ? "" : "?";
    return `${indent}"${name}"${mark}: ${sketch(inner, known, depth + 1)}`;
  });
  return `{\n${lines.join(",\n")}\n${"  ".repeat(depth)}}`;
}

function plain(schema) {
  const names = { string: "text", integer: "whole number", number: "number", boolean: "true or false", object: "object" };
  const kind = [schema.type ?? "anything"].flat().map((name) => names[name] ?? name).join(" | ");
  return schema.contentEncoding ? "base64" : schema.format === "binary" ? "bytes" : kind;
}

function parameters(list) {
  const rows = list.flatMap((each) => [
    make("dt", { textContent: each.name + (each.required ? "" : "?") }),
    make("dd", { textContent: `${each.in}: ${each.description ?? plain(each.schema)}` }),
  ]);
  return [make("h3", { textContent: "Parameters" }), make("dl", { className: "parameters" }, ...rows)];
}

function contents(title, content, known, open) {
  return Object.entries(content).map(([kind, { schema }]) =>
    make("details", { open }, make("summary", { textContent: `${title}: ${kind}` }),
      make("pre", { tabIndex: 0, textContent: sketch(schema ?? {}, known) })));
}

function route(path, method, told, known) {
  const heading = make("h2", {}, make("span", { className: "method", textContent: method.toUpperCase() }), make("code", { textContent: path }));
  const parts = [heading, make("p", { textContent: told.summary })];
  if (told.description) parts.push(make("p", { className: "quiet-text", textContent: told.description }));
  if (told.parameters?.length) parts.push(...parameters(told.parameters));
  if (told.requestBody) parts.push(...contents("Body", told.requestBody.content, known, true));
  for (const [status, answer] of Object.entries(told.responses)) {
    parts.push(...contents(`Answer ${status}`, answer.content ?? {}, known, status < 300));
  }
  return make("article", { className: "card" }, ...parts);
}

const routes = document.getElementById("routes");
try {
  const told = await (await fetch("/openapi.json")).json();
  const known = told.components?.schemas ?? {};
  routes.replaceChildren(
    make("p", { textContent: told.info.description }),
    ...Object.entries(told.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, each]) => route(path, method, each, known))),
  );
} catch {
  routes.replaceChildren(make("p", { className: "error", textContent: "The description could not be read from this server." }));
}
routes.setAttribute("aria-busy", "false");
