// The page: a picture in, one request to this server, what it read out.
import { Answers } from "./answers.js";
import { Camera } from "./camera.js";
import { Picture } from "./picture.js";
import { firstLanguage, speak, words } from "./words.js";

const LONGEST_MS = 90_000;
const at = (id) => document.getElementById(id);
const make = (name, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
};

const state = {
  file: null, // the picture that is shown
  reading: null, // what the server told of it
  failure: null, // the name of an error in words.js
  request: null, // under way
  about: { needs_key: false, max_body_bytes: Infinity },
  key: "", // of the Authorization header; never stored
};
const picture = new Picture(at("canvas"), light);
const answers = new Answers(say);
const camera = new Camera(take, fail);

function say(text) {
  at("said").textContent = text;
}

// ---- a picture comes in -----------------------------------------------------------------------------

function take(file) {
  if (!file) return;
  state.file = file;
  send();
}

function fromTransfer(transfer) {
  const files = [...(transfer?.files ?? [])];
  const found = files.find((file) => file.type.startsWith("image/")) ?? files[0];
  return found ? take(found) : fail("no_picture");
}

async function takeSpecimen() {
  try {
    take(await (await fetch("/static/specimen.jpg")).blob());
  } catch {
    fail("offline");
  }
}

// ---- the request ------------------------------------------------------------------------------------

async function send() {
  state.request?.abort();
  const { file } = state;
  forget();
  at("invitation").hidden = await picture.show(file);
  if (file !== state.file) return; // another came meanwhile
  if (file.size > state.about.max_body_bytes) return fail("too_large");
  const request = new XMLHttpRequest(); // fetch does not tell how far it has sent
  state.request = request;
  request.open("POST", at("all").checked ? "/read?switches=all" : "/read");
  request.setRequestHeader("Content-Type", "application/octet-stream");
  if (state.key) request.setRequestHeader("Authorization", state.key);
  request.timeout = LONGEST_MS;
  request.responseType = "json";
  request.upload.onprogress = ({ loaded, total }) => progress(words().sending(loaded / total), loaded / total);
  request.upload.onload = () => progress(words().reading);
  request.onload = () => done(request);
  request.onerror = () => fail("offline");
  request.ontimeout = () => fail("late");
  request.onabort = () => request === state.request && progress(null);
  progress(words().sending(0), 0);
  request.send(file);
}

function progress(text, share) {
  at("progress").hidden = text === null;
  at("stage").setAttribute("aria-busy", String(text !== null));
  at("step").textContent = text ?? "";
  if (share === undefined) at("bar").removeAttribute("value");
  else at("bar").value = share;
}

function done(request) {
  const told = request.response;
  if (request.status !== 200 || !told) return fail(told?.error ?? "other");
  progress(null);
  state.reading = told;
  show();
}

function forget() {
  state.reading = state.failure = null;
  show();
}

function fail(name) {
  progress(null);
  state.failure = name in words().errors ? name : "other";
  show();
  if (name === "unauthorized") askForKey();
}

// ---- what is shown ----------------------------------------------------------------------------------

function show() {
  showFailure();
  const { reading } = state;
  at("waiting").hidden = reading !== null;
  at("reading").hidden = reading === null;
  at("unshown").hidden = reading === null || at("invitation").hidden;
  document.body.classList.toggle("has-reading", reading !== null);
  if (!reading) return answers.show([]);
  picture.outline(reading);
  showVerdict(reading);
  at("canvas").setAttribute("aria-label", words().outlined(reading.fields.filter((field) => field.quad).length));
  at("fields").replaceChildren(...reading.fields.map(row));
  at("facts").replaceChildren(...facts(reading));
  for (const part of ["fields", "facts"]) at(part).parentElement.classList.toggle("found", reading.side !== null);
  answers.show(reading.answers);
}

function showFailure() {
  const [title, hint] = words().errors[state.failure] ?? ["", ""];
  at("error").hidden = state.failure === null;
  at("error-title").textContent = title;
  const megabytes = Math.floor(state.about.max_body_bytes / 2 ** 20);
  at("error-hint").textContent = typeof hint === "function" ? hint(megabytes) : hint;
}

function showVerdict(reading) {
  const verdict = at("verdict");
  const took = make("span", { className: "took", textContent: words().took(reading.time_used_ms) });
  const text = reading.side ? words().verdict[reading.side] : words().none;
  const hint = reading.side ? [] : [make("span", { className: "took", textContent: words().noneHint })];
  verdict.classList.toggle("bad", !reading.side);
  verdict.replaceChildren(make("strong", { textContent: text }), ...hint, took);
}

