// The photograph on a canvas, with the card and its fields outlined.
const MOST_HEIGHT = 0.72; // of the window

export class Picture {
  #canvas;
  #bitmap = null;
  #reading = null;
  #lit = null;
  #toScreen = 1;

  constructor(canvas, whenPointed) {
    this.#canvas = canvas;
    new ResizeObserver(() => this.draw()).observe(canvas.parentElement);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
    canvas.addEventListener("pointermove", (event) => whenPointed(this.#fieldAt(event)));
    canvas.addEventListener("pointerleave", () => whenPointed(null));
  }

  // Whether the browser can show it.
  async show(file) {
    this.#bitmap?.close();
    this.#reading = this.#bitmap = this.#lit = null;
    try {
      this.#bitmap = await createImageBitmap(file);
    } catch {
      // Not every picture that the server reads can be shown.
    }
    this.#canvas.hidden = this.#bitmap === null;
    this.draw();
    return this.#bitmap !== null;
  }

  outline(reading) {
    this.#reading = reading;
    this.draw();
  }

  light(name) {
    if (this.#lit === name) return;
    this.#lit = name;
    this.draw();
  }

  draw() {
    if (!this.#bitmap) return;
    const canvas = this.#canvas;
    const { width, height } = this.#bitmap;
    const room = canvas.parentElement.clientWidth - 2 * parseFloat(getComputedStyle(canvas.parentElement).paddingLeft);
    const shown = Math.min(room / width, (innerHeight * MOST_HEIGHT) / height);
    const density = devicePixelRatio || 1;
    canvas.width = Math.round(width * shown * density);
    canvas.height = Math.round(height * shown * density);
    canvas.style.width = `${width * shown}px`;
    canvas.style.height = `${height * shown}px`;
    const pen = canvas.getContext("2d");
    pen.imageSmoothingQuality = "high";
    pen.drawImage(this.#bitmap, 0, 0, canvas.width, canvas.height);
    if (!this.#reading) return;
    this.#toScreen = canvas.width / this.#reading.size_px[0];
    if (this.#reading.card_quad) this.#spotlight(pen);
    this.#outlines(pen, density);
  }

  // What is not the card steps back.
  #spotlight(pen) {
    const around = new Path2D();
    around.rect(0, 0, pen.canvas.width, pen.canvas.height);
    around.addPath(this.#path(this.#reading.card_quad));
    pen.fillStyle = "rgb(10 18 20 / 42%)";
    pen.fill(around, "evenodd");
  }

  #outlines(pen, density) {
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(name).trim();
    const draw = (quad, name, line, fill) => {
      const path = this.#path(quad);
      pen.strokeStyle = pen.fillStyle = colour(name);
      pen.globalAlpha = fill;
      pen.fill(path);
      pen.globalAlpha = 1;
      pen.lineWidth = line * density;
      pen.stroke(path);
    };
    pen.lineJoin = "round";
    const { card_quad: card, portrait, fields } = this.#reading;
    if (card) draw(card, "--mark-card", 2.5, 0);
    if (portrait) draw(portrait.quad, "--mark", 1.25, this.#lit === "portrait" ? 0.2 : 0);
    for (const field of fields.filter((each) => each.quad)) {
      const lit = field.name === this.#lit;
      draw(field.quad, field.logic ? "--mark-bad" : "--mark", lit ? 2.5 : 1.25, lit ? 0.28 : 0.1);
    }
  }

  #path(quad) {
    const path = new Path2D();
    quad.forEach(([x, y], index) => path[index ? "lineTo" : "moveTo"](x * this.#toScreen, y * this.#toScreen));
    path.closePath();
    return path;
  }

  #fieldAt(event) {
    if (!this.#reading) return null;
    const density = this.#canvas.width / this.#canvas.clientWidth;
    const [x, y] = [event.offsetX * density, event.offsetY * density];
    const pen = this.#canvas.getContext("2d");
    const hit = this.#reading.fields.find((field) => field.quad && pen.isPointInPath(this.#path(field.quad), x, y));
    return hit?.name ?? null;
  }
}
