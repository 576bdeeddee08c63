// The answer in every format: tabs, or all of them side by side.
import { words } from "./words.js";

const LONGEST = 160; // of a text that is shown; pictures are base64 of many thousands
const TITLES = {
  megvii: "Megvii", huawei: "Huawei", waiqin365: "waiqin365", baidu: "Baidu",
  tempeisite: "tempeisite", iflytek: "iFlytek", tencent: "Tencent",
};

const make = (name, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
};

// JSON as coloured text: elements and text nodes only, so nothing in it is ever markup.
function pretty(value, depth = 0) {
  const indent = "  ".repeat(depth + 1);
  const nodes = [];
  const inner = (opening, items, closing) => {
    if (!items.length) return [opening + closing];
    nodes.push(opening + "\n");
    items.forEach((item, index) => nodes.push(indent, ...item, index < items.length - 1 ? ",\n" : "\n"));
    nodes.push("  ".repeat(depth) + closing);
    return nodes;
  };
  if (Array.isArray(value)) {
    if (value.every((item) => typeof item === "number")) return [JSON.stringify(value).replaceAll(",", ", ")];
    return inner("[", value.map((item) => pretty(item, depth + 1)), "]");
  }
  if (value !== null && typeof value === "object") {
    const items = Object.entries(value).map(([name, item]) => [
      make("span", { className: "key", textContent: JSON.stringify(name) }), ": ", ...pretty(item, depth + 1),
    ]);
    return inner("{", items, "}");
  }
  if (typeof value === "string" && value.length > LONGEST && !value.includes('"')) {
    const kept = make("span", { className: "kept", textContent: words().kept(value.length) });
    return [make("span", { className: "text", textContent: `"${value.slice(0, 24)}` }), kept, '"'];
  }
  const kind = typeof value === "string" ? "text" : "number";
  return [make("span", { className: kind, textContent: JSON.stringify(value) })];
}

export class Answers {
  #section = document.getElementById("answers");
  #tabs = document.getElementById("tabs");
  #panels = document.getElementById("panels");
  #chosen = 0;
  #beside = matchMedia("(min-width: 80rem)").matches;
  #given = [];

  constructor(say) {
    this.say = say;
    document.getElementById("one").addEventListener("click", () => this.#arrange(false));
    document.getElementById("beside").addEventListener("click", () => this.#arrange(true));
    this.#tabs.addEventListener("keydown", (event) => this.#walk(event));
  }

  show(given) {
    this.#given = given;
    this.#section.hidden = given.length === 0;
    this.#tabs.replaceChildren(...given.map((answer, index) => this.#tab(answer, index)));
    this.#panels.replaceChildren(...given.map((answer, index) => this.#panel(answer, index)));
    this.#arrange(this.#beside);
  }

  // Again, in the other language.
  retell() {
    this.show(this.#given);
  }

  #tab({ format }, index) {
    const tab = make("button", { type: "button", id: `tab-${index}`, textContent: TITLES[format] ?? format });
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", `panel-${index}`);
    tab.addEventListener("click", () => this.#choose(index));
    return tab;
  }

  #panel({ format, route, status, body }, index) {
    const whole = typeof body === "string" ? body : JSON.stringify(body, null, 2);
    const copy = make("button", { type: "button", className: "quiet", textContent: words().copy });
    copy.setAttribute("aria-label", `${words().copy}: ${TITLES[format] ?? format}`);
    copy.addEventListener("click", () => this.#copy(copy, whole));
    const code = make("code", {}, ...(typeof body === "string" ? [body] : pretty(body)));
    const text = make("pre", { tabIndex: 0 }, code);
    const badge = make("span", { className: status < 300 ? "status" : "status bad", textContent: `HTTP ${status}` });
    const title = make("h3", { textContent: TITLES[format] ?? format });
    const path = make("code", { className: "route", textContent: route, title: route });
    const head = make("div", { className: "panel-head" }, title, badge, path, copy);
    const panel = make("article", { className: "panel", id: `panel-${index}` }, head, text);
    panel.dataset.format = format;
    return panel;
  }

  async #copy(button, text) {
    try {
      await copyText(text);
      button.textContent = words().copied;
    } catch {
      button.textContent = words().copyFailed;
    }
    this.say(button.textContent);
    setTimeout(() => (button.textContent = words().copy), 1600);
  }

  #arrange(beside) {
    this.#beside = beside;
    this.#section.classList.toggle("beside", beside);
    this.#tabs.hidden = beside;
    document.getElementById("one").setAttribute("aria-pressed", String(!beside));
    document.getElementById("beside").setAttribute("aria-pressed", String(beside));
    this.#choose(Math.min(this.#chosen, Math.max(0, this.#given.length - 1)));
  }

  #choose(index) {
    this.#chosen = index;
    [...this.#tabs.children].forEach((tab, each) => {
      tab.setAttribute("aria-selected", String(each === index));
      tab.tabIndex = each === index ? 0 : -1;
    });
    [...this.#panels.children].forEach((panel, each) => {
      panel.hidden = !this.#beside && each !== index;
      if (this.#beside) panel.removeAttribute("role");
      else panel.setAttribute("role", "tabpanel");
      panel.setAttribute("aria-labelledby", `tab-${each}`);
    });
  }

  #walk(event) {
    const last = this.#given.length - 1;
    const to = { ArrowRight: this.#chosen + 1, ArrowLeft: this.#chosen - 1, Home: 0, End: last }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.#choose((to + last + 1) % (last + 1));
    this.#tabs.children[this.#chosen].focus();
  }
}

// The clipboard is for secure pages alone; elsewhere the old way still works.
async function copyText(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = make("textarea", { value: text, className: "unseen" });
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (!done) throw new Error("not copied");
}
