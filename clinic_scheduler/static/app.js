// What pages gain with script; everything works without it.
"use strict";

// The summary of problems is read first.
document.querySelector(".problems")?.focus();

// A form is sent once: pressing twice does not send it twice, and slow saving is said aloud.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  setTimeout(() => { document.getElementById("status").textContent = "Saving…"; }, 400);
});
// Back from the browser's memory: the form may be sent again, its key makes twice once.
addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => { delete form.dataset.sent; });
  document.getElementById("status").textContent = "";
});

// A link marked data-dialog opens its page's main part in a dialog over this one.
document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-dialog]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  try {
    const answer = await fetch(link.href, { credentials: "same-origin" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const part = page.querySelector("[data-part]");
    if (!answer.ok || !part) throw new Error("no such part");
    showDialog(document.importNode(part, true), link);
  } catch {
    location.assign(link.href);
  }
});

function showDialog(part, opener) {
  const dialog = document.createElement("dialog");
  const heading = part.querySelector("h1, h2");
  const close = document.createElement("button");
  close.type = "button";
  close.className = "btn btn-quiet close";
  close.textContent = "Close";
  close.addEventListener("click", () => dialog.close());
  if (heading) {
    heading.id = "dialog-heading";
    dialog.setAttribute("aria-labelledby", heading.id);
  }
  dialog.append(close, part);
  dialog.addEventListener("close", () => {
    dialog.remove();
    opener.focus();
  });
  document.body.append(dialog);
  dialog.showModal();
}

// A filter is applied as soon as it is chosen; its button is for browsers without script.
document.querySelectorAll("form[data-auto]").forEach((form) => {
  form.querySelector("button")?.remove();
  form.addEventListener("change", () => form.requestSubmit());
});

document.querySelectorAll("button[data-print]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => print());
});

document.querySelectorAll("button[data-copy]").forEach((button) => {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
    document.getElementById("status").textContent = button.textContent = button.dataset.copied ?? "Copied";
  });
});

// Keys. A control says which key presses it (data-key); single keys are off while typing, and can be turned off.
const KEYS = [
  ["/", "Find a patient"], ["g d", "Due list"], ["g s", "Schedule"], ["t", "Today"], ["[ ]", "The day or week before, after"],
  ["m", "Move the visit in focus, or the one shown"], ["a", "Arrived: the visit in focus, or the one shown"],
  ["Esc", "Close the panel, stop moving"], ["?", "These keys"],
];
const GOES = { d: "due", s: "schedule" };
const keysOn = () => localStorage.getItem("single-keys") !== "off";
let afterG = 0;

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (typing || (event.key !== "Escape" && !keysOn())) return;
  if (pressed(event)) event.preventDefault();
});

function pressed(event) {
  const goes = event.timeStamp - afterG < 1500 && document.querySelector(`a[data-go="${GOES[event.key]}"]`);
  afterG = event.key === "g" ? event.timeStamp : 0;
  const visit = event.target.closest("a[data-visit]");
  if (goes) goes.click();
  else if (event.key === "/") document.getElementById("q")?.focus();
  else if (event.key === "?") showKeys(document.activeElement);
  else if (event.key === "m" && visit) location.assign(visit.dataset.move);
  else if (event.key === "a" && visit?.dataset.arrived) send(visit.dataset.arrived, {});
  else return press(event.key);
  return true;
}

function press(key) {
  const control = [...document.querySelectorAll("[data-key]")].find((one) => one.dataset.key === key);
  control?.click();
  return Boolean(control);
}

function showKeys(opener) {
  const part = document.createElement("div");
  const list = document.createElement("dl");
  list.className = "facts keys-list";
  for (const [key, words] of KEYS) {
    const term = document.createElement("dt");
    term.append(Object.assign(document.createElement("kbd"), { textContent: key }));
    list.append(term, Object.assign(document.createElement("dd"), { textContent: words }));
  }
  const choice = Object.assign(document.createElement("input"), { type: "checkbox", checked: keysOn() });
  choice.className = "form-check-input me-2";
  choice.addEventListener("change", () => localStorage.setItem("single-keys", choice.checked ? "on" : "off"));
  const label = document.createElement("label");
  label.className = "d-block mt-3";
  label.append(choice, "Single keys do this (kept in this browser)");
  part.append(Object.assign(document.createElement("h2"), { textContent: "Keys" }), list, label);
  showDialog(part, opener);
}

