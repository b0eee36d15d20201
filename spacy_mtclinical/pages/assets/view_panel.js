"use strict";
/* Switches, filters and counts. */

const told = make("p", { className: "told", role: "status" });
const counters = []; // { task, label, node, bar }, label -1 for the task's own

function filterRows() {
  const kinds = [["all", "all"]];
  if (rows.some((row) => row.mentions)) kinds.push(["mentions", "with mentions shown"]);
  if (rows.some((row) => row.texts)) kinds.push(["pairs", "pairs"]);
  if (rows.some((row) => row.error !== undefined)) kinds.push(["failed", "not annotated"]);
  const choice = make("select", { onchange: (event) => { wanted = event.target.value; refresh(); } });
  choice.append(...kinds.map(([value, label]) => make("option", { value }, label)));
  return make("label", {}, "Rows", choice);
}

function filterScore() {
  const shown = make("output", {}, "0.00");
  const slider = make("input", { type: "range", min: 0, max: 1, step: 0.01, value: 0, id: "minimum" });
  slider.addEventListener("input", () => {
    minimum = Number(slider.value);
    shown.textContent = minimum.toFixed(2);
    refresh();
  });
  return make("label", {}, "Score at least", slider, shown);
}

function filterText() {
  let waiting;
  const box = make("input", { type: "search", id: "find" });
  box.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => { sought = box.value.toLowerCase(); refresh(); }, 200);
  });
  return make("label", {}, "Find in rows", box);
}

function flip(set, value, isOn) {
  if (isOn) set.delete(value);
  else set.add(value);
  refresh();
}

function listTask(task, number) {
  const total = make("span", { className: "count" });
  counters.push({ task: number, label: -1, node: total });
  const toggle = make("input", { type: "checkbox", role: "switch", checked: true });
  toggle.addEventListener("change", () => flip(tasksOff, number, toggle.checked));
  const labels = task.labels.map((label, index) => {
    const box = make("input", { type: "checkbox", checked: true });
    box.addEventListener("change", () => flip(labelsOff[number], index, box.checked));
    const found = make("span", { className: "count" }), share = bar(0);
    counters.push({ task: number, label: index, node: found, bar: share.firstChild });
    return make("li", {}, make("label", {}, box, make("span", {}, label), found, share));
  });
  const section = own(make("section", { className: "task" }), number);
  section.append(make("label", {}, toggle, make("span", {}, task.name), total));
  if (labels.length) {
    const open = labels.length <= 12;
    section.append(make("details", { open }, make("summary", {}, plural(labels.length, "label")), make("ul", {}, ...labels)));
  }
  return section;
}

function listAnswers({ name }, number) {
  const given = rows.flatMap((row) => (row.answers || []).filter((answer) => answer[0] === number).map((one) => one[1]));
  const best = new Map(), numbers = given.filter((answer) => !Array.isArray(answer));
  for (const answer of given) {
    if (Array.isArray(answer) && answer.length) best.set(answer[0][0], (best.get(answer[0][0]) || 0) + 1);
  }
  const lines = [...best].sort((a, b) => b[1] - a[1]).map(([label, n]) => [label, n / given.length, count(n)]);
  if (numbers.length) {
    lines.push([`mean of ${count(numbers.length)}`, 0, (numbers.reduce((a, b) => a + b, 0) / numbers.length).toFixed(2)]);
  }
  const list = lines.map(([label, share, n]) => {
    const node = make("label", {}, make("i"), make("span", {}, label), make("span", { className: "count" }, n));
    if (share) node.append(bar(share));
    return make("li", {}, node);
  });
  const head = make("div", { className: "name" }, name, make("span", { className: "count" }, plural(given.length, "pair")));
  return make("section", { className: "task" }, head, make("ul", {}, ...list));
}

/* Draw again what is near; the rest when it comes near. */

function isWanted(row) {
  if (wanted === "pairs" && !row.texts) return false;
  if (wanted === "failed" && row.error === undefined) return false;
  if (wanted === "mentions" && !(row.mentions && row.mentions.some(isShown))) return false;
  return !sought || [row.id, row.text, ...(row.texts || [])].some((text) => text && text.toLowerCase().includes(sought));
}

function refresh() {
  generation += 1;
  hideTip();
  const all = data.tasks.map((task) => task.labels.map(() => 0)), shown = all.map((labels) => [...labels]);
  let seen = 0;
  for (const row of rows) {
    for (const mention of row.mentions || []) {
      all[mention[TASK]][mention[LABEL]] += 1;
      if (isShown(mention)) shown[mention[TASK]][mention[LABEL]] += 1;
    }
    row.article.hidden = !isWanted(row);
    seen += !row.article.hidden;
    if (row.near && !row.article.hidden) drawRow(row);
  }
  const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);
  for (const { task, label, node, bar: share } of counters) {
    const [n, of] = label < 0 ? [sum(shown[task]), sum(all[task])] : [shown[task][label], all[task][label]];
    node.textContent = n === of ? count(n) : `${count(n)} of ${count(of)}`;
    if (share) share.style.width = `${(100 * n) / Math.max(1, ...all[task])}%`;
  }
  const mentions = data.tasks.length ? `, ${plural(sum(shown.map(sum)), "mention")}` : "";
  told.textContent = `${seen === rows.length ? "" : `${count(seen)} of `}${plural(rows.length, "row")}${mentions}`;
}

const filters = make("div", { className: "filters" }, filterRows(), filterText());
if (data.tasks.length) filters.append(filterScore());
const box = make("details", {}, make("summary", {}, "Filters and counts"), filters, told);
box.append(...data.tasks.map(listTask), ...data.answers.map(listAnswers));
const wide = matchMedia("(min-width: 60rem)");
const fit = () => { box.open = wide.matches; };
wide.addEventListener("change", fit);
fit();
panel.append(box);
rows.forEach(placeRow);
refresh();