function meter(share, name) {
  const percent = Math.floor(share * 100);
  const bar = make("meter", { min: 0, max: 1, low: 0.5, high: 0.8, optimum: 1, value: share });
  bar.setAttribute("aria-hidden", "true");
  const label = make("span", { className: "column", textContent: name });
  return make("td", { className: "measure" }, label, make("span", { className: "percent", textContent: `${percent} %` }), bar);
}

function row(field) {
  const told = words();
  const label = make("span", { className: "label", textContent: told.fields[field.name] ?? field.name });
  const text = make("span", { className: field.text ? "value" : "value missing", textContent: field.text || told.notRead });
  if (field.text) text.lang = "zh-CN";
  const remarks = [...field.problems, ...field.notes].map((remark) => {
    const spoken = told.remarks[remark];
    return make("span", { className: "remark", lang: spoken ? "zh-CN" : "en", textContent: spoken ?? remark });
  });
  const head = make("th", { scope: "row" }, label, text, ...remarks);
  const sign = make("span", { className: "sign", textContent: field.logic ? "!" : "✓" });
  sign.setAttribute("aria-hidden", "true");
  const spoken = make("span", { className: "unseen", textContent: field.logic ? told.breaks : told.keeps });
  const column = make("span", { className: "column", textContent: told.logic });
  const logic = make("td", { className: "logic" }, column, sign, spoken);
  const line = make("tr", { className: field.logic ? "bad" : "" }, head,
    meter(field.confidence, told.confidence), meter(field.quality, told.quality), logic);
  line.dataset.field = field.name;
  line.addEventListener("pointerenter", () => light(field.name));
  line.addEventListener("pointerleave", () => light(null));
  return line;
}

function facts(reading) {
  if (!reading.side) return [];
  const told = words();
  const pair = (term, value) => make("div", {}, make("dt", { textContent: term }), make("dd", { textContent: value }));
  const [kind, share] = Object.entries(reading.legality).sort((a, b) => b[1] - a[1])[0] ?? ["", 0];
  const found = [
    pair(told.facts.legality, told.share(told.legality[kind] ?? kind, Math.floor(share * 100))),
    pair(told.facts.completeness, told.facts.whole[reading.completeness]),
    pair(told.facts.turn, told.facts.degrees(reading.turn_degrees)),
  ];
  if (reading.side === "portrait") found.push(pair(told.facts.portrait, reading.portrait ? told.facts.yes : told.facts.no));
  return found;
}

function light(name) {
  picture.light(name);
  for (const line of at("fields").children) line.classList.toggle("lit", line.dataset.field === name);
}

// ---- keys and language ------------------------------------------------------------------------------

function askForKey() {
  at("keys").hidden = false;
  at("key-name").focus();
}

function useKey(event) {
  event.preventDefault();
  const pair = new TextEncoder().encode(`${at("key-name").value}:${at("key-secret").value}`);
  state.key = `Basic ${btoa(String.fromCharCode(...pair))}`;
  at("keys").hidden = true;
  say(words().keyTaken);
  if (state.file) send();
}

function turnTo(language, keep) {
  speak(language, keep);
  if (state.reading || state.failure) show();
}

async function learnAboutServer() {
  try {
    state.about = await (await fetch("/about.json")).json();
  } catch {
    fail("offline");
    return;
  }
  if (state.about.needs_key) askForKey();
}

// ---- what a person does -----------------------------------------------------------------------------

at("choose").addEventListener("click", () => at("file").click());
at("file").addEventListener("change", () => {
  take(at("file").files[0]);
  at("file").value = ""; // the same file may be chosen again
});
at("camera").addEventListener("click", () => camera.open());
at("specimen").addEventListener("click", takeSpecimen);
at("stop").addEventListener("click", () => state.request?.abort());
at("all").addEventListener("change", () => state.file && send());
at("keys").addEventListener("submit", useKey);
document.addEventListener("paste", (event) => event.clipboardData?.files.length && fromTransfer(event.clipboardData));
document.addEventListener("dragover", (event) => {
  event.preventDefault();
  at("stage").classList.add("over");
});
document.addEventListener("dragleave", (event) => event.relatedTarget ?? at("stage").classList.remove("over"));
document.addEventListener("drop", (event) => {
  event.preventDefault();
  at("stage").classList.remove("over");
  fromTransfer(event.dataTransfer);
});
for (const button of document.querySelectorAll("[data-language]")) {
  button.addEventListener("click", () => turnTo(button.dataset.language, true));
}

turnTo(firstLanguage(), false);
await learnAboutServer();
document.body.dataset.ready = "yes";
