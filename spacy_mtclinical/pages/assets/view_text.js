"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const ODD = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069\ufeff]/;
const TASK = 0, LABEL = 1, START = 2, END = 3, SCORE = 4;
const HEAD = 20; // characters of a first word that stay on one line with the label below them
const AHEAD = "900px"; // rows are drawn this far beyond what is seen
const tasksOff = new Set();
const labelsOff = data.tasks.map(() => new Set());
const rows = data.rows.map((row, number) => ({ ...row, number, drawn: -1, near: false }));
const panel = document.getElementById("panel");
const main = document.getElementById("rows");
const tip = document.getElementById("tip");
let minimum = 0, wanted = "all", sought = "", generation = 0;

function make(name, attributes, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key in node) node[key] = value;
    else node.setAttribute(key, value);
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}

function own(node, task) {
  node.style.setProperty("--own", `var(--task-${task})`);
  return node;
}

function bar(share) {
  const fill = make("i");
  fill.style.width = `${100 * Math.min(1, Math.max(0, share))}%`;
  return make("span", { className: "bar", "aria-hidden": "true" }, fill);
}

const count = (n) => n.toLocaleString("en");
const plural = (n, what) => `${count(n)} ${what}${n === 1 ? "" : "s"}`;
const figure = (score) => (score === null ? "no score" : score.toFixed(3));
const isShown = (mention) =>
  !tasksOff.has(mention[TASK]) && !labelsOff[mention[TASK]].has(mention[LABEL]) &&
  (mention[SCORE] === null || mention[SCORE] >= minimum);

/* A note: lines of text, each cut where mentions begin and end; a lane below the line for each that overlaps. */

function drawText(box, text, mentions) {
  const chars = Array.from(text); // offsets count code points
  let next = 0, open = [];
  for (let from = 0; from <= chars.length; ) {
    const found = chars.indexOf("\n", from);
    const to = found < 0 ? chars.length : found;
    while (next < mentions.length && mentions[next][START] < to) open.push(mentions[next++]);
    box.append(drawLine(chars, from, to, open));
    open = open.filter((mention) => mention[END] > to);
    from = to + 1;
  }
}

function drawLine(chars, from, to, mentions) {
  const line = make("div", { className: "line", dir: "auto" });
  if (to > from && chars[to - 1] === "\r") to -= 1;
  const lanes = [], cuts = new Set([from, to]), placed = [];
  for (const mention of mentions) {
    const start = Math.max(from, mention[START]), end = Math.min(to, mention[END]);
    if (start >= end) continue;
    const label = (mention[START] < from ? "\u2026 " : "") + data.tasks[mention[TASK]].labels[mention[LABEL]];
    let lane = lanes.findIndex((until) => until <= start);
    if (lane < 0) lane = lanes.length;
    lanes[lane] = Math.max(end, start + Math.ceil(label.length * 0.95) + 1);
    let head = start;
    while (head < end && head < start + HEAD && !/\s/.test(chars[head])) head++;
    for (const cut of [start, end, Math.max(head, start + 1)]) cuts.add(cut);
    placed.push({ mention, start, end, lane, label });
  }
  line.style.setProperty("--depth", lanes.length);
  const ordered = [...cuts].sort((a, b) => a - b);
  let active = [], next = 0;
  for (let i = 0; i + 1 < ordered.length; i++) {
    const a = ordered[i], b = ordered[i + 1];
    active = active.filter((one) => one.end > a);
    while (next < placed.length && placed[next].start <= a) active.push(placed[next++]);
    const text = chars.slice(a, b).join("");
    if (active.length) line.append(drawSegment(text, a, active, lanes.length));
    else appendText(line, text);
  }
  return line;
}

function drawSegment(text, at, active, depth) {
  const segment = make("span", { className: "seg" });
  segment.mentions = active.map((one) => one.mention);
  appendText(segment, text);
  const colors = active.map((one) => `var(--task-${one.mention[TASK]})`);
  segment.style.backgroundImage = colors.map((color) => `linear-gradient(${color},${color})`).join();
  segment.style.backgroundSize = "100% 2px";
  segment.style.backgroundPosition = active
    .map((one) => `0 calc(100% - ${depth - one.lane} * var(--lane) + 2px)`).join();
  for (const one of active) {
    if (one.start !== at) continue;
    const tag = own(make("i", { className: "tag", "aria-hidden": "true" }), one.mention[TASK]);
    tag.dataset.label = one.label;
    tag.style.bottom = `calc(${depth - one.lane - 1} * var(--lane))`;
    tag.style.color = colors[active.indexOf(one)];
    segment.classList.add("head");
    segment.append(tag);
  }
  return segment;
}

function appendText(node, text) {
  let plain = "";
  for (const char of text) {
    if (!ODD.test(char)) plain += char;
    else {
      const code = "U+" + char.codePointAt(0).toString(16).toUpperCase().padStart(4, "0");
      node.append(plain, make("span", { className: "odd" }, code));
      plain = "";
    }
  }
  node.append(plain);
}
