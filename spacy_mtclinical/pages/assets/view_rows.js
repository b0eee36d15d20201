"use strict";
/* Rows, drawn when they come near. */

function drawRow(row) {
  if (row.drawn === generation) return;
  row.drawn = generation;
  if (row.error !== undefined) return;
  if (row.texts) {
    if (!row.body.hasChildNodes()) drawPair(row);
    return;
  }
  const shown = row.mentions.filter(isShown);
  row.count.textContent = shown.length === row.mentions.length
    ? plural(shown.length, "mention") : `${count(shown.length)} of ${plural(row.mentions.length, "mention")}`;
  row.body.replaceChildren();
  row.body.setAttribute("aria-label", `Text with ${plural(shown.length, "mention")}; arrow keys go from one to the next`);
  row.shown = shown;
  row.current = -1;
  drawText(row.body, row.text, shown);
  keepInside(row.body);
}

function keepInside(box) {
  const edge = box.getBoundingClientRect();
  const moved = [];
  for (const tag of box.querySelectorAll(".tag")) {
    const length = tag.dataset.label.length * 7;
    const at = tag.getBoundingClientRect().left;
    if (getComputedStyle(tag).direction === "rtl") moved.push([tag, Math.max(0, edge.left + length - at)]);
    else moved.push([tag, Math.min(0, edge.right - length - at)]);
  }
  for (const [tag, by] of moved) if (by) tag.style.transform = `translateX(${Math.round(by)}px)`;
}

function drawPair(row) {
  row.texts.forEach((text, side) => {
    const box = make("div", { className: "text" });
    drawText(box, text, []);
    row.body.append(make("div", {}, make("h3", {}, ["First", "Second"][side]), box));
  });
  row.after.append(...row.answers.map(([task, answer]) => {
    const { name, scale: [low, high] } = data.answers[task];
    const lines = Array.isArray(answer)
      ? answer.map(([label, p]) => drawAnswer(label, p, p === null ? "-" : p.toFixed(3)))
      : [drawAnswer(`${low} to ${high} seen`, (answer - low) / (high - low), answer.toFixed(2))];
    return make("dl", {}, make("dt", {}, name), ...lines);
  }));
}

function drawAnswer(label, share, told) {
  const cell = make("dd", { className: "answer" }, make("span", {}, label), bar(share));
  cell.append(make("span", { className: "count" }, told));
  return cell;
}

const watcher = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    const row = rows[entry.target.dataset.row];
    row.near = entry.isIntersecting;
    if (row.near) drawRow(row);
  }
}, { rootMargin: AHEAD });

function placeRow(row) {
  const failed = row.error !== undefined;
  row.count = make("span", { className: "count" }, failed ? "failed" : row.texts ? "pair" : "");
  const name = make("span");
  appendText(name, row.id);
  row.body = failed ? make("p") : make("div", { className: row.texts ? "pair" : "text" });
  if (failed) appendText(row.body, `Not annotated: ${row.error}`);
  row.article = make("article", { className: failed ? "failed" : "" }, make("h2", {}, name, row.count), row.body);
  row.article.dataset.row = row.number;
  if (row.texts) {
    row.after = make("div", { className: "answers" });
    row.article.append(row.after);
  } else if (!failed) {
    row.body.tabIndex = 0;
    row.body.setAttribute("role", "group");
    row.body.addEventListener("keydown", (event) => walk(row, event));
    const lines = row.text.split("\n").reduce((sum, line) => sum + 1 + Math.floor(line.length / 110), 0);
    row.article.style.containIntrinsicSize = `auto ${3 + 2 * lines}rem`;
  }
  main.append(row.article);
  watcher.observe(row.article);
}

/* What is under the pointer, or walked to by key. */

function showTip(mentions, rect, text) {
  tip.replaceChildren(...mentions.map((mention) => {
    const task = data.tasks[mention[TASK]];
    const line = own(make("div", {}, make("i", { className: "swatch" })), mention[TASK]);
    line.append(make("b", {}, task.labels[mention[LABEL]]), make("span", {}, task.name));
    line.append(make("small", {}, `${mention[START]}\u2013${mention[END]}`), make("output", {}, figure(mention[SCORE])));
    return line;
  }));
  if (text) {
    const said = make("small");
    appendText(said, text);
    tip.append(said);
  }
  tip.hidden = false;
  const width = tip.offsetWidth, height = tip.offsetHeight;
  const below = rect.bottom + 8 + height <= innerHeight;
  tip.style.left = `${Math.max(8, Math.min(rect.left, document.documentElement.clientWidth - width - 8))}px`;
  tip.style.top = `${Math.max(8, below ? rect.bottom + 8 : rect.top - height - 8)}px`;
}

function hideTip() {
  tip.hidden = true;
  for (const node of main.querySelectorAll(".seg.on")) node.classList.remove("on");
}

function walk(row, event) {
  const last = row.shown.length - 1;
  const steps = { ArrowRight: row.current + 1, ArrowLeft: row.current - 1, Home: 0, End: last };
  if (!(event.key in steps) || last < 0 || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  hideTip();
  row.current = Math.min(last, Math.max(0, steps[event.key]));
  const mention = row.shown[row.current];
  const segments = [...row.body.querySelectorAll(".seg")].filter((node) => node.mentions.includes(mention));
  for (const node of segments) node.classList.add("on");
  segments[0].scrollIntoView({ block: "nearest" });
  const text = Array.from(row.text).slice(mention[START], Math.min(mention[END], mention[START] + 80)).join("");
  showTip([mention], segments[0].getBoundingClientRect(), text);
}

main.addEventListener("pointerover", (event) => {
  const segment = event.target.closest(".seg");
  if (!segment) return hideTip();
  const rects = [...segment.getClientRects()];
  showTip(segment.mentions, rects.find((rect) => event.clientY <= rect.bottom) || rects[0]);
});
main.addEventListener("pointerleave", hideTip);
main.addEventListener("focusout", hideTip);
for (const name of ["wheel", "touchmove"]) addEventListener(name, hideTip, { passive: true });
addEventListener("keydown", (event) => event.key === "Escape" && hideTip());