document.querySelectorAll("button[data-keys]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => showKeys(button));
});

// The schedule. Dragging a visit to a free time, and the key for arrived, send the same forms as the buttons.
const schedule = document.querySelector(".schedule");

function send(address, fields) {
  const form = Object.assign(document.createElement("form"), { method: "post", action: address, hidden: true });
  const all = { csrf_token: schedule.dataset.csrf, place: schedule.dataset.place, ...fields };
  for (const [name, value] of Object.entries(all)) {
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  }
  document.body.append(form);
  form.requestSubmit();
}

if (schedule) {
  let dragged = null;
  const target = (event) => dragged && event.target.closest("td[data-slot]");
  schedule.addEventListener("dragstart", (event) => { dragged = event.target.closest("a[data-visit]"); });
  schedule.addEventListener("dragend", () => { dragged = null; });
  schedule.addEventListener("dragover", (event) => {
    const cell = target(event);
    if (!cell) return;
    event.preventDefault();
    cell.classList.add("over");
  });
  schedule.addEventListener("dragleave", (event) => event.target.closest("td")?.classList.remove("over"));
  schedule.addEventListener("drop", (event) => {
    const cell = target(event);
    if (!cell) return;
    event.preventDefault();
    send(dragged.dataset.moveTo, { slot: cell.dataset.slot });
  });
  // A panel opens on a page of its own; the table stays where it was.
  schedule.addEventListener("click", (event) => {
    if (event.target.closest(".grid a")) sessionStorage.setItem("schedule-at", String(scrollY));
  });
  const panel = document.getElementById("panel");
  const kept = sessionStorage.getItem("schedule-at");
  sessionStorage.removeItem("schedule-at");
  if (panel && !document.querySelector(".problems")) panel.focus({ preventScroll: true });
  if (kept !== null && matchMedia("(min-width: 1101px)").matches) requestAnimationFrame(() => scrollTo(0, Number(kept)));
}

// A row that was folded away is typed into at once.
document.querySelectorAll(".vial-more > summary").forEach((summary) => {
  summary.addEventListener("click", () => setTimeout(() => summary.parentElement.querySelector("input").focus()));
});

// While a large file is read, its page says how far that is, and goes on when it is done.
const fileRead = document.querySelector("[data-reading]");

async function lookAgain() {
  const bar = fileRead.querySelector("progress");
  try {
    const answer = await fetch(fileRead.dataset.reading, { credentials: "same-origin" });
    if (!answer.ok) throw new Error("gone");
    const told = await answer.json();
    fileRead.querySelector("[role=status]").textContent = told.says;
    if (told.total) Object.assign(bar, { max: told.total, value: told.done });
    if (told.finished) location.replace(fileRead.dataset.read);
    else setTimeout(lookAgain, 500);
  } catch {
    location.replace(fileRead.dataset.read);
  }
}
if (fileRead) setTimeout(lookAgain, 500);

// An import goes in steps, each some patients; without script the same form does it all at once.
const importing = document.querySelector("form[data-step]");
importing?.addEventListener("submit", async (event) => {
  event.preventDefault();
  event.stopPropagation();
  const shown = document.getElementById("importing");
  const bar = shown.querySelector("progress");
  const says = shown.querySelector("p");
  const buttons = document.querySelectorAll(".panel-acts button");
  let done = Number(importing.dataset.done);
  shown.hidden = false;
  buttons.forEach((button) => { button.disabled = true; });
  try {
    for (let told = {}; !told.finished;) {
      says.textContent = `${done} of ${importing.dataset.total} patients imported`;
      const body = new FormData(importing);
      body.set("at", String(done));
      const answer = await fetch(importing.dataset.step, { method: "POST", body, credentials: "same-origin" });
      if (!answer.ok) throw new Error("stopped");
      told = await answer.json();
      bar.value = done = told.done;
      importing.dataset.done = String(done);
      if (told.finished) location.assign(told.result);
    }
  } catch {
    says.textContent = `Stopped at ${done} of ${importing.dataset.total} patients. What was imported stays; press Import to go on.`;
    buttons.forEach((button) => { button.disabled = false; });
  }
});
